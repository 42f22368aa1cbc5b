package retreats

import (
	"slices"
	"time"
)

// Reserve holds a place for the couple until the hold's deadline. A couple
// that has one, or waits, gets the standing it has: asking twice is harmless.
// ErrFull when no place is free or somebody waits for one: nobody walks past
// those who wait [D4]. A code is used by whoever gets a place by it, in the same
// decision; an empty one is none.
func (c *Cohort) Reserve(booking, code string, now time.Time) (Standing, error) {
	r, _ := c.settled(now)
	if standing := r.at(booking, now); standing.State != None {
		return standing, nil
	}
	if err := c.bookable(now); err != nil {
		return Standing{}, err
	}
	if c.free(r) == 0 && r.keptBackOf(booking) < 0 {
		return Standing{}, ErrFull
	}
	used, err := c.use(r, booking, code, now)
	if err != nil {
		return Standing{}, err
	}
	r = r.clone()
	until := c.holdDeadline(now)
	r.seat(Place{Booking: booking, State: Held, Since: now, Until: &until, Code: used})
	c.keep(r)
	return r.Of(booking), nil
}

// Join holds a place if one is free for this couple, and else puts it on the
// waitlist. A couple that stands somewhere already stays there. A code is used
// as in Reserve.
func (c *Cohort) Join(booking, code string, now time.Time) (Standing, error) {
	standing, err := c.Reserve(booking, code, now)
	if err != ErrFull {
		return standing, err
	}
	r, _ := c.settled(now)
	if len(r.Waitlist) >= c.WaitlistCap {
		return Standing{}, ErrWaitlistFull
	}
	used, err := c.use(r, booking, code, now)
	if err != nil {
		return Standing{}, err
	}
	r = r.clone()
	r.queue(Waiting{Booking: booking, JoinedAt: now, Code: used})
	c.offer(&r, now)
	c.keep(r)
	return r.Of(booking), nil
}

// Free is how many places anybody may take now: none while somebody waits who
// has not let the free place go by.
func (c *Cohort) Free(now time.Time) int {
	if c.bookable(now) != nil {
		return 0
	}
	r, _ := c.settled(now)
	return c.free(r)
}

func (c *Cohort) free(r Roster) int {
	if r.nextToAsk() >= 0 {
		return 0
	}
	return c.unused(r)
}

// unused is how many places nobody has, is offered or may take back.
func (c *Cohort) unused(r Roster) int { return max(0, c.Capacity-r.taken()) }

// OverBy is by how many couples the cohort is over-full, since its capacity
// was lowered.
func (c *Cohort) OverBy() int { return max(0, c.Roster.taken()-c.Capacity) }

// holdDeadline is when a hold that begins now ends; no hold outlasts the start.
func (c *Cohort) holdDeadline(now time.Time) time.Time {
	until := now.Add(time.Duration(c.HoldMinutes) * time.Minute)
	if start := c.Start(); until.After(start) {
		return start
	}
	return until
}

// Standing says where the couple stands now, and what it may do.
func (c *Cohort) Standing(booking string, now time.Time) Standing {
	r, _ := c.settled(now)
	standing := r.at(booking, now)
	standing.MayTake = c.mayTake(r, booking, now)
	return standing
}

// mayTake reports whether the couple may take a place after all that it let go
// by: everybody who waits has, and nobody else has taken it.
func (c *Cohort) mayTake(r Roster, booking string, now time.Time) bool {
	i := r.turnOf(booking)
	return i >= 0 && r.Waitlist[i].Declined && c.bookable(now) == nil && c.free(r) > 0
}

// Accept turns the couple's offer into a held place, to be paid within the
// hold's time; or takes a place after all that it let go by. Accepting twice is
// harmless.
func (c *Cohort) Accept(booking string, now time.Time) (Standing, error) {
	r, _ := c.settled(now)
	i := r.placeOf(booking)
	if c.mayTake(r, booking, now) {
		r = r.clone()
		until := c.holdDeadline(now)
		r.seat(Place{Booking: booking, State: Held, Since: now, Until: &until})
		c.keep(r)
		return r.Of(booking), nil
	}
	if i >= 0 && r.Places[i].State != Offered {
		return r.at(booking, now), nil
	}
	if i < 0 {
		return Standing{}, ErrNotOffered
	}
	r = r.clone()
	until := c.holdDeadline(now)
	r.Places[i] = Place{
		Booking: booking, State: Held, Since: now, Until: &until, Code: r.Places[i].Code, Turn: r.Places[i].Turn,
	}
	c.keep(r)
	return r.Of(booking), nil
}

// Pass lets the offered place go by: it goes to the next couple, and this one
// keeps its turn unless it has passed too often.
func (c *Cohort) Pass(booking string, now time.Time) (Standing, error) {
	r, _ := c.settled(now)
	i := r.placeOf(booking)
	if i < 0 || r.Places[i].State != Offered {
		return Standing{}, ErrNotOffered
	}
	r = r.clone()
	r.goBy(i, c.MaxPasses, TurnPassed, now)
	c.offer(&r, now)
	c.keep(r)
	return r.Of(booking), nil
}

// Confirm makes the couple's held or offered place theirs for good.
// Confirming twice is harmless. ErrNotHeld when there is no such place: the
// money came too late, see ConfirmLate.
func (c *Cohort) Confirm(booking string, now time.Time) error {
	r, _ := c.settled(now)
	i := r.placeOf(booking)
	if i < 0 {
		return ErrNotHeld
	}
	if r.Places[i].State == Confirmed {
		return nil
	}
	r = r.clone()
	r.Places[i] = Place{Booking: booking, State: Confirmed, Since: now, Code: r.Places[i].Code, Turn: r.Places[i].Turn}
	r.fill(booking, c.Capacity, now)
	c.keep(r)
	return nil
}

// Seat gives a confirmed place to a couple that has paid for other dates and
// comes over to these: one that it has here already, or one that is free by the
// rules of Reserve; ErrFull when there is none. Seating twice is harmless.
func (c *Cohort) Seat(booking string, now time.Time) (Standing, error) {
	if c.Confirm(booking, now) == nil {
		return c.Roster.Of(booking), nil
	}
	if err := c.bookable(now); err != nil {
		return Standing{}, err
	}
	r, _ := c.settled(now)
	if c.free(r) == 0 && r.keptBackOf(booking) < 0 {
		return Standing{}, ErrFull
	}
	r = r.clone()
	c.seatPaid(&r, booking, now)
	c.keep(r)
	return r.Of(booking), nil
}

// seatPaid gives a confirmed place to a couple that has none.
func (c *Cohort) seatPaid(r *Roster, booking string, now time.Time) {
	kept := r.keptBackOf(booking)
	its := kept >= 0 && r.KeptBack[kept].State == Confirmed // it fills no other place
	r.seat(Place{Booking: booking, State: Confirmed, Since: now})
	if !its {
		r.fill(booking, c.Capacity, now)
	}
}

// ConfirmLate decides about money that came after the hold had ended [D3]: the
// couple gets a place if one is free and nobody waits for it, else it goes to
// the top of the waitlist (if there still is one) and its money goes back. The
// price that it paid holds, whatever the limit of its code says by now: the
// code came back when the hold ended and is not asked for again.
func (c *Cohort) ConfirmLate(booking string, now time.Time) Standing {
	if c.Confirm(booking, now) == nil {
		return c.Roster.Of(booking)
	}
	r, _ := c.settled(now)
	r = r.clone()
	bookable := c.bookable(now) == nil
	turn := r.turnOf(booking)
	switch {
	case bookable && (c.free(r) > 0 || r.keptBackOf(booking) >= 0):
		c.seatPaid(&r, booking, now)
	case bookable && turn >= 0:
		w := r.Waitlist[turn]
		r.Waitlist = slices.Delete(r.Waitlist, turn, turn+1)
		w.Priority, w.Reason, w.Declined = latePriority, LateReason, false
		r.queue(w)
	case bookable:
		r.queue(Waiting{Booking: booking, JoinedAt: now, Priority: latePriority, Reason: LateReason})
	}
	c.offer(&r, now)
	c.keep(r)
	return r.Of(booking)
}

// Release gives back whatever the couple has: a place, an offer, a turn. What
// becomes free is offered to the next in the same change, or after the
// cohort's time for undoing; there is none for a hold whose time is over. A
// confirmed place can be filled by another couple from then on [D16]. Releasing
// twice, or what was never there, is harmless.
func (c *Cohort) Release(booking string, now time.Time) { c.release(booking, false, now) }

// ReleaseMoved is Release for a couple that has come to other dates or has its
// money settled otherwise: nothing is kept back for it, and what becomes of the
// place does not concern it any more.
func (c *Cohort) ReleaseMoved(booking string, now time.Time) { c.release(booking, true, now) }

func (c *Cohort) release(booking string, moved bool, now time.Time) {
	r, changed := c.settled(now)
	place, turn := r.placeOf(booking), r.turnOf(booking)
	if place >= 0 || turn >= 0 {
		r = r.clone()
		changed = true
	}
	if place >= 0 {
		switch p := r.Places[place]; {
		case c.UndoMinutes > 0 && !moved && p.State != Offered && !r.at(booking, now).Ending:
			r.keepBack(place, now.Add(time.Duration(c.UndoMinutes)*time.Minute))
		default:
			r.vacate(place)
			if p.State == Confirmed && !moved && now.Before(c.Start()) {
				r.giveUp(booking, now)
			}
		}
	}
	if turn >= 0 {
		r.Waitlist = slices.Delete(r.Waitlist, turn, turn+1)
	}
	if changed {
		c.offer(&r, now)
		c.keep(r)
	}
}

// EndHold frees a held place whose time is over, before its grace is: no money
// is on its way. Anything else stays as it is, also a place that was paid for
// in the meantime.
func (c *Cohort) EndHold(booking string, now time.Time) {
	r, _ := c.settled(now)
	if r.at(booking, now).Ending {
		c.release(booking, true, now)
	}
}

// TakeBack gives a place to the couple again that gave it up a moment ago. A
// place that was held is held anew.
func (c *Cohort) TakeBack(booking string, now time.Time) (Standing, error) {
	r, _ := c.settled(now)
	if r.placeOf(booking) >= 0 {
		return r.at(booking, now), nil
	}
	i := r.keptBackOf(booking)
	if i < 0 {
		return Standing{}, ErrNotKeptBack
	}
	place := Place{Booking: booking, State: r.KeptBack[i].State, Since: now}
	if place.State == Held {
		if !now.Before(c.Start()) {
			return Standing{}, ErrPast
		}
		until := c.holdDeadline(now)
		place.Until = &until
	}
	r = r.clone()
	r.seat(place)
	c.keep(r)
	return r.Of(booking), nil
}

// Told notes that the couple's booking knows of its offer.
func (c *Cohort) Told(booking string) {
	if i := c.Roster.placeOf(booking); i >= 0 && c.Roster.Places[i].Untold {
		r := c.Roster.clone()
		r.Places[i].Untold = false
		c.keep(r)
	}
}

// ByHand is how many free places only an organizer can give now: couples wait,
// and automatic offers have ended [D7].
func (c *Cohort) ByHand(now time.Time) int {
	r, _ := c.settled(now)
	if len(r.Waitlist) == 0 || c.State == Draft || c.IsOver() || !now.Before(c.Start()) {
		return 0
	}
	return c.unused(r)
}

// IsLastOffer reports whether the couple's turn ends if its open offer goes by.
func (c *Cohort) IsLastOffer(booking string) bool {
	i := c.Roster.placeOf(booking)
	if i < 0 || c.Roster.Places[i].State != Offered || c.Roster.Places[i].Turn == nil {
		return false
	}
	return c.Roster.Places[i].Turn.Passes+1 >= c.MaxPasses
}

// IsKeptBack reports whether the couple may still take its place back.
func (c *Cohort) IsKeptBack(booking string) bool {
	return slices.ContainsFunc(c.Roster.KeptBack, func(k KeptBack) bool { return k.Booking == booking })
}
