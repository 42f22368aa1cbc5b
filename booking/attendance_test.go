package booking_test

import (
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/retreats"
)

// needsPresence makes the cohort one in which who missed a preparation session
// is not ready, or takes that back.
func (w *world) needsPresence(needed bool) {
	w.t.Helper()
	_, err := w.retreats.AmendCohort(w.t.Context(), "co", robin, func(_ *retreats.Programme, t *retreats.Terms) error {
		t.NeedsPresence = needed
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// presence is the cell of the preparation session.
func (w *world) presence(id string) string {
	w.t.Helper()
	cell := cells(w.stands(id, retreats.Confirmed, 96000), w.now)["preparation.s2"]
	return string(cell.State) + " " + cell.Text
}

// TestAskingForAnotherTime: a wish is no confirmation, and is good for the time
// at which the session was [D22].
func TestAskingForAnotherTime(t *testing.T) {
	t.Parallel()
	w := deposited(t)
	ctx := t.Context()
	ana := w.confirmed("ana")
	expect := func(want string) {
		t.Helper()
		if got := w.presence(ana); got != want {
			t.Errorf("the board says %q, want %q", got, want)
		}
	}
	ask := func(partner int, wish string) error {
		return w.bookings.AskForAnotherTime(ctx, ana, "s2", partner, wish)
	}
	for _, wish := range []string{"", " \n ", strings.Repeat("x", 201)} {
		if err := ask(0, wish); fault.FieldsOf(err)["wish"] == "" {
			t.Errorf("the wish %q was answered %v", wish, err)
		}
	}
	if err := w.bookings.AskForAnotherTime(ctx, ana, "s1", 0, "later"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another time for medicine was answered %v", err)
	}
	for partner := range 2 {
		if err := w.bookings.ConfirmSession(ctx, ana, "s2", partner); err != nil {
			t.Fatal(err)
		}
	}
	expect("done both come")
	if err := ask(1, " Thursday \n evening "); err != nil {
		t.Fatal(err)
	}
	expect("due second asks for another time")
	c := w.stands(ana, retreats.Confirmed, 96000)
	s2, _ := c.Cohort.Session("s2")
	if c.Booking.Wish(s2, 1) != "Thursday evening" || c.Booking.HasReplied(s2, 1) || len(c.Booking.Replies) != 2 {
		t.Errorf("replies %+v", c.Booking.Replies)
	}
	if err := ask(0, "any morning"); err != nil {
		t.Fatal(err)
	}
	expect("due both ask for another time")
	w.reschedule("2027-04-16")
	expect("due 0 of 2")
	w.reschedule("2027-04-09")
	if err := w.bookings.ConfirmSession(ctx, ana, "s2", 1); err != nil {
		t.Fatal(err)
	}
	expect("due first asks for another time")
	w.wait(s2.StartsAt.Add(-time.Hour).Sub(w.now))
	expect("late first asks for another time")
	w.wait(time.Hour)
	if err := ask(1, "too late"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a wish at the start of the session was answered %v", err)
	}
}

// TestAttendance: who came is noted from the day on, by somebody with a name,
// can be taken back, and bars from medicine only where the cohort says so and
// until a person decides.
func TestAttendance(t *testing.T) {
	t.Parallel()
	w := deposited(t)
	ctx := t.Context()
	ana := w.confirmed("ana")
	yes, no := true, false
	mark := func(partner int, present *bool) {
		t.Helper()
		if err := w.bookings.RecordAttendance(ctx, ana, "s2", partner, present, robin); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want string) booking.Case {
		t.Helper()
		if got := w.presence(ana); got != want {
			t.Errorf("the board says %q, want %q", got, want)
		}
		return w.stands(ana, retreats.Confirmed, 96000)
	}
	cohort := w.stands(ana, retreats.Confirmed, 96000).Cohort
	s2, _ := cohort.Session("s2")
	from := booking.AttendanceFrom(cohort, s2)
	w.wait(from.Add(-time.Millisecond).Sub(w.now))
	if err := w.bookings.RecordAttendance(ctx, ana, "s2", 0, &yes, robin); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the evening before was answered %v", err)
	}
	w.wait(time.Millisecond)
	mark(0, &yes)
	expect("due 1 came, 1 not marked")
	mark(1, &yes)
	lines := len(expect("done both came").Booking.Trail)
	mark(1, &yes)
	if c := expect("done both came"); len(c.Booking.Trail) != lines {
		t.Error("noting the same twice wrote a line")
	}
	mark(1, &no)
	expect("none second missed")
	w.needsPresence(true)
	c := expect("late second missed: not ready for medicine")
	noted := c.Booking.AttendanceAt(s2, 1)
	if !c.Missed(s2, 1) || c.Missed(s2, 0) || !noted.At.Equal(w.now) || noted.By != robin.Name || noted.ByID != robin.ID {
		t.Errorf("noted %+v", noted)
	}
	if err := w.bookings.WaiveAttendance(ctx, ana, "s2", 1, " ", robin); fault.FieldsOf(err)["reason"] == "" {
		t.Errorf("a decision without a reason was answered %v", err)
	}
	if err := w.bookings.WaiveAttendance(ctx, ana, "s2", 1, "Spoke for an hour on Monday.", robin); err != nil {
		t.Fatal(err)
	}
	c = expect("none second missed")
	last := c.Booking.Trail[len(c.Booking.Trail)-1]
	if last.Reason != "Spoke for an hour on Monday." || last.By != robin.Name || !c.Missed(s2, 1) {
		t.Errorf("the trail ends with %+v", last)
	}
	mark(0, &no)
	expect("late both missed: not ready for medicine")
	mark(0, nil)
	mark(1, nil)
	c = expect("late 0 of 2")
	last = c.Booking.Trail[len(c.Booking.Trail)-1]
	if len(c.Booking.Attendance) != 0 || last.From != "missed" || last.To != "not marked" {
		t.Errorf("taken back: %+v, %+v", c.Booking.Attendance, last)
	}
	if err := w.bookings.RecordAttendance(ctx, ana, "s9", 0, &yes, robin); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a session that is not there was answered %v", err)
	}
}

// TestWhoMissedAPreparationSessionIsCalled, once it is over, until they have been
// reached or a person has decided.
func TestWhoMissedAPreparationSessionIsCalled(t *testing.T) {
	t.Parallel()
	w := deposited(t)
	ctx := t.Context()
	ana := w.confirmed("ana")
	calls := func() (ids []string) {
		t.Helper()
		c, err := w.bookings.Case(ctx, ana)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range c.Calls(w.now) {
			if call.Kind == booking.CallMissed {
				ids = append(ids, call.ID())
			}
		}
		return ids
	}
	session, _ := w.stands(ana, retreats.Confirmed, 96000).Cohort.Session("s2")
	w.wait(session.EndsAt.Add(time.Hour).Sub(w.now))
	absent := false
	for partner := range 2 {
		if err := w.bookings.RecordAttendance(ctx, ana, "s2", partner, &absent, robin); err != nil {
			t.Fatal(err)
		}
	}
	if got := calls(); len(got) != 2 {
		t.Fatalf("calls %v", got)
	}
	if err := w.bookings.RecordCall(ctx, ana, []string{"driver_unnamed.s9", "missed.s2.1"}, booking.CallReached, time.Time{}, robin); err != nil {
		t.Fatal(err)
	}
	w.needsPresence(true)
	if err := w.bookings.WaiveAttendance(ctx, ana, "s2", 1, "Spoke for an hour on Monday.", robin); err != nil {
		t.Fatal(err)
	}
	if got := calls(); len(got) != 0 {
		t.Errorf("they are still to be called: %v", got)
	}
}
