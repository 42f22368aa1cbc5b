package booking

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

var noon = time.Date(2027, 1, 11, 12, 0, 0, 0, time.UTC)

// at gives an instant so many minutes after noon, to point to.
func at(minutes int) *time.Time {
	t := noon.Add(time.Duration(minutes) * time.Minute)
	return &t
}

func usd(minor int64) money.Amount { return money.Of(minor, "USD") }

// dated is a cohort far enough away, for cases.
var dated = &retreats.Cohort{Zone: "UTC", StartsOn: "2027-06-01", State: retreats.Open}

// in is the case of a booking that stands there.
func in(b *Booking, s retreats.Standing) Case { return Case{Booking: b, Cohort: dated, Standing: s} }

// held is a booking that holds a place and owes its deposit.
func held() *Booking {
	b := &Booking{Price: usd(4800), CreatedAt: noon, Charges: []Charge{
		{ID: DepositCharge, Amount: usd(960), DueAt: noon}, {ID: BalanceCharge, Amount: usd(3840), DueAt: noon.AddDate(0, 1, 0)},
	}}
	b.ID = "bk"
	return b
}

func paid(b *Booking, id, charge string, amount int64, settled bool) *Booking {
	p := Payment{ID: id, ChargeID: charge, Amount: usd(amount), At: noon}
	if settled {
		p.SettledAt = at(0)
	}
	b.Payments = append(b.Payments, p)
	return b
}

// stuck is a booking that waits and whose money came too late; its refund has
// failed after so many others.
func stuck(failed int) *Booking {
	b := paid(held(), "pi", DepositCharge, 960, true)
	b.JoinedAt = at(0)
	b.Refunds = []Refund{{
		ID: "r", PaymentID: "pi", Amount: usd(960), Reason: RefundLate, StripeID: "re", State: stripepay.RefundFailed, AskedAt: noon, Try: failed,
	}}
	return b
}

func TestNext(t *testing.T) {
	t.Parallel()
	holds := retreats.Standing{State: retreats.Held, Since: noon, Until: at(31)}
	confirmed := retreats.Standing{State: retreats.Confirmed, Since: noon}
	waits := retreats.Standing{State: retreats.WaitingOn, Since: noon, Position: 1}
	nowhere := retreats.Standing{}
	start, askOrganizer := dated.Start(), time.Date(2027, 2, 18, 10, 0, 0, 0, time.UTC)
	open := Checkout{ID: "try", ChargeID: DepositCharge, SessionID: "cs", StartedAt: noon, ExpiresAt: *at(31)}
	with := func(b *Booking, change func(*Booking)) *Booking {
		change(b)
		return b
	}
	for _, c := range []struct {
		about    string
		booking  *Booking
		standing retreats.Standing
		want     step
	}{
		{"a held place rests until its deadline", held(), holds, step{kind: rest, at: at(31)}},
		{"money makes the place theirs", paid(held(), "pi", DepositCharge, 960, false), holds, step{kind: claimPlace, line: "pi"}},
		{"money that came late asks for a place too", paid(held(), "pi", DepositCharge, 960, false), nowhere, step{kind: claimPlace, line: "pi"}},
		{"a second payment of one charge goes back", paid(paid(held(), "pi", DepositCharge, 960, true), "pi2", DepositCharge, 960, false), confirmed,
			step{kind: returnMoney, line: "pi2", reason: RefundTwice}},
		{"money for a charge that is not there goes back", paid(held(), "pi", "tip", 5, false), holds,
			step{kind: returnMoney, line: "pi", reason: RefundTwice}},
		{"money after a cancellation goes back", with(paid(held(), "pi", DepositCharge, 960, false), func(b *Booking) { b.Cancellation = &Cancellation{} }), nowhere,
			step{kind: returnMoney, line: "pi", reason: RefundCancelled}},
		{"a refund that Stripe does not know is sent", with(paid(held(), "pi", DepositCharge, 960, true), func(b *Booking) {
			b.Refunds, b.JoinedAt = []Refund{{ID: "r", PaymentID: "pi", Amount: usd(960)}}, at(0)
		}), waits, step{kind: sendRefund, line: "r"}},
		{"a refund on its way is asked about after a while", with(held(), func(b *Booking) {
			b.Refunds = []Refund{{ID: "r", StripeID: "re", State: stripepay.RefundPending, AskedAt: noon.Add(-refundPollTime)}}
		}), confirmed, step{kind: sendRefund, line: "r"}},
		{"a cancelled booking gives its place back", with(held(), func(b *Booking) { b.Cancellation = &Cancellation{} }), holds, step{kind: release}},
		{"a card page closes when the place is gone", with(held(), func(b *Booking) { b.Checkouts = []Checkout{open} }), nowhere, step{kind: endCheckout, line: "try"}},
		{"a card page closes when its charge is paid", with(paid(held(), "pi", DepositCharge, 960, true), func(b *Booking) { b.Checkouts = []Checkout{open} }), confirmed,
			step{kind: endCheckout, line: "try"}},
		{"a card page stays open while the place is held", with(held(), func(b *Booking) { b.Checkouts = []Checkout{open} }), holds, step{kind: rest, at: at(31)}},
		{"a page whose opening was cut off is opened again", with(held(), func(b *Booking) {
			c := open
			c.SessionID, c.StartedAt = "", noon.Add(-checkoutGrace)
			b.Checkouts = []Checkout{c}
		}), holds, step{kind: openCheckout, line: "try"}},
		{"a couple that comes to hold a place gets its charges", with(held(), func(b *Booking) { b.Charges = nil }), holds, step{kind: makeCharges}},
		{"a couple that comes onto the waitlist is noted", with(held(), func(b *Booking) { b.Charges = nil }), waits, step{kind: noteJoined}},
		{"a couple on the waitlist rests", with(held(), func(b *Booking) { b.Charges, b.JoinedAt = nil, at(0) }), waits, step{kind: rest, at: &start}},
		{"a booking that stands nowhere lapses", held(), nowhere, step{kind: lapse}},
		{"one that never came to be is discarded", with(held(), func(b *Booking) { b.Charges, b.CreatedAt = nil, noon.Add(-insertGrace) }), nowhere, step{kind: discard}},
		{"but not when it may have stood somewhere", with(held(), func(b *Booking) { b.Charges, b.CreatedAt = nil, noon.Add(-forgottenTime) }), nowhere, step{kind: lapse}},
		{"but not while it is being made", with(held(), func(b *Booking) { b.Charges = nil }), nowhere, step{kind: rest, at: at(2)}},
		{"a booking whose money is here never lapses", paid(held(), "pi", DepositCharge, 960, true), nowhere, step{kind: rest}},
		{"not even long after it was made", with(paid(held(), "pi", DepositCharge, 960, true), func(b *Booking) { b.CreatedAt = noon.Add(-time.Hour) }), nowhere,
			step{kind: rest}},
		{"a refund that failed is tried again a day later", stuck(0), waits, step{kind: rest, at: at(24 * 60)}},
		{"and then it is", with(stuck(0), func(b *Booking) { b.Refunds[0].AskedAt = noon.Add(-refundAgainTime) }), waits, step{kind: repeatRefund, line: "r"}},
		{"but not for ever", with(stuck(refundTries-1), func(b *Booking) { b.Refunds[0].AskedAt = noon.Add(-refundAgainTime) }), waits, step{kind: rest, at: &start}},
		{"nor once another line has taken over", with(stuck(0), func(b *Booking) { b.Refunds[0].Closed = true }), waits, step{kind: rest, at: &start}},
		{"its money pays for a place that is held", stuck(0), holds, step{kind: useStuck, line: "pi"}},
		{"but not if that was paid again", paid(stuck(0), "pi2", DepositCharge, 960, true), confirmed, step{kind: rest, at: at(24 * 60)}},
		{"it does not keep a booking from its end", stuck(0), nowhere, step{kind: lapse}},
		{"what has come and gone is not waited for", held(), retreats.Standing{State: retreats.Held, Until: at(-5)}, step{kind: rest, at: at(1)}},
		{"a lapsed booking rests for good", with(held(), func(b *Booking) { b.LapsedAt = at(0) }), nowhere, step{kind: rest}},
		{"a confirmed and paid booking rests for good", paid(paid(held(), "pi", DepositCharge, 960, true), "pi2", BalanceCharge, 3840, true), confirmed,
			step{kind: rest}},
		{"one that owes its balance rests until an organizer is asked to see to it [D15]", paid(held(), "pi", DepositCharge, 960, true), confirmed,
			step{kind: rest, at: &askOrganizer}},
	} {
		t.Run(c.about, func(t *testing.T) {
			t.Parallel()
			got := in(c.booking, c.standing).next(noon)
			if got.kind != c.want.kind || got.line != c.want.line || got.reason != c.want.reason || !same(got.at, c.want.at) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestRefundsNeverExceedWhatCame(t *testing.T) {
	t.Parallel()
	b := paid(held(), "pi", DepositCharge, 960, true)
	if got := b.refund("pi", usd(500), RefundCancelled, noon); got != usd(500) {
		t.Errorf("first %s", got)
	}
	if got := b.refund("pi", usd(960), RefundCancelled, noon); got != usd(460) {
		t.Errorf("what is left is %s", got)
	}
	if got := b.refund("pi", usd(960), RefundCancelled, noon); !got.IsZero() || len(b.Refunds) != 2 {
		t.Errorf("a third brought %s, %d lines", got, len(b.Refunds))
	}
	b.refunded(b.Refunds[0].ID, stripepay.Refund{ID: "re", State: stripepay.RefundFailed}, noon)
	if got := b.KeptInAll(); got != usd(500) {
		t.Errorf("after a refund failed, %s is kept", got)
	}
}

func TestObservingTwiceAddsOnePayment(t *testing.T) {
	t.Parallel()
	b := held()
	b.Checkouts = []Checkout{{ID: "try", ChargeID: DepositCharge, SessionID: "cs", ExpiresAt: *at(31)}}
	page := stripepay.Checkout{ID: "cs", State: stripepay.CheckoutComplete, Paid: true, PaymentIntentID: "pi", ChargeID: DepositCharge, Amount: usd(960)}
	b.observe(page, noon)
	b.observe(page, noon.Add(time.Hour))
	b.observe(stripepay.Checkout{ID: "cs", State: stripepay.CheckoutExpired}, noon.Add(2*time.Hour))
	if len(b.Payments) != 1 || !b.Checkouts[0].Ended || !b.AttendAt.Equal(noon) {
		t.Errorf("booking %+v", b)
	}
}

func TestStartingToPay(t *testing.T) {
	t.Parallel()
	holds := retreats.Standing{State: retreats.Held, Until: at(31)}
	b := held()
	first, err := in(b, holds).startCheckout(Order{Charge: DepositCharge, Partner: 0}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := in(b, holds).startCheckout(Order{Charge: DepositCharge, Partner: 0}, noon); err != nil || again != first {
		t.Errorf("pressing twice: %+v, %v", again, err)
	}
	if theirs, err := in(b, holds).startCheckout(Order{Charge: DepositCharge, Partner: 1}, noon); err != errOtherPage || theirs != first {
		t.Errorf("the other partner: %+v, %v", theirs, err)
	}
	for about, c := range map[string]struct {
		booking  *Booking
		charge   string
		standing retreats.Standing
		want     error
	}{
		"a charge that is not there":     {held(), "tip", holds, errNoCharge},
		"the balance before the deposit": {held(), BalanceCharge, holds, retreats.ErrNotHeld},
		"without a place":                {held(), DepositCharge, retreats.Standing{}, retreats.ErrNotHeld},
		"what is paid":                   {paid(held(), "pi", DepositCharge, 960, true), DepositCharge, holds, ErrPaid},
		"what has ended":                 {&Booking{LapsedAt: at(0)}, DepositCharge, holds, ErrOver},
	} {
		if _, err := in(c.booking, c.standing).startCheckout(Order{Charge: c.charge, Partner: 0}, noon); err != c.want {
			t.Errorf("%s: %v, want %v", about, err, c.want)
		}
	}
}

func TestChargesDependOnWhenACoupleBooks(t *testing.T) {
	t.Parallel()
	c := &retreats.Cohort{
		Zone: "America/Los_Angeles", StartsOn: "2027-03-12",
		Terms: retreats.Terms{Price: usd(4801), Deposit: usd(960), BalanceDays: 30},
	}
	b := &Booking{Price: c.Price, Acceptance: Acceptance{Deposit: c.Deposit}}
	c.Price = usd(9000) // it was changed since they agreed
	early := b.chargesFor(c, noon)
	if len(early) != 2 || early[0].Amount.Plus(early[1].Amount) != b.Price || !early[1].DueAt.Equal(c.BalanceDue()) {
		t.Errorf("early: %+v", early)
	}
	for _, now := range []time.Time{c.BalanceDue(), c.Start().Add(-time.Hour)} {
		if late := b.chargesFor(c, now); len(late) != 1 || late[0].ID != FullCharge || late[0].Amount != b.Price {
			t.Errorf("at %s: %+v [D12]", now, late)
		}
	}
}

// TestDecisionsOfOneBatchDoNotUndoEachOther: decisions that the store saves
// together see one revision, so that alone does not tell whether anything has
// happened in between.
func TestDecisionsOfOneBatchDoNotUndoEachOther(t *testing.T) {
	t.Parallel()
	b := held()
	b.Rev, b.AttendAt, b.PlanAt, b.AskedRev, b.PlanRev = 7, at(-1), at(-1), 6, 6
	b.attend(noon)
	b.replan(noon)
	b.planned(7)
	if b.PlanAt == nil {
		t.Error("what was asked for after the plan was made is forgotten")
	}
	if b.restFrom(7, at(31), nil) || !b.AttendAt.Equal(*at(-1)) {
		t.Errorf("what was asked for after the look is put off until %v", b.AttendAt)
	}
	b.Rev = 8 // they are saved, and looked at again
	b.planned(7)
	if b.PlanAt == nil {
		t.Error("an older plan is taken for the new one")
	}
	b.planned(8)
	if b.PlanAt != nil || !b.restFrom(8, at(31), nil) || !b.AttendAt.Equal(*at(31)) {
		t.Errorf("it does not rest: %v, %v", b.PlanAt, b.AttendAt)
	}
}

func TestSeveralItemsAtOnceButNotAll(t *testing.T) {
	t.Parallel()
	items := make([]int, 5*atOnce)
	var running, most atomic.Int64
	together := make(chan struct{})
	err := severally(items, atOnce, func(int) error {
		now := running.Add(1)
		defer running.Add(-1)
		for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
		}
		if now == atOnce {
			select {
			case <-together:
			default:
				close(together)
			}
		}
		<-together // nobody ends before as many as may be are there
		return errOtherPage
	})
	if most.Load() != atOnce || !errors.Is(err, errOtherPage) {
		t.Errorf("%d at once, %v", most.Load(), err)
	}
}

func TestRetriesAreEverFurtherApart(t *testing.T) {
	t.Parallel()
	for failures, want := range map[int]time.Duration{1: time.Minute, 2: 2 * time.Minute, 5: 16 * time.Minute, 10: 6 * time.Hour, 1 << 20: 6 * time.Hour} {
		if got := retryAfter(failures); got != want {
			t.Errorf("after %d failures %s, want %s", failures, got, want)
		}
	}
}

func TestARefusalDoesNotUndoWhatWasHeardMeanwhile(t *testing.T) {
	t.Parallel()
	b := paid(held(), "pi", DepositCharge, 960, true)
	b.refund("pi", usd(960), RefundCancelled, noon)
	seen := b.Refunds[0]
	b.refunded(seen.ID, stripepay.Refund{ID: "re", State: stripepay.RefundSucceeded}, noon)
	if made := in(b, retreats.Standing{}).takeOver(seen, nil, noon); !made || b.Refunds[0].State != stripepay.RefundSucceeded {
		t.Errorf("refund %+v", b.Refunds[0])
	}
}

func TestMoneyThatPaysForAPlaceIsNotReturned(t *testing.T) {
	t.Parallel()
	holds := retreats.Standing{State: retreats.Held, Until: at(31)}
	b := stuck(0)
	b.useStuck("pi", noon)
	b.repeatRefund("r", retreats.Standing{}, noon) // by who looked before
	if len(b.Refunds) != 1 || b.Payments[0].SettledAt != nil || in(b, holds).next(noon).kind != claimPlace {
		t.Errorf("claimed first: %+v, %+v", b.Payments, b.Refunds)
	}
	b = stuck(0)
	b.repeatRefund("r", retreats.Standing{}, noon)
	b.useStuck("pi", noon)
	if len(b.Refunds) != 2 || b.Refunds[1].Try != 1 || b.Payments[0].SettledAt == nil || b.IsPaid(b.Charges[0]) {
		t.Errorf("returned first: %+v, %+v", b.Payments, b.Refunds)
	}
}

// TestNothingIsNoReport: what went well must not take the room of what did not.
func TestNothingIsNoReport(t *testing.T) {
	t.Parallel()
	var r reports
	for range 2 * mostReports {
		r.add(nil)
	}
	r.add(errNoCharge)
	if told := r.take(); len(told) != 1 || told[0] == nil {
		t.Errorf("told %v", told)
	}
}
