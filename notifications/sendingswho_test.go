package notifications

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/retreats"
)

// byHand is a sending about something, ten days before the first day.
func byHand(lack Lack) Handed {
	return Handed{Sending: "sd_x", Lack: lack, At: utc("2026-03-31 20:30")} // 22:30 in Berlin
}

// handedTo says what is sent to whom: "driver_missing 0", "ride s3".
func handedTo(messages []Message) []string {
	var all []string
	for _, m := range messages {
		whom := string(rune('0' + m.Partner))
		if m.Driver != "" {
			whom = m.Driver
		}
		all = append(all, m.Rule+" "+whom)
	}
	return all
}

// TestWhoIsRemindedByHand: those who lack it, and nobody else.
func TestWhoIsRemindedByHand(t *testing.T) {
	t.Parallel()
	given := &booking.Mark{At: noon}
	drive := func(c *booking.Case, session int, change func(*booking.Driver)) {
		s := c.Cohort.Sessions[session]
		d := booking.Driver{Session: s.ID, Name: "Sam", Email: "sam@example.org", LinkHash: "h", StartsAt: s.StartsAt}
		if change != nil {
			change(&d)
		}
		c.Booking.Drivers = append(c.Booking.Drivers, d)
	}
	says := func(answer booking.DriverAnswer) func(*booking.Driver) {
		return func(d *booking.Driver) { d.Answer, d.AnsweredFor = answer, d.StartsAt }
	}
	both := []string{"driver_missing 0", "driver_missing 1"}
	for about, c := range map[string]struct {
		lack   Lack
		change func(*booking.Case)
		want   []string
	}{
		"nobody named":     {LackDriver, func(*booking.Case) {}, both},
		"one of two named": {LackDriver, func(c *booking.Case) { drive(c, 2, nil) }, both},
		"both named":       {LackDriver, func(c *booking.Case) { drive(c, 2, nil); drive(c, 3, nil) }, nil},
		"named for another time": {LackDriver, func(c *booking.Case) {
			drive(c, 2, nil)
			drive(c, 3, func(d *booking.Driver) { d.StartsAt = noon })
		}, both},
		"named, not asked about yes":  {LackDriver, func(c *booking.Case) { drive(c, 2, says(booking.DriverNo)); drive(c, 3, nil) }, nil},
		"no driver has said yes":      {LackYes, func(c *booking.Case) { drive(c, 2, nil); drive(c, 3, nil) }, []string{"ride s3", "ride s4"}},
		"one yes, one unanswered":     {LackYes, func(c *booking.Case) { drive(c, 2, says(booking.DriverYes)); drive(c, 3, nil) }, []string{"ride s4"}},
		"one cannot":                  {LackYes, func(c *booking.Case) { drive(c, 2, says(booking.DriverNo)); drive(c, 3, says(booking.DriverYes)) }, both},
		"one unanswered, one unnamed": {LackYes, func(c *booking.Case) { drive(c, 2, nil) }, append(slices.Clone(both), "ride s3")},
		"a driver without an address": {LackYes, func(c *booking.Case) {
			drive(c, 2, says(booking.DriverYes))
			drive(c, 3, func(d *booking.Driver) { d.Email = "" })
		}, nil},
		"consent of one":       {LackConsent, func(c *booking.Case) { c.Booking.Forms[0], c.Booking.Forms[1] = given, given }, []string{"papers 0", "papers 1"}},
		"forms of one":         {LackForms, func(c *booking.Case) { c.Booking.Forms[0] = given }, []string{"papers 1"}},
		"all forms":            {LackForms, func(c *booking.Case) { c.Booking.Forms[0], c.Booking.Forms[1] = given, given }, nil},
		"the next preparation": {LackPreparation, func(*booking.Case) {}, []string{"preparation 0", "preparation 1"}},
		"one comes": {LackPreparation, func(c *booking.Case) {
			c.Booking.Replies = append(c.Booking.Replies, booking.Reply{Session: "s2", Partner: 0, StartsAt: c.Cohort.Sessions[1].StartsAt})
		}, []string{"preparation 1"}},
		"one asks for another time": {LackPreparation, func(c *booking.Case) {
			c.Booking.Replies = append(c.Booking.Replies, booking.Reply{Session: "s2", Partner: 1, StartsAt: c.Cohort.Sessions[1].StartsAt, Wish: "Later."})
		}, []string{"preparation 0"}},
		"a shared mailbox [D39]": {LackDriver, func(c *booking.Case) { c.Booking.Partners[1].Email = "Maya@example.org" }, []string{"driver_missing 0"}},
		"waits":                  {LackDriver, func(c *booking.Case) { c.Standing.State = retreats.WaitingOn }, nil},
		"holds a place":          {LackDriver, func(c *booking.Case) { c.Standing.State = retreats.Held }, nil},
		"is over":                {LackDriver, func(c *booking.Case) { c.Booking.LapsedAt = &noon }, nil},
		"dates that are off":     {LackDriver, func(c *booking.Case) { c.Cohort.State = retreats.Cancelled }, nil},
		"not cleared [D11]":      {LackDriver, func(c *booking.Case) { c.Booking.Clearances[1] = booking.Clearance{State: booking.NotCleared} }, nil},
		"nothing that there is":  {"sleep", func(*booking.Case) {}, nil},
	} {
		weekend := weekend("Europe/Berlin", "2026-04-10", utc("2026-01-05 12:30"))
		c.change(&weekend)
		if diff := cmp.Diff(c.want, handedTo(byHand(c.lack).messages(weekend))); diff != "" {
			t.Errorf("%s:\n%s", about, diff)
		}
	}
}

// TestWhoIsRemindedOfMoneyByHand: of what nobody but the couple can see to.
func TestWhoIsRemindedOfMoneyByHand(t *testing.T) {
	t.Parallel()
	c := weekend("Europe/Berlin", "2026-04-10", utc("2026-01-05 12:30"))
	c.Booking.Price = money.Of(480000, "USD")
	c.Booking.Clearances = [2]booking.Clearance{{State: booking.Cleared}, {State: booking.Cleared}}
	charge := func(id string, due time.Time) booking.Charge {
		return booking.Charge{ID: id, Amount: money.Of(50000, "USD"), DueAt: due}
	}
	c.Booking.Charges = []booking.Charge{
		charge("deposit", utc("2026-01-05 12:30")), charge("i1", utc("2026-03-20 10:00")), charge("i2", utc("2026-04-02 10:00")), charge("i3", utc("2026-04-06 10:00")),
	}
	c.Booking.Payments = []booking.Payment{{ID: "p", ChargeID: "deposit", Amount: money.Of(50000, "USD")}}
	for lack, want := range map[Lack][]string{
		LackLate: {"balance_late.bk.sd_x.i1.0", "balance_late.bk.sd_x.i1.1"}, LackBalance: {"balance_soon.bk.sd_x.i2.0", "balance_soon.bk.sd_x.i2.1"},
	} {
		var got []string
		for _, m := range byHand(lack).messages(c) {
			got = append(got, m.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", lack, diff)
		}
	}
	c.Booking.Clearances[0] = booking.Clearance{}
	if got := byHand(LackLate).messages(c); len(got) > 0 {
		t.Errorf("before they are cleared nobody owes it: %v", handedTo(got))
	}
}

// TestWhenAReminderByHandGoes: mail at any hour, since somebody asks for it, and
// for three days at most; texts at theirs [D34].
func TestWhenAReminderByHandGoes(t *testing.T) {
	t.Parallel()
	c := weekend("Europe/Berlin", "2026-04-10", utc("2026-01-05 12:30"))
	wantsTexts(c.Booking, 1, "+4915112345678")
	h := byHand(LackPreparation)
	got := h.messages(c)
	if len(got) != 2 || got[0].Channel != ByMail || !got[0].DueAt.Equal(h.At) || !got[0].UsefulUntil.Equal(c.Cohort.Sessions[1].StartsAt) {
		t.Errorf("the mail: %+v", got)
	}
	if len(got) != 2 || got[1].Channel != ByText || !got[1].DueAt.Equal(utc("2026-04-01 07:00")) {
		t.Errorf("the text: %+v", got)
	}
	if o, ok := handedOf(c, got[1]); !ok || o.session != "s2" {
		t.Errorf("what YES means: %+v", o)
	}
	moved := c
	elsewhere := *c.Booking
	elsewhere.CohortID, moved.Booking = "other", &elsewhere
	if _, ok := handedOf(moved, got[0]); ok {
		t.Error("who has other dates now is reminded of these")
	}
	h.Remark = "Bring warm socks."
	if with := h.messages(c); with[1].Channel != ByMail || with[1].ID != got[1].ID {
		t.Errorf("a remark does not fit into a text: %+v", with[1])
	}
	h = byHand(LackDriver)
	if got := h.messages(c); len(got) != 2 || !got[0].UsefulUntil.Equal(h.At.Add(72*time.Hour)) {
		t.Errorf("days before: %+v", got)
	}
	h.At = c.Cohort.Sessions[2].StartsAt.Add(-time.Hour)
	if got := h.messages(c); len(got) != 2 || !got[0].UsefulUntil.Equal(c.Cohort.Sessions[2].StartsAt) {
		t.Errorf("an hour before: %+v", got)
	}
	h.At = c.Cohort.Sessions[3].StartsAt
	if got := h.messages(c); len(got) != 0 {
		t.Errorf("after the last session: %+v", got)
	}
}

// TestTheRemarkStandsBelowTheGreeting, in the plain text too, whatever the mail
// says otherwise.
func TestTheRemarkStandsBelowTheGreeting(t *testing.T) {
	t.Parallel()
	plain := "Hello Maya,\n\nPlease name somebody.\n"
	for text, want := range map[string]string{
		plain:                  "Hello Maya,\n\nI will be in the office.\n\nPlease name somebody.\n",
		"Dear Maya, please.\n": "I will be in the office.\n\nDear Maya, please.\n",
	} {
		if got := withRemark(text, MailData{Hello: "Maya", Remark: "I will be in the office."}); got != want {
			t.Errorf("it says %q", got)
		}
	}
	if got := withRemark(plain, MailData{Hello: "Maya"}); got != plain {
		t.Errorf("without one it says %q", got)
	}
}

func TestARemarkIsShort(t *testing.T) {
	t.Parallel()
	if got, err := readRemark("  Please call us,\n we are there. ", LackYes); err != nil || got != "Please call us, we are there." {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := readRemark(strings.Repeat("ä", 301), LackDriver); err == nil {
		t.Error("301 characters are taken")
	}
}

// TestARemarkThatDriversReadTellsNothing [D31], [D38]: it stands in their mails,
// too, where somebody may be reminded who drives.
func TestARemarkThatDriversReadTellsNothing(t *testing.T) {
	t.Parallel()
	const telling = "Nobody leaves the clinic alone."
	for _, lack := range Lacks {
		_, err := readRemark(telling, lack)
		if refused := fault.FieldsOf(err)["remark"] != ""; refused != (lack == LackYes) {
			t.Errorf("%s: %v", lack, err)
		}
	}
}

// TestADriverWithAPhoneAloneIsRemindedByText: a mail to nowhere would fail. What
// a text has no room for is left out.
func TestADriverWithAPhoneAloneIsRemindedByText(t *testing.T) {
	t.Parallel()
	const phone = "+14155550132"
	for about, c := range map[string]struct {
		email, remark string
		texts         bool
		want          Channel
	}{
		"a phone alone":                {texts: true, want: ByText},
		"a phone alone, with a remark": {remark: "Come by the north gate.", texts: true, want: ByText},
		"both":                         {email: "sam@example.org", texts: true, want: ByText},
		"both, with a remark":          {email: "sam@example.org", remark: "Come by the north gate.", texts: true, want: ByMail},
		"a mailbox alone":              {email: "sam@example.org", want: ByMail},
	} {
		weekend := weekend("Europe/Berlin", "2026-04-10", utc("2026-01-05 12:30"))
		s := weekend.Cohort.Sessions[2]
		d := booking.Driver{Session: s.ID, Name: "Sam", Email: c.email, Phone: phone, LinkHash: "h", StartsAt: s.StartsAt}
		if c.texts {
			d.Texts = &booking.TextConsent{At: noon, Phone: phone}
		}
		weekend.Booking.Drivers = []booking.Driver{d}
		h := byHand(LackYes)
		h.Remark = c.remark
		var rides []Message
		for _, m := range h.messages(weekend) {
			if m.Rule == TellRide {
				rides = append(rides, m)
			}
		}
		if len(rides) != 1 || rides[0].Channel != c.want {
			t.Errorf("%s: %+v", about, rides)
			continue
		}
		o, ok := handedOf(weekend, rides[0])
		if !ok || c.want == ByText && o.asks(weekend, rides[0]) == nil {
			t.Errorf("%s: what YES means is %+v", about, o.asks(weekend, rides[0]))
		}
	}
}
