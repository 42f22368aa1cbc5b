package notifications

import (
	"context"
	"errors"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/store"
)

// What staff do with single messages. Each leaves a line in the message's trail.

// The named refusals of messages.
var (
	errNoMessage  = fault.New(fault.NotFound, "There is no such message.")
	errNotWaiting = fault.New(fault.Conflict, "This message does not wait to be sent any more. Please look at it again.")
	errNotFailed  = fault.New(fault.Conflict, "Only a message that could not be delivered can be tried again, while it is of use.")
	errStopped    = fault.New(fault.Conflict, "This is part of a reminder by hand that was stopped. Nothing of it leaves any more; please send a new one.")
	errNotHeld    = fault.New(fault.Conflict, "This message is not held back.")
)

// sendNow lets a message go at once, at whatever hour. Whether it still applies
// is asked once more.
func (m *Message) sendNow(by audit.By, now time.Time) error {
	if m.State != Planned && m.State != HeldBack || !now.Before(m.UsefulUntil) {
		return errNotWaiting
	}
	m.ByHand = true
	m.again(now)
	m.Trail = m.Trail.Add(by, now, audit.Line{What: "sent now"})
	return nil
}

// holdBack keeps a message from being sent until somebody says otherwise.
func (m *Message) holdBack(by audit.By, now time.Time) error {
	if m.State != Planned {
		return errNotWaiting
	}
	m.end(HeldBack)
	m.Trail = m.Trail.Add(by, now, audit.Line{What: "held back"})
	return nil
}

// release lets a message that was held back go when it is due.
func (m *Message) release(by audit.By, now time.Time) error {
	if m.State != HeldBack {
		return errNotHeld
	}
	m.again(m.DueAt)
	m.Trail = m.Trail.Add(by, now, audit.Line{What: "not held back any more"})
	return nil
}

// tryAgain begins anew with a message that could not be delivered.
func (m *Message) tryAgain(by audit.By, now time.Time) error {
	if m.State != Failed || !now.Before(m.UsefulUntil) || m.BookingID == "" {
		return errNotFailed
	}
	m.Tries = 0
	m.again(now)
	m.Trail = m.Trail.Add(by, now, audit.Line{What: "tried again"})
	return nil
}

// SendNow sends a planned message at once.
func (s *Service) SendNow(ctx context.Context, id string, by audit.By) error {
	return s.act(ctx, id, by, (*Message).sendNow)
}

// HoldBack keeps a planned message from being sent.
func (s *Service) HoldBack(ctx context.Context, id string, by audit.By) error {
	return s.act(ctx, id, by, (*Message).holdBack)
}

// Release lets a message go that was held back.
func (s *Service) Release(ctx context.Context, id string, by audit.By) error {
	return s.act(ctx, id, by, (*Message).release)
}

// TryAgain tries a message again that could not be delivered.
func (s *Service) TryAgain(ctx context.Context, id string, by audit.By) error {
	return s.act(ctx, id, by, (*Message).tryAgain)
}

func (s *Service) act(ctx context.Context, id string, by audit.By, decide func(*Message, audit.By, time.Time) error) error {
	known, err := s.messages.Get(ctx, id)
	if err == nil {
		var stopped bool
		if stopped, err = s.isStopped(ctx, *known); stopped {
			return errStopped
		}
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	err = s.messages.Update(ctx, id, func(m *Message) error {
		if m.BookingID == "" {
			return errNoMessage // a notice is between the program and its reader
		}
		return decide(m, by, s.options.Now())
	})
	if errors.Is(err, store.ErrNotFound) {
		return errNoMessage
	}
	if err == nil && s.options.Wake != nil {
		s.options.Wake()
	}
	return err
}

// Draft is what a message would say today. It holds nobody's link, and is empty
// for what would not be sent.
func (s *Service) Draft(ctx context.Context, m *Message) (Rendered, error) {
	if m.BookingID == "" {
		return Rendered{}, nil
	}
	data, applies, err := s.dataOf(ctx, m)
	if err != nil || !applies {
		return Rendered{}, err
	}
	data.Link, data.Other = ownLink, nil
	if m.Channel == ByText {
		body, err := s.wordsOf(ctx, m.Rule, data)
		return Rendered{Text: body}, err
	}
	return s.render(ctx, m.Rule, data)
}

// Filter says which messages somebody looks for; what is empty is any.
type Filter struct {
	Cohort, Booking string
	State           State
	// Channel is by what it goes; nil for both.
	Channel *Channel
	// Match says whether one that fits the rest is meant; nil for all.
	Match func(*Message) (bool, error)
}

const (
	// atATime is how many messages a page of what was looked for begins with,
	// mostLookedAt how many are looked at to fill it.
	atATime      = 50
	mostLookedAt = 1000
)

// Look gives messages about bookings: those that are planned by when they are
// due, others the newest first. It looks at a bounded number; next goes on.
func (s *Service) Look(ctx context.Context, f Filter, after string) (found []*Message, next string, err error) {
	q := store.Query{Index: byTime, Desc: true, Limit: atATime, After: after}
	switch {
	case f.Booking != "":
		q.Index, q.Equal = byBooking, []any{f.Booking}
	case f.State == Planned:
		q.Index, q.Equal, q.Desc = byNext, []any{Planned}, false
	case f.Cohort != "" && f.State != "":
		q.Index, q.Equal = byBoth, []any{f.Cohort, f.State}
	case f.Cohort != "":
		q.Index, q.Equal = byCohort, []any{f.Cohort}
	case f.State != "":
		q.Index, q.Equal = byState, []any{f.State}
	}
	for looked := 0; looked < mostLookedAt && len(found) < atATime; looked += atATime {
		page, err := s.messages.Find(ctx, q)
		if err != nil {
			return nil, "", err
		}
		for _, m := range page.Items {
			fits, err := f.fits(m)
			if err != nil {
				return nil, "", err
			}
			if fits {
				found = append(found, m)
			}
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	return found, q.After, nil
}

func (f Filter) fits(m *Message) (bool, error) {
	switch {
	case m.BookingID == "", f.Cohort != "" && m.CohortID != f.Cohort, f.Booking != "" && m.BookingID != f.Booking, f.State != "" && m.State != f.State:
		return false, nil
	case f.Channel != nil && m.Channel != *f.Channel:
		return false, nil
	case f.Match != nil:
		return f.Match(m)
	}
	return true, nil
}
