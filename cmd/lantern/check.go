package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"lantern/internal/mailer"
	"lantern/internal/store/archive"
)

type checkCommand struct{ settings }

// errWrong ends the command when something is wrong.
var errWrong = errors.New("something is wrong: see the lines above")

// stripeAddress is asked what time it is.
const stripeAddress = "https://api.stripe.com/v1"

// Run looks at everything that a service hangs on, and prints a line for each.
// The service may run meanwhile. Nothing is sent.
func (c *checkCommand) Run(ctx context.Context, o *output) error {
	if err := c.check(); err != nil {
		return err
	}
	return checkAll(ctx, c.settings, o.out, stripeAddress)
}

// findings are what a check has said.
type findings struct {
	out   io.Writer
	wrong int
}

func (f *findings) ok(format string, args ...any) { f.say("ok", format, args...) }

// unsure is for what cannot be looked at from here.
func (f *findings) unsure(format string, args ...any) { f.say("unsure", format, args...) }

func (f *findings) bad(format string, args ...any) {
	f.wrong++
	f.say("wrong", format, args...)
}

func (f *findings) say(verdict, format string, args ...any) {
	fmt.Fprintf(f.out, "%-7s %s\n", verdict, fmt.Sprintf(format, args...))
}

func checkAll(ctx context.Context, s settings, out io.Writer, clockAddress string) error {
	f := &findings{out: out}
	f.ok("The settings are complete: cards %s, mail %s.", cardsOf(s), mailOf(s))
	f.folder(s)
	f.mail(ctx, s)
	f.clock(ctx, s, clockAddress)
	if err := f.store(ctx, s); err != nil {
		f.bad("The store cannot be used: %v", err)
	}
	if f.wrong > 0 {
		return errWrong
	}
	return nil
}

func cardsOf(s settings) string {
	if s.StripeKey == "" {
		return "by the sandbox, in which no money moves"
	}
	return "by Stripe"
}

func mailOf(s settings) string {
	if s.SMTP == "" {
		return "kept in the outbox and not sent"
	}
	return "by SMTP"
}

// folder looks whether the data folder can be written to.
func (f *findings) folder(s settings) {
	file, err := os.CreateTemp(s.Data, "check-")
	if err == nil {
		_, err = file.WriteString("check")
		err = errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	if err != nil {
		f.bad("The data folder cannot be written to: %v", err)
		return
	}
	f.ok("The data folder %s can be written to.", s.Data)
}

func (f *findings) mail(ctx context.Context, s settings) {
	if s.SMTP == "" {
		return
	}
	server, err := mailer.New(s.SMTP, s.From)
	if err == nil {
		err = server.Check(ctx)
	}
	if err != nil {
		f.bad("Mail cannot be sent: %v", err)
		return
	}
	f.ok("The mail server answers and lets us in. Nothing was sent.")
}

// mostClockError is well within what Stripe's signatures bear (five minutes).
const mostClockError = 30 * time.Second

// clock compares the machine's clock with that of Stripe's servers.
func (f *findings) clock(ctx context.Context, s settings, address string) {
	if s.StripeKey == "" {
		f.unsure("The clock says %s. Nobody is asked what time it is without Stripe.", clock().Format(time.DateTime+" MST"))
		return
	}
	there, took, err := timeAt(ctx, address)
	if err != nil {
		f.unsure("The clock could not be compared with Stripe's: %v", err)
		return
	}
	// The other clock shows whole seconds.
	off := time.Since(there) - took/2
	if off.Abs() > mostClockError+took {
		f.bad("The clock is %s off Stripe's: let the machine keep time by NTP.", off.Round(time.Second))
		return
	}
	f.ok("The clock agrees with Stripe's.")
}

// timeAt is what time it is at a server, and how long it took to say so.
func timeAt(ctx context.Context, address string) (at time.Time, took time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return at, 0, err
	}
	begun := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return at, 0, err
	}
	took = time.Since(begun)
	at, err = http.ParseTime(response.Header.Get("Date"))
	return at, took, errors.Join(err, response.Body.Close())
}

func (f *findings) store(ctx context.Context, s settings) (err error) {
	if err := storeThere(s.Store); err != nil {
		return err
	}
	key, err := knownKey(s)
	if err != nil {
		return err
	}
	r, err := openRecords(ctx, s, key, clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.db.Close()) }()
	if err := errors.Join(archive.RefuseHalf(ctx, r.db), archive.TryWriting(ctx, r.db, clock())); err != nil {
		return err
	}
	f.ok("The store answers and can be written to, and its indexes are there.")
	unknown, err := r.db.Unknown(ctx)
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		f.bad("The store has collections that this version does not know: %q. Was it used by a newer one?", unknown)
	}
	if s.StripeKey != "" {
		f.endpoint(ctx, r)
	}
	return f.books(ctx, r)
}

func (f *findings) endpoint(ctx context.Context, r *records) {
	state, _ := r.bookings.CheckEndpoint(ctx) // the state says so as well
	faults := state.Faults()
	for _, fault := range faults {
		f.bad("%s", fault)
	}
	if len(faults) == 0 {
		f.ok("Stripe answers, and its webhook endpoint is in order.")
	}
}

// books counts all places and all money anew.
func (f *findings) books(ctx context.Context, r *records) error {
	all, err := r.bookings.RecountAll(ctx)
	if err != nil {
		return err
	}
	for _, wrong := range all.Wrong {
		f.bad("%s", wrong)
	}
	if len(all.Wrong) == 0 {
		f.ok("The places of %d cohorts and the money of %d bookings add up.", all.Cohorts, all.Bookings)
	}
	return nil
}
