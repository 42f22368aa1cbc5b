// Package access says who may do what: the people who work with Lantern and
// what they work as, the rights that routes ask for, the links and sessions by
// which people sign in, and the tokens of other programs.
package access

import (
	"slices"

	"lantern/internal/audit"
	"lantern/internal/fault"
)

// Role is what somebody works as.
type Role string

// The roles [D42].
const (
	Organizer Role = "organizer"
	Staff     Role = "staff"
	Clinician Role = "clinician"
	Viewer    Role = "viewer"
	// Monitor is of programs alone: it sees the service's figures and nobody's
	// data.
	Monitor Role = "monitor"
)

// Roles lists the roles of people, TokenRoles those that a token may have.
var (
	Roles      = []Role{Organizer, Staff, Clinician, Viewer}
	TokenRoles = []Role{Organizer, Staff, Clinician, Viewer, Monitor}
)

// Right is what a route asks for. Every route names one.
type Right string

// The rights.
const (
	// Public is for everybody.
	Public Right = "public"
	// OwnBooking needs the link of one of the booking's partners; staff with
	// ReadBookings pass as well.
	OwnBooking Right = "own_booking"
	// OwnPartner needs the link of one of the booking's partners: what only the
	// two of them do, each for themselves. No staff passes.
	OwnPartner Right = "own_partner"
	// OwnDriver needs a driver's own link: one ride, and nothing else.
	OwnDriver Right = "own_driver"
	// Signed is for machines that sign what they send.
	Signed Right = "signed"
	// Outbox shows the mails that were not sent because no server is set.
	Outbox Right = "outbox"

	// SignedIn is for everybody who works here: signing out.
	SignedIn Right = "signed_in"
	// ReadRoster shows the overview, a cohort's board and who changed what.
	ReadRoster Right = "read_roster"
	// ReadBookings shows couples, rosters and messages.
	ReadBookings Right = "read_bookings"
	// ManageWaitlist changes whose turn it is, with a reason.
	ManageWaitlist Right = "manage_waitlist"
	// ManageCohorts makes retreats and cohorts and changes them.
	ManageCohorts Right = "manage_cohorts"
	// RecordClearance writes down whether a partner is cleared.
	RecordClearance Right = "record_clearance"
	// Attend writes down what came of a call, and whom a couple was released to.
	Attend Right = "attend"
	// ManageConsultations shows who asks for a first talk, fixes its time and
	// notes what came of it.
	ManageConsultations Right = "manage_consultations"
	// ManageTeam adds, changes and ends staff and API tokens.
	ManageTeam Right = "manage_team"
	// ReadFigures shows how the service is doing: counts and durations.
	ReadFigures Right = "read_figures"
	// Refund gives money back. No role brings it: it is a mark of its own on a
	// person or a token, given by those who have it or on the console.
	Refund Right = "refund"
)

var granted = map[Role][]Right{
	Organizer: {SignedIn, ReadRoster, ReadBookings, ManageWaitlist, ManageCohorts, RecordClearance, Attend, ManageConsultations, ManageTeam, ReadFigures},
	Staff:     {SignedIn, ReadRoster, ReadBookings, RecordClearance, Attend, ManageConsultations},
	Clinician: {SignedIn, ReadRoster, RecordClearance},
	Viewer:    {SignedIn, ReadRoster, ReadBookings},
	Monitor:   {ReadFigures},
}

// Has reports whether the role brings the right.
func (r Role) Has(right Right) bool { return slices.Contains(granted[r], right) }

// CheckRole returns an Invalid fault for what is not a role.
func CheckRole(name string) (Role, error) {
	if role := Role(name); slices.Contains(Roles, role) {
		return role, nil
	}
	return "", fault.New(fault.Invalid, "A role is organizer, staff, clinician or viewer.")
}

// CheckTokenRole returns an Invalid fault for what is not a role of tokens.
func CheckTokenRole(name string) (Role, error) {
	if role := Role(name); slices.Contains(TokenRoles, role) {
		return role, nil
	}
	return "", fault.New(fault.Invalid, "A token's role is organizer, staff, clinician, viewer or monitor.")
}

// Actor is who acts: a person with a session, or a program with a token.
type Actor struct {
	// ID stands in records. It is short and no secret: "staff_…", "token:…".
	ID string
	// Name is what others know them by, of a token its label.
	Name string
	Role Role
	// MayRefund is the mark that gives the right Refund.
	MayRefund bool
	// Token tells programs from people.
	Token bool
}

// Has reports whether the actor has the right.
func (a Actor) Has(right Right) bool {
	switch right {
	case Public:
		return true
	case Refund:
		return a.MayRefund
	}
	return a.Role.Has(right)
}

// By is the actor in a line of a trail.
func (a Actor) By() audit.By { return audit.By{ID: a.ID, Name: a.Name} }

// Console is whoever runs commands on the service's machine. Who can do that
// has the store and the secret, so there is nothing to keep from them.
func Console() Actor {
	return Actor{ID: "console", Name: "Console", Role: Organizer, MayRefund: true}
}

// marking notes a fault when somebody gives a mark that they do not have.
func (a Actor) marking(faults fault.Fields, mayRefund bool) {
	if mayRefund && !a.Has(Refund) {
		faults["may_refund"] = "Only somebody who may give money back can let others do so."
	}
}
