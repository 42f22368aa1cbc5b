package notifications_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/money"
	"lantern/internal/seal"
	"lantern/internal/store"
	"lantern/internal/store/sqlite"
	"lantern/internal/stripepay"
	"lantern/notifications"
	"lantern/retreats"
)

// office is a practice with one booked couple, a clock, and a mail server that
// does what the test says.
type office struct {
	*notifications.Service
	bookings *booking.Service
	booking  string

	mu     sync.Mutex
	now    time.Time
	sent   map[string]int // by message id
	answer error
}

var (
	errLater = errors.New("try later")
	errNever = errors.New("no such mailbox")
	errDie   = errors.New("the process dies here")
)

func openOffice(t *testing.T, sharedMailbox bool) *office {
	t.Helper()
	o := &office{now: time.Date(2027, 1, 11, 18, 0, 0, 0, time.UTC), sent: map[string]int{}}
	engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	db := store.Open(engine, store.CheckDecisions())
	t.Cleanup(func() { db.Close() })
	cohorts, err := retreats.NewService(t.Context(), db, o.clock)
	if err != nil {
		t.Fatal(err)
	}
	addCohort(t, cohorts, o.now)
	key, err := seal.Parse(strings.Repeat("5e", 32))
	if err != nil {
		t.Fatal(err)
	}
	o.bookings, err = booking.NewService(t.Context(), booking.Options{
		DB: db, Retreats: cohorts, Pay: stripepay.New(stripepay.Config{APIURL: "http://127.0.0.1:1"}), Key: key,
		BaseURL: "http://localhost", Now: o.clock, Changed: func() {},
	})
	if err != nil {
		t.Fatal(err)
	}
	o.Service, err = notifications.NewService(t.Context(), notifications.Options{
		DB: db, Bookings: o.bookings, Key: key, Now: o.clock, Send: o.send,
		Permanent: func(err error) bool { return errors.Is(err, errNever) },
		Render: func(rule string, data notifications.MailData) (notifications.Rendered, error) {
			return notifications.Rendered{Subject: rule, Text: "Hello " + data.Hello + " " + data.Link}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	a := booking.Application{AcceptPolicy: true, SharedEmail: sharedMailbox, Partners: [2]booking.PartnerInput{
		{Name: "Maya", Email: "maya@example.org"}, {Name: "Jon", Email: "jon@example.org"},
	}}
	if sharedMailbox {
		a.Partners[1].Email = "Maya@example.org"
	}
	c, err := o.bookings.Book(t.Context(), "co", a)
	if err != nil {
		t.Fatal(err)
	}
	o.booking = c.Booking.ID
	return o
}

func addCohort(t *testing.T, cohorts *retreats.Service, now time.Time) {
	t.Helper()
	plan := []retreats.PlannedSession{{Kind: retreats.Medicine, Title: "Session", Clock: "09:30", Minutes: 180}}
	r, err := retreats.NewRetreat("rt", retreats.Programme{Name: "Weekend", Location: "Cedar House"},
		retreats.Terms{Capacity: 2, Price: money.Of(480000, "USD"), BalanceDays: 30}, plan)
	if err != nil {
		t.Fatal(err)
	}
	c, err := retreats.NewCohort("co", r, "America/Los_Angeles", "2027-04-09", now)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Publish(now), cohorts.AddCohort(t.Context(), c)); err != nil {
		t.Fatal(err)
	}
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) wait(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

func (o *office) send(_ context.Context, m notifications.Outgoing) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch o.answer {
	case nil:
		o.sent[m.ID]++
	case errDie:
		panic(errDie)
	}
	return o.answer
}

func (o *office) answers(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer = err
}

// states counts the messages of both partners by state.
func (o *office) states(t *testing.T) map[notifications.State]int {
	t.Helper()
	states := map[notifications.State]int{}
	for partner := range 2 {
		messages, err := o.OfBooking(t.Context(), o.booking, partner)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range messages {
			states[m.State]++
		}
	}
	return states
}

func (o *office) plan(t *testing.T) {
	t.Helper()
	if err := o.PlanDue(t.Context(), o.clock()); err != nil {
		t.Fatal(err)
	}
}

func TestEachPartnerIsToldOnce(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	for range 3 {
		o.plan(t)
		if err := o.DispatchDue(t.Context(), o.clock()); err != nil {
			t.Fatal(err)
		}
		if err := o.Replan(t.Context(), o.booking, o.clock()); err != nil {
			t.Fatal(err)
		}
	}
	if got := o.states(t); got[notifications.Sent] != 2 || len(got) != 1 {
		t.Errorf("states %v", got)
	}
	for id, times := range o.sent {
		if times != 1 {
			t.Errorf("%s was sent %d times", id, times)
		}
	}
	due, err := o.bookings.PlanDue(t.Context(), o.clock())
	if err != nil || len(due) != 0 {
		t.Errorf("%d bookings are still to be planned, %v", len(due), err)
	}
}

func TestASharedMailboxGetsOneCopy(t *testing.T) {
	t.Parallel()
	o := openOffice(t, true)
	o.plan(t)
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil {
		t.Fatal(err)
	}
	messages, err := o.OfBooking(t.Context(), o.booking, 0)
	if err != nil || len(o.sent) != 1 || len(messages) != 1 {
		t.Fatalf("sent %v, messages %v, %v", o.sent, messages, err)
	}
	body, err := o.Body(messages[0])
	if err != nil || !strings.HasPrefix(body.Text, "Hello Maya and Jon ") {
		t.Errorf("it greets: %q [D39], %v", body.Text, err)
	}
}

func TestTwoProcessesSendEachMessageOnce(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	o.plan(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := o.DispatchDue(context.Background(), o.clock()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(o.sent) != 2 {
		t.Errorf("sent %v", o.sent)
	}
	for id, times := range o.sent {
		if times != 1 {
			t.Errorf("%s was sent %d times", id, times)
		}
	}
}

func TestAServerThatFailsIsTriedAgainLater(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	o.plan(t)
	o.answers(errLater)
	if err := o.DispatchDue(t.Context(), o.clock()); !errors.Is(err, errLater) {
		t.Errorf("got %v", err)
	}
	o.answers(nil)
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil || len(o.sent) != 0 {
		t.Errorf("at once: %v, sent %v", err, o.sent)
	}
	o.wait(time.Minute)
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil || len(o.sent) != 2 {
		t.Errorf("a minute later: %v, sent %v", err, o.sent)
	}
}

func TestAMailboxThatIsNotThereEndsTheMessage(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	o.plan(t)
	o.answers(errNever)
	if err := o.DispatchDue(t.Context(), o.clock()); !errors.Is(err, errNever) {
		t.Errorf("got %v", err)
	}
	if got := o.states(t); got[notifications.Failed] != 2 {
		t.Errorf("states %v", got)
	}
}

func TestWhatIsOfNoUseAnyMoreIsNotSent(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	o.plan(t)
	o.wait(31 * time.Minute) // the hold has ended while no mail went out
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil {
		t.Fatal(err)
	}
	if got := o.states(t); len(o.sent) != 0 || got[notifications.Withdrawn]+got[notifications.Missed] != 2 {
		t.Errorf("sent %v, states %v", o.sent, got)
	}
}

func TestACancelledBookingWithdrawsItsMessages(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	o.plan(t)
	if err := o.bookings.Cancel(t.Context(), o.booking); err != nil {
		t.Fatal(err)
	}
	o.plan(t)
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil {
		t.Fatal(err)
	}
	got := o.states(t)
	if got[notifications.Withdrawn] != 2 || got[notifications.Sent] != 2 {
		t.Errorf("states %v", got)
	}
	for id := range o.sent {
		if !strings.HasPrefix(id, "cancelled.") {
			t.Errorf("%s was sent", id)
		}
	}
}

// TestAProcessThatDoesNotComeBack: what it had claimed is taken up by another
// when the lease has ended, under the same id.
func TestAProcessThatDoesNotComeBack(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	o.plan(t)
	o.answers(errDie)
	func() {
		defer func() { recover() }()
		o.DispatchDue(t.Context(), o.clock())
	}()
	if got := o.states(t); got[notifications.Sending] != 1 {
		t.Fatalf("nothing was claimed when the process died: %v", got)
	}
	o.answers(nil)
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil || len(o.sent) != 1 {
		t.Errorf("while the lease lasts: sent %v, %v", o.sent, err)
	}
	o.wait(3 * time.Minute)
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil {
		t.Fatal(err)
	}
	if got := o.states(t); got[notifications.Sent] != 2 || len(o.sent) != 2 {
		t.Errorf("states %v, sent %v", got, o.sent)
	}
}
