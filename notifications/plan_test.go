package notifications

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/civil"
	"lantern/internal/money"
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
		"a held place":                  {couple(retreats.Held, nil), "held", *at(31)},
		"an offered place":              {couple(retreats.Offered, nil), "offered", *at(31)},
		"a confirmed place":             {couple(retreats.Confirmed, nil), "confirmed", start},
		"other dates with a place":      {couple(retreats.Confirmed, transferred), "transferred", start},
		"other dates, and ended":        {couple(retreats.None, func(b *booking.Booking) { transferred(b); b.LapsedAt = at(31) }), "", start},
		"a turn on the waitlist":        {couple(retreats.WaitingOn, func(b *booking.Booking) { b.JoinedAt = at(0) }), "waiting", start},
		"a turn not yet noted":          {couple(retreats.WaitingOn, nil), "", start},
		"money that came too late":      {waitsLate, "late_refunded", at(5).Add(moneyUse)},
		"a cancelled booking":           {couple(retreats.None, func(b *booking.Booking) { b.Cancellation = &booking.Cancellation{At: *at(9)} }), "cancelled", at(9).Add(moneyUse)},
		"cancelled and not released":    {couple(retreats.Held, func(b *booking.Booking) { b.Cancellation = &booking.Cancellation{At: *at(9)} }), "cancelled", at(9).Add(moneyUse)},
		"dates that were called off":    {couple(retreats.None, calledOffFor("A guide is ill.")), "called_off", at(9).Add(moneyUse)},
		"called off and not released":   {couple(retreats.Confirmed, calledOffFor("A guide is ill.")), "called_off", at(9).Add(moneyUse)},
		"a turn that was ended by hand": {couple(retreats.None, removed), "removed", at(31).Add(removedUse)},
		"ended by hand, once to be paid": {couple(retreats.None, func(b *booking.Booking) {
			removed(b)
			b.Charges = []booking.Charge{{ID: booking.DepositCharge}}
		}), "removed", at(31).Add(removedUse)},
		"a new address for both": {couple(retreats.WaitingOn, func(b *booking.Booking) {
			b.Partners[0].MailSince, b.Partners[1].MailSince = at(5), at(5)
		}), "readdressed", at(5).Add(readdressedUse)},
		"a place that was given back": {couple(retreats.Confirmed, func(b *booking.Booking) { b.Cancellation = nil }), "confirmed", start},
		"a hold that ran out": {couple(retreats.None, func(b *booking.Booking) {
			b.LapsedAt, b.Charges = at(31), []booking.Charge{{ID: booking.DepositCharge}}
		}), "lapsed", at(31).Add(lapsedUse)},
		"a hold that ran out, its money with a bank": {couple(retreats.None, func(b *booking.Booking) {
			b.LapsedAt, b.Charges = at(31), []booking.Charge{{ID: booking.DepositCharge}}
			b.Payments, b.Disputes = []booking.Payment{{ID: "pi"}}, []booking.Dispute{{PaymentID: "pi"}}
		}), "lapsed", at(31).Add(lapsedUse)},
		"a turn that ended":            {couple(retreats.None, func(b *booking.Booking) { b.LapsedAt, b.JoinedAt = at(31), at(0) }), "turn_ended", at(31).Add(removedUse)},
		"a booking that is being made": {couple(retreats.None, nil), "", start},
		"ended by the practice":        {couple(retreats.None, endedFor(booking.ByException)), "booking_ended", at(9).Add(moneyUse)},
		"ended, with nothing paid":     {couple(retreats.None, endedFor(booking.ByNothingPaid)), "booking_ended", at(9).Add(moneyUse)},
		"called off, as it is now":     {couple(retreats.None, endedFor(booking.ByCalledOff)), "called_off", at(9).Add(moneyUse)},
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

func calledOffFor(reason string) func(*booking.Booking) {
	return func(b *booking.Booking) {
		b.Cancellation, b.EndReason = &booking.Cancellation{At: *at(9), ByPractice: true}, reason
	}
}

func endedFor(why booking.QuoteReason) func(*booking.Booking) {
	return func(b *booking.Booking) {
		calledOffFor("We cannot host you.")(b)
		b.Cancellation.Why = why
	}
}

func transferred(b *booking.Booking) {
	b.Transfers = []booking.Transferred{{From: "other", To: b.CohortID, At: *at(9)}}
}

func removed(b *booking.Booking) {
	b.LapsedAt, b.JoinedAt, b.EndReason = at(31), at(0), "You wait for other dates as well."
}

// told is what a message's mail says beyond what all do.
func told(t *testing.T, c booking.Case, m Message) MailData {
	t.Helper()
	o, ok := occasionOf(c, m, nil)
	if !ok {
		t.Fatalf("%s is about nothing", m.ID)
	}
	data := MailData{readers: []int{m.Partner}}
	if sharesMailbox(c.Booking) {
		data.readers = []int{0, 1}
	}
	if o.tell != nil {
		o.tell(&data)
	}
	return data
}

// TestWhatGoesBack: each message about money names the sum that it is about.
func TestWhatGoesBack(t *testing.T) {
	t.Parallel()
	late := booking.Refund{ID: "bk-refund-1", Reason: booking.RefundLate, Amount: money.Of(96000, "USD"), At: noon}
	for about, c := range map[string]struct {
		given booking.Case
		want  map[string]string
	}{
		"called off, with the deposit": {couple(retreats.None, func(b *booking.Booking) {
			calledOffFor("A guide is ill.")(b)
			b.Cancellation.Quote, b.Refunds = money.Of(480000, "USD"), []booking.Refund{late}
		}), map[string]string{"called_off": money.Of(480000, "USD").String(), "late_refunded": late.Amount.String()}},
		"called off, with nothing":  {couple(retreats.None, calledOffFor("A guide is ill.")), map[string]string{"called_off": ""}},
		"given up, with nothing":    {couple(retreats.None, func(b *booking.Booking) { b.Cancellation = &booking.Cancellation{At: noon} }), map[string]string{"cancelled": ""}},
		"a place that is confirmed": {couple(retreats.Confirmed, nil), map[string]string{"confirmed": ""}},
	} {
		got := map[string]string{}
		for _, m := range Plan(c.given, noon) {
			got[m.Rule] = told(t, c.given, m).Returned
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", about, diff)
		}
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
	refund := func(n string, dollars int64, minutes int) booking.Refund {
		return booking.Refund{ID: "bk-refund-" + n, Reason: booking.RefundLate, Amount: money.Of(100*dollars, "USD"), At: *at(minutes)}
	}
	c := couple(retreats.None, func(b *booking.Booking) {
		b.Payments = []booking.Payment{{ID: "pi"}}
		b.Refunds = []booking.Refund{refund("1", 1, 5), {ID: "bk-refund-2", Reason: booking.RefundTwice}, refund("10", 10, 90)}
	})
	got := map[string]string{}
	for _, m := range Plan(c, noon) {
		if m.Rule == "late_refunded" {
			got[m.ID] = told(t, c, m).Returned
		}
	}
	want := map[string]string{
		"late_refunded.bk.bk-refund-1.0": "$1.00", "late_refunded.bk.bk-refund-1.1": "$1.00",
		"late_refunded.bk.bk-refund-10.0": "$10.00", "late_refunded.bk.bk-refund-10.1": "$10.00",
	}
	if diff := cmp.Diff(want, got); diff != "" {
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

// ids gives the ids that the rule plans for the first partner, each with when
// it is due.
func ids(c booking.Case, rule string) map[string]time.Duration {
	due := map[string]time.Duration{}
	for _, m := range Plan(c, noon) {
		if m.Rule == rule && m.Partner == 0 {
			due[m.ID] = m.DueAt.Sub(noon)
		}
	}
	return due
}

// TestReschedulings: who hears that the sessions moved at ten past twelve, and
// when.
func TestReschedulings(t *testing.T) {
	t.Parallel()
	told := map[string]time.Duration{"rescheduled.bk." + keyOf(*at(10)) + ".0": 20 * time.Minute}
	nobody := map[string]time.Duration{}
	movedAt := func(minutes int) func(*booking.Booking) {
		return func(b *booking.Booking) {
			b.Trail = audit.Trail{{At: *at(-90), What: "moved"}, {At: *at(minutes), What: "moved"}, {At: *at(30), What: "place given back"}}
		}
	}
	paid := couple(retreats.Confirmed, nil)
	paid.Standing.Since = *at(15)
	for about, c := range map[string]struct {
		given booking.Case
		want  map[string]time.Duration
	}{
		"a couple with a hold":             {couple(retreats.Held, nil), told},
		"a couple with an offer":           {couple(retreats.Offered, nil), told},
		"a couple with a place":            {couple(retreats.Confirmed, nil), told},
		"a couple that paid since":         {paid, told},
		"a couple that waits":              {couple(retreats.WaitingOn, nil), told},
		"a couple with nothing":            {couple(retreats.None, nil), nobody},
		"a couple that has given up":       {couple(retreats.Held, func(b *booking.Booking) { b.Cancellation = &booking.Cancellation{At: noon} }), nobody},
		"a couple that booked since":       {couple(retreats.Held, func(b *booking.Booking) { b.CreatedAt = *at(11) }), nobody},
		"a couple that booked just then":   {couple(retreats.Held, func(b *booking.Booking) { b.CreatedAt = *at(10) }), nobody},
		"a couple that was moved here":     {couple(retreats.WaitingOn, movedAt(5)), told},
		"a couple moved here since":        {couple(retreats.WaitingOn, movedAt(11)), nobody},
		"a couple moved here, now offered": {couple(retreats.Offered, movedAt(11)), nobody},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(map[string]time.Duration{}, ids(c.given, "rescheduled")); diff != "" {
				t.Errorf("before anything moved:\n%s", diff)
			}
			c.given.Cohort.RescheduledAt = at(10)
			if diff := cmp.Diff(c.want, ids(c.given, "rescheduled")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestANewsOfOtherTimesIsOfUse until the last session has ended, which may be
// after the last day.
func TestANewsOfOtherTimesIsOfUse(t *testing.T) {
	t.Parallel()
	c := couple(retreats.Confirmed, nil)
	c.Cohort.RescheduledAt = at(10)
	until := func() time.Time {
		for _, m := range Plan(c, noon) {
			if m.Rule == "rescheduled" {
				return m.UsefulUntil
			}
		}
		return time.Time{}
	}
	if got, want := until(), time.Date(2027, 4, 12, 0, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("until %s, want %s", got, want)
	}
	after := time.Date(2027, 4, 20, 19, 0, 0, 0, time.UTC)
	c.Cohort.Sessions = []retreats.Session{{EndsAt: noon}, {EndsAt: after}, {EndsAt: noon}}
	if got := until(); !got.Equal(after) {
		t.Errorf("until %s, want %s", got, after)
	}
}

// TestMoves: a couple that was moved hears so once for each time.
func TestMoves(t *testing.T) {
	t.Parallel()
	moved := func(b *booking.Booking) {
		b.Trail = audit.Trail{{At: *at(5), What: "moved"}, {At: *at(7), What: "moved"}, {At: *at(9), What: "priority"}}
	}
	told := map[string]time.Duration{"moved.bk.co." + keyOf(*at(7)) + ".0": 7 * time.Minute}
	for state, want := range map[retreats.PlaceState]map[string]time.Duration{
		retreats.WaitingOn: told, retreats.Offered: told, retreats.Held: told, retreats.Confirmed: {}, retreats.None: {},
	} {
		if diff := cmp.Diff(want, ids(couple(state, moved), "moved")); diff != "" {
			t.Errorf("%q:\n%s", state, diff)
		}
		if diff := cmp.Diff(map[string]time.Duration{}, ids(couple(state, nil), "moved")); diff != "" {
			t.Errorf("%q, never moved:\n%s", state, diff)
		}
	}
	over := couple(retreats.WaitingOn, func(b *booking.Booking) { moved(b); removed(b) })
	if diff := cmp.Diff(map[string]time.Duration{}, ids(over, "moved")); diff != "" {
		t.Errorf("taken off the list since:\n%s", diff)
	}
}

// TestTheLastOffer: whether an offered couple is told that its turn ends.
func TestTheLastOffer(t *testing.T) {
	t.Parallel()
	for about, c := range map[string]struct {
		place retreats.Place
		last  bool
	}{
		"the first of three":     {retreats.Place{Booking: "bk", State: retreats.Offered, Turn: &retreats.Waiting{}}, false},
		"the second":             {retreats.Place{Booking: "bk", State: retreats.Offered, Turn: &retreats.Waiting{Passes: 1}}, false},
		"the third":              {retreats.Place{Booking: "bk", State: retreats.Offered, Turn: &retreats.Waiting{Passes: 2}}, true},
		"since fewer may go by":  {retreats.Place{Booking: "bk", State: retreats.Offered, Turn: &retreats.Waiting{Passes: 5}}, true},
		"that they have taken":   {retreats.Place{Booking: "bk", State: retreats.Held, Turn: &retreats.Waiting{Passes: 2}}, false},
		"somebody else's":        {retreats.Place{Booking: "other", State: retreats.Offered, Turn: &retreats.Waiting{Passes: 2}}, false},
		"of which no turn stays": {retreats.Place{Booking: "bk", State: retreats.Offered}, false},
	} {
		given := couple(retreats.Offered, nil)
		given.Cohort.MaxPasses = 3
		given.Cohort.Roster.Places = []retreats.Place{c.place}
		if last := given.Cohort.IsLastOffer(given.Booking.ID); last != c.last {
			t.Errorf("%s: %v", about, last)
		}
	}
}
