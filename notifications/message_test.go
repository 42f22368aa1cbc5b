package notifications

import (
	"testing"
	"time"
)

// TestThePausesGrow: what cannot be sent for now is tried again after 30
// seconds, then a minute, and so on up to six hours, and then given up.
func TestThePausesGrow(t *testing.T) {
	t.Parallel()
	now := noon
	m := Message{State: Planned, NextAt: &now, UsefulUntil: noon.Add(moneyUse)}
	var pauses []time.Duration
	for m.State == Planned {
		now = *m.NextAt
		if m.claim(now.Add(-time.Millisecond)) {
			t.Fatal("it was claimed too early")
		}
		if !m.claim(now) {
			t.Fatal("it was not claimed when it was due")
		}
		if m.claim(now.Add(lease - time.Millisecond)) {
			t.Fatal("it was claimed twice")
		}
		m.retry(now)
		if m.NextAt != nil {
			pauses = append(pauses, m.NextAt.Sub(now))
		}
	}
	if m.State != Failed || m.Tries != mostTries || m.NextAt != nil {
		t.Errorf("in the end %+v", m)
	}
	if len(pauses) != mostTries-1 || pauses[0] != 30*time.Second || pauses[1] != time.Minute || pauses[len(pauses)-1] != mostPause {
		t.Errorf("pauses %v", pauses)
	}
	for i := 1; i < len(pauses); i++ {
		if pauses[i] < pauses[i-1] {
			t.Errorf("pauses %v", pauses)
		}
	}
}

// TestTheNewestPlanCounts: two plan for one booking at once, one of them for
// what it said before. Whoever comes last, the newer plan holds.
func TestTheNewestPlanCounts(t *testing.T) {
	t.Parallel()
	next := noon
	planned := func(rev int64, state State) Message {
		return Message{State: state, PlannedFor: rev, DueAt: noon, UsefulUntil: noon.Add(time.Hour), NextAt: &next}
	}
	for about, c := range map[string]struct {
		given  Message
		change func(*Message)
		want   State
		rev    int64
	}{
		"wanted by the newer, then not by the older": {planned(5, Planned), func(m *Message) { m.want(planned(6, Planned)); m.unwant(5) }, Planned, 6},
		"not by the older, then wanted by the newer": {planned(5, Planned), func(m *Message) { m.unwant(5); m.want(planned(6, Planned)) }, Planned, 6},
		"not by the newer, then wanted by the older": {planned(6, Planned), func(m *Message) { m.unwant(6); m.want(planned(5, Planned)) }, Withdrawn, 6},
		"not wanted":                                {planned(5, Planned), func(m *Message) { m.unwant(6) }, Withdrawn, 5},
		"sent is sent":                              {planned(5, Sent), func(m *Message) { m.want(planned(6, Planned)); m.unwant(7) }, Sent, 5},
		"missed is missed":                          {planned(5, Missed), func(m *Message) { m.want(planned(6, Planned)) }, Missed, 5},
		"what is being sent is asked about then":    {planned(5, Sending), func(m *Message) { m.unwant(6) }, Sending, 5},
		"wanted again while it was found not to be": {planned(6, Sending), func(m *Message) { m.note(0, result{state: Withdrawn, rev: 5}, noon) }, Planned, 6},
		"found not to be wanted":                    {planned(6, Sending), func(m *Message) { m.note(0, result{state: Withdrawn, rev: 7}, noon) }, Withdrawn, 6},
		"somebody else has taken over":              {planned(6, Sending), func(m *Message) { m.Tries = 2; m.note(1, result{state: Failed}, noon) }, Sending, 6},
		"sent, though it is not wanted any more":    {planned(5, Sending), func(m *Message) { m.unwant(6); m.note(0, result{state: Sent, rev: 5}, noon) }, Sent, 5},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			m := c.given
			c.change(&m)
			if m.State != c.want || m.PlannedFor != c.rev {
				t.Errorf("it is %s for %d, want %s for %d", m.State, m.PlannedFor, c.want, c.rev)
			}
			if open := m.State == Planned || m.State == Sending; c.given.State != Sent && c.given.State != Missed && open != (m.NextAt != nil) {
				t.Errorf("it is %s and next at %v", m.State, m.NextAt)
			}
		})
	}
}

// TestWhatIsPlannedMoves: what was put off follows its occasion.
func TestWhatIsPlannedMoves(t *testing.T) {
	t.Parallel()
	next := noon
	m := Message{State: Planned, DueAt: noon, UsefulUntil: noon.Add(time.Hour), NextAt: &next}
	m.want(Message{PlannedFor: 2, DueAt: noon.Add(48 * time.Hour), UsefulUntil: noon.Add(49 * time.Hour)})
	if m.NextAt == nil || !m.NextAt.Equal(m.DueAt) || !m.DueAt.Equal(noon.Add(48*time.Hour)) || !m.UsefulUntil.Equal(noon.Add(49*time.Hour)) {
		t.Errorf("it is due at %s, next at %v, of use until %s", m.DueAt, m.NextAt, m.UsefulUntil)
	}
	later := noon.Add(50 * time.Hour) // a pause after a try
	m.NextAt = &later
	m.want(Message{PlannedFor: 3, DueAt: m.DueAt, UsefulUntil: m.UsefulUntil})
	if !m.NextAt.Equal(later) {
		t.Errorf("planning again ends its pause: next at %s", m.NextAt)
	}
}

// TestAnUselessTryIsNotWaitedFor: a message whose use ends before its next try
// is looked at when it does.
func TestAnUselessTryIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	m := Message{State: Sending, Tries: 8, UsefulUntil: noon.Add(time.Minute)}
	m.retry(noon)
	if m.State != Planned || !m.NextAt.Equal(m.UsefulUntil) {
		t.Errorf("it is %s and next at %v", m.State, m.NextAt)
	}
}
