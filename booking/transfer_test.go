package booking_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/retreats"
)

// addOther puts further dates on offer, with another price.
func (w *world) addOther(id string, price int64, startsOn civil.Date, instalments ...retreats.Instalment) {
	w.t.Helper()
	plan := []retreats.PlannedSession{{Kind: retreats.Medicine, Title: "Session", Clock: "09:30", Minutes: 180}}
	r, err := retreats.NewRetreat("rt-"+id, retreats.Programme{Name: "Weekend", Location: "Cedar House"},
		retreats.Terms{Capacity: 1, Price: money.Of(price, "USD"), BalanceDays: 30, Instalments: instalments}, plan)
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := retreats.NewCohort(id, r, "America/Los_Angeles", startsOn, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := errors.Join(c.Publish(w.now), w.retreats.AddCohort(w.t.Context(), c)); err != nil {
		w.t.Fatal(err)
	}
}

// TestACoupleChangesToOtherDates [D17]: once, what it has paid goes with it,
// what is more comes back, and what is less is due by their schedule.
func TestACoupleChangesToOtherDates(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		price       int64
		instalments []retreats.Instalment
		paid        int64 // before, of 480000
		kept        int64
		open        []int64
	}{
		"the same price":        {480000, nil, deposit, deposit, []int64{balance}},
		"a higher one":          {600000, nil, deposit, deposit, []int64{600000 - deposit}},
		"in instalments":        {480000, []retreats.Instalment{{DaysBefore: 60, Share: 5000}, {DaysBefore: 30, Share: 5000}}, deposit, deposit, []int64{balance / 2, balance / 2}},
		"less than was paid":    {300000, nil, deposit + balance, 300000, nil},
		"less than the deposit": {50000, nil, deposit, 50000, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.agreed("ana", goodCard)
			if c.paid > deposit {
				w.payWith(w.open(id, booking.BalanceCharge), goodCard)
				w.passes()
			}
			w.addOther("later", c.price, "2027-09-10", c.instalments...)
			err := w.bookings.TransferByCouple(t.Context(), id, booking.Transfer{To: "later"})
			if fault.FieldsOf(err)["accept_policy"] == "" {
				t.Errorf("without accepting the terms: %v", err)
			}
			before := w.stands(id, retreats.Confirmed, c.paid)
			other, _ := w.retreats.Cohort(t.Context(), "later")
			preview := before.PreviewTransfer(other, w.now)
			if err := w.bookings.TransferByCouple(t.Context(), id, booking.Transfer{To: "later", AcceptPolicy: true}); err != nil {
				t.Fatal(err)
			}
			w.passes()
			seen := w.stands(id, retreats.Confirmed, c.kept)
			var open []int64
			for _, charge := range seen.Booking.Charges {
				if !seen.Booking.IsPaid(charge) {
					open = append(open, seen.Booking.Open(charge).Minor)
				}
			}
			if fmt.Sprint(open) != fmt.Sprint(c.open) || seen.Booking.CohortID != "later" || seen.Booking.Price.Minor != c.price {
				t.Errorf("open %v, want %v; in %s for %s", open, c.open, seen.Booking.CohortID, seen.Booking.Price)
			}
			if preview.Rest != seen.Booking.OpenInAll() || preview.Returned.Minor != c.paid-c.kept || before.Booking.CohortID != "co" {
				t.Errorf("the preview said %+v", preview)
			}
			if seen.Booking.Cards[0] != nil || len(seen.Booking.PastCards) != 1 {
				t.Error("the card is charged for what nobody agreed to")
			}
			w.mustBook("ben", false) // the place here is free again
			w.addOther("third", 480000, "2027-10-10")
			if err := w.bookings.TransferByCouple(t.Context(), id, booking.Transfer{To: "third", AcceptPolicy: true}); err == nil {
				t.Error("a couple changed twice by itself")
			}
			if err := w.bookings.TransferByStaff(t.Context(), id, "third", "They asked us to.", robin); err != nil {
				t.Errorf("staff may do it again: %v", err)
			}
			w.checkMoney([]string{id})
		})
	}
}

func TestTransfersThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, 2)
	id := w.confirmed("ana")
	w.addOther("full", 480000, "2027-09-10")
	w.addOther("later", 480000, "2027-09-10")
	if c, err := w.bookings.Book(t.Context(), "full", booking.Application{AcceptPolicy: true, Partners: [2]booking.PartnerInput{
		{Name: "Cleo", Email: "cleo@example.org"}, {Name: "Dan", Email: "dan@example.org"},
	}}); err != nil || c.Standing.State != retreats.Held {
		t.Fatal(err)
	}
	held := w.mustBook("ben", false)
	change := func(id, to string) error {
		return w.bookings.TransferByCouple(t.Context(), id, booking.Transfer{To: to, AcceptPolicy: true})
	}
	if err := change(id, "full"); !errors.Is(err, retreats.ErrFull) {
		t.Errorf("to full dates: %v", err)
	}
	if err := change(id, "co"); err == nil {
		t.Error("to the same dates")
	}
	if err := change(id, "none"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("to no dates: %v", err)
	}
	if err := change(held, "later"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("of a place that is only held: %v", err)
	}
	w.until("2027-03-27", "12:00") // 13 days before
	if err := change(id, "later"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("in the last fortnight: %v", err)
	}
	w.stands(id, retreats.Confirmed, deposit)
}

// TestAPriceThatHasRisenIsSeenFirst: who accepts the price of other dates accepts
// the one that was shown [D19].
func TestAPriceThatHasRisenIsSeenFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.confirmed("ana")
	w.addOther("later", 480000, "2027-09-10")
	_, err := w.retreats.AmendCohort(t.Context(), "later", robin, func(_ *retreats.Programme, terms *retreats.Terms) error {
		terms.Price = money.Of(600000, "USD")
		return nil
	})
	w.must(err)
	to := booking.Transfer{To: "later", AcceptPolicy: true, Seen: new(money.Of(480000, "USD"))}
	if err := w.bookings.TransferByCouple(t.Context(), id, to); fault.KindOf(err) != fault.Conflict {
		t.Errorf("they have changed at a price that they were not shown: %v", err)
	}
	to.Seen = new(money.Of(600000, "USD"))
	if err := w.bookings.TransferByCouple(t.Context(), id, to); err != nil {
		t.Errorf("at the price that they were shown: %v", err)
	}
}

// TestATransferSurvivesADeath at any of its writes: in the end the couple has
// one place, with its money.
func TestATransferSurvivesADeath(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("after the write %v", after), func(t *testing.T) {
			t.Parallel()
			for n := 1; ; n++ {
				w := newWorld(t)
				id := w.confirmed("ana")
				w.addOther("later", 300000, "2027-09-10")
				w.live(n)
				w.fuse.after = after
				err := w.bookings.TransferByCouple(t.Context(), id, booking.Transfer{To: "later", AcceptPolicy: true})
				died := w.fuse.blown
				w.live(1 << 30)
				for range 4 {
					w.passes()
					w.wait(15 * time.Minute)
				}
				c, caseErr := w.bookings.Case(t.Context(), id)
				here, _ := w.retreats.Cohort(t.Context(), "co")
				there, _ := w.retreats.Cohort(t.Context(), "later")
				moved := c.Booking.CohortID == "later"
				places := len(here.Roster.Places) + len(there.Roster.Places)
				if caseErr != nil || places != 1 || c.Standing.State != retreats.Confirmed || c.Booking.Moving != nil || (err == nil && !moved) {
					t.Fatalf("death at write %d: %d places, stands %+v in %s, moving %+v; %v", n, places, c.Standing, c.Booking.CohortID, c.Booking.Moving, err)
				}
				w.checkMoney([]string{id})
				if !died {
					if n < 4 {
						t.Errorf("a transfer has only %d writes", n-1)
					}
					return
				}
			}
		})
	}
}

// checkMoney holds what bookings say against the card service's books.
func (w *world) checkMoney(ids []string) {
	w.t.Helper()
	var kept int64
	for _, id := range ids {
		c, err := w.bookings.Case(w.t.Context(), id)
		if err != nil {
			w.t.Fatal(err)
		}
		kept += c.Booking.KeptInAll().Minor
	}
	received, refunded := w.cards.Totals()
	if there := received["USD"] - refunded["USD"]; there != kept {
		w.t.Errorf("our books say %d, the card service says %d", kept, there)
	}
}
