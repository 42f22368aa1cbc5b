package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lantern/internal/audit"
	"lantern/internal/store"
	"lantern/retreats"
)

// Recount is what a look at all cohorts and bookings has found.
type Recount struct {
	Cohorts, Bookings int
	// Wrong has a plain sentence for each thing that must never be.
	Wrong []string
}

// settling is how long two documents that belong together may differ: between
// two steps, or while Stripe does not answer.
const settling = 15 * time.Minute

// RecountAll counts the places of every cohort and the money of every booking
// anew. The service may go on meanwhile: what looks wrong is looked at twice.
func (s *Service) RecountAll(ctx context.Context) (Recount, error) {
	var all Recount
	for _, state := range retreats.CohortStates {
		for after := ""; ; {
			page, err := s.retreats.Cohorts(ctx, state, retreatsAtOnce, after)
			if err != nil {
				return all, err
			}
			for _, c := range page.Items {
				if err := s.recountCohort(ctx, c.ID, &all); err != nil {
					return all, fmt.Errorf("recounting cohort %s: %w", c.ID, err)
				}
			}
			if after = page.Next; after == "" {
				break
			}
		}
	}
	there, err := s.bookings.Count(ctx, store.Query{Index: byCreated})
	if err != nil {
		return all, err
	}
	if lost := int(there) - all.Bookings; lost > 0 {
		all.Wrong = append(all.Wrong, fmt.Sprintf("%d bookings belong to dates that are not there.", lost))
	}
	return all, nil
}

const retreatsAtOnce = 100

func (s *Service) recountCohort(ctx context.Context, id string, all *Recount) error {
	first, n, err := s.recountOnce(ctx, id)
	if err != nil {
		return err
	}
	all.Cohorts++
	all.Bookings += n
	if len(first) == 0 {
		return nil
	}
	again, _, err := s.recountOnce(ctx, id)
	if err != nil {
		return err
	}
	for _, wrong := range again {
		if slices.Contains(first, wrong) {
			all.Wrong = append(all.Wrong, wrong)
		}
	}
	return nil
}

// recountOnce reads the cohort before its bookings, so that each that it names
// is there.
func (s *Service) recountOnce(ctx context.Context, id string) (wrong []string, bookings int, err error) {
	cohort, err := s.retreats.Cohort(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	now, seen := s.now(), map[string]*Booking{}
	err = s.bookings.All(ctx, store.Query{Index: byCohort, Equal: []any{id}}, func(b *Booking) error {
		seen[b.ID] = b
		c := Case{Booking: b, Cohort: cohort, Standing: cohort.Settled(now).Of(b.ID)}
		wrong = append(wrong, c.wrongMoney(now)...)
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	bookings = len(seen)
	for _, booking := range cohort.Roster.Bookings() {
		if seen[booking] != nil {
			continue
		}
		b, err := s.bookings.Get(ctx, booking)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, 0, err
		}
		if err == nil {
			seen[booking] = b
		}
	}
	slices.Sort(wrong)
	return append(wrong, wrongPlaces(cohort, seen, now)...), bookings, nil
}

// wrongPlaces says what of a cohort's places must not be. The bookings are those
// that it names, as far as they are there.
func wrongPlaces(c *retreats.Cohort, bookings map[string]*Booking, now time.Time) (wrong []string) {
	say := func(format string, args ...any) {
		wrong = append(wrong, fmt.Sprintf("%s, %s: ", c.Name, c.StartsOn)+fmt.Sprintf(format, args...))
	}
	lowered := slices.ContainsFunc(c.Trail, func(l audit.Line) bool { return l.What == "capacity" })
	if over := c.OverBy(); over > 0 && !lowered {
		say("%d more places are taken than there are, and nobody has lowered their number.", over)
	}
	roster := c.Settled(now)
	stood := map[string]bool{}
	for _, id := range roster.Bookings() {
		if stood[id] {
			say("booking %s stands there twice.", id)
		}
		stood[id] = true
		b, standing := bookings[id], roster.Of(id)
		switch {
		case now.Sub(standing.Since) < settling:
		case b == nil:
			say("a place or turn belongs to booking %s, which is not there.", id)
		case b.CohortID != c.ID && b.Moving == nil:
			say("a place or turn belongs to booking %s, which is for other dates.", b.Ref)
		case b.IsOver() && !now.Before(b.overAt().Add(settling)):
			say("booking %s has ended and still has a place or turn.", b.Ref)
		}
	}
	return wrong
}

// overAt is when the booking ended; the zero time if it has not.
func (b *Booking) overAt() time.Time {
	switch {
	case b.Cancellation != nil:
		return b.Cancellation.At
	case b.LapsedAt != nil:
		return *b.LapsedAt
	}
	return time.Time{}
}

// wrongMoney says what of a booking's money must not be: payments, refunds and
// charges that do not add up, and money without a place.
func (c Case) wrongMoney(now time.Time) (wrong []string) {
	b := c.Booking
	say := func(format string, args ...any) {
		wrong = append(wrong, fmt.Sprintf("Booking %s: ", b.Ref)+fmt.Sprintf(format, args...))
	}
	paid := map[string]bool{}
	settled := true
	for _, p := range b.Payments {
		if paid[p.ID] {
			say("payment %s is counted twice.", p.ID)
		}
		paid[p.ID] = true
		if b.remaining(p).Minor < 0 {
			say("more of payment %s went back than came.", p.ID)
		}
		if p.SettledAt == nil {
			settled = false
			if now.Sub(p.At) > 24*time.Hour {
				say("payment %s came at %s and belongs to nothing yet.", p.ID, p.At.Format(time.DateTime))
			}
		} else {
			settled = settled && now.Sub(*p.SettledAt) >= settling
		}
	}
	for _, r := range b.Refunds {
		if !paid[r.PaymentID] {
			say("a refund of %s is of a payment that is not there.", r.Amount)
		}
	}
	for _, charge := range b.Charges {
		if over := b.overHere(charge); settled && !b.IsOver() && over.Minor > 0 {
			say("%s more is kept for %s than it asks for.", over, charge.ID)
		}
	}
	if kept := b.quotable(); settled && !b.IsOver() && kept.Minor > 0 && c.Standing.State == retreats.None && b.Moving == nil {
		say("%s is kept, and the couple has no place.", kept)
	}
	return wrong
}
