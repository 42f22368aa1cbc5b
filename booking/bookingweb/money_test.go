package bookingweb

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/money"
	"lantern/internal/store"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// plainly drops what keeps names apart from the words around them.
var plainly = strings.NewReplacer("\u2068", "", "\u2069", "").Replace

func usd(minor int64) money.Amount { return money.Of(minor, "USD") }

// paying is a couple, Maya and Jon, that has paid its deposit in January and
// owes the rest on 10 March 2027 at 10:00 in Los Angeles. Both are cleared.
func paying(t *testing.T) booking.Case {
	t.Helper()
	c := prepared(t, morning)
	b := c.Booking
	b.Partners[0].Name, b.Partners[1].Name = "Maya", "Jon"
	b.Charges = []booking.Charge{
		{ID: booking.DepositCharge, Amount: usd(96000), DueAt: morning},
		{ID: booking.BalanceCharge, Amount: usd(384000), DueAt: c.Cohort.BalanceDue()},
	}
	b.Acceptance = booking.Acceptance{At: morning, Policy: c.Cohort.Policy, Deposit: usd(96000), ListPrice: usd(480000), StartsOn: c.Cohort.StartsOn}
	b.Payments = []booking.Payment{{ID: "pi_1", ChargeID: booking.DepositCharge, Amount: usd(96000), At: morning, SettledAt: &morning}}
	for i := range b.Clearances {
		b.Clearances[i] = booking.Clearance{State: booking.Cleared, At: &morning}
	}
	return c
}

func save(b *booking.Booking, partner int) {
	b.Cards[partner] = &booking.SavedCard{MethodID: "pm_1", Brand: "visa", Last4: "4242", SavedAt: morning}
}

// fail notes a try of Maya's card on the day of the balance.
func fail(c booking.Case, code string, share *int) {
	c.Booking.Tries = append(c.Booking.Tries, booking.Try{
		ID: "try", ChargeID: booking.BalanceCharge, Share: share, MethodID: "pm_1", At: c.Cohort.BalanceDue(), State: booking.TryFailed,
		Code: code, DeclineCode: code,
	})
}

// TestWhatBecomesOfACharge is [D12], [D13] and [D15] in a couple's words.
func TestWhatBecomesOfACharge(t *testing.T) {
	t.Parallel()
	before, after := morning.Add(time.Hour), time.Date(2027, 3, 11, 20, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		change func(booking.Case)
		reader int
		now    time.Time
		state  string
		kind   string
		notes  string
		pays   string
	}{
		"no card": {now: before, state: "due on Wednesday 10 March 2027", kind: "due", pays: "Pay $3,840.00"},
		"late":    {now: after, state: "late since Wednesday 10 March 2027", kind: "late", pays: "Pay $3,840.00"},
		"own card [D12]": {
			change: func(c booking.Case) { save(c.Booking, 0) }, now: before, state: "due on Wednesday 10 March 2027", kind: "due",
			notes: "It will be charged to your card ending 4242 on Wednesday 10 March 2027, 10:00.", pays: "Pay $3,840.00",
		},
		"the other's card [D12]": {
			change: func(c booking.Case) { save(c.Booking, 0) }, reader: 1, now: before, state: "due on Wednesday 10 March 2027", kind: "due",
			notes: "It will be charged to Maya’s card ending 4242 on Wednesday 10 March 2027, 10:00.", pays: "Pay $3,840.00",
		},
		"not cleared yet [D13]": {
			change: func(c booking.Case) { save(c.Booking, 0); c.Booking.Clearances[1] = booking.Clearance{} }, now: after,
			state: "waits until both of you are cleared", kind: "due",
			notes: "It waits until both of you are cleared, and is then charged to your card ending 4242, not before Wednesday 10 March 2027.",
			pays:  "Pay $3,840.00",
		},
		"disputed [D13]": {
			change: func(c booking.Case) {
				save(c.Booking, 0)
				c.Booking.Disputes = []booking.Dispute{{PaymentID: "pi_1", Amount: usd(96000), State: stripepay.DisputeWarningNeedsResponse}}
			}, now: before, state: "due on Wednesday 10 March 2027", kind: "due",
			notes: "It is not charged to your card ending 4242 while a bank looks into a payment.", pays: "Pay $3,840.00",
		},
		"declined, tried again [D15]": {
			change: func(c booking.Case) { save(c.Booking, 0); fail(c, "card_declined", nil) }, now: after,
			state: "late since Wednesday 10 March 2027", kind: "late",
			notes: "We could not charge your card ending 4242: it was declined on Wednesday 10 March 2027, 10:00. Please pay here; else we try again on Friday 12 March 2027, 10:00.",
			pays:  "Pay $3,840.00",
		},
		"declined three times [D15]": {
			change: func(c booking.Case) {
				save(c.Booking, 0)
				for range 3 {
					fail(c, "card_declined", nil)
				}
			}, now: after, state: "late since Wednesday 10 March 2027", kind: "late",
			notes: "We could not charge your card ending 4242: it was declined, last on Wednesday 10 March 2027, 10:00. Please pay here; we do not try it again.",
			pays:  "Pay $3,840.00",
		},
		"the bank asks [D15]": {
			change: func(c booking.Case) { save(c.Booking, 0); fail(c, "authentication_required", nil) }, now: after,
			state: "late since Wednesday 10 March 2027", kind: "late",
			notes: "The bank wants to ask you before your card ending 4242 is charged: please pay here.", pays: "Pay $3,840.00",
		},
		"lost card [D15]": {
			change: func(c booking.Case) { save(c.Booking, 0); fail(c, "lost_card", nil) }, now: after,
			state: "late since Wednesday 10 March 2027", kind: "late",
			notes: "We could not charge your card ending 4242 on Wednesday 10 March 2027, 10:00 and do not try it again: please pay here with another one.",
			pays:  "Pay $3,840.00",
		},
		"declined, and the card taken back": {
			change: func(c booking.Case) { fail(c, "card_declined", nil) }, now: after, state: "late since Wednesday 10 March 2027", kind: "late",
			notes: "The card was declined on Wednesday 10 March 2027, 10:00. Please pay here.", pays: "Pay $3,840.00",
		},
		"another card since": {
			change: func(c booking.Case) {
				fail(c, "lost_card", nil)
				save(c.Booking, 0)
				c.Booking.Cards[0].MethodID, c.Booking.Cards[0].SavedAt = "pm_2", after.Add(-time.Hour)
			}, now: after, state: "due on Wednesday 10 March 2027", kind: "due",
			notes: "It will be charged to your card ending 4242 on Friday 12 March 2027, 10:00.", pays: "Pay $3,840.00",
		},
		"just being charged": {
			change: func(c booking.Case) {
				save(c.Booking, 0)
				fail(c, "", nil)
				c.Booking.Tries[0].State = booking.TryProcessing
			}, now: after, state: "is being charged to the saved card now", kind: "due",
		},
		"split, one card": {
			change: func(c booking.Case) { save(c.Booking, 0); c.Booking.Split = &booking.Split{First: 25} }, reader: 1, now: before,
			state: "due on Wednesday 10 March 2027", kind: "due",
			notes: "Maya’s part is $960.00. It will be charged to Maya’s card ending 4242 on Wednesday 10 March 2027, 10:00. " +
				"Your part is $2,880.00.",
			pays: "Pay your part, $2,880.00 Pay your partner’s part, $960.00 Pay all of it, $3,840.00",
		},
		"split, one part paid": {
			change: func(c booking.Case) {
				c.Booking.Split = &booking.Split{First: 25}
				c.Booking.Payments = append(c.Booking.Payments, booking.Payment{
					ID: "pi_2", ChargeID: booking.BalanceCharge, Amount: usd(96000), Share: new(0), SettledAt: &morning, At: morning,
				})
			}, now: before, state: "due on Wednesday 10 March 2027", kind: "due",
			notes: "$960.00 of $3,840.00 is here. Jon’s part is $2,880.00.",
			pays:  "Pay your partner’s part, $2,880.00",
		},
		"paid": {
			change: func(c booking.Case) {
				c.Booking.Payments = append(c.Booking.Payments, booking.Payment{ID: "pi_2", ChargeID: booking.BalanceCharge, Amount: usd(384000), SettledAt: &morning})
			}, now: after, state: "paid", kind: "done",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := paying(t)
			if test.change != nil {
				test.change(c)
			}
			v := newMoneyReader(c, test.reader, "/b/x", test.now).view()
			got := v.Charges[1]
			if got.State != test.state || got.Kind != test.kind || plainly(strings.Join(got.Notes, " ")) != test.notes {
				t.Errorf("%q (%s): %q", got.State, got.Kind, plainly(strings.Join(got.Notes, " ")))
			}
			pays := ""
			if got.Pay != nil {
				for _, way := range got.Pay.Ways {
					pays = strings.TrimSpace(pays + " " + way.Text)
				}
			}
			if pays != test.pays {
				t.Errorf("it can be paid by %q, want %q", pays, test.pays)
			}
		})
	}
}

// TestTheAgreementIsAskedForOnce: only where something is left to charge later
// and no card pays the reader's part yet.
func TestTheAgreementIsAskedForOnce(t *testing.T) {
	t.Parallel()
	held := func(change func(*booking.Booking)) *agreementView {
		c := paying(t)
		c.Booking.Payments, c.Standing.State = nil, retreats.Held
		change(c.Booking)
		v := newMoneyReader(c, 0, "/b/x", morning).view()
		if len(v.Charges) == 0 || v.Charges[0].Pay == nil {
			t.Fatalf("nothing can be paid: %+v", v.Charges)
		}
		if v.Cards != nil {
			t.Error("cards are offered before there is a place")
		}
		return v.Charges[0].Pay.Agreement
	}
	asked := held(func(*booking.Booking) {})
	if asked == nil || !slices.Contains(asked.Lines, "$3,840.00 on Wednesday 10 March 2027, 10:00 (Pacific time).") {
		t.Errorf("the agreement %+v", asked)
	}
	if a := held(func(b *booking.Booking) { save(b, 0) }); a != nil {
		t.Error("it is asked for though a card is saved")
	}
	if a := held(func(b *booking.Booking) { save(b, 1); b.Split = &booking.Split{First: 50} }); a == nil {
		t.Error("the other partner's card does not pay this one's part")
	}
	if a := held(func(b *booking.Booking) { b.Charges = b.Charges[:1] }); a != nil {
		t.Error("it is asked for though nothing is left to charge")
	}
}

func TestRefundsSayWhyAndHow(t *testing.T) {
	t.Parallel()
	c := paying(t)
	b := c.Booking
	b.Payments = append(b.Payments, booking.Payment{ID: "cash", ChargeID: booking.BalanceCharge, Amount: usd(384000), Method: booking.ByCash, SettledAt: &morning})
	b.Refunds = []booking.Refund{
		{PaymentID: "pi_1", Amount: usd(1), Reason: booking.RefundCancelled, State: stripepay.RefundSucceeded, AskedAt: morning},
		{PaymentID: "pi_1", Amount: usd(2), Reason: booking.RefundRefilled, State: stripepay.RefundPending},
		{PaymentID: "cash", Amount: usd(3), Reason: booking.RefundCancelled},
		{PaymentID: "pi_1", Amount: usd(4), Reason: booking.RefundAgain, State: stripepay.RefundFailed},
		{PaymentID: "cash", Amount: usd(5), Reason: booking.RefundMistake, State: stripepay.RefundSucceeded},
	}
	want := []string{
		"Back to the card it came from $0.01: because you cancelled, returned on Monday 11 January 2027",
		"Back to the card it came from $0.02: another couple took your place, on its way",
		"Back in cash $0.03: because you cancelled, we return it by hand",
		"Back to the card it came from $0.04: sent again, since the bank had not taken it, did not arrive; we will write to you",
		"Struck out $0.05: it had been recorded by mistake, struck out",
	}
	for i, line := range newMoneyReader(c, 0, "/b/x", morning).refunds() {
		if got := line.What + " " + line.Amount + ": " + line.When + ", " + line.State; got != want[i] {
			t.Errorf("refund %d: %q, want %q", i, got, want[i])
		}
	}
	for _, reason := range []booking.RefundReason{
		booking.RefundLate, booking.RefundCancelled, booking.RefundCalledOff, booking.RefundNotCleared, booking.RefundRefilled, booking.RefundException,
		booking.RefundPart, booking.RefundMoved, booking.RefundMistake, booking.RefundTwice, booking.RefundAgain, booking.RefundByHand,
	} {
		if reasonWords[reason] == "" || strings.Contains(reasonWords[reason], "clear") {
			t.Errorf("%q is said as %q", reason, reasonWords[reason])
		}
	}
}

// TestWhoIsNotClearedIsNotSaid [D11]: a partner who is not cleared shall not
// learn it here, nor the other one of them.
func TestWhoIsNotClearedIsNotSaid(t *testing.T) {
	t.Parallel()
	c := paying(t)
	c.Booking.Clearances[1] = booking.Clearance{State: booking.NotCleared, At: &morning}
	q := c.Quote(c.Cohort.Start().Add(-time.Hour))
	if q.Back != usd(96000) || q.Why != booking.ByNotCleared {
		t.Fatalf("quote %+v", q)
	}
	c.Booking.Cancellation = &booking.Cancellation{Quote: q.Back, Paid: q.Paid, Why: q.Why, ReturnedAt: &morning}
	said := quoteWords(q) + quoteReasonJSON(q.Why) + refundReasonJSON(booking.RefundNotCleared) +
		strings.Join(newMoneyReader(c, 0, "/b/x", morning).ended(), " ")
	if strings.Contains(said, "clear") || !strings.Contains(said, "Everything you paid, $960.00, comes back.") {
		t.Error(said)
	}
}

// TestTheEndSaysWhatComesBack [D16]: by which share, and what another couple in
// the place changes.
func TestTheEndSaysWhatComesBack(t *testing.T) {
	t.Parallel()
	c := paying(t)
	at := morning.Add(15 * time.Minute)
	end := booking.Cancellation{At: morning, Paid: usd(96000), Quote: usd(48000), Percent: 50, Why: booking.ByPolicy, ReturnAt: &at}
	for _, test := range []struct {
		change func(*booking.Cancellation)
		want   string
	}{
		{func(*booking.Cancellation) {}, "You had paid $960.00. By the refund policy that you accepted, 50 % of it, $480.00, comes back. " +
			"It is sent on Monday 11 January 2027, 9:15 (Pacific time). If another couple takes your place, another $430.00 comes back. We write to you then."},
		{func(e *booking.Cancellation) { e.Quote, e.Percent, e.ReturnedAt = usd(0), 0, &at },
			"You had paid $960.00. By the refund policy that you accepted, none of it comes back. If another couple takes your place, another $910.00 comes back. We write to you then."},
		{func(e *booking.Cancellation) { e.ReturnedAt, e.RefilledAt, e.Refilled = &at, &at, new(usd(43000)) },
			"You had paid $960.00. By the refund policy that you accepted, 50 % of it, $480.00, comes back. Another couple has taken your place, so another $430.00 comes back."},
		{func(e *booking.Cancellation) { e.Quote, e.Percent, e.ReturnedAt = e.Paid, 100, &at }, "Everything you paid, $960.00, comes back."},
		{func(e *booking.Cancellation) {
			e.Why, e.Quote, e.ByPractice, e.ReturnedAt = booking.ByException, usd(60000), true, &at
		},
			"Of the $960.00 that you paid, $600.00 comes back."},
		{func(e *booking.Cancellation) { e.Why, e.Paid, e.Quote = booking.ByNothingPaid, usd(0), usd(0) }, "Nothing is owed. What goes back to you is listed below."},
	} {
		ended := end
		test.change(&ended)
		c.Booking.Cancellation = &ended
		if got := strings.Join(newMoneyReader(c, 0, "/b/x", morning).ended(), " "); got != test.want {
			t.Errorf("%+v: %q", ended, got)
		}
	}
}

func TestChargesHaveNames(t *testing.T) {
	t.Parallel()
	b := &booking.Booking{Meta: store.Meta{ID: "bk"}, Charges: []booking.Charge{
		{ID: booking.DepositCharge}, {ID: booking.InstalmentCharge(1)}, {ID: booking.InstalmentCharge(2)},
	}}
	for id, want := range map[string]string{
		"deposit": "Deposit", "balance": "The rest of the price", "full": "The whole price", "instalment-2": "Instalment 2 of 2", "other": "Payment",
	} {
		if got := chargeName(b.Charges, id); got != want {
			t.Errorf("%s is called %q", id, got)
		}
	}
}
