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
	"lantern/internal/seal"
	"lantern/internal/sms"
	"lantern/internal/store"
	"lantern/internal/store/sqlite"
	"lantern/internal/stripepay"
	"lantern/notifications"
	"lantern/retreats"
)

// firm is a practice whose program runs in two processes on one store, each of
// which can die, and what left it: of each message, how often.
type firm struct {
	t         *testing.T
	processes [2]*process
	bookings  []string

	mu           sync.Mutex
	now          time.Time
	mails, texts map[string]int
	// again is how often a mail may have left more than once: whoever died had
	// sent it, or had outlasted its lease, and could not say so.
	again map[string]int
	// spare is how many mails may besides, whichever they were: what a process had
	// in hand when time went by at another message.
	spare int
	// answer is the mail server's. onSend happens once, before or after that many
	// more messages have left.
	answer error
	left   int
	after  bool
	onSend func(p *process, id string)
	known  map[string]bool
}

type process struct {
	engine   *mortal
	bookings *booking.Service
	notices  *notifications.Service
}

func openFirm(t *testing.T) *firm {
	t.Helper()
	f := &firm{
		t: t, now: time.Date(2027, 1, 11, 18, 0, 0, 0, time.UTC),
		mails: map[string]int{}, texts: map[string]int{}, again: map[string]int{}, known: map[string]bool{},
	}
	engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	must(t, err)
	t.Cleanup(func() { engine.Close() })
	for i := range f.processes {
		f.processes[i] = f.start(engine)
		if i == 0 {
			cohorts, err := retreats.NewService(t.Context(), store.Open(engine), f.clock)
			must(t, err)
			addCohort(t, cohorts, "co", 3, f.now)
		}
	}
	return f
}

func (f *firm) start(engine store.Engine) *process {
	t, p := f.t, &process{engine: &mortal{Engine: engine}}
	db := store.Open(p.engine)
	cohorts, err := retreats.NewService(t.Context(), db, f.clock)
	must(t, err)
	key, err := seal.Parse(strings.Repeat("5e", 32))
	must(t, err)
	p.bookings, err = booking.NewService(t.Context(), booking.Options{
		DB: db, Retreats: cohorts, Pay: stripepay.New(stripepay.Config{APIURL: "http://127.0.0.1:1"}), Key: key,
		BaseURL: "http://localhost", Now: f.clock, Changed: func() {},
	})
	must(t, err)
	p.notices, err = notifications.NewService(t.Context(), notifications.Options{
		DB: db, Bookings: p.bookings, Key: key, Now: f.clock, MailsAtOnce: 1,
		Permanent: func(err error) bool { return errors.Is(err, errNever) },
		Render: func(rule string, _ notifications.MailData) (notifications.Rendered, error) {
			return notifications.Rendered{Subject: rule, Text: rule}, nil
		},
		RenderText: func(rule string, _ notifications.MailData) (string, error) { return rule, nil },
		Send: func(ctx context.Context, m notifications.Outgoing) error {
			return f.leave(ctx, p, m.ID, f.mails)
		},
		SendText: func(ctx context.Context, m sms.Text) (string, error) {
			return "SM" + m.ID, f.leave(ctx, p, m.ID, f.texts)
		},
	})
	must(t, err)
	return p
}

// leave lets a message leave by what counts it, if its process lives and the
// server takes it.
func (f *firm) leave(ctx context.Context, p *process, id string, by map[string]int) error {
	f.mu.Lock()
	happens := f.onSend
	if f.left--; f.left != 0 || happens == nil {
		happens = nil
	} else {
		f.onSend = nil
	}
	after := f.after
	f.mu.Unlock()
	if happens != nil && !after {
		happens(p, id)
	}
	err := ctx.Err()
	if p.engine.isDead() {
		err = errDie
	}
	f.mu.Lock()
	if err == nil {
		err = f.answer
	}
	if err == nil {
		by[id]++
	}
	f.mu.Unlock()
	if happens != nil && after {
		happens(p, id)
	}
	return err
}

// when lets something happen at a message that leaves, before it has or after.
func (f *firm) when(left int, after bool, happens func(p *process, id string)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left, f.after, f.onSend = left, after, happens
}

func (f *firm) answers(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = err
}

func (f *firm) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *firm) wait(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

// book takes a couple's application, who may have agreed to texts.
func (f *firm) book(name string, phone string) {
	a := application(name)
	a.Wait = true
	c, err := f.processes[0].bookings.Book(f.t.Context(), "co", a)
	if err != nil {
		return // the waitlist is full, or the process has died
	}
	f.bookings = append(f.bookings, c.Booking.ID)
	if phone != "" {
		_ = f.processes[0].bookings.AllowTexts(f.t.Context(), c.Booking.ID, 0, phone, booking.ByPage)
	}
}

// run lets a process plan and send, and notes what it could not say if it died.
func (f *firm) run(ctx context.Context, p *process) {
	_ = p.notices.PlanDue(ctx, f.clock())
	f.remember()
	_ = p.notices.DispatchDue(ctx, f.clock())
}

// bury starts the dead processes anew.
func (f *firm) bury() {
	for _, p := range f.processes {
		if p.engine.isDead() {
			f.allow()
		}
		p.engine.live(0)
	}
	f.when(0, false, nil)
}

// allow lets the mails that have left and are not marked leave once more.
func (f *firm) allow() {
	for _, m := range f.all() {
		f.mu.Lock()
		if m.State == notifications.Sending && f.mails[m.ID] > 0 {
			f.again[m.ID]++
		}
		f.mu.Unlock()
	}
}

func (f *firm) all() []*notifications.Message {
	var all []*notifications.Message
	for after := ""; ; {
		page, err := f.processes[1].notices.List(f.t.Context(), "", "", 100, after)
		must(f.t, err)
		all = append(all, page.Items...)
		if after = page.Next; after == "" {
			return all
		}
	}
}

// remember notes what has ever been planned.
func (f *firm) remember() {
	all := f.all()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range all {
		f.known[m.ID] = true
	}
}

// settle lets both processes work until nothing is due, and checks the ledger:
// DESIGN §8, 4.
func (f *firm) settle(told string) {
	f.t.Helper()
	f.bury()
	f.answers(nil)
	for range 4 { // longer than a lease, shorter than most uses
		f.run(f.t.Context(), f.processes[0])
		f.wait(150 * time.Second)
	}
	f.run(f.t.Context(), f.processes[1])
	there := map[string]bool{}
	for _, m := range f.all() {
		there[m.ID] = true
		f.check(told, m)
	}
	for id := range f.known {
		if !there[id] {
			f.t.Errorf("%s: %s was planned and is not there", told, id)
		}
	}
	for id := range f.mails {
		if !there[id] {
			f.t.Errorf("%s: %s left and is not there", told, id)
		}
	}
}

func (f *firm) check(told string, m *notifications.Message) {
	f.t.Helper()
	mails, texts, again, now := f.mails[m.ID], f.texts[m.ID], f.again[m.ID], f.now
	if mails == 2+again && f.spare > 0 {
		f.spare, again = f.spare-1, again+1
	}
	if texts > 1 || mails > 1+again {
		f.t.Errorf("%s: %s left %d times as a text and %d times by mail, of which %d were to be", told, m.ID, texts, mails, 1+again)
	}
	switch m.State {
	case notifications.Sent:
		if (m.Channel == notifications.ByText && texts == 0) || (m.Channel == notifications.ByMail && mails == 0) {
			f.t.Errorf("%s: %s counts as sent and never left", told, m.ID)
		}
	case notifications.Planned:
		if !m.NextAt.After(now) {
			f.t.Errorf("%s: %s is due since %s", told, m.ID, m.NextAt)
		}
	case notifications.Missed:
		if now.Before(m.UsefulUntil) {
			f.t.Errorf("%s: %s was missed, and is of use until %s", told, m.ID, m.UsefulUntil)
		}
	case notifications.Sending:
		f.t.Errorf("%s: %s is being sent by nobody", told, m.ID)
	}
	if m.State != notifications.Sent && m.Why == "" && mails > again {
		f.t.Errorf("%s: %s left by mail and is %s", told, m.ID, m.State)
	}
}
