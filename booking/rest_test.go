package booking

import (
	"testing"
	"time"

	"lantern/retreats"
)

// TestTheRestOnTheBoard: one balance, instalments, and what is late of them
// first.
func TestTheRestOnTheBoard(t *testing.T) {
	t.Parallel()
	confirmed := retreats.Standing{State: retreats.Confirmed, Since: noon}
	day := func(n int) time.Time { return noon.AddDate(0, 0, n) }
	instalments := func(payments ...int64) *Booking {
		b := paid(held(), "pi", DepositCharge, 960, true)
		b.Charges = b.Charges[:1]
		for n := range 3 {
			b.Charges = append(b.Charges, Charge{ID: InstalmentCharge(n + 1), Amount: usd(1280), DueAt: day(10 * (n + 1))})
		}
		for n, amount := range payments {
			b = paid(b, InstalmentCharge(n+1), InstalmentCharge(n+1), amount, true)
		}
		return b
	}
	for _, c := range []struct {
		about    string
		booking  *Booking
		standing retreats.Standing
		now      time.Time
		state    CellState
		text     string
		by       int // days, 0 for none
	}{
		{"nothing is due later", &Booking{Price: usd(4800), Charges: []Charge{{ID: FullCharge, Amount: usd(4800)}}}, confirmed, noon, CellNone, "not needed", 0},
		{"no charges yet", &Booking{Price: usd(4800)}, retreats.Standing{State: retreats.Held}, noon, CellNone, "not needed", 0},
		{"a balance to come", paid(held(), "pi", DepositCharge, 960, true), confirmed, noon, CellDue, "$38.40 to pay", 31},
		{"a part of it paid", paid(held(), "pi", BalanceCharge, 1000, true), confirmed, noon, CellDue, "$28.40 to pay", 31},
		{"a late balance", paid(held(), "pi", DepositCharge, 960, true), confirmed, day(31), CellLate, "$38.40 to pay", 31},
		{"all paid", paid(held(), "pi", BalanceCharge, 3840, true), confirmed, day(40), CellDone, "$38.40 paid", 0},
		{"before the place is theirs", instalments(), retreats.Standing{State: retreats.Held}, noon, CellNone, "not yet", 0},
		{"none of three paid", instalments(), confirmed, noon, CellDue, "0 of 3 paid, next $12.80", 10},
		{"two of three", instalments(1280, 1280), confirmed, day(20), CellDue, "2 of 3 paid, next $12.80", 30},
		{"one and a half", instalments(1280, 280), confirmed, day(15), CellDue, "1 of 3 paid, next $10.00", 20},
		{"two are late: both to pay, since the first", instalments(), confirmed, day(21), CellLate, "0 of 3 paid, $25.60 to pay now", 10},
		{"the second is late", instalments(1280, 280), confirmed, day(20), CellLate, "1 of 3 paid, $10.00 to pay now", 20},
		{"all three paid", instalments(1280, 1280, 1280), confirmed, day(40), CellDone, "$38.40 paid", 0},
	} {
		t.Run(c.about, func(t *testing.T) {
			t.Parallel()
			cell := in(c.booking, c.standing).balance(c.now)
			if cell.State != c.state || cell.Text != c.text || (cell.By == nil) != (c.by == 0) || (cell.By != nil && !cell.By.Equal(day(c.by))) {
				t.Errorf("%s %s by %v, want %s %s by day %d", cell.State, cell.Text, cell.By, c.state, c.text, c.by)
			}
		})
	}
}
