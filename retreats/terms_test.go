package retreats_test

import (
	"slices"
	"strings"
	"testing"

	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/retreats"
)

// sold is cohort with other terms.
func sold(t testing.TB, change func(*retreats.Terms)) *retreats.Cohort {
	t.Helper()
	c := cohort(t, 4)
	terms := c.Terms
	change(&terms)
	if err := c.Edit(c.Programme, terms, robin, morning); err != nil {
		t.Fatal(err)
	}
	return c
}

// thirds are three instalments.
func thirds() []retreats.Instalment {
	return []retreats.Instalment{{DaysBefore: 50, Share: 3333}, {DaysBefore: 40, Share: 3333}, {DaysBefore: 30, Share: 3334}}
}

func TestTermsNameWhatIsWrongWithMoney(t *testing.T) {
	t.Parallel()
	thirteen := make([]retreats.Instalment, 13)
	for i := range thirteen {
		thirteen[i] = retreats.Instalment{DaysBefore: 100 - i, Share: 769}
	}
	usd := func(minor int64) money.Amount { return money.Of(minor, "USD") }
	instalments := func(list ...retreats.Instalment) func(*retreats.Terms) {
		return func(t *retreats.Terms) { t.Instalments = list }
	}
	early := func(price money.Amount, days int) func(*retreats.Terms) {
		return func(t *retreats.Terms) { t.EarlyBird = &retreats.EarlyBird{Price: price, DaysBefore: days} }
	}
	for _, test := range []struct {
		field, about string
		spoil        func(*retreats.Terms)
	}{
		{"deposit_percent", "negative", func(t *retreats.Terms) { t.DepositPercent = -1 }},
		{"deposit_percent", "more than all", func(t *retreats.Terms) { t.DepositPercent = 101 }},
		{"deposit", "another currency", func(t *retreats.Terms) { t.Deposit = money.Of(100, "EUR") }},
		{"deposit", "negative", func(t *retreats.Terms) { t.Deposit = usd(-1) }},
		{"deposit", "huge", func(t *retreats.Terms) { t.Deposit = usd(1 << 60) }},
		{"instalments", "thirteen", instalments(thirteen...)},
		{"instalments", "shares that make less", instalments(retreats.Instalment{DaysBefore: 30, Share: 9999})},
		{"instalments", "shares that make more", instalments(retreats.Instalment{DaysBefore: 30, Share: 6000}, retreats.Instalment{DaysBefore: 20, Share: 6000})},
		{"instalments", "a share of nothing", instalments(retreats.Instalment{DaysBefore: 30, Share: 10000}, retreats.Instalment{DaysBefore: 20, Share: 0})},
		{"instalments", "a negative share", instalments(retreats.Instalment{DaysBefore: 30, Share: 10001}, retreats.Instalment{DaysBefore: 20, Share: -1})},
		{"instalments", "the same day twice", instalments(retreats.Instalment{DaysBefore: 30, Share: 5000}, retreats.Instalment{DaysBefore: 30, Share: 5000})},
		{"instalments", "days that rise", instalments(retreats.Instalment{DaysBefore: 20, Share: 5000}, retreats.Instalment{DaysBefore: 30, Share: 5000})},
		{"instalments", "on the first day", instalments(retreats.Instalment{DaysBefore: 0, Share: 10000})},
		{"instalments", "years ahead", instalments(retreats.Instalment{DaysBefore: 731, Share: 10000})},
		{"early_bird", "no reduction", early(usd(480000), 30)},
		{"early_bird", "nothing to pay", early(usd(0), 30)},
		{"early_bird", "negative", early(usd(-5), 30)},
		{"early_bird", "another currency", early(money.Of(100, "EUR"), 30)},
		{"early_bird", "until the start", early(usd(400000), 0)},
		{"early_bird", "years ahead", early(usd(400000), 731)},
		{"refill_fee", "more than the deposit", func(t *retreats.Terms) { t.Policy.RefillFee = usd(96001) }},
		{"refill_fee", "negative", func(t *retreats.Terms) { t.Policy.RefillFee = usd(-1) }},
		{"refill_fee", "another currency", func(t *retreats.Terms) { t.Policy.RefillFee = money.Of(1, "EUR") }},
	} {
		c := cohort(t, 4)
		terms := c.Terms
		test.spoil(&terms)
		err := c.Edit(c.Programme, terms, robin, morning)
		if fields := fault.FieldsOf(err); fields[test.field] == "" || len(fields) != 1 {
			t.Errorf("%s, %s: %v, %v", test.field, test.about, err, fields)
		}
	}
}

func TestTermsOfMoneyLeaveLines(t *testing.T) {
	t.Parallel()
	c := sold(t, func(t *retreats.Terms) {
		t.DepositPercent, t.Instalments = 25, []retreats.Instalment{{DaysBefore: 60, Share: 6667}, {DaysBefore: 30, Share: 3333}}
		t.EarlyBird = &retreats.EarlyBird{Price: money.Of(430000, "USD"), DaysBefore: 40}
		t.Policy.RefillFee = money.Of(7500, "USD")
	})
	var lines []string
	for _, l := range c.Trail {
		lines = append(lines, l.What+": "+l.From+" > "+l.To)
	}
	want := []string{
		"deposit: $960.00 > 25 %", "instalments:  > 60 days 66.67 %, 30 days 33.33 %", "early price:  > $4,300.00 until 40 days before",
		"kept when another couple takes the place: $50.00 > $75.00",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("the trail is\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	if c.Deposit != money.Of(120000, "USD") {
		t.Errorf("25 %% of the list price are %s", c.Deposit)
	}
}

// TestTheRefillFeeHasADefault is [D16].
func TestTheRefillFeeHasADefault(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ price, deposit, want money.Amount }{
		{money.Of(480000, "USD"), money.Of(96000, "USD"), money.Of(5000, "USD")},
		{money.Of(98000, "JPY"), money.Of(20000, "JPY"), money.Of(5000, "JPY")},
		{money.Of(900000, "KWD"), money.Of(200000, "KWD"), money.Of(20000, "KWD")},
		{money.Of(10000, "USD"), money.Of(2000, "USD"), money.Of(2000, "USD")}, // never more than the deposit
	} {
		r, err := retreats.NewRetreat("rt", retreats.Programme{Name: "Weekend", Location: "Cedar House"},
			retreats.Terms{Capacity: 1, Price: test.price, Deposit: test.deposit},
			[]retreats.PlannedSession{{Kind: retreats.Medicine, Title: "Session", Clock: "09:30", Minutes: 180}})
		if err != nil || r.Policy.RefillFee != test.want {
			t.Errorf("of %s: %v, %v", test.price, r.Policy.RefillFee, err)
		}
	}
	none := sold(t, func(t *retreats.Terms) { t.Policy.RefillFee.Minor = 0 })
	if fee := none.Policy.RefillFee; fee != money.Of(0, "USD") {
		t.Errorf("no fee became %s", fee)
	}
}

// TestTheStatementSpeaksOfARefilledPlace is [D16], [D19].
func TestTheStatementSpeaksOfARefilledPlace(t *testing.T) {
	t.Parallel()
	p := cohort(t, 1).Policy
	const sentence = "If you cancel when less than everything comes back, and another couple takes your place (free places are filled first), you get everything back less $50.00.\n"
	if text := p.Statement("2027-03-12"); !strings.Contains(text, sentence) {
		t.Errorf("the statement is\n%s", text)
	}
	p.RefillFee.Minor = 0
	if text := p.Statement("2027-03-12"); !strings.Contains(text, "(free places are filled first), you get everything back.\n") {
		t.Errorf("without a fee it is\n%s", text)
	}
	accepted := retreats.RefundPolicy{Tiers: p.Tiers} // before there were fees
	generous := retreats.RefundPolicy{Tiers: []retreats.RefundTier{{DaysBefore: 0, Percent: 100}}, RefillFee: p.RefillFee}
	for _, p := range []retreats.RefundPolicy{accepted, generous} {
		if text := p.Statement("2027-03-12"); strings.Contains(text, "another couple") {
			t.Errorf("nothing was said about another couple, now it is\n%s", text)
		}
	}
}

// TestTheDepositIsOfTheAgreedPrice is [D10]. What is agreed may be very little.
func TestTheDepositIsOfTheAgreedPrice(t *testing.T) {
	t.Parallel()
	share := sold(t, func(t *retreats.Terms) { t.DepositPercent = 20 })
	amount := sold(t, func(t *retreats.Terms) { t.Deposit = money.Of(50000, "USD") })
	for _, test := range []struct{ price, share, amount int64 }{
		{480000, 96000, 50000}, {100003, 20001, 50000}, {40000, 8000, 40000}, {2, 1, 2}, {0, 0, 0},
	} {
		price := money.Of(test.price, "USD")
		if a, b := share.DepositOf(price), amount.DepositOf(price); a.Minor != test.share || b.Minor != test.amount {
			t.Errorf("of %s: 20 %% are %s, and of the amount %s", price, a, b)
		}
	}
}
