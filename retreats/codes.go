package retreats

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lantern/internal/audit"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/money"
)

// Code takes something off the price of one cohort for couples who know it.
type Code struct {
	// Name is compared without case.
	Name string `json:"name"`
	// Percent of the price, or else an Amount.
	Percent int          `json:"percent,omitempty"`
	Amount  money.Amount `json:"amount,omitzero"`
	// Limit is how many couples can use it; 0 means any number.
	Limit int `json:"limit,omitempty"`
	// Until is the last day on which it holds, in the cohort's zone; empty when
	// it holds until booking ends.
	Until civil.Date `json:"until,omitempty"`
	// Ended means that an organizer has ended it: nobody new can use it.
	Ended bool `json:"ended,omitempty"`
}

const (
	shortestCode = 3
	longestCode  = 24
	maxCodes     = 100
	maxCodeLimit = 10_000
)

// The named refusals of a code. None says whether there are others.
var (
	ErrCodeUnknown = codeFault("We do not know this code. Please look how it is written, or leave it out.")
	ErrCodeOver    = codeFault("This code does not hold any more.")
	ErrCodeUsed    = codeFault("This code has been used as often as it can be.")
	errCodeTooMuch = codeFault("This code would take off the whole price, so it cannot be used here.")
	errNoCode      = fault.New(fault.NotFound, "There is no such code.")
)

// codeFault is one of the field "code". Its text is its own, so that errors.Is
// tells it from others.
func codeFault(text string) *fault.Error {
	return &fault.Error{Kind: fault.Invalid, Text: text, Fields: fault.Fields{"code": text}}
}

// codeOf finds a code by its name; -1 when there is none.
func (c *Cohort) codeOf(name string) int {
	name = strings.TrimSpace(name)
	return slices.IndexFunc(c.Codes, func(code Code) bool { return strings.EqualFold(code.Name, name) })
}

// validCode finds a code that holds at that time.
func (c *Cohort) validCode(name string, at time.Time) (Code, error) {
	i := c.codeOf(name)
	switch {
	case i < 0:
		return Code{}, ErrCodeUnknown
	case c.Codes[i].Ended, c.Codes[i].Until != "" && civil.DateOf(at, c.Location()) > c.Codes[i].Until:
		return Code{}, ErrCodeOver
	}
	return c.Codes[i], nil
}

// use says by which code a couple that has no place gets one or a turn: the one
// that it asks for, if it holds and is not used up, or the one of a place that is
// kept back for it. A code counts as used as long as its couple stands anywhere
// in the roster, so it comes back when a hold runs out or a place is given up.
func (c *Cohort) use(r Roster, booking, name string, now time.Time) (string, error) {
	if i := r.keptBackOf(booking); i >= 0 {
		return r.KeptBack[i].Code, nil
	}
	if name == "" {
		return "", nil
	}
	code, err := c.validCode(name, now)
	if err != nil {
		return "", err
	}
	if code.Limit > 0 && r.codeUses(code.Name) >= code.Limit {
		return "", ErrCodeUsed
	}
	return code.Name, nil
}

// CodeUses is how many couples use the code now.
func (c *Cohort) CodeUses(name string) int {
	i := c.codeOf(name)
	if i < 0 {
		return 0
	}
	return c.Roster.codeUses(c.Codes[i].Name)
}

// codeUses counts by the name as the cohort writes it.
func (r Roster) codeUses(name string) (uses int) {
	for _, p := range r.Places {
		if p.Code == name {
			uses++
		}
	}
	for _, w := range r.Waitlist {
		if w.Code == name {
			uses++
		}
	}
	for _, k := range r.KeptBack {
		if k.Code == name {
			uses++
		}
	}
	return uses
}

// off is what the code takes off a price.
func (code Code) off(price money.Amount) money.Amount {
	if code.Percent > 0 {
		return price.Percent(code.Percent)
	}
	return code.Amount
}

// Words says what the code takes off: "15 %", "$200.00".
func (code Code) Words() string {
	if code.Percent > 0 {
		return number(code.Percent) + " %"
	}
	return code.Amount.String()
}

// check names what is wrong, by field.
func (code Code) check(price money.Amount) fault.Fields {
	fields := fault.Fields{}
	if len(code.Name) < shortestCode || len(code.Name) > longestCode || strings.Trim(strings.ToLower(code.Name), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		fields["name"] = fmt.Sprintf("A code has %d to %d letters, digits and hyphens.", shortestCode, longestCode)
	}
	switch hasAmount := code.Amount != (money.Amount{}); {
	case code.Percent != 0 && hasAmount:
		fields["percent"] = "A code takes off a share of the price or an amount, not both."
	case hasAmount:
		if err := code.Amount.CheckPrice(); err != nil {
			fields["amount"] = fault.TextOf(err)
		} else if code.Amount.Currency != price.Currency || code.Amount.IsZero() || code.Amount.Minor >= price.Minor {
			fields["amount"] = "The amount must be in the price's currency, more than nothing and lower than the price."
		}
	case code.Percent < 1 || code.Percent > 99:
		fields["percent"] = "A code takes off between 1 and 99 per cent, or an amount: something must be left to pay."
	}
	within(fields, "limit", code.Limit, 0, maxCodeLimit, "couples")
	if code.Until != "" {
		if _, err := civil.ParseDate(string(code.Until)); err != nil {
			fields["until"] = fault.TextOf(err)
		}
	}
	return fields
}

// AddCode makes a code that couples can use from now on. A name cannot be used
// again, since couples have agreed to what it took off.
func (c *Cohort) AddCode(code Code, by audit.By, now time.Time) error {
	if c.ended(now) {
		return errEnded
	}
	code.Name, code.Ended = strings.TrimSpace(code.Name), false
	fields := code.check(c.Price)
	if fields["name"] == "" && c.codeOf(code.Name) >= 0 {
		fields["name"] = "There is a code of this name already."
	}
	if fields["until"] == "" && code.Until != "" && civil.DateOf(now, c.Location()) > code.Until {
		fields["until"] = "Please choose a day to come."
	}
	if len(c.Codes) >= maxCodes {
		fields["codes"] = fmt.Sprintf("There can be %d codes at most.", maxCodes)
	}
	if err := fault.InvalidFields(fields); err != nil {
		return err
	}
	c.Codes = append(slices.Clone(c.Codes), code)
	c.Trail = c.Trail.Add(by, now, audit.Line{What: "code", To: code.Name + ", " + code.Words()})
	return nil
}

// EndCode ends a code. Couples that have used it keep what they agreed to.
// Ending it twice is harmless.
func (c *Cohort) EndCode(name string, by audit.By, now time.Time) error {
	i := c.codeOf(name)
	if i < 0 {
		return errNoCode
	}
	if c.Codes[i].Ended {
		return nil
	}
	c.Codes = slices.Clone(c.Codes)
	c.Codes[i].Ended = true
	c.Trail = c.Trail.Add(by, now, audit.Line{What: "code", From: c.Codes[i].Name, To: "ended"})
	return nil
}
