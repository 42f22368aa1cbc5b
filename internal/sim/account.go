package main

import (
	"errors"
	"slices"
	"time"

	"lantern/booking"
	"lantern/internal/store"
	"lantern/retreats"
)

// account is what the world itself knows, from what people were told and from
// what it sees being stored: what the program says is held against it.
type account struct {
	world *world

	// What happened in the present step: documents that changed, in order, and
	// revisions that were acknowledged; 0 is one that is gone.
	touched []ref
	seen    map[ref]bool // which these are
	acks    map[ref]int64
	acked   []ref // in order
	gone    map[ref]bool
	lost    map[ref]bool
	hand    map[string]bool // bookings for which an organizer decides by hand

	cohorts map[string]*retreats.Cohort // as they are stored
	turns   map[string]map[string]turn  // by cohort and booking
	couples map[string]*known
	of      map[string][]string // bookings by cohort
	// objects are what was made at the card service, by what of ours it is for.
	objects map[string]string
	// withdrawn are messages that do not apply now, and wanted is since when others
	// apply again.
	withdrawn map[string]bool
	wanted    map[string]time.Time
	// stops are phones from which STOP came, and halted the reminders by hand that
	// were stopped, with since when.
	stops, halted map[string]time.Time
	// corrected is when the details of a couple were corrected last, by its number.
	corrected map[string]time.Time
	// talks are how far first talks were said to be.
	talks map[string]booking.ConsultationState
	// left is when somebody of the staff left, by mailbox.
	left map[string]time.Time
}

// ref names a document.
type ref struct{ collection, id string }

// known is what is known of a booking.
type known struct {
	cohort string
	// answered says that its couple was told of it.
	answered bool
	// until is how long its place was said to be held, and confirmed that it was
	// seen to be its own.
	until     time.Time
	confirmed bool
	over      bool
	moving    bool
	clearance [2]booking.ClearanceState
	// departed has the sessions after which it was let go, or may have been.
	departed map[string]bool
	// takenBack counts how often it was tried to take departures back.
	takenBack int
	promises  map[string]promise
}

func newAccount(w *world) *account {
	return &account{
		world: w, seen: map[ref]bool{}, acks: map[ref]int64{}, gone: map[ref]bool{}, lost: map[ref]bool{}, hand: map[string]bool{}, cohorts: map[string]*retreats.Cohort{},
		turns: map[string]map[string]turn{}, couples: map[string]*known{}, of: map[string][]string{}, objects: map[string]string{},
		withdrawn: map[string]bool{}, wanted: map[string]time.Time{},
		stops: map[string]time.Time{}, halted: map[string]time.Time{}, corrected: map[string]time.Time{},
		talks: map[string]booking.ConsultationState{}, left: map[string]time.Time{},
	}
}

func (a *account) couple(id string) *known {
	k := a.couples[id]
	if k == nil {
		k = &known{departed: map[string]bool{}}
		a.couples[id] = k
	}
	return k
}

// changed notes that a document was changed, or removed.
func (a *account) changed(collection, id string) {
	at := ref{collection, id}
	if !a.seen[at] {
		a.seen[at] = true
		a.touched = append(a.touched, at)
	}
}

// acknowledged notes what a process was told to be stored.
func (a *account) acknowledged(collection, id string, rev int64) {
	at := ref{collection, id}
	a.acks[at] = rev
	a.acked = append(a.acked, at)
}

// forgive lets an acknowledged document be away: for mistakes that are to be found
// by what they lead to.
func (a *account) forgive(collection, id string) { a.lost[ref{collection, id}] = true }

// told notes what a couple was told of its booking.
func (a *account) told(c booking.Case) {
	k := a.couple(c.Booking.ID)
	k.answered = true
	a.belongs(c.Booking.ID, k, c.Booking.CohortID)
	if c.Standing.State == retreats.Held && c.Standing.Until != nil {
		k.until = *c.Standing.Until
	}
	a.changed("bookings", c.Booking.ID)
}

// belongs files a booking under its cohort.
func (a *account) belongs(id string, k *known, cohort string) {
	if k.cohort == cohort {
		return
	}
	if k.cohort != "" {
		a.of[k.cohort] = slices.DeleteFunc(a.of[k.cohort], func(other string) bool { return other == id })
	}
	k.cohort, k.confirmed, k.until, k.promises = cohort, false, time.Time{}, nil
	a.of[cohort] = append(a.of[cohort], id)
}

func (a *account) cleared(id string, partner int, state booking.ClearanceState) {
	a.couple(id).clearance[partner] = state
}

// released notes that somebody was let go, and whether that was answered well.
func (a *account) released(id, session string, sure bool) {
	k := a.couple(id)
	k.departed[session] = k.departed[session] || sure
}

// back notes that it was tried to take a departure back.
func (a *account) back(id, session string) {
	k := a.couple(id)
	k.departed[session] = false
	k.takenBack++
}

// mayBeGone reports whether it was tried before to let them go.
func (a *account) mayBeGone(id, session string) bool {
	_, tried := a.couple(id).departed[session]
	return tried
}

func (a *account) byHand(id string) { a.hand[id] = true }

// check looks at everything that changed in a step.
func (a *account) check() {
	a.checkAcknowledged()
	var cohorts []string
	concerns := func(cohort string) {
		if cohort != "" && !slices.Contains(cohorts, cohort) {
			cohorts = append(cohorts, cohort)
		}
	}
	for _, at := range a.touched {
		switch at.collection {
		case "cohorts":
			concerns(at.id)
		case "bookings":
			a.checkBooking(at.id)
			concerns(a.couple(at.id).cohort)
		case "messages":
			a.checkMessage(at.id)
		case "consultations":
			a.checkTalk(at.id)
		}
	}
	for _, cohort := range cohorts {
		a.checkPlaces(cohort)
	}
	a.touched = a.touched[:0]
	clear(a.seen)
	clear(a.acks)
	a.acked = a.acked[:0]
	clear(a.gone)
	clear(a.hand)
}

// checkAcknowledged wants what was answered well to be there.
func (a *account) checkAcknowledged() {
	for _, at := range a.acked {
		rev := a.acks[at]
		if rev == 0 || a.lost[at] {
			continue
		}
		stored, err := a.world.disk.Engine.Rev(a.world.ctx, at.collection, at.id)
		if errors.Is(err, store.ErrNotFound) && a.gone[at] {
			continue
		}
		if err != nil || stored < rev {
			a.world.breaks(7, "%s %s was stored as revision %d, and is %d now: %v", at.collection, at.id, rev, stored, err)
		}
	}
}

// read decodes a document as it is stored; ok is false when there is none.
func read[T any](w *world, collection, id string) (doc *T, ok bool) {
	r, err := w.disk.Engine.Get(w.ctx, collection, id)
	if err != nil {
		return nil, false
	}
	doc = new(T)
	if err := w.disk.Unmarshal(r.Body, doc); err != nil {
		w.breaks(7, "%s %s cannot be read: %v", collection, id, err)
		return nil, false
	}
	return doc, true
}

// checkAll looks at every document once more.
func (a *account) checkAll() {
	for _, collection := range []string{"cohorts", "bookings", "messages", "consultations"} {
		for _, id := range a.world.place.IDs(collection) {
			a.changed(collection, id)
		}
	}
	a.check()
}
