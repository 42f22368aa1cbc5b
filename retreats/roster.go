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
	// KeptBack are places that were given up a moment ago [D8].
	KeptBack []KeptBack `json:"kept_back,omitempty"`
	// GivenUp are confirmed places that were given up, the oldest first: those
	// that nobody has filled yet, and those whose couple has still to be told [D16].
	GivenUp []GivenUp `json:"given_up,omitempty"`
}

// Place is room for one couple that is held, offered or confirmed.
type Place struct {
	Booking string     `json:"booking"`
	State   PlaceState `json:"state"`
	Since   time.Time  `json:"since"`
	// Until is the deadline of a held or an offered place. One that is held
	// becomes free a while later; see holdGrace.
	Until *time.Time `json:"until,omitempty"`
	// Code is the name of the code that the couple uses.
	Code string `json:"code,omitempty"`
	// Turn is the couple's turn on the waitlist, which an offered place keeps
	// and a held or confirmed one remembers.
	Turn *Waiting `json:"turn,omitempty"`
	// Untold means that the offer has not reached the couple's booking yet,
	// from where they are told.
	Untold bool `json:"untold,omitempty"`
}

// Waiting is one couple's turn on the waitlist.
type Waiting struct {
	Booking  string    `json:"booking"`
	JoinedAt time.Time `json:"joined_at"`
	// Code is the name of the code that the couple uses.
	Code string `json:"code,omitempty"`
	// Priority goes before the time of joining; Reason says why it was given.
	Priority int    `json:"priority,omitempty"`
	Reason   string `json:"reason,omitempty"`
	// Passes counts the offers that the couple let go by.
	Passes int `json:"passes,omitempty"`
	// History is what became of the offers, oldest first.
	History []TurnEvent `json:"history,omitempty"`
	// Declined means that the couple let the place go by that is going round
	// now. It ends when another place becomes free.
	Declined bool `json:"declined,omitempty"`
}

// KeptBack is a place that its couple gave up and may still take back.
type KeptBack struct {
	Booking string `json:"booking"`
	// State is what the place was.
	State PlaceState `json:"state"`
	Code  string     `json:"code,omitempty"`
	Turn  *Waiting   `json:"turn,omitempty"`
	Until time.Time  `json:"until"`
}

// TurnEvent is something that happened to a turn.
type TurnEvent struct {
	At   time.Time `json:"at"`
	What TurnWhat  `json:"what"`
	// By names who of the staff did it, if somebody did.
	By string `json:"by,omitempty"`
}

// TurnWhat is what can happen to a turn.
type TurnWhat string

// What can happen to a turn. Joining is its JoinedAt.
const (
	TurnOffered TurnWhat = "offered"
	TurnPassed  TurnWhat = "passed"
	TurnExpired TurnWhat = "expired"
	TurnMoved   TurnWhat = "priority" // its priority was changed
)

// happened returns the turn with one more event.
func (w Waiting) happened(what TurnWhat, by string, at time.Time) Waiting {
	w.History = append(w.History[:len(w.History):len(w.History)], TurnEvent{At: at, What: what, By: by})
	return w
}

// letGo finds the last offer that the couple let go by.
func (w Waiting) letGo() *TurnEvent {
	for _, e := range slices.Backward(w.History) {
		if e.What == TurnPassed || e.What == TurnExpired {
			return &e
		}
	}
	return nil
}

const (
	// latePriority puts a couple whose money came too late before everybody
	// else [D3]; among them, the time decides.
	latePriority = 1000
	// LateReason is shown where somebody asks why a couple came first.
	LateReason = "Their payment arrived after their hold had ended."
)

// The named refusals of a roster.
var (
	ErrFull         = fault.New(fault.Conflict, "All places are taken.")
	ErrWaitlistFull = fault.New(fault.Conflict, "The waitlist is full too.")
	ErrNotHeld      = fault.New(fault.Conflict, "Your place is not held any more.")
	ErrNotKeptBack  = fault.New(fault.Conflict, "The place has gone to the next couple already.")
	ErrNotWaiting   = fault.New(fault.Conflict, "This couple does not wait for these dates.")
	ErrNotOffered   = fault.New(fault.Conflict, "There is no open offer for you.")
)

// Standing is where one couple stands.
type Standing struct {
	State PlaceState
	Since time.Time
	// Until is the deadline of a held or offered place.
	Until *time.Time
	// Ending means that the time of a hold is over and its place not yet free:
	// money may be on its way.
	Ending bool
	// Position counts from 1 on the waitlist; 0 otherwise.
	Position int
	// Reason says why the couple's turn has a priority of its own.
	Reason string
	Passes int
	// MayTake says that a place which the couple let go by is still free.
	MayTake bool
	// LetGo is what became of the last offer that the couple let go by; nil
	// when it never did.
	LetGo *TurnEvent
	// WentFirst are the reasons why couples that joined later come before this
	// one, or have been offered a place before it. Never who.
	WentFirst []string
}

// at says where the couple stands at that time, to which the roster is settled.
func (r Roster) at(booking string, now time.Time) Standing {
	standing := r.Of(booking)
	standing.Ending = standing.State == Held && !now.Before(*standing.Until)
	return standing
}

// Of says where the couple stands. Whether its hold is ending is for
// Cohort.Standing, which knows the time.
func (r Roster) Of(booking string) Standing {
	if i := r.placeOf(booking); i >= 0 {
		p := r.Places[i]
		return Standing{State: p.State, Since: p.Since, Until: p.Until}
	}
	if i := r.turnOf(booking); i >= 0 {
		w := r.Waitlist[i]
		return Standing{
			State: WaitingOn, Since: w.JoinedAt, Position: i + 1, Reason: w.Reason, Passes: w.Passes,
			LetGo: w.letGo(), WentFirst: r.wentFirst(i),
		}
	}
	return Standing{}
}

// wentFirst collects the reasons of those who joined later than the i-th turn
// and come before it.
func (r Roster) wentFirst(i int) []string {
	var reasons []string
	since := r.Waitlist[i].JoinedAt
	note := func(w Waiting) {
		if w.JoinedAt.After(since) && w.Reason != "" && !slices.Contains(reasons, w.Reason) {
			reasons = append(reasons, w.Reason)
		}
	}
	for _, p := range r.Places {
		if p.Turn != nil {
			note(*p.Turn)
		}
	}
	for _, w := range r.Waitlist[:i] {
		if w.Priority == r.Waitlist[i].Priority {
			break // from here on the time of joining decides
		}
		note(w)
	}
	return reasons
}

// taken is how many places nobody else can have.
func (r Roster) taken() int { return len(r.Places) + len(r.KeptBack) }

// Bookings are those that have a place or wait for one.
func (r Roster) Bookings() (ids []string) {
	for _, p := range r.Places {
		ids = append(ids, p.Booking)
	}
	for _, w := range r.Waitlist {
		ids = append(ids, w.Booking)
	}
	return ids
}

// Counts are how many places are in which state.
type Counts struct{ Held, Offered, Confirmed, KeptBack, Waiting int }

// Counts counts the places.
func (r Roster) Counts() Counts {
	counts := Counts{Waiting: len(r.Waitlist), KeptBack: len(r.KeptBack)}
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

func (r Roster) keptBackOf(booking string) int {
	return slices.IndexFunc(r.KeptBack, func(k KeptBack) bool { return k.Booking == booking })
}

func (r Roster) turnOf(booking string) int {
	return slices.IndexFunc(r.Waitlist, func(w Waiting) bool { return w.Booking == booking })
}

// clone gives a roster of its own lists, to decide on.
func (r Roster) clone() Roster {
	return Roster{
		Places: slices.Clone(r.Places), Waitlist: slices.Clone(r.Waitlist),
		KeptBack: slices.Clone(r.KeptBack), GivenUp: slices.Clone(r.GivenUp),
	}
}

// queue puts a turn where it belongs: by priority, then by time of joining.
func (r *Roster) queue(w Waiting) {
	at, _ := slices.BinarySearchFunc(r.Waitlist, w, byTurn)
	r.Waitlist = slices.Insert(r.Waitlist, at, w)
}

func byTurn(a, b Waiting) int {
	return cmp.Or(-cmp.Compare(a.Priority, b.Priority), a.JoinedAt.Compare(b.JoinedAt), cmp.Compare(a.Booking, b.Booking))
}

// vacate removes a place. One that was only offered goes on its round: it is
// no new one for those who have let it go by.
func (r *Roster) vacate(i int) {
	offered := r.Places[i].State == Offered
	r.Places = slices.Delete(r.Places, i, i+1)
	if !offered {
		r.askAgain()
	}
}

// seat gives a couple a place: the one that is kept back for it, or another. It
// keeps the code that it has used.
func (r *Roster) seat(p Place) {
	if i := r.keptBackOf(p.Booking); i >= 0 {
		p.Turn, p.Code = r.KeptBack[i].Turn, r.KeptBack[i].Code
		r.KeptBack = slices.Delete(r.KeptBack, i, i+1)
	}
	if i := r.turnOf(p.Booking); i >= 0 {
		turn := r.Waitlist[i]
		p.Turn, p.Code = &turn, turn.Code
		r.Waitlist = slices.Delete(r.Waitlist, i, i+1)
	}
	r.Places = append(r.Places, p)
}

// askAgain is for a new free place: whoever let the last one go by is asked.
func (r *Roster) askAgain() {
	for i := range r.Waitlist {
		r.Waitlist[i].Declined = false
	}
}

// keepBack removes a place that its couple may still take back.
func (r *Roster) keepBack(i int, until time.Time) {
	p := r.Places[i]
	r.Places = slices.Delete(r.Places, i, i+1)
	r.KeptBack = append(r.KeptBack, KeptBack{Booking: p.Booking, State: p.State, Code: p.Code, Turn: p.Turn, Until: until})
}

// until gives the roster with no hold or offer that outlasts the start.
func (r Roster) until(start time.Time) Roster {
	r = r.clone()
	for i := range r.Places {
		if end := r.Places[i].Until; end != nil && end.After(start) {
			r.Places[i].Until = &start
		}
	}
	return r
}

// goBy takes an offer back: the couple keeps its turn for the next place,
// unless it has let so many go by as it may.
func (r *Roster) goBy(i, maxPasses int, what TurnWhat, at time.Time) {
	turn := r.Places[i].Turn.happened(what, "", at)
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
