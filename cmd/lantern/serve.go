package main

import (
	"context"
	"fmt"
	"log/slog"
)

type serveCommand struct{ settings }

// Run serves until the process is told to stop.
func (c *serveCommand) Run(ctx context.Context, o *output) error {
	if err := c.check(); err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(o.err, nil))
	release, err := serveAlone(c.Store)
	if err != nil {
		return err
	}
	defer release()
	listener, err := listen(&c.settings)
	if err != nil {
		return err
	}
	a, err := openApp(ctx, c.settings, log, false, clock)
	if err != nil {
		return err
	}
	log.Info("serving", "address", c.Addr, "url", c.URL, "cards", cardsName(a), "mail", mailName(a))
	if a.smtp == nil {
		fmt.Fprintf(o.out, "Mail is not sent but kept in the outbox: %s/outbox?key=%s\n", c.URL, a.outboxKey())
	}
	return a.run(ctx, listener)
}

func cardsName(a *app) string {
	if a.sandbox != nil {
		return "sandbox"
	}
	return "stripe"
}

func mailName(a *app) string {
	if a.smtp == nil {
		return "outbox"
	}
	return "smtp"
}

type demoCommand struct {
	Addr string `default:"127.0.0.1:8080" env:"LANTERN_ADDR" placeholder:"HOST:PORT" help:"Listen on this address (${default})."`
	Data string `default:"./demo-data" env:"LANTERN_DEMO_DATA" placeholder:"FOLDER" help:"Keep the demonstration's files in this folder (${default})."`
}

// Run serves the demonstration.
func (c *demoCommand) Run(ctx context.Context, o *output) error {
	s := settings{Addr: c.Addr, Data: c.Data, Practice: "Cedar House", Contact: "+1 415 555 0132", Zone: "America/Los_Angeles"}
	if err := s.check(); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(o.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	release, err := serveAlone(s.Store)
	if err != nil {
		return err
	}
	defer release()
	listener, err := listen(&s)
	if err != nil {
		return err
	}
	if err := addSamplePast(ctx, s, log, clock()); err != nil {
		return err
	}
	a, err := openDemo(ctx, s, log, clock)
	if err != nil {
		return err
	}
	if err := addSamples(ctx, a.retreats, a.now()); err != nil {
		return err
	}
	a.onceServing = a.addSampleCouples
	links, err := sampleStaff(ctx, a.team, s.URL)
	if err != nil {
		return err
	}
	if err := a.sampleWishes(ctx); err != nil {
		return err
	}
	fmt.Fprintf(o.out, `Lantern, a demonstration. No money moves and no mail leaves.

  Retreats on offer   %s
  Mail as it arrives  %s/outbox
  The cards' side     %s/sandbox/control
  API                 %s/api
  The clock           moves on by the buttons on top of each page

  Sign in, once by each link and within a day:
%s
  Pay with the test card 4242 4242 4242 4242, any date to come, any CVC.
  Stop with Ctrl-C. Everything is kept in %s; delete it to start anew.
`, s.URL, s.URL, s.URL, s.URL, links, s.Data)
	return a.run(ctx, listener)
}
