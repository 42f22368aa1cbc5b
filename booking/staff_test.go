package booking_test

import (
	"slices"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/seal"
	"lantern/retreats"
)

var robin = audit.By{ID: "staff_robin", Name: "Robin"}

// addSecond adds another cohort to the world, three weeks after the first.
func (w *world) addSecond() {
	w.t.Helper()
	plan := []retreats.PlannedSession{{Kind: retreats.Medicine, Title: "Session", Clock: "09:30", Minutes: 180}}
	r, err := retreats.NewRetreat("rt2", retreats.Programme{Name: "Weekend", Location: "Cedar House"},
		retreats.Terms{Capacity: 1, Price: money.Of(520000, "USD"), BalanceDays: 30}, plan)
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := retreats.NewCohort("co2", r, "America/Los_Angeles", "2027-04-30", w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := c.Publish(w.now); err != nil {
		w.t.Fatal(err)
	}
	if _, err := c.Reserve(seal.NewID("bk"), "", w.now); err != nil { // its only place is taken
		w.t.Fatal(err)
	}
	c.Roster.Places[0].State, c.Roster.Places[0].Until = retreats.Confirmed, nil
	if err := w.retreats.AddCohort(w.t.Context(), c); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) roster(id string) retreats.Roster {
	w.t.Helper()
	c, err := w.retreats.Cohort(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return c.Roster
}

func waitsIn(r retreats.Roster, id string) bool {
	return slices.ContainsFunc(r.Waitlist, func(t retreats.Waiting) bool { return t.Booking == id })
}

// TestAMoveMayDieBetweenAnyTwoWrites: in the end the couple waits in one cohort
// alone, which is the one that its booking names.
func TestAMoveMayDieBetweenAnyTwoWrites(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		for n := 1; ; n++ {
			w := newWorld(t)
			w.addSecond()
			if _, err := w.book("ana", false); err != nil {
				t.Fatal(err)
			}
			ben, err := w.book("ben", true)
			if err != nil {
				t.Fatal(err)
			}
			w.live(n)
			w.fuse.after = after
			moved := w.bookings.MoveWaiting(t.Context(), ben, "co2", "The first dates are full.", robin)
			died := w.fuse.blown
			w.live(1 << 30)
			for range 3 {
				w.passes()
				w.now = w.now.Add(time.Minute)
			}
			c, err := w.bookings.Case(t.Context(), ben)
			if err != nil {
				t.Fatal(err)
			}
			here, there := waitsIn(w.roster("co"), ben), waitsIn(w.roster("co2"), ben)
			if here == there || there != (c.Booking.CohortID == "co2") || c.Booking.Moving != nil {
				t.Errorf("death at write %d (after it: %v): waits here %v, there %v, booked for %s, moving %v", n, after, here, there, c.Booking.CohortID, c.Booking.Moving)
			}
			if moved == nil && !there {
				t.Errorf("death at write %d (after it: %v): the move was acknowledged and is not so", n, after)
			}
			if !died {
				if n < 4 {
					t.Errorf("a move has only %d writes", n-1)
				}
				break
			}
		}
	}
}

// TestGivingAPlaceBackMayDieBetweenAnyTwoWrites: a booking that is over has no
// place, and one that lives has its own.
func TestGivingAPlaceBackMayDieBetweenAnyTwoWrites(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		w := newWorld(t)
		ctx := t.Context()
		c, err := w.retreats.Cohort(ctx, "co")
		if err != nil {
			t.Fatal(err)
		}
		terms := c.Terms
		terms.UndoMinutes = 15
		if _, err := w.retreats.AmendCohort(ctx, "co", robin, func(_ *retreats.Programme, t *retreats.Terms) error { *t = terms; return nil }); err != nil {
			t.Fatal(err)
		}
		ana, err := w.book("ana", false)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.bookings.Cancel(ctx, ana, nil); err != nil {
			t.Fatal(err)
		}
		w.live(n)
		given := w.bookings.GiveBack(ctx, ana, robin)
		died := w.fuse.blown
		w.live(1 << 30)
		for range 3 {
			w.passes()
			w.now = w.now.Add(time.Minute)
		}
		seen, err := w.bookings.Case(ctx, ana)
		if err != nil {
			t.Fatal(err)
		}
		if seen.Booking.IsOver() != (seen.Standing.State == retreats.None) {
			t.Errorf("death at write %d: over %v, stands %q", n, seen.Booking.IsOver(), seen.Standing.State)
		}
		if given == nil && seen.Booking.IsOver() {
			t.Errorf("death at write %d: given back, and is not", n)
		}
		if !died {
			return
		}
	}
}

func TestConsentIsOfOnePartnerAndOfThoseWithAPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ana, err := w.book("ana", false)
	if err != nil {
		t.Fatal(err)
	}
	ben, err := w.book("ben", true)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.bookings.GiveConsent(ctx, ben, 0); err == nil {
		t.Error("a couple that waits consents to what it has no place in")
	}
	if err := w.bookings.GiveConsent(ctx, ana, 2); err == nil {
		t.Error("there is a third partner")
	}
	for range 2 {
		if err := w.bookings.GiveConsent(ctx, ana, 1); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Minute)
	}
	c, err := w.bookings.Case(ctx, ana)
	if err != nil {
		t.Fatal(err)
	}
	given := c.Booking.Consents[1]
	if c.Booking.Consents[0] != nil || given == nil || given.Hash != retreats.Hash(given.Statement) || given.At.After(w.now.Add(-2*time.Minute)) {
		t.Errorf("consents %+v", c.Booking.Consents)
	}
	if err := w.bookings.RecordClearance(ctx, ana, 0, "perhaps", robin); err == nil {
		t.Error("a clearance that is none was recorded")
	}
	for _, state := range []booking.ClearanceState{booking.NotCleared, booking.NotCleared, booking.Cleared} {
		if err := w.bookings.RecordClearance(ctx, ana, 0, state, robin); err != nil {
			t.Fatal(err)
		}
	}
	if c, err = w.bookings.Case(ctx, ana); err != nil || len(c.Booking.Trail) != 2 || c.Booking.Clearances[0].By != "Robin" {
		t.Errorf("trail %+v, %v", c.Booking.Trail, err)
	}
}

// TestAMoveLeavesNoGhostBehind: the process dies in the middle of a move, and a
// place is offered to the couple where it has left.
func TestAMoveLeavesNoGhostBehind(t *testing.T) {
	t.Parallel()
	ghosts := 0
	for n := 1; n < 8; n++ {
		w := newWorld(t)
		w.addSecond()
		ana, ben := w.mustBook("ana", false), w.mustBook("ben", true)
		w.wait(time.Second)
		cleo := w.mustBook("cleo", true)
		w.live(n)
		_ = w.bookings.MoveWaiting(t.Context(), ben, "co2", "The first dates are full.", robin)
		w.live(1 << 30)
		if err := w.retreats.Release(t.Context(), "co", ana); err != nil { // its place goes to the first
			t.Fatal(err)
		}
		if w.roster("co").Of(ben).State == retreats.Offered {
			ghosts++
		}
		for range 4 {
			w.passes()
			w.wait(time.Minute)
		}
		c, err := w.bookings.Case(t.Context(), ben)
		if err != nil {
			t.Fatal(err)
		}
		if c.Booking.CohortID == "co2" && w.roster("co").Of(ben).State != retreats.None {
			t.Errorf("death at write %d: it left and stands %q there", n, w.roster("co").Of(ben).State)
		}
		if c.Booking.CohortID == "co2" && w.roster("co").Of(cleo).State != retreats.Offered {
			t.Errorf("death at write %d: the next couple stands %q", n, w.roster("co").Of(cleo).State)
		}
	}
	if ghosts == 0 {
		t.Error("no place was ever offered to who was leaving: the test tests nothing")
	}
}

// TestARemovalMayDieBetweenAnyTwoWrites: in the end the turn and the booking
// are both over, with the reason, or neither is.
func TestARemovalMayDieBetweenAnyTwoWrites(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		for n := 1; ; n++ {
			w := newWorld(t)
			w.mustBook("ana", false)
			ben := w.mustBook("ben", true)
			w.live(n)
			w.fuse.after = after
			removed := w.bookings.RemoveWaiting(t.Context(), ben, "They asked us.", robin)
			died := w.fuse.blown
			w.live(1 << 30)
			for range 3 {
				w.passes()
				w.wait(time.Minute)
			}
			c, err := w.bookings.Case(t.Context(), ben)
			if err != nil {
				t.Fatal(err)
			}
			gone := c.Standing.State == retreats.None
			if gone != c.Booking.IsOver() || gone != (c.Booking.EndReason != "") || c.Booking.Removing != nil {
				t.Errorf("death at write %d (after it: %v): stands %q, over %v, reason %q", n, after, c.Standing.State, c.Booking.IsOver(), c.Booking.EndReason)
			}
			if removed == nil && !gone {
				t.Errorf("death at write %d (after it: %v): acknowledged and not done", n, after)
			}
			if !died {
				break
			}
		}
	}
}

func TestWhereACoupleCannotBeMoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addSecond()
	ctx := t.Context()
	w.mustBook("ana", false)
	ben := w.mustBook("ben", true)
	if _, err := w.bookings.AlsoWait(ctx, ben, "co2", true); err != nil {
		t.Fatal(err)
	}
	for about, to := range map[string]string{"where it waits": "co", "where it waits too": "co2", "nowhere": "co3"} {
		if err := w.bookings.MoveWaiting(ctx, ben, to, "x", robin); fault.FieldsOf(err)["to"] == "" {
			t.Errorf("moved %s: %v", about, err)
		}
	}
}

// TestACorrectionThatIsCutOff leaves a couple's bookings so that doing it again
// puts them all right.
func TestACorrectionThatIsCutOff(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 3; n++ {
		w := newWorld(t)
		w.addSecond()
		w.mustBook("ben", false)
		ana := w.mustBook("ana", true)
		other, err := w.bookings.AlsoWait(t.Context(), ana, "co2", true)
		w.must(err)
		c, err := w.bookings.Case(t.Context(), ana)
		w.must(err)
		to := booking.Correction{
			Details:  booking.PartnerInput{Name: "Anna", Email: "anna@example.net", Zone: "UTC"},
			Stranger: true, Version: c.Booking.DetailsVersion(),
		}
		w.live(n)
		_ = w.bookings.CorrectPartner(t.Context(), ana, 0, to, robin)
		w.live(1 << 30)
		if c, err = w.bookings.Case(t.Context(), ana); err != nil {
			t.Fatal(err)
		}
		if c.Booking.Partners[0].Name != "Anna" {
			w.must(w.bookings.CorrectPartner(t.Context(), ana, 0, to, robin))
		}
		for _, id := range []string{ana, other.Booking.ID} {
			c, err := w.bookings.Case(t.Context(), id)
			w.must(err)
			if p := c.Booking.Partners[0]; p.Email != "anna@example.net" || p.Name != "Anna" || p.Links == 0 {
				t.Errorf("cut off at write %d: %s is %+v", n, id, p)
			}
			if _, _, err := w.bookings.ByToken(t.Context(), w.bookings.Token(id, 0)); err == nil {
				t.Errorf("cut off at write %d: the old link of %s still opens", n, id)
			}
		}
	}
}
