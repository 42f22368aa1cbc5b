package retreats

import (
	"cmp"
	"slices"
	"time"
)

// GivenUp is a confirmed place that its couple gave up before the start. If
// another couple fills it, the couple gets more of its money back [D16].
type GivenUp struct {
	Booking string `json:"booking"`
	// At is when the place became free.
	At time.Time `json:"at"`
	// FilledAt is nil until another couple has the place. The line goes when
	// the booking of the couple knows, see Service.RefillTold.
	FilledAt *time.Time `json:"filled_at,omitempty"`
}

// giveUp notes that a confirmed place became free.
func (r *Roster) giveUp(booking string, at time.Time) {
	g := GivenUp{Booking: booking, At: at}
	i, _ := slices.BinarySearchFunc(r.GivenUp, g, func(a, b GivenUp) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Booking, b.Booking))
	})
	r.GivenUp = slices.Insert(r.GivenUp, i, g)
}

// fill is for a couple whose place has just been confirmed. Places that were
// free anyway are filled first: only when there are fewer places without a
// couple than were given up, the oldest of those is filled.
func (r *Roster) fill(booking string, capacity int, now time.Time) {
	// Who comes back has given nothing up.
	r.GivenUp = slices.DeleteFunc(r.GivenUp, func(g GivenUp) bool { return g.FilledAt == nil && g.Booking == booking })
	settled, open := 0, 0
	for _, p := range r.Places {
		if p.State == Confirmed {
			settled++
		}
	}
	for _, k := range r.KeptBack {
		if k.State == Confirmed { // its couple may still take it back
			settled++
		}
	}
	for _, g := range r.GivenUp {
		if g.FilledAt == nil {
			open++
		}
	}
	if settled > capacity-open && open > 0 {
		i := slices.IndexFunc(r.GivenUp, func(g GivenUp) bool { return g.FilledAt == nil })
		r.GivenUp[i].FilledAt = &now
	}
}

// unfilled reports whether a place that was given up waits for another couple.
func (r Roster) unfilled() bool {
	return slices.ContainsFunc(r.GivenUp, func(g GivenUp) bool { return g.FilledAt == nil })
}

// filled are the places that another couple has and whose own has to be told.
func (r Roster) filled() []GivenUp {
	return slices.DeleteFunc(slices.Clone(r.GivenUp), func(g GivenUp) bool { return g.FilledAt == nil })
}

// RefillTold notes that the couple's booking knows that its place was filled.
func (c *Cohort) RefillTold(booking string) {
	r := c.Roster.clone()
	r.GivenUp = slices.DeleteFunc(r.GivenUp, func(g GivenUp) bool { return g.FilledAt != nil && g.Booking == booking })
	if len(r.GivenUp) < len(c.Roster.GivenUp) {
		c.keep(r)
	}
}
