package notifications

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/retreats"
)

// paying is a couple that came at that time to dates in California, is cleared,
// has paid its deposit, and pays the rest so many days before the start.
func paying(startsOn civil.Date, since time.Time, days ...int) booking.Case {
	cohort := &retreats.Cohort{Zone: "America/Los_Angeles", StartsOn: startsOn, EndsOn: startsOn, State: retreats.Open}
	b := &booking.Booking{CohortID: "co", CreatedAt: since, Price: money.Of(480000, "USD")}
	b.ID = "bk"
	b.Partners = [2]booking.Partner{{Name: "Maya", Email: "maya@example.org"}, {Name: "Jon", Email: "jon@example.org"}}
	b.Clearances = [2]booking.Clearance{{State: booking.Cleared, At: &since}, {State: booking.Cleared, At: &since}}
	b.Charges = []booking.Charge{{ID: booking.DepositCharge, Amount: money.Of(96000, "USD"), DueAt: since}}
	for i, d := range days {
		b.Charges = append(b.Charges, booking.Charge{
			ID: booking.InstalmentCharge(i + 1), Amount: money.Of(100000, "USD"), DueAt: cohort.DueBefore(d), DaysBefore: d,
		})
	}
	pay(b, booking.DepositCharge, 96000, since)
	return booking.Case{Booking: b, Cohort: cohort, Standing: retreats.Standing{State: retreats.Confirmed, Since: since}}
}

// pay notes money that came for a charge and was kept.
func pay(b *booking.Booking, charge string, minor int64, at time.Time) {
	b.Payments = append(b.Payments, booking.Payment{
		ID: fmt.Sprintf("pi_%d", len(b.Payments)+1), ChargeID: charge, Amount: money.Of(minor, "USD"), At: at, SettledAt: &at,
	})
}

// saveCard gives the partner a card since then.
func saveCard(b *booking.Booking, partner int, at time.Time) {
	b.Cards[partner] = &booking.SavedCard{
		CustomerID: "cus", MethodID: fmt.Sprintf("pm_%d", partner+1), Last4: fmt.Sprintf("424%d", partner+1), SavedAt: at,
		Consent: booking.ChargeConsent{At: at, Statement: "You allow us to charge this card."},
	}
}

func utc(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

// series lists what the rule plans for the partner: "instalment-1 14: from until",
// in UTC.
func series(c booking.Case, rule string, partner int) []string {
	var all []string
	for _, m := range Plan(c, noon) {
		if m.Rule != rule || m.Partner != partner {
			continue
		}
		parts := strings.Split(m.ID, ".")
		all = append(all, fmt.Sprintf("%s %s: %s until %s", parts[2], parts[4],
			m.DueAt.UTC().Format("2006-01-02 15:04"), m.UsefulUntil.UTC().Format("2006-01-02 15:04")))
	}
	return all
}

// TestBalanceNotices [D14]: the whole series of a couple that pays in three
// instalments, at ten o'clock in California, where clocks change on 14 March
// and on 7 November 2027, and what late joiners read of it [D41].
func TestBalanceNotices(t *testing.T) {
	t.Parallel()
	for about, c := range map[string]struct {
		given booking.Case
		want  []string
	}{
		"a couple that came early": {paying("2027-04-09", utc("2027-01-04 20:00"), 60, 35, 20), []string{
			"instalment-1 14: 2027-01-25 18:00 until 2027-02-01 18:00",
			"instalment-1 7: 2027-02-01 18:00 until 2027-02-05 18:00",
			"instalment-1 3: 2027-02-05 18:00 until 2027-02-08 18:00",
			"instalment-2 14: 2027-02-19 18:00 until 2027-02-26 18:00",
			"instalment-2 7: 2027-02-26 18:00 until 2027-03-02 18:00",
			"instalment-2 3: 2027-03-02 18:00 until 2027-03-05 18:00",
			"instalment-3 14: 2027-03-06 18:00 until 2027-03-13 18:00",
			"instalment-3 7: 2027-03-13 18:00 until 2027-03-17 17:00",
			"instalment-3 3: 2027-03-17 17:00 until 2027-03-20 17:00",
		}},
		"when clocks go back": {paying("2027-11-26", utc("2027-01-04 20:00"), 14), []string{
			"instalment-1 14: 2027-10-29 17:00 until 2027-11-05 17:00",
			"instalment-1 7: 2027-11-05 17:00 until 2027-11-09 18:00",
			"instalment-1 3: 2027-11-09 18:00 until 2027-11-12 18:00",
		}},
		"a couple that came between two notices": {paying("2027-04-09", utc("2027-03-08 20:00"), 20), []string{
			"instalment-1 14: 2027-03-08 20:00 until 2027-03-13 18:00",
			"instalment-1 7: 2027-03-13 18:00 until 2027-03-17 17:00",
			"instalment-1 3: 2027-03-17 17:00 until 2027-03-20 17:00",
		}},
		"a couple that came after two of them": {paying("2027-04-09", utc("2027-03-14 09:30"), 20), []string{
			"instalment-1 7: 2027-03-14 09:30 until 2027-03-17 17:00",
			"instalment-1 3: 2027-03-17 17:00 until 2027-03-20 17:00",
		}},
		"a couple that came the day before": {paying("2027-04-09", utc("2027-03-19 20:00"), 20), []string{
			"instalment-1 3: 2027-03-19 20:00 until 2027-03-20 17:00",
		}},
	} {
		for partner := range 2 {
			if diff := cmp.Diff(c.want, series(c.given, "balance_soon", partner)); diff != "" {
				t.Errorf("%s, partner %d:\n%s", about, partner+1, diff)
			}
		}
	}
}

// TestBalanceNoticesHoldTheirRules whatever the days are [D14] [D41].
func TestBalanceNoticesHoldTheirRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"}).Draw(t, "zone")
		since := noon.Add(time.Duration(rapid.IntRange(0, 60*24*400).Draw(t, "since")) * time.Minute)
		c := paying(civil.DateOf(since, time.UTC).AddDays(rapid.IntRange(2, 200).Draw(t, "start")), since)
		c.Cohort.Zone = zone
		due := c.Cohort.DueBefore(rapid.IntRange(1, 60).Draw(t, "days"))
		c.Booking.Charges = append(c.Booking.Charges, booking.Charge{ID: booking.BalanceCharge, Amount: money.Of(384000, "USD"), DueAt: due})
		atOnce, last := 0, time.Time{}
		for _, o := range balanceSoon(c) {
			if !o.due.Before(o.until) || o.due.Before(since) || o.until.After(due) || o.due.Before(last) {
				t.Fatalf("%s is due %s until %s; the couple came %s, the charge is due %s", o.key, o.due, o.until, since, due)
			}
			last = o.until
			if o.due.Equal(since) {
				atOnce++
				continue
			}
			place := o.due.In(c.Cohort.Location())
			days := civil.DateOf(o.due, c.Cohort.Location()).DaysUntil(civil.DateOf(due, c.Cohort.Location()))
			if place.Format("15:04") != "10:00" || !slices.Contains(noticeDays, days) || !strings.HasSuffix(o.key, fmt.Sprintf(".%d", days)) {
				t.Fatalf("%s is due on %s, %d days before", o.key, place, days)
			}
		}
		if atOnce > 1 || (last != due && since.Before(due)) {
			t.Fatalf("%d notices at once, the last until %s; the charge is due %s", atOnce, last, due)
		}
	})
}

// TestWhoIsToldOfABalance: nobody who does not owe it or cannot pay it.
func TestWhoIsToldOfABalance(t *testing.T) {
	t.Parallel()
	since := utc("2027-01-04 20:00")
	for about, c := range map[string]struct {
		change func(*booking.Case)
		want   [2]int // notices to each partner
	}{
		"a couple that pays together": {func(*booking.Case) {}, [2]int{3, 3}},
		"it is paid":                  {func(c *booking.Case) { pay(c.Booking, "instalment-1", 100000, since) }, [2]int{}},
		"it is paid in part":          {func(c *booking.Case) { pay(c.Booking, "instalment-1", 99999, since) }, [2]int{3, 3}},
		"both pay a part":             {func(c *booking.Case) { c.Booking.Split = &booking.Split{First: 40, At: since} }, [2]int{3, 3}},
		"the first has paid their part": {func(c *booking.Case) {
			c.Booking.Split = &booking.Split{First: 40, At: since}
			first := 0
			pay(c.Booking, "instalment-1", 40000, since)
			c.Booking.Payments[1].Share = &first
		}, [2]int{0, 3}},
		"both parts, one mailbox [D39]": {func(c *booking.Case) {
			c.Booking.Split, c.Booking.Partners[1].Email = &booking.Split{First: 40, At: since}, "Maya@example.org"
		}, [2]int{3, 0}},
		"clearance is pending [D13]": {func(c *booking.Case) { c.Booking.Clearances[1] = booking.Clearance{} }, [2]int{3, 3}},
		"one is not cleared [D11]":   {func(c *booking.Case) { c.Booking.Clearances[1].State = booking.NotCleared }, [2]int{}},
		"the booking has ended":      {func(c *booking.Case) { c.Booking.Cancellation = &booking.Cancellation{At: since} }, [2]int{}},
		"dates are called off":       {func(c *booking.Case) { c.Cohort.State = retreats.Cancelled }, [2]int{}},
		"the place is only held":     {func(c *booking.Case) { c.Standing.State = retreats.Held }, [2]int{}},
	} {
		given := paying("2027-04-09", since, 30)
		c.change(&given)
		if got := [2]int{len(series(given, "balance_soon", 0)), len(series(given, "balance_soon", 1))}; got != c.want {
			t.Errorf("%s: %v notices, want %v", about, got, c.want)
		}
	}
}

// TestADateThatMovesMovesItsNotices: under other ids, since they name another
// day, and what has passed by then is told once [D41].
func TestADateThatMovesMovesItsNotices(t *testing.T) {
	t.Parallel()
	c := paying("2027-04-09", utc("2027-01-04 20:00"), 30)
	before := Plan(c, noon)
	charge := &c.Booking.Charges[1]
	moved := utc("2027-02-26 20:00")
	charge.MovedFrom = []booking.MovedDue{{DueAt: charge.DueAt, At: moved}}
	charge.DueAt = utc("2027-03-03 18:00")
	want := []string{"instalment-1 7: 2027-02-26 20:00 until 2027-02-28 18:00", "instalment-1 3: 2027-02-28 18:00 until 2027-03-03 18:00"}
	if diff := cmp.Diff(want, series(c, "balance_soon", 0)); diff != "" {
		t.Error(diff)
	}
	for _, m := range Plan(c, noon) {
		if _, known := find(before, m.ID); known && m.Rule == "balance_soon" {
			t.Errorf("%s is of the old date", m.ID)
		}
	}
}

// TestWhatANoticeSays by how the charge is to come.
func TestWhatANoticeSays(t *testing.T) {
	t.Parallel()
	since := utc("2027-01-04 20:00")
	const when = "Wednesday 10 March 2027, 10:00 (Pacific time)"
	for about, c := range map[string]struct {
		change func(*booking.Booking)
		want   [2][]DueLine
	}{
		"no card": {func(*booking.Booking) {}, [2][]DueLine{
			{{What: "instalment 1 of 1", Amount: "$1,000.00", When: when}}, {{What: "instalment 1 of 1", Amount: "$1,000.00", When: when}},
		}},
		"a card, whose digits its owner alone reads": {func(b *booking.Booking) { saveCard(b, 0, since) }, [2][]DueLine{
			{{What: "instalment 1 of 1", Amount: "$1,000.00", When: when, Card: "the card ending in 4241", ChargeOn: when}},
			{{What: "instalment 1 of 1", Amount: "$1,000.00", When: when, Card: "the card that Maya has saved", ChargeOn: when}},
		}},
		"a card, held back [D13]": {func(b *booking.Booking) { saveCard(b, 0, since); b.Clearances[0] = booking.Clearance{} }, [2][]DueLine{
			{{What: "instalment 1 of 1", Amount: "$1,000.00", When: when, Card: "the card ending in 4241", Waits: true}},
			{{What: "instalment 1 of 1", Amount: "$1,000.00", When: when, Card: "the card that Maya has saved", Waits: true}},
		}},
		"each pays a part": {func(b *booking.Booking) { saveCard(b, 0, since); b.Split = &booking.Split{First: 40, At: since} }, [2][]DueLine{
			{{What: "your part of instalment 1 of 1", Amount: "$400.00", When: when, Card: "the card ending in 4241", ChargeOn: when}},
			{{What: "your part of instalment 1 of 1", Amount: "$600.00", When: when}},
		}},
		"each a part, one mailbox": {func(b *booking.Booking) {
			saveCard(b, 1, since)
			b.Split, b.Partners[1].Email = &booking.Split{First: 40, At: since}, "maya@example.org"
		}, [2][]DueLine{{
			{What: "the part of Maya of instalment 1 of 1", Amount: "$400.00", When: when},
			{What: "the part of Jon of instalment 1 of 1", Amount: "$600.00", When: when, Card: "the card ending in 4242", ChargeOn: when},
		}, nil}},
	} {
		given := paying("2027-04-09", since, 30)
		c.change(given.Booking)
		var got [2][]DueLine
		for _, m := range Plan(given, noon) {
			if m.Rule == "balance_soon" {
				got[m.Partner] = told(t, given, m).Dues
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", about, diff)
		}
	}
}

// failing is a couple whose instalment of 10 March was tried that often with
// the first partner's card.
func failing(code string, days ...int) booking.Case {
	c := paying("2027-04-09", utc("2027-01-04 20:00"), 30)
	saveCard(c.Booking, 0, utc("2027-01-04 20:00"))
	for i, day := range days {
		at := civil.Date("2027-03-10").AddDays(day).At("10:00", c.Cohort.Location())
		c.Booking.Tries = append(c.Booking.Tries, booking.Try{
			ID: fmt.Sprintf("try-%d", i+1), ChargeID: "instalment-1", Amount: money.Of(100000, "USD"), MethodID: "pm_1",
			At: at, HeardAt: at.Add(time.Second), State: booking.TryFailed, Code: code,
		})
	}
	return c
}

// TestWhatIsLate [D14]: two days after a charge was due, once, and only if no
// card is to be charged any more [D15]. Clocks change on 14 March.
func TestWhatIsLate(t *testing.T) {
	t.Parallel()
	noCard := paying("2027-04-09", utc("2027-01-04 20:00"), 30)
	held := paying("2027-04-09", utc("2027-01-04 20:00"), 30)
	held.Booking.Clearances[0] = booking.Clearance{}
	cleared := paying("2027-04-09", utc("2027-01-04 20:00"), 30)
	after := utc("2027-03-13 20:00")
	cleared.Booking.Clearances[0].At = &after
	paid := paying("2027-04-09", utc("2027-01-04 20:00"), 30)
	pay(paid.Booking, "instalment-1", 100000, utc("2027-03-11 20:00"))
	struck := paying("2027-04-09", utc("2027-01-04 20:00"), 30)
	pay(struck.Booking, "instalment-1", 100000, utc("2027-03-09 20:00"))
	struck.Booking.Refunds = []booking.Refund{{PaymentID: "pi_2", Amount: money.Of(100000, "USD"), Reason: booking.RefundMistake, At: utc("2027-03-25 20:00")}}
	charging := failing("card_declined", 0, 2)
	charging.Booking.Tries[1].State = booking.TryProcessing
	for about, c := range map[string]struct {
		given booking.Case
		want  string // when it is due; empty: it is not told
	}{
		"no card":                          {noCard, "2027-03-12 18:00"},
		"it is paid":                       {paid, ""},
		"clearance is pending [D13]":       {held, ""},
		"cleared after it was due [D13]":   {cleared, "2027-03-15 17:00"},
		"money that never came":            {struck, "2027-03-27 17:00"},
		"a card that is yet to be charged": {failing(""), ""},
		"a card that is tried again":       {failing("card_declined", 0), ""},
		"and once more":                    {failing("card_declined", 0, 2), ""},
		"which is going on just now":       {charging, ""},
		"a card that failed three times":   {failing("card_declined", 0, 2, 5), "2027-03-17 17:00"},
		"a bank that asks the owner":       {failing("authentication_required", 0), "2027-03-12 18:00"},
		"a card that has expired":          {failing("expired_card", 0), "2027-03-12 18:00"},
	} {
		var got []string
		for _, m := range Plan(c.given, noon) {
			if m.Rule == "balance_late" {
				got = append(got, m.DueAt.UTC().Format("2006-01-02 15:04"))
			}
		}
		var want []string
		if c.want != "" {
			want = []string{c.want, c.want}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", about, diff)
		}
	}
}

// TestACardThatFailed [D15]: what is said of each try, until when, to whom.
func TestACardThatFailed(t *testing.T) {
	t.Parallel()
	own := failing("card_declined", 0)
	first := 0
	own.Booking.Split, own.Booking.Tries[0].Share = &booking.Split{First: 40, At: utc("2027-01-05 20:00")}, &first
	replaced := failing("card_declined", 0)
	replaced.Booking.Cards[0].MethodID = "pm_new"
	removed := failing("card_declined", 0)
	removed.Booking.PastCards = []booking.PastCard{{SavedCard: *removed.Booking.Cards[0], Until: utc("2027-03-10 20:00")}}
	removed.Booking.Cards[0] = nil
	paid := failing("card_declined", 0)
	pay(paid.Booking, "instalment-1", 100000, utc("2027-03-11 20:00"))
	for about, c := range map[string]struct {
		given booking.Case
		want  map[string]DueLine // by id: what is said to the first partner
	}{
		"declined":                       {failing("card_declined", 0), map[string]DueLine{"card_failed.bk.try-1.0": {ChargeOn: "Friday 12 March 2027, 10:00 (Pacific time)"}}},
		"declined again":                 {failing("card_declined", 0, 2), map[string]DueLine{"card_failed.bk.try-2.0": {ChargeOn: "Monday 15 March 2027, 10:00 (Pacific time)"}}},
		"declined for the last time":     {failing("card_declined", 0, 2, 5), map[string]DueLine{"card_failed.bk.try-3.0": {}}},
		"the bank asks":                  {failing("authentication_required", 0), map[string]DueLine{"card_failed.bk.try-1.0": {Asks: true}}},
		"no bank would ever pay":         {failing("expired_card", 0), map[string]DueLine{"card_failed.bk.try-1.0": {Useless: true}}},
		"each pays a part":               {own, map[string]DueLine{"card_failed.bk.try-1.0": {What: "your part of instalment 1 of 1", Amount: "$400.00", ChargeOn: "Friday 12 March 2027, 10:00 (Pacific time)"}}},
		"the card was taken out since":   {removed, map[string]DueLine{"card_failed.bk.try-1.0": {}}},
		"another card was saved":         {replaced, map[string]DueLine{}},
		"it was paid in another way":     {paid, map[string]DueLine{}},
		"a card that is still to charge": {failing(""), map[string]DueLine{}},
	} {
		got := map[string]DueLine{}
		for _, m := range Plan(c.given, noon) {
			if m.Rule != "card_failed" {
				continue
			}
			if m.Partner == 1 {
				if c.given.Booking.Split != nil {
					t.Errorf("%s: the other partner is told", about)
				}
				continue
			}
			got[m.ID] = told(t, c.given, m).Dues[0]
			if next := c.given.Dues()[0].ChargeAt; next != nil && !m.UsefulUntil.Equal(*next) {
				t.Errorf("%s: it is of use until %s, but the next try is at %s", about, m.UsefulUntil, next)
			}
		}
		for id, line := range c.want {
			line.When, line.Card = "Wednesday 10 March 2027, 10:00 (Pacific time)", "the card ending in 4241"
			if line.What == "" {
				line.What, line.Amount = "instalment 1 of 1", "$1,000.00"
			}
			c.want[id] = line
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", about, diff)
		}
	}
}
