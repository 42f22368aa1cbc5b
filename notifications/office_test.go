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
	cohorts  *retreats.Service
	booking  string

	mu     sync.Mutex
	now    time.Time
	sent   map[string]int // by message id
	answer error
	woken  int

	// during happens while a mail is being handed over.
	during func(context.Context)
	folder string
	// process dies where the mail server answers errDie.
	process *mortal
}

var (
	errLater = errors.New("try later")
	errNever = errors.New("no such mailbox")
	errDie   = errors.New("the process dies here")
)

func openOffice(t *testing.T, sharedMailbox bool) *office {
	t.Helper()
	return openOfficeWith(t, sharedMailbox, func(*notifications.Options) {})
}

func openOfficeWith(t *testing.T, sharedMailbox bool, change func(*notifications.Options)) *office {
	t.Helper()
	o := &office{now: time.Date(2027, 1, 11, 18, 0, 0, 0, time.UTC), sent: map[string]int{}, folder: t.TempDir()}
	engine, err := sqlite.Open(t.Context(), filepath.Join(o.folder, "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	o.process = &mortal{Engine: engine}
	db := store.Open(o.process, store.CheckDecisions())
	t.Cleanup(func() { db.Close() })
	cohorts, err := retreats.NewService(t.Context(), db, o.clock)
	if err != nil {
		t.Fatal(err)
	}
	addCohort(t, cohorts, "co", 2, o.now)
	o.cohorts = cohorts
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
	options := notifications.Options{
		DB: db, Bookings: o.bookings, Key: key, Now: o.clock, Send: o.send, Wake: func() { o.woken++ },
		Permanent: func(err error) bool { return errors.Is(err, errNever) },
		Render: func(rule string, data notifications.MailData) (notifications.Rendered, error) {
			return notifications.Rendered{Subject: rule, Text: "Hello " + data.Hello + " " + data.Link + " " + data.Data["time"]}, nil
		},
	}
	change(&options)
	if o.Service, err = notifications.NewService(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	a := booking.Application{AcceptPolicy: true, SharedEmail: sharedMailbox, Partners: [2]booking.PartnerInput{
		{Name: "Maya", Email: "maya@example.org"}, {Name: "Jon", Email: "jon@example.org"},
	}}
	if sharedMailbox {
		a.Partners[1].Email = "Maya@example.org"
	}
	o.apply(t, "co", a)
	return o
}

// book takes another couple's application; the office then looks at that one.
func (o *office) book(t *testing.T, name string, wait bool) {
	t.Helper()
	a := application(name)
	a.Wait = wait
	o.apply(t, "co", a)
}

func application(name string) booking.Application {
	return booking.Application{AcceptPolicy: true, Partners: [2]booking.PartnerInput{
		{Name: name, Email: name + "@example.org"}, {Name: "Jon", Email: name + ".jon@example.org"},
	}}
}

func (o *office) apply(t *testing.T, cohort string, a booking.Application) {
	t.Helper()
	c, err := o.bookings.Book(t.Context(), cohort, a)
	if err != nil {
		t.Fatal(err)
	}
	o.booking = c.Booking.ID
}

func addCohort(t *testing.T, cohorts *retreats.Service, id string, capacity int, now time.Time) {
	t.Helper()
	addCohortOn(t, cohorts, id, retreats.Terms{Capacity: capacity}, now)
}

// addCohortOn adds a cohort on terms that lack what all have in common.
func addCohortOn(t *testing.T, cohorts *retreats.Service, id string, terms retreats.Terms, now time.Time) {
	t.Helper()
	terms.Price, terms.BalanceDays = money.Of(480000, "USD"), 30
	plan := []retreats.PlannedSession{{Kind: retreats.Medicine, Title: "Session", Clock: "09:30", Minutes: 180}}
	r, err := retreats.NewRetreat("rt-"+id, retreats.Programme{Name: "Weekend", Location: "Cedar House"}, terms, plan)
	if err != nil {
		t.Fatal(err)
	}
	c, err := retreats.NewCohort(id, r, "America/Los_Angeles", "2027-04-09", now)
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

func (o *office) send(ctx context.Context, m notifications.Outgoing) error {
	if o.during != nil {
		o.during(ctx)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	switch o.answer {
	case nil:
		o.sent[m.ID]++
	case errDie:
		o.process.die()
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
