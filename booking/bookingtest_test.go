package booking_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/money"
	"lantern/internal/seal"
	"lantern/internal/store"
	"lantern/internal/store/sqlite"
	"lantern/internal/stripepay"
	"lantern/internal/stripepay/sandbox"
	"lantern/retreats"
)

// fuse is an engine that dies at a chosen write, before or after it happened,
// and answers nothing from then on: what a process sees of its own end.
type fuse struct {
	store.Engine
	mu    sync.Mutex
	left  int
	after bool
	blown bool
	// booked is the booking that was stored last.
	booked string
	// meddle, if there is one, answers a write in the engine's place.
	meddle func(collection string, do func() error) error
}

func (f *fuse) write(collection string, do func() error) error {
	if f.meddle != nil {
		plain := do
		do = func() error { return f.meddle(collection, plain) }
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.blown {
		return store.ErrUnavailable
	}
	f.left--
	if f.left > 0 {
		return do()
	}
	f.blown = true
	if f.after {
		if err := do(); err != nil {
			return err
		}
	}
	return store.ErrUnavailable
}

func (f *fuse) Insert(ctx context.Context, collection string, r store.Record) error {
	return f.write(collection, func() error {
		if collection == "bookings" {
			f.booked = r.ID
		}
		return f.Engine.Insert(ctx, collection, r)
	})
}

func (f *fuse) Replace(ctx context.Context, collection string, r store.Record, rev int64) error {
	return f.write(collection, func() error { return f.Engine.Replace(ctx, collection, r, rev) })
}

func (f *fuse) Delete(ctx context.Context, collection, id string, rev int64) error {
	return f.write(collection, func() error { return f.Engine.Delete(ctx, collection, id, rev) })
}

// judge is a test, or one of the many that a property runs.
type judge interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Context() context.Context
}

// world is one cohort with few places, the card service, and a process that can
// die.
type world struct {
	t      judge
	places int
	engine store.Engine
	fuse   *fuse
	now    time.Time
	behind time.Duration // how far the card service's clock is behind
	// refundsPend makes the card service call refunds pending.
	refundsPend bool
	// meddle, if there is one, may answer a request to the card service in its
	// place; it reports whether it did.
	meddle atomic.Pointer[func(http.ResponseWriter, *http.Request) bool]
	cards  *sandbox.Sandbox
	// serving is held while the card service handles a request, whose caller
	// may have been hung up on.
	serving  sync.RWMutex
	cardsURL string
	retreats *retreats.Service
	bookings *booking.Service
}

const cardKey, cardSecret = "sk_test_x", "whsec_x"

func newWorld(t *testing.T) *world { return newWorldFor(t, 1) }

// newWorldFor is a world whose cohort has so many places.
func newWorldFor(t *testing.T, places int) *world {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	return newWorldOn(t, places, engine)
}

// newWorldOn is a world with its documents in that engine.
func newWorldOn(t *testing.T, places int, engine store.Engine) *world {
	t.Helper()
	w := &world{t: t, places: places, engine: engine, now: time.Date(2027, 1, 11, 18, 0, 0, 0, time.UTC)}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	w.cardsURL = server.URL + "/cards"
	var err error
	w.cards, err = sandbox.New(sandbox.Options{
		Now: func() time.Time { return w.now.Add(-w.behind) }, Secret: cardKey, WebhookSecret: cardSecret,
		BaseURL: w.cardsURL, WebhookURL: server.URL + "/events", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/cards/", w.delaying(w.cards.Handler()))
	mux.HandleFunc("/events", w.hear)
	w.live(1 << 30)
	w.addCohort()
	return w
}

// live starts a process that dies at its n-th write.
func (w *world) live(n int) {
	w.t.Helper()
	w.connect(w.cardsURL, n)
}

// connect is live with the card service at an address.
func (w *world) connect(cardsURL string, n int) {
	w.t.Helper()
	w.fuse = &fuse{Engine: w.engine, left: n}
	db := store.Open(w.fuse, store.CheckDecisions())
	clock := func() time.Time { return w.now }
	var err error
	if w.retreats, err = retreats.NewService(w.t.Context(), db, clock); err != nil {
		w.t.Fatal(err)
	}
	key, err := seal.Parse(strings.Repeat("5e", 32))
	if err != nil {
		w.t.Fatal(err)
	}
	w.bookings, err = booking.NewService(w.t.Context(), booking.Options{
		DB: db, Retreats: w.retreats, Key: key, BaseURL: "http://localhost", Now: clock, Changed: func() {},
		WebhookURL: strings.TrimSuffix(w.cardsURL, "/cards") + "/events",
		Pay:        stripepay.New(stripepay.Config{SecretKey: cardKey, WebhookSecret: cardSecret, APIURL: cardsURL, Now: clock, Unpaused: true}),
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// meddles has the card service answer otherwise where that reports true, or as it
// does again. Somebody who has hung up may be answered still.
func (w *world) meddles(answer func(http.ResponseWriter, *http.Request) bool) {
	w.meddle.Store(&answer)
}

func (w *world) meddling() bool {
	meddle := w.meddle.Load()
	return meddle != nil && *meddle != nil
}

// delaying is the card service as it answers while refunds take their time.
func (w *world) delaying(cards http.Handler) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w.serving.RLock()
		defer w.serving.RUnlock()
		if meddle := w.meddle.Load(); meddle != nil && *meddle != nil && (*meddle)(out, r) {
			return
		}
		if !w.refundsPend || !strings.Contains(r.URL.Path, "/refunds") {
			cards.ServeHTTP(out, r)
			return
		}
		answer := httptest.NewRecorder()
		cards.ServeHTTP(answer, r)
		out.Header().Set("Content-Type", "application/json")
		out.WriteHeader(answer.Code)
		io.WriteString(out, strings.ReplaceAll(answer.Body.String(), "succeeded", "pending"))
	})
}

// unreachable cuts the process off from the card service, or joins them again.
func (w *world) unreachable(cut bool) {
	address := w.cardsURL
	if cut {
		address = "http://127.0.0.1:1"
	}
	w.connect(address, 1<<30)
}

// hear is the webhook of the process that lives now.
func (w *world) hear(out http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(r.Body)
	if err == nil {
		var e stripepay.Event
		if e, err = w.bookings.ParseEvent(payload, r.Header.Get(stripepay.SignatureHeader)); err == nil {
			err = w.bookings.TakeEvent(r.Context(), e)
		}
	}
	if err != nil {
		out.WriteHeader(http.StatusInternalServerError)
	}
}

func (w *world) addCohort() {
	w.t.Helper()
	plan := []retreats.PlannedSession{{Kind: retreats.Medicine, Title: "Session", Clock: "09:30", Minutes: 180}}
	r, err := retreats.NewRetreat("rt", retreats.Programme{Name: "Weekend", Location: "Cedar House"},
		retreats.Terms{Capacity: w.places, Price: money.Of(480000, "USD"), BalanceDays: 30}, plan)
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := retreats.NewCohort("co", r, "America/Los_Angeles", "2027-04-09", w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := errors.Join(c.Publish(w.now), w.retreats.AddCohort(w.t.Context(), c)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) book(name string, wait bool) (string, error) {
	c, err := w.bookings.Book(w.t.Context(), "co", booking.Application{
		Key: name, AcceptPolicy: true, Wait: wait,
		Partners: [2]booking.PartnerInput{{Name: name, Email: name + "@example.org"}, {Name: "Jon", Email: name + ".jon@example.org"}},
	})
	if err != nil {
		return "", err
	}
	return c.Booking.ID, nil
}

// pay takes the money of a card page; the couple's browser never comes back. It
// returns where it was sent to.
func (w *world) pay(page string) (to string) {
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(page, url.Values{"number": {"4242424242424242"}, "exp": {"12/40"}, "cvc": {"123"}})
	if err != nil {
		w.t.Fatal(err)
	}
	response.Body.Close()
	return response.Header.Get("Location")
}

// passes runs what a process does every few seconds. Errors are its own
// concern: they are what the next round is for.
func (w *world) passes() {
	_ = w.bookings.SettleCohorts(w.t.Context(), w.now)
	_ = w.bookings.AttendDue(w.t.Context(), w.now)
	_ = w.bookings.ActOnEvents(w.t.Context(), w.now)
	_ = w.cards.Deliver(w.t.Context())
	w.quiet()
}

// quiet waits until the card service handles no request any more, so that the
// clock can be moved.
func (w *world) quiet() {
	w.serving.Lock()
	defer w.serving.Unlock()
}

// stands checks where a couple stands and what of its money is kept.
func (w *world) stands(id string, want retreats.PlaceState, kept int64) booking.Case {
	w.t.Helper()
	c, err := w.bookings.Case(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	if c.Standing.State != want || c.Booking.KeptInAll().Minor != kept {
		w.t.Errorf("%s stands at %q with %s kept, want %q with %d", c.Booking.Partners[0].Name, c.Standing.State, c.Booking.KeptInAll(), want, kept)
	}
	return c
}

// mustBook books or ends the test.
func (w *world) mustBook(name string, wait bool) string {
	w.t.Helper()
	id, err := w.book(name, wait)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// open opens the card page of a charge and gives its address.
func (w *world) open(id, charge string) string {
	w.t.Helper()
	page, err := w.bookings.Pay(w.t.Context(), id, booking.Order{Charge: charge, Partner: 0})
	if err != nil {
		w.t.Fatal(err)
	}
	return page
}

// wait moves the clock; nothing else happens.
func (w *world) wait(d time.Duration) {
	w.quiet()
	w.now = w.now.Add(d)
}

// attend runs the pass over the bookings alone.
func (w *world) attend() {
	w.t.Helper()
	if err := w.bookings.AttendDue(w.t.Context(), w.now); err != nil {
		w.t.Fatal(err)
	}
}
