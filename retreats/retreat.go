package retreats

import (
	"fmt"
	"strings"

	"lantern/internal/audit"
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
	// Trail is what staff changed.
	Trail audit.Trail `json:"trail,omitempty"`
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
	// Deposit is due when a couple books: an amount, and at most the price it
	// agrees to. With DepositPercent it is what that makes of the list price.
	Deposit money.Amount `json:"deposit"`
	// DepositPercent is the share of the agreed price, if it is not an amount.
	DepositPercent int `json:"deposit_percent,omitempty"`
	// BalanceDays is how many days before the start the rest of the price is
	// due; who books later than that pays the whole price at once [D12].
	BalanceDays int `json:"balance_days"`
	// Instalments are how the rest is paid instead, from the earliest to the
	// last; empty means one balance.
	Instalments []Instalment `json:"instalments,omitempty"`
	EarlyBird   *EarlyBird   `json:"early_bird,omitempty"`
	Policy      RefundPolicy `json:"policy"`
	// HoldMinutes is how long a place is held for a couple that has not paid [D2].
	HoldMinutes int `json:"hold_minutes"`
	// OfferHours is how long a freed place is kept for the couple it was
	// offered to [D5].
	OfferHours int `json:"offer_hours"`
	// WaitlistCap is the longest waitlist [D9].
	WaitlistCap int `json:"waitlist_cap"`
	// MaxPasses is how many offers a couple may let go by and stay on the
	// waitlist.
	MaxPasses int `json:"max_passes"`
	// UndoMinutes is how long a place that was given up is kept back, so that
	// it can be given again to those who gave it up by mistake [D8]; 0 offers
	// it to the next at once.
	UndoMinutes int `json:"undo_minutes"`
	// GuestsStay says that couples sleep on the site until the last day, so that
	// nobody has to drive in between [D24].
	GuestsStay bool `json:"guests_stay,omitempty"`
	// Rides says whether a taxi may take a couple home [D27].
	Rides RidePolicy `json:"rides,omitempty"`
}

// Defaults of the terms; the numbers in brackets are explained in
// internal/docs/defaults.md.
const (
	DefaultHoldMinutes   = 31 // [D2]
	DefaultOfferHours    = 48 // [D5]
	DefaultBalanceDays   = 30 // [D12]
	DefaultMaxPasses     = 3
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
	if t.MaxPasses == 0 {
		t.MaxPasses = DefaultMaxPasses
	}
	switch {
	case t.DepositPercent != 0:
		t.Deposit = t.DepositOf(t.Price)
	case t.Deposit.Currency == "":
		t.Deposit = t.Price.Percent(defaultDepositShare)
	}
	if len(t.Policy.Tiers) == 0 {
		t.Policy.Tiers = DefaultRefundPolicy().Tiers
	}
	if t.Policy.RefillFee.Currency == "" {
		t.Policy.RefillFee = defaultRefillFee(t.Deposit)
	}
	return t
}

// Bounds of the terms. They are wide: their purpose is to catch a slip.
const (
	maxCapacity    = 500
	minHoldMinutes = DefaultHoldMinutes // a card page stays open for half an hour at least
	maxHoldMinutes = 24 * 60            // the longest that a card page can stay open
	maxOfferHours  = 14 * 24
	maxWaitlist    = 10_000
	maxBalanceDays = 365
	maxUndoMinutes = 24 * 60
)

func (t Terms) check(fields fault.Fields) {
	within(fields, "capacity", t.Capacity, 1, maxCapacity, "couples")
	within(fields, "hold_minutes", t.HoldMinutes, minHoldMinutes, maxHoldMinutes, "minutes")
	within(fields, "offer_hours", t.OfferHours, 1, maxOfferHours, "hours")
	within(fields, "waitlist_cap", t.WaitlistCap, 0, maxWaitlist, "couples")
	within(fields, "max_passes", t.MaxPasses, 1, 100, "offers")
	within(fields, "undo_minutes", t.UndoMinutes, 0, maxUndoMinutes, "minutes")
	within(fields, "balance_days", t.BalanceDays, 0, maxBalanceDays, "days")
	t.Rides.check(fields)
	t.checkMoney(fields)
	if err := t.Policy.Check(); err != nil {
		fields["policy"] = fault.TextOf(err)
	}
}

// checkMoney names what is wrong with what a couple pays.
func (t Terms) checkMoney(fields fault.Fields) {
	if err := t.Price.CheckPrice(); err != nil {
		fields["price"] = fault.TextOf(err)
	} else if t.Price.IsZero() {
		fields["price"] = "The price must be more than nothing."
	}
	within(fields, "deposit_percent", t.DepositPercent, 0, 100, "per cent")
	if err := t.Deposit.CheckPrice(); err != nil {
		fields["deposit"] = fault.TextOf(err)
	} else if t.Deposit.Currency != t.Price.Currency || t.Deposit.IsZero() || t.Deposit.Minor > t.Price.Minor {
		fields["deposit"] = "The deposit must be in the price's currency, more than nothing and at most the price."
	}
	if fields["deposit_percent"] != "" || fields["price"] != "" && t.DepositPercent != 0 {
		delete(fields, "deposit") // it follows from what is wrong
	}
	if err := checkInstalments(t.Instalments); err != nil {
		fields["instalments"] = fault.TextOf(err)
	}
	if err := t.EarlyBird.check(t.Price); err != nil && fields["price"] == "" {
		fields["early_bird"] = fault.TextOf(err)
	}
	if fee := t.Policy.RefillFee; fields["deposit"] == "" && fields["deposit_percent"] == "" && fields["price"] == "" {
		if err := fee.CheckPrice(); err != nil {
			fields["refill_fee"] = fault.TextOf(err)
		} else if fee.Currency != t.Deposit.Currency || fee.Minor > t.Deposit.Minor {
			fields["refill_fee"] = "The fee must be in the price's currency and at most the deposit."
		}
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
