package notifications

import (
	"testing"
	"time"

	"lantern/booking"
	"lantern/retreats"
)

// TestWhatFailedBeforeAnAddressWasPutRightIsSentAnew, and nothing else is.
func TestWhatFailedBeforeAnAddressWasPutRightIsSentAnew(t *testing.T) {
	t.Parallel()
	b := &booking.Booking{}
	b.Partners[0].MailSince = at(10)
	failed := Message{State: Failed, TroubleAt: at(5), UsefulUntil: *at(60)}
	for about, c := range map[string]struct {
		change func(*Message)
		now    time.Time
		want   bool
	}{
		"failed before":          {func(*Message) {}, *at(11), true},
		"failed since":           {func(m *Message) { m.TroubleAt = at(12) }, *at(13), false},
		"of no use any more":     {func(*Message) {}, *at(60), false},
		"to the other":           {func(m *Message) { m.Partner = 1 }, *at(11), false},
		"to a driver":            {func(m *Message) { m.Driver = "s1" }, *at(11), false},
		"a text":                 {func(m *Message) { m.Channel = ByText }, *at(11), false},
		"one that was sent":      {func(m *Message) { m.State = Sent }, *at(11), false},
		"one that was held back": {func(m *Message) { m.State = HeldBack }, *at(11), false},
	} {
		m := failed
		c.change(&m)
		if got := m.wentAstray(b, c.now); got != c.want {
			t.Errorf("%s: %v, want %v", about, got, c.want)
		}
	}
}

// TestWhoHasTheirOwnMailboxAgain is told what comes, not what both were told [D39].
func TestWhoHasTheirOwnMailboxAgain(t *testing.T) {
	t.Parallel()
	c := couple(retreats.Confirmed, func(b *booking.Booking) { b.OwnMailSince, b.Partners[1].MailSince = at(5), at(5) })
	got := map[string]int{}
	for _, m := range Plan(c, *at(6)) {
		got[m.Rule] += m.Partner + 1
	}
	if got["confirmed"] != 1 || got["readdressed"] != 2 {
		t.Errorf("planned %v", got)
	}
}
