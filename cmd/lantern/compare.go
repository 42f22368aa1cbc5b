package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

type compareCommand struct {
	teamFlags
	StripeKey string `name:"stripe-secret-key" env:"STRIPE_SECRET_KEY" placeholder:"KEY" help:"The Stripe account, as for serve."`
}

// errDifferences ends the command when a person has something to do.
var errDifferences = errors.New("the books differ")

// Run makes a comparison and prints it. The service may run meanwhile: both work
// on the same documents, each change in one step.
func (c *compareCommand) Run(ctx context.Context, o *output) error {
	s, err := c.settings()
	if err != nil {
		return err
	}
	if c.StripeKey == "" {
		return settingFaults{"STRIPE_SECRET_KEY: is not set, and the sandbox for cards lives inside the running service, which compares each night by itself"}
	}
	return compareNow(ctx, s, stripepay.New(stripepay.Config{SecretKey: c.StripeKey}), clock, o.out)
}

// compareNow compares the books of a service with those that the client shows.
func compareNow(ctx context.Context, s settings, pay *stripepay.Client, now func() time.Time, out io.Writer) (err error) {
	key, err := loadKey(s)
	if err != nil {
		return err
	}
	db, err := openStore(ctx, s.Store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	cohorts, err := retreats.NewService(ctx, db, now)
	if err != nil {
		return err
	}
	bookings, err := booking.NewService(ctx, booking.Options{
		DB: db, Retreats: cohorts, Key: key, BaseURL: s.URL, Now: now, Pay: pay,
		Changed: func() {}, // the service plans messages at its next tick
	})
	if err != nil {
		return err
	}
	run, err := bookings.Compare(ctx, access.Console().By())
	if run != nil {
		printComparison(out, run)
	}
	if err != nil {
		return inWords(err)
	}
	if run.Left > 0 {
		return errDifferences
	}
	return nil
}

func printComparison(out io.Writer, run *booking.Comparison) {
	if run.Trouble != "" {
		fmt.Fprintln(out, run.Trouble)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "At Stripe since %s\t%d card pages, %d payments, %d refunds, %d disputes, %d undelivered events\n",
		run.Since.Format(time.DateOnly), run.Checkouts, run.Intents, run.Refunds, run.Disputes, run.Events)
	fmt.Fprintf(table, "Here\t%d bookings with %d card payments\n", run.Bookings, run.Payments)
	fmt.Fprintf(table, "Mended\t%d\nFor a person\t%d\n", run.Mended, run.Left)
	table.Flush()
	for _, fault := range run.Endpoint.Faults() {
		fmt.Fprintln(out, fault)
	}
	for _, d := range run.Differences {
		fmt.Fprintf(out, "\n%s  booking %s  %s\n  %s\n", d.At.Format(time.DateTime), orNone(d.BookingID), d.Object, d.Words())
	}
	if run.More > 0 {
		fmt.Fprintf(out, "\n%d more are not listed.\n", run.More)
	}
	if run.HasAgreed() {
		fmt.Fprintln(out, "\nOur books and Stripe's agree.")
	}
}

func orNone(id string) string {
	if id == "" {
		return "unknown"
	}
	return id
}
