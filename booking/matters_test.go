package booking

import (
	"fmt"
	"testing"
	"time"

	"lantern/internal/stripepay"
	"lantern/retreats"
)

// TestMatters: what needs a person, since when, and what does not.
func TestMatters(t *testing.T) {
	t.Parallel()
	confirmed := retreats.Standing{State: retreats.Confirmed, Since: noon}
	waits := retreats.Standing{State: retreats.WaitingOn, Since: noon, Position: 1}
	week := time.Date(2027, 2, 18, 10, 0, 0, 0, time.UTC)
	with := func(change func(*Booking)) *Booking {
		b := paid(held(), "pi", DepositCharge, 960, true)
		change(b)
		return b
	}
	byTransfer := func(b *Booking) {
		b.Payments[0].Method = ByTransfer
		b.Refunds = []Refund{{ID: "r", PaymentID: "pi", Amount: usd(100), At: noon, Reason: RefundException, Waives: true}}
	}
	dispute := func(state stripepay.DisputeState) *Booking {
		return with(func(b *Booking) {
			b.Disputes = []Dispute{{ID: "dp", PaymentID: "pi", Amount: usd(960), State: state, At: noon, DueBy: week}}
		})
	}
	for _, c := range []struct {
		about    string
		booking  *Booking
		standing retreats.Standing
		now      time.Time
		want     string
	}{
		{"an open balance is nobody's concern", with(func(*Booking) {}), confirmed, noon, "[]"},
		{"nor when it is late for some days", with(func(*Booking) {}), confirmed, week.Add(-time.Millisecond), "[]"},
		{"[D15] after a week an organizer is asked", with(func(*Booking) {}), confirmed, week, "[late balance 3840 2027-02-18]"},
		{"[D15] but not of who gave up", with(func(b *Booking) { b.Cancellation = &Cancellation{} }), confirmed, week, "[]"},
		{"[D15] nor of who has paid", paid(with(func(*Booking) {}), "pi2", BalanceCharge, 3840, true), confirmed, week, "[]"},
		{"[D11] who is not cleared and has a place", with(func(b *Booking) { b.Clearances[1] = Clearance{State: NotCleared, At: at(5)} }), confirmed, noon,
			"[not_cleared  960 2027-01-11]"},
		{"[D11] but not who only waits", with(func(b *Booking) { b.Clearances[1] = Clearance{State: NotCleared, At: at(5)} }), waits, noon, "[]"},
		{"a refund to make by hand", with(byTransfer), confirmed, noon, "[refund_to_send r 100 2027-01-11]"},
		{"one that was made", with(func(b *Booking) { byTransfer(b); b.Refunds[0].State = stripepay.RefundSucceeded }), confirmed, noon, "[]"},
		{"a refund that failed for good", stuck(refundTries - 1), waits, noon, "[refund_failed r 960 2027-01-11]"},
		{"one that is tried again", stuck(0), waits, noon, "[]"},
		{"one that another line has taken over", func() *Booking { b := stuck(refundTries - 1); b.Refunds[0].Closed = true; return b }(), waits, noon, "[]"},
		{"a dispute", dispute(stripepay.DisputeNeedsResponse), confirmed, noon, "[dispute dp 960 2027-01-11 by 2027-02-18]"},
		{"an inquiry", dispute(stripepay.DisputeWarningNeedsResponse), confirmed, noon, "[dispute dp 960 2027-01-11 by 2027-02-18]"},
		{"a dispute that was won", dispute(stripepay.DisputeWon), confirmed, noon, "[]"},
		{"a dispute that was lost", dispute(stripepay.DisputeLost), confirmed, noon, "[]"},
	} {
		t.Run(c.about, func(t *testing.T) {
			t.Parallel()
			var got []string
			matters := in(c.booking, c.standing).Matters(c.now)
			for _, m := range matters {
				line := fmt.Sprintf("%s %s %d %s", m.Kind, m.Line, m.Amount.Minor, m.Since.Format("2006-01-02"))
				if m.By != nil {
					line += " by " + m.By.Format("2006-01-02")
				}
				got = append(got, line)
			}
			if fmt.Sprint(got) != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if needs := in(c.booking, c.standing).needsAt(c.now); (needs == nil) != (len(matters) == 0) || (needs != nil && !needs.Equal(matters[0].Since)) {
				t.Errorf("noted as needing a person since %v", needs)
			}
		})
	}
}
