package notifications

import (
	"context"
	"errors"
	"fmt"

	"lantern/internal/fault"
	"lantern/internal/jobs"
	"lantern/internal/store"
)

// start lets mails and texts be sent, a few at once.
func (d *dispatch) start(ctx context.Context) {
	mails := d.s.options.MailsAtOnce
	if mails == 0 {
		mails = mailsAtOnce
	}
	for range mails {
		d.workers.Go(func() { d.work(ctx, d.mails) })
	}
	for range textsAtOnce {
		d.workers.Go(func() { d.work(ctx, d.texts) })
	}
}

func (d *dispatch) work(ctx context.Context, lanes <-chan *lane) {
	for l := range lanes {
		for c, ok := d.next(l); ok; c, ok = d.next(l) {
			d.deal(ctx, c)
		}
	}
}

// deal brings a message to its end or to its next try. What has been claimed
// and not begun when the pass ends is given back.
func (d *dispatch) deal(ctx context.Context, c claim) {
	if ctx.Err() != nil {
		d.mark(ctx, c, result{state: Planned, later: c.dueAt})
		return
	}
	kept, err := d.s.renew(ctx, &c)
	if err != nil || !kept {
		d.fail(d.about(c, err))
		d.done()
		return
	}
	sending, cancel := context.WithTimeout(ctx, mostToSend)
	r, problem := d.s.attemptSafely(d.knowing(sending), *c.message)
	cancel()
	d.fail(d.about(c, problem))
	d.mark(ctx, c, r)
}

func (d *dispatch) about(c claim, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("sending message %s: %w", c.id, err)
}

// mark writes down what came of a message, while the next one is on its way. What
// a driver is asked decides on what they are asked next, so that is awaited.
func (d *dispatch) mark(ctx context.Context, c claim, r result) {
	d.unmarked <- struct{}{}
	booking, driver := c.message.BookingID, c.message.Driver
	marked := func() {
		err := d.s.mark(ctx, c, r)
		if driver != "" && r.state == Sent {
			err = errors.Join(err, d.s.driverAsked(ctx, booking, driver))
		}
		d.fail(d.about(c, err))
		<-d.unmarked
		d.done()
	}
	if driver != "" || d.s.options.InTurn {
		marked()
		return
	}
	d.workers.Go(marked)
}

// driverAsked notes that the driver of a session has been written to, unless the
// couple has no such session any more: it may have given up meanwhile, named
// somebody else or changed to other dates.
func (s *Service) driverAsked(ctx context.Context, booking, session string) error {
	err := s.options.Bookings.DriverAsked(ctx, booking, session)
	switch kind := fault.KindOf(err); {
	case kind == fault.Gone, kind == fault.NotFound, kind == fault.Conflict && !errors.Is(err, store.ErrStale):
		return nil
	}
	return err
}

// claim takes a message that was found for sending; nil when it is not to be had
// any more.
func (s *Service) claim(ctx context.Context, found *Message) (*claim, error) {
	c, taken := claim{id: found.ID, dueAt: *found.NextAt}, false
	now, err := s.messages.UpdateFound(ctx, found, func(stored *Message) error {
		if taken = stored.claim(s.options.Now()); taken {
			c.try, c.leased = stored.Tries, *stored.NextAt
		}
		return nil
	})
	if err == nil && taken && now == nil {
		now, err = s.messages.Get(ctx, c.id)
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil // it was forgotten meanwhile
	}
	if err != nil || !taken || now.Tries != c.try || now.State != Sending {
		return nil, err
	}
	c.message = now
	return &c, nil
}

// renew makes sure that the message is this process's for as long as sending and
// marking it may take. It reports whether it is still to be had.
func (s *Service) renew(ctx context.Context, c *claim) (bool, error) {
	if s.options.Now().Before(c.leased.Add(-mostToSend - mostToMark)) {
		return true, nil
	}
	kept := false
	now, err := s.messages.UpdateFound(ctx, c.message, func(stored *Message) error {
		if kept = stored.State == Sending && stored.Tries == c.try; kept {
			until := s.options.Now().Add(lease)
			stored.NextAt, c.leased = &until, until
		}
		return nil
	})
	if err == nil && kept && now == nil {
		now, err = s.messages.Get(ctx, c.id)
	}
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	c.message = now
	return kept, err
}

// mark writes down what came of an attempt. It outlasts the pass: a mail that
// has left and is not marked would be sent again.
func (s *Service) mark(ctx context.Context, c claim, r result) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mostToMark)
	defer cancel()
	_, err := s.messages.UpdateFound(ctx, c.message, func(stored *Message) error {
		stored.note(c.try, r, s.options.Now())
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil // it was forgotten meanwhile
	}
	return err
}

// attemptSafely is attempt, of which a panic is one more way to fail.
func (s *Service) attemptSafely(ctx context.Context, m Message) (r result, err error) {
	err = jobs.Safely(func() (err error) {
		r, err = s.attempt(ctx, m)
		return err
	})
	return r, err
}
