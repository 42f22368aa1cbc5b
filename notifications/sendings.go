package notifications

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/store"
)

// HandSending is a reminder by hand: somebody of the staff reminds those of a
// cohort who lack something. What it says to whom is fixed when it is saved, so
// that its messages can be made up for by whoever finds that some are not there
// yet. Its id is that of the form that asked for it: pressing twice is one
// sending.
type HandSending struct {
	store.Meta
	CohortID string `json:"cohort_id"`
	Lack     Lack   `json:"lack"`
	// Remark stands above what the mails say otherwise; empty for none.
	Remark string          `json:"remark,omitempty"`
	At     time.Time       `json:"at"`
	To     []HandRecipient `json:"to"`
	// StoppedAt is since when nothing of it leaves any more.
	StoppedAt *time.Time `json:"stopped_at,omitempty"`
	// WorkAt is set while not all of its messages are there, or, once it is
	// stopped, not all that have not left are held back.
	WorkAt *time.Time  `json:"work_at,omitempty"`
	Trail  audit.Trail `json:"trail"`
}

// HandRecipient is one message of a sending.
type HandRecipient struct {
	Message string `json:"message"` // its id
	Rule    string `json:"rule"`
	Booking string `json:"booking"`
	// Partner is whom it is for: 0 or 1. Driver is the session whose driver it
	// is for instead.
	Partner     int       `json:"partner"`
	Driver      string    `json:"driver,omitempty"`
	Channel     Channel   `json:"channel,omitempty"`
	DueAt       time.Time `json:"due_at"`
	UsefulUntil time.Time `json:"useful_until"`
}

// Handed is what a message says that somebody sends by hand: enough to ask once
// more whether it is still so. It is zero for what is planned by itself.
type Handed struct {
	Sending string    `json:"sending"`
	Lack    Lack      `json:"lack"`
	At      time.Time `json:"at"`
	Remark  string    `json:"remark,omitempty"`
}

// IsByHand reports whether the message is part of a sending by hand.
func (h Handed) IsByHand() bool { return h.Sending != "" }

// ErrNobodyLacks refuses a reminder by hand that is for nobody.
var ErrNobodyLacks = fault.New(fault.Conflict, "Nobody of those whom you chose lacks this any more. Please look again.")

// The other named refusals of reminders by hand.
var (
	errNoSending   = fault.New(fault.NotFound, "There is no such reminder by hand.")
	errSendingForm = fault.New(fault.Invalid, "This page cannot be used any more. Please open it again.")
	errAllLeft     = fault.New(fault.Conflict, "All of it has left, or does not go any more: there is nothing to stop.")
)

const (
	// handedUse is how long a reminder by hand is of use, if what it is about
	// does not begin before.
	handedUse = 3 * 24 * time.Hour
	// longestRemark is room for two or three sentences.
	longestRemark = 300
	// handLine and stopLine are what trails call the acts.
	handLine, stopLine = "reminded by hand", "stopped"
)

// readRemark gives a remark in one paragraph. It is said in mails below the
// greeting, never in a subject or a text message. The fault is by field:
// "remark". What drivers may read tells them nothing of what it is [D31].
func readRemark(text string, lack Lack) (string, error) {
	text = strings.Join(strings.Fields(text), " ")
	if len([]rune(text)) > longestRemark {
		return "", fault.InvalidFields(fault.Fields{"remark": "Please keep this to 300 characters."})
	}
	if words := Telling(text); lack == LackYes && len(words) > 0 {
		return "", fault.InvalidFields(fault.Fields{"remark": fmt.Sprintf(
			"Drivers read this too, so it must not say what kind of days these are. Please write it without “%s”.", strings.Join(words, "”, “"))})
	}
	return text, nil
}

// newHandSending makes a sending of messages that were planned for it.
func newHandSending(h Handed, cohortID string, planned []Message, by audit.By) *HandSending {
	at := h.At
	g := &HandSending{
		Meta: store.Meta{ID: h.Sending}, CohortID: cohortID, Lack: h.Lack, Remark: h.Remark, At: at, WorkAt: &at,
		Trail: audit.Trail{}.Add(by, at, audit.Line{What: handLine, To: h.Lack.Title()}),
	}
	for _, m := range planned {
		g.To = append(g.To, HandRecipient{
			Message: m.ID, Rule: m.Rule, Booking: m.BookingID, Partner: m.Partner, Driver: m.Driver, Channel: m.Channel,
			DueAt: m.DueAt, UsefulUntil: m.UsefulUntil,
		})
	}
	return g
}

// By is who sent it.
func (g *HandSending) By() string { return g.Trail[0].By }

// StoppedBy is who stopped it, empty if nobody did.
func (g *HandSending) StoppedBy() string {
	if i := slices.IndexFunc(g.Trail, func(l audit.Line) bool { return l.What == stopLine }); i >= 0 {
		return g.Trail[i].By
	}
	return ""
}

// stop lets nothing more of it leave. Stopping twice is stopping once.
func (g *HandSending) stop(by audit.By, now time.Time) {
	if g.StoppedAt != nil {
		return
	}
	stopped, work := now, now
	g.StoppedAt, g.WorkAt = &stopped, &work
	g.Trail = g.Trail.Add(by, now, audit.Line{What: stopLine})
}

// settled notes that all is done that the sending asked for when it was looked
// at; if it was stopped since, there is more to do.
func (g *HandSending) settled(looked *HandSending) {
	if (g.StoppedAt != nil) == (looked.StoppedAt != nil) {
		g.WorkAt = nil
	}
}

// message is the message to a recipient. Of a sending that is stopped it comes
// about held back, so that nobody else can plan it any more.
func (g *HandSending) message(r HandRecipient, now time.Time) Message {
	first := g.Trail[0]
	next := r.DueAt
	m := Message{
		Meta: store.Meta{ID: r.Message}, Rule: r.Rule, BookingID: r.Booking, CohortID: g.CohortID, Partner: r.Partner, Driver: r.Driver,
		Channel: r.Channel, State: Planned, DueAt: r.DueAt, UsefulUntil: r.UsefulUntil, NextAt: &next, CreatedAt: now,
		Handed: Handed{Sending: g.ID, Lack: g.Lack, At: g.At, Remark: g.Remark},
		Trail:  audit.Trail{first},
	}
	if g.StoppedAt != nil {
		g.keep(&m, now)
	}
	return m
}

// keep holds a message of a stopped sending back, as far as it has not left, and
// reports whether that is settled: what is leaving at this moment may come back.
// What was claimed by a process that did not come back counts as not left.
func (g *HandSending) keep(m *Message, now time.Time) bool {
	if m.State == Sending && m.NextAt != nil && now.Before(*m.NextAt) {
		return false
	}
	if m.State == Planned || m.State == Sending {
		m.end(HeldBack)
		last := g.Trail[len(g.Trail)-1]
		m.Trail = m.Trail.Add(audit.By{ID: last.ByID, Name: last.By}, now, audit.Line{What: "held back"})
	}
	return true
}
