package notifications

import (
	"slices"
	"strconv"
	"time"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/retreats"
)

// asked is for what follows from no booking: somebody asks for it by Notify.
func asked(booking.Case) []occasion { return nil }

func once(due, until time.Time) []occasion {
	return []occasion{{key: keyOf(due), due: due, until: until}}
}

func keyOf(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 36) }

func whileStanding(state retreats.PlaceState) func(booking.Case) []occasion {
	return func(c booking.Case) []occasion {
		if c.Standing.State != state || c.Booking.IsOver() {
			return nil
		}
		until := c.Cohort.Start()
		if c.Standing.Until != nil {
			until = *c.Standing.Until
		}
		return once(c.Standing.Since, until)
	}
}

const (
	// lastCall is how long before the end of an offer its couple is reminded
	// for the last time [D6].
	lastCall = 4 * time.Hour
	// nudgesApart is what has to lie between two mails about one offer.
	nudgesApart = time.Hour
)

// nudges remind a couple of an open offer: at half of its window and shortly
// before its end, as far as the offer is long enough for that [D6].
func nudges(c booking.Case) []occasion {
	since, until := c.Standing.Since, c.Standing.Until
	if c.Standing.State != retreats.Offered || until == nil || c.Booking.IsOver() {
		return nil
	}
	half := since.Add(until.Sub(since) / 2).Truncate(time.Millisecond) // as it is stored, so that it does not seem to move
	if half.Sub(since) <= nudgesApart {
		return nil
	}
	first := occasion{key: keyOf(since) + ".half", due: half, until: *until, patient: true}
	last := until.Add(-lastCall)
	if last.Sub(half) <= nudgesApart {
		return []occasion{first}
	}
	// Who could not be reached for the first one gets the last one alone.
	first.until = last
	return []occasion{first, {key: keyOf(since) + ".last", due: last, until: *until, patient: true}}
}

// moves tell a waiting couple that it waits for other dates now, or holds or is
// offered a place there.
func moves(c booking.Case) []occasion {
	line, moved := lastMove(c.Booking)
	if !moved || c.Booking.IsOver() {
		return nil
	}
	switch c.Standing.State {
	case retreats.WaitingOn, retreats.Offered, retreats.Held:
		return []occasion{{key: c.Booking.CohortID + "." + keyOf(line.At), due: line.At, until: c.Cohort.Start()}}
	}
	return nil
}

// confirmations tell that a place is theirs; of one that they have changed to
// with their money, transfers tells.
func confirmations(c booking.Case) []occasion {
	if _, transferred := lastTransfer(c.Booking); transferred {
		return nil
	}
	return whileStanding(retreats.Confirmed)(c)
}

// transfers tell a couple with a place that it has other dates now, and what
// becomes of its money.
func transfers(c booking.Case) []occasion {
	t, transferred := lastTransfer(c.Booking)
	if !transferred || c.Booking.IsOver() || c.Standing.State != retreats.Confirmed {
		return nil
	}
	return []occasion{{
		key: t.To + "." + keyOf(t.At), due: t.At, until: c.Cohort.Start(),
		tell: func(m *MailData) { tellTransfer(c.Booking, t, m) },
	}}
}

// lastTransfer is how the couple came to the dates that it has now, if it
// changed to them with its place.
func lastTransfer(b *booking.Booking) (booking.Transferred, bool) {
	n := len(b.Transfers)
	if n == 0 || b.Transfers[n-1].To != b.CohortID {
		return booking.Transferred{}, false
	}
	return b.Transfers[n-1], true
}

// moveLine is what a booking's trail calls the couple's way to other dates.
const moveLine = "moved"

// lastMove is the last time the couple was moved to other dates, if it was.
func lastMove(b *booking.Booking) (audit.Line, bool) {
	for _, line := range slices.Backward(b.Trail) {
		if line.What == moveLine {
			return line, true
		}
	}
	return audit.Line{}, false
}

// changePause is for how long no session must have moved before the couples
// are told: who moves one session often moves others, and one mail tells all.
const changePause = 10 * time.Minute

// reschedulings tell couples that came to these dates before their sessions
// moved. Only the last time is told: the mail shows how the dates are now.
func reschedulings(c booking.Case) []occasion {
	moved := c.Cohort.RescheduledAt
	if moved == nil || c.Booking.IsOver() || c.Standing.State == retreats.None || !moved.After(cameAt(c.Booking)) {
		return nil
	}
	return []occasion{{key: keyOf(*moved), due: moved.Add(changePause), until: lastEnd(c.Cohort), patient: true}}
}

// cameAt is since when the couple has had to do with the cohort. It is not the
// standing's Since, which begins anew when a hold is paid: who was told of the
// old dates must read of the new ones all the same.
func cameAt(b *booking.Booking) time.Time {
	if t, transferred := lastTransfer(b); transferred {
		return t.At
	}
	if line, moved := lastMove(b); moved {
		return line.At
	}
	return b.CreatedAt
}

// lastEnd is when the cohort is over, with the sessions after its last day.
func lastEnd(c *retreats.Cohort) time.Time {
	end := c.End()
	for _, s := range c.Sessions {
		if s.EndsAt.After(end) {
			end = s.EndsAt
		}
	}
	return end
}
