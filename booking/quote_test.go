package booking

import (
	"fmt"
	"testing"
	"time"

	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// couple is a confirmed couple that has paid so much in two payments, under the
// default policy, for dates in that zone.
func couple(zone string, currency string, first, second int64) Case {
	policy := retreats.DefaultRefundPolicy()
	policy.RefillFee = money.Of(5000, currency)
	b := &Booking{
		Price: money.Of(first+second, currency), Acceptance: Acceptance{Policy: policy, StartsOn: "2027-06-01"},
		Charges: []Charge{{ID: DepositCharge, Amount: money.Of(first, currency)}, {ID: BalanceCharge, Amount: money.Of(second, currency)}},
		Payments: []Payment{
			{ID: "pi1", ChargeID: DepositCharge, Amount: money.Of(first, currency), At: noon, SettledAt: at(0)},
			{ID: "pi2", ChargeID: BalanceCharge, Amount: money.Of(second, currency), At: noon.Add(time.Hour), SettledAt: at(60)},
		},
	}
	b.ID = "bk"
	return Case{
		Booking: b, Cohort: &retreats.Cohort{Zone: zone, StartsOn: "2027-06-01", State: retreats.Open},
		Standing: retreats.Standing{State: retreats.Confirmed, Since: noon},
	}
}

// TestAQuoteAtEveryTier [D16]: the share is that of the day in the cohort's
// zone, to the last moment before its midnight and from the first one after.
func TestAQuoteAtEveryTier(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland", "UTC"} {
		location := civil.ZoneOrUTC(zone)
		for _, c := range []struct {
			day  civil.Date // the last on which that share holds
			want int
			next int
		}{
			{"2027-04-02", 100, 50}, // 60 days before
			{"2027-05-02", 50, 0},   // 30 days before
			{"2027-06-01", 0, 0},    // the day of the start itself
		} {
			midnight := c.day.AddDays(1).At("00:00", location)
			seen := couple(zone, "USD", 96000, 384000)
			if got := seen.Quote(midnight.Add(-time.Millisecond)); got.Percent != c.want || got.Back != seen.Booking.KeptInAll().Percent(c.want) {
				t.Errorf("%s, end of %s: %+v, want %d %%", zone, c.day, got, c.want)
			}
			if got := seen.Quote(midnight); got.Percent != c.next {
				t.Errorf("%s, after %s: %+v, want %d %%", zone, c.day, got, c.next)
			}
		}
	}
}

// TestAQuoteInEveryCurrency [D16]: whole units of the currency, never more than
// was paid, from the newest payment to the oldest.
func TestAQuoteInEveryCurrency(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		currency           string
		first, second      int64
		back, newest, last int64
	}{
		{"USD", 96001, 384000, 240001, 240001, 0},
		{"JPY", 98001, 1, 49001, 1, 49000},
		{"KWD", 100010, 50000, 75010, 50000, 25010},
		{"EUR", 100, 0, 50, 0, 50},
	} {
		seen := couple("UTC", c.currency, c.first, c.second)
		half := time.Date(2027, 4, 20, 12, 0, 0, 0, time.UTC)
		q := seen.Quote(half)
		if q.Percent != 50 || q.Back != money.Of(c.back, c.currency) {
			t.Errorf("%s: %+v, want %d", c.currency, q, c.back)
		}
		seen.cancel(q, half)
		seen.Booking.returnQuoted(half)
		seen.Booking.returnQuoted(half.Add(time.Hour)) // once is enough
		back := map[string]int64{}
		for _, r := range seen.Booking.Refunds {
			back[r.PaymentID] += r.Amount.Minor
			if r.Reason != RefundCancelled || r.Amount.Check() != nil {
				t.Errorf("%s: refund %+v", c.currency, r)
			}
		}
		if back["pi2"] != c.newest || back["pi1"] != c.last {
			t.Errorf("%s: %v goes back, want %d of the newest and %d of the other", c.currency, back, c.newest, c.last)
		}
	}
}

// TestWhoGetsEverythingBack: one of the two is not cleared [D11], or the
// practice cancels [D17], on any day.
func TestWhoGetsEverythingBack(t *testing.T) {
	t.Parallel()
	late := time.Date(2027, 5, 30, 12, 0, 0, 0, time.UTC)
	seen := couple("UTC", "USD", 96000, 384000)
	if q := seen.Quote(late); !q.Back.IsZero() || q.Why != ByPolicy {
		t.Fatalf("two days before the start %+v", q)
	}
	for partner := range 2 {
		seen := couple("UTC", "USD", 96000, 384000)
		seen.Booking.Clearances[partner].State = NotCleared
		if q := seen.Quote(late); q.Back != usd(480000) || q.Why != ByNotCleared {
			t.Errorf("partner %d is not cleared: %+v", partner, q)
		}
	}
	seen.Booking.callOff("The house has burnt down.", late)
	if end := seen.Booking.Cancellation; end.Quote != usd(480000) || end.Why != ByCalledOff || !seen.Booking.KeptInAll().IsZero() || len(seen.Booking.Refunds) != 2 {
		t.Errorf("called off: %+v, kept %s", end, seen.Booking.KeptInAll())
	}
}

// TestAPlaceThatIsFilledAgain [D16]: everything comes back less the fee, once,
// and only where less had come back before.
func TestAPlaceThatIsFilledAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		on     time.Time
		quoted int64
		more   int64
	}{
		{time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC), 480000, 0},
		{time.Date(2027, 4, 20, 12, 0, 0, 0, time.UTC), 240000, 235000},
		{time.Date(2027, 5, 20, 12, 0, 0, 0, time.UTC), 0, 475000},
	} {
		seen := couple("UTC", "USD", 96000, 384000)
		seen.cancel(seen.Quote(c.on), c.on)
		for range 2 {
			seen.Booking.refilled(c.on.Add(time.Hour))
		}
		var back, more int64
		for _, r := range seen.Booking.Refunds {
			if r.Reason == RefundRefilled {
				more += r.Amount.Minor
			} else {
				back += r.Amount.Minor
			}
		}
		if back != c.quoted || more != c.more {
			t.Errorf("on %s: %d was quoted and %d more came back, want %d and %d", c.on, back, more, c.quoted, c.more)
		}
	}
	ended := couple("UTC", "USD", 96000, 384000)
	late := time.Date(2027, 5, 20, 12, 0, 0, 0, time.UTC)
	ended.cancel(Quote{Paid: usd(480000), Back: usd(100), Why: ByException}, late)
	if ended.Booking.refilled(late); ended.Booking.Cancellation.RefilledAt != nil {
		t.Error("what an organizer has decided is changed by a filled place")
	}
}

// TestDatesThatThePracticeMoved count in the couple's favour, and a couple's own
// change to other dates does not raise what comes back.
func TestDatesThatMoved(t *testing.T) {
	t.Parallel()
	on := time.Date(2027, 4, 20, 12, 0, 0, 0, time.UTC) // 42 days before the accepted start
	for _, c := range []struct {
		start civil.Date
		most  int
		want  int
	}{
		{"2027-06-01", 0, 50}, {"2027-09-01", 0, 100}, {"2027-05-01", 0, 50}, {"2027-09-01", 50, 50},
	} {
		seen := couple("UTC", "USD", 96000, 384000)
		seen.Cohort.StartsOn = c.start
		if c.most > 0 {
			seen.Booking.Transfers = []Transferred{{ByCouple: true, Most: c.most}}
		}
		if q := seen.Quote(on); q.Percent != c.want {
			t.Errorf("start %s, at most %d: %d %%, want %d", c.start, c.most, q.Percent, c.want)
		}
	}
}

// TestMoneyThatADisputeTookIsNotReturnedAsWell [D13], and what came back is
// never more than what came.
func TestMoneyThatADisputeTookIsNotReturnedAsWell(t *testing.T) {
	t.Parallel()
	early := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	seen := couple("UTC", "USD", 96000, 384000)
	seen.Booking.noteDispute(stripepay.Dispute{ID: "dp", PaymentIntentID: "pi2", Amount: usd(384000), State: stripepay.DisputeNeedsResponse}, noon)
	if q := seen.Quote(early); q.Back != usd(96000) {
		t.Errorf("while it is disputed %+v", q)
	}
	seen.cancel(seen.Quote(early), early)
	seen.Booking.returnQuoted(early)
	if len(seen.Booking.Refunds) != 1 || seen.Booking.Refunds[0].PaymentID != "pi1" {
		t.Errorf("refunds %+v", seen.Booking.Refunds)
	}
}

// TestAGrantedPrice: what is open gets less from the last charge back, and what
// has been paid stays paid.
func TestAGrantedPrice(t *testing.T) {
	t.Parallel()
	cohort := &retreats.Cohort{Terms: retreats.Terms{Price: usd(4800), Deposit: usd(960), DepositPercent: 20}}
	fresh := func() *Booking {
		b := held()
		b.Charges = append(b.Charges, Charge{ID: InstalmentCharge(2), Amount: usd(1000)})
		b.Charges[1].Amount = usd(2840)
		return b
	}
	for price, want := range map[int64]string{4000: "[960 2840 200]", 3700: "[960 2740 0]", 900: "[900 0 0]"} {
		b := fresh()
		if err := b.grant(usd(price), cohort, noon); err != nil {
			t.Fatal(err)
		}
		var amounts []int64
		for _, c := range b.Charges {
			amounts = append(amounts, c.Amount.Minor)
		}
		if fmt.Sprint(amounts) != want || b.Price != usd(price) || b.OpenInAll() != usd(price) {
			t.Errorf("%d: charges %v, want %s", price, amounts, want)
		}
	}
	b := paid(fresh(), "pi", DepositCharge, 960, true)
	for _, wrong := range []money.Amount{usd(959), usd(4800), usd(0), usd(-5), money.Of(1000, "EUR"), usd(1 << 40)} {
		if err := b.grant(wrong, cohort, noon); err == nil {
			t.Errorf("%s was granted", wrong)
		}
	}
}
