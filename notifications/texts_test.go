package notifications

import (
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/money"
	"lantern/internal/sms"
	"lantern/internal/store"
	"lantern/retreats"
)

// wantsTexts lets the partner agree to texts at their own number.
func wantsTexts(b *booking.Booking, partner int, phone string) {
	b.Partners[partner].Phone = phone
	b.Partners[partner].Texts = booking.NewTextConsent("Cedar House", phone, booking.ByPage, noon)
}

func channels(messages []Message, rule string) map[int]string {
	by := map[int]string{}
	for _, m := range messages {
		if m.Rule == rule {
			by[m.Partner] += m.Channel.String() + " "
		}
	}
	return by
}

// TestTextsComeOnlyToWhoWantsThem: beside the mail of an offer, in the place of
// a reminder's, and to nobody who has not agreed [D21, D36, D39].
func TestTextsComeOnlyToWhoWantsThem(t *testing.T) {
	t.Parallel()
	until := noon.Add(24 * time.Hour)
	offered := caseWith(retreats.Standing{State: retreats.Offered, Since: noon, Until: &until}, func(b *booking.Booking) { wantsTexts(b, 1, "+14155550177") })
	if got := channels(Plan(offered, noon), "offered"); got[0] != "mail " || got[1] != "mail text " {
		t.Errorf("an offer comes by %v", got)
	}
	welcome := channels(Plan(offered, noon), welcomed)
	if len(welcome) != 1 || welcome[1] != "text " {
		t.Errorf("the first text: %v", welcome)
	}
	offered.Booking.Partners[1].Texts = offered.Booking.Partners[1].Texts.Stopped(booking.ByText, noon)
	if got := channels(Plan(offered, noon), "offered"); got[1] != "mail " {
		t.Errorf("after STOP it comes by %v", got)
	}

	o := occasion{key: "k", due: noon, until: until, text: instead}
	b := offered.Booking
	wantsTexts(b, 0, "+14155550132")
	if channelOf("preparation", o, b, 0) != ByText || channelOf("preparation", o, b, 1) != ByMail || len(textsBeside(offered, "preparation", o, noon)) != 0 {
		t.Error("a reminder does not come as a text to the one who wants that")
	}
	b.Partners[1].Email = b.Partners[0].Email
	if channelOf("preparation", o, b, 0) != ByMail || len(textsBeside(offered, "preparation", o, noon)) != 1 {
		t.Error("who shares a mailbox misses the mail, or the text")
	}
}

// TestMoneyNeverComesByText [D14, D35].
func TestMoneyNeverComesByText(t *testing.T) {
	t.Parallel()
	for rule := range texted {
		switch rule {
		case "balance_soon", "balance_late", "receipt", "card_failed", "card_saved", "card_removed", "money_returned", "refund_failed",
			"price_lowered", "late_refunded", "refilled", "cancelled", "held", "confirmed":
			t.Errorf("%s speaks of money", rule)
		}
	}
	for _, r := range DefaultReminders() {
		if r.Text && r.Template != TellPreparation && r.Template != TellRide {
			t.Errorf("%s comes by text", r.ID)
		}
	}
}

func text(beside bool) Message {
	next := noon
	return Message{Meta: store.Meta{ID: "m"}, Channel: ByText, Beside: beside, State: Planned, NextAt: &next, DueAt: noon, UsefulUntil: noon.Add(time.Hour)}
}

// TestALostTextGoesByMail: in whatever order the news come, and once.
func TestALostTextGoesByMail(t *testing.T) {
	t.Parallel()
	lost, sent := sms.News{Status: sms.Undelivered, Code: 30006}, sms.News{Status: sms.Sent}
	copied := &Copy{Phone: "+14155550132"}
	handed := func(m *Message) { m.note(m.Tries, result{state: Sent, copy: copied, provider: "SM1"}, noon) }
	for name, steps := range map[string][]func(*Message){
		"in order":      {handed, func(m *Message) { m.news(sent, noon) }, func(m *Message) { m.news(lost, noon) }},
		"twice":         {handed, func(m *Message) { m.news(lost, noon) }, func(m *Message) { m.news(lost, noon) }},
		"out of order":  {handed, func(m *Message) { m.news(lost, noon) }, func(m *Message) { m.news(sent, noon) }},
		"before marked": {func(m *Message) { m.news(lost, noon) }, handed},
	} {
		m := text(false)
		m.claim(noon)
		for _, step := range steps {
			step(&m)
		}
		if m.State != Planned || m.Channel != ByMail || m.Why != string(sms.Undelivered) || m.Texted == nil || m.Copy != nil || !m.NextAt.Equal(noon) {
			t.Errorf("%s: %+v", name, m)
		}
		// The plan, which would have it as a text, does not make it one again.
		m.want(text(false))
		if m.Channel != ByMail {
			t.Errorf("%s: planned again, it is a text", name)
		}
	}
	m := text(true)
	m.claim(noon)
	handed(&m)
	if m.news(lost, noon); m.State != Failed || m.Texted == nil {
		t.Errorf("a text beside a mail that is lost: %+v", m)
	}
	m = text(false)
	m.claim(noon)
	handed(&m)
	if m.news(lost, noon.Add(2*time.Hour)); m.State != Missed {
		t.Errorf("a text that is lost when it is of no use: %+v", m)
	}
	m = text(false)
	m.claim(noon)
	handed(&m)
	m.news(sms.News{Status: sms.Delivered}, noon)
	if m.news(lost, noon) || m.State != Sent || m.Delivery.Provider != "SM1" || m.Delivery.Status != sms.Delivered {
		t.Errorf("a text that has arrived: %+v", m)
	}
}

// caseWith is a couple of a cohort that stands there like this.
func caseWith(s retreats.Standing, change func(*booking.Booking)) booking.Case {
	b := &booking.Booking{Meta: store.Meta{ID: "bk"}, CohortID: "co", CreatedAt: noon, Price: money.Of(480000, "USD")}
	for i, email := range []string{"maya@example.org", "jon@example.org"} {
		b.Partners[i].Email, b.Partners[i].Zone = email, "UTC"
	}
	change(b)
	return booking.Case{Booking: b, Cohort: &retreats.Cohort{Zone: "UTC", StartsOn: "2027-04-09", EndsOn: "2027-04-11"}, Standing: s}
}
