package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/money"
	"lantern/internal/mutated"
	"lantern/internal/sms"
	"lantern/internal/stripepay"
	"lantern/internal/stripepay/sandbox"
	"lantern/internal/web"
	"lantern/internal/web/webtest"
	"lantern/retreats"
)

// What strangers, couples, staff and other programs may send, made up by chance.
// `make fuzz` searches; the seeds, what is near to them and what was ever found
// are part of all tests.

// fuzzTries is how many requests near to the seeds each test run makes up for each
// target: a second or two of them.
const fuzzTries = 300

// hurting keeps what the program says of itself that nobody should bring about.
type hurting struct {
	slog.Handler
	mu    sync.Mutex
	lines []string
}

func (h *hurting) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelError }

func (h *hurting) Handle(_ context.Context, r slog.Record) error {
	var line strings.Builder
	line.WriteString(r.Message)
	r.Attrs(func(a slog.Attr) bool { fmt.Fprintf(&line, " %s=%v", a.Key, a.Value); return true })
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, line.String())
	return nil
}

func (h *hurting) taken() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	lines := h.lines
	h.lines = nil
	return lines
}

// target is the program with a couple that has a place, one that holds one, one
// that waits, and everybody who may ask for something.
type target struct {
	*app
	log           *hurting
	pages, ops    []web.Route
	values        *strings.Replacer
	visitors      []http.Header
	asked         int
	webhookSecret string
}

var fuzzed struct {
	once sync.Once
	*target
	err error
}

// aTarget opens the program once for each process: opening it for each try
// would leave no time for tries.
func aTarget(t testing.TB) *target {
	t.Helper()
	fuzzed.once.Do(func() { fuzzed.target, fuzzed.err = openTarget() })
	if fuzzed.err != nil {
		t.Fatal(fuzzed.err)
	}
	return fuzzed.target
}

func openTarget() (*target, error) {
	dir, err := os.MkdirTemp("", "fuzz")
	if err != nil {
		return nil, err
	}
	now := time.Date(2027, 1, 11, 18, 0, 0, 0, time.UTC)
	s := settings{Addr: "127.0.0.1:0", Data: dir, Practice: "Cedar House"}
	if err := s.check(); err != nil {
		return nil, err
	}
	s.TwilioSID, s.TwilioToken, s.TwilioFrom, s.twilioWire = "AC"+strings.Repeat("0a", 16), twilioToken, "+14155550100", &carrier{}
	listener, err := listen(&s)
	if err != nil {
		return nil, err
	}
	log := &hurting{Handler: slog.DiscardHandler}
	a, err := openApp(context.Background(), s, slog.New(log), true, func() time.Time { return now })
	if err != nil {
		return nil, err
	}
	go a.server.HTTPServer().Serve(listener) // for the cards' side; it ends with the process
	x := &target{app: a, log: log, webhookSecret: "whsec_" + a.key.Derive("sandbox").Token("webhook")}
	return x, x.people(context.Background())
}

// people lets couples book and staff sign in.
func (x *target) people(ctx context.Context) error {
	plan := []retreats.PlannedSession{
		{Kind: retreats.Preparation, Title: "Preparation", Day: -7, Clock: "18:00", Minutes: 90, Online: true},
		{Kind: retreats.Medicine, Title: "Session", Clock: "09:30", Minutes: 180},
	}
	r, err := retreats.NewRetreat("rt", retreats.Programme{Name: "Weekend", Location: "Cedar House"},
		retreats.Terms{Capacity: 2, Price: money.Of(480000, "USD"), BalanceDays: 30}, plan)
	if err != nil {
		return err
	}
	c, err := retreats.NewCohort("co", r, "America/Los_Angeles", "2027-04-09", x.now())
	if err != nil {
		return err
	}
	err = errors.Join(c.Publish(x.now()), x.retreats.AddRetreat(ctx, r), x.retreats.AddCohort(ctx, c))
	if err != nil {
		return err
	}
	var ids []string
	for _, name := range []string{"ana", "ben", "cleo"} {
		c, err := x.bookings.Book(ctx, "co", booking.Application{
			Partners:     [2]booking.PartnerInput{{Name: name, Email: name + "@example.org"}, {Name: "Partner", Email: name + ".partner@example.org"}},
			AcceptPolicy: true, Wait: true,
		})
		if err != nil {
			return err
		}
		ids = append(ids, c.Booking.ID)
	}
	err = x.bookings.RecordPayment(ctx, ids[0], booking.Received{
		Charge: booking.DepositCharge, Amount: money.Of(deposit, "USD"), Method: booking.ByCash, Reference: "receipt 1",
	}, access.Console().By())
	if err != nil {
		return err
	}
	err = x.bookings.NameDriver(ctx, ids[0], "s2", 0, booking.DriverInput{Name: "Kim", Phone: "+1 415 555 0177", Relation: "a friend"})
	if err != nil {
		return err
	}
	b, err := x.bookings.Case(ctx, ids[0])
	if err != nil {
		return err
	}
	driver, _ := b.Booking.Driver("s2")
	link := x.bookings.DriverLink(ids[0], driver)
	driverPath := link[strings.Index(link, "/d/"):]
	x.values = strings.NewReplacer(
		"cohorts/{id}", "cohorts/co", "bookings/{id}", "bookings/"+ids[0], "{partner}", "1", "retreats/:id", "retreats/rt",
		"cohorts/:id", "cohorts/co", "bookings/:id", "bookings/"+ids[0], "calls/:id", "calls/"+ids[0], "/d/:token", driverPath, ":cohort/:session", "co/s2",
		":session", "s2", "{session}", "s2", ":token", x.bookings.Token(ids[0], 0),
	)
	x.visitors = []http.Header{{}, {"Authorization": {"Bearer " + x.bookings.Token(ids[0], 1)}}}
	for _, role := range []access.Role{access.Organizer, access.Staff} {
		token, err := x.tokens.Create(ctx, access.Console(), "test", role, true)
		if err != nil {
			return err
		}
		session, err := x.session(ctx, role)
		if err != nil {
			return err
		}
		x.visitors = append(x.visitors, http.Header{"Authorization": {"Bearer " + token}}, http.Header{"Cookie": {"lantern_session=" + session}})
	}
	for _, route := range x.server.Routes() {
		switch {
		case signsOut(route) || strings.HasPrefix(route.Path, "/demonstration"):
		case strings.HasPrefix(route.Path, "/api/v1/"):
			x.ops = append(x.ops, route)
		default:
			x.pages = append(x.pages, route)
		}
	}
	return nil
}

func (x *target) session(ctx context.Context, role access.Role) (string, error) {
	person, err := x.team.Add(ctx, access.Console(), string(role)+"@example.org", string(role), role, true)
	if err != nil {
		return "", err
	}
	link, err := x.team.LinkFor(ctx, access.Console(), person.ID)
	if err != nil {
		return "", err
	}
	secret, _, err := x.team.SignIn(ctx, link.Token)
	return secret, err
}

// betweenPasses is how many requests come between two runs of the passes, which
// have to cope with whatever was accepted.
const betweenPasses = 50

// ask sends a request and complains about every answer that is nobody's fault
// but ours.
func (x *target) ask(t *testing.T, r *http.Request, visitor uint) {
	t.Helper()
	for name, values := range x.visitors[visitor%uint(len(x.visitors))] {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	x.server.ServeHTTP(w, r)
	what := r.Method + " " + r.URL.Path
	if w.Code >= http.StatusInternalServerError && w.Code != http.StatusServiceUnavailable {
		t.Errorf("%s was answered %d", what, w.Code)
	}
	body := w.Body.String()
	kind := w.Header().Get("Content-Type")
	switch {
	case strings.HasPrefix(kind, "text/html"):
		if strings.Contains(body, "<script>alert(") {
			t.Errorf("%s answers with a script that somebody sent:\n%s", what, body)
		}
		webtest.Parse(t, what, w.Body.Bytes())
	case strings.Contains(kind, "json") && !json.Valid(w.Body.Bytes()):
		t.Errorf("%s answers with broken JSON: %s", what, body)
	}
	if x.asked++; x.asked%betweenPasses == 0 {
		for _, pass := range x.timely() {
			if err := pass.Run(t.Context(), x.now()); err != nil && !errors.Is(err, stripepay.ErrUnreachable) {
				t.Errorf("%s: %v", pass.Name, err)
			}
		}
	}
	for _, line := range x.log.taken() {
		if w.Code != http.StatusServiceUnavailable { // which says why
			t.Errorf("%s brings about: %s", what, line)
		}
	}
}

// path fills in a route's parameters; what is left is for chance.
func (x *target) path(route web.Route, other string) string {
	path := x.values.Replace(route.Path)
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, ":") || strings.HasPrefix(part, "{") {
			parts[i] = url.PathEscape(other)
		}
	}
	return strings.Join(parts, "/")
}

func request(method, path, query, kind, body string) (*http.Request, bool) {
	u := url.URL{Path: path, RawQuery: query}
	if p, err := url.PathUnescape(path); err == nil {
		u.Path, u.RawPath = p, path
	}
	r, err := http.NewRequest(method, u.String(), strings.NewReader(body))
	if err != nil || !strings.HasPrefix(r.URL.Path, "/") {
		return nil, false // no client could send it
	}
	r.RequestURI, r.RemoteAddr = u.RequestURI(), "192.0.2.1:1234"
	r.Header.Set("Content-Type", kind)
	return r, true
}

// FuzzForms sends forms to every page, as nobody, couples and staff.
func FuzzForms(f *testing.F) {
	seeds := mutated.Of(f, fuzzTries)
	x := aTarget(f)
	values := []string{
		"", "1", "-1", "9999-12-31", "2027-04-09", "9223372036854775807", "07:30", "<script>alert(1)</script>", "a\x00b\u202e", "+1 415 555 0132",
		"{{.Hello}}", strings.Repeat("ä", 300),
	}
	for i, route := range x.pages {
		if route.Method == http.MethodPost {
			form := url.Values{}
			for j, field := range formFields {
				form.Set(field, values[(i+j)%len(values)])
			}
			seeds.Add(uint(i), uint(i), "x", "", form.Encode())
		}
		seeds.Add(uint(i), uint(3), "%00", "after=W10&state=sent&cohort=co", "")
	}
	seeds.Fuzz(func(t *testing.T, route, visitor uint, other, query, form string) {
		to := x.pages[route%uint(len(x.pages))]
		if r, ok := request(to.Method, x.path(to, other), query, "application/x-www-form-urlencoded", form); ok {
			x.ask(t, r, visitor)
		}
	})
}

// FuzzAPI sends bodies to every operation.
func FuzzAPI(f *testing.F) {
	seeds := mutated.Of(f, fuzzTries)
	x := aTarget(f)
	for i := range x.ops {
		seeds.Add(uint(i), uint(2), "x", "", `{"name":"<script>alert(1)</script>","partners":[{"name":"A","email":"a@example.org"},{"name":"B","email":"b@example.org"}],"accept_policy":true,"if_full":"wait"}`)
		seeds.Add(uint(i), uint(4), "x", "after=W10&limit=-1", `{"starts_on":"9999-12-31","time_zone":"UTC","amount":{"amount":-1,"currency":"XXX"},"reason":""}`)
		seeds.Add(uint(i), uint(1), "x", "", `[`)
	}
	seeds.Fuzz(func(t *testing.T, op, visitor uint, other, query, body string) {
		to := x.ops[op%uint(len(x.ops))]
		if r, ok := request(to.Method, x.path(to, other), query, "application/json", body); ok {
			x.ask(t, r, visitor)
		}
	})
}

// FuzzAddresses asks for whatever address: personal links are read there.
func FuzzAddresses(f *testing.F) {
	seeds := mutated.Of(f, fuzzTries)
	x := aTarget(f)
	for _, path := range []string{"/b/", "/b/x.y", "/d/%2e%2e/", "/signin/\x00", "/cohorts/..%2f", "/static/../secret", "/webhooks/stripe", "/api/v1/bookings/%00"} {
		seeds.Add(path, "next=//evil.example", uint(0))
	}
	seeds.Fuzz(func(t *testing.T, path, query string, visitor uint) {
		if r, ok := request(http.MethodGet, path, query, "", ""); ok {
			x.ask(t, r, visitor)
		}
	})
}

// FuzzCursors asks every list for whatever page. Cursors are made of keys, so some
// of them are of the right shape.
func FuzzCursors(f *testing.F) {
	seeds := mutated.Of(f, fuzzTries)
	x := aTarget(f)
	var lists []web.Route
	for _, route := range slices.Concat(x.pages, x.ops) {
		if route.Method == http.MethodGet {
			lists = append(lists, route)
		}
	}
	cursors := []string{
		`["co"]`, `["2027-04-09","co"]`, `["open","2027-04-09","co"]`, `["2027-04-09T10:00:00Z","x"]`, `["sent","2027-04-09T10:00:00Z","x"]`, `[true,7,"x"]`, `[null]`,
		`[[]]`, `["9999-12-31T23:59:59.999999999-14:00","x"]`, `[9223372036854775808,"x"]`, `{}`, `["\u0000"]`,
	}
	for i := range lists {
		seeds.Add(uint(i), uint(2+i%4), cursors[i%len(cursors)], i%5 > 0, "cohort=co&state=sent")
	}
	seeds.Fuzz(func(t *testing.T, list, visitor uint, cursor string, whole bool, query string) {
		to := lists[list%uint(len(lists))]
		if whole {
			cursor = base64.RawURLEncoding.EncodeToString([]byte(cursor))
		}
		if r, ok := request(to.Method, x.path(to, "x"), "after="+url.QueryEscape(cursor)+"&"+query, "", ""); ok {
			x.ask(t, r, visitor)
		}
	})
}

// FuzzStripe sends events that are signed: Stripe's own can be of any shape.
func FuzzStripe(f *testing.F) {
	seeds := mutated.Of(f, fuzzTries)
	x := aTarget(f)
	for _, object := range []string{
		`{"id":"pi_1","object":"payment_intent","metadata":{"lantern_booking":"bk_x"}}`, `{"id":7,"object":[]}`, `{}`, `null`,
		`{"id":"re_1","object":"refund","payment_intent":{"id":"pi_1"}}`, `{"id":"cs_1","object":"checkout.session","payment_intent":null}`,
	} {
		seeds.Add(`{"id":"evt_1","type":"payment_intent.succeeded","api_version":"2023-10-16","created":1,"data":{"object":` + object + `}}`)
		seeds.Add(`{"id":"evt_2","type":"charge.dispute.created","api_version":"2023-10-16","created":-9e18,"data":{"object":` + object + `}}`)
	}
	seeds.Fuzz(func(t *testing.T, payload string) {
		r, _ := request(http.MethodPost, "/webhooks/stripe", "", "application/json", payload)
		r.Header.Set(stripepay.SignatureHeader, sandbox.Sign([]byte(payload), x.webhookSecret, x.now()))
		x.ask(t, r, 0)
	})
}

// FuzzTwilio sends what Twilio might, signed.
func FuzzTwilio(f *testing.F) {
	seeds := mutated.Of(f, fuzzTries)
	x := aTarget(f)
	seeds.Add("", "MessageSid=SM1&From=%2B14155550132&Body=STOP")
	seeds.Add("", "MessageSid=SM2&From=&Body=%00yes&OptOutType=STOP")
	seeds.Add("text=m1", "MessageStatus=undelivered&ErrorCode=x")
	seeds.Fuzz(func(t *testing.T, query, form string) {
		r, ok := request(http.MethodPost, "/webhooks/twilio", query, "application/x-www-form-urlencoded", form)
		if !ok {
			return
		}
		address := x.settings.URL + r.URL.RequestURI()
		fields, err := url.ParseQuery(form)
		if err != nil {
			return
		}
		mac := hmac.New(sha1.New, []byte(twilioToken))
		mac.Write([]byte(address))
		for _, field := range slices.Sorted(maps.Keys(fields)) {
			mac.Write([]byte(field + fields.Get(field)))
		}
		r.Header.Set(sms.SignatureHeader, base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		x.ask(t, r, 0)
	})
}

// formFields are the fields of our forms, which chance would take long to find.
var formFields = []string{
	"accept_policy", "again", "agree", "agreement", "ahead", "answer", "at", "back", "booking", "call", "charge", "clock",
	"code", "code_limit", "cohort", "couple", "currency", "date", "do", "driver", "email", "first", "form_id",
	"guests_stay", "guides", "how", "instalment_days", "instalment_share", "intent", "kept", "key", "kind", "label",
	"leave", "location", "material", "material_days", "may_refund", "method", "minutes", "name", "needs_presence", "next",
	"on", "outcome", "partner", "payment", "phone", "place", "plan_clock", "plan_day", "plan_kind", "plan_minutes",
	"plan_receives", "plan_title", "plan_where", "price", "priority", "q", "quoted", "reason", "received", "receives",
	"reference", "refund", "relation", "rev", "rides", "role", "save_card", "seen", "session", "share", "shared_email",
	"show_price", "starts_on", "state", "step", "summary", "sure", "text", "tier_days", "tier_percent", "time_zone",
	"times", "title", "to", "understood", "version", "wait", "where", "who", "wish",
}
