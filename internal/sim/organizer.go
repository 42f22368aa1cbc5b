package main

import (
	"math/rand/v2"
	"slices"

	"lantern/booking"
	"lantern/internal/money"
	"lantern/retreats"
)

// organizes has Robin change something about a cohort or a couple in it.
func (w *world) organizes(r *rand.Rand) {
	offer := slices.DeleteFunc(w.running(), (*retreats.Cohort).IsOver)
	if w.isDown() || len(offer) == 0 {
		return
	}
	p, c := w.pick(r), offer[r.IntN(len(offer))]
	id := c.ID
	if chance(r, 30) {
		w.minds(p, c, r)
		return
	}
	switch dice := r.IntN(115); {
	case dice >= 110:
		w.discounts(p, c, r)
	case dice >= 100:
		w.putsRight(p, c, r)
	case dice < 12:
		w.resizes(p, c, r)
	case dice < 22:
		w.movesSession(p, c, r)
	case dice < 26:
		to := c.StartsOn.AddDays(one(r, -2, 1, 3, 7))
		_, err := p.retreats.Reschedule(w.ctx, id, to, robin)
		w.say("Robin moves %s to %s: %v", id, to, err)
	case dice < 30:
		_, err := p.retreats.Close(w.ctx, id, robin)
		w.say("Robin closes %s: %v", id, err)
	case dice < 36:
		_, err := p.retreats.Reopen(w.ctx, id, robin)
		w.say("Robin opens %s again: %v", id, err)
	case dice < 38:
		_, err := p.retreats.Cancel(w.ctx, id, "The house has no water.", robin)
		w.say("Robin calls %s off: %v", id, err)
	case dice < 62:
		w.sortsWaitlist(p, c, r)
	default:
		w.dealsWith(p, c, r)
	}
}

func (w *world) resizes(p *process, c *retreats.Cohort, r *rand.Rand) {
	to := max(1, c.Capacity+one(r, -2, -1, 1, 1, 2))
	_, err := p.retreats.AmendCohort(w.ctx, c.ID, robin, func(_ *retreats.Programme, t *retreats.Terms) error {
		t.Capacity = to
		return nil
	})
	w.say("Robin makes %d places of %d in %s: %v", to, c.Capacity, c.ID, err)
}

func (w *world) movesSession(p *process, c *retreats.Cohort, r *rand.Rand) {
	coming := soon(c, w.now)
	if len(coming) == 0 {
		return
	}
	s := coming[r.IntN(len(coming))]
	plan := c.Planned(s)
	plan.Day += one(r, 0, 1)
	plan.Clock = one(r, plan.Clock, "10:00", "13:30")
	_, err := p.retreats.ChangeSession(w.ctx, c.ID, s.ID, plan, robin)
	w.say("Robin moves %s of %s to day %d, %s: %v", s.ID, c.ID, plan.Day, plan.Clock, err)
}

// sortsWaitlist does something with somebody who waits, for a reason.
func (w *world) sortsWaitlist(p *process, c *retreats.Cohort, r *rand.Rand) {
	const reason = "Their clinician asks for early dates."
	if len(c.Roster.Waitlist) == 0 {
		return
	}
	id := c.Roster.Waitlist[r.IntN(len(c.Roster.Waitlist))].Booking
	var err error
	switch dice := r.IntN(100); {
	case dice < 40:
		w.account.byHand(id)
		priority := r.IntN(3)
		_, err = p.retreats.Prioritise(w.ctx, c.ID, id, priority, reason, robin)
		w.say("Robin gives %s priority %d: %v", id, priority, err)
	case dice < 75:
		w.account.byHand(id)
		err = p.bookings.OfferByHand(w.ctx, id, reason, robin)
		w.say("Robin offers %s a place: %v", id, err)
	case dice < 85:
		err = p.bookings.RemoveWaiting(w.ctx, id, reason, robin)
		w.say("Robin takes %s off the waitlist: %v", id, err)
	default:
		to := cohortID(r.IntN(w.cohorts))
		w.account.byHand(id)
		err = p.bookings.MoveWaiting(w.ctx, id, to, reason, robin)
		w.say("Robin has %s wait for %s: %v", id, to, err)
	}
}

// dealsWith does something about the money or the dates of a couple with a place.
func (w *world) dealsWith(p *process, c *retreats.Cohort, r *rand.Rand) {
	if len(c.Roster.Places) == 0 {
		return
	}
	id := c.Roster.Places[r.IntN(len(c.Roster.Places))].Booking
	seen, err := p.bookings.Case(w.ctx, id)
	if err != nil {
		return
	}
	amount := money.Of(one(r, int64(100), 5000, 30000), seen.Booking.Price.Currency)
	switch dice := r.IntN(100); {
	case dice < 15:
		kind := one(r, booking.EndByPolicy, booking.EndWithAmount, booking.EndNotCleared)
		err = p.bookings.End(w.ctx, id, booking.Ending{Kind: kind, Amount: amount, Reason: "So it was agreed."}, robin)
		w.say("Robin ends %s (%s): %v", id, kind, err)
	case dice < 40:
		err = p.bookings.Give(w.ctx, id, booking.Gift{Amount: amount, Reason: "A noisy night."}, robin)
		w.say("Robin gives %s back to %s: %v", amount, id, err)
	case dice < 60:
		to := cohortID(r.IntN(w.cohorts))
		err = p.bookings.TransferByStaff(w.ctx, id, to, "They asked by phone.", robin)
		w.say("Robin moves %s to %s: %v", id, to, err)
	case dice < 65:
		w.corrects(p, seen, r)
	case dice < 75:
		err = p.bookings.Grant(w.ctx, id, seen.Booking.Price.Minus(amount), "A small income.", robin)
		w.say("Robin lowers the price of %s by %s: %v", id, amount, err)
	default:
		for _, charge := range seen.CanPay() {
			in := booking.Received{Charge: charge.ID, Amount: amount, Method: booking.ByTransfer, Reference: "statement 3", Partner: r.IntN(2)}
			err = p.bookings.RecordPayment(w.ctx, id, in, robin)
			w.say("Robin notes that %s came from %s for %s: %v", amount, id, charge.ID, err)
			return
		}
	}
}

// banks has a bank or somebody on Stripe's dashboard do something with the money
// of a couple, without a word to us.
func (w *world) banks(c *couple, r *rand.Rand) {
	if c.booking() == "" {
		return
	}
	seen, err := w.free(0).bookings.Case(w.ctx, c.booking())
	if err != nil || len(seen.Booking.Payments) == 0 {
		return
	}
	payment := seen.Booking.Payments[r.IntN(len(seen.Booking.Payments))]
	switch dice := r.IntN(100); {
	case dice < 20 && payment.Method == booking.ByCard:
		err := w.cards.RefundAtStripe(payment.ID, 1+r.Int64N(payment.Amount.Minor))
		w.say("somebody returns money of %s on the dashboard: %v", c, err)
	case dice < 40 && payment.Method == booking.ByCard:
		id, err := w.cards.OpenDispute(payment.ID, "fraudulent")
		w.say("%s disputes a payment: %v", c, err)
		if err == nil && chance(r, 60) {
			won := chance(r, 50)
			w.say("the dispute ends (won: %v): %v", won, w.cards.CloseDispute(id, won))
		}
	case dice < 55:
		for _, refund := range seen.Booking.Refunds {
			if refund.StripeID != "" {
				w.say("a refund to %s fails: %v", c, w.cards.FailRefund(refund.StripeID))
				return
			}
		}
	case dice < 80:
		for _, card := range seen.Booking.Cards {
			if card != nil {
				number := one(r, goodCard, poor, failsLater)
				w.say("the card of %s becomes %s: %v", c, number, w.cards.SetCard(card.MethodID, number))
				return
			}
		}
	}
}
