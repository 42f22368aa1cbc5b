package retreatsweb

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/retreats"
)

// The part of the form that says what a couple pays besides the price.

// addPaying puts these terms into the values of a form.
func addPaying(v url.Values, t retreats.Terms) {
	v.Set("deposit", t.Deposit.Decimal())
	if t.DepositPercent > 0 {
		v.Set("deposit", strconv.Itoa(t.DepositPercent)+" %")
	}
	for _, in := range t.Instalments {
		v.Add("instalment_days", strconv.Itoa(in.DaysBefore))
		v.Add("instalment_share", retreats.ShareWords(in.Share))
	}
	if t.EarlyBird != nil {
		v.Set("early_bird", t.EarlyBird.Price.Decimal())
		v.Set("early_days", strconv.Itoa(t.EarlyBird.DaysBefore))
	}
	if t.Policy.RefillFee.Currency != "" {
		v.Set("refill_fee", t.Policy.RefillFee.Decimal())
	}
}

// readPaying reads them into the terms, whose price is read.
func readPaying(v url.Values, currency string, t *retreats.Terms, faults fault.Fields) {
	amount := func(name string) (a money.Amount) {
		if text := at(v[name], 0); text != "" {
			var err error
			if a, err = money.Parse(text, currency); err != nil {
				faults[name] = fault.TextOf(err)
			}
		}
		return a
	}
	if share, isShare := strings.CutSuffix(at(v["deposit"], 0), "%"); isShare {
		n, err := strconv.Atoi(strings.TrimSpace(share))
		if err != nil || n < 1 || n > 100 {
			faults["deposit"] = "A share is a whole number between 1 and 100 per cent."
		}
		t.DepositPercent = n
	} else {
		t.Deposit = amount("deposit")
	}
	t.Instalments = readInstalments(v, faults)
	if at(v["early_bird"], 0) != "" || at(v["early_days"], 0) != "" {
		t.EarlyBird = &retreats.EarlyBird{Price: amount("early_bird"), DaysBefore: readNumber(at(v["early_days"], 0), "early_days", 1, 0, faults)}
		if at(v["early_bird"], 0) == "" {
			faults["early_bird"] = "Please write the early price, or empty both fields."
		}
		if at(v["early_days"], 0) == "" {
			faults["early_days"] = "Please write until how many days before the start it holds, or empty both fields."
		}
	}
	t.Policy.RefillFee = amount("refill_fee")
}

// payRow is an instalment as it is typed.
type payRow struct {
	Number      int
	Days, Share string
}

// spareInstalments are the empty rows to add more in.
const spareInstalments = 2

// typedInstalments are the rows with something in them.
func typedInstalments(v url.Values) []payRow {
	var rows []payRow
	for _, typed := range typedPairs(v, "instalment_days", "instalment_share") {
		rows = append(rows, payRow{Days: typed[0], Share: typed[1]})
	}
	return rows
}

// readInstalments reads the rows, which may be typed in any order: there is only
// one in which they make sense.
func readInstalments(v url.Values, faults fault.Fields) []retreats.Instalment {
	var list []retreats.Instalment
	for _, row := range typedInstalments(v) {
		days, err := strconv.Atoi(row.Days)
		share, ok := parseShare(row.Share)
		if err != nil || !ok {
			faults["instalments"] = "Please write a whole number of days, and per cent with two decimals at most, in each row."
			continue
		}
		list = append(list, retreats.Instalment{DaysBefore: days, Share: share})
	}
	slices.SortStableFunc(list, func(a, b retreats.Instalment) int { return cmp.Compare(b.DaysBefore, a.DaysBefore) })
	return list
}

// parseShare reads "33.34" or "50 %" as hundredths of a per cent. What is no
// share of anything is for the domain to say.
func parseShare(text string) (share int, ok bool) {
	whole, fraction, hasPoint := strings.Cut(strings.TrimSpace(strings.TrimSuffix(text, "%")), ".")
	if !isFigures(whole) || len(whole) > 6 || hasPoint && (!isFigures(fraction) || len(fraction) > 2) {
		return 0, false
	}
	share, err := strconv.Atoi(whole + fraction + strings.Repeat("0", 2-len(fraction)))
	return share, err == nil
}

func isFigures(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }
