package notifications

import (
	"slices"
	"time"

	"lantern/internal/store"
)

// State is how far a message is.
type State string

// The states of a message. Planned and Sending ones have a NextAt.
const (
	Planned   State = "planned"
	Sending   State = "sending"   // claimed by a process, until its lease ends
	Sent      State = "sent"      // handed over, or shown in the outbox
	Withdrawn State = "withdrawn" // no longer applies
	Missed    State = "missed"    // was not sent while it was of use
	Failed    State = "failed"    // can never be delivered
)

// States lists all states, for those who ask for one.
var States = []State{Planned, Sending, Sent, Withdrawn, Missed, Failed}

// Message is one notice to one recipient.
type Message struct {
	// The id is made of rule, booking, occasion and recipient.
	store.Meta
	Rule      string `json:"rule"`
	BookingID string `json:"booking_id"`
	CohortID  string `json:"cohort_id"`
	// Partner is the recipient: 0 or 1.
	Partner int   `json:"partner"`
	State   State `json:"state"`
	// DueAt is when it is to be said, UsefulUntil when saying it ends.
	DueAt       time.Time `json:"due_at"`
	UsefulUntil time.Time `json:"useful_until"`
	// NextAt is when somebody has to act: at DueAt, at a retry, or when the
	// lease of a process that did not come back ends. Nil when all is done.
	NextAt    *time.Time `json:"next_at,omitempty"`
	Tries     int        `json:"tries,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	// Copy is the message as it was sent.
	Copy *Copy `json:"copy,omitempty"`
}

// Copy is a message as its recipient got it.
type Copy struct {
	At      time.Time `json:"at"`
	Name    string    `json:"name"`
	Email   string    `json:"email"`
	Subject string    `json:"subject"`
	// Sealed is the text and the HTML. They hold the recipient's link, which
	// is stored nowhere in the clear; see Service.Body.
	Sealed string `json:"sealed"`
}

// Body is what a message says below its subject.
type Body struct {
	Text string `json:"text"`
	HTML string `json:"html"`
}

const (
	// lease is how long a claim lasts: far longer than one sending takes.
	lease = 2 * time.Minute
	// mostTries ends the attempts of a message that cannot be delivered; with
	// the pauses between them that is a day and a half.
	mostTries  = 12
	firstPause = 30 * time.Second
	mostPause  = 6 * time.Hour
)

// claim takes the message for sending. It reports whether it was free.
func (m *Message) claim(now time.Time) bool {
	if m.NextAt == nil || now.Before(*m.NextAt) || (m.State != Planned && m.State != Sending) {
		return false
	}
	until := now.Add(lease)
	m.State, m.NextAt = Sending, &until
	m.Tries++
	return true
}

// end brings the message to a state in which nothing is left to do.
func (m *Message) end(state State) { m.State, m.NextAt = state, nil }

// retry plans another try after a growing pause, or ends the message.
func (m *Message) retry(now time.Time) {
	if m.Tries >= mostTries {
		m.end(Failed)
		return
	}
	at := now.Add(min(mostPause, firstPause<<(m.Tries-1)))
	m.State, m.NextAt = Planned, &at
}

// find gives the message with the id.
func find(messages []Message, id string) (Message, bool) {
	i := slices.IndexFunc(messages, func(m Message) bool { return m.ID == id })
	if i < 0 {
		return Message{}, false
	}
	return messages[i], true
}
