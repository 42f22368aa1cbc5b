package retreats

import (
	"time"

	"lantern/internal/fault"
)

// The life of a cohort: draft → open ⇄ closed → finished, and from each of the
// first three → cancelled.

// The named refusals of a cohort's life.
var (
	errNoDraft   = fault.New(fault.Conflict, "Only a draft can be published.")
	errNoOffer   = fault.New(fault.Conflict, "Only dates that are on offer can be closed.")
	errNotClosed = fault.New(fault.Conflict, "Only closed dates can be opened again.")
	errEnded     = fault.New(fault.Conflict, "These dates have ended: nothing about them can be changed any more.")
)

// Publish puts a draft on offer. Publishing twice is fine.
func (c *Cohort) Publish(now time.Time) error {
	if c.State != Draft && c.State != Open {
		return errNoDraft
	}
	if !now.Before(c.Start()) {
		return ErrPast
	}
	c.State = Open
	c.Settle(now)
	c.keep(c.Roster)
	return nil
}

// Close ends booking: who has a place or an offer keeps it, who waits goes on
// waiting, and nobody new comes. Closing twice is fine.
func (c *Cohort) Close(now time.Time) error {
	if c.State != Open && c.State != Closed {
		return errNoOffer
	}
	if c.ended(now) {
		return errEnded
	}
	c.Settle(now)
	c.State = Closed
	c.keep(c.Roster)
	return nil
}

// Reopen puts closed dates on offer again: free places go to those who wait in
// the same change.
func (c *Cohort) Reopen(now time.Time) error {
	if c.State != Closed && c.State != Open {
		return errNotClosed
	}
	if !now.Before(c.Start()) {
		return ErrPast
	}
	c.Settle(now) // what has ended while they were closed
	c.State = Open
	c.Settle(now)
	c.keep(c.Roster)
	return nil
}

// Cancel calls the dates off. Nobody has a place or a turn any more, and no
// place that was given up can be filled; the
// bookings, which are asked to look, give the money back and tell the couples
// the reason.
func (c *Cohort) Cancel(reason string, now time.Time) error {
	if c.State == Cancelled {
		return nil
	}
	if c.ended(now) {
		return errEnded
	}
	c.State, c.CancelReason = Cancelled, reason
	c.announce(now)
	c.keep(Roster{GivenUp: c.Settled(now).filled()})
	return nil
}

// IsOver reports whether nothing can be changed any more.
func (c *Cohort) IsOver() bool { return c.State == Cancelled || c.State == Finished }

// ended is IsOver also for what nobody has settled since its last day.
func (c *Cohort) ended(now time.Time) bool {
	return c.IsOver() || c.State != Draft && !now.Before(c.End())
}

// finish ends the life of what has taken place. Until its last session it lingers.
func (c *Cohort) finish(now time.Time) {
	finishes := (c.State == Open || c.State == Closed) && !now.Before(c.End())
	if finishes {
		c.State = Finished
	}
	lingering := c.State == Finished && c.hasToCome(now)
	if finishes || lingering != c.Lingering {
		c.Lingering = lingering
		c.keep(c.Roster)
	}
}

// announce asks for every booking of the cohort to be looked at again.
func (c *Cohort) announce(now time.Time) { c.AnnounceAt = &now }

// announced notes that the bookings have been asked to look, for what was
// announced at that time.
func (c *Cohort) announced(at time.Time) {
	if c.AnnounceAt != nil && c.AnnounceAt.Equal(at) {
		c.AnnounceAt = nil
		c.keep(c.Roster)
	}
}
