package notifications

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

func usd(minor int64) money.Amount { return money.Of(minor, "USD") }

// TestPlanOfMoney: what is said of what happens to a couple's money, to whom,
// and until when.
func TestPlanOfMoney(t *testing.T) {
	t.Parallel()
	since, when := utc("2027-01-04 20:00"), utc("2027-02-01 20:00")
	month := when.Add(moneyUse)
	both := []string{"0", "1"}
	for about, c := range map[string]struct {
		change func(*booking.Case)
		rule   string
		key    string // of the one occasion; empty: the rule has nothing to say
		to     []string
		until  time.Time
	}{
		"a deposit, which the confirmation names": {func(*booking.Case) {}, "receipt", "", nil, month},
		"an instalment":                    {func(c *booking.Case) { pay(c.Booking, "instalment-1", 40000, when) }, "receipt", "pi_2", both, month},
		"money that nobody has decided on": {func(c *booking.Case) { pay(c.Booking, "instalment-1", 1, when); c.Booking.Payments[1].SettledAt = nil }, "receipt", "", nil, month},
		"money that went back": {func(c *booking.Case) {
			pay(c.Booking, "instalment-1", 1, when)
			c.Booking.Refunds = []booking.Refund{{ID: "r1", PaymentID: "pi_2", Amount: usd(1), Reason: booking.RefundMistake, At: when}}
		}, "receipt", "", nil, month},
		"a part of the deposit, in time": {func(c *booking.Case) {
			c.Standing = retreats.Standing{State: retreats.Held, Since: since, Until: &month}
			c.Booking.Payments = nil
			pay(c.Booking, booking.DepositCharge, 40000, when)
			c.Booking.Payments[0].SettledAt = nil
		}, "receipt", "pi_1", both, month},
		"a deposit that waits for its place": {func(c *booking.Case) {
			c.Standing = retreats.Standing{State: retreats.Held, Since: since, Until: &month}
			c.Booking.Payments[0].SettledAt = nil
		}, "receipt", "", nil, month},
		"a first charge paid once more": {func(c *booking.Case) { pay(c.Booking, booking.DepositCharge, 5, when) }, "receipt", "pi_2", both, month},
		"a lower price": {func(c *booking.Case) {
			c.Booking.Trail = audit.Trail{{At: since, What: "price"}, {At: when, What: "price", From: "$4,800.00", To: "$4,000.00"}, {At: when, What: "clearance"}}
		}, "price_lowered", keyOf(when), both, month},
		"a lower price, and then the end": {func(c *booking.Case) {
			c.Booking.Trail, c.Booking.Cancellation = audit.Trail{{At: when, What: "price"}}, &booking.Cancellation{At: when}
		}, "price_lowered", "", nil, month},
		"a card of the second":         {func(c *booking.Case) { saveCard(c.Booking, 1, when) }, "card_saved", keyOf(when) + ".card-2", []string{"1"}, month},
		"a card, one mailbox":          {func(c *booking.Case) { saveCard(c.Booking, 1, when); c.Booking.Partners[1].Email = "maya@example.org" }, "card_saved", keyOf(when) + ".card-2", []string{"0"}, month},
		"a card that was taken":        {func(c *booking.Case) { removeCard(c.Booking, since, when) }, "card_removed", keyOf(when) + ".card-1", []string{"0"}, month},
		"a card that another replaced": {func(c *booking.Case) { removeCard(c.Booking, since, when); saveCard(c.Booking, 0, when) }, "card_removed", "", nil, month},
		"and that was taken later": {func(c *booking.Case) {
			removeCard(c.Booking, since, since.Add(time.Hour))
			removeCard(c.Booking, since.Add(time.Hour), when)
		}, "card_removed", keyOf(when) + ".card-1", []string{"0"}, month},
		"a place that was filled":    {func(c *booking.Case) { refill(c, when, 25000) }, "refilled", keyOf(when), both, month},
		"filled, for nothing":        {func(c *booking.Case) { refill(c, when, 0) }, "refilled", "", nil, month},
		"money given":                {refunds(booking.Refund{Reason: booking.RefundException, Waives: true, At: when}), "money_returned", "r1", both, month},
		"money by another's hand":    {refunds(booking.Refund{Reason: booking.RefundByHand, At: when}), "money_returned", "r1", both, month},
		"a part that was too little": {refunds(booking.Refund{Reason: booking.RefundPart, At: when}), "money_returned", "r1", both, month},
		"too much":                   {refunds(booking.Refund{Reason: booking.RefundTwice, At: when}), "money_returned", "r1", both, month},
		"a mistake of the books":     {refunds(booking.Refund{Reason: booking.RefundMistake, At: when}), "money_returned", "", nil, month},
		"a refund made again":        {refunds(booking.Refund{Reason: booking.RefundAgain, At: when}), "money_returned", "", nil, month},
		"what an end has told":       {ended(since, refunds(booking.Refund{Reason: booking.RefundCancelled, At: when})), "money_returned", "", nil, month},
		"what came after an end": {func(c *booking.Case) {
			pay(c.Booking, "instalment-1", 5, when)
			ended(since, refunds(booking.Refund{PaymentID: "pi_2", Reason: booking.RefundCancelled, At: when}))(c)
		}, "money_returned", "r1", both, month},
		"a refund that will be tried again": {refunds(booking.Refund{State: stripepay.RefundFailed, Try: 3, Reason: booking.RefundTwice, At: since, AskedAt: when}), "refund_failed", "", nil, month},
		"a refund that is given up":         {ended(since, refunds(booking.Refund{State: stripepay.RefundFailed, Try: 4, Reason: booking.RefundAgain, At: since, AskedAt: when})), "refund_failed", "r1", both, month},
	} {
		given := paying("2027-04-09", since, 30)
		c.change(&given)
		var got, want []string
		for _, m := range Plan(given, noon) {
			if m.Rule != c.rule {
				continue
			}
			got = append(got, m.ID)
			if !m.DueAt.Equal(when) || !m.UsefulUntil.Equal(c.until) {
				t.Errorf("%s: %s is due %s until %s, want %s until %s", about, m.ID, m.DueAt, m.UsefulUntil, when, c.until)
			}
		}
		for _, partner := range c.to {
			want = append(want, c.rule+".bk."+c.key+"."+partner)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", about, diff)
		}
	}
}

// removeCard notes that the first partner has had a card.
func removeCard(b *booking.Booking, from, until time.Time) {
	b.PastCards = append(b.PastCards, booking.PastCard{SavedCard: booking.SavedCard{MethodID: "pm_past", Last4: "1881", SavedAt: from}, Until: until})
}

// refunds gives refunds of the deposit, each with an id and an amount.
func refunds(lines ...booking.Refund) func(*booking.Case) {
	return func(c *booking.Case) {
		for i, r := range lines {
			r.ID, r.Amount = fmt.Sprintf("r%d", i+1), usd(int64(1000*(i+1)))
			if r.PaymentID == "" {
				r.PaymentID = "pi_1"
			}
			c.Booking.Refunds = append(c.Booking.Refunds, r)
		}
	}
}

func ended(at time.Time, more func(*booking.Case)) func(*booking.Case) {
	return func(c *booking.Case) {
		c.Booking.Cancellation, c.Standing = &booking.Cancellation{At: at, Why: booking.ByPolicy, Paid: usd(96000), Quote: usd(48000)}, retreats.Standing{}
		more(c)
	}
}

// refill ends a booking whose place another couple has filled.
func refill(c *booking.Case, at time.Time, back int64) {
	ended(at.Add(-time.Hour), func(*booking.Case) {})(c)
	extra := usd(back)
	c.Booking.Cancellation.RefilledAt, c.Booking.Cancellation.Refilled = &at, &extra
	c.Booking.Acceptance.Policy = retreats.RefundPolicy{Tiers: []retreats.RefundTier{{DaysBefore: 0}}, RefillFee: usd(5000)}
}

// TestASumIsToldAsOne: what goes back for one reason at one moment, from several
// payments, is one mail; the next time is another.
func TestASumIsToldAsOne(t *testing.T) {
	t.Parallel()
	c := paying("2027-04-09", noon, 30)
	given := booking.Refund{Reason: booking.RefundException, Waives: true, At: *at(5)}
	later := given
	later.At = *at(9)
	pay(c.Booking, "instalment-1", 50000, noon)
	c.Booking.Payments[1].Method = booking.ByCash
	second := given
	second.PaymentID = "pi_2"
	refunds(given, second, booking.Refund{Reason: booking.RefundMistake, At: *at(5)}, later)(&c)
	got := map[string]MoneyWords{}
	for _, m := range Plan(c, noon) {
		if m.Rule == "money_returned" && m.Partner == 0 {
			got[m.ID] = told(t, c, m).MoneyWords
		}
	}
	want := map[string]MoneyWords{
		"money_returned.bk.r1.0": {Returned: "$30.00", WayBack: WayBack{Card: true, Hand: true}, Why: booking.RefundException, Waived: true},
		"money_returned.bk.r4.0": {Returned: "$40.00", WayBack: WayBack{Card: true}, Why: booking.RefundException, Waived: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestWhatComesBack [D16] [D17]: what the end of a booking says of money, and
// that nobody reads why somebody may not take part [D11].
func TestWhatComesBack(t *testing.T) {
	t.Parallel()
	policy := retreats.DefaultRefundPolicy()
	policy.RefillFee = usd(5000)
	card := WayBack{Card: true}
	type end = booking.Cancellation
	for about, c := range map[string]struct {
		end    end
		rule   string
		reason string
		want   MoneyWords
	}{
		"half": {end{Quote: usd(48000), Paid: usd(96000), Percent: 50, Why: booking.ByPolicy}, "cancelled", "Ours.",
			MoneyWords{Returned: "$480.00", Paid: "$960.00", ByPolicy: true, Percent: 50, WayBack: card, Refill: true, Fee: "$50.00"}},
		"nothing": {end{Quote: usd(0), Paid: usd(96000), Why: booking.ByPolicy}, "cancelled", "Ours.",
			MoneyWords{Paid: "$960.00", ByPolicy: true, Refill: true, Fee: "$50.00"}},
		"all": {end{Quote: usd(96000), Paid: usd(96000), Percent: 100, Why: booking.ByPolicy}, "cancelled", "Ours.",
			MoneyWords{Returned: "$960.00", Paid: "$960.00", All: true, ByPolicy: true, Percent: 100, WayBack: card}},
		"so much that a refill adds nothing": {end{Quote: usd(91000), Paid: usd(96000), Percent: 95, Why: booking.ByPolicy}, "cancelled", "Ours.",
			MoneyWords{Returned: "$910.00", Paid: "$960.00", ByPolicy: true, Percent: 95, WayBack: card}},
		"nothing was paid":         {end{Quote: usd(0), Paid: usd(0), Percent: 100, Why: booking.ByNothingPaid}, "cancelled", "Ours.", MoneyWords{}},
		"not cleared, by a couple": {end{Quote: usd(96000), Paid: usd(96000), Why: booking.ByNotCleared}, "cancelled", "", MoneyWords{Returned: "$960.00", Paid: "$960.00", All: true, WayBack: card}},
		"not cleared, by staff":    {end{ByPractice: true, Quote: usd(96000), Paid: usd(96000), Why: booking.ByNotCleared}, "booking_ended", "", MoneyWords{Returned: "$960.00", Paid: "$960.00", All: true, WayBack: card}},
		"an exception":             {end{ByPractice: true, Quote: usd(100), Paid: usd(96000), Why: booking.ByException}, "booking_ended", "Ours.", MoneyWords{Returned: "$1.00", Paid: "$960.00", WayBack: card}},
		"by policy, but not by them": {end{ByPractice: true, Quote: usd(48000), Paid: usd(96000), Percent: 50, Why: booking.ByPolicy}, "booking_ended", "Ours.",
			MoneyWords{Returned: "$480.00", Paid: "$960.00", ByPolicy: true, Percent: 50, WayBack: card}},
		"called off": {end{ByPractice: true, Quote: usd(96000), Paid: usd(96000), Percent: 100, Why: booking.ByCalledOff}, "called_off", "Ours.",
			MoneyWords{Returned: "$960.00", Paid: "$960.00", All: true, WayBack: card}},
	} {
		given := paying("2027-04-09", noon, 30)
		given.Booking.Cancellation, given.Booking.Acceptance.Policy = &c.end, policy
		c.end.At = *at(5)
		m, ok := find(Plan(given, noon), c.rule+".bk."+keyOf(*at(5))+".1")
		if !ok {
			t.Errorf("%s: no mail %s", about, c.rule)
			continue
		}
		o, _ := occasionOf(given, m, nil)
		data := MailData{Reason: "Ours."}
		o.tell(&data)
		if diff := cmp.Diff(c.want, data.MoneyWords); diff != "" || data.Reason != c.reason {
			t.Errorf("%s: its reason is %q\n%s", about, data.Reason, diff)
		}
	}
}

// TestWhatAReceiptSays: what for, how it came, and who paid where each pays a
// part.
func TestWhatAReceiptSays(t *testing.T) {
	t.Parallel()
	c := paying("2027-04-09", noon, 60, 30)
	pay(c.Booking, "instalment-1", 100000, *at(5))
	pay(c.Booking, "instalment-2", 40000, *at(6))
	c.Booking.Payments[2].Method, c.Booking.Payments[2].Partner = booking.ByTransfer, 1
	c.Booking.Split = &booking.Split{First: 60, At: *at(5)}
	got := map[string]MoneyWords{}
	for _, m := range Plan(c, noon) {
		if m.Rule == "receipt" {
			got[m.ID] = told(t, c, m).MoneyWords
		}
	}
	first := MoneyWords{Amount: "$1,000.00", What: "instalment 1 of 2", Payer: "Maya"}
	second := MoneyWords{Amount: "$400.00", What: "instalment 2 of 2", Payer: "Jon", Method: booking.ByTransfer}
	want := map[string]MoneyWords{"receipt.bk.pi_2.0": first, "receipt.bk.pi_2.1": first, "receipt.bk.pi_3.0": second, "receipt.bk.pi_3.1": second}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	lines := []ChargeLine{
		{Name: "the deposit", Amount: "$960.00", When: "Monday 11 January 2027, 4:00 (Pacific time)", Paid: true},
		{Name: "instalment 1 of 2", Amount: "$1,000.00", When: "Monday 8 February 2027, 10:00 (Pacific time)", Paid: true},
		{Name: "instalment 2 of 2", Amount: "$600.00", Own: "$600.00", When: "Wednesday 10 March 2027, 10:00 (Pacific time)"},
	}
	if diff := cmp.Diff(lines, chargeLines(c, []int{0})); diff != "" {
		t.Error(diff)
	}
	if open := (MoneyWords{Charges: lines}).Open(); len(open) != 1 || open[0] != lines[2] {
		t.Errorf("open are %+v", open)
	}
}
