package booking_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/store"
	"lantern/internal/store/memory"
	"lantern/retreats"
)

// between is an engine that lets something else happen before a chosen call: what
// a process sees while another one works on the same store.
type between struct {
	store.Engine
	mu        sync.Mutex
	left      int
	meanwhile func()
}

func (e *between) call() {
	e.mu.Lock()
	e.left--
	now := e.left == 0
	e.mu.Unlock()
	if now {
		e.meanwhile()
	}
}

func (e *between) Get(ctx context.Context, collection, id string) (store.Record, error) {
	e.call()
	return e.Engine.Get(ctx, collection, id)
}

func (e *between) Rev(ctx context.Context, collection, id string) (int64, error) {
	e.call()
	return e.Engine.Rev(ctx, collection, id)
}

func (e *between) Insert(ctx context.Context, collection string, r store.Record) error {
	e.call()
	return e.Engine.Insert(ctx, collection, r)
}

func (e *between) Replace(ctx context.Context, collection string, r store.Record, rev int64) error {
	e.call()
	return e.Engine.Replace(ctx, collection, r, rev)
}

func (e *between) Delete(ctx context.Context, collection, id string, rev int64) error {
	e.call()
	return e.Engine.Delete(ctx, collection, id, rev)
}

// encounter is two things that two processes do at the same time. Told are the
// bookings that couples know of.
type encounter struct {
	told      func() []string
	one, both func()
	// also, if there is one, looks at what came of it.
	also func() error
	// cut says that the card service does not answer the one.
	cut bool
}

// meet has one process do all of something before the n-th call by which another
// does something else, and lets hours pass. It reports whether there was one.
func (w *world) meet(e encounter, n int) bool {
	w.t.Helper()
	w.quiet()
	w.live(1 << 30)
	hook := &between{Engine: w.engine, left: n}
	bookings, cohorts := w.bookings, w.retreats
	hook.meanwhile = func() {
		mine, its := w.bookings, w.retreats
		w.bookings, w.retreats = bookings, cohorts
		e.both()
		w.bookings, w.retreats = mine, its
	}
	w.engine = hook
	w.unreachable(e.cut)
	e.one()
	w.engine = hook.Engine
	w.live(1 << 30)
	for range 6 {
		w.passes()
		w.wait(40 * time.Minute)
	}
	return hook.left <= 0
}

// TestTwoProcessesMeetAnywhere: whatever one does in the middle of what another
// does, places, bookings and money agree in the end (invariants 1, 3 and 7).
func TestTwoProcessesMeetAnywhere(t *testing.T) {
	t.Parallel()
	for name, arrange := range encounters {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n, met := 1, true; met && !t.Failed(); n++ {
				w := newWorldOn(t, 1, memory.NewPlace().Open()) // hundreds of them
				e := arrange(w)
				met = w.meet(e, n)
				about := fmt.Sprintf("met before call %d", n)
				w.checkAll(e.told(), about)
				if e.also != nil {
					if err := e.also(); err != nil {
						t.Errorf("%s: %v", about, err)
					}
				}
				if !met && n < 4 {
					t.Errorf("there are only %d calls", n-1)
				}
			}
		})
	}
}

// checkAll holds places against bookings and money.
func (w *world) checkAll(told []string, about string) {
	w.t.Helper()
	for _, id := range told {
		c, err := w.bookings.Case(w.t.Context(), id)
		if err != nil {
			w.t.Errorf("%s: a booking that was answered: %v", about, err)
			continue
		}
		b, kept := c.Booking, c.Booking.KeptInAll().Minor
		who := b.Partners[0].Name
		if (kept > 0) != (c.Standing.State == retreats.Confirmed) {
			w.t.Errorf("%s: %s has paid %d and stands at %q", about, who, kept, c.Standing.State)
		}
		if b.IsOver() && c.Standing.State != retreats.None {
			w.t.Errorf("%s: %s has ended and stands at %q", about, who, c.Standing.State)
		}
		if b.Moving != nil || (b.AttendAt != nil && !b.AttendAt.After(w.now)) {
			w.t.Errorf("%s: %s does not come to rest: %+v, %v", about, who, b.Moving, b.AttendAt)
		}
	}
	all, err := w.bookings.RecountAll(w.t.Context())
	if err != nil || len(all.Wrong) > 0 {
		w.t.Errorf("%s: %v, %v", about, all.Wrong, err)
	}
	w.checkMoney(told)
}

// comes pays a card page and brings word of it.
func (w *world) comes(page string) {
	w.pay(page)
	_ = w.cards.Deliver(w.t.Context())
}

// pass is what a process does by itself, without the card service's word.
func (w *world) pass() {
	_ = w.bookings.SettleCohorts(w.t.Context(), w.now)
	_ = w.bookings.AttendDue(w.t.Context(), w.now)
	_ = w.bookings.ActOnEvents(w.t.Context(), w.now)
}

func (w *world) lookAt(id string) func() {
	return func() { _ = w.bookings.Attend(w.t.Context(), id) }
}

// lapsing is a couple whose hold is over for so long, with a card page that the
// card service still takes money on.
func lapsing(w *world, since time.Duration) (id, page string) {
	id = w.mustBook("ana", false)
	w.wait(20 * time.Minute)
	page = w.open(id, booking.DepositCharge)
	w.wait(15*time.Minute + since)
	return id, page
}

// givenUpLately is a couple that has given up a place which it may take back.
func givenUpLately(w *world) string {
	_, err := w.retreats.AmendCohort(w.t.Context(), "co", robin, func(_ *retreats.Programme, terms *retreats.Terms) error {
		terms.UndoMinutes = 15
		return nil
	})
	w.must(err)
	id := w.confirmed("ana")
	w.must(w.bookings.Cancel(w.t.Context(), id, nil))
	return id
}

func (w *world) giveBack(id string) func() {
	return func() { _ = w.bookings.GiveBack(w.t.Context(), id, robin) }
}

func (w *world) moveTo(to, id string) func() {
	return func() { _ = w.bookings.MoveWaiting(w.t.Context(), id, to, "They asked for it.", robin) }
}

// neverJoined is a booking that was written and has not come onto the waitlist.
func neverJoined(w *world) {
	w.fuse.meddle = func(collection string, do func() error) error {
		if collection == "cohorts" {
			return store.ErrUnavailable
		}
		return do()
	}
	_, _ = w.book("ben", true)
	w.fuse.meddle = nil
	w.wait(3 * time.Minute)
}

func always(ids ...string) func() []string { return func() []string { return ids } }

var encounters = map[string]func(*world) encounter{
	"a hold ends, and its money comes": func(w *world) encounter {
		ana, page := lapsing(w, time.Second)
		return encounter{told: always(ana), one: w.pass, both: func() { w.comes(page) }}
	},
	"money comes, and its hold ends": func(w *world) encounter {
		ana, page := lapsing(w, time.Second)
		return encounter{told: always(ana), one: func() { w.comes(page) }, both: w.pass}
	},
	"a hold has ended, and its money comes to a process that reaches the card service": func(w *world) encounter {
		ana, page := lapsing(w, 5*time.Minute)
		return encounter{told: always(ana), one: w.pass, both: func() { w.comes(page) }, cut: true}
	},
	"a booking has lapsed, and its money comes to a process that reaches the card service": func(w *world) encounter {
		ana, page := lapsing(w, 5*time.Minute)
		w.unreachable(true)
		w.pass()
		w.unreachable(false)
		return encounter{told: always(ana), one: w.lookAt(ana), both: func() { w.comes(page) }, cut: true}
	},
	"a place is given back, and its booking is looked at": func(w *world) encounter {
		ana := givenUpLately(w)
		return encounter{told: always(ana), one: w.giveBack(ana), both: w.lookAt(ana)}
	},
	"a booking is looked at, and its place is given back": func(w *world) encounter {
		ana := givenUpLately(w)
		return encounter{told: always(ana), one: w.lookAt(ana), both: w.giveBack(ana)}
	},
	"a place is given back, and its money goes back": func(w *world) encounter {
		ana := givenUpLately(w)
		w.wait(15*time.Minute - time.Millisecond)
		return encounter{told: always(ana), one: w.giveBack(ana), both: func() {
			w.now = w.now.Add(time.Millisecond)
			w.lookAt(ana)()
		}}
	},
	"a couple is moved twice": func(w *world) encounter {
		w.addOther("later", 480000, "2027-09-10")
		ana, ben := w.mustBook("ana", false), w.mustBook("ben", true)
		return encounter{told: always(ana, ben), one: w.moveTo("later", ben), both: w.moveTo("later", ben)}
	},
	"a couple is moved, and pays for what it was offered": func(w *world) encounter {
		w.addOther("later", 480000, "2027-09-10")
		ana, ben := w.mustBook("ana", false), w.mustBook("ben", true)
		return encounter{told: always(ana, ben), one: w.moveTo("later", ben), both: func() {
			ctx := w.t.Context()
			_ = w.bookings.Cancel(ctx, ana, nil)
			_ = w.bookings.SettleCohorts(ctx, w.now)
			_ = w.bookings.AnswerOffer(ctx, ben, booking.AcceptOffer)
			if page, err := w.bookings.Pay(ctx, ben, booking.Order{Charge: booking.DepositCharge}); err == nil {
				w.comes(page)
			}
		}}
	},
	"late money comes, and its couple is moved": func(w *world) encounter {
		w.addOther("later", 480000, "2027-09-10")
		ana, page := lapsing(w, 5*time.Minute)
		w.unreachable(true)
		ben := w.mustBook("ben", false)
		w.unreachable(false)
		return encounter{told: always(ana, ben), one: func() { w.comes(page) }, both: w.moveTo("later", ana)}
	},
	"a couple changes to two other dates": func(w *world) encounter {
		ana := w.confirmed("ana")
		w.addOther("later", 480000, "2027-09-10")
		w.addOther("latest", 480000, "2027-10-10")
		answers := map[string]error{}
		to := func(id string) func() {
			return func() {
				answers[id] = w.bookings.TransferByCouple(w.t.Context(), ana, booking.Transfer{To: id, AcceptPolicy: true})
			}
		}
		return encounter{told: always(ana), one: to("later"), both: to("latest"), also: func() error {
			c, err := w.bookings.Case(w.t.Context(), ana)
			if err != nil {
				return err
			}
			for id, failed := range answers {
				if failed == nil && c.Booking.CohortID != id {
					return fmt.Errorf("they were told that they have changed to %s, and are in %s", id, c.Booking.CohortID)
				}
			}
			return nil
		}}
	},
	"a couple changes to cheaper dates, and pays": func(w *world) encounter {
		ana := w.confirmed("ana")
		w.addOther("later", 120000, "2027-09-10")
		page := w.open(ana, booking.BalanceCharge)
		return encounter{told: always(ana), one: func() {
			_ = w.bookings.TransferByCouple(w.t.Context(), ana, booking.Transfer{To: "later", AcceptPolicy: true})
		}, both: func() { w.comes(page) }, also: func() error {
			c, err := w.bookings.Case(w.t.Context(), ana)
			if err == nil && c.Booking.KeptInAll().Minor > c.Booking.Price.Minor {
				err = fmt.Errorf("%s is kept of a price of %s", c.Booking.KeptInAll(), c.Booking.Price)
			}
			return err
		}}
	},
	"a couple changes to other dates, and those are called off": func(w *world) encounter {
		ana := w.confirmed("ana")
		w.addOther("later", 480000, "2027-09-10")
		return encounter{told: always(ana), one: func() {
			_ = w.bookings.TransferByCouple(w.t.Context(), ana, booking.Transfer{To: "later", AcceptPolicy: true})
		}, both: func() {
			_, _ = w.retreats.Cancel(w.t.Context(), "later", "The guide is ill.", robin)
			w.pass()
		}}
	},
	"a couple cancels, and pays": func(w *world) encounter {
		ana := w.mustBook("ana", false)
		page := w.open(ana, booking.DepositCharge)
		return encounter{told: always(ana), one: func() { _ = w.bookings.Cancel(w.t.Context(), ana, nil) }, both: func() { w.comes(page) }}
	},
	"a couple pays, and the dates are called off": func(w *world) encounter {
		ana := w.mustBook("ana", false)
		page := w.open(ana, booking.DepositCharge)
		return encounter{told: always(ana), one: func() { w.comes(page) }, both: func() {
			_, _ = w.retreats.Cancel(w.t.Context(), "co", "The guide is ill.", robin)
			w.pass()
		}}
	},
	"a booking that never joined is looked at, and the form is sent again": func(w *world) encounter {
		told := []string{w.mustBook("ana", false)}
		neverJoined(w)
		return encounter{told: func() []string { return told }, one: w.pass, both: func() {
			if ben, err := w.book("ben", true); err == nil {
				told = append(told, ben)
			}
		}}
	},
	"a form is sent again, and the booking that never joined is looked at": func(w *world) encounter {
		told := []string{w.mustBook("ana", false)}
		neverJoined(w)
		return encounter{told: func() []string { return told }, one: func() {
			if ben, err := w.book("ben", true); err == nil {
				told = append(told, ben)
			}
		}, both: w.pass}
	},
}
