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

// The promises about reminders, for any that organizers can write.

// changeDays begin near where clocks change: 29 March and 25 October 2026 in
// Europe, 8 March and 1 November in America, 5 April and 4 October in Australia.
var changeDays = []civil.Date{"2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-05", "2026-10-04", "2026-07-10"}

var onDuty = []Reader{{ID: "p1", Name: "Robin", Email: "robin@example.org"}, {ID: "p2", Name: "Kim", Email: "kim@example.org"}}

// anyOwn draws a reminder that organizers could have written: one that passes
// their own check.
func anyOwn(t *rapid.T, i int) Reminder {
	pick := func(name string, n int) int { return rapid.IntRange(0, n-1).Draw(t, name) }
	r := Reminder{
		ID: fmt.Sprintf("own-%d", i), Template: Templates[pick("template", len(Templates))], Anchor: Anchors[pick("anchor", len(Anchors))],
		Sessions: SessionKinds[pick("kind", len(SessionKinds))], To: Audiences[pick("to", len(Audiences))], While: Conditions[pick("while", len(Conditions))],
		Late: Lates[pick("late", len(Lates))], After: rapid.Bool().Draw(t, "after"), UsefulHours: rapid.SampledFrom([]int{0, 0, 3, 100}).Draw(t, "useful"),
		Text: rapid.Bool().Draw(t, "text"), Beside: rapid.Bool().Draw(t, "beside"),
		Subject: "A word for {day}", Body: "Hello {name}, see {link}.", Short: "We meet on {day}.",
	}
	if rapid.Bool().Draw(t, "clock") {
		r.Clock = civil.Clock(fmt.Sprintf("%02d:%02d", pick("hour", 24), 15*pick("quarter", 4)))
		r.Days = pick("days", 40)
	} else {
		r.Minutes = pick("minutes", 1441)
	}
	r.After = r.After && r.Anchor != AtOfferEnd
	if r = r.tidy(); !r.After {
		r.Days, r.Minutes = -r.Days, -r.Minutes
	}
	switch { // what would nearly never fit by chance
	case r.To == ToDriver:
		r.Sessions, r.Template = retreats.Medicine, TellNote
		if !r.isOfSessions() {
			r.Anchor = AtPickUp
		}
	case r.Anchor == AtPickUp:
		r.Anchor, r.Sessions = AtCohortStart, ""
	}
	if r.While == NotReplied && r.To != ToDriver && !r.After {
		r.Anchor, r.Sessions = AtSessionStart, retreats.Preparation
	}
	if len(r.check("Cedar House")) > 0 {
		r.Template, r.Subject, r.Body, r.Short, r.Text, r.Beside = TellNote, "A word for {day}", "Hello {name}, see {link}.", "", false, false
	}
	if len(r.check("Cedar House")) > 0 {
		r.While = ""
	}
	if faults := r.check("Cedar House"); len(faults) > 0 {
		return Reminder{}
	}
	return r
}

// anyCase draws a couple in any standing, in dates with all kinds of sessions.
func anyCase(t *rapid.T) booking.Case {
	zone := rapid.SampledFrom(oddZones).Draw(t, "zone")
	start := rapid.SampledFrom(changeDays).Draw(t, "start").AddDays(rapid.IntRange(-3, 30).Draw(t, "days"))
	since := start.At("00:00", time.UTC).Add(-time.Duration(rapid.IntRange(1, 60*24*60).Draw(t, "before")) * time.Minute)
	c := weekend(zone, start, since)
	for i, kind := range []retreats.SessionKind{retreats.Gathering, retreats.Consultation} {
		at := start.AddDays(i*-2).At("11:00", c.Cohort.Location())
		c.Cohort.Sessions = append(c.Cohort.Sessions, retreats.Session{ID: fmt.Sprintf("s%d", 6+i), Kind: kind, StartsAt: at, EndsAt: at.Add(time.Hour)})
	}
	for i := range c.Booking.Partners {
		c.Booking.Partners[i].Zone = rapid.SampledFrom(oddZones).Draw(t, "own zone")
		if rapid.Bool().Draw(t, "consents") {
			consents(&c, i)
		}
		if rapid.Bool().Draw(t, "forms") {
			c.Booking.Forms[i] = &booking.Mark{At: since}
		}
		if rapid.Bool().Draw(t, "texts") {
			wantsTexts(c.Booking, i, fmt.Sprintf("+1415555017%d", i))
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "one mailbox") == 0 {
		shareMailbox(&c)
	}
	c.Booking.Price = money.Of(480000, "USD")
	c.Booking.Charges = []booking.Charge{{ID: booking.DepositCharge, Amount: money.Of(96000, "USD"), DueAt: since}}
	for i := range rapid.IntRange(0, 2).Draw(t, "charges") {
		id := booking.InstalmentCharge(i + 1)
		c.Booking.Charges = append(c.Booking.Charges, booking.Charge{ID: id, Amount: money.Of(100000, "USD"), DueAt: c.Cohort.DueBefore(10 * (i + 1))})
		if rapid.Bool().Draw(t, "paid") {
			pay(c.Booking, id, 100000, since)
		}
	}
	for _, s := range c.Cohort.Sessions {
		if s.Kind == retreats.Preparation && rapid.Bool().Draw(t, "replied") {
			c.Booking.Replies = append(c.Booking.Replies, booking.Reply{Session: s.ID, Partner: rapid.IntRange(0, 1).Draw(t, "who"), StartsAt: s.StartsAt})
		}
		if s.Kind != retreats.Medicine || !rapid.Bool().Draw(t, "driver") {
			continue
		}
		d := booking.Driver{Session: s.ID, Name: "Sam", Email: "sam@example.org", LinkHash: "h", NamedAt: since, StartsAt: s.StartsAt}
		if answer := rapid.SampledFrom([]booking.DriverAnswer{booking.DriverUnanswered, booking.DriverYes, booking.DriverNo}).Draw(t, "answer"); answer != "" {
			d.Answer, d.AnsweredFor = answer, s.StartsAt
		}
		c.Booking.Drivers = append(c.Booking.Drivers, d)
	}
	stand(t, &c)
	return c
}

// stand lets the couple have its place, mostly; or wait, have an offer, or have
// gone.
func stand(t *rapid.T, c *booking.Case) {
	since := c.Standing.Since
	switch rapid.SampledFrom([]string{"placed", "placed", "placed", "waits", "offered", "offered", "gone", "called off", "refused"}).Draw(t, "standing") {
	case "waits":
		c.Standing.State, c.Booking.JoinedAt = retreats.WaitingOn, &since
	case "offered":
		until := since.Add(48 * time.Hour)
		c.Standing.State, c.Standing.Until, c.Booking.JoinedAt = retreats.Offered, &until, &since
	case "gone":
		c.Booking.Cancellation = &booking.Cancellation{At: since}
	case "called off":
		c.Cohort.State = retreats.Cancelled
	case "refused":
		c.Booking.Clearances[1].State = booking.NotCleared
	}
}

// isSo is what a reminder's condition says of those who read the message,
// written down a second time.
func isSo(c booking.Case, r Reminder, s string, partner int) bool {
	b := c.Booking
	drivers := func(fits func(booking.Driver, retreats.Session) bool) bool {
		for _, session := range c.Cohort.Sessions {
			if session.Kind != retreats.Medicine || r.Sessions == retreats.Medicine && r.IsOwn() && session.ID != s {
				continue
			}
			i := slices.IndexFunc(b.Drivers, func(d booking.Driver) bool { return d.Session == session.ID })
			if i < 0 || !fits(b.Drivers[i], session) {
				return false
			}
		}
		return true
	}
	named := func(d booking.Driver, session retreats.Session) bool { return d.StartsAt.Equal(session.StartsAt) }
	yes := func(d booking.Driver, session retreats.Session) bool {
		return d.Answer == booking.DriverYes && d.AnsweredFor.Equal(session.StartsAt)
	}
	switch r.While {
	case DriverNotNamed:
		return !drivers(named)
	case DriverNotConfirmed:
		return !drivers(yes)
	case NotReplied:
		return !slices.ContainsFunc(b.Replies, func(reply booking.Reply) bool { return reply.Session == s && reply.Partner == partner })
	case ConsentMissing:
		return b.Consents[partner] == nil
	case FormsMissing:
		return b.Forms[partner] == nil
	case PapersMissing:
		return b.Forms[partner] == nil || b.Consents[partner] == nil
	case BalanceUnpaid:
		return len(b.Charges) > len(b.Payments)+1
	}
	return true
}

// checkReminder says what is wrong with one message that is planned, if anything.
func checkReminder(c booking.Case, m Message, r Reminder) string {
	confirmed := c.Standing.State == retreats.Confirmed
	channelHours, zone := mailHours, civil.ZoneOrUTC(c.Booking.Partners[m.Partner].Zone)
	if m.Channel == ByText {
		channelHours = textHours
	}
	if m.Driver != "" || m.Reader != "" {
		zone = c.Cohort.Location()
	}
	var session string
	if parts := strings.Split(m.ID, "."); len(parts) > 3 {
		session = parts[3]
	}
	readers := []int{m.Partner}
	if sharesMailbox(c.Booking) && !m.Beside || m.Reader != "" {
		readers = []int{0, 1}
	}
	switch {
	case c.Booking.IsOver() || c.Cohort.State == retreats.Cancelled:
		return "is for a couple that is gone"
	case (r.Anchor == AtJoined) != (c.Standing.State == retreats.WaitingOn) || (r.Anchor == AtOfferEnd) != (c.Standing.State == retreats.Offered):
		return "is for a couple that stands otherwise"
	case confirmed && c.Booking.IsNotCleared():
		return "is for a couple of whom one is refused"
	case !m.DueAt.Before(m.UsefulUntil):
		return "is due when it is of no use any more"
	case m.DueAt.Before(c.Standing.Since) && m.Channel == ByMail:
		return "is due before the couple came"
	case !channelHours.areOpen(m.DueAt, zone) && channelHours.next(m.DueAt, zone).Before(m.UsefulUntil):
		return "comes at night and could wait [D34]"
	case m.Channel == ByText && !(r.Text || r.Beside):
		return "comes by text"
	case (m.Reader != "") != (r.To == ToStaff) || (m.Driver != "") != (r.To == ToDriver):
		return "is for somebody else"
	case m.Driver == "" && !slices.ContainsFunc(readers, func(partner int) bool { return isSo(c, r, session, partner) }):
		return "says what is not so"
	}
	return ""
}

// TestRemindersOfOrganizersHoldTheirPromises: no id twice, none whose condition
// does not hold, none at night, none past its use, whatever organizers write.
func TestRemindersOfOrganizersHoldTheirPromises(t *testing.T) {
	t.Parallel()
	came := 0
	rapid.Check(t, func(t *rapid.T) {
		c := anyCase(t)
		reminders := DefaultReminders()
		for i := range rapid.IntRange(12, 20).Draw(t, "own") {
			if r := anyOwn(t, i); r.ID != "" {
				reminders = append(reminders, r)
			}
		}
		messages, known := planFor(c, noon, reminders, onDuty), map[string]bool{}
		for _, m := range messages {
			if known[m.ID] {
				t.Fatalf("%s is planned twice", m.ID)
			}
			known[m.ID] = true
			if !slices.Contains(Templates, m.Rule) {
				continue
			}
			o, ok := occasionOf(c, m, reminders)
			i := slices.IndexFunc(reminders, func(r Reminder) bool { return r.ID == o.reminder })
			if !ok || i < 0 {
				t.Fatalf("%s would not be sent", m.ID)
			}
			if wrong := checkReminder(c, m, reminders[i]); wrong != "" {
				t.Fatalf("%s %s: due %s, of use until %s, of %+v", m.ID, wrong, m.DueAt, m.UsefulUntil, reminders[i])
			}
			if reminders[i].IsOwn() {
				came++
			}
		}
		if diff := cmp.Diff(messages, planFor(c, noon, reminders, onDuty)); diff != "" {
			t.Fatalf("planned again it differs:\n%s", diff)
		}
	})
	if came < 100 {
		t.Errorf("only %d were ever planned", came)
	}
}

// TestMovingASessionMovesExactlyItsReminders of any that organizers write.
func TestMovingASessionMovesExactlyItsReminders(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyCase(t)
		c.Booking.Drivers = nil // who drives after a session that moves has to be asked anew
		reminders := DefaultReminders()
		for i := range rapid.IntRange(1, 8).Draw(t, "own") {
			if r := anyOwn(t, i); r.ID != "" {
				reminders = append(reminders, r)
			}
		}
		plan := func() map[string]Message {
			all := map[string]Message{}
			for _, m := range planFor(c, noon, reminders, onDuty) {
				all[m.ID] = m
			}
			return all
		}
		before := plan()
		s := &c.Cohort.Sessions[rapid.SampledFrom([]int{0, 1, 4, 5, 6}).Draw(t, "session")]
		by := time.Duration(rapid.IntRange(1, 100).Draw(t, "hours")) * time.Hour
		was := *s
		s.StartsAt, s.EndsAt = s.StartsAt.Add(by), s.EndsAt.Add(by)
		after := plan()
		for id, m := range before {
			now, there := after[id]
			switch {
			case !slices.Contains(Templates, m.Rule):
			case strings.Contains(id, "."+s.ID+"."+keyOf(was.StartsAt)):
				if there {
					t.Fatalf("%s stays", id)
				}
			case !there || !now.DueAt.Equal(m.DueAt) || !now.UsefulUntil.Equal(m.UsefulUntil):
				t.Fatalf("%s moved, and so did %s", s.ID, id)
			}
		}
		for id, m := range after {
			if _, there := before[id]; !there && slices.Contains(Templates, m.Rule) && !strings.Contains(id, "."+s.ID+"."+keyOf(s.StartsAt)) {
				t.Fatalf("%s moved, and %s came of it", s.ID, id)
			}
		}
	})
}
