package notifications_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/store"
	"lantern/internal/store/sqlite"
	"lantern/notifications"
	"lantern/retreats"
)

// TestATurnThatIsKeptIsToldAfterAll: the couple had not been told of its turn
// when a place was offered to it, and lets the place go by.
func TestATurnThatIsKeptIsToldAfterAll(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	first := o.booking
	o.book(t, "cleo", false)
	o.book(t, "dan", true)
	o.plan(t)
	if err := o.bookings.Cancel(t.Context(), first, nil); err != nil {
		t.Fatal(err)
	}
	if err := o.bookings.SettleCohorts(t.Context(), o.clock().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	o.plan(t) // the offer takes the place of the turn
	if got := o.states(t); got[notifications.Withdrawn] != 2 {
		t.Fatalf("the news of the turn stands although a place is offered: %v", got)
	}
	if err := o.bookings.AnswerOffer(t.Context(), o.booking, booking.PassOffer); err != nil {
		t.Fatal(err)
	}
	if err := o.Replan(t.Context(), o.booking, o.clock()); err != nil {
		t.Fatal(err)
	}
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil {
		t.Fatal(err)
	}
	waiting := 0
	for id := range o.sent {
		if strings.HasPrefix(id, "waiting."+o.booking) {
			waiting++
		}
	}
	if waiting != 2 {
		t.Errorf("sent %v", o.sent)
	}
}

// TestACoupleWithAnOfferIsReminded as long as it has not answered [D6].
func TestACoupleWithAnOfferIsReminded(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	first := o.booking
	o.book(t, "cleo", false)
	o.book(t, "dan", true)
	if err := o.bookings.Cancel(t.Context(), first, nil); err != nil {
		t.Fatal(err)
	}
	if err := o.bookings.SettleCohorts(t.Context(), o.clock().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	o.plan(t)
	nudged := func() int {
		t.Helper()
		if err := o.DispatchDue(t.Context(), o.clock()); err != nil {
			t.Fatal(err)
		}
		times := 0
		for id, n := range o.sent {
			if strings.HasPrefix(id, "nudged."+o.booking) {
				times += n
			}
		}
		return times
	}
	if times := nudged(); times != 0 {
		t.Errorf("at once: %d mails", times)
	}
	o.wait(24 * time.Hour)
	if times := nudged(); times != 2 {
		t.Errorf("at half of the window: %d mails", times)
	}
	if err := o.bookings.AnswerOffer(t.Context(), o.booking, booking.PassOffer); err != nil {
		t.Fatal(err)
	}
	o.wait(21 * time.Hour)
	if times := nudged(); times != 2 {
		t.Errorf("after they have answered: %d mails", times)
	}
	if got := o.states(t); got[notifications.Planned] != 0 {
		t.Errorf("states %v", got)
	}
}

// TestBookingsThatCannotBePlanned do not keep the others from it, though they
// are the first that are due, and many.
func TestBookingsThatCannotBePlanned(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	fill := func(cohort string, couples int) {
		addCohort(t, o.cohorts, cohort, couples, o.clock())
		for i := range couples {
			o.apply(t, cohort, application(fmt.Sprint(cohort, i)))
		}
		o.wait(time.Second)
	}
	fill("lost", 150)
	fill("fine", 60)
	o.lose(t, "lost")
	if err := o.PlanDue(t.Context(), o.clock()); err == nil {
		t.Error("nobody is told that bookings cannot be planned")
	}
	if got := o.states(t); got[notifications.Planned] != 2 {
		t.Errorf("the last booking has the messages %v", got)
	}
}

// lose removes a cohort's document.
func (o *office) lose(t *testing.T, cohort string) {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), filepath.Join(o.folder, "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	db := store.Open(engine)
	defer db.Close()
	cohorts, err := store.Define[retreats.Cohort](t.Context(), db, "cohorts")
	if err != nil {
		t.Fatal(err)
	}
	rev, err := cohorts.Rev(t.Context(), cohort)
	if err != nil {
		t.Fatal(err)
	}
	if err := cohorts.Delete(t.Context(), cohort, rev); err != nil {
		t.Fatal(err)
	}
}
