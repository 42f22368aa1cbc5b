package bookingweb

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/money"
	"lantern/internal/store"
	"lantern/retreats"
)

var morning = time.Date(2027, 1, 11, 17, 0, 0, 0, time.UTC)

// prepared is a couple that is confirmed in a cohort with a preparation (s1),
// a medicine session (s2) and a meeting by video after it (s3).
func prepared(t *testing.T, confirmed time.Time) booking.Case {
	t.Helper()
	r, err := retreats.NewRetreat("rt", retreats.Programme{Name: "Weekend", Location: "Cedar House"},
		retreats.Terms{Capacity: 4, Price: money.Of(480000, "USD"), BalanceDays: 30},
		[]retreats.PlannedSession{
			{Kind: retreats.Preparation, Title: "Preparation", Day: -7, Clock: "18:00", Minutes: 90, Online: true},
			{Kind: retreats.Medicine, Title: "Session", Clock: "09:30", Minutes: 180},
			{Kind: retreats.Integration, Title: "After", Day: 16, Clock: "18:00", Minutes: 60, Online: true},
		})
	if err != nil {
		t.Fatal(err)
	}
	cohort, err := retreats.NewCohort("co", r, "America/Los_Angeles", "2027-04-09", morning)
	if err != nil {
		t.Fatal(err)
	}
	if err := cohort.Publish(morning); err != nil {
		t.Fatal(err)
	}
	b := &booking.Booking{Meta: store.Meta{ID: "bk"}, Price: cohort.Price, CreatedAt: confirmed}
	for i := range b.Partners {
		b.Partners[i].Zone = "Europe/Berlin"
	}
	return booking.Case{Booking: b, Cohort: cohort, Standing: retreats.Standing{State: retreats.Confirmed, Since: confirmed}}
}

// TestTheCouplesPageAndTheBoardSayTheSame: by when something is due, and what
// has to be said again since the dates have moved.
func TestTheCouplesPageAndTheBoardSayTheSame(t *testing.T) {
	t.Parallel()
	for _, confirmed := range []time.Time{morning, time.Date(2027, 4, 1, 19, 0, 0, 0, time.UTC), time.Date(2027, 4, 8, 19, 0, 0, 0, time.UTC)} {
		c := prepared(t, confirmed)
		zone := c.Cohort.Location()
		for _, now := range []time.Time{confirmed, confirmed.Add(20 * time.Hour), c.Cohort.Start().Add(time.Hour)} {
			page := &placePage{}
			page.addPreparing(c, 0, now)
			needs := booking.Needs(c.Cohort)
			row := rowOf(booking.BoardRow{Case: c, Cells: c.Readiness(needs, now)}, zone)
			driver := row.Cells[slices.IndexFunc(needs, func(n booking.Need) bool { return n.Kind == booking.NeedDriver })]
			d := page.Drivers[0]
			day, err := time.Parse("Monday 2 January 2006", d.By)
			if err != nil || day.Format("2 Jan") != driver.By || d.Late != (driver.State == "late") {
				t.Errorf("confirmed %s, at %s: the page says by %s (late: %v), the board %s by %s", confirmed, now, d.By, d.Late, driver.State, driver.By)
			}
		}
	}
}

func TestThePageAsksAgainWhatWasSaidForOtherDates(t *testing.T) {
	t.Parallel()
	c := prepared(t, morning)
	say := func() {
		s1, _ := c.Cohort.Session("s1")
		s2, _ := c.Cohort.Session("s2")
		c.Booking.Replies = []booking.Reply{{Session: "s1", At: morning, StartsAt: s1.StartsAt}}
		c.Booking.Drivers = []booking.Driver{{Session: "s2", Name: "Kim", Phone: "+14155550177", Relation: "a friend", StartsAt: s2.StartsAt, Answer: booking.DriverYes, AnsweredAt: &c.Booking.CreatedAt, AnsweredFor: s2.StartsAt}}
		c.Booking.Consents[0] = &booking.Consent{At: morning, StartsOn: c.Cohort.StartsOn, Statement: booking.ConsentStatement(c.Cohort)}
	}
	page := func() *placePage {
		p := &placePage{}
		p.addPreparing(c, 0, morning)
		return p
	}
	say()
	if p := page(); p.Next() != nil || p.Consent.Given == "" || !p.Preparations[0].Mine || p.Drivers[0].Again {
		t.Errorf("said: next %+v, %+v, %+v, %+v", p.Next(), p.Consent, p.Preparations, p.Drivers)
	}
	before := c.Booking.Consents[0].Statement
	if err := c.Cohort.Reschedule("2027-04-16", morning); err != nil {
		t.Fatal(err)
	}
	p := page()
	if p.Consent.Given != "" || p.Consent.Before != "Friday 9 April 2027" || p.Consent.Statement == before {
		t.Errorf("consent %+v", p.Consent)
	}
	if p.Preparations[0].Mine {
		t.Error("they come at a time that they have not heard of")
	}
	if d := p.Drivers[0]; !d.Again || d.Name != "Kim" || d.Phone != "+14155550177" || d.Relation != "a friend" {
		t.Errorf("driver %+v", d)
	}
	say()
	c.Booking.Drivers[0].StartsAt, c.Booking.Drivers[0].AnsweredFor = morning, morning
	if next := page().Next(); next == nil || next.Anchor != "driver-s2" || !strings.Contains(next.Text, "Kim") {
		t.Errorf("what is next: %+v", next)
	}
}

// TestADriverIsProposedForTheNextDay: a couple names one driver once [D28], and is not
// led back to one who cannot.
func TestADriverIsProposedForTheNextDay(t *testing.T) {
	t.Parallel()
	for answer, want := range map[booking.DriverAnswer]string{booking.DriverUnanswered: "Kim", booking.DriverYes: "Kim", booking.DriverNo: ""} {
		c := prepared(t, morning)
		first, _ := c.Cohort.Session("s2")
		second := first
		second.ID, second.StartsAt, second.EndsAt = "s4", first.StartsAt.AddDate(0, 0, 1), first.EndsAt.AddDate(0, 0, 1)
		c.Cohort.Sessions = append(c.Cohort.Sessions, second)
		c.Booking.Drivers = []booking.Driver{{Session: "s2", Name: "Kim", StartsAt: first.StartsAt, Answer: answer, AnsweredFor: first.StartsAt}}
		p := &placePage{}
		p.addPreparing(c, 0, morning)
		if len(p.Drivers) != 2 || p.Drivers[0].Other.Name != "" || p.Drivers[1].Name != "" || p.Drivers[1].Other.Name != want {
			t.Errorf("after %q: %+v", answer, p.Drivers)
		}
	}
}

// TestCalendarsFollow: entries keep their ids, and what has changed is newer
// than what a calendar has.
func TestCalendarsFollow(t *testing.T) {
	t.Parallel()
	c := prepared(t, morning)
	events := c.CalendarEvents("Cedar House")
	if len(events) != 3 || events[0].Sequence != 0 || !events[0].Stamp.Equal(c.Cohort.CreatedAt) {
		t.Fatalf("at first %+v", events)
	}
	moved := morning.Add(time.Hour)
	if err := c.Cohort.Reschedule("2027-04-16", moved); err != nil {
		t.Fatal(err)
	}
	for i, e := range c.CalendarEvents("Cedar House") {
		if e.UID != events[i].UID || e.Sequence != 1 || !e.Stamp.Equal(moved) || !e.Start.After(events[i].Start) || e.Cancelled {
			t.Errorf("moved %+v", e)
		}
	}
	dropped := moved.Add(time.Hour)
	if err := c.Cohort.DropSession("s3", dropped); err != nil {
		t.Fatal(err)
	}
	now := c.CalendarEvents("Cedar House")
	if len(now) != 3 || now[2].UID != events[2].UID || !now[2].Cancelled || now[1].Cancelled || now[2].Sequence != 2 || !now[2].Stamp.Equal(dropped) {
		t.Errorf("dropped %+v", now)
	}
	c.Booking.CreatedAt = dropped.Add(time.Hour)
	if late := c.CalendarEvents("Cedar House"); len(late) != 2 {
		t.Errorf("who came later hears of what they never had: %+v", late)
	}
	ended := dropped.Add(2 * time.Hour)
	c.Booking.Cancellation = &booking.Cancellation{At: ended}
	for _, e := range c.CalendarEvents("Cedar House") {
		if !e.Cancelled || e.Sequence != 3 || !e.Stamp.Equal(ended) {
			t.Errorf("given up %+v", e)
		}
	}
}
