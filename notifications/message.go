package notifications

import (
	"slices"
	"time"

	"lantern/internal/audit"
	"lantern/internal/store"
)

// State is how far a message is.
type State string

// The states of a message. Planned and Sending ones have a NextAt, and those that
// their booking has yet to hear of.
const (
	Planned   State = "planned"
	Sending   State = "sending"   // claimed by a process, until its lease ends
	Sent      State = "sent"      // handed over, or shown in the outbox
	Withdrawn State = "withdrawn" // no longer applies
	Missed    State = "missed"    // was not sent while it was of use
	Failed    State = "failed"    // can never be delivered
	HeldBack  State = "held_back" // by staff, until they say otherwise
)

// States lists all states, for those who ask for one.
var States = []State{Planned, Sending, Sent, Withdrawn, Missed, Failed, HeldBack}

// Message is one notice to one recipient.
type Message struct {
	// The id is made of rule, booking, occasion and recipient, or is that of a
	// Notice.
	store.Meta
	Rule string `json:"rule"`
	// BookingID and CohortID are empty for notices.
	BookingID string `json:"booking_id"`
	CohortID  string `json:"cohort_id"`
	// Partner is the recipient: 0 or 1.
	Partner int `json:"partner"`
	// Channel is by what it goes. Beside is a text that points to a mail.
	Channel Channel `json:"channel,omitempty"`
	Beside  bool    `json:"beside,omitempty"`
	// Driver is the session of which the driver is the recipient, empty for what
	// is said to a partner.
	Driver string `json:"driver,omitempty"`
	// Reader is who of the staff is the recipient, empty for all others.
	Reader string `json:"reader,omitempty"`
	// To is the recipient of a notice; nil for what is said to a partner.
	To    *Addressee `json:"to,omitempty"`
	State State      `json:"state"`
	// PlannedFor is the revision of the booking at which the message was last
	// found to be wanted. Whoever looked at an older one must not withdraw it.
	PlannedFor int64 `json:"planned_for,omitempty"`
	// DueAt is when it is to be said, UsefulUntil when saying it ends.
	DueAt       time.Time `json:"due_at"`
	UsefulUntil time.Time `json:"useful_until"`
	// NextAt is when somebody has to act: at DueAt, at a retry, or when the
	// lease of a process that did not come back ends; of a mail that has failed,
	// when its booking is to note that. Nil when all is done.
	NextAt    *time.Time `json:"next_at,omitempty"`
	Tries     int        `json:"tries,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	// TroubleAt is when it was last found that it does not arrive.
	TroubleAt *time.Time `json:"trouble_at,omitempty"`
	// Copy is the message as it was sent.
	Copy *Copy `json:"copy,omitempty"`
	// Delivery is what has become of a text. Why is what kept the message from
	// going as one, and Texted is the text, if it had left.
	Delivery *Delivery `json:"delivery,omitempty"`
	Why      string    `json:"why,omitempty"`
	Texted   *Copy     `json:"texted,omitempty"`
	// ByHand says that somebody wants it to go at once, at whatever hour.
	ByHand bool `json:"by_hand,omitempty"`
	// Handed is what it says if it is part of a sending by hand.
	Handed Handed `json:"handed,omitzero"`
	// Trail is what staff did with it.
	Trail audit.Trail `json:"trail,omitempty"`
}

// Addressee is whom a notice is for, with what its mail shows.
type Addressee struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	// Sealed is the notice's data, which may hold a secret link. It is removed
	// when nothing is left to do.
	Sealed string `json:"sealed,omitempty"`
}

// Copy is a message as its recipient got it.
type Copy struct {
	At    time.Time `json:"at"`
	Name  string    `json:"name"`
	Email string    `json:"email"`
	// Phone is where a text went; it has no subject.
	Phone   string `json:"phone,omitempty"`
	Subject string `json:"subject"`
	// Sealed is the text and the HTML. They hold the recipient's link, which
	// is stored nowhere in the clear; see Service.Body. Empty for notices that
	// left by mail: what they say is for nobody else.
	Sealed string `json:"sealed,omitempty"`
}

// Body is what a message says below its subject.
type Body struct {
	Text string `json:"text"`
	HTML string `json:"html"`
}

const (
	// lease is how long a claim lasts: longer than sending and marking may take
	// together, so that nobody else sends meanwhile.
	lease      = 2 * time.Minute
	mostToSend = time.Minute
	mostToMark = 10 * time.Second
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

// result is what came of an attempt: the state in which the message ends, or an
// empty one, which asks for another try.
type result struct {
	state State
	copy  *Copy
	// rev is the revision of the booking that was looked at.
	rev int64
	// later is when a message that stays planned is looked at again: what came
	// to its turn in quiet hours.
	later time.Time
	// why is why it does not go as a text; provider is Twilio's name of a text
	// that has left.
	why, provider string
	// byText sends a mail that cannot be delivered as a text; tell says that the
	// booking is to note what became of it.
	byText, tell bool
}

// note takes down what came of the try with that number. If somebody else has
// taken over since, because the lease had ended, theirs counts.
func (m *Message) note(try int, r result, now time.Time) {
	switch {
	case m.State != Sending || m.Tries != try:
	case r.why != "":
		m.Copy = r.copy
		m.fall(r.why, now)
	case r.byText:
		m.Channel, m.Why = ByText, WhyNoMail
		m.again(now)
	case r.state == "":
		m.retry(now)
	case r.state == Planned:
		m.Tries-- // nothing was tried
		m.again(r.later)
	case r.state == Withdrawn && m.PlannedFor > r.rev:
		m.again(now) // it has been planned again meanwhile
	default:
		m.end(r.state)
		m.Copy = r.copy
		if r.provider != "" {
			m.Why = ""
			m.handedOver(r.provider, now)
		} else if r.copy != nil && r.copy.Phone == "" {
			m.Channel = ByMail // the wish for texts had gone since it was planned
		}
		if r.tell {
			m.tell(now)
		}
	}
	if m.State == Failed || m.State == Missed {
		m.TroubleAt = &now
	}
}

// end brings the message to a state in which nothing is left to do.
func (m *Message) end(state State) {
	m.State, m.NextAt = state, nil
	if m.To != nil {
		m.To.Sealed = ""
	}
}

// retry plans another try after a growing pause, or ends the message. A message
// whose use ends before that is looked at then, so that it is shown as missed
// without delay.
func (m *Message) retry(now time.Time) {
	if m.Tries >= mostTries {
		m.end(Failed)
		if m.BookingID != "" && m.Channel == ByMail {
			m.tell(now)
		}
		return
	}
	at := now.Add(min(mostPause, firstPause<<(m.Tries-1)))
	if m.UsefulUntil.Before(at) {
		at = m.UsefulUntil
	}
	m.State, m.NextAt = Planned, &at
}

// again lets the message be decided on once more, at that time.
func (m *Message) again(at time.Time) { m.State, m.NextAt = Planned, &at }

// isOver reports whether nothing can come of the message any more. One that was
// withdrawn may be wanted again.
func (m *Message) isOver() bool { return m.State == Sent || m.State == Missed || m.State == Failed }

// want keeps the message in line with a plan that it is part of. One that was
// withdrawn and never sent is planned after all.
func (m *Message) want(planned Message) {
	if m.isOver() || planned.PlannedFor < m.PlannedFor {
		return
	}
	moved := !m.DueAt.Equal(planned.DueAt)
	if m.Why == "" {
		m.Channel = planned.Channel // else it has fallen from it
	}
	m.PlannedFor, m.DueAt, m.UsefulUntil = planned.PlannedFor, planned.DueAt, planned.UsefulUntil
	if m.State == Withdrawn || (m.State == Planned && moved) {
		m.again(planned.DueAt)
	}
}

// unwant withdraws the message for a plan of a booking at a revision, of which
// it is not part.
func (m *Message) unwant(rev int64) {
	if m.State == Planned && m.PlannedFor <= rev {
		m.end(Withdrawn)
	}
}

// find gives the message with the id.
func find(messages []Message, id string) (Message, bool) {
	i := slices.IndexFunc(messages, func(m Message) bool { return m.ID == id })
	if i < 0 {
		return Message{}, false
	}
	return messages[i], true
}
