package bookingweb

import (
	"testing"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/money"
)

// TestTheNextMoneyIsWhatComesNext: not what was expected by today, nor a day on which
// less is expected than before.
func TestTheNextMoneyIsWhatComesNext(t *testing.T) {
	t.Parallel()
	usd := func(dollars int64) money.Amount { return money.Of(dollars*100, "USD") }
	sum := booking.LedgerSum{Days: []booking.LedgerDay{
		{Date: "2027-03-01", Expected: usd(960)}, {Date: "2027-03-05", Expected: usd(480)}, {Date: "2027-03-10", Expected: usd(4320)},
	}}
	for today, want := range map[civil.Date]string{
		"2027-02-20": "$960.00 on Monday 1 March 2027",
		"2027-03-01": "$3,840.00 on Wednesday 10 March 2027",
		"2027-03-09": "$3,840.00 on Wednesday 10 March 2027",
		"2027-03-10": "",
	} {
		if got := nextMoney(sum, today); got != want {
			t.Errorf("on %s: %q", today, got)
		}
	}
}
