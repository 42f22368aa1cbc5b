package retreats

import (
	"fmt"
	"strings"
	"time"

	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/store"
)

// Retreat is a programme on offer. Cohorts are its dated runs; each copies what
// it sells, so that a retreat can be edited without touching what was sold.
type Retreat struct {
	store.Meta
	Programme
	Terms
	Plan []PlannedSession `json:"plan"`
}

// Programme is what people read about a retreat.
type Programme struct {
	Name    string `json:"name"`
	Summary string `json:"summary"`
	// Text is Markdown.
	Text     string   `json:"text,omitempty"`
	Location string   `json:"location"`
	Guides   []string `json:"guides,omitempty"`
}

// Terms are what a couple agrees to and how places are handled. A retreat has
// them as defaults for its cohorts.
type Terms struct {
	// Capacity is the number of couples.
	Capacity int          `json:"capacity"`
	Price    money.Amount `json:"price"`
	Deposit  money.Amount `json:"deposit"`
	// BalanceDays is how many days before the start the rest of the price is
	// due; who books later than that pays the whole price at once [D12].
	BalanceDays int          `json:"balance_days"`
	Policy      RefundPolicy `json:"policy"`
	// HoldMinutes is how long a place is held for a couple that has not paid [D2].
	HoldMinutes int `json:"hold_minutes"`
	// OfferHours is how long a freed place is kept for the couple it was
	// offered to [D5].
	OfferHours int `json:"offer_hours"`
	// WaitlistCap is the longest waitlist [D9].
	WaitlistCap int `json:"waitlist_cap"`
}

// Defaults of the terms; the numbers in brackets are explained in
// internal/docs/defaults.md.
const (
	DefaultHoldMinutes   = 31 // [D2]
	DefaultOfferHours    = 48 // [D5]
	DefaultBalanceDays   = 30 // [D12]
	defaultDepositShare  = 20 // per cent of the price [D10]
	defaultWaitlistTimes = 2  // times the capacity [D9]
)

// withDefaults fills in what was left open.
func (t Terms) withDefaults() Terms {
	if t.HoldMinutes == 0 {
		t.HoldMinutes = DefaultHoldMinutes
	}
	if t.OfferHours == 0 {
		t.OfferHours = DefaultOfferHours
	}
	if t.WaitlistCap == 0 {
		t.WaitlistCap = defaultWaitlistTimes * t.Capacity
	}
	if t.Deposit.Currency == "" {
		t.Deposit = t.Price.Percent(defaultDepositShare)
	}
	if len(t.Policy.Tiers) == 0 {
		t.Policy = DefaultRefundPolicy()
	}
	return t
}

// Bounds of the terms. They are wide: their purpose is to catch a slip.
const (
	maxCapacity    = 500
	maxHoldMinutes = 24 * 60 // the longest that a card page can stay open
	maxOfferHours  = 14 * 24
	maxWaitlist    = 10_000
	maxBalanceDays = 365
)

func (t Terms) check(fields fault.Fields) {
	within(fields, "capacity", t.Capacity, 1, maxCapacity, "couples")
	within(fields, "hold_minutes", t.HoldMinutes, 1, maxHoldMinutes, "minutes")
	within(fields, "offer_hours", t.OfferHours, 1, maxOfferHours, "hours")
	within(fields, "waitlist_cap", t.WaitlistCap, 0, maxWaitlist, "couples")
	within(fields, "balance_days", t.BalanceDays, 0, maxBalanceDays, "days")
	if err := t.Price.Check(); err != nil {
		fields["price"] = fault.TextOf(err)
	} else if t.Price.IsZero() {
		fields["price"] = "The price must be more than nothing."
	}
	if err := t.Deposit.Check(); err != nil {
		fields["deposit"] = fault.TextOf(err)
	} else if t.Deposit.Currency != t.Price.Currency || t.Deposit.IsZero() || t.Deposit.Minor > t.Price.Minor {
		fields["deposit"] = "The deposit must be in the price's currency, more than nothing and at most the price."
	}
	if err := t.Policy.Check(); err != nil {
		fields["policy"] = fault.TextOf(err)
	}
}

func within(fields fault.Fields, name string, value, lowest, highest int, unit string) {
	if value < lowest || value > highest {
		fields[name] = fmt.Sprintf("This must be between %d and %d %s.", lowest, highest, unit)
	}
}

func (p Programme) check(fields fault.Fields) {
	lengths := []struct {
		name, value string
		longest     int
		required    bool
	}{
		{"name", p.Name, 100, true},
		{"summary", p.Summary, 500, false},
		{"text", p.Text, 20_000, false},
		{"location", p.Location, 200, true},
	}
	for _, l := range lengths {
		if l.required && strings.TrimSpace(l.value) == "" {
			fields[l.name] = "Please fill this in."
		} else if len([]rune(l.value)) > l.longest {
			fields[l.name] = fmt.Sprintf("Please keep this to %d characters.", l.longest)
		}
	}
}

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
}

func (p PlannedSession) check() error {
	switch p.Kind {
	case Preparation, Medicine, Integration, Gathering, Consultation:
	default:
		return fault.Newf(fault.Invalid, "A session is a preparation, medicine, integration, gathering or consultation.")
	}
	if p.Receives != ReceivesNobody && p.Kind != Medicine {
		return fault.New(fault.Invalid, "Only a medicine session can say who receives medicine.")
	}
	switch p.Receives {
	case ReceivesNobody, ReceivesBoth, ReceivesFirst, ReceivesSecond:
	default:
		return fault.New(fault.Invalid, "Medicine is received by both, first_partner or second_partner.")
	}
	if strings.TrimSpace(p.Title) == "" || len([]rune(p.Title)) > 100 {
		return fault.New(fault.Invalid, "Every session needs a title of at most 100 characters.")
	}
	if p.Minutes < 5 || p.Minutes > 24*60 {
		return fault.New(fault.Invalid, "A session lasts between 5 minutes and a day.")
	}
	if p.Day < -365 || p.Day > 365 {
		return fault.New(fault.Invalid, "A session lies within a year of the cohort's first day.")
	}
	_, err := civil.ParseClock(string(p.Clock))
	return err
}

// maxSessions bounds a plan; the longest protocol known has twenty.
const maxSessions = 60

// NewRetreat makes a retreat and fills in default terms. The fault names every
// field that is wrong.
func NewRetreat(id string, programme Programme, terms Terms, plan []PlannedSession) (*Retreat, error) {
	r := &Retreat{Meta: store.Meta{ID: id}, Programme: programme, Terms: terms.withDefaults(), Plan: plan}
	fields := fault.Fields{}
	r.Programme.check(fields)
	r.Terms.check(fields)
	if len(plan) == 0 || len(plan) > maxSessions {
		fields["plan"] = fmt.Sprintf("A plan has between 1 and %d sessions.", maxSessions)
	}
	for _, session := range plan {
		if err := session.check(); err != nil {
			fields["plan"] = fault.TextOf(err)
		}
	}
	return r, fault.InvalidFields(fields)
}
