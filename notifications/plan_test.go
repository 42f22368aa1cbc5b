package notifications

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/retreats"
)

var noon = time.Date(2027, 1, 11, 12, 0, 0, 0, time.UTC)

// at gives an instant so many minutes after noon, to point to.
func at(minutes int) *time.Time {
	t := noon.Add(time.Duration(minutes) * time.Minute)
	return &t
}

// couple is a case in which nothing has happened yet.
func couple(state retreats.PlaceState, change func(*booking.Booking)) booking.Case {
	b := &booking.Booking{CohortID: "co", CreatedAt: noon, Partners: [2]booking.Partner{{Email: "maya@example.org"}, {Email: "jon@example.org"}}}
	b.ID = "bk"
	if change != nil {
		change(b)
	}
	standing := retreats.Standing{State: state, Since: noon}
	if state == retreats.Held || state == retreats.Offered {
		standing.Until = at(31)
	}
	return booking.Case{Booking: b, Standing: standing, Cohort: &retreats.Cohort{Zone: "UTC", StartsOn: "2027-04-09", EndsOn: "2027-04-11"}}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	start := civil.Date("2027-04-09").At("00:00", time.UTC)
	late := func(b *booking.Booking) {
		b.Payments = []booking.Payment{{ID: "pi"}}
		b.Refunds = []booking.Refund{{ID: "bk-refund-1", Reason: booking.RefundLate, At: *at(5)}}
	}
	waitsLate := couple(retreats.WaitingOn, func(b *booking.Booking) { b.JoinedAt = at(5); late(b) })
	waitsLate.Standing.Reason = retreats.LateReason
	for about, c := range map[string]struct {
		given booking.Case
		rule  string // empty: nothing is said
		until time.Time
	}{
		"a held place":               {couple(retreats.Held, nil), "held", *at(31)},
		"an offered place":           {couple(retreats.Offered, nil), "offered", *at(31)},
		"a confirmed place":          {couple(retreats.Confirmed, nil), "confirmed", start},
		"a turn on the waitlist":     {couple(retreats.WaitingOn, func(b *booking.Booking) { b.JoinedAt = at(0) }), "waiting", start},
		"a turn not yet noted":       {couple(retreats.WaitingOn, nil), "", start},
		"money that came too late":   {waitsLate, "late_refunded", at(5).Add(moneyUse)},
		"a cancelled booking":        {couple(retreats.None, func(b *booking.Booking) { b.Cancellation = &booking.Cancellation{At: *at(9)} }), "cancelled", at(9).Add(moneyUse)},
		"cancelled and not released": {couple(retreats.Held, func(b *booking.Booking) { b.Cancellation = &booking.Cancellation{At: *at(9)} }), "cancelled", at(9).Add(moneyUse)},
		"a hold that ran out": {couple(retreats.None, func(b *booking.Booking) {
			b.LapsedAt, b.Charges = at(31), []booking.Charge{{ID: booking.DepositCharge}}
		}), "lapsed", at(31).Add(lapsedUse)},
		"a turn that ended":            {couple(retreats.None, func(b *booking.Booking) { b.LapsedAt, b.JoinedAt = at(31), at(0) }), "", start},
		"a booking that is being made": {couple(retreats.None, nil), "", start},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			messages := Plan(c.given, noon)
			if diff := cmp.Diff(messages, Plan(c.given, noon)); diff != "" {
				t.Errorf("planned again it differs:\n%s", diff)
			}
			if c.rule == "" {
				if len(messages) != 0 {
					t.Errorf("planned %+v", messages)
				}
				return
			}
			if len(messages) != 2 || messages[0].ID == messages[1].ID || messages[0].Partner == messages[1].Partner {
				t.Fatalf("planned %+v", messages)
			}
			for _, m := range messages {
				if m.Rule != c.rule || !strings.HasPrefix(m.ID, c.rule+".bk.") || !m.UsefulUntil.Equal(c.until) || m.State != Planned {
					t.Errorf("planned %s until %s, want %s until %s", m.ID, m.UsefulUntil, c.rule, c.until)
				}
				if m.NextAt == nil || !m.NextAt.Equal(m.DueAt) || !m.DueAt.Before(m.UsefulUntil) {
					t.Errorf("%s is due at %s and next at %v", m.ID, m.DueAt, m.NextAt)
				}
			}
		})
	}
}

// TestIdsFollowTheOccasion: planning later gives the same ids, a second hold
// gives others.
func TestIdsFollowTheOccasion(t *testing.T) {
	t.Parallel()
	first := Plan(couple(retreats.Held, nil), noon)
	later := Plan(couple(retreats.Held, nil), noon.Add(20*time.Minute))
	again := couple(retreats.Held, nil)
	again.Standing.Since = *at(90)
	second := Plan(again, noon.Add(90*time.Minute))
	if first[0].ID != later[0].ID || first[0].ID == second[0].ID {
		t.Errorf("ids %s, %s, %s", first[0].ID, later[0].ID, second[0].ID)
	}
}

func TestASharedMailboxIsOneRecipient(t *testing.T) {
	t.Parallel()
	c := couple(retreats.Held, func(b *booking.Booking) { b.Partners[1].Email = "Maya@Example.org" })
	if messages := Plan(c, noon); len(messages) != 1 || messages[0].Partner != 0 {
		t.Errorf("planned %+v [D39]", messages)
	}
}

// TestEachLateRefundIsTold: a couple can be too late more than once.
func TestEachLateRefundIsTold(t *testing.T) {
	t.Parallel()
	refund := func(n string, minutes int) booking.Refund {
		return booking.Refund{ID: "bk-refund-" + n, Reason: booking.RefundLate, At: *at(minutes)}
	}
	c := couple(retreats.None, func(b *booking.Booking) {
		b.Payments = []booking.Payment{{ID: "pi"}}
		b.Refunds = []booking.Refund{refund("1", 5), {ID: "bk-refund-2", Reason: booking.RefundTwice}, refund("10", 90)}
	})
	told := map[string][]string{}
	for _, m := range Plan(c, noon) {
		for _, r := range c.Booking.Refunds {
			if m.isAbout(r) {
				told[m.ID] = append(told[m.ID], r.ID)
			}
		}
	}
	want := map[string][]string{
		"late_refunded.bk.bk-refund-1.0": {"bk-refund-1"}, "late_refunded.bk.bk-refund-1.1": {"bk-refund-1"},
		"late_refunded.bk.bk-refund-10.0": {"bk-refund-10"}, "late_refunded.bk.bk-refund-10.1": {"bk-refund-10"},
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("messages and the refunds they are about:\n%s", diff)
	}
}

// TestNudges: how many minutes after the offer its couple is reminded [D6].
func TestNudges(t *testing.T) {
	t.Parallel()
	for about, c := range map[string]struct {
		state  retreats.PlaceState
		window time.Duration
		want   map[string][2]time.Duration // due and until, since the offer
	}{
		"two days":              {retreats.Offered, 48 * time.Hour, map[string][2]time.Duration{"half": {24 * time.Hour, 44 * time.Hour}, "last": {44 * time.Hour, 48 * time.Hour}}},
		"a bit over ten hours":  {retreats.Offered, 10*time.Hour + 2*time.Minute, map[string][2]time.Duration{"half": {301 * time.Minute, 362 * time.Minute}, "last": {362 * time.Minute, 602 * time.Minute}}},
		"ten hours":             {retreats.Offered, 10 * time.Hour, map[string][2]time.Duration{"half": {5 * time.Hour, 10 * time.Hour}}},
		"an odd millisecond":    {retreats.Offered, 3*time.Hour + time.Millisecond, map[string][2]time.Duration{"half": {90 * time.Minute, 3*time.Hour + time.Millisecond}}},
		"three hours":           {retreats.Offered, 3 * time.Hour, map[string][2]time.Duration{"half": {90 * time.Minute, 3 * time.Hour}}},
		"two hours":             {retreats.Offered, 2 * time.Hour, nil},
		"a hold is no offer":    {retreats.Held, 48 * time.Hour, nil},
		"those who only wait":   {retreats.WaitingOn, 48 * time.Hour, nil},
		"whose place it is now": {retreats.Confirmed, 48 * time.Hour, nil},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			given := couple(c.state, nil)
			until := noon.Add(c.window)
			given.Standing.Until = &until
			want := map[string][2]time.Duration{}
			for name, times := range c.want {
				for _, partner := range []string{".0", ".1"} {
					want["nudged.bk."+keyOf(noon)+"."+name+partner] = times
				}
			}
			got := map[string][2]time.Duration{}
			for _, m := range Plan(given, noon) {
				if m.Rule == "nudged" {
					got[m.ID] = [2]time.Duration{m.DueAt.Sub(noon), m.UsefulUntil.Sub(noon)}
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNobodyIsNudgedWhoHasCancelled(t *testing.T) {
	t.Parallel()
	given := couple(retreats.Offered, func(b *booking.Booking) { b.Cancellation = &booking.Cancellation{At: noon} })
	given.Standing.Until = at(48 * 60)
	for _, m := range Plan(given, noon) {
		if m.Rule == "nudged" {
			t.Errorf("planned %s", m.ID)
		}
	}
}
