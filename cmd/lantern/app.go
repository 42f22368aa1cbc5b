package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"lantern/booking"
	"lantern/booking/bookingweb"
	"lantern/internal/access"
	"lantern/internal/civil"
	"lantern/internal/jobs"
	"lantern/internal/mailer"
	"lantern/internal/metrics"
	"lantern/internal/seal"
	"lantern/internal/sms"
	"lantern/internal/store"
	"lantern/internal/store/archive"
	"lantern/internal/store/mongo"
	"lantern/internal/store/sqlite"
	"lantern/internal/stripepay"
	"lantern/internal/stripepay/sandbox"
	"lantern/internal/web"
	"lantern/notifications"
	"lantern/notifications/notificationsweb"
	"lantern/retreats"
	"lantern/retreats/retreatsweb"
)

// app is the whole program, wired.
type app struct {
	settings settings
	log      *slog.Logger
	now      func() time.Time
	// signInNow is the clock of signing in. It guards a screen that somebody
	// sits at, so it is the machine's even where now is moved: a jump by a month
	// signs nobody out.
	signInNow func() time.Time
	demo      bool
	moved     *demoClock // nil but in the demonstration

	db       *store.DB
	key      seal.Key
	retreats *retreats.Service
	bookings *booking.Service
	talks    *booking.Consultations
	notices  *notifications.Service
	server   *web.Server
	tokens   *access.Tokens
	team     *access.Team
	runner   *jobs.Runner
	metrics  *metrics.Metrics
	sandbox  *sandbox.Sandbox // nil with real cards
	smtp     *mailer.SMTP     // nil without a mail server
	twilio   *sms.Twilio      // nil without an account there
	// onceServing is called when requests are answered; nil for nothing.
	onceServing func(context.Context)
	// forget removes saved answers, links and sessions that are over.
	forget func(context.Context, time.Time) error
}

// openStore opens the store that the settings name.
func openStore(ctx context.Context, uri string) (*store.DB, error) {
	engine, err := openEngine(ctx, uri)
	if err != nil {
		return nil, err
	}
	return store.Open(engine), nil
}

func openEngine(ctx context.Context, uri string) (engine store.Engine, err error) {
	if path, ok := strings.CutPrefix(uri, "sqlite:"); ok {
		if engine, err = sqlite.Open(ctx, path); err != nil {
			return nil, fmt.Errorf("opening the store: %w. Is the disk full, or the folder read-only?", err)
		}
	} else {
		engine, err = mongo.Open(ctx, uri)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	return engine, nil
}

func loadKey(s settings) (seal.Key, error) {
	if s.Secret != "" {
		return seal.Parse(s.Secret)
	}
	return seal.Load(s.Data)
}

// clock is the time as the store keeps it.
func clock() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// openApp wires the parts. It starts nothing yet.
func openApp(ctx context.Context, s settings, log *slog.Logger, demo bool, now func() time.Time) (*app, error) {
	a := &app{settings: s, log: log, demo: demo, now: now, signInNow: now}
	return a, a.open(ctx)
}

func (a *app) open(ctx context.Context) (err error) {
	if a.key, err = loadKey(a.settings); err != nil {
		return err
	}
	a.metrics = metrics.New()
	engine, err := openEngine(ctx, a.settings.Store)
	if err != nil {
		return err
	}
	a.db = store.Open(a.metrics.Engine(engine))
	defer func() {
		if err != nil {
			err = errors.Join(err, a.db.Close())
		}
	}()
	if err := archive.RefuseHalf(ctx, a.db); err != nil {
		return err
	}
	if err := a.openServices(ctx); err != nil {
		return err
	}
	if err := a.openServer(ctx); err != nil {
		return err
	}
	a.runner = jobs.New(a.log, a.now, a.passes()...)
	a.metrics.Watch(a.runner.Status, a.figures, a.log)
	a.metrics.Count(a.counts, a.log)
	return nil
}

func (a *app) openServices(ctx context.Context) (err error) {
	pay, err := a.openCards()
	if err != nil {
		return err
	}
	if a.retreats, err = retreats.NewService(ctx, a.db, a.now); err != nil {
		return err
	}
	a.bookings, err = booking.NewService(ctx, booking.Options{
		DB: a.db, Retreats: a.retreats, Pay: pay, Key: a.key, BaseURL: a.settings.URL, Practice: a.settings.Practice, Now: a.now,
		Changed: func() { a.runner.Wake(passPlan) }, Compare: func() { a.runner.Wake(passCompare) },
		Zone: civil.ZoneOrUTC(a.settings.Zone), WebhookURL: a.webhookURL(),
	})
	if err != nil {
		return err
	}
	a.talks, err = booking.NewConsultations(ctx, booking.ConsultationOptions{
		DB: a.db, Key: a.key, BaseURL: a.settings.URL, Zone: civil.ZoneOrUTC(a.settings.Zone), Now: a.now,
		Changed: func() { a.runner.Wake(passTalks) }, Colleagues: a.toldOfRequests,
	})
	return err
}

// webhookURL is where Stripe's events come to. The sandbox does not go by the
// public address.
func (a *app) webhookURL() string {
	if a.settings.StripeKey != "" {
		return a.settings.URL + "/webhooks/stripe"
	}
	return "http://" + a.settings.Addr + "/webhooks/stripe"
}

// openCards makes the client for Stripe, or for the sandbox when no key is set.
func (a *app) openCards() (*stripepay.Client, error) {
	network := a.metrics.Transport(http.DefaultTransport.(*http.Transport).Clone())
	if a.settings.StripeKey != "" {
		return stripepay.New(stripepay.Config{SecretKey: a.settings.StripeKey, WebhookSecret: a.settings.StripeWebhook, Transport: network}), nil
	}
	// The sandbox is called over HTTP like Stripe, at the address that the
	// service listens on.
	own := "http://" + a.settings.Addr
	secrets := a.key.Derive("sandbox")
	secret, webhookSecret := "sk_test_"+secrets.Token("key"), "whsec_"+secrets.Token("webhook")
	var err error
	a.sandbox, err = sandbox.New(sandbox.Options{
		Now: a.now, Secret: secret, WebhookSecret: webhookSecret,
		BaseURL: a.settings.URL + "/sandbox", WebhookURL: a.webhookURL(),
		Path: filepath.Join(a.settings.Data, sandboxFile), Log: a.log, Control: a.demo,
	})
	if err != nil {
		return nil, err
	}
	return stripepay.New(stripepay.Config{SecretKey: secret, WebhookSecret: webhookSecret, APIURL: own + "/sandbox", Transport: network, Now: a.now}), nil
}

func (a *app) openServer(ctx context.Context) error {
	practice := web.Practice{Name: a.settings.Practice, Contact: a.settings.Contact}
	renderer, err := web.NewRenderer(web.Site{
		Practice: practice, Demo: a.demo, Sandbox: a.sandbox != nil, Outbox: a.demo,
	})
	if err != nil {
		return err
	}
	if a.team, err = access.NewTeam(ctx, a.db, a.key, a.signInNow); err != nil {
		return err
	}
	if err := a.openNotices(ctx, renderer); err != nil {
		return err
	}
	if a.tokens, err = access.NewTokens(ctx, a.db, a.now); err != nil {
		return err
	}
	answers, err := web.NewAnswers(ctx, a.db, a.key, a.now)
	if err != nil {
		return err
	}
	options := web.Options{
		Log: a.log, Renderer: renderer, Tokens: a.tokens, Team: a.team, Answers: answers, BaseURL: a.settings.URL, Now: a.signInNow,
		SendLink: a.sendLink, Owner: a.bookings.Owner, Proxies: a.settings.Proxies, Measured: a.metrics.Request,
		Today: a.now, Zone: civil.ZoneOrUTC(a.settings.Zone),
	}
	if a.sandbox == nil {
		options.CardPages = "https://checkout.stripe.com"
	} else {
		// The sandbox's pages are at the service's own address, which a visitor
		// may have reached by another name (127.0.0.1 for localhost).
		options.CardPages = a.settings.URL
	}
	if !a.demo {
		options.OutboxKey = a.outboxKey()
	}
	if a.moved != nil {
		options.Clock = a.moved
	}
	a.server = web.NewServer(options)
	if a.sandbox != nil {
		a.server.MountHandler("/sandbox", a.sandbox.Handler())
	}
	retreatsweb.Mount(a.server, retreatsweb.Options{Retreats: a.retreats, Tokens: a.tokens, Couples: a.couplesOf})
	bookingweb.Mount(a.server, bookingweb.Options{
		Bookings: a.bookings, Retreats: a.retreats, Talks: a.talks, Sent: a.sentTo, BaseURL: a.settings.URL, Contact: a.settings.Contact,
		Texts: a.twilio != nil || a.smtp == nil,
	})
	notificationsweb.Mount(a.server, a.notices, a.smtp == nil)
	if a.twilio != nil {
		notificationsweb.MountTexts(a.server, a.notices, a.twilio)
	}
	notificationsweb.MountStaff(a.server, notificationsweb.StaffOptions{Notices: a.notices, Bookings: a.bookings, Retreats: a.retreats})
	web.MountOperations(a.server, a.operations())
	a.forget = func(ctx context.Context, now time.Time) error {
		return errors.Join(answers.Forget(ctx, now), a.team.Forget(ctx, a.signInNow()), a.talks.ForgetDue(ctx, now, a.notices.Forget))
	}
	return nil
}

// outboxKey opens the outbox where it is not open to everybody.
func (a *app) outboxKey() string { return a.key.Derive("outbox").Token("key") }

// Names of the passes, to wake them by.
const (
	passPlan     = "plan messages"
	passDispatch = "send messages"
	passCompare  = "compare with Stripe"
	passTalks    = "tell about first talks"
)

// tick is how often a pass looks for work when nobody wakes it.
const tick = 5 * time.Second

// sendTick is how long what falls due by time alone may wait to be sent.
const sendTick = 2 * time.Second

// timely are the passes that bring about what time does. In the demonstration
// they run at each stop of the clock.
func (a *app) timely() []jobs.Pass {
	pass := func(name string, every time.Duration, run func(context.Context, time.Time) error) jobs.Pass {
		return jobs.Pass{Name: name, Every: every, Timeout: mostForPass, Run: run}
	}
	return []jobs.Pass{
		pass("settle cohorts", tick, a.bookings.SettleCohorts),
		pass("attend to bookings", tick, a.bookings.AttendDue),
		pass("act on events", time.Minute, a.bookings.ActOnEvents),
		pass(passPlan, tick, func(ctx context.Context, now time.Time) error {
			err := a.notices.PlanDue(ctx, now)
			a.runner.Wake(passDispatch)
			return err
		}),
		pass("plan digests", tick, a.notices.TellDigests),
		// What was stopped must be held back before anything leaves.
		pass(passDispatch, sendTick, func(ctx context.Context, now time.Time) error {
			return errors.Join(a.notices.SpreadDue(ctx, now), a.notices.DispatchDue(ctx, now))
		}),
		pass(passTalks, tick, func(ctx context.Context, now time.Time) error { return a.talks.TellDue(ctx, now, a.tellTalk) }),
	}
}

// mostForPass bounds one run of a pass.
const mostForPass = 5 * time.Minute

func (a *app) passes() []jobs.Pass {
	all := append(a.timely(),
		jobs.Pass{Name: "forget old answers", Every: time.Hour, Timeout: mostForPass, Run: a.forget},
		// A comparison of many years takes its time; one that is cut off goes on.
		jobs.Pass{Name: passCompare, Every: time.Minute, Timeout: time.Hour, Run: a.bookings.CompareDue},
		jobs.Pass{Name: "check the webhook endpoint", Every: 24 * time.Hour, Timeout: mostForPass, Run: a.checkEndpoint})
	for i := range all {
		all[i].Run = a.apart(all[i].Run)
	}
	return all
}

// checkEndpoint tells the log what is wrong with our webhook endpoint at Stripe,
// once at the start: without it payments are heard of late.
func (a *app) checkEndpoint(ctx context.Context, _ time.Time) error {
	state, err := a.bookings.CheckEndpoint(ctx)
	for _, fault := range state.Faults() {
		a.log.Warn(fault)
	}
	return err
}

// Bounds of stopping: what runs may end by itself, then it is cut off. All of
// it is taken up again at the next start.
const (
	stopRequests = 15 * time.Second
	stopPasses   = 10 * time.Second
	// stopLeaving is for how long requests are still taken: what was sent before
	// anybody could know is read by then.
	stopLeaving = 300 * time.Millisecond
)

// run serves until ctx ends, then stops in order: no new requests, no new
// passes, the store last.
func (a *app) run(ctx context.Context, listener net.Listener) error {
	server := a.server.HTTPServer()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if a.sandbox != nil {
		a.sandbox.Start()
	}
	err := a.runner.Start()
	if err == nil && a.onceServing != nil {
		a.onceServing(ctx)
	}
	if err == nil {
		select {
		case <-ctx.Done():
		case err = <-served:
			err = fmt.Errorf("serving: %w", err)
		}
	}
	a.log.Info("stopping")
	if err == nil {
		a.server.Leave()
		time.Sleep(stopLeaving)
	}
	return errors.Join(err, a.stop(server))
}

func (a *app) stop(server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopRequests)
	defer cancel()
	var failed []error
	if err := server.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
		a.log.Warn("requests were cut off, since they did not end in time")
		failed = append(failed, server.Close())
	} else {
		failed = append(failed, err)
	}
	failed = append(failed, a.server.Wait(ctx))
	if a.sandbox != nil {
		failed = append(failed, a.sandbox.Stop(ctx))
	}
	ctx, cancel = context.WithTimeout(context.Background(), stopPasses)
	defer cancel()
	if err := a.runner.Stop(ctx); err != nil {
		// What was cut off is found again at the next start.
		a.log.Warn("stopping", "error", err.Error())
	}
	if a.smtp != nil {
		failed = append(failed, a.smtp.Close())
	}
	return errors.Join(append(failed, a.db.Close())...)
}

// listen opens the address and puts the port that was given into the settings,
// so that port 0 works.
func listen(s *settings) (net.Listener, error) {
	listener, err := net.Listen("tcp", s.Addr)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", s.Addr, err)
	}
	s.Addr = listener.Addr().String()
	base, err := url.Parse(s.URL)
	if err == nil && base.Port() == "0" {
		_, port, _ := net.SplitHostPort(s.Addr)
		base.Host = net.JoinHostPort(base.Hostname(), port)
		s.URL = base.String()
	}
	return listener, nil
}
