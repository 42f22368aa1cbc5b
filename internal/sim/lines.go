package main

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"lantern/booking"
	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// checkBooking looks at a booking that has changed.
func (a *account) checkBooking(id string) {
	k := a.couple(id)
	b, ok := read[booking.Booking](a.world, "bookings", id)
	if !ok {
		if k.answered {
			a.world.breaks(7, "booking %s was answered, and is not there now", id)
		}
		k.over = true
		return
	}
	a.belongs(id, k, b.CohortID)
	k.over, k.moving = b.IsOver(), b.Moving != nil || b.Removing != nil
	for partner, state := range k.clearance {
		if now := cmp.Or(b.Clearances[partner].State, booking.Pending); state != "" && now != state {
			a.world.breaks(7, "clearance of %s, partner %d, was recorded as %s, and is %s now", id, partner, state, now)
		}
	}
	for _, session := range sorted(k.departed) {
		if _, left := b.Departure(session); k.departed[session] && !left {
			a.world.breaks(7, "%s was let go after %s, and is not on record as gone", id, session)
		}
	}
	for _, d := range b.Departures {
		if d.Driver == "" && strings.TrimSpace(d.Reason) == "" {
			a.world.breaks(5, "%s left after %s without driver and reason", id, d.Session)
		}
	}
	a.checkPromises(k, b)
	a.checkPayments(b)
}

// checkPayments is what holds of money at every moment: not more goes back than
// came.
func (a *account) checkPayments(b *booking.Booking) {
	for _, p := range b.Payments {
		back := int64(0)
		for _, r := range b.Refunds {
			if r.PaymentID == p.ID && r.State != stripepay.RefundFailed {
				back += r.Amount.Minor
			}
		}
		if back > p.Amount.Minor {
			a.world.breaks(3, "%d of %s went back to %s", back, p.Amount, b.ID)
		}
	}
}

// asked holds what was asked of the card service against what was asked before:
// one try is one payment, one refund of ours is one there.
func (a *account) asked(r *http.Request, body string, answer []byte) {
	if r.Method != http.MethodPost {
		return
	}
	form, err := url.ParseQuery(body)
	if err != nil {
		return
	}
	for name, values := range form {
		if strings.Contains(name, "statement_descriptor") {
			a.tells("a card statement", values[0])
		}
	}
	var made struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(answer, &made) != nil || made.ID == "" {
		return
	}
	kind, _, _ := strings.Cut(made.ID, "_")
	for _, ours := range []string{form.Get("metadata[lantern_refund]"), form.Get("metadata[lantern_try]")} {
		if ours == "" || kind != "re" && kind != "pi" {
			continue
		}
		if before := a.objects[ours]; before != "" && before != made.ID {
			a.world.breaks(3, "%s became both %s and %s at the card service", ours, before, made.ID)
		}
		a.objects[ours] = made.ID
	}
}

// checkBooks holds the bookings' lines against the card service's books, and each
// booking against what money must never do. It is for calm: what is on its way
// has arrived.
func (a *account) checkBooks() {
	var received, returned, away int64
	a.world.everyBooking(func(c booking.Case) {
		b := c.Booking
		for _, p := range b.Payments {
			if p.Method == booking.ByCard {
				received += p.Amount.Minor
			}
		}
		for _, refund := range b.Refunds {
			if byCard(b, refund) && refund.State != stripepay.RefundFailed {
				returned += refund.Amount.Minor
			}
		}
		away += b.DisputedAway().Minor
		a.checkMoney(c)
	})
	there, back := a.world.cards.Totals()
	disputed := a.world.cards.Disputed()
	if received != there["USD"] || returned != back["USD"] || away != disputed["USD"] {
		a.world.breaks(3, "we say that %d came, %d went back, %d are disputed; the card service says %d, %d, %d",
			received, returned, away, there["USD"], back["USD"], disputed["USD"])
	}
}

func byCard(b *booking.Booking, r booking.Refund) bool {
	return !slices.ContainsFunc(b.Payments, func(p booking.Payment) bool { return p.ID == r.PaymentID && p.Method != booking.ByCard })
}

func (a *account) checkMoney(c booking.Case) {
	w, b := a.world, c.Booking
	for _, charge := range b.Charges {
		if kept := b.Kept(charge.ID); kept.Minor > charge.Amount.Minor && !stays(b) {
			w.breaks(3, "%s is kept of %s of %s, which is %s", kept, charge.ID, b.ID, charge.Amount)
		}
	}
	for _, p := range b.Payments {
		if p.SettledAt == nil {
			w.breaks(3, "nobody has decided what %s of %s is for", p.ID, b.ID)
		}
	}
	for _, t := range b.Tries {
		if t.State == booking.TryUnheard {
			w.breaks(3, "nothing was ever heard of the try %s of %s", t.ID, b.ID)
		}
	}
	kept, allowed := b.KeptInAll().Minus(b.DisputedAway()), keptByPolicy(b)
	if c.Standing.State != retreats.Confirmed && !stays(b) && kept.Minor > allowed.Minor {
		w.breaks(3, "%s stands at %q with %s kept, of which %s may be", b.ID, c.Standing.State, kept, allowed)
	}
	if b.AttendAt != nil && !b.AttendAt.After(w.now.Add(-tick)) {
		w.breaks(3, "%s still has something to do since %s", b.ID, b.AttendAt)
	}
}

// keptByPolicy is what the practice may keep of a booking that has ended.
func keptByPolicy(b *booking.Booking) money.Amount {
	if b.Cancellation == nil {
		return money.Of(0, b.Price.Currency)
	}
	kept := b.Cancellation.Paid.Minus(b.Cancellation.Quote)
	if more := b.Cancellation.Refilled; more != nil {
		kept = kept.Minus(*more)
	}
	return kept
}

// stays reports whether money is here that its bank does not take back: a person
// sees to it.
func stays(b *booking.Booking) bool {
	return slices.ContainsFunc(b.Refunds, func(r booking.Refund) bool { return r.State == stripepay.RefundFailed && !r.Closed })
}
