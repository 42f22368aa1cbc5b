package retreatsweb

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/retreats"
)

// The form of what a retreat or a cohort says and sells. Its values stay text,
// so that what is wrong is shown as it was typed; reading them notes faults by
// the names that the domain uses.

const (
	// Bounds that the domain leaves open.
	maxGuides       = 20
	longestName     = 100
	defaultCurrency = "USD"
)

// valuesOf fills the form from what is stored.
func valuesOf(p retreats.Programme, t retreats.Terms) url.Values {
	v := url.Values{}
	for name, value := range map[string]string{
		"name": p.Name, "summary": p.Summary, "text": p.Text, "location": p.Location, "guides": strings.Join(p.Guides, "\n"), "material": p.Material,
		"price": t.Price.Decimal(), "currency": t.Price.Currency,
	} {
		v.Set(name, value)
	}
	addPaying(v, t)
	addHome(v, t)
	for name, value := range map[string]int{
		"capacity": t.Capacity, "balance_days": t.BalanceDays, "hold_minutes": t.HoldMinutes, "offer_hours": t.OfferHours,
		"waitlist_cap": t.WaitlistCap, "max_passes": t.MaxPasses, "undo_minutes": t.UndoMinutes, "material_days": p.MaterialDays,
	} {
		v.Set(name, strconv.Itoa(value))
	}
	if t.NeedsPresence {
		v.Set("needs_presence", "1")
	}
	for _, tier := range t.Policy.Tiers {
		v.Add("tier_days", strconv.Itoa(tier.DaysBefore))
		v.Add("tier_percent", strconv.Itoa(tier.Percent))
	}
	return v
}

// emptyValues are those of a retreat made from nothing: all that has a default
// is filled in.
func emptyValues() url.Values {
	v := valuesOf(retreats.Programme{}, retreats.Terms{
		Price: money.Of(0, defaultCurrency), Deposit: money.Of(0, defaultCurrency), BalanceDays: retreats.DefaultBalanceDays,
		Policy: retreats.DefaultRefundPolicy(), HoldMinutes: retreats.DefaultHoldMinutes, OfferHours: retreats.DefaultOfferHours,
		MaxPasses: retreats.DefaultMaxPasses,
	})
	for _, open := range []string{"capacity", "price", "deposit", "waitlist_cap"} {
		v.Set(open, "")
	}
	return v
}

// lines gives a text as browsers send it in the line ends of everybody else.
func lines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

func readProgramme(v url.Values, faults fault.Fields) retreats.Programme {
	p := retreats.Programme{
		Name: strings.TrimSpace(v.Get("name")), Summary: strings.TrimSpace(lines(v.Get("summary"))),
		Text: strings.TrimSpace(lines(v.Get("text"))), Location: strings.TrimSpace(v.Get("location")),
		Material:     strings.TrimSpace(lines(v.Get("material"))),
		MaterialDays: readNumber(v.Get("material_days"), "material_days", 0, 0, faults),
	}
	for line := range strings.Lines(lines(v.Get("guides"))) {
		if name := strings.TrimSpace(line); name != "" {
			p.Guides = append(p.Guides, name)
		}
	}
	if text := guidesFault(p.Guides); text != "" {
		faults["guides"] = text
	}
	return p
}

// guidesFault says what is wrong with the names of the guides.
func guidesFault(guides []string) string {
	if len(guides) > maxGuides {
		return fmt.Sprintf("Please name at most %d.", maxGuides)
	}
	if slices.ContainsFunc(guides, func(name string) bool { return len([]rune(name)) > longestName }) {
		return fmt.Sprintf("Please keep each name to %d characters.", longestName)
	}
	return ""
}

// readTerms reads the terms. A field that is left empty has its default.
func readTerms(v url.Values, faults fault.Fields) retreats.Terms {
	number := func(name string, least, empty int) int { return readNumber(v.Get(name), name, least, empty, faults) }
	t := retreats.Terms{
		Capacity: number("capacity", 0, 0), BalanceDays: number("balance_days", 0, retreats.DefaultBalanceDays),
		// For the domain nothing means the default here, so nothing cannot be typed.
		HoldMinutes: number("hold_minutes", 1, 0), OfferHours: number("offer_hours", 1, 0),
		WaitlistCap: number("waitlist_cap", 1, 0), MaxPasses: number("max_passes", 1, 0),
		UndoMinutes: number("undo_minutes", 0, 0), NeedsPresence: v.Get("needs_presence") != "",
	}
	currency := strings.ToUpper(strings.TrimSpace(v.Get("currency")))
	var err error
	if t.Price, err = money.Parse(v.Get("price"), currency); err != nil {
		faults["price"] = fault.TextOf(err)
	}
	t.Policy = readTiers(v, faults)
	readPaying(v, currency, &t, faults)
	readHome(v, &t)
	return t
}

func readNumber(text, name string, least, empty int, faults fault.Fields) int {
	text = strings.TrimSpace(text)
	if text == "" {
		return empty
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		faults[name] = "Please write a whole number."
	case n < least:
		faults[name] = fmt.Sprintf("This must be at least %d.", least)
	}
	return n
}

// tierRow is a line of the refund policy as it is typed.
type tierRow struct {
	Number        int
	Days, Percent string
}

// spareTiers are the empty rows to add more in.
const spareTiers = 2

// typedTiers are the rows with something in them.
func typedTiers(v url.Values) []tierRow {
	var rows []tierRow
	for _, typed := range typedPairs(v, "tier_days", "tier_percent") {
		rows = append(rows, tierRow{Days: typed[0], Percent: typed[1]})
	}
	return rows
}

// typedPairs are two columns of a table as they were typed, without the rows in
// which neither has anything.
func typedPairs(v url.Values, first, second string) (rows [][2]string) {
	for i := range max(len(v[first]), len(v[second])) {
		row := [2]string{at(v[first], i), at(v[second], i)}
		if row != [2]string{} {
			rows = append(rows, row)
		}
	}
	return rows
}

// at is the trimmed i-th value, or nothing.
func at(values []string, i int) string {
	if i >= len(values) {
		return ""
	}
	return strings.TrimSpace(values[i])
}

// readTiers reads the refund policy. Rows may be typed in any order: there is
// only one in which they make sense.
func readTiers(v url.Values, faults fault.Fields) retreats.RefundPolicy {
	var policy retreats.RefundPolicy
	for _, row := range typedTiers(v) {
		days, err := strconv.Atoi(row.Days)
		percent, percentErr := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(row.Percent, "%")))
		if err != nil || percentErr != nil {
			faults["policy"] = "Please write a whole number of days and of per cent in each row."
			continue
		}
		policy.Tiers = append(policy.Tiers, retreats.RefundTier{DaysBefore: days, Percent: percent})
	}
	slices.SortStableFunc(policy.Tiers, func(a, b retreats.RefundTier) int { return cmp.Compare(b.DaysBefore, a.DaysBefore) })
	if len(policy.Tiers) == 0 && faults["policy"] == "" {
		// To the domain no tiers mean the default ones.
		faults["policy"] = "Please write at least one row: 0 days and the share that is given back on the last days."
	}
	return policy
}
