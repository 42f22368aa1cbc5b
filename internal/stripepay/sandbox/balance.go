package sandbox

import "strings"

// balanceTransaction says what of a charge arrives in the account.
type balanceTransaction struct {
	ID       string `json:"id"`
	Object   string `json:"object"`
	Amount   int64  `json:"amount"`
	Created  int64  `json:"created"`
	Currency string `json:"currency"`
	Fee      int64  `json:"fee"`
	Net      int64  `json:"net"`
	Source   string `json:"source"`
	Status   string `json:"status"`
	Type     string `json:"type"`
}

// balanceID leads back to the charge, so that nothing more has to be kept.
func balanceID(of *charge) nullable {
	return nullable("txn_" + strings.TrimPrefix(of.ID, "ch_"))
}

// balance finds a balance transaction by its id.
func (s *state) balance(id string) (*balanceTransaction, bool) {
	of, ok := s.Charges.get("ch_" + strings.TrimPrefix(id, "txn_"))
	if !ok || string(of.Balance) != id {
		return nil, false
	}
	fee := feeOf(of.Amount)
	return &balanceTransaction{
		ID: id, Object: "balance_transaction", Amount: of.Amount, Created: of.Created, Currency: of.Currency,
		Fee: fee, Net: of.Amount - fee, Source: of.ID, Status: "available", Type: "charge",
	}, true
}

// feeOf is 2.9 % of an amount, rounded half up, and 30 minor units.
func feeOf(amount int64) int64 {
	const tenthsOfPercent, fixed = 29, 30
	return (amount*tenthsOfPercent+500)/1000 + fixed
}
