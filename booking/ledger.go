package booking

import (
	"context"
	"maps"
	"slices"
	"time"

	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/internal/store"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// Ledger is the money of one cohort: what its bookings' lines come to.
type Ledger struct {
	Cohort *retreats.Cohort
	// Sums are by currency: that of the cohort first, and others only if
	// somebody has paid in them.
	Sums []LedgerSum
	// Couples are those who owe or have ever paid, in the order in which they
	// came.
	Couples []LedgerRow
	At      time.Time
}

// Totals are amounts that belong together, all in one currency. Kept is
// Received less Refunded less Disputed, and Open is Due and Late.
type Totals struct {
	// Expected is what the dates bring if all that is open is paid: the charges
	// of who has a place, and what stays of others' money.
	Expected money.Amount
	// Received is all money that came; what was recorded by mistake and struck
	// out did not.
	Received money.Amount
	// Refunded is what went back, with what is on its way.
	Refunded money.Amount
	// Disputed is what Stripe has taken back because a payer asked their bank.
	Disputed money.Amount
	Kept     money.Amount
	// Due is open and its day is to come; Late is open and should be here.
	Due, Late money.Amount
}

// Open is all that is still owed.
func (t Totals) Open() money.Amount { return t.Due.Plus(t.Late) }

func noTotals(currency string) Totals {
	zero := money.Of(0, currency)
	return Totals{Expected: zero, Received: zero, Refunded: zero, Disputed: zero, Kept: zero, Due: zero, Late: zero}
}

func (t Totals) plus(o Totals) Totals {
	return Totals{
		Expected: t.Expected.Plus(o.Expected), Received: t.Received.Plus(o.Received), Refunded: t.Refunded.Plus(o.Refunded),
		Disputed: t.Disputed.Plus(o.Disputed), Kept: t.Kept.Plus(o.Kept), Due: t.Due.Plus(o.Due), Late: t.Late.Plus(o.Late),
	}
}

// LedgerSum is what all couples of one currency come to.
type LedgerSum struct {
	Totals
	// Fees are what Stripe took, in the currencies of its account. FeesUnknown
	// counts the card payments of which that is not known yet.
	Fees        []money.Amount
	FeesUnknown int
	// Days is the course over time: each day on which something changes.
	Days []LedgerDay
}

// LedgerDay is how far it has come by the end of a day in the cohort's zone.
type LedgerDay struct {
	Date civil.Date
	// Expected is what should be here by then, Received what was or is: what
	// came less what went back.
	Expected, Received money.Amount
}

// LedgerRow is the money of one couple.
type LedgerRow struct {
	Case
	Totals
	// Next is the charge that is due first of those that are open; nil when
	// nothing is. NextAt is when it is taken from a saved card by itself, nil
	// when it is not.
	Next   *Charge
	NextAt *time.Time
	// HeldBack is why no card is charged, where something is open.
	HeldBack HeldBack
	// Failure is the last try of the next charge if it failed.
	Failure *Try
}

// Ledger gives the money of a cohort. It reads all bookings that were ever made
// for it.
func (s *Service) Ledger(ctx context.Context, cohortID string) (*Ledger, error) {
	cohort, err := s.retreats.Cohort(ctx, cohortID)
	if err != nil {
		return nil, err
	}
	now := s.now()
	roster := cohort.Settled(now)
	var cases []Case
	err = s.bookings.All(ctx, store.Query{Index: byCohort, Equal: []any{cohortID}}, func(b *Booking) error {
		if b.hasMoney() {
			cases = append(cases, Case{Booking: b, Cohort: cohort, Standing: roster.Of(b.ID)})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ledgerOf(cohort, cases, now), nil
}

// hasMoney reports whether the booking has a place in a ledger: who let a hold
// go by without paying has none.
func (b *Booking) hasMoney() bool {
	return len(b.Payments) > 0 || (len(b.Charges) > 0 && !b.IsOver())
}

// owes reports whether the charges are for a place that the couple has: whose
// money went back and who waits again owes nothing.
func (c Case) owes() bool {
	hasPlace := c.Standing.State == retreats.Held || c.Standing.State == retreats.Confirmed
	return hasPlace && !c.Booking.IsOver() && c.Cohort.State != retreats.Cancelled
}

// isLate reports whether an open charge should have been paid by now. What
// makes a place theirs is late when the time to pay it is over.
func (c Case) isLate(charge Charge, now time.Time) bool {
	if c.Standing.State == retreats.Held {
		return c.Standing.Until != nil && !now.Before(*c.Standing.Until)
	}
	return !now.Before(charge.DueAt)
}

func ledgerOf(cohort *retreats.Cohort, cases []Case, now time.Time) *Ledger {
	l := &Ledger{Cohort: cohort, At: now}
	sums := map[string]*sumBuilder{cohort.Price.Currency: newSum(cohort.Price.Currency)}
	for _, c := range cases {
		currency := c.Booking.Price.Currency
		if sums[currency] == nil {
			sums[currency] = newSum(currency)
		}
		row := c.ledgerRow(now)
		l.Couples = append(l.Couples, row)
		sums[currency].add(row)
	}
	own := cohort.Price.Currency
	l.Sums = append(l.Sums, sums[own].sum())
	for _, currency := range slices.Sorted(maps.Keys(sums)) {
		if currency != own {
			l.Sums = append(l.Sums, sums[currency].sum())
		}
	}
	return l
}

func (c Case) ledgerRow(now time.Time) LedgerRow {
	row := LedgerRow{Case: c, Totals: c.totals(now)}
	if !c.owes() {
		return row
	}
	for _, charge := range c.Booking.Charges {
		if !c.Booking.IsPaid(charge) && (row.Next == nil || charge.DueAt.Before(row.Next.DueAt)) {
			row.Next = &charge
		}
	}
	row.lookAhead()
	return row
}

// totals is what the couple's money comes to.
func (c Case) totals(now time.Time) Totals {
	b := c.Booking
	t := noTotals(b.Price.Currency)
	for _, m := range b.movements() {
		t.Received = t.Received.Plus(m.in)
		t.Refunded = t.Refunded.Plus(m.refunded)
		t.Disputed = t.Disputed.Plus(m.disputed)
	}
	t.Kept = t.Received.Minus(t.Refunded).Minus(t.Disputed)
	if !c.owes() {
		t.Expected = t.Kept
		return t
	}
	for _, charge := range b.Charges {
		t.Expected = t.Expected.Plus(charge.Amount.Minus(b.waived(charge.ID)))
		switch open := b.Open(charge); {
		case open.IsZero():
		case c.isLate(charge, now):
			t.Late = t.Late.Plus(open)
		default:
			t.Due = t.Due.Plus(open)
		}
	}
	return t
}

// lookAhead says how the next charge comes about.
func (r *LedgerRow) lookAhead() {
	if r.Next == nil {
		return
	}
	if at, ok := r.ChargesNext(r.Next.ID); ok {
		r.NextAt = &at
	}
	if r.Standing.State == retreats.Confirmed {
		r.HeldBack = r.ChargesHeldBack()
	}
	if failed, ok := r.Booking.LastFailure(r.Next.ID); ok {
		r.Failure = &failed
	}
}

// movement is money that came or went at a moment.
type movement struct {
	at                     time.Time
	in, refunded, disputed money.Amount
}

func (m movement) net() money.Amount { return m.in.Minus(m.refunded).Minus(m.disputed) }

// movements are the booking's lines as money that moved. What was struck out
// never came; a refund that failed did not go.
func (b *Booking) movements() []movement {
	zero := b.zero()
	var all []movement
	for _, p := range b.Payments {
		in := p.Amount
		for _, r := range b.Refunds {
			if r.PaymentID == p.ID && r.Reason == RefundMistake && r.State != stripepay.RefundFailed {
				in = in.Minus(r.Amount)
			}
		}
		all = append(all, movement{at: p.At, in: in, refunded: zero, disputed: zero})
		for _, d := range b.Disputes {
			if d.PaymentID == p.ID && d.State.Takes() {
				all = append(all, movement{at: d.At, in: zero, refunded: zero, disputed: d.Amount})
			}
		}
	}
	for _, r := range b.Refunds {
		if r.Reason != RefundMistake && r.State != stripepay.RefundFailed {
			all = append(all, movement{at: r.At, in: zero, refunded: r.Amount, disputed: zero})
		}
	}
	return all
}

// sumBuilder adds rows up.
type sumBuilder struct {
	totals  Totals
	fees    map[string]money.Amount
	unknown int
	// expected and received are what each day changes.
	expected, received map[civil.Date]money.Amount
}

func newSum(currency string) *sumBuilder {
	return &sumBuilder{
		totals: noTotals(currency), fees: map[string]money.Amount{},
		expected: map[civil.Date]money.Amount{}, received: map[civil.Date]money.Amount{},
	}
}

func (s *sumBuilder) add(row LedgerRow) {
	s.totals = s.totals.plus(row.Totals)
	b, zone := row.Booking, row.Cohort.Location()
	for _, p := range b.Payments {
		switch {
		case p.Fee != nil:
			addTo(s.fees, p.Fee.Currency, *p.Fee)
		case p.Method == ByCard:
			s.unknown++
		}
	}
	for _, m := range b.movements() {
		day := civil.DateOf(m.at, zone)
		addTo(s.received, day, m.net())
		if !row.owes() {
			addTo(s.expected, day, m.net())
		}
	}
	if row.owes() {
		for _, charge := range b.Charges {
			addTo(s.expected, civil.DateOf(charge.DueAt, zone), charge.Amount.Minus(b.waived(charge.ID)))
		}
	}
}

func addTo[K comparable](sums map[K]money.Amount, key K, amount money.Amount) {
	if before, ok := sums[key]; ok {
		amount = before.Plus(amount)
	}
	sums[key] = amount
}

func (s *sumBuilder) sum() LedgerSum {
	out := LedgerSum{Totals: s.totals, FeesUnknown: s.unknown}
	for _, currency := range slices.Sorted(maps.Keys(s.fees)) {
		out.Fees = append(out.Fees, s.fees[currency])
	}
	days := maps.Clone(s.expected)
	maps.Copy(days, s.received)
	zero := money.Of(0, s.totals.Kept.Currency)
	day := LedgerDay{Expected: zero, Received: zero}
	for _, date := range slices.Sorted(maps.Keys(days)) {
		before := day
		day.Date = date
		if changed, ok := s.expected[date]; ok {
			day.Expected = day.Expected.Plus(changed)
		}
		if changed, ok := s.received[date]; ok {
			day.Received = day.Received.Plus(changed)
		}
		if day.Expected != before.Expected || day.Received != before.Received {
			out.Days = append(out.Days, day)
		}
	}
	return out
}
