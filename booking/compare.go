package booking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/internal/audit"
	"lantern/internal/store"
	"lantern/internal/stripepay"
)

// errNotOurs: somebody else goes on with the run, or it has ended.
var errNotOurs = errors.New("the comparison is somebody else's by now")

// CompareDue compares our books with Stripe's each night, when it was asked
// for, and where a run was cut off. What has to be done follows from the stored
// runs, so that a machine which was off at night does it when it is back.
func (s *Service) CompareDue(ctx context.Context, now time.Time) error {
	open, err := s.openComparisons(ctx)
	if err != nil {
		return err
	}
	nightly := false
	for _, run := range open {
		nightly = nightly || run.Why == WhyNightly
	}
	if !nightly { // else the next night's has to wait for it
		if open, err = s.addNightly(ctx, open, now); err != nil {
			return err
		}
	}
	var failed []error
	for _, run := range open {
		if run.isFree(s.holder, now) {
			failed = append(failed, s.goOn(ctx, run.ID))
		}
	}
	return errors.Join(failed...)
}

// openComparisons are the runs that have not ended.
func (s *Service) openComparisons(ctx context.Context) ([]*Comparison, error) {
	open, err := s.comparisons.Find(ctx, store.Query{Index: byLease})
	return open.Items, err
}

// addNightly adds the run of the last night, if there has been none.
func (s *Service) addNightly(ctx context.Context, open []*Comparison, now time.Time) ([]*Comparison, error) {
	id, _ := nightOf(now, s.zone)
	_, err := s.comparisons.Get(ctx, id)
	if !errors.Is(err, store.ErrNotFound) {
		return open, err
	}
	run, err := s.begin(ctx, id, WhyNightly, "", now)
	if errors.Is(err, store.ErrExists) {
		return open, nil // another process has just added it
	}
	if err != nil {
		return open, err
	}
	return append(open, run), nil
}

// AskComparison lets a comparison be made now. Who asks while one that was
// asked for runs, waits for that one.
func (s *Service) AskComparison(ctx context.Context, by audit.By) error {
	open, err := s.openComparisons(ctx)
	if err != nil {
		return err
	}
	for _, run := range open {
		if run.Why == WhyByHand {
			s.compare()
			return nil
		}
	}
	now := s.now()
	if _, err := s.begin(ctx, handID(now), WhyByHand, by.Name, now); err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	s.compare()
	return nil
}

func handID(now time.Time) string { return fmt.Sprintf("hand-%d", now.UnixMilli()) }

// Compare makes a comparison now, in this process, and gives it when it has
// ended. With an error the run, if there is one, shows how far it came; the
// service goes on with it.
func (s *Service) Compare(ctx context.Context, by audit.By) (*Comparison, error) {
	now := s.now()
	run, err := s.begin(ctx, handID(now), WhyByHand, by.Name, now)
	if err != nil {
		return nil, err
	}
	failed := s.goOn(ctx, run.ID)
	failed = errors.Join(append(s.unsaid.take(), failed)...)
	if run, err = s.comparisons.Get(ctx, run.ID); err != nil {
		return nil, errors.Join(failed, err)
	}
	if failed == nil && run.EndedAt == nil {
		failed = errNotOurs
	}
	return run, failed
}

// begin stores a new run. Its window reaches back to before the last run, or to
// the first booking if there has been none.
func (s *Service) begin(ctx context.Context, id, why, by string, now time.Time) (*Comparison, error) {
	since := now.Add(-compareWindow)
	earlier := func(t time.Time) {
		if t.Before(since) {
			since = t
		}
	}
	last, err := s.LastComparison(ctx)
	switch {
	case err == nil:
		earlier(last.StartedAt.Add(-compareOverlap))
	case errors.Is(err, store.ErrNotFound):
		oldest, err := s.bookings.Find(ctx, store.Query{Index: byCreated, Limit: 1})
		if err != nil {
			return nil, err
		}
		for _, b := range oldest.Items {
			earlier(b.CreatedAt.Add(-compareOverlap))
		}
	default:
		return nil, err
	}
	run := newComparison(id, why, by, since, now)
	return run, s.comparisons.Insert(ctx, run)
}

// LastComparison is the last comparison that has ended; store.ErrNotFound if
// none has.
func (s *Service) LastComparison(ctx context.Context) (*Comparison, error) {
	last, err := s.comparisons.Find(ctx, store.Query{Index: byEnd, Desc: true, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(last.Items) == 0 {
		return nil, store.ErrNotFound
	}
	return last.Items[0], nil
}

// Comparisons are the last runs, the newest first, ended or not.
func (s *Service) Comparisons(ctx context.Context, limit int) ([]*Comparison, error) {
	runs, err := s.comparisons.Find(ctx, store.Query{Index: byStart, Desc: true, Limit: limit})
	return runs.Items, err
}

// goOn takes a run and goes on with it to its end. Where it cannot, the run
// says so and is taken up again.
func (s *Service) goOn(ctx context.Context, id string) error {
	err := s.comparisons.Update(ctx, id, func(c *Comparison) error {
		now := s.now()
		if !c.isFree(s.holder, now) {
			return errNotOurs
		}
		c.hold(s.holder, now)
		return nil
	})
	if err == nil {
		err = s.runStages(ctx, id)
	}
	if errors.Is(err, errNotOurs) {
		return nil
	}
	return err
}

func (s *Service) runStages(ctx context.Context, id string) error {
	for {
		run, err := s.comparisons.Get(ctx, id)
		if err != nil || run.EndedAt != nil {
			return err
		}
		pages := &pages{s: s, run: run}
		err = pages.runStage(ctx)
		if errors.Is(err, stripepay.ErrNotFound) && run.Cursor != "" {
			// What was seen last is not listed any more, as events are not after
			// 30 days. The stage begins anew.
			err = s.changeRun(ctx, id, func(c *Comparison, _ time.Time) { c.Cursor = "" })
		} else if err == nil {
			err = s.changeRun(ctx, id, func(c *Comparison, now time.Time) { c.enter(c.Stage.after(), now) })
		}
		if err != nil {
			return errors.Join(err, pages.letGo(ctx, err))
		}
	}
}

// changeRun changes a run that this process holds, and keeps holding it.
func (s *Service) changeRun(ctx context.Context, id string, change func(*Comparison, time.Time)) error {
	return s.comparisons.Update(ctx, id, func(c *Comparison) error {
		now := s.now()
		if c.EndedAt != nil || c.Holder != s.holder {
			return errNotOurs
		}
		c.hold(s.holder, now)
		change(c, now)
		return nil
	})
}

// letGo leaves the run for later after it has failed, with what was found of
// the page that it could not finish: what is mended is not found again.
func (p *pages) letGo(ctx context.Context, failure error) error {
	if errors.Is(failure, errNotOurs) {
		return nil
	}
	ended := ctx.Err() != nil
	ctx, cancel := outlasting(ctx)
	defer cancel()
	err := p.s.changeRun(ctx, p.run.ID, func(c *Comparison, now time.Time) {
		for _, d := range p.found.differences {
			if d.Mended {
				c.add(d)
			}
		}
		switch {
		case ended: // the program stops; its next one goes on
			c.pause(now, "")
		case errors.Is(failure, stripepay.ErrUnreachable):
			c.pause(now.Add(comparePause), "Stripe could not be reached. The comparison goes on by itself in a quarter of an hour.")
		default:
			c.pause(now.Add(comparePause), "An error, which the log tells, has cut it off. It goes on by itself in a quarter of an hour.")
		}
	})
	if errors.Is(err, errNotOurs) {
		return nil
	}
	return err
}
