package retreats

import (
	"time"

	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/money"
)

// EarlyBird is a lower price for who comes early. It holds until the end of
// the day, in the cohort's zone, that is so many days before the start.
type EarlyBird struct {
	Price      money.Amount `json:"price"`
	DaysBefore int          `json:"days_before"`
}

// Quote is what a couple agrees to.
type Quote struct {
	// List is the price before all reductions, Price the one after them.
	List, Price money.Amount
	// Deposit is the part of the price that is due at once.
	Deposit    money.Amount
	Reductions []Reduction
}

// Reduction is what takes the price down, and by how much. Name is a code's.
type Reduction struct {
	Kind   ReductionKind `json:"kind"`
	Name   string        `json:"name,omitempty"`
	Amount money.Amount  `json:"amount"`
}

// ReductionKind says where a reduction comes from.
type ReductionKind string

// The kinds of reductions. An organizer grants one of the sliding scale.
const (
	EarlyBirdReduction ReductionKind = "early_bird"
	CodeReduction      ReductionKind = "code"
	SlidingReduction   ReductionKind = "sliding"
)

// Quote is what a couple that comes at that time agrees to: the early price
// while it holds, and a code on what is left then. An empty code is none. It
// does not ask how often the code was used; that is for who takes a place.
func (c *Cohort) Quote(code string, at time.Time) (Quote, error) {
	q := c.PriceNow(at)
	if code == "" {
		return q, nil
	}
	found, err := c.validCode(code, at)
	if err != nil {
		return Quote{}, err
	}
	amount := found.off(q.Price)
	if amount.Minor >= q.Price.Minor {
		return Quote{}, errCodeTooMuch
	}
	q.reduce(CodeReduction, found.Name, amount)
	q.Deposit = c.DepositOf(q.Price)
	return q, nil
}

// PriceNow is the quote for a couple without a code.
func (c *Cohort) PriceNow(at time.Time) Quote {
	q := Quote{List: c.Price, Price: c.Price}
	if c.IsEarly(at) {
		q.reduce(EarlyBirdReduction, "", c.Price.Minus(c.EarlyBird.Price))
	}
	q.Deposit = c.DepositOf(q.Price)
	return q
}

func (q *Quote) reduce(kind ReductionKind, name string, amount money.Amount) {
	q.Reductions = append(q.Reductions, Reduction{Kind: kind, Name: name, Amount: amount})
	q.Price = q.Price.Minus(amount)
}

// IsEarly reports whether the early price holds at that time.
func (c *Cohort) IsEarly(at time.Time) bool {
	return c.EarlyBird != nil && at.Before(c.EarlyBirdEnds())
}

// EarlyBirdEnds is the first moment at which the early price does not hold any
// more. There must be an early price.
func (c *Cohort) EarlyBirdEnds() time.Time {
	return c.EarlyBirdLastDay().AddDays(1).At("00:00", c.Location())
}

// EarlyBirdLastDay is the last day on which the early price holds. There must be
// an early price.
func (c *Cohort) EarlyBirdLastDay() civil.Date { return c.StartsOn.AddDays(-c.EarlyBird.DaysBefore) }

// DepositOf is the deposit of a price that a couple agrees to: the share of
// it, or the amount of the terms and at most the price.
func (t Terms) DepositOf(price money.Amount) money.Amount {
	if t.DepositPercent == 0 {
		return money.Of(min(t.Deposit.Minor, price.Minor), price.Currency)
	}
	// Of a very small price too, something is due at once.
	share := max(price.Percent(t.DepositPercent).Minor, money.Step(price.Currency))
	return money.Of(min(share, price.Minor), price.Currency)
}

// check says what is wrong with an early price for that price.
func (e *EarlyBird) check(price money.Amount) error {
	if e == nil {
		return nil
	}
	if err := e.Price.CheckPrice(); err != nil {
		return err
	}
	switch {
	case e.Price.Currency != price.Currency || e.Price.IsZero() || e.Price.Minor >= price.Minor:
		return fault.New(fault.Invalid, "The early price must be in the price's currency, more than nothing and lower than the price.")
	case e.DaysBefore < 1 || e.DaysBefore > maxDaysBefore:
		return fault.Newf(fault.Invalid, "The early price ends between 1 and %d days before the start.", maxDaysBefore)
	}
	return nil
}

func (e *EarlyBird) words() string {
	if e == nil {
		return ""
	}
	return e.Price.String() + " until " + number(e.DaysBefore) + " days before"
}
