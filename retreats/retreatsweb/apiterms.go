package retreatsweb

import (
	"lantern/internal/money"
	"lantern/retreats"
)

// What a couple pays, as the API has it.

// InstalmentJSON is a part of the rest of the price.
type InstalmentJSON struct {
	DaysBefore int `json:"days_before" doc:"Before the start; it is due at 10:00 in the zone of the cohort"`
	Share      int `json:"share_basis_points" doc:"Of the rest, in hundredths of a per cent; all make 10000"`
}

// EarlyBirdJSON is a lower price for who comes early.
type EarlyBirdJSON struct {
	Price      *money.Amount `json:"price,omitempty" doc:"For one couple"`
	DaysBefore int           `json:"days_before" doc:"It holds until the end of the day that is so many days before the start"`
}

func instalmentsOf(list []retreats.Instalment) (out []InstalmentJSON) {
	for _, in := range list {
		out = append(out, InstalmentJSON{DaysBefore: in.DaysBefore, Share: in.Share})
	}
	return out
}

func instalments(list []InstalmentJSON) (out []retreats.Instalment) {
	for _, in := range list {
		out = append(out, retreats.Instalment{DaysBefore: in.DaysBefore, Share: in.Share})
	}
	return out
}

func earlyBirdOf(e *retreats.EarlyBird) *EarlyBirdJSON {
	if e == nil {
		return nil
	}
	return &EarlyBirdJSON{Price: ptr(e.Price), DaysBefore: e.DaysBefore}
}

// earlyBird is nil when the early price is taken away.
func (e EarlyBirdJSON) earlyBird() *retreats.EarlyBird {
	if e.DaysBefore == 0 {
		return nil
	}
	early := &retreats.EarlyBird{DaysBefore: e.DaysBefore}
	set(&early.Price, e.Price)
	return early
}

// refillFeeOf is nil for a policy that promises nothing about places that are
// taken again.
func refillFeeOf(p retreats.RefundPolicy) *money.Amount {
	if p.RefillFee.Currency == "" {
		return nil
	}
	return ptr(p.RefillFee)
}
