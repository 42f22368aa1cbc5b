package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lantern/booking"
	"lantern/internal/store"
	"lantern/internal/web"
	"lantern/notifications"
	"lantern/retreats"
)

// coming is something that happens by itself at a time. Of what it is about, one
// is set, or none for what only the machine cares about.
type coming struct {
	at       time.Time
	cohort   *retreats.Cohort // its deadline, or its session
	session  *retreats.Session
	booking  *booking.Booking
	message  *notifications.Message
	digest   string // whose digest is due
	internal string // who it is that has something to do
}

// is reports whether both are the same thing, so that work which does not get
// done is recognised.
func (e coming) is(other coming) bool { return e.at.Equal(other.at) && e.id() == other.id() }

func (e coming) id() string {
	switch {
	case e.session != nil:
		return e.session.ID
	case e.cohort != nil:
		return e.cohort.ID
	case e.booking != nil:
		return e.booking.ID
	case e.message != nil:
		return e.message.ID
	case e.digest != "":
		return e.digest
	}
	return e.internal
}

// due gives what waits for a pass from that time on, so many of each kind, the
// first one first.
func (a *app) due(ctx context.Context, from time.Time, most int) ([]coming, error) {
	cohorts, err := a.retreats.NextDeadlines(ctx, from, most)
	if err != nil {
		return nil, err
	}
	bookings, err := a.bookings.NextLooks(ctx, from, most)
	if err != nil {
		return nil, err
	}
	messages, err := a.notices.NextDue(ctx, from, most)
	if err != nil {
		return nil, err
	}
	sending, err := a.notices.NextSending(ctx, from)
	if err != nil {
		return nil, err
	}
	unheard, err := a.bookings.NextUnheard(ctx, from)
	if err != nil {
		return nil, err
	}
	digests, err := a.team.ComingDigests(ctx, from)
	if err != nil {
		return nil, err
	}
	var all []coming
	for _, d := range digests[:min(most, len(digests))] {
		all = append(all, coming{at: d.At, digest: d.Name})
	}
	for _, c := range cohorts {
		all = append(all, coming{at: *c.NextDeadline, cohort: c})
	}
	for _, b := range bookings {
		all = append(all, coming{at: *b.AttendAt, booking: b})
	}
	for _, m := range messages {
		all = append(all, coming{at: *m.NextAt, message: m})
	}
	if sending != nil {
		all = append(all, coming{at: *sending, internal: "sendings by hand"})
	}
	if unheard != nil {
		all = append(all, coming{at: *unheard, internal: "plans and events"})
	}
	if at, ok := a.sandbox.NextDue(); ok && !at.Before(from) {
		all = append(all, coming{at: at, internal: "cards"})
	}
	slices.SortStableFunc(all, func(a, b coming) int { return a.at.Compare(b.at) })
	return all, nil
}

// after gives what happens by itself after that time, the first one first: what
// waits for a pass, and the next session.
func (a *app) after(ctx context.Context, now time.Time, most int) ([]coming, error) {
	all, err := a.due(ctx, now.Add(time.Millisecond), most)
	if err != nil {
		return nil, err
	}
	cohort, session, err := a.retreats.NextSession(ctx, now)
	if session != nil {
		all = append(all, coming{at: session.StartsAt, cohort: cohort, session: session})
		slices.SortStableFunc(all, func(a, b coming) int { return a.at.Compare(b.at) })
	}
	return all, err
}

// describe says in words what is to come, or nothing where nobody would see it:
// a booking is looked at many times, and mostly rests again.
func (a *app) describe(ctx context.Context, e coming) (string, error) {
	switch {
	case e.session != nil:
		return fmt.Sprintf("“%s” of %s begins", e.session.Title, nameOf(e.cohort)), nil
	case e.cohort != nil:
		return a.describeDeadline(ctx, e)
	case e.booking != nil:
		c, err := a.bookings.CaseOf(ctx, e.booking)
		if err != nil {
			return "", err
		}
		return lookInWords(c, e.at), nil
	case e.digest != "":
		return "the digest of " + e.digest, nil
	case e.message != nil && e.message.To != nil:
		return "a mail to " + e.message.To.Name, nil
	case e.message != nil && e.message.Reader != "":
		return "a mail to staff on duty", nil
	case e.message != nil:
		b, err := a.bookings.Case(ctx, e.message.BookingID)
		if errors.Is(err, store.ErrNotFound) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		return "a mail to " + b.Booking.Partners[e.message.Partner].Name, nil
	}
	return "", nil
}

func (a *app) describeDeadline(ctx context.Context, e coming) (string, error) {
	of := func(bookingID, before, after string) (string, error) {
		b, err := a.bookings.Case(ctx, bookingID)
		if errors.Is(err, store.ErrNotFound) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		return before + couple(b.Booking) + after, nil
	}
	for _, p := range e.cohort.Roster.Places {
		if p.State == retreats.Offered && p.Until != nil && p.Until.Equal(e.at) {
			return of(p.Booking, "the offer to ", " ends")
		}
	}
	for _, k := range e.cohort.Roster.KeptBack {
		if k.Until.Equal(e.at) {
			return of(k.Booking, "the place that ", " gave up is free for others")
		}
	}
	if e.at.Equal(e.cohort.End()) {
		return nameOf(e.cohort) + " ends", nil
	}
	return "", nil
}

// lookInWords says why a booking is looked at then, if couples notice it.
func lookInWords(c booking.Case, at time.Time) string {
	if until := c.Standing.Until; c.Standing.State == retreats.Held && until != nil && until.Equal(at) {
		return "the time ends in which " + couple(c.Booking) + " can pay"
	}
	for _, charge := range c.Booking.Charges {
		for _, part := range c.OpenParts(charge) {
			if part.At != nil && part.At.Equal(at) {
				return fmt.Sprintf("%s is taken from the card of %s", part.Amount, c.Booking.Partners[part.Partner].Name)
			}
		}
	}
	return ""
}

func nameOf(c *retreats.Cohort) string {
	return c.Programme.Name + ", " + web.Dates(c.StartsOn, c.EndsOn)
}

func couple(b *booking.Booking) string {
	return b.Partners[0].Name + " and " + b.Partners[1].Name
}
