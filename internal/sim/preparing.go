package main

import (
	"fmt"
	"math/rand/v2"

	"lantern/booking"
	"lantern/retreats"
)

// prepares has a couple with a place do one of the things that there are to do.
func (w *world) prepares(p *process, c *couple, seen booking.Case, r *rand.Rand) {
	id, partner := c.booking(), r.IntN(2)
	switch dice := r.IntN(100); {
	case dice < 5:
		w.givesUp(p, c, seen, r)
	case dice < 8:
		w.transfers(p, c, r)
	case dice < 30:
		for i := range 2 {
			err := p.bookings.GiveConsent(w.ctx, id, i)
			w.say("%s, partner %d consents: %v", c, i, err)
			w.account.consented(id, i, err)
		}
	case dice < 33:
		w.say("%s takes a consent back: %v", c, p.bookings.WithdrawConsent(w.ctx, id, partner))
	case dice < 45 && c.texts:
		w.account.welcomes(c.phone(partner))
		err := p.bookings.AllowTexts(w.ctx, id, partner, c.phone(partner), booking.ByPage)
		w.say("%s, partner %d wants texts: %v", c, partner, err)
	case dice < 48:
		w.say("%s wants no texts: %v", c, p.bookings.StopTexts(w.ctx, id, partner, booking.ByPage))
	case dice < 65:
		w.namesDrivers(p, c, seen, r)
	case dice < 72:
		w.replies(p, c, seen, r)
	case dice < 76:
		w.say("%s forgets a card: %v", c, p.bookings.ForgetCard(w.ctx, id, partner))
	case dice < 80:
		if page, err := p.bookings.SaveCard(w.ctx, id, partner); err == nil {
			c.pages = append(c.pages, page)
			w.pays(p, c, page, r)
		}
	default:
		w.opensPage(p, c, seen, r)
	}
}

// givesUp cancels, having seen what comes back, or not quite.
func (w *world) givesUp(p *process, c *couple, seen booking.Case, r *rand.Rand) {
	back := seen.Quote(w.now).Back
	err := p.bookings.Cancel(w.ctx, c.booking(), &back)
	w.say("%s gives its place up for %s: %v", c, back, err)
	if err == nil && chance(r, 15) {
		err := p.bookings.GiveBack(w.ctx, c.booking(), robin)
		w.say("Robin gives %s its place back: %v", c, err)
	}
}

func (w *world) transfers(p *process, c *couple, r *rand.Rand) {
	offer, err := p.retreats.Offer(w.ctx, 20, "")
	if err != nil || len(offer.Items) == 0 {
		return
	}
	to := offer.Items[r.IntN(len(offer.Items))].ID
	err = p.bookings.TransferByCouple(w.ctx, c.booking(), booking.Transfer{To: to, AcceptPolicy: true})
	w.say("%s changes to %s: %v", c, to, err)
}

func (w *world) namesDrivers(p *process, c *couple, seen booking.Case, r *rand.Rand) {
	for _, s := range soon(seen.Cohort, w.now) {
		if !seen.Cohort.NeedsDriver(s) || chance(r, 15) {
			continue
		}
		in := booking.DriverInput{
			Name: fmt.Sprintf("Dora Dill%d", c.n), Phone: fmt.Sprintf("+1415556%04d", (3*c.n+r.IntN(2))%10000), Relation: "a friend",
		}
		if chance(r, 70) {
			in.Email = fmt.Sprintf("dill%d@example.org", c.n)
		}
		err := p.bookings.NameDriver(w.ctx, c.booking(), s.ID, r.IntN(2), in)
		w.say("%s names a driver for %s: %v", c, s.ID, err)
		w.account.named(c.booking(), s.ID, in.Phone, err)
	}
}

func (w *world) replies(p *process, c *couple, seen booking.Case, r *rand.Rand) {
	for _, s := range soon(seen.Cohort, w.now) {
		if s.Kind != retreats.Preparation {
			continue
		}
		partner, wish := r.IntN(2), one(r, "", "", "", "", "A day later.")
		var err error
		if wish == "" {
			err = p.bookings.ConfirmSession(w.ctx, c.booking(), s.ID, partner)
		} else {
			err = p.bookings.AskForAnotherTime(w.ctx, c.booking(), s.ID, partner, wish)
		}
		w.say("%s, partner %d replies to %s: %v", c, partner, s.ID, err)
		w.account.replied(c.booking(), s.ID, partner, wish, err)
		return
	}
}
