package booking

import (
	"context"
	"errors"
	"slices"
	"time"

	"lantern/internal/audit"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/retreats"
)

// Transferred is a change of a couple with a place to other dates.
type Transferred struct {
	From string    `json:"from"`
	To   string    `json:"to"`
	At   time.Time `json:"at"`
	// ByCouple tells the one change that is theirs from those that staff make.
	ByCouple bool `json:"by_couple,omitempty"`
	// Most is the share, in per cent, that comes back at most if they cancel:
	// what it was when they changed. Nobody gets more back by moving away first.
	Most int `json:"most"`
	// Left are the sessions that were to come there, and Sequence is the number from
	// which calendars count on: they are told that those do not take place.
	Left     []retreats.Session `json:"left,omitempty"`
	Sequence int                `json:"sequence,omitempty"`
}

// transferDays is how long before the start a couple may still change to other
// dates by itself [D17].
const transferDays = 14

// The named refusals of a transfer.
var (
	errTransferred   = fault.New(fault.Conflict, "You have changed to other dates once already. Please write to us to change again.")
	errTransferLate  = fault.Newf(fault.Conflict, "Other dates can be chosen until %d days before the start. Please write to us.", transferDays)
	errTransferState = fault.New(fault.Conflict, "Only a couple whose place is confirmed can change to other dates.")
	errTransferMoney = fault.New(fault.Conflict, "A payment of this booking is on its way or disputed. Please try again when that is settled.")
	errPriceChanged  = fault.New(fault.Conflict, "The price of those dates has changed since you saw it. Please look again.")
	errAcceptOther   = fault.InvalidFields(fault.Fields{"accept_policy": "Please read the price and the refund policy of these dates and accept them to go on."})
)

// Transfer is what a couple with a place changes to.
type Transfer struct {
	To string
	// AcceptPolicy says that the couple accepts the other dates' price and
	// policy, IP where the word came from.
	AcceptPolicy bool
	IP           string
	// Seen is the price of those dates that was shown, nil if nobody looked.
	Seen *money.Amount
}

// MayTransfer says why the couple cannot change to other dates by itself, or
// nil [D17]: once, and at least 14 days before the start.
func (c Case) MayTransfer(now time.Time) error {
	if err := c.canTransfer(); err != nil {
		return err
	}
	if slices.ContainsFunc(c.Booking.Transfers, func(t Transferred) bool { return t.ByCouple }) {
		return errTransferred
	}
	if civil.DateOf(now, c.Cohort.Location()).DaysUntil(c.Cohort.StartsOn) < transferDays {
		return errTransferLate
	}
	return nil
}

// isTransferring reports whether the couple is on its way to other dates with
// its place.
func (b *Booking) isTransferring() bool { return b.Moving != nil && b.Moving.Transfer }

// canTransfer refuses what nobody can transfer.
func (c Case) canTransfer() error {
	b := c.Booking
	switch {
	case b.IsOver():
		return ErrOver
	case b.Moving != nil || b.Removing != nil:
		return errMoving
	case c.Standing.State != retreats.Confirmed, b.IsNotCleared():
		return errTransferState
	case b.HasOpenDispute(), slices.ContainsFunc(b.Tries, Try.isOpen),
		slices.ContainsFunc(b.Payments, func(p Payment) bool { return p.SettledAt == nil }):
		return errTransferMoney
	}
	return nil
}

// TransferByCouple changes a couple with a place to other dates with a free
// place. What it has paid goes with it; what those dates cost less comes back,
// what they cost more is due by their own schedule.
func (s *Service) TransferByCouple(ctx context.Context, id string, t Transfer) error {
	c, err := s.Case(ctx, id)
	if err != nil {
		return err
	}
	if err := c.MayTransfer(s.now()); err != nil {
		return err
	}
	if !t.AcceptPolicy {
		return errAcceptOther
	}
	return s.beginTransfer(ctx, c, Move{To: t.To, ByCouple: true, IP: t.IP, By: "the couple"}, t.Seen)
}

// TransferByStaff changes a couple with a place to other dates, with a reason.
// The couple keeps the refund policy that it accepted.
func (s *Service) TransferByStaff(ctx context.Context, id, to, reason string, by audit.By) error {
	reason, err := audit.Reason(reason)
	if err != nil {
		return err
	}
	c, err := s.Case(ctx, id)
	if err != nil {
		return err
	}
	if err := c.canTransfer(); err != nil {
		return err
	}
	return s.beginTransfer(ctx, c, Move{To: to, Reason: reason, ByID: by.ID, By: by.Name}, nil)
}

func (s *Service) beginTransfer(ctx context.Context, c Case, m Move, seen *money.Amount) error {
	b := c.Booking
	if m.To == b.CohortID {
		return errSameCohort
	}
	target, err := s.retreats.OfferedCohort(ctx, m.To)
	if err != nil {
		return fault.InvalidFields(fault.Fields{"to": "There are no such dates."})
	}
	if seen != nil && *seen != target.PriceNow(s.now()).Price {
		return errPriceChanged
	}
	if err := s.mayMove(ctx, b, target); err != nil {
		return err
	}
	// What would be refused there is refused before anything is written.
	trial := *target
	if _, err := trial.Seat(b.ID, s.now()); err != nil {
		return err
	}
	m.From, m.Transfer = b.CohortID, true
	err = s.update(ctx, b.ID, func(b *Booking, now time.Time) error {
		fresh := c.with(b)
		if err := fresh.canTransfer(); err != nil {
			return err
		}
		if b.CohortID != m.From {
			return errMoving // it has changed since it was looked at
		}
		begun := m
		begun.JoinedAt = now
		b.Moving = &begun
		b.attend(now)
		return nil
	})
	if err != nil {
		return err
	}
	ctx, cancel := outlasting(ctx)
	defer cancel()
	return s.Attend(ctx, b.ID)
}

// transfer does the next part of a transfer: the place there, the booking, the
// place here. Each part can be done twice.
func (s *Service) transfer(ctx context.Context, c Case) error {
	b, m := c.Booking, *c.Booking.Moving
	if b.CohortID == m.From {
		_, err := s.retreats.Seat(ctx, m.To, b.ID)
		if refused(err) {
			// Taken or closed since it was begun: the couple stays where it is.
			return errors.Join(err, s.endMove(ctx, b.ID, m))
		}
		if err != nil {
			return err
		}
		return s.settleIn(ctx, c, m)
	}
	if err := s.retreats.ReleaseMoved(ctx, m.From, b.ID); err != nil {
		return err
	}
	return s.endMove(ctx, b.ID, m)
}

// settleIn makes the booking one of the other cohort, with its money.
func (s *Service) settleIn(ctx context.Context, c Case, m Move) error {
	to, err := s.retreats.Cohort(ctx, m.To)
	if err != nil {
		return err
	}
	dates := func(c *retreats.Cohort) string { return c.Name + ", " + c.StartsOn.Words() }
	return s.update(ctx, c.Booking.ID, func(b *Booking, now time.Time) error {
		if b.CohortID != m.From || !b.isOn(m) {
			return nil
		}
		fresh := c.with(b)
		b.Transfers = append(slices.Clone(b.Transfers), Transferred{
			From: m.From, To: m.To, At: now, ByCouple: m.ByCouple, Most: fresh.Quote(now).Percent,
			Left: toCome(c.Cohort.Sessions, now), Sequence: fresh.calendarSequence() + 1,
		})
		for partner := range b.Partners {
			b.endCard(partner, now) // what was agreed to named other amounts and days
			b.endConsent(partner, now)
		}
		b.CohortID, b.LinksUntil = m.To, linksUntil(to)
		b.Replies, b.Attendance = nil, nil
		b.leaveDrivers()
		b.Calls = nil // they were about other sessions
		b.carryOver(to, m, now)
		b.Trail = b.Trail.Add(audit.By{ID: m.ByID, Name: m.By}, now, audit.Line{
			What: transferLine, From: dates(c.Cohort), To: dates(to), Reason: m.Reason,
		})
		b.attend(now)
		b.replan(now)
		return nil
	})
}

// toCome are the sessions that are not over.
func toCome(sessions []retreats.Session, now time.Time) (left []retreats.Session) {
	for _, s := range sessions {
		if s.EndsAt.After(now) {
			left = append(left, s)
		}
	}
	return left
}

// transferLine is what a booking's trail calls a transfer.
const transferLine = "transferred"

// carryOver brings the couple's money to the other dates: each charge becomes
// what was paid of it, what is more than the price goes back, and what is left
// of the price is due by the schedule of those dates.
func (b *Booking) carryOver(to *retreats.Cohort, m Move, now time.Time) {
	price, _ := to.Quote("", now) // without a code nothing is refused
	if m.ByCouple {
		b.accept(to, price, m.IP, now)
	} else {
		b.Price, b.Reductions, b.Acceptance.Deposit = price.Price, price.Reductions, price.Deposit
		b.Acceptance.ListPrice, b.Acceptance.Rest = to.Price, to.Instalments
	}
	b.Code = ""
	settled := b.KeptInAll()
	for _, charge := range b.Charges {
		settled = settled.Plus(b.waived(charge.ID))
	}
	surplus := settled.Minus(b.Price)
	if surplus.Minor > 0 {
		back := b.payBack(surplus, RefundMoved, now)
		settled, surplus = settled.Minus(back), surplus.Minus(back)
	}
	b.Charges = slices.Clone(b.Charges)
	highest := 0
	for i := range b.Charges {
		charge := &b.Charges[i]
		highest = max(highest, charge.Instalment())
		done := b.Kept(charge.ID).Plus(b.waived(charge.ID))
		// What came just now is decided about next, and what could not be
		// returned is tried again: as more than the charge asks for.
		more := money.Of(max(0, min(surplus.Minor, b.toReturn(charge.ID).Minor)), done.Currency)
		done, surplus = done.Minus(more), surplus.Minus(more)
		if done != charge.Amount {
			charge.ChangedFrom = append(slices.Clone(charge.ChangedFrom), ChangedAmount{Amount: charge.Amount, At: now})
			charge.Amount = done
		}
	}
	rest := b.Price.Minus(settled)
	if rest.Minor <= 0 {
		return
	}
	planned := to.Rest(rest, now)
	if len(planned) == 0 {
		planned = []retreats.PlannedCharge{{Number: 1, Amount: rest, DueAt: nextTen(to, now.Add(shortestNotice))}}
	}
	for _, p := range planned {
		b.Charges = append(b.Charges, Charge{
			ID: InstalmentCharge(highest + p.Number), Amount: p.Amount, DueAt: p.DueAt, DaysBefore: p.DaysBefore,
		})
	}
}

// toReturn is what of a charge's money goes back, if at all, by a decision that is
// still to come.
func (b *Booking) toReturn(chargeID string) money.Amount {
	return b.sum(chargeID, func(p Payment) money.Amount {
		if p.SettledAt == nil {
			return b.remaining(p)
		}
		return b.stuck(p)
	})
}

// TransferPreview is what other dates would cost a couple that changes to them.
type TransferPreview struct {
	Cohort *retreats.Cohort
	Price  money.Amount
	// Returned is what comes back at once, Rest what is still to pay there.
	Returned, Rest money.Amount
	Charges        []Charge
}

// PreviewTransfer says what changing to those dates means, without doing it.
func (c Case) PreviewTransfer(to *retreats.Cohort, now time.Time) TransferPreview {
	b := *c.Booking
	b.Refunds = slices.Clone(b.Refunds)
	before := len(b.Refunds)
	b.carryOver(to, Move{ByCouple: true}, now)
	p := TransferPreview{Cohort: to, Price: b.Price, Returned: b.zero(), Rest: b.OpenInAll()}
	for _, r := range b.Refunds[before:] {
		p.Returned = p.Returned.Plus(r.Amount)
	}
	for _, charge := range b.Charges {
		if !b.IsPaid(charge) {
			p.Charges = append(p.Charges, charge)
		}
	}
	return p
}

// TransferTargets are the dates that the couple could change to: on offer in
// its currency, with a place that anybody may take.
func (s *Service) TransferTargets(ctx context.Context, c Case) ([]*retreats.Cohort, error) {
	page, err := s.retreats.Offer(ctx, 100, "")
	if err != nil {
		return nil, err
	}
	var targets []*retreats.Cohort
	for _, to := range page.Items {
		if to.ID != c.Booking.CohortID && to.Price.Currency == c.Booking.Price.Currency && to.Free(s.now()) > 0 {
			targets = append(targets, to)
		}
	}
	return targets, nil
}
