package booking

import (
	"context"
	"slices"
	"time"

	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/internal/store"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// MatterKind is a kind of what the program leaves to a person.
type MatterKind string

// The kinds of matters, the most pressing first.
const (
	// MatterDispute: a payer has asked their bank for the money back.
	MatterDispute MatterKind = "dispute"
	// MatterNotCleared: one of the two may not take part, and the couple still
	// has a place [D11].
	MatterNotCleared MatterKind = "not_cleared"
	// MatterRefundFailed: a refund has failed as often as it is tried.
	MatterRefundFailed MatterKind = "refund_failed"
	// MatterToSend: a refund of money that did not come by card has to be made.
	MatterToSend MatterKind = "refund_to_send"
	// MatterLate: a charge is open a week after it was due [D15].
	MatterLate MatterKind = "late"
)

// MatterKinds lists the kinds, the most pressing first.
var MatterKinds = []MatterKind{MatterDispute, MatterNotCleared, MatterRefundFailed, MatterToSend, MatterLate}

// Matter is something about a couple's money or place that needs a person.
type Matter struct {
	Kind MatterKind
	// Line is the id of the charge, refund or dispute that it is about, empty
	// for a couple that is not cleared.
	Line   string
	Amount money.Amount
	// Since is when it came to need a person; of a charge, a week after it was
	// due. By is when evidence has to be at Stripe, nil if none is asked for.
	Since time.Time
	By    *time.Time
}

// Matters are what the booking needs a person for at that time.
func (c Case) Matters(now time.Time) []Matter {
	var all []Matter
	b := c.Booking
	for _, d := range b.Disputes {
		if !d.State.Open() {
			continue
		}
		m := Matter{Kind: MatterDispute, Line: d.ID, Amount: d.Amount, Since: d.At}
		if !d.DueBy.IsZero() && !d.Answered {
			m.By = &d.DueBy
		}
		all = append(all, m)
	}
	if c.owes() && b.IsNotCleared() {
		all = append(all, Matter{Kind: MatterNotCleared, Amount: b.quotable(), Since: b.notClearedSince()})
	}
	for _, r := range b.Refunds {
		owed := b.owedBack(r, c.Standing)
		_, again := b.refundAgainAt(r, c.Standing)
		switch {
		case b.isByHand(r) && r.State == "":
			all = append(all, Matter{Kind: MatterToSend, Line: r.ID, Amount: r.Amount, Since: r.At})
		case r.State == stripepay.RefundFailed && !owed.IsZero() && !again:
			all = append(all, Matter{Kind: MatterRefundFailed, Line: r.ID, Amount: owed, Since: r.AskedAt})
		}
	}
	for _, charge := range c.unpaid() {
		if since := c.organizerAt(charge); !now.Before(since) {
			all = append(all, Matter{Kind: MatterLate, Line: charge.ID, Amount: b.Open(charge), Since: since})
		}
	}
	return all
}

// unpaid are the open charges of a couple that has its place.
func (c Case) unpaid() []Charge {
	if !c.owes() || c.Standing.State != retreats.Confirmed {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.Booking.Charges), c.Booking.IsPaid)
}

// organizerAt is when an organizer is asked to see to an open charge [D15].
func (c Case) organizerAt(charge Charge) time.Time {
	zone := c.Cohort.Location()
	return civil.DateOf(charge.DueAt, zone).AddDays(OrganizerAfter).At("10:00", zone)
}

// notClearedSince is when it was first recorded that one of the two may not
// take part.
func (b *Booking) notClearedSince() (since time.Time) {
	for _, recorded := range b.Clearances {
		if recorded.Is() == NotCleared && recorded.At != nil && (since.IsZero() || recorded.At.Before(since)) {
			since = *recorded.At
		}
	}
	return since
}

// needsAt is since when the booking needs a person, nil when it does not.
func (c Case) needsAt(now time.Time) *time.Time {
	var first *time.Time
	for _, m := range c.Matters(now) {
		if first == nil || m.Since.Before(*first) {
			first = &m.Since
		}
	}
	return first
}

// mattersUntil says when something will come to need a person by time alone.
func (c Case) mattersUntil(now time.Time, sooner func(time.Time)) {
	for _, charge := range c.unpaid() {
		if since := c.organizerAt(charge); now.Before(since) {
			sooner(since)
		}
	}
}

// noteNeeds writes down since when the booking needs a person, unless it has
// changed since it was looked at: whoever changed it has asked for another look.
func (s *Service) noteNeeds(ctx context.Context, c Case) error {
	needs := c.needsAt(s.now())
	if same(c.Booking.NeedsAt, needs) {
		return nil
	}
	return s.bookings.Update(ctx, c.Booking.ID, func(b *Booking) error {
		if b.Rev == c.Booking.Rev && b.AskedRev < b.Rev {
			b.NeedsAt = needs
		}
		return nil
	})
}

// Concern is a booking with what it needs a person for.
type Concern struct {
	Case
	Matters []Matter
}

// Concerns gives a page of the bookings that need a person, those first that
// have waited longest.
func (s *Service) Concerns(ctx context.Context, limit int, after string) (all []Concern, next string, err error) {
	page, err := s.bookings.Find(ctx, store.Query{Index: byNeeds, Limit: limit, After: after})
	if err != nil {
		return nil, "", err
	}
	now := s.now()
	cohorts := map[string]*retreats.Cohort{}
	for _, b := range page.Items {
		cohort := cohorts[b.CohortID]
		if cohort == nil {
			if cohort, err = s.retreats.Cohort(ctx, b.CohortID); err != nil {
				return nil, "", err
			}
			cohorts[b.CohortID] = cohort
		}
		c := Case{Booking: b, Cohort: cohort, Standing: cohort.Standing(b.ID, now)}
		// What has been seen to a moment ago may still stand in the index.
		if matters := c.Matters(now); len(matters) > 0 {
			all = append(all, Concern{Case: c, Matters: matters})
		}
	}
	return all, page.Next, nil
}

// CountConcerns says how many bookings need a person, most at the most; 0 is all.
func (s *Service) CountConcerns(ctx context.Context, most int) (int, error) {
	n, err := s.bookings.Count(ctx, store.Query{Index: byNeeds, Limit: most})
	return int(n), err
}

// Zone is the practice's own, by whose clocks our books are compared with
// Stripe's.
func (s *Service) Zone() *time.Location { return s.zone }
