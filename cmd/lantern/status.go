package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/jobs"
	"lantern/internal/store"
	"lantern/internal/web"
	"lantern/notifications"
)

// mayWait is how far a pass may be behind before staff read of it: some ticks.
const mayWait = time.Minute

// status says in plain words how the service is doing.
func (a *app) status(ctx context.Context) (web.Health, error) {
	zone, now := civil.ZoneOrUTC(a.settings.Zone), a.now()
	s := web.Health{At: web.Clock(now, zone), Zone: web.ZoneName(zone.String())}
	backlogs, err := a.backlogs(ctx)
	if err != nil {
		return s, err
	}
	for _, b := range backlogs {
		s.Lines = append(s.Lines, backlogLine(b, now, zone))
	}
	failed, err := a.notices.CountIn(ctx, notifications.Failed, mostFailed)
	if err != nil {
		return s, err
	}
	s.Lines = append(s.Lines, undelivered(failed))
	for _, p := range a.runner.Status() {
		if p.LastError != "" {
			s.Lines = append(s.Lines, web.HealthLine{
				What: "The last try to " + p.Name + " met an error, at " + web.Clock(p.LastEnd, zone) + ".",
				More: "It goes on by itself; what it was is in the service's log.",
			})
		}
	}
	last, err := a.bookings.LastComparison(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return s, err
	}
	s.Lines = append(s.Lines, comparedLine(last, now, zone))
	if last != nil {
		for _, fault := range last.Endpoint.Faults() {
			s.Lines = append(s.Lines, web.HealthLine{What: fault, URL: "/staff/money"})
		}
	}
	return s, nil
}

// works are the backlogs in words: what is so when nothing waits, and of what
// something waits.
var works = map[string]struct{ done, one, many string }{
	"messages":      {"All messages due until %s are out.", "message", "messages"},
	"cohorts":       {"All deadlines of places and offers until %s are dealt with.", "cohort", "cohorts"},
	"bookings":      {"All that was due for bookings until %s, such as charges and refunds, is done.", "booking", "bookings"},
	"plans":         {"All reminders are planned for what changed until %s.", "booking", "bookings"},
	"stripe_events": {"All that Stripe told us until %s has been read.", "word from Stripe", "words from Stripe"},
}

func backlogLine(b jobs.Backlog, now time.Time, zone *time.Location) web.HealthLine {
	words := works[b.Work]
	line := web.HealthLine{OK: b.Lag(now) < mayWait}
	if b.Since == nil {
		line.What = fmt.Sprintf(words.done, web.Clock(now, zone))
		return line
	}
	since := shortMoment(*b.Since, now, zone)
	if line.OK {
		line.What = fmt.Sprintf(words.done, since)
		line.More = web.Count(int(b.Waiting), words.one, words.many) + " in work."
		return line
	}
	waits := " waits"
	if b.Waiting > 1 {
		waits = " wait"
	}
	line.What = web.Count(int(b.Waiting), words.one, words.many) + waits + ", the first since " + since + "."
	line.More = "It is tried again and again by itself."
	if b.Work == "messages" {
		line.URL = "/staff/messages?state=" + string(notifications.Planned)
	}
	return line
}

// shortMoment is a time of today as "14:05", else with its day.
func shortMoment(t, now time.Time, zone *time.Location) string {
	if civil.DateOf(t, zone) == civil.DateOf(now, zone) {
		return web.Clock(t, zone)
	}
	return web.Clock(t, zone) + " on " + web.Date(t, zone)
}

// mostFailed bounds how many messages are counted that could not be delivered.
const mostFailed = 100

func undelivered(n int) web.HealthLine {
	words := web.Count(n, "message", "messages")
	switch n {
	case mostFailed:
		words += " or more"
	case 0:
		return web.HealthLine{OK: true, What: "No message has failed for good."}
	}
	return web.HealthLine{
		OK: true, What: words + " could not be delivered, in all.",
		More: "Each is on the board of its couple.", URL: "/staff/messages?state=" + string(notifications.Failed),
	}
}

// compareLate is how old the last comparison may be: a night and some hours.
const compareLate = 30 * time.Hour

func comparedLine(last *booking.Comparison, now time.Time, zone *time.Location) web.HealthLine {
	switch {
	case last == nil:
		return web.HealthLine{OK: true, What: "Our books will be compared with Stripe's tonight for the first time.", URL: "/staff/money"}
	case now.Sub(*last.EndedAt) > compareLate:
		return web.HealthLine{What: "Our books were last compared with Stripe's at " + shortMoment(*last.EndedAt, now, zone) + ".", URL: "/staff/money"}
	case last.Left > 0:
		return web.HealthLine{What: "Comparing our books with Stripe's left " + web.Count(last.Left, "difference", "differences") + " to a person.", URL: "/staff/money"}
	}
	return web.HealthLine{OK: true, What: "Our books agree with Stripe's as of " + shortMoment(*last.EndedAt, now, zone) + ".", URL: "/staff/money"}
}
