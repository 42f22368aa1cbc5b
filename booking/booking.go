package booking

import (
	"maps"
	"slices"
	"time"

	"lantern/internal/audit"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/people"
	"lantern/internal/store"
	"lantern/retreats"
)

// Booking is one couple's way through one cohort.
type Booking struct {
	store.Meta
	// Ref is the short name of the booking that people say on the phone.
	Ref      string     `json:"ref"`
	CohortID string     `json:"cohort_id"`
	Partners [2]Partner `json:"partners"`
	// SharedEmail says that both partners read the same mailbox, and said so.
	SharedEmail bool `json:"shared_email,omitempty"`
	// OwnMailSince is since when the second partner has a mailbox of their own
	// after they had shared one: what was said before was said to both.
	OwnMailSince *time.Time `json:"own_mail_since,omitempty"`
	// Price and Acceptance are what the couple agreed to; Reductions are how the
	// price came to be lower than the cohort's, Code is the code it gave.
	Price      money.Amount         `json:"price"`
	Acceptance Acceptance           `json:"acceptance"`
	Reductions []retreats.Reduction `json:"reductions,omitempty"`
	Code       string               `json:"code,omitempty"`

	// Charges are made when the couple first holds a place. Charges, card
	// pages, tries, payments, refunds and disputes are lines: added, given an
	// outcome, never removed.
	Charges   []Charge   `json:"charges,omitempty"`
	Checkouts []Checkout `json:"checkouts,omitempty"`
	Tries     []Try      `json:"tries,omitempty"`
	Payments  []Payment  `json:"payments,omitempty"`
	Refunds   []Refund   `json:"refunds,omitempty"`
	Disputes  []Dispute  `json:"disputes,omitempty"`
	// Split says what each partner pays; nil when the couple pays together.
	Split *Split `json:"split,omitempty"`
	// Cards are each partner's own for later charges, nil without one;
	// PastCards are those that are not charged any more. Customers are the
	// partners' ids at Stripe.
	Cards     [2]*SavedCard `json:"cards"`
	PastCards []PastCard    `json:"past_cards,omitempty"`
	Customers [2]string     `json:"customers"`

	// GroupID joins the bookings of a couple that waits for several cohorts: it
	// is the id of the first.
	GroupID string `json:"group_id"`
	// Consents and Forms are of each partner; nil until given and received.
	Consents   [2]*Consent  `json:"consents"`
	Clearances [2]Clearance `json:"clearances"`
	// PastConsents were withdrawn, or given for other dates.
	PastConsents []PastConsent `json:"past_consents,omitempty"`
	Forms        [2]*Mark      `json:"forms"`
	// Replies are the partners' words that they come to a session, or would
	// rather come at another time; Attendance is who was there.
	Replies    []Reply      `json:"replies,omitempty"`
	Attendance []Attendance `json:"attendance,omitempty"`
	Drivers    []Driver     `json:"drivers,omitempty"`
	// Departures are when the couple was released after a session, undone ones
	// too; Calls are who was phoned about what.
	Departures []Departure  `json:"departures,omitempty"`
	Calls      []CallRecord `json:"calls,omitempty"`
	// RidesDecided are the sessions that may begin without a driver's yes.
	RidesDecided []RideDecision `json:"rides_decided,omitempty"`
	// PastTexts are consents to texts that others have replaced.
	PastTexts []PastTextConsent `json:"past_texts,omitempty"`
	// Moving is set while a waiting couple is moved to another cohort, Removing
	// while its turn is ended by staff.
	Moving   *Move    `json:"moving,omitempty"`
	Removing *Removal `json:"removing,omitempty"`
	// Transfers are the changes of the couple with its place to other dates.
	Transfers []Transferred `json:"transfers,omitempty"`
	// EndReason is why staff ended the booking, in words for the couple.
	EndReason string `json:"end_reason,omitempty"`
	// Trail is what staff changed.
	Trail audit.Trail `json:"trail,omitempty"`

	// JoinedAt is when the couple went onto the waitlist, if it did.
	JoinedAt *time.Time `json:"joined_at,omitempty"`
	// LetGo is the last offer that the couple let go by and kept its turn.
	LetGo        *retreats.TurnEvent `json:"let_go,omitempty"`
	Cancellation *Cancellation       `json:"cancellation,omitempty"`
	// LapsedAt is when the booking ended without money: its hold ran out, or
	// it left the waitlist.
	LapsedAt  *time.Time `json:"lapsed_at,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	// LinksUntil is when the partners' links end.
	LinksUntil time.Time `json:"links_until"`

	// AttendAt is when the booking must be looked at even if nobody asks;
	// nil when there is nothing left to do.
	AttendAt *time.Time `json:"attend_at,omitempty"`
	// AskedRev is the revision on which that was asked for last, see attend.
	AskedRev int64 `json:"asked_rev,omitempty"`
	// Failures counts how often in a row the pass could not attend to it.
	Failures int `json:"failures,omitempty"`
	// NeedsAt is since when the booking needs a person, see Matters; nil when it
	// does not. It is written whenever the booking has been attended to.
	NeedsAt *time.Time `json:"needs_at,omitempty"`
	// PlanAt asks for the booking's messages to be planned again; nil when
	// they are planned for what the booking says now.
	PlanAt *time.Time `json:"plan_at,omitempty"`
	// PlanRev is the revision on which that was asked for last, see replan.
	PlanRev int64 `json:"plan_rev,omitempty"`
}

// Partner is one of the two people, each in their own right.
type Partner struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	// Phone is in the form +14155550132, or empty.
	Phone string `json:"phone,omitempty"`
	// Zone is the IANA zone in which this partner reads times.
	Zone string `json:"zone"`
	// LinkHash is the hash of the token in this partner's own link.
	LinkHash string `json:"link_hash"`
	// Links counts the links that this one has taken the place of.
	Links int `json:"links,omitempty"`
	// MailSince is when staff put Email right; nil while it is as it was booked.
	MailSince *time.Time `json:"mail_since,omitempty"`
	// Texts is this partner's own word that they want text messages; nil until
	// given [D36].
	Texts *TextConsent `json:"texts,omitempty"`
	// Unreached is set while mail to this partner does not arrive.
	Unreached *Unreached `json:"unreached,omitempty"`
}

// Acceptance is the policy that the couple agreed to, word by word [D19], and
// its tiers, to compute with.
type Acceptance struct {
	At        time.Time             `json:"at"`
	Statement string                `json:"statement"`
	Hash      string                `json:"hash"`
	Policy    retreats.RefundPolicy `json:"policy"`
	// Deposit is part of the booking's price.
	Deposit money.Amount `json:"deposit"`
	// ListPrice is what the cohort asked then, before any reduction, StartsOn
	// its first day, and Rest how the rest of the price was to be paid.
	ListPrice money.Amount          `json:"list_price,omitzero"`
	StartsOn  civil.Date            `json:"starts_on,omitempty"`
	Rest      []retreats.Instalment `json:"rest,omitempty"`
	// IP is the address that the acceptance came from: evidence, should a
	// payment be disputed [D19].
	IP string `json:"ip,omitempty"`
}

// IsOver reports whether the booking has ended.
func (b *Booking) IsOver() bool { return b.Cancellation != nil || b.LapsedAt != nil }

// attend asks for the booking to be looked at no later than t.
//
// Decisions that are saved together share a revision (decision 2). So that one
// of them, made by who has looked at that revision, does not undo what another
// has just asked for, the request notes the revision on which it was made.
func (b *Booking) attend(t time.Time) {
	b.AskedRev = b.Rev
	if b.AttendAt == nil || t.Before(*b.AttendAt) {
		b.AttendAt = &t
	}
}

// replan asks for the booking's messages to be planned again. It notes the
// revision for the reason that attend has.
func (b *Booking) replan(now time.Time) { b.PlanAt, b.PlanRev = &now, b.Rev }

// Application is what a couple sends to book a place.
type Application struct {
	Partners     [2]PartnerInput
	SharedEmail  bool
	AcceptPolicy bool
	// Wait puts the couple on the waitlist when no place is free.
	Wait bool
	// group is the couple's first booking, if this is for a further cohort.
	group string
	// Code lowers the price, if the cohort knows it.
	Code string
	// IP is the address that the application came from.
	IP string
	// Key makes the application repeatable: the same key is the same booking.
	// Without one each application is a new booking.
	Key string
}

// PartnerInput is what one partner typed.
type PartnerInput struct{ Name, Email, Phone, Zone string }

// check normalises an application. Faults are by field: "partner1.email". Those
// that are known of it already are told with them.
func (a Application) check(cohortZone string, known fault.Fields) ([2]Partner, error) {
	fields := fault.Fields{}
	maps.Copy(fields, known)
	partners := [2]Partner{
		a.Partners[0].check(fields, "partner1.", cohortZone),
		a.Partners[1].check(fields, "partner2.", cohortZone),
	}
	first, second := partners[0].Email, partners[1].Email
	if first != "" && people.SameEmail(first, second) && !a.SharedEmail {
		fields["partner2.email"] = "Both of you have the same mail address. Give two addresses, or say that you share one."
	}
	if !a.AcceptPolicy {
		fields["accept_policy"] = "Please read the refund policy and accept it to go on."
	}
	return partners, fault.InvalidFields(fields)
}

func (p PartnerInput) check(fields fault.Fields, prefix, cohortZone string) Partner {
	take := func(field string, value string, err error) string {
		if err != nil {
			fields[prefix+field] = fault.TextOf(err)
		}
		return value
	}
	zone := p.Zone
	if zone == "" {
		zone = cohortZone
	}
	var out Partner
	name, err := people.Name(p.Name)
	out.Name = take("name", name, err)
	email, err := people.Email(p.Email)
	out.Email = take("email", email, err)
	zone, err = people.Zone(zone)
	out.Zone = take("zone", zone, err)
	phone, err := people.Phone(p.Phone, people.RegionOf(zone))
	out.Phone = take("phone", phone, err)
	return out
}

// Charge finds a charge by its id.
func (b *Booking) Charge(id string) (*Charge, bool) {
	i := slices.IndexFunc(b.Charges, func(c Charge) bool { return c.ID == id })
	if i < 0 {
		return nil, false
	}
	return &b.Charges[i], true
}
