package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"lantern/booking"
	"lantern/internal/civil"
)

// A demonstration that begins today has no instalment that came, no card that
// was declined and nothing that went back. So its first start lets three weeks
// go by first, in a program of its own on a clock that is moved by hand.

// pastDays is how many days before the first start the first couples booked:
// before the first instalment of the three days, and while they cost less.
const pastDays = 21

// samplePast is the program in the time before the first start.
type samplePast struct {
	*app
	at atomic.Int64 // milliseconds since 1970
}

func (p *samplePast) time() time.Time { return time.UnixMilli(p.at.Load()).UTC() }

// addSamplePast fills the folder of a demonstration that has none of its
// documents yet. What is cut off leaves nothing behind but a folder that the
// next start makes anew.
func addSamplePast(ctx context.Context, s settings, log *slog.Logger, now time.Time) error {
	const documents = "lantern.db"
	to := s.Data
	if _, err := os.Stat(filepath.Join(to, documents)); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	s.Data, s.Store, s.Addr = filepath.Join(to, "unfinished"), "", "127.0.0.1:0"
	if err := os.RemoveAll(s.Data); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	if err := liveThePast(ctx, s, log, now); err != nil {
		return fmt.Errorf("the time before the demonstration: %w", err)
	}
	files, err := os.ReadDir(s.Data)
	if err != nil {
		return err
	}
	// The documents come last: they say that all else is there.
	for _, last := range []bool{false, true} {
		for _, file := range files {
			if (file.Name() == documents) != last {
				continue
			}
			if err := os.Rename(filepath.Join(s.Data, file.Name()), filepath.Join(to, file.Name())); err != nil {
				return err
			}
		}
	}
	return os.Remove(s.Data)
}

func liveThePast(ctx context.Context, s settings, log *slog.Logger, now time.Time) (err error) {
	listener, err := listen(&s)
	if err != nil {
		return err
	}
	p := &samplePast{}
	if p.app, err = openApp(ctx, s, log, true, p.time); err != nil {
		return errors.Join(err, listener.Close())
	}
	server := p.server.HTTPServer()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	defer func() {
		http.DefaultClient.CloseIdleConnections()
		err = errors.Join(err, p.stop(server))
		if end := <-served; !errors.Is(end, http.ErrServerClosed) {
			err = errors.Join(err, end)
		}
	}()
	return p.live(ctx, now)
}

// live lets the couples book, and then each day go by with what is due on it.
func (p *samplePast) live(ctx context.Context, now time.Time) error {
	zone := civil.ZoneOrUTC("America/Los_Angeles")
	today := civil.DateOf(now, zone)
	p.at.Store(today.AddDays(-pastDays).At("15:00", zone).UnixMilli())
	if err := addSamples(ctx, p.retreats, now); err != nil {
		return err
	}
	weekend, err := p.firstOf(ctx, "weekend")
	if err != nil {
		return err
	}
	if _, err := p.retreats.AddCode(ctx, weekend.ID, sampleCode, byConsole); err != nil {
		return err
	}
	given := map[int][]string{} // up, by days before the first start
	for i, couple := range pastCouples {
		id, err := p.bookPastCouple(ctx, i)
		if err != nil {
			return fmt.Errorf("sample couple %s: %w", couple.names[0], err)
		}
		given[couple.cancelled] = append(given[couple.cancelled], id)
		p.at.Add((20 * time.Minute).Milliseconds())
	}
	if err := p.happen(ctx); err != nil {
		return err
	}
	for days := pastDays - 1; days > 0; days-- {
		p.at.Store(today.AddDays(-days).At("10:00", zone).UnixMilli())
		for _, id := range given[days] {
			if err := p.bookings.Cancel(ctx, id, nil); err != nil {
				return err
			}
		}
		if err := p.happen(ctx); err != nil {
			return err
		}
	}
	return nil
}

// happen does what is due.
func (p *samplePast) happen(ctx context.Context) error {
	for range 2 {
		if err := p.sandbox.Deliver(ctx); err != nil {
			return err
		}
		for _, pass := range p.passes() {
			if err := pass.Run(ctx, p.time()); err != nil {
				return fmt.Errorf("pass %s: %w", pass.Name, err)
			}
		}
	}
	return nil
}

// payOnCardPage opens a card page, types a test card and comes back. The page's
// address is where people reach the service, which does not run yet.
func (a *app) payOnCardPage(ctx context.Context, id string, o booking.Order, card string) error {
	page, err := a.bookings.Pay(ctx, id, o)
	if err != nil {
		return err
	}
	own := "http://" + a.settings.Addr + strings.TrimPrefix(page, a.settings.URL)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(own, url.Values{"number": {card}, "exp": {"12/40"}, "cvc": {"123"}})
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil {
		return err
	}
	back, err := url.Parse(response.Header.Get("Location"))
	if err != nil {
		return err
	}
	return a.bookings.SyncCheckout(ctx, id, back.Query().Get("paid"))
}
