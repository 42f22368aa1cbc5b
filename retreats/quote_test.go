package retreats_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/retreats"
)

func TestQuote(t *testing.T) {
	t.Parallel()
	c := sold(t, func(t *retreats.Terms) {
		t.DepositPercent = 20
		t.EarlyBird = &retreats.EarlyBird{Price: money.Of(430001, "USD"), DaysBefore: 40} // Sunday 31 January
	})
	for _, code := range []retreats.Code{
		{Name: "FRIENDS-15", Percent: 15}, {Name: "less200", Amount: money.Of(20000, "USD"), Until: "2027-02-10"},
		{Name: "nearly-all", Amount: money.Of(430001, "USD")},
	} {
		if err := c.AddCode(code, robin, morning); err != nil {
			t.Fatal(err)
		}
	}
	lastMoment := time.Date(2027, 2, 1, 8, 0, 0, 0, time.UTC).Add(-time.Millisecond) // midnight in Los Angeles
	for _, test := range []struct {
		code string
		at   time.Time
		want string
	}{
		{"", morning, "$4,300.01 of $4,800.00, deposit $860.00, [{early_bird  $499.99}]"},
		{"", lastMoment, "$4,300.01 of $4,800.00, deposit $860.00, [{early_bird  $499.99}]"},
		{"", lastMoment.Add(time.Millisecond), "$4,800.00 of $4,800.00, deposit $960.00, []"},
		{" friends-15 ", morning, "$3,655.01 of $4,800.00, deposit $731.00, [{early_bird  $499.99} {code FRIENDS-15 $645.00}]"},
		{"Less200", lastMoment.Add(time.Hour), "$4,600.00 of $4,800.00, deposit $920.00, [{code less200 $200.00}]"},
		{"NEARLY-ALL", lastMoment.Add(time.Hour), "$499.99 of $4,800.00, deposit $100.00, [{code nearly-all $4,300.01}]"},
	} {
		q, err := c.Quote(test.code, test.at)
		got := fmt.Sprintf("%s of %s, deposit %s, %v", q.Price, q.List, q.Deposit, q.Reductions)
		if err != nil || got != test.want {
			t.Errorf("%q at %s is %s, %v; want %s", test.code, test.at, got, err, test.want)
		}
	}
	if err := c.EndCode("Friends-15", robin, morning); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		code string
		at   time.Time
		want error
	}{
		{"friends-15", morning, retreats.ErrCodeOver},
		{"less200", time.Date(2027, 2, 11, 8, 0, 0, 0, time.UTC), retreats.ErrCodeOver}, // midnight after its last day
		{"friends", morning, retreats.ErrCodeUnknown},
		{"nearly-all", morning, nil}, // it would leave nothing of the early price
	} {
		_, err := c.Quote(test.code, test.at)
		text := fault.FieldsOf(err)["code"]
		if text == "" || test.want != nil && err.Error() != test.want.Error() || strings.Contains(text, "less200") {
			t.Errorf("%q: %v, %q", test.code, err, text)
		}
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		field string
		code  retreats.Code
	}{
		{"name", retreats.Code{Name: "ab", Percent: 5}},
		{"name", retreats.Code{Name: strings.Repeat("a", 25), Percent: 5}},
		{"name", retreats.Code{Name: "two words", Percent: 5}},
		{"name", retreats.Code{Name: "fünf", Percent: 5}},
		{"name", retreats.Code{Name: "TAKEN", Percent: 5}},
		{"percent", retreats.Code{Name: "nothing"}},
		{"percent", retreats.Code{Name: "everything", Percent: 100}},
		{"percent", retreats.Code{Name: "negative", Percent: -5}},
		{"percent", retreats.Code{Name: "both", Percent: 5, Amount: money.Of(5, "USD")}},
		{"amount", retreats.Code{Name: "price", Amount: money.Of(480000, "USD")}},
		{"amount", retreats.Code{Name: "euros", Amount: money.Of(100, "EUR")}},
		{"amount", retreats.Code{Name: "zero", Amount: money.Of(0, "USD")}},
		{"amount", retreats.Code{Name: "negative", Amount: money.Of(-100, "USD")}},
		{"limit", retreats.Code{Name: "negative", Percent: 5, Limit: -1}},
		{"until", retreats.Code{Name: "nonsense", Percent: 5, Until: "soon"}},
		{"until", retreats.Code{Name: "yesterday", Percent: 5, Until: "2027-01-10"}},
	} {
		c := cohort(t, 1)
		if err := c.AddCode(retreats.Code{Name: "Taken", Percent: 5, Until: "2027-01-11"}, robin, morning); err != nil {
			t.Fatal(err)
		}
		err := c.AddCode(test.code, robin, morning)
		if fields := fault.FieldsOf(err); fields[test.field] == "" || len(fields) != 1 || len(c.Codes) != 1 {
			t.Errorf("%+v: %v", test.code, err)
		}
	}
	c := cohort(t, 1)
	if err := c.AddCode(retreats.Code{Name: " Friends ", Percent: 5, Ended: true}, robin, morning); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.EndCode("FRIENDS", robin, morning); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.Trail) != 2 || c.Trail[0].To != "Friends, 5 %" || c.Trail[1] != (audit.Line{At: morning, ByID: robin.ID, By: robin.Name, What: "code", From: "Friends", To: "ended"}) {
		t.Errorf("the trail is %+v", c.Trail)
	}
	if err := c.EndCode("nobody", robin, morning); fault.KindOf(err) != fault.NotFound {
		t.Errorf("ending what is not there: %v", err)
	}
}
