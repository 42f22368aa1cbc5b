package retreats

import (
	"maps"
	"slices"
	"strings"
	"time"

	"lantern/internal/civil"
	"lantern/internal/fault"
)

// SessionKind says what a session is for.
type SessionKind string

// The kinds of sessions.
const (
	Preparation  SessionKind = "preparation"
	Medicine     SessionKind = "medicine"
	Integration  SessionKind = "integration"
	Gathering    SessionKind = "gathering"
	Consultation SessionKind = "consultation"
)

// Receives says who receives medicine in a session. Practices differ, so
// nothing may assume that it is both.
type Receives string

// Who receives medicine. First and second are the partners in the order in
// which the couple decides to go.
const (
	ReceivesNobody Receives = ""
	ReceivesBoth   Receives = "both"
	ReceivesFirst  Receives = "first_partner"
	ReceivesSecond Receives = "second_partner"
)

// PlannedSession is a session of the programme, by its distance from the
// cohort's first day.
type PlannedSession struct {
	Kind  SessionKind `json:"kind"`
	Title string      `json:"title"`
	// Day counts from the cohort's first day, which is 0; preparation has
	// negative days.
	Day      int         `json:"day"`
	Clock    civil.Clock `json:"clock"`
	Minutes  int         `json:"minutes"`
	Online   bool        `json:"online,omitempty"`
	Receives Receives    `json:"receives,omitempty"`
}

// Session is one meeting of a cohort.
type Session struct {
	ID       string      `json:"id"`
	Kind     SessionKind `json:"kind"`
	Title    string      `json:"title"`
	StartsAt time.Time   `json:"starts_at"`
	EndsAt   time.Time   `json:"ends_at"`
	Online   bool        `json:"online,omitempty"`
	Receives Receives    `json:"receives,omitempty"`
	// Clock is the time of day that was planned, where clocks skip it on this
	// date; empty on all others.
	Clock civil.Clock `json:"clock,omitempty"`
}

// DroppedSession is a session as it was when it was taken out.
type DroppedSession struct {
	Session
	At time.Time `json:"dropped_at"`
}

// checkFields names what is wrong, by field.
func (p PlannedSession) checkFields(fields fault.Fields) {
	switch p.Kind {
	case Preparation, Medicine, Integration, Gathering, Consultation:
	default:
		fields["kind"] = "A session is a preparation, medicine, integration, gathering or consultation."
	}
	switch p.Receives {
	case ReceivesNobody, ReceivesBoth, ReceivesFirst, ReceivesSecond:
		if p.Receives != ReceivesNobody && p.Kind != Medicine {
			fields["receives"] = "Only a medicine session can say who receives medicine."
		}
	default:
		fields["receives"] = "Medicine is received by both, first_partner or second_partner."
	}
	if strings.TrimSpace(p.Title) == "" || len([]rune(p.Title)) > 100 {
		fields["title"] = "Every session needs a title of at most 100 characters."
	}
	if p.Minutes < 5 || p.Minutes > 24*60 {
		fields["minutes"] = "A session lasts between 5 minutes and a day."
	}
	if p.Day < -365 || p.Day > 365 {
		fields["day"] = "A session lies within a year of the cohort's first day."
	}
	if _, err := civil.ParseClock(string(p.Clock)); err != nil {
		fields["clock"] = fault.TextOf(err)
	}
}

// check gives the first of the faults, for where a plan is one field.
func (p PlannedSession) check() error {
	fields := fault.Fields{}
	p.checkFields(fields)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		return fault.New(fault.Invalid, fields[name])
	}
	return nil
}
