package retreats

import (
	"cmp"
	"slices"
	"time"

	"lantern/internal/fault"
)

// PlaceState is how far a couple has come to a place.
type PlaceState string

// The states of a place. None means that the cohort knows nothing of the
// couple (any more).
const (
	None      PlaceState = ""
	WaitingOn PlaceState = "waiting"
	Offered   PlaceState = "offered"
	Held      PlaceState = "held"
	Confirmed PlaceState = "confirmed"
)

// Roster is who has a place in a cohort and who waits for one. A booking is in
// at most one of the two lists, once.
type Roster struct {
	Places []Place `json:"places"`
	// Waitlist is in order: the first is offered the next place.
	Waitlist []Waiting `json:"waitlist"`
}

// Place is room for one couple that is held, offered or confirmed.
type Place struct {
	Booking string     `json:"booking"`
	State   PlaceState `json:"state"`
	Since   time.Time  `json:"since"`
	// Until is the deadline of a held or an offered place.
	Until *time.Time `json:"until,omitempty"`
	// Turn keeps the couple's turn on the waitlist while a place is offered
	// to them.
	Turn *Waiting `json:"turn,omitempty"`
	// Untold means that the offer has not reached the couple's booking yet,
	// from where they are told.
	Untold bool `json:"untold,omitempty"`
}

// Waiting is one couple's turn on the waitlist.
type Waiting struct {
	Booking  string    `json:"booking"`
	JoinedAt time.Time `json:"joined_at"`
	// Priority goes before the time of joining; Reason says why it was given.
	Priority int    `json:"priority,omitempty"`
	Reason   string `json:"reason,omitempty"`
	// Passes counts the offers that the couple let go by.
	Passes int `json:"passes,omitempty"`
	// Declined means that the couple let the place go by that is going round
	// now. It ends when another place becomes free.
	Declined bool `json:"declined,omitempty"`
}

const (
	// latePriority puts a couple whose money came too late before everybody
	// else [D3]; among them, the time decides.
	latePriority = 1000
	// LateReason is shown where somebody asks why a couple came first.
	LateReason = "Their payment arrived after their hold had ended."
	// maxPasses is how many offers a couple may let go by and stay on the list.
	maxPasses = 3
)

// The named refusals of a roster.
var (
	ErrFull         = fault.New(fault.Conflict, "All places are taken.")
	ErrWaitlistFull = fault.New(fault.Conflict, "The waitlist is full too.")
	ErrNotHeld      = fault.New(fault.Conflict, "Your place is not held any more.")
	ErrNotOffered   = fault.New(fault.Conflict, "There is no open offer for you.")
)

// Standing is where one couple stands.
type Standing struct {
	State PlaceState
	Since time.Time
	// Until is the deadline of a held or offered place.
	Until *time.Time
	// Position counts from 1 on the waitlist; 0 otherwise.
	Position int
	// First says why somebody further down could not have gone first.
	Reason string
	Passes int
}

// Of says where the couple stands.
func (r Roster) Of(booking string) Standing {
	if i := r.placeOf(booking); i >= 0 {
		p := r.Places[i]
		return Standing{State: p.State, Since: p.Since, Until: p.Until}
	}
	if i := r.turnOf(booking); i >= 0 {
		w := r.Waitlist[i]
		return Standing{State: WaitingOn, Since: w.JoinedAt, Position: i + 1, Reason: w.Reason, Passes: w.Passes}
	}
	return Standing{}
}

// Counts are how many places are in which state.
type Counts struct{ Held, Offered, Confirmed, Waiting int }

// Counts counts the places.
func (r Roster) Counts() Counts {
	counts := Counts{Waiting: len(r.Waitlist)}
	for _, p := range r.Places {
		switch p.State {
		case Held:
			counts.Held++
		case Offered:
			counts.Offered++
		default:
			counts.Confirmed++
		}
	}
	return counts
}

func (r Roster) placeOf(booking string) int {
	return slices.IndexFunc(r.Places, func(p Place) bool { return p.Booking == booking })
}

func (r Roster) turnOf(booking string) int {
	return slices.IndexFunc(r.Waitlist, func(w Waiting) bool { return w.Booking == booking })
}

// clone gives a roster of its own lists, to decide on.
func (r Roster) clone() Roster {
	return Roster{Places: slices.Clone(r.Places), Waitlist: slices.Clone(r.Waitlist)}
}

// queue puts a turn where it belongs: by priority, then by time of joining.
func (r *Roster) queue(w Waiting) {
	at, _ := slices.BinarySearchFunc(r.Waitlist, w, byTurn)
	r.Waitlist = slices.Insert(r.Waitlist, at, w)
}

func byTurn(a, b Waiting) int {
	return cmp.Or(-cmp.Compare(a.Priority, b.Priority), a.JoinedAt.Compare(b.JoinedAt), cmp.Compare(a.Booking, b.Booking))
}

// vacate removes a place. Whoever let the last one go by is asked again.
func (r *Roster) vacate(i int) {
	r.Places = slices.Delete(r.Places, i, i+1)
	for i := range r.Waitlist {
		r.Waitlist[i].Declined = false
	}
}

// goBy takes an offer back: the couple keeps its turn for the next place,
// unless it has let too many go by.
func (r *Roster) goBy(i int) {
	turn := *r.Places[i].Turn
	r.Places = slices.Delete(r.Places, i, i+1)
	turn.Passes++
	turn.Declined = true
	if turn.Passes < maxPasses {
		r.queue(turn)
	}
}

// nextToAsk is the index of the first couple that has not let this place go by.
func (r Roster) nextToAsk() int {
	return slices.IndexFunc(r.Waitlist, func(w Waiting) bool { return !w.Declined })
}

// nextDeadline is when the roster must be looked at next.
func (r Roster) nextDeadline() *time.Time {
	var next *time.Time
	for i := range r.Places {
		at := r.Places[i].Until
		if r.Places[i].Untold {
			at = &r.Places[i].Since
		}
		if at != nil && (next == nil || at.Before(*next)) {
			next = at
		}
	}
	if next == nil {
		return nil
	}
	at := *next
	return &at
}
