package booking_test

import (
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/retreats"
)

// cells are the texts and states of a couple's row, by need.
func cells(c booking.Case, now time.Time) map[string]booking.Cell {
	out := map[string]booking.Cell{}
	for _, cell := range c.Readiness(booking.Needs(c.Cohort), now) {
		out[cell.Need.ID()] = cell
	}
	return out
}

// confirmed books for a couple and pays the first charge.
func (w *world) confirmed(name string) string {
	w.t.Helper()
	id := w.mustBook(name, false)
	w.pay(w.open(id, booking.DepositCharge))
	w.passes()
	w.passes()
	w.stands(id, retreats.Confirmed, 96000)
	return id
}

var preparation = retreats.PlannedSession{
	Kind: retreats.Preparation, Title: "Preparation", Day: -7, Clock: "18:00", Minutes: 90, Online: true,
}

func deposited(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	c, err := w.retreats.Cohort(t.Context(), "co")
	if err != nil {
		t.Fatal(err)
	}
	terms := c.Terms
	terms.Deposit = money.Of(96000, "USD")
	if _, err := w.retreats.AmendCohort(t.Context(), "co", robin, func(_ *retreats.Programme, t *retreats.Terms) error { *t = terms; return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := w.retreats.ChangeSession(t.Context(), "co", "", preparation, robin); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) reschedule(to civil.Date) {
	w.t.Helper()
	if _, err := w.retreats.Reschedule(w.t.Context(), "co", to, robin); err != nil {
		w.t.Fatal(err)
	}
	w.passes()
}

// TestWhatWasSaidIsGoodForItsTimeAlone: a word, a driver and a consent are for
// the times at which the sessions were then.
func TestWhatWasSaidIsGoodForItsTimeAlone(t *testing.T) {
	t.Parallel()
	w := deposited(t)
	ctx := t.Context()
	ana := w.confirmed("ana")
	driver := booking.DriverInput{Name: "Kim", Phone: "+1 415 555 0177", Relation: "a friend"}
	say := func() {
		t.Helper()
		for partner := range 2 {
			if err := w.bookings.ConfirmSession(ctx, ana, "s2", partner); err != nil {
				t.Fatal(err)
			}
			if err := w.bookings.GiveConsent(ctx, ana, partner); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.bookings.NameDriver(ctx, ana, "s1", 0, driver); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(when string, want map[string]string) booking.Case {
		t.Helper()
		c := w.stands(ana, retreats.Confirmed, 96000)
		got := cells(c, w.now)
		for need, text := range want {
			if cell := got[need]; string(cell.State)+" "+cell.Text != text {
				t.Errorf("%s: %s is %s %s, want %s", when, need, cell.State, cell.Text, text)
			}
		}
		return c
	}
	said := map[string]string{"preparation.s2": "done both come", "driver.s1": "due named: Kim", "consent.1": "done given", "consent.2": "done given"}
	open := map[string]string{
		"preparation.s2": "due 0 of 2", "driver.s1": "due ask again: Kim",
		"consent.1": "due given for other dates", "consent.2": "due given for other dates",
	}

	say()
	before := expect("said", said).Booking.Consents[0].Statement
	w.reschedule("2027-04-16")
	c := expect("moved", open)
	if given := c.Booking.Consents[0]; given == nil || given.Statement != before || c.ConsentOf(0) != nil {
		t.Errorf("what was agreed to is gone: %+v", given)
	}
	w.reschedule("2027-04-09")
	expect("back again", said)
	w.reschedule("2027-04-16")
	say()
	c = expect("said again", said)
	if c.Booking.Consents[0].Statement == before || len(c.Booking.Replies) != 2 || len(c.Booking.Drivers) != 1 {
		t.Errorf("said twice: %+v, %+v, %+v", c.Booking.Consents[0], c.Booking.Replies, c.Booking.Drivers)
	}

	// One session alone.
	later := retreats.PlannedSession{Kind: retreats.Medicine, Title: "Session", Clock: "10:30", Minutes: 180}
	if _, err := w.retreats.ChangeSession(ctx, "co", "s1", later, robin); err != nil {
		t.Fatal(err)
	}
	expect("an hour later", map[string]string{"preparation.s2": "done both come", "driver.s1": "due ask again: Kim", "consent.1": "done given"})
	// A title is no other time.
	named := preparation
	named.Title = "Getting ready"
	if _, err := w.retreats.ChangeSession(ctx, "co", "s2", named, robin); err != nil {
		t.Fatal(err)
	}
	expect("another title", map[string]string{"preparation.s2": "done both come"})
}

// TestABalanceFollowsTheDates until it is paid, and what was agreed stays.
func TestABalanceFollowsTheDates(t *testing.T) {
	t.Parallel()
	w := deposited(t)
	ana := w.confirmed("ana")
	balance := func() booking.Charge {
		t.Helper()
		c, err := w.bookings.Case(t.Context(), ana)
		if err != nil {
			t.Fatal(err)
		}
		charge, ok := c.Booking.Charge(booking.BalanceCharge)
		if !ok {
			t.Fatal("there is no balance")
		}
		if first := c.Booking.Charges[0]; len(first.MovedFrom) > 0 {
			t.Errorf("the deposit has moved: %+v", first)
		}
		return *charge
	}
	due := func(startsOn civil.Date) time.Time {
		return startsOn.AddDays(-30).At("10:00", civil.ZoneOrUTC("America/Los_Angeles"))
	}
	expect := func(when string, at time.Time, from ...time.Time) {
		t.Helper()
		charge := balance()
		if !charge.DueAt.Equal(at) || len(charge.MovedFrom) != len(from) {
			t.Fatalf("%s: due %s after %+v, want %s after %v", when, charge.DueAt, charge.MovedFrom, at, from)
		}
		for i := range from {
			if !charge.MovedFrom[i].DueAt.Equal(from[i]) {
				t.Errorf("%s: moved from %s, want %s", when, charge.MovedFrom[i].DueAt, from[i])
			}
		}
	}
	first, second := due("2027-04-09"), due("2027-06-11")
	expect("booked", first)
	w.reschedule("2027-06-11")
	expect("later", second, first)

	// Nearer than the notice that people need; once, however often it is said.
	w.reschedule("2027-02-05")
	soon := w.now.Add(3 * 24 * time.Hour)
	expect("soon", soon, first, second)
	w.wait(24 * time.Hour)
	if _, err := w.retreats.DropSession(t.Context(), "co", "s2", robin); err != nil {
		t.Fatal(err)
	}
	w.passes()
	expect("another change", soon, first, second)
	w.reschedule("2027-06-11")
	expect("far again", second, first, second, soon)

	w.pay(w.open(ana, booking.BalanceCharge))
	w.passes()
	w.passes()
	w.reschedule("2027-06-25")
	expect("paid", second, first, second, soon)
}

// TestWhoIsConfirmedLateIsNotLateAtOnce [D7].
func TestWhoIsConfirmedLateIsNotLateAtOnce(t *testing.T) {
	t.Parallel()
	zone := civil.ZoneOrUTC("America/Los_Angeles")
	r, err := retreats.NewRetreat("rt", retreats.Programme{Name: "Weekend", Location: "Cedar House"},
		retreats.Terms{Capacity: 4, Price: money.Of(480000, "USD"), BalanceDays: 30},
		[]retreats.PlannedSession{
			{Kind: retreats.Medicine, Title: "First", Clock: "09:30", Minutes: 180}, {Kind: retreats.Medicine, Title: "Second", Day: 14, Clock: "09:30", Minutes: 180},
		})
	if err != nil {
		t.Fatal(err)
	}
	cohort, err := retreats.NewCohort("co", r, "America/Los_Angeles", "2027-04-09", time.Date(2027, 1, 11, 18, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	first, _ := cohort.Session("s1")
	for _, test := range []struct {
		about             string
		confirmed         time.Time
		papers, one, next time.Time // consent, forms and clearance; the two drivers
	}{
		{
			"in time", civil.Date("2027-02-01").At("12:00", zone),
			civil.Date("2027-03-20").At("00:00", zone), civil.Date("2027-03-27").At("00:00", zone), civil.Date("2027-04-10").At("00:00", zone),
		},
		{
			"a day before papers are due", civil.Date("2027-03-19").At("12:00", zone),
			civil.Date("2027-03-21").At("12:00", zone), civil.Date("2027-03-27").At("00:00", zone), civil.Date("2027-04-10").At("00:00", zone),
		},
		{
			"late", civil.Date("2027-04-01").At("12:00", zone),
			civil.Date("2027-04-03").At("12:00", zone), civil.Date("2027-04-04").At("12:00", zone), civil.Date("2027-04-10").At("00:00", zone),
		},
		{
			"the day before", civil.Date("2027-04-08").At("12:00", zone),
			cohort.Start(), first.StartsAt, civil.Date("2027-04-11").At("12:00", zone),
		},
	} {
		c := booking.Case{
			Booking: &booking.Booking{Price: cohort.Price}, Cohort: cohort,
			Standing: retreats.Standing{State: retreats.Confirmed, Since: test.confirmed},
		}
		for need, due := range map[string]time.Time{
			"consent.1": test.papers, "consent.2": test.papers, "clearance.1": test.papers, "forms": test.papers,
			"driver.s1": test.one, "driver.s2": test.next,
		} {
			for _, at := range []struct {
				now  time.Time
				want booking.CellState
			}{{test.confirmed, booking.CellDue}, {due.Add(-time.Minute), booking.CellDue}, {due, booking.CellLate}} {
				if cell := cells(c, at.now)[need]; cell.State != at.want || cell.By == nil || !cell.By.Equal(due) {
					t.Errorf("confirmed %s: at %s %s is %s by %s, want %s by %s", test.about, at.now, need, cell.State, cell.By, at.want, due)
				}
			}
		}
	}
	// Who only holds a place is at best confirmed now.
	held := booking.Case{Booking: &booking.Booking{Price: cohort.Price}, Cohort: cohort, Standing: retreats.Standing{State: retreats.Held}}
	now := civil.Date("2027-04-01").At("12:00", zone)
	if due := held.DriverDue(first, now); !due.Equal(now.Add(72 * time.Hour)) {
		t.Errorf("a couple that holds a place names its driver by %s", due)
	}
}
