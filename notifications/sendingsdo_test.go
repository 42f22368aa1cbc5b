package notifications_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/store"
	"lantern/internal/store/sqlite"
	"lantern/notifications"
)

// practice is an office with two couples that have their place and have been
// told so. It can be opened again on an engine that dies.
type practice struct {
	*office
	options notifications.Options
	couples []string
}

func openPractice(t *testing.T) *practice {
	t.Helper()
	p := &practice{}
	p.office = openOfficeWith(t, false, func(o *notifications.Options) {
		o.Wake = nil      // it counts, and not for many at once
		o.MailsAtOnce = 1 // so that one mail is on its way, and not two
		p.options = *o
	})
	p.couples = []string{p.booking}
	p.book(t, "cleo", false)
	p.couples = append(p.couples, p.booking)
	for _, id := range p.couples {
		in := booking.Received{Charge: booking.DepositCharge, Amount: money.Of(96000, "USD"), Method: booking.ByCash, Reference: "receipt " + id}
		must(t, p.bookings.RecordPayment(t.Context(), id, in, robin))
	}
	p.deliver(t)
	p.sent = map[string]int{}
	return p
}

// order asks for a reminder of all who lack a driver.
func order() notifications.HandOrder {
	return notifications.HandOrder{ID: notifications.NewSendingID(), Cohort: "co", Lack: notifications.LackDriver}
}

// handed gives the states of a sending's messages.
func (p *practice) handed(t *testing.T, id string) map[notifications.State]int {
	t.Helper()
	g, err := p.Sending(t.Context(), "co", id)
	must(t, err)
	lines, err := p.Progress(t.Context(), g)
	must(t, err)
	states := map[notifications.State]int{}
	for _, l := range lines {
		states[l.State()]++
	}
	return states
}

// sends lets what is due be sent, and gives how many mails of the sending have
// left so far.
func (p *practice) sends(t *testing.T, id string) int {
	t.Helper()
	must(t, p.SpreadDue(t.Context(), p.clock()))
	must(t, p.DispatchDue(t.Context(), p.clock()))
	return p.left(t, id)
}

func (p *practice) left(t *testing.T, id string) int {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	left := 0
	for message, times := range p.sent {
		if strings.Contains(message, id) {
			left++
			if times != 1 {
				t.Errorf("%s was sent %d times", message, times)
			}
		}
	}
	return left
}

func (p *practice) namesADriver(t *testing.T, id string) {
	t.Helper()
	must(t, p.bookings.NameDriver(t.Context(), id, "s1", 0, booking.DriverInput{Name: "Kim", Phone: "+1 415 555 0177", Relation: "a friend"}))
}

// TestAReminderByHand goes once to each who lacks it, in the middle of the
// night, however often the form is sent and the booking planned again.
func TestAReminderByHand(t *testing.T) {
	t.Parallel()
	p := openPractice(t)
	p.wait(11 * time.Hour) // 5 in the morning, where they are
	o := order()
	o.Remark = "We are there until six."
	for range 2 {
		g, err := p.SendByHand(t.Context(), o, robin)
		must(t, err)
		if len(g.To) != 4 || g.By() != "Robin" || g.StoppedBy() != "" || g.Remark != o.Remark {
			t.Fatalf("sending %+v", g)
		}
		for _, id := range p.couples {
			must(t, p.Replan(t.Context(), id, p.clock()))
		}
	}
	if got := p.sends(t, o.ID); got != 4 {
		t.Errorf("%d mails have left: %v", got, p.sent)
	}
	p.plan(t)
	for _, id := range p.couples {
		must(t, p.Replan(t.Context(), id, p.clock()))
	}
	if got := p.sends(t, o.ID); got != 4 || !maps.Equal(p.handed(t, o.ID), map[notifications.State]int{notifications.Sent: 4}) {
		t.Errorf("after planning again %d have left: %v", got, p.handed(t, o.ID))
	}
	who, err := p.Lacking(t.Context(), order())
	must(t, err)
	last, err := p.LastTold(t.Context(), who[0].Booking.ID)
	if err != nil || !last[who[0].Message.Told()].Equal(p.clock()) {
		t.Errorf("last told %v, %v", last, err)
	}
	if all, err := p.Sendings(t.Context(), "co", 10); err != nil || len(all) != 1 {
		t.Errorf("%d sendings, %v", len(all), err)
	}
	if _, err := p.Sending(t.Context(), "other", o.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another cohort's sending: %v", err)
	}
}

// TestAProgramThatRepeatsItself: its key makes it one sending.
func TestAProgramThatRepeatsItself(t *testing.T) {
	t.Parallel()
	p := openPractice(t)
	o := notifications.HandOrder{Key: "k", Cohort: "co", Lack: notifications.LackDriver}
	first, err := p.SendByHand(t.Context(), o, robin)
	must(t, err)
	second, err := p.SendByHand(t.Context(), o, robin)
	must(t, err)
	o.Key = ""
	third, err := p.SendByHand(t.Context(), o, robin)
	must(t, err)
	if second.ID != first.ID || third.ID == first.ID {
		t.Errorf("sendings %s, %s, %s", first.ID, second.ID, third.ID)
	}
	o.Key, o.Cohort = "k", "other"
	if _, err := p.SendByHand(t.Context(), o, robin); err == nil {
		t.Error("the same key for other dates")
	}
}

// TestPressingManyTimesAtOnce, with passes in between, is one sending.
func TestPressingManyTimesAtOnce(t *testing.T) {
	t.Parallel()
	p := openPractice(t)
	o := order()
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			if _, err := p.SendByHand(context.Background(), o, robin); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			if err := errors.Join(p.SpreadDue(context.Background(), p.clock()), p.DispatchDue(context.Background(), p.clock())); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := p.sends(t, o.ID); got != 4 {
		t.Errorf("%d mails have left: %v", got, p.sent)
	}
}

// TestWhoHasDoneItMeanwhileIsNotReminded: the condition is asked once more.
func TestWhoHasDoneItMeanwhileIsNotReminded(t *testing.T) {
	t.Parallel()
	p := openPractice(t)
	o := order()
	_, err := p.SendByHand(t.Context(), o, robin)
	must(t, err)
	p.namesADriver(t, p.couples[0])
	must(t, p.bookings.Cancel(t.Context(), p.couples[1], nil))
	if got := p.sends(t, o.ID); got != 0 || p.handed(t, o.ID)[notifications.Withdrawn] != 4 {
		t.Errorf("%d have left: %v", got, p.handed(t, o.ID))
	}
	if _, err := p.SendByHand(t.Context(), order(), robin); !errors.Is(err, notifications.ErrNobodyLacks) {
		t.Errorf("for nobody: %v", err)
	}
}

// TestWhatIsWrongWithAnOrder.
func TestWhatIsWrongWithAnOrder(t *testing.T) {
	t.Parallel()
	p := openPractice(t)
	for about, change := range map[string]func(*notifications.HandOrder){
		"an id of somebody's own": func(o *notifications.HandOrder) { o.ID = "mine" },
		"nothing that there is":   func(o *notifications.HandOrder) { o.Lack = "sleep" },
		"a long remark":           func(o *notifications.HandOrder) { o.Remark = strings.Repeat("x", 301) },
		"nobody chosen":           func(o *notifications.HandOrder) { o.Messages = []string{} },
		"another couple's":        func(o *notifications.HandOrder) { o.Booking = "bk_none" },
		"no such cohort":          func(o *notifications.HandOrder) { o.Cohort = "none" },
	} {
		o := order()
		change(&o)
		if _, err := p.SendByHand(t.Context(), o, robin); err == nil || fault.KindOf(err) == fault.Internal && !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", about, err)
		}
	}
	o := order()
	o.Booking = p.couples[1]
	g, err := p.SendByHand(t.Context(), o, robin)
	if err != nil || len(g.To) != 2 || g.To[0].Booking != p.couples[1] {
		t.Errorf("to one couple: %+v, %v", g, err)
	}
}

// TestASendingThatIsStopped: nothing leaves after it, also of what nobody had
// planned yet, or what a server had put off.
func TestASendingThatIsStopped(t *testing.T) {
	t.Parallel()
	p := openPractice(t)
	o := order()
	_, err := p.SendByHand(t.Context(), o, robin)
	must(t, err)
	p.answers(errLater)
	if err := p.DispatchDue(t.Context(), p.clock()); !errors.Is(err, errLater) {
		t.Fatal(err)
	}
	p.answers(nil)
	casey := audit.By{ID: "p2", Name: "Casey"}
	for range 2 {
		must(t, p.StopSending(t.Context(), "co", o.ID, casey))
	}
	p.wait(time.Hour)
	if got := p.sends(t, o.ID); got != 0 || p.handed(t, o.ID)[notifications.HeldBack] != 4 {
		t.Errorf("%d have left: %v", got, p.handed(t, o.ID))
	}
	if _, err := p.SendByHand(t.Context(), o, robin); err != nil || p.sends(t, o.ID) != 0 {
		t.Errorf("the form once more: %v, sent %v", err, p.sent)
	}
	g, err := p.Sending(t.Context(), "co", o.ID)
	if err != nil || g.StoppedBy() != "Casey" || g.WorkAt != nil || len(g.Trail) != 2 {
		t.Errorf("stopped: %+v, %v", g, err)
	}
	for about, act := range map[string]func(context.Context, string, audit.By) error{"send now": p.SendNow, "release": p.Release} {
		if err := act(t.Context(), g.To[0].Message, casey); fault.KindOf(err) != fault.Conflict || p.handed(t, o.ID)[notifications.HeldBack] != 4 {
			t.Errorf("%s of what was stopped: %v", about, err)
		}
	}
	done := order()
	_, err = p.SendByHand(t.Context(), done, robin)
	must(t, err)
	p.sends(t, done.ID)
	if err := p.StopSending(t.Context(), "co", done.ID, casey); fault.KindOf(err) != fault.Conflict {
		t.Errorf("stopping what has left: %v", err)
	}
}

// TestStoppingWhileAMailLeaves: that one is sent or put off; put off, it does
// not leave either.
func TestStoppingWhileAMailLeaves(t *testing.T) {
	t.Parallel()
	for about, c := range map[string]struct {
		answer error
		left   int
	}{"taken": {nil, 1}, "put off": {errLater, 0}} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			p := openPractice(t)
			o := order()
			_, err := p.SendByHand(t.Context(), o, robin)
			must(t, err)
			p.answers(c.answer)
			p.during = func(ctx context.Context) {
				if err := p.StopSending(ctx, "co", o.ID, robin); err != nil {
					t.Error(err)
				}
			}
			if err := p.DispatchDue(t.Context(), p.clock()); !errors.Is(err, c.answer) {
				t.Fatal(err)
			}
			p.during = nil
			p.answers(nil)
			p.wait(time.Hour)
			if got := p.sends(t, o.ID); got != c.left || p.handed(t, o.ID)[notifications.HeldBack] != 4-c.left {
				t.Errorf("%d have left: %v", got, p.handed(t, o.ID))
			}
			if due, err := p.NextSending(t.Context(), time.Time{}); err != nil || due != nil {
				t.Errorf("there is still work: %v, %v", due, err)
			}
		})
	}
}

// dying is an engine on which the write with that number is the last one; it
// happens or not.
type dying struct {
	store.Engine
	left  int
	after bool
}

func (d *dying) write(do func() error) error {
	d.left--
	if d.left > 0 || d.left == 0 && d.after {
		if err := do(); err != nil || d.left > 0 {
			return err
		}
	}
	return store.ErrUnavailable
}

func (d *dying) Insert(ctx context.Context, collection string, r store.Record) error {
	return d.write(func() error { return d.Engine.Insert(ctx, collection, r) })
}

func (d *dying) Replace(ctx context.Context, collection string, r store.Record, rev int64) error {
	return d.write(func() error { return d.Engine.Replace(ctx, collection, r, rev) })
}

// mortal is the service of a process that dies at its write with that number.
func (p *practice) mortal(t *testing.T, write int, after bool) *notifications.Service {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), filepath.Join(p.folder, "test.db"))
	must(t, err)
	fatal := &dying{Engine: engine, left: 1 << 20}
	db := store.Open(fatal)
	t.Cleanup(func() { db.Close() })
	o := p.options
	o.DB = db
	s, err := notifications.NewService(t.Context(), o)
	must(t, err)
	fatal.left, fatal.after = write, after
	return s
}

// TestAProcessMayDieWhileSendingByHand: between any two writes, whether it sends
// or stops. What was saved is made up for, once; what was stopped does not leave,
// though nobody had got to its messages.
func TestAProcessMayDieWhileSendingByHand(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		for write := 1; write <= 6; write++ {
			t.Run(fmt.Sprintf("sending, write %d, done %v", write, after), func(t *testing.T) {
				t.Parallel()
				p := openPractice(t)
				o := order()
				if _, err := p.mortal(t, write, after).SendByHand(t.Context(), o, robin); err == nil {
					t.Fatal("it did not die")
				}
				saved := write > 1 || after
				_, err := p.Sending(t.Context(), "co", o.ID)
				if saved != (err == nil) {
					t.Fatalf("saved: %v, %v", saved, err)
				}
				want := 0
				if saved {
					want = 4
				}
				if got := p.sends(t, o.ID); got != want {
					t.Errorf("%d mails have left", got)
				}
				_, err = p.SendByHand(t.Context(), o, robin) // who had no answer presses again
				must(t, err)
				if got := p.sends(t, o.ID); got != 4 {
					t.Errorf("after pressing again %d mails have left: %v", got, slices.Collect(maps.Keys(p.sent)))
				}
			})
			t.Run(fmt.Sprintf("stopping, write %d, done %v", write, after), func(t *testing.T) {
				t.Parallel()
				p := openPractice(t)
				o := order()
				// Two of the four messages are there.
				if _, err := p.mortal(t, 3, true).SendByHand(t.Context(), o, robin); err == nil {
					t.Fatal("it did not die")
				}
				if err := p.mortal(t, write, after).StopSending(t.Context(), "co", o.ID, robin); err == nil {
					t.Fatal("it did not die")
				}
				want := 0
				if write == 1 && !after {
					want = 4
				}
				if got := p.sends(t, o.ID); got != want || p.handed(t, o.ID)[notifications.HeldBack] != 4-want {
					t.Errorf("%d mails have left: %v", got, p.handed(t, o.ID))
				}
			})
		}
	}
}

// TestWhatWasNotSentInTimeIsMissed, and shown, rather than sent late.
func TestWhatWasNotSentInTimeIsMissed(t *testing.T) {
	t.Parallel()
	p := openPractice(t)
	o := order()
	if _, err := p.mortal(t, 3, true).SendByHand(t.Context(), o, robin); err == nil {
		t.Fatal("it did not die")
	}
	p.wait(73 * time.Hour)
	if got := p.sends(t, o.ID); got != 0 || p.handed(t, o.ID)[notifications.Missed] != 4 {
		t.Errorf("%d have left: %v", got, p.handed(t, o.ID))
	}
}
