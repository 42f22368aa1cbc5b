package booking

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// amounts writes totals in short.
func amounts(t Totals) string {
	return fmt.Sprintf("expected %d received %d refunded %d disputed %d kept %d due %d late %d",
		t.Expected.Minor, t.Received.Minor, t.Refunded.Minor, t.Disputed.Minor, t.Kept.Minor, t.Due.Minor, t.Late.Minor)
}

// TestLedgerOfEachKindOfLine: what each line does to the totals.
func TestLedgerOfEachKindOfLine(t *testing.T) {
	t.Parallel()
	confirmed := retreats.Standing{State: retreats.Confirmed, Since: noon}
	holds := retreats.Standing{State: retreats.Held, Since: noon, Until: at(31)}
	later := noon.AddDate(0, 2, 0)
	deposit := func(change func(*Booking)) *Booking {
		b := paid(held(), "pi", DepositCharge, 960, true)
		change(b)
		return b
	}
	refund := func(state stripepay.RefundState, reason RefundReason, waives bool) func(*Booking) {
		return func(b *Booking) {
			b.Refunds = []Refund{{ID: "r", PaymentID: "pi", Amount: usd(200), At: *at(5), State: state, Reason: reason, Waives: waives}}
		}
	}
	disputed := func(state stripepay.DisputeState) func(*Booking) {
		return func(b *Booking) {
			b.Disputes = []Dispute{{ID: "dp", PaymentID: "pi", Amount: usd(960), State: state, At: *at(9)}}
		}
	}
	ended := func(b *Booking) { b.Cancellation = &Cancellation{At: *at(5)} }
	for _, c := range []struct {
		about    string
		booking  *Booking
		standing retreats.Standing
		now      time.Time
		want     string
	}{
		{"a hold owes until it ends", held(), holds, noon, "expected 4800 received 0 refunded 0 disputed 0 kept 0 due 4800 late 0"},
		{"a paid deposit", deposit(func(*Booking) {}), confirmed, noon, "expected 4800 received 960 refunded 0 disputed 0 kept 960 due 3840 late 0"},
		{"a late balance", deposit(func(*Booking) {}), confirmed, later, "expected 4800 received 960 refunded 0 disputed 0 kept 960 due 0 late 3840"},
		{"given back as a present", deposit(refund(stripepay.RefundSucceeded, RefundException, true)), confirmed, noon, "expected 4600 received 960 refunded 200 disputed 0 kept 760 due 3840 late 0"},
		{"a refund on its way", deposit(refund("", RefundException, true)), confirmed, noon, "expected 4600 received 960 refunded 200 disputed 0 kept 760 due 3840 late 0"},
		{"a refund that failed", deposit(refund(stripepay.RefundFailed, RefundException, true)), confirmed, noon, "expected 4800 received 960 refunded 0 disputed 0 kept 960 due 3840 late 0"},
		{"recorded by mistake", deposit(refund(stripepay.RefundSucceeded, RefundMistake, false)), confirmed, noon, "expected 4800 received 760 refunded 0 disputed 0 kept 760 due 3840 late 200"},
		{"a dispute takes the money", deposit(disputed(stripepay.DisputeNeedsResponse)), confirmed, noon, "expected 4800 received 960 refunded 0 disputed 960 kept 0 due 3840 late 0"},
		{"a lost one too", deposit(disputed(stripepay.DisputeLost)), confirmed, noon, "expected 4800 received 960 refunded 0 disputed 960 kept 0 due 3840 late 0"},
		{"an inquiry does not", deposit(disputed(stripepay.DisputeWarningNeedsResponse)), confirmed, noon, "expected 4800 received 960 refunded 0 disputed 0 kept 960 due 3840 late 0"},
		{"one that was won does not", deposit(disputed(stripepay.DisputeWon)), confirmed, noon, "expected 4800 received 960 refunded 0 disputed 0 kept 960 due 3840 late 0"},
		{"who gave up owes nothing", deposit(ended), retreats.Standing{}, later, "expected 960 received 960 refunded 0 disputed 0 kept 960 due 0 late 0"},
		{"who waits again owes nothing", deposit(func(*Booking) {}), retreats.Standing{State: retreats.WaitingOn}, later, "expected 960 received 960 refunded 0 disputed 0 kept 960 due 0 late 0"},
		{"paid twice until it is returned", paid(deposit(func(*Booking) {}), "pi2", DepositCharge, 960, false), confirmed, noon, "expected 4800 received 1920 refunded 0 disputed 0 kept 1920 due 3840 late 0"},
	} {
		t.Run(c.about, func(t *testing.T) {
			t.Parallel()
			cohort := *dated
			cohort.Price = usd(4800)
			l := ledgerOf(&cohort, []Case{{Booking: c.booking, Cohort: &cohort, Standing: c.standing}}, c.now)
			if got := amounts(l.Sums[0].Totals); got != c.want || amounts(l.Couples[0].Totals) != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestLedgerIsTheSumOfItsLines, whatever the lines and the currencies.
func TestLedgerIsTheSumOfItsLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cohort := *dated
		own := rapid.SampledFrom([]string{"USD", "JPY", "KWD"}).Draw(t, "currency")
		cohort.Price = money.Of(480000, own)
		now := noon.AddDate(0, 0, rapid.IntRange(0, 120).Draw(t, "days"))
		var cases []Case
		for i := range rapid.IntRange(0, 6).Draw(t, "couples") {
			currency := own
			if rapid.IntRange(0, 4).Draw(t, "elsewhere") == 0 {
				currency = "EUR"
			}
			cases = append(cases, drawCase(t, &cohort, fmt.Sprint("bk", i), currency))
		}
		l := ledgerOf(&cohort, cases, now)
		if l.Sums[0].Kept.Currency != own || len(l.Couples) != len(cases) {
			t.Fatalf("sums in %v of %d couples", l.Sums[0].Kept.Currency, len(l.Couples))
		}
		for _, sum := range l.Sums {
			checkSum(t, l, sum)
		}
	})
}

// checkSum compares a sum with an account of its own over the lines.
func checkSum(t *rapid.T, l *Ledger, sum LedgerSum) {
	currency := sum.Kept.Currency
	var received, refunded, disputed, open, over, kept int64
	fees, unknown := map[string]int64{}, 0
	for _, row := range l.Couples {
		b := row.Booking
		if b.Price.Currency != currency {
			continue
		}
		for _, p := range b.Payments {
			received += p.Amount.Minor
			if p.Fee != nil {
				fees[p.Fee.Currency] += p.Fee.Minor
			} else if p.Method == ByCard {
				unknown++
			}
		}
		for _, r := range b.Refunds {
			switch {
			case r.State == stripepay.RefundFailed:
			case r.Reason == RefundMistake:
				received -= r.Amount.Minor
			default:
				refunded += r.Amount.Minor
			}
		}
		disputed += b.DisputedAway().Minor
		kept += b.KeptInAll().Minor - b.DisputedAway().Minor
		if row.owes() {
			open += b.OpenInAll().Minor
			for _, charge := range b.Charges {
				over += b.over(charge).Minor
			}
		}
	}
	if sum.Received.Minor != received || sum.Refunded.Minor != refunded || sum.Disputed.Minor != disputed || sum.Kept.Minor != kept || sum.Open().Minor != open {
		t.Fatalf("%s, by the lines received %d refunded %d disputed %d kept %d open %d", amounts(sum.Totals), received, refunded, disputed, kept, open)
	}
	lost := int64(0) // of who owes, a dispute does not lower what is expected
	for _, row := range l.Couples {
		if row.owes() && row.Kept.Currency == currency {
			lost += row.Disputed.Minor
		}
	}
	if sum.Expected.Minor != kept+lost+open-over {
		t.Fatalf("expected %d, want %d kept, %d disputed, %d open, %d too much", sum.Expected.Minor, kept, lost, open, over)
	}
	for _, fee := range sum.Fees {
		if fees[fee.Currency] != fee.Minor {
			t.Fatalf("fees %v, by the lines %v", sum.Fees, fees)
		}
	}
	if sum.FeesUnknown != unknown || len(sum.Fees) != len(fees) {
		t.Fatalf("fees %v and %d unknown, by the lines %v and %d", sum.Fees, sum.FeesUnknown, fees, unknown)
	}
	checkCourse(t, sum)
}

// checkCourse: the days are in order and end where the sums are.
func checkCourse(t *rapid.T, sum LedgerSum) {
	for i := 1; i < len(sum.Days); i++ {
		if sum.Days[i].Date <= sum.Days[i-1].Date {
			t.Fatalf("days out of order: %v", sum.Days)
		}
	}
	last := LedgerDay{Expected: money.Of(0, sum.Kept.Currency), Received: money.Of(0, sum.Kept.Currency)}
	if n := len(sum.Days); n > 0 {
		last = sum.Days[n-1]
	}
	if last.Expected != sum.Expected || last.Received != sum.Kept {
		t.Fatalf("the course ends at %s and %s, the sums at %s and %s", last.Expected, last.Received, sum.Expected, sum.Kept)
	}
}

// drawCase makes a booking with lines by chance.
func drawCase(t *rapid.T, cohort *retreats.Cohort, id, currency string) Case {
	amount := func(most int64) money.Amount { return money.Of(rapid.Int64Range(0, most).Draw(t, "amount"), currency) }
	day := func() time.Time { return noon.AddDate(0, 0, rapid.IntRange(0, 90).Draw(t, "day")) }
	b := &Booking{Price: money.Of(480000, currency)}
	b.ID = id
	for _, charge := range []string{DepositCharge, InstalmentCharge(1), InstalmentCharge(2)} {
		b.Charges = append(b.Charges, Charge{ID: charge, Amount: amount(200000), DueAt: day()})
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "payments") {
		p := Payment{ID: fmt.Sprint("pi", i), ChargeID: b.Charges[rapid.IntRange(0, 2).Draw(t, "charge")].ID, Amount: amount(200000), At: day(), SettledAt: &noon}
		p.Method = rapid.SampledFrom([]Method{ByCard, ByCard, ByTransfer}).Draw(t, "method")
		if p.Method == ByCard && rapid.Bool().Draw(t, "fee") {
			fee := money.Of(rapid.Int64Range(0, 5000).Draw(t, "fee amount"), rapid.SampledFrom([]string{"USD", currency}).Draw(t, "fee currency"))
			p.Fee = &fee
		}
		b.Payments = append(b.Payments, p)
		for j := range rapid.IntRange(0, 2).Draw(t, "refunds") {
			b.Refunds = append(b.Refunds, Refund{
				ID: fmt.Sprint(p.ID, j), PaymentID: p.ID, Amount: amount(b.remaining(p).Minor), At: day(), Waives: rapid.Bool().Draw(t, "waives"),
				State:  rapid.SampledFrom([]stripepay.RefundState{"", stripepay.RefundPending, stripepay.RefundSucceeded, stripepay.RefundFailed}).Draw(t, "state"),
				Reason: rapid.SampledFrom([]RefundReason{RefundException, RefundMistake, RefundCancelled}).Draw(t, "reason"),
			})
		}
		if rapid.IntRange(0, 3).Draw(t, "dispute") == 0 {
			b.Disputes = append(b.Disputes, Dispute{
				ID: "dp" + p.ID, PaymentID: p.ID, Amount: p.Amount, At: day(),
				State: rapid.SampledFrom([]stripepay.DisputeState{stripepay.DisputeNeedsResponse, stripepay.DisputeLost, stripepay.DisputeWon}).Draw(t, "state"),
			})
		}
	}
	state := rapid.SampledFrom([]retreats.PlaceState{retreats.Confirmed, retreats.Held, retreats.WaitingOn, retreats.None}).Draw(t, "standing")
	if rapid.IntRange(0, 4).Draw(t, "ended") == 0 {
		b.Cancellation, state = &Cancellation{At: day()}, retreats.None
	}
	return Case{Booking: b, Cohort: cohort, Standing: retreats.Standing{State: state, Since: noon, Until: &noon}}
}
