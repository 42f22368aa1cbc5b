package notifications

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/retreats"
)

// weekend is a couple that has its place since then, in a cohort with two
// preparations, two medicine sessions and an integration, in a zone.
func weekend(zone string, startsOn civil.Date, since time.Time) booking.Case {
	c := couple(retreats.Confirmed, nil)
	c.Standing.Since = since
	for i := range c.Booking.Partners {
		c.Booking.Partners[i].Zone = zone
	}
	c.Cohort.Zone, c.Cohort.StartsOn, c.Cohort.EndsOn = zone, startsOn, startsOn.AddDays(2)
	for i, s := range []struct {
		kind  retreats.SessionKind
		day   int
		clock civil.Clock
	}{
		{retreats.Preparation, -21, "18:00"}, {retreats.Preparation, -7, "18:00"}, {retreats.Medicine, 1, "09:30"},
		{retreats.Medicine, 2, "09:30"}, {retreats.Integration, 4, "18:00"},
	} {
		at := startsOn.AddDays(s.day).At(s.clock, c.Cohort.Location())
		c.Cohort.Sessions = append(c.Cohort.Sessions, retreats.Session{
			ID: fmt.Sprintf("s%d", i+1), Kind: s.kind, StartsAt: at, EndsAt: at.Add(90 * time.Minute), Online: s.kind != retreats.Medicine,
		})
	}
	return c
}

// reminds gives the reminders to a partner, each with when it is due by the
// clocks of the place.
func reminds(c booking.Case, template string, partner int) []string {
	var lines []string
	for _, m := range Plan(c, noon, DefaultReminders()...) {
		if m.Rule == template && m.Partner == partner {
			name, _, _ := strings.Cut(strings.TrimPrefix(m.ID, template+".bk."), ".")
			lines = append(lines, m.DueAt.In(c.Cohort.Location()).Format("2006-01-02 15:04 ")+name)
		}
	}
	slices.Sort(lines)
	return lines
}

// TestTheDefaultReminders over a spring change in Berlin, by name: 29 March 2026.
func TestTheDefaultReminders(t *testing.T) {
	t.Parallel()
	c := weekend("Europe/Berlin", "2026-04-10", utc("2026-01-05 12:30"))
	for template, want := range map[string][]string{
		// [D23]
		TellPapers: {"2026-03-13 10:00 papers-1", "2026-03-20 10:00 papers-2", "2026-03-23 10:00 papers-3", "2026-03-26 10:00 papers-4"},
		// The two days are spoken of at once [D28].
		TellNoDriver: {"2026-01-06 10:00 no-driver-1", "2026-03-21 10:00 no-driver-2", "2026-03-28 10:00 no-driver-3", "2026-04-01 10:00 no-driver-4", "2026-04-04 10:00 no-driver-5"},
		// [D21]
		TellPreparation: {
			"2026-03-13 10:00 preparation-1", "2026-03-17 10:00 preparation-2", "2026-03-19 10:00 preparation-3", "2026-03-20 17:00 preparation-4",
			"2026-03-27 10:00 preparation-1", "2026-03-31 10:00 preparation-2", "2026-04-02 10:00 preparation-3", "2026-04-03 17:00 preparation-4",
		},
		TellAfterwards:  {"2026-04-13 10:00 afterwards-1"},
		TellIntegration: {"2026-04-13 10:00 integration-1", "2026-04-14 16:00 integration-2"}, // [D32]
	} {
		for partner := range 2 {
			if diff := cmp.Diff(want, reminds(c, template, partner)); diff != "" {
				t.Errorf("%s, partner %d:\n%s", template, partner+1, diff)
			}
		}
	}
	if with := len(Plan(c, noon, DefaultReminders()...)); with-len(Plan(c, noon)) != 2*20 {
		t.Errorf("%d messages with reminders", with)
	}
}

// TestLateJoiners get only the last of what has passed, at once, and then what
// is to come [D41].
func TestLateJoiners(t *testing.T) {
	t.Parallel()
	c := weekend("Europe/Berlin", "2026-04-10", utc("2026-03-31 17:30"))
	for template, want := range map[string][]string{
		TellPapers:      {"2026-03-31 19:30 papers-4"},
		TellNoDriver:    {"2026-04-04 10:00 no-driver-5", "2026-04-01 10:00 no-driver-4"},
		TellPreparation: {"2026-03-31 19:30 preparation-2", "2026-04-02 10:00 preparation-3", "2026-04-03 17:00 preparation-4"},
	} {
		slices.Sort(want)
		if diff := cmp.Diff(want, reminds(c, template, 0)); diff != "" {
			t.Errorf("%s:\n%s", template, diff)
		}
	}
	c.Standing.Since = utc("2026-04-09 20:30") // 22:30 of the evening before
	want := []string{"2026-04-10 10:00 no-driver-1"}
	if diff := cmp.Diff(want, reminds(c, TellNoDriver, 0)); diff != "" {
		t.Errorf("on the evening before:\n%s", diff)
	}
}

// TestRemindersHoldTheirConditions: each is said to those of whom it is so.
func TestRemindersHoldTheirConditions(t *testing.T) {
	t.Parallel()
	given := &booking.Mark{At: noon}
	drives := func(c *booking.Case, session int, at time.Time) {
		s := c.Cohort.Sessions[session]
		c.Booking.Drivers = append(c.Booking.Drivers, booking.Driver{Session: s.ID, Name: "Sam", StartsAt: at})
	}
	for about, c := range map[string]struct {
		template string
		change   func(*booking.Case)
		want     [2]int
	}{
		"nothing is there":        {TellPapers, func(*booking.Case) {}, [2]int{4, 4}},
		"the first has all [D39]": {TellPapers, func(c *booking.Case) { consents(c, 0); c.Booking.Forms[0] = given }, [2]int{0, 4}},
		"the first lacks forms":   {TellPapers, func(c *booking.Case) { consents(c, 0) }, [2]int{4, 4}},
		"one mailbox, the second": {TellPapers, func(c *booking.Case) { consents(c, 0); c.Booking.Forms[0] = given; shareMailbox(c) }, [2]int{4, 0}},
		"consent for other dates": {TellPapers, func(c *booking.Case) {
			consents(c, 0)
			c.Booking.Forms[0] = given
			c.Booking.Consents[0].StartsOn = "2026-01-01"
		}, [2]int{4, 4}},
		"no driver [D24]":           {TellNoDriver, func(*booking.Case) {}, [2]int{5, 5}},
		"a driver on the first day": {TellNoDriver, func(c *booking.Case) { drives(c, 2, c.Cohort.Sessions[2].StartsAt) }, [2]int{5, 5}},
		"drivers on both days": {TellNoDriver, func(c *booking.Case) {
			drives(c, 2, c.Cohort.Sessions[2].StartsAt)
			drives(c, 3, c.Cohort.Sessions[3].StartsAt)
		}, [2]int{}},
		"a driver for another time":  {TellNoDriver, func(c *booking.Case) { drives(c, 2, noon); drives(c, 3, c.Cohort.Sessions[3].StartsAt) }, [2]int{5, 5}},
		"a place that is held":       {TellPapers, func(c *booking.Case) { c.Standing.State = retreats.Held }, [2]int{}},
		"one is not cleared [D11]":   {TellPreparation, func(c *booking.Case) { c.Booking.Clearances[1].State = booking.NotCleared }, [2]int{}},
		"dates that are called off":  {TellPreparation, func(c *booking.Case) { c.Cohort.State = retreats.Cancelled }, [2]int{}},
		"a booking that has ended":   {TellPreparation, func(c *booking.Case) { c.Booking.Cancellation = &booking.Cancellation{At: noon} }, [2]int{}},
		"preparations, both of them": {TellPreparation, func(*booking.Case) {}, [2]int{8, 8}},
	} {
		given := weekend("Europe/Berlin", "2026-04-10", utc("2026-01-05 12:30"))
		c.change(&given)
		if got := [2]int{len(reminds(given, c.template, 0)), len(reminds(given, c.template, 1))}; got != c.want {
			t.Errorf("%s: %v reminders, want %v", about, got, c.want)
		}
	}
}

func consents(c *booking.Case, partner int) {
	c.Booking.Consents[partner] = &booking.Consent{At: noon, StartsOn: c.Cohort.StartsOn}
}

func shareMailbox(c *booking.Case) { c.Booking.Partners[1].Email = c.Booking.Partners[0].Email }

// TestAReminderThatIsOnlyForThoseWhoHaveNotReplied follows each one's own word.
func TestAReminderThatIsOnlyForThoseWhoHaveNotReplied(t *testing.T) {
	t.Parallel()
	c := weekend("UTC", "2026-04-10", utc("2026-01-05 12:30"))
	reminders := DefaultReminders()
	for i := range reminders {
		if reminders[i].Template == TellPreparation {
			reminders[i].While = NotReplied
		}
	}
	c.Booking.Replies = []booking.Reply{{Session: "s1", Partner: 0, StartsAt: c.Cohort.Sessions[0].StartsAt}}
	got := map[int]int{}
	for _, m := range Plan(c, noon, reminders...) {
		if m.Rule == TellPreparation {
			got[m.Partner]++
		}
	}
	if diff := cmp.Diff(map[int]int{0: 4, 1: 8}, got); diff != "" {
		t.Error(diff)
	}
}

// TestWhatIsOff is not planned, and what is of it alone.
func TestWhatIsOff(t *testing.T) {
	t.Parallel()
	c := weekend("UTC", "2026-04-10", utc("2026-01-05 12:30"))
	reminders := DefaultReminders()
	for i := range reminders {
		reminders[i].Off = reminders[i].ID != "afterwards-1"
	}
	if got := len(Plan(c, noon, reminders...)) - len(Plan(c, noon)); got != 2 {
		t.Errorf("%d reminders", got)
	}
}

// TestMovingASessionMovesItsReminders and no others.
func TestMovingASessionMovesItsReminders(t *testing.T) {
	t.Parallel()
	c := weekend("America/Los_Angeles", "2026-04-10", utc("2026-01-05 12:30"))
	ids := func() map[string]bool {
		all := map[string]bool{}
		for _, m := range Plan(c, noon, DefaultReminders()...) {
			all[m.ID] = true
		}
		return all
	}
	for i, template := range []string{TellPreparation, TellPreparation, "", "", TellIntegration} {
		if template == "" {
			continue
		}
		before := ids()
		s := &c.Cohort.Sessions[i]
		s.StartsAt, s.EndsAt = s.StartsAt.Add(24*time.Hour), s.EndsAt.Add(24*time.Hour)
		after, gone := ids(), 0
		for id := range maps.Keys(before) {
			if !after[id] {
				gone++
				if !strings.HasPrefix(id, template+".") || !strings.Contains(id, "."+s.ID+".") {
					t.Errorf("session %s moved, and so did %s", s.ID, id)
				}
			}
		}
		if want := map[string]int{TellPreparation: 8, TellIntegration: 4}[template]; gone != want || len(after) != len(before) {
			t.Errorf("session %s moved: %d of %d reminders did, now %d", s.ID, gone, len(before), len(after))
		}
	}
}

// TestASessionThatMovesNear brings no reminder that could not have been sent.
func TestASessionThatMovesNear(t *testing.T) {
	t.Parallel()
	c := weekend("UTC", "2026-04-10", utc("2026-01-05 12:30"))
	moved := utc("2026-03-30 12:00")
	c.Cohort.RescheduledAt = &moved
	s := &c.Cohort.Sessions[1] // of 3 April
	s.StartsAt = utc("2026-03-31 18:00")
	want := []string{"2026-03-30 10:00 preparation-3", "2026-03-31 17:00 preparation-4"}
	if diff := cmp.Diff(want, reminds(c, TellPreparation, 0)); diff != "" {
		t.Error(diff)
	}
}

var oddZones = []string{
	"UTC", "America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Chatham", "Pacific/Kiritimati", "America/St_Johns",
}

// TestRemindersHoldTheirRules for any dates, zones, drivers, papers and times of
// joining, and any set of reminders.
func TestRemindersHoldTheirRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(oddZones).Draw(t, "zone")
		start := rapid.SampledFrom([]civil.Date{"2026-03-29", "2026-10-25", "2026-04-10", "2026-10-04"}).Draw(t, "start").AddDays(rapid.IntRange(0, 40).Draw(t, "days"))
		since := start.At("00:00", time.UTC).Add(-time.Duration(rapid.IntRange(1, 90*24*60).Draw(t, "before")) * time.Minute)
		c := weekend(zone, start, since)
		for i := range c.Booking.Partners {
			c.Booking.Partners[i].Zone = rapid.SampledFrom(oddZones).Draw(t, "own zone")
			if rapid.Bool().Draw(t, "consents") {
				consents(&c, i)
				c.Booking.Forms[i] = &booking.Mark{At: since}
			}
		}
		named := rapid.Bool().Draw(t, "driver")
		for _, s := range c.Cohort.Sessions {
			if named && s.Kind == retreats.Medicine {
				c.Booking.Drivers = append(c.Booking.Drivers, booking.Driver{Session: s.ID, StartsAt: s.StartsAt})
			}
		}
		reminders := DefaultReminders()
		for i := range reminders {
			r := &reminders[i]
			r.Late = rapid.SampledFrom([]Late{LateNearest, LateSkip, LateSendNow}).Draw(t, "late")
			if r.Clock != "" {
				r.Clock = civil.Clock(fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 23).Draw(t, "hour"), rapid.SampledFrom([]int{0, 30}).Draw(t, "minute")))
			}
		}
		messages := Plan(c, noon, reminders...)
		known := map[string]bool{}
		for _, m := range messages {
			if known[m.ID] {
				t.Fatalf("%s is planned twice", m.ID)
			}
			known[m.ID] = true
			if !slices.Contains(Templates, m.Rule) {
				continue
			}
			if !m.DueAt.Before(m.UsefulUntil) {
				t.Fatalf("%s is due %s, of use until %s", m.ID, m.DueAt, m.UsefulUntil)
			}
			if m.DueAt.Before(since) {
				t.Fatalf("%s is due %s, before the couple came at %s", m.ID, m.DueAt, since)
			}
			own := civil.ZoneOrUTC(c.Booking.Partners[m.Partner].Zone)
			if !mailHours.areOpen(m.DueAt, own) && mailHours.next(m.DueAt, own).Before(m.UsefulUntil) {
				t.Fatalf("%s is due at %s of its reader and could wait until %s [D34]", m.ID, m.DueAt.In(own), m.UsefulUntil.In(own))
			}
			if m.Rule == TellNoDriver && named || m.Rule == TellPapers && c.Booking.Consents[m.Partner] != nil {
				t.Fatalf("%s says what is not so", m.ID)
			}
			if _, ok := occasionOf(c, m, reminders); !ok {
				t.Fatalf("%s would not be sent", m.ID)
			}
		}
		if diff := cmp.Diff(messages, Plan(c, noon, reminders...)); diff != "" {
			t.Fatalf("planned again it differs:\n%s", diff)
		}
	})
}

// BenchmarkPlan: messages planned a second, without the store.
func BenchmarkPlan(b *testing.B) {
	c := weekend("Europe/Berlin", "2026-04-10", utc("2026-01-05 12:30"))
	reminders, planned := DefaultReminders(), 0
	for b.Loop() {
		planned += len(Plan(c, noon, reminders...))
	}
	b.ReportMetric(float64(planned)/b.Elapsed().Seconds(), "messages/s")
}

// TestWhatAReminderOfPapersSays: by when, and that this has passed [D23].
func TestWhatAReminderOfPapersSays(t *testing.T) {
	t.Parallel()
	c := weekend("Europe/Berlin", "2026-04-10", utc("2026-01-05 12:30"))
	c.Booking.Forms[0] = &booking.Mark{At: noon}
	overdue := map[string]bool{}
	for _, m := range Plan(c, noon, DefaultReminders()...) {
		if m.Rule != TellPapers || m.Partner != 0 {
			continue
		}
		o, _ := occasionOf(c, m, DefaultReminders())
		data := MailData{readers: []int{0}}
		o.tell(&data)
		if !data.Consent || data.Forms || data.By != "Friday 20 March 2026" {
			t.Errorf("%s says %+v", m.ID, data.ReminderWords)
		}
		overdue[o.reminder] = data.Overdue
	}
	if diff := cmp.Diff(map[string]bool{"papers-1": false, "papers-2": false, "papers-3": true, "papers-4": true}, overdue); diff != "" {
		t.Error(diff)
	}
}
