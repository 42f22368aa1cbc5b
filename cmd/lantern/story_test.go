package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/notifications"
	"lantern/retreats"
)

// story is the whole program in this process, on a clock that the test moves,
// with passes that run when the test says so.
type story struct {
	*app
	t      *testing.T
	cohort string
	booked []string
	// end compares the books and stops the program, as the end of the test does.
	// The books need not agree if they differ on purpose.
	end    func()
	differ bool

	mu  sync.Mutex
	now time.Time
}

// newStory opens the program with one cohort for so many couples.
func newStory(t *testing.T, capacity int) *story {
	t.Helper()
	return newStoryWith(t, capacity, func(*settings) {})
}

// newStoryWith opens it with settings that need not hold outside a test.
func newStoryWith(t *testing.T, capacity int, change func(*settings)) *story {
	t.Helper()
	st := openStory(t, time.Date(2027, 1, 11, 18, 0, 0, 0, time.UTC), change)
	st.addCohort(capacity)
	return st
}

// openStory opens it at that time, with what is in the folder that the settings
// name.
func openStory(t *testing.T, now time.Time, change func(*settings)) *story {
	t.Helper()
	st := &story{t: t, now: now}
	s := settings{Addr: "127.0.0.1:0", Data: t.TempDir(), Practice: "Cedar House"}
	if err := s.check(); err != nil {
		t.Fatal(err)
	}
	change(&s)
	listener, err := listen(&s)
	if err != nil {
		t.Fatal(err)
	}
	if st.app, err = openApp(t.Context(), s, slog.New(slog.DiscardHandler), true, st.time); err != nil {
		t.Fatal(err)
	}
	server := st.server.HTTPServer()
	go server.Serve(listener)
	st.end = sync.OnceFunc(func() {
		if !st.differ {
			st.compareBooks()
		}
		// A connection that was opened and never used keeps the server waiting.
		http.DefaultClient.CloseIdleConnections()
		if err := st.stop(server); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	t.Cleanup(st.end)
	return st
}

func (st *story) time() time.Time {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.now
}

// wait moves the clock; nothing else happens.
func (st *story) wait(d time.Duration) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.now = st.now.Add(d)
}

// tick runs all passes, as the running program does every few seconds.
func (st *story) tick() {
	st.t.Helper()
	for _, pass := range st.passes() {
		if err := pass.Run(st.t.Context(), st.time()); err != nil {
			st.t.Fatalf("pass %s: %v", pass.Name, err)
		}
	}
}

func (st *story) addCohort(capacity int) {
	st.t.Helper()
	plan := []retreats.PlannedSession{{Kind: retreats.Medicine, Title: "Session", Clock: "09:30", Minutes: 180}}
	r, err := retreats.NewRetreat("rt", retreats.Programme{Name: "Weekend", Location: "Cedar House"},
		retreats.Terms{Capacity: capacity, Price: money.Of(480000, "USD"), BalanceDays: 30}, plan)
	if err != nil {
		st.t.Fatal(err)
	}
	c, err := retreats.NewCohort("co", r, "America/Los_Angeles", "2027-04-09", st.time())
	if err != nil {
		st.t.Fatal(err)
	}
	if err := c.Publish(st.time()); err != nil {
		st.t.Fatal(err)
	}
	if err := st.retreats.AddCohort(st.t.Context(), c); err != nil {
		st.t.Fatal(err)
	}
	st.cohort = c.ID
}

// book takes an application for a couple and returns the booking's id.
func (st *story) book(name string, wait bool) string {
	st.t.Helper()
	c, err := st.bookings.Book(st.t.Context(), st.cohort, booking.Application{
		Partners:     [2]booking.PartnerInput{{Name: name, Email: name + "@example.org"}, {Name: "Partner", Email: name + ".partner@example.org"}},
		AcceptPolicy: true, Wait: wait,
	})
	if err != nil {
		st.t.Fatalf("booking for %s: %v", name, err)
	}
	st.booked = append(st.booked, c.Booking.ID)
	return c.Booking.ID
}

// compareBooks adds up what all bookings say and what the sandbox says.
func (st *story) compareBooks() {
	var kept int64
	for _, id := range st.booked {
		c, err := st.bookings.Case(context.Background(), id)
		if err != nil {
			st.t.Error(err)
			return
		}
		kept += c.Booking.KeptInAll().Minor - byHand(c.Booking)
	}
	received, refunded := st.sandbox.Totals()
	if there := received["USD"] - refunded["USD"]; there != kept {
		st.t.Errorf("our books say %d, the card service says %d", kept, there)
	}
}

// byHand is what is kept of the money that did not come by card.
func byHand(b *booking.Booking) (kept int64) {
	for _, p := range b.Payments {
		if p.Method == booking.ByCard {
			continue
		}
		kept += p.Amount.Minor
		for _, r := range b.Refunds {
			if r.PaymentID == p.ID && r.State != stripepay.RefundFailed {
				kept -= r.Amount.Minor
			}
		}
	}
	return kept
}

// openPage opens the card page of the first charge.
func (st *story) openPage(id string) string {
	st.t.Helper()
	address, err := st.bookings.Pay(st.t.Context(), id, booking.Order{Charge: booking.DepositCharge, Partner: 0})
	if err != nil {
		st.t.Fatal(err)
	}
	return address
}

// payOn pays on a card page and does not come back to the couple's own page.
func (st *story) payOn(page string) { st.payWith(page, "4242424242424242") }

// payWith is payOn with another test card.
func (st *story) payWith(page, number string) {
	st.t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(page, url.Values{"number": {number}, "exp": {"12/40"}, "cvc": {"123"}})
	if err != nil {
		st.t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusSeeOther {
		st.t.Fatalf("paying was answered %d", response.StatusCode)
	}
}

// hear lets the sandbox send its events.
func (st *story) hear() {
	st.t.Helper()
	if err := st.sandbox.Deliver(st.t.Context()); err != nil {
		st.t.Fatal(err)
	}
}

// stands checks where a couple stands, and that money and place agree with
// what the sandbox says.
func (st *story) stands(id string, want retreats.PlaceState, kept int64) booking.Case {
	st.t.Helper()
	c, err := st.bookings.Case(st.t.Context(), id)
	if err != nil {
		st.t.Fatal(err)
	}
	if c.Standing.State != want || c.Booking.KeptInAll().Minor != kept {
		st.t.Errorf("%s stands at %q with %s kept, want %q with %d", c.Booking.Partners[0].Name, c.Standing.State, c.Booking.KeptInAll(), want, kept)
	}
	return c
}

// mails lists the rules of the mails that went to the first partner.
func (st *story) mails(id string) map[string]int {
	st.t.Helper()
	messages, err := st.notices.OfBooking(st.t.Context(), id, 0)
	if err != nil {
		st.t.Fatal(err)
	}
	sent := map[string]int{}
	for _, m := range messages {
		if m.State == notifications.Sent {
			sent[m.Rule]++
		}
	}
	return sent
}

const deposit = 96000

func TestMoneyThatComesLateTakesAFreePlace(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.book("ana", false)
	st.wait(20 * time.Minute)
	page := st.openPage(ana)
	st.wait(15 * time.Minute) // her hold has ended, and nobody has looked
	st.payOn(page)
	st.hear()
	c := st.stands(ana, retreats.Confirmed, deposit)
	if len(c.Booking.Refunds) != 0 || c.Booking.LapsedAt != nil {
		t.Errorf("booking %+v", c.Booking)
	}
	st.tick()
	if sent := st.mails(ana); sent["confirmed"] != 1 {
		t.Errorf("mails %v", sent)
	}
}

func TestMoneyThatComesTooLateGoesBackAndTheCoupleIsFirst(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.book("ana", false)
	st.wait(20 * time.Minute)
	page := st.openPage(ana)
	st.wait(17 * time.Minute)
	ben := st.book("ben", false) // takes the place whose hold has ended
	cleo := st.book("cleo", true)
	st.payOn(page)
	st.hear()
	st.hear() // what happened meanwhile
	late := st.stands(ana, retreats.WaitingOn, 0)
	if late.Standing.Position != 1 || late.Standing.Reason != retreats.LateReason {
		t.Errorf("ana waits at %+v", late.Standing)
	}
	if len(late.Booking.Refunds) != 1 || late.Booking.Refunds[0].State != stripepay.RefundSucceeded {
		t.Errorf("refunds %+v", late.Booking.Refunds)
	}
	st.tick()
	st.tick()
	if sent := st.mails(ana); sent["late_refunded"] != 1 || sent["waiting"] != 0 {
		t.Errorf("mails %v", sent)
	}
	// Ben gives up: the place is ana's to take, before cleo, who joined first.
	if err := st.bookings.Cancel(t.Context(), ben, nil); err != nil {
		t.Fatal(err)
	}
	st.stands(ana, retreats.Offered, 0)
	st.stands(cleo, retreats.WaitingOn, 0)
	st.tick()
	if sent := st.mails(ana); sent["offered"] != 1 {
		t.Errorf("mails %v", sent)
	}
	if err := st.bookings.AnswerOffer(t.Context(), ana, booking.AcceptOffer); err != nil {
		t.Fatal(err)
	}
	st.payOn(st.openPage(ana))
	st.hear()
	st.stands(ana, retreats.Confirmed, deposit)
}

func TestALapsedHoldClosesItsCardPage(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.book("ana", false)
	st.wait(20 * time.Minute)
	page := st.openPage(ana)
	st.wait(12 * time.Minute)
	st.tick()
	st.tick()
	c := st.stands(ana, retreats.None, 0)
	if c.Booking.LapsedAt == nil || !c.Booking.Checkouts[0].Ended || c.Booking.AttendAt != nil {
		t.Errorf("booking %+v", c.Booking)
	}
	response, err := http.PostForm(page, url.Values{"number": {"4242424242424242"}, "exp": {"12/40"}, "cvc": {"123"}})
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if received, _ := st.sandbox.Totals(); received["USD"] != 0 {
		t.Error("a page that was closed has taken money")
	}
	st.hear()
	st.stands(ana, retreats.None, 0)
	if sent := st.mails(ana); sent["lapsed"] != 1 {
		t.Errorf("mails %v", sent)
	}
}

func TestAFormThatIsSentAgainAfterItsHoldHasEndedTakesNoPlace(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	a := booking.Application{Key: "form", AcceptPolicy: true, Partners: [2]booking.PartnerInput{
		{Name: "Ana", Email: "ana@example.org"}, {Name: "Ben", Email: "ben@example.org"},
	}}
	first, err := st.bookings.Book(t.Context(), st.cohort, a)
	if err != nil {
		t.Fatal(err)
	}
	st.wait(32 * time.Minute)
	st.tick()
	second, err := st.bookings.Book(t.Context(), st.cohort, a)
	if err != nil || second.Booking.ID != first.Booking.ID || second.Booking.LapsedAt == nil {
		t.Errorf("sent again: %+v, %v", second.Booking, err)
	}
	st.stands(first.Booking.ID, retreats.None, 0)
	a.Partners[1].Name = "Cleo"
	if _, err := st.bookings.Book(t.Context(), st.cohort, a); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the form of other people: %v", err)
	}
}

func TestMoneyAfterACancellationGoesBack(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.book("ana", false)
	page := st.openPage(ana)
	st.payOn(page) // paid, but nobody has heard of it
	if err := st.bookings.Cancel(t.Context(), ana, nil); err != nil {
		t.Fatal(err)
	}
	st.hear()
	c := st.stands(ana, retreats.None, 0)
	if len(c.Booking.Refunds) != 1 || c.Booking.Refunds[0].Reason != booking.RefundCancelled {
		t.Errorf("refunds %+v", c.Booking.Refunds)
	}
}

func TestEventsThatComeTwiceOrOutOfOrderChangeNothing(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ana := st.book("ana", false)
	st.payOn(st.openPage(ana))
	before, err := st.bookings.Case(t.Context(), ana)
	if err != nil {
		t.Fatal(err)
	}
	session := before.Booking.Checkouts[0].SessionID
	// An old word that the page has expired comes first, then the same word
	// again, then that it was paid, three times at once.
	for _, e := range []stripepay.Event{
		{ID: "evt_1", Type: "checkout.session.expired", ObjectID: session},
		{ID: "evt_1", Type: "checkout.session.expired", ObjectID: session},
		{ID: "evt_2", Type: "checkout.session.completed", ObjectID: session},
	} {
		var thrice sync.WaitGroup
		for range 3 {
			thrice.Go(func() {
				if err := st.bookings.TakeEvent(context.Background(), e); err != nil {
					t.Errorf("event %s: %v", e.ID, err)
				}
			})
		}
		thrice.Wait()
	}
	st.hear()
	st.tick()
	c := st.stands(ana, retreats.Confirmed, deposit)
	if len(c.Booking.Payments) != 1 || len(c.Booking.Refunds) != 0 {
		t.Errorf("payments %+v, refunds %+v", c.Booking.Payments, c.Booking.Refunds)
	}
	if sent := st.mails(ana); sent["confirmed"] != 1 {
		t.Errorf("mails %v", sent)
	}
}
