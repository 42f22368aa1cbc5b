package notifications

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/retreats"
)

// note is a reminder that organizers could write, two days before each
// preparation session at ten.
func note(change func(*Reminder)) Reminder {
	r := Reminder{
		Template: TellNote, Anchor: AtSessionStart, Sessions: retreats.Preparation, Days: -2, Clock: ten, Late: LateNearest,
		Subject: "We meet on {day}", Body: "Bring warm socks, {name}.",
	}
	change(&r)
	return r
}

func asIt(*Reminder) {}

// TestWhatOrganizersCannotWrite is named by field.
func TestWhatOrganizersCannotWrite(t *testing.T) {
	t.Parallel()
	for about, c := range map[string]struct {
		change      func(*Reminder)
		field, says string // empty for what is right
	}{
		"nothing wrong":                     {asIt, "", ""},
		"nothing to count from":             {func(r *Reminder) { r.Anchor = "full moon" }, "anchor", "counted from"},
		"no kind of sessions":               {func(r *Reminder) { r.Sessions = "" }, "sessions", "which sessions"},
		"a year and a day":                  {func(r *Reminder) { r.Days = -366 }, "days", "0 to 365"},
		"days in the wrong direction":       {func(r *Reminder) { r.Days = 2 }, "days", "before"},
		"no time of day":                    {func(r *Reminder) { r.Clock = "25:00" }, "clock", "time of day"},
		"minutes of two days":               {func(r *Reminder) { r.Clock, r.Minutes = "", -2880 }, "minutes", "1 to 1440"},
		"after an offer":                    {func(r *Reminder) { r.Anchor, r.After, r.Days = AtOfferEnd, true, 2 }, "direction", "before it ends"},
		"a pick-up of the couple":           {func(r *Reminder) { r.Anchor = AtPickUp }, "anchor", "Only drivers"},
		"a driver of the last day":          {func(r *Reminder) { r.To, r.Anchor = ToDriver, AtCohortEnd }, "to", "medicine session"},
		"nobody who reads":                  {func(r *Reminder) { r.To = "the world" }, "to", "who reads"},
		"papers of a driver":                {func(r *Reminder) { r.To, r.Sessions, r.While = ToDriver, retreats.Medicine, FormsMissing }, "while", "said yes"},
		"papers of those who wait":          {func(r *Reminder) { r.Anchor, r.While = AtJoined, FormsMissing; r.Days = 1 }, "while", "without a place"},
		"replies to other sessions":         {func(r *Reminder) { r.Sessions, r.While = retreats.Integration, NotReplied }, "while", "preparation"},
		"no such condition":                 {func(r *Reminder) { r.While = "it rains" }, "while", "what has to be so"},
		"the words of another occasion":     {func(r *Reminder) { r.Template = TellIntegration }, "template", "integration"},
		"words that there are not":          {func(r *Reminder) { r.Template = "sonnet" }, "template", "what it says"},
		"a text about money [D14]":          {func(r *Reminder) { r.Anchor, r.Text, r.Short = AtChargeDue, true, "Soon." }, "by", "mail alone"},
		"a text to staff":                   {func(r *Reminder) { r.To, r.Beside, r.Short = ToStaff, true, "Soon." }, "by", "mail alone"},
		"hours without end":                 {func(r *Reminder) { r.UsefulHours = 5000 }, "useful", "at most 1440"},
		"no late":                           {func(r *Reminder) { r.Late = "perhaps" }, "late", "come late"},
		"no subject":                        {func(r *Reminder) { r.Subject = " " }, "subject", "what it says"},
		"a long subject":                    {func(r *Reminder) { r.Subject = strings.Repeat("a", 101) }, "subject", "101 characters, and 100"},
		"a subject with a name [D38]":       {func(r *Reminder) { r.Subject = "For {name}" }, "subject", "{name} cannot be filled in here. What can be: {practice}, {day}, {time}"},
		"a telling subject [D38]":           {func(r *Reminder) { r.Subject = "Your Retreat" }, "subject", "“retreat”"},
		"no text":                           {func(r *Reminder) { r.Body = "\n" }, "body", "what it says"},
		"an endless text":                   {func(r *Reminder) { r.Body = strings.Repeat("a", 4001) }, "body", "4001 characters"},
		"an unknown placeholder":            {func(r *Reminder) { r.Body = "Dear {{.Name}} and {nme}" }, "body", "{nme}"},
		"an amount where nothing is due":    {func(r *Reminder) { r.Body = "Pay {amount}" }, "body", "{amount}"},
		"a telling text to a driver [D31]":  {func(r *Reminder) { r.To, r.Sessions, r.Body = ToDriver, retreats.Medicine, "After their medicine" }, "body", "“medicine”"},
		"the couple may read it":            {func(r *Reminder) { r.Body = "About the medicine" }, "", ""},
		"no text message":                   {func(r *Reminder) { r.Text = true }, "short", "what it says"},
		"a telling text message [D38]":      {func(r *Reminder) { r.Text, r.Short = true, "Our clinic waits." }, "short", "“clinic”"},
		"a text message with a link":        {func(r *Reminder) { r.Text, r.Short = true, "See {link}" }, "short", "{link}"},
		"a text message in other letters":   {func(r *Reminder) { r.Text, r.Short = true, "До встречи" }, "short", "plain letters"},
		"a text message that is too long":   {func(r *Reminder) { r.Text, r.Short = true, strings.Repeat("a", 131) }, "short", "161 characters, and 160 fit. Please make it 1 shorter."},
		"a text message that just fits":     {func(r *Reminder) { r.Text, r.Short = true, strings.Repeat("a", 130) }, "", ""},
		"a text message with a long day":    {func(r *Reminder) { r.Text, r.Short = true, strings.Repeat("a", 115)+" {day}" }, "short", "characters"},
		"what is of no meaning falls away":  {func(r *Reminder) { r.Short = "Our clinic" }, "", ""},
		"an amount of a charge, and a time": {func(r *Reminder) { r.Anchor, r.Body = AtChargeDue, "{amount} is due on {day}, {time}" }, "", ""},
	} {
		set := newReminderSet("co")
		r, err := set.Write(note(c.change), "own-1", "Cedar House", 0, robin, noon)
		if c.field == "" {
			if _, ok := set.reminder(r.ID); err != nil || !ok || set.Version != 1 || set.ReplanAt == nil || len(set.Trail) != 1 {
				t.Errorf("%s: %v", about, fault.FieldsOf(err))
			}
			continue
		}
		if got := fault.FieldsOf(err); !strings.Contains(got[c.field], c.says) || len(got) != 1 || set.Version != 0 || len(set.own()) != 0 {
			t.Errorf("%s: %v", about, got)
		}
	}
}

// TestASetOfReminders is added to, changed, copied and brought back, each with
// its line in the trail.
func TestASetOfReminders(t *testing.T) {
	t.Parallel()
	set := newReminderSet("co")
	first, err := set.Write(note(asIt), "own-1", "Cedar House", 0, robin, noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := set.Write(note(asIt), "own-2", "Cedar House", 0, robin, noon); fault.KindOf(err) != fault.Conflict {
		t.Errorf("written over what somebody else had changed: %v", err)
	}
	first.Days = -4
	if _, err := set.Write(first, "own-9", "Cedar House", 1, robin, noon); err != nil || len(set.own()) != 1 || set.own()[0].Days != -4 {
		t.Errorf("changed: %v, %v", err, set.own())
	}
	if _, err := set.Write(first, "own-9", "Cedar House", 2, robin, noon); err != nil || set.Version != 2 {
		t.Errorf("nothing changed: %v, version %d", err, set.Version)
	}
	papers, _ := set.reminder("papers-1")
	papers.To, papers.Template, papers.Late = ToStaff, TellNote, LateSkip
	if got, err := set.Write(papers, "own-9", "Cedar House", 2, robin, noon); err != nil || got.To != ToPartners || got.Template != TellPapers || got.Late != LateSkip {
		t.Errorf("one that all have: %+v, %v", got, err)
	}
	if err := set.Remove("papers-1", 3, robin, noon); fault.KindOf(err) != fault.Conflict {
		t.Errorf("one that all have is removed: %v", err)
	}
	stored := *set
	stored.complete()
	if diff := cmp.Diff(set.Reminders, stored.Reminders); diff != "" {
		t.Errorf("after an upgrade:\n%s", diff)
	}
	other := newReminderSet("other")
	if err := other.Take(set.Reminders, []string{"own-7"}, "those of May", 0, robin, noon); err != nil || other.own()[0].ID != "own-7" || other.own()[0].Days != -4 {
		t.Errorf("copied: %v, %v", other.own(), err)
	}
	if err := set.Remove("own-1", 3, robin, noon); err != nil || len(set.own()) != 0 {
		t.Errorf("removed: %v", err)
	}
	if err := other.Take(DefaultReminders(), nil, "those that all have", 1, robin, noon); err != nil || !slices.Equal(other.Reminders, DefaultReminders()) {
		t.Errorf("brought back: %v", err)
	}
	var lines []string
	for _, line := range append(set.Trail, other.Trail...) {
		lines = append(lines, line.What)
	}
	want := []string{
		"reminder added: in your own words", "reminder: in your own words", "reminder: consent and forms", "reminder removed: in your own words",
		"all reminders", "all reminders",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

// ownDues says when what a note comes to is due for the first partner, by the
// clocks of the place.
func ownDues(c booking.Case, r Reminder, onDuty ...Reader) []string {
	r.ID = "own-1"
	var lines []string
	for _, m := range planFor(c, noon, []Reminder{r}, onDuty) {
		if m.Rule == r.Template && m.Partner == 0 {
			lines = append(lines, m.DueAt.In(c.Cohort.Location()).Format("2006-01-02 15:04"))
		}
	}
	slices.Sort(lines)
	return lines
}

// TestWhatRemindersAreCountedFrom, over the spring change of 29 March 2026.
func TestWhatRemindersAreCountedFrom(t *testing.T) {
	t.Parallel()
	placed := weekend("Europe/Berlin", "2026-04-10", utc("2026-01-05 12:30"))
	since := utc("2026-03-28 09:00")
	waits := weekend("Europe/Berlin", "2026-04-10", since)
	waits.Standing.State, waits.Booking.JoinedAt = retreats.WaitingOn, &since
	offered := waits
	until := since.Add(48 * time.Hour)
	offered.Standing.State, offered.Standing.Until = retreats.Offered, &until
	owes := paying("2026-04-10", utc("2026-01-05 12:30"), 30)
	driven := weekend("Europe/Berlin", "2026-04-10", utc("2026-01-05 12:30"))
	driven.Booking.Drivers = []booking.Driver{{Session: "s3", Name: "Sam", Email: "sam@example.org", LinkHash: "h", StartsAt: driven.Cohort.Sessions[2].StartsAt}}
	from := func(anchor Anchor, kind retreats.SessionKind, days int, after bool) Reminder {
		return note(func(r *Reminder) {
			r.Anchor, r.Sessions, r.Days, r.After, r.Subject = anchor, kind, days, after, "A word"
		})
	}
	to := func(r Reminder, who Audience) Reminder { r.To = who; return r }
	for about, c := range map[string]struct {
		c    booking.Case
		r    Reminder
		want []string
	}{
		"each medicine session":       {placed, from(AtSessionStart, retreats.Medicine, -3, false), []string{"2026-04-08 10:00", "2026-04-09 10:00"}},
		"the end of an integration":   {placed, from(AtSessionEnd, retreats.Integration, 2, true), []string{"2026-04-16 10:00"}},
		"the same day, but not early": {placed, from(AtSessionEnd, retreats.Integration, 0, true), []string{"2026-04-14 19:30"}},
		"before the first day":        {placed, from(AtCohortStart, "", -12, false), []string{"2026-03-29 10:00"}},
		"on the last day":             {placed, from(AtCohortEnd, "", 0, false), []string{"2026-04-12 10:00"}},
		"after the last day":          {placed, from(AtCohortEnd, "", 1, true), []string{"2026-04-13 10:00"}},
		"their place":                 {placed, from(AtConfirmed, "", 2, true), []string{"2026-01-07 10:00"}},
		"a payment":                   {owes, from(AtChargeDue, "", -1, false), []string{"2026-03-10 10:00"}},
		"a payment that is late":      {owes, from(AtChargeDue, "", 3, true), []string{"2026-03-14 10:00"}},
		"the waitlist":                {waits, from(AtJoined, "", 1, true), []string{"2026-03-29 10:00"}},
		"who does not wait":           {placed, from(AtJoined, "", 1, true), nil},
		"an offer":                    {offered, from(AtOfferEnd, "", -1, false), []string{"2026-03-29 10:00"}},
		"who has no offer":            {waits, from(AtOfferEnd, "", -1, false), nil},
		"a driver, of each session":   {driven, to(from(AtPickUp, retreats.Medicine, -1, false), ToDriver), []string{"2026-04-10 10:00"}},
		"staff":                       {placed, to(from(AtCohortStart, "", -1, false), ToStaff), []string{"2026-04-09 10:00", "2026-04-09 10:00"}},
	} {
		if diff := cmp.Diff(c.want, ownDues(c.c, c.r, onDuty...)); diff != "" {
			t.Errorf("%s:\n%s", about, diff)
		}
	}
	if got := ownDues(placed, to(from(AtCohortStart, "", -1, false), ToStaff)); got != nil {
		t.Errorf("with nobody on duty: %v", got)
	}
}

// TestClocksThatChange: ten o'clock stays ten o'clock on both sides of each
// change of 2026, and the hours between are what clocks say.
func TestClocksThatChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone   string
		day    civil.Date // clocks change early on it
		before time.Duration
	}{
		{"Europe/Berlin", "2026-03-29", 23 * time.Hour}, {"Europe/Berlin", "2026-10-25", 25 * time.Hour},
		{"America/Los_Angeles", "2026-03-08", 23 * time.Hour}, {"America/Los_Angeles", "2026-11-01", 25 * time.Hour},
		{"America/St_Johns", "2026-03-08", 23 * time.Hour}, {"America/St_Johns", "2026-11-01", 25 * time.Hour},
		{"Australia/Lord_Howe", "2026-10-04", 23*time.Hour + 30*time.Minute}, {"Australia/Lord_Howe", "2026-04-05", 24*time.Hour + 30*time.Minute},
		{"Asia/Kathmandu", "2026-03-29", 24 * time.Hour},
	} {
		with := weekend(c.zone, c.day.AddDays(7), c.day.AddDays(-60).At(ten, time.UTC))
		of := func(days int, clock civil.Clock) time.Time {
			r := note(func(r *Reminder) {
				r.ID, r.Anchor, r.Sessions, r.Days, r.Clock = "own-1", AtCohortStart, "", days, clock
			})
			for _, m := range Plan(with, noon, r) {
				if m.Rule == TellNote {
					return m.DueAt
				}
			}
			t.Fatalf("%s %s: nothing is planned", c.zone, c.day)
			return time.Time{}
		}
		eve, day := of(-8, ten), of(-7, ten)
		if got := day.Sub(eve); got != c.before {
			t.Errorf("%s %s: %s between ten and ten", c.zone, c.day, got)
		}
		zone := with.Cohort.Location()
		for _, at := range []time.Time{eve, day, of(-6, ten)} {
			if got := at.In(zone).Format("15:04"); got != "10:00" {
				t.Errorf("%s %s: it comes at %s", c.zone, c.day, got)
			}
		}
		// The hour that there is not, or is twice, is at night: it waits for the morning [D34].
		if got := of(-7, "02:30").In(zone).Format("15:04"); got != "07:00" {
			t.Errorf("%s %s: what is due at 2:30 comes at %s", c.zone, c.day, got)
		}
	}
}

// TestLateJoinersOfOwnReminders get what each reminder says of them [D41].
func TestLateJoinersOfOwnReminders(t *testing.T) {
	t.Parallel()
	c := weekend("UTC", "2026-04-10", utc("2026-04-05 12:30"))
	for late, want := range map[Late][]string{
		LateNearest: {"2026-04-05 12:30 own-2", "2026-04-08 10:00 own-3"},
		LateSendNow: {"2026-04-05 12:30 own-1", "2026-04-05 12:30 own-2", "2026-04-08 10:00 own-3"},
		LateSkip:    {"2026-04-08 10:00 own-3"},
	} {
		var reminders []Reminder
		for i, days := range []int{-20, -10, -2} {
			reminders = append(reminders, note(func(r *Reminder) {
				r.ID, r.Anchor, r.Sessions, r.Days, r.Late = "own-"+string(rune('1'+i)), AtCohortStart, "", days, late
			}))
		}
		var got []string
		for _, m := range Plan(c, noon, reminders...) {
			if m.Rule == TellNote && m.Partner == 0 {
				got = append(got, m.DueAt.Format("2006-01-02 15:04 ")+strings.Split(m.ID, ".")[2])
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", late, diff)
		}
	}
}

// TestTheMaterial is told of on the day it is handed out, where there is some.
func TestTheMaterial(t *testing.T) {
	t.Parallel()
	c := weekend("Europe/Berlin", "2026-04-10", utc("2026-01-05 12:30"))
	if got := reminds(c, TellMaterial, 0); got != nil {
		t.Errorf("without any: %v", got)
	}
	c.Cohort.Material = "Read this."
	c.Cohort.MaterialDays = 2
	if diff := cmp.Diff([]string{"2026-04-14 10:00 material-1"}, reminds(c, TellMaterial, 1)); diff != "" {
		t.Error(diff)
	}
	c.Cohort.MaterialDays = 0
	if diff := cmp.Diff([]string{"2026-04-12 11:00 material-1"}, reminds(c, TellMaterial, 0)); diff != "" {
		t.Errorf("as soon as it is over:\n%s", diff)
	}
}

// TestConditionsOfOwnReminders: how many get a note while something is lacking,
// and once it is there.
func TestConditionsOfOwnReminders(t *testing.T) {
	t.Parallel()
	drives := func(answer booking.DriverAnswer) func(*booking.Case) {
		return func(c *booking.Case) {
			for _, s := range c.Cohort.Sessions {
				if s.Kind == retreats.Medicine {
					c.Booking.Drivers = append(c.Booking.Drivers, booking.Driver{Session: s.ID, StartsAt: s.StartsAt, Answer: answer, AnsweredFor: s.StartsAt})
				}
			}
		}
	}
	for about, c := range map[string]struct {
		while    Condition
		sessions retreats.SessionKind
		there    func(*booking.Case)
		want     [2]int
	}{
		"a driver is named":      {DriverNotNamed, "", drives(booking.DriverUnanswered), [2]int{2, 0}},
		"a named driver is mute": {DriverNotConfirmed, "", drives(booking.DriverUnanswered), [2]int{2, 2}},
		"a driver says no":       {DriverNotConfirmed, retreats.Medicine, drives(booking.DriverNo), [2]int{4, 4}},
		"a driver says yes":      {DriverNotConfirmed, retreats.Medicine, drives(booking.DriverYes), [2]int{4, 0}},
		"one consents":           {ConsentMissing, "", func(c *booking.Case) { consents(c, 0) }, [2]int{2, 1}},
		"one sends forms":        {FormsMissing, "", func(c *booking.Case) { c.Booking.Forms[1] = &booking.Mark{At: noon} }, [2]int{2, 1}},
		"one lacks only forms":   {PapersMissing, "", func(c *booking.Case) { consents(c, 0) }, [2]int{2, 2}},
		"one says that they come": {NotReplied, retreats.Preparation, func(c *booking.Case) {
			c.Booking.Replies = []booking.Reply{{Session: "s1", Partner: 0, StartsAt: c.Cohort.Sessions[0].StartsAt}}
		}, [2]int{4, 3}},
		"all is paid": {BalanceUnpaid, "", func(c *booking.Case) { pay(c.Booking, booking.InstalmentCharge(1), 100000, noon) }, [2]int{2, 0}},
	} {
		r := note(func(r *Reminder) {
			r.ID, r.While, r.Sessions = "own-1", c.while, c.sessions
			if c.sessions == "" {
				r.Anchor = AtCohortStart
			}
		})
		of := weekend("UTC", "2026-04-10", utc("2026-01-05 12:30"))
		owes := paying("2026-04-10", utc("2026-01-05 12:30"), 30)
		of.Booking.Charges, of.Booking.Payments, of.Booking.Price = owes.Booking.Charges, owes.Booking.Payments, owes.Booking.Price
		count := func() (n int) {
			for _, m := range Plan(of, noon, r) {
				if m.Rule == TellNote {
					n++
				}
			}
			return n
		}
		got := [2]int{count()}
		c.there(&of)
		if got[1] = count(); got != c.want {
			t.Errorf("%s: %v notes, want %v", about, got, c.want)
		}
	}
}

// TestTheFirstPartnerAlone reads what is for them, in one mailbox too [D39].
func TestTheFirstPartnerAlone(t *testing.T) {
	t.Parallel()
	c := weekend("UTC", "2026-04-10", utc("2026-01-05 12:30"))
	r := note(func(r *Reminder) { r.ID, r.To = "own-1", ToFirst })
	for range 2 {
		for _, m := range Plan(c, noon, r) {
			if m.Rule == TellNote && m.Partner != 0 {
				t.Errorf("%s is for the second", m.ID)
			}
		}
		shareMailbox(&c)
	}
}
