package booking_test

import (
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/fault"
)

// TestNobodyBeginsWithoutARide: who receives medicine is not noted as there until a
// driver has said yes or staff have decided with a reason [D30]; for the time at
// which the session is then, and nothing else of the couple changes.
func TestNobodyBeginsWithoutARide(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.confirmed("Ana")
	robin, yes, no := audit.By{ID: "p1", Name: "Robin"}, true, false
	c, err := w.bookings.Case(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	held := c.Cohort.Sessions[0]
	begin := func(reason string) error {
		return w.bookings.BeginAllTheSame(t.Context(), id, held.ID, reason, robin)
	}
	if err := begin("their sister drives"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("weeks before: %v", err)
	}
	w.now = held.StartsAt.Add(-time.Hour)
	note := func(present *bool) error {
		return w.bookings.RecordAttendance(t.Context(), id, held.ID, 0, present, robin)
	}
	if err := note(&yes); err != booking.ErrNoRide {
		t.Errorf("without a driver: %v", err)
	}
	if err := w.bookings.RecordBothCame(t.Context(), id, held.ID, robin); err != booking.ErrNoRide {
		t.Errorf("both, without a driver: %v", err)
	}
	if err := note(&no); err != nil {
		t.Errorf("not there, without a driver: %v", err)
	}
	driver := booking.DriverInput{Name: "Kim", Phone: "+1 415 555 0177", Relation: "a friend"}
	if err := w.bookings.NameDriver(t.Context(), id, held.ID, 0, driver); err != nil {
		t.Fatal(err)
	}
	if err := note(&yes); err != booking.ErrNoRide {
		t.Errorf("with a driver who has said nothing: %v", err)
	}
	if err := begin(" "); fault.FieldsOf(err)["reason"] == "" {
		t.Errorf("decided without a reason: %v", err)
	}
	for range 2 {
		if err := begin("Kim has said yes on the phone"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.bookings.RecordBothCame(t.Context(), id, held.ID, robin); err != nil {
		t.Errorf("after that: %v", err)
	}
	for partner := range 2 {
		c, err := w.bookings.Case(t.Context(), id)
		if err != nil || c.Booking.AttendanceAt(held, partner) == nil || !c.Booking.AttendanceAt(held, partner).Present {
			t.Errorf("both came, partner %d: %v", partner, err)
		}
	}
	if c, err = w.bookings.Case(t.Context(), id); err != nil || len(c.Booking.RidesDecided) != 1 || c.HasRide(held) {
		t.Errorf("decided %+v, with a ride: %v, %v", c.Booking.RidesDecided, c.HasRide(held), err)
	}
	last := c.Booking.Trail[len(c.Booking.Trail)-3] // a line for each partner follows
	if last.Reason != "Kim has said yes on the phone" || last.By != "Robin" {
		t.Errorf("the trail says %+v", last)
	}
	moved := held
	moved.StartsAt = moved.StartsAt.Add(time.Hour)
	if c.MayBegin(moved) {
		t.Error("it counts for another time")
	}
}
