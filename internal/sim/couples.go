package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"lantern/booking"
	"lantern/retreats"
)

// couple is two people who would like a place, with what they have in hand.
type couple struct {
	n      int
	card   string
	agrees bool // to their bank
	texts  bool
	split  bool
	shares bool // a mailbox
	knows  bool // a code
	zone   string
	// ids are the bookings that they were told of, the last one first in mind.
	ids []string
	// talk is the first talk that they asked for.
	talk string
	// pages are card pages that were ever opened.
	pages []string
}

const (
	goodCard   = "4242424242424242"
	asksOnce   = "4000002500003155"
	asksAlways = "4000002760003184"
	failsLater = "4000000000000341"
	poor       = "4000000000009995"
	declined   = "4000000000000002"
	disputed   = "4000000000000259"
	noRefund   = "4000000000005126"
)

func newCouple(seed uint64, n int) *couple {
	r := newRand(seed, uint64(1000+n))
	return &couple{
		n: n, agrees: chance(r, 90), texts: chance(r, 40), split: chance(r, 25), shares: chance(r, 8), knows: chance(r, 40),
		card: one(r, goodCard, goodCard, goodCard, goodCard, goodCard, asksOnce, asksAlways, failsLater, poor, declined, disputed, noRefund),
		zone: one(r, "", "", "America/New_York", "Europe/Berlin", "Asia/Kolkata"),
	}
}

func (c *couple) String() string { return fmt.Sprintf("couple %d", c.n) }

// names and addresses tell whose they are, so that a stranger's are recognised.
func (c *couple) name(partner int) string {
	return fmt.Sprintf("%s Quill%d", [2]string{"Ana", "Ben"}[partner], c.n)
}

func (c *couple) email(partner int) string {
	if c.shares {
		partner = 0
	}
	return fmt.Sprintf("quill%d.%d@example.org", c.n, partner)
}

func (c *couple) phone(partner int) string { return fmt.Sprintf("+1415555%04d", (2*c.n+partner)%10000) }

// unreachable are the mailboxes that there are not: one couple's in twenty.
func (w *world) unreachable(email string) bool {
	var n, partner int
	_, err := fmt.Sscanf(email, "quill%d.%d@", &n, &partner)
	return err == nil && n%20 == 7 && partner == 1 && !w.kind
}

func (c *couple) booking() string {
	if len(c.ids) == 0 {
		return ""
	}
	return c.ids[len(c.ids)-1]
}

// visits has a couple look at its page and do what comes next, mostly.
func (w *world) visits(c *couple, r *rand.Rand) {
	if w.isDown() {
		w.say("%s gets no answer", c)
		return
	}
	p := w.pick(r)
	if c.booking() == "" && chance(r, 15) {
		w.asksForTalk(p, c, r)
		return
	}
	if c.booking() == "" {
		w.books(p, c, r)
		return
	}
	seen, err := p.bookings.Case(w.ctx, c.booking())
	switch {
	case err != nil:
		w.say("%s gets no answer: %v", c, err)
	case seen.Booking.IsOver() && (chance(r, 25) || seen.Booking.LapsedAt != nil && chance(r, 60)):
		w.books(p, c, r)
	case seen.Booking.IsOver():
	case seen.Standing.State == retreats.Held:
		w.opensPage(p, c, seen, r)
	case seen.Standing.State == retreats.Offered:
		w.answers(p, c, r)
	case seen.Standing.State == retreats.WaitingOn:
		w.waits(p, c, seen, r)
	case seen.Standing.State == retreats.Confirmed:
		w.prepares(p, c, seen, r)
	}
}

// books has a couple book or wait for something that is on offer. A form that
// got no answer is sent again, with its key.
func (w *world) books(p *process, c *couple, r *rand.Rand) {
	offer, err := p.retreats.Offer(w.ctx, 20, "")
	if err != nil || len(offer.Items) == 0 {
		return
	}
	choice := offer.Items[r.IntN(min(3, len(offer.Items)))]
	cohort := choice.ID
	form := booking.Application{
		Key: fmt.Sprintf("form %d.%d", c.n, len(c.ids)), AcceptPolicy: true, Wait: chance(r, 85), SharedEmail: c.shares, IP: "192.0.2.1",
	}
	for i := range form.Partners {
		form.Partners[i] = booking.PartnerInput{Name: c.name(i), Email: c.email(i), Zone: c.zone}
	}
	if c.knows && len(choice.Codes) > 0 {
		form.Code = friends
	}
	seen, err := p.bookings.Book(w.ctx, cohort, form)
	if err != nil {
		c.knows = false // perhaps it goes without the code
		w.say("%s asks for %s: %v", c, cohort, err)
		return
	}
	w.say("%s books %s: %s is %q", c, cohort, seen.Booking.ID, seen.Standing.State)
	if c.booking() != seen.Booking.ID {
		c.ids = append(c.ids, seen.Booking.ID)
	}
	w.account.told(seen)
	if seen.Standing.State == retreats.Held && chance(r, 60) {
		w.opensPage(p, c, seen, r)
	}
}

// opensPage has a couple open a card page, and mostly pay on it.
func (w *world) opensPage(p *process, c *couple, seen booking.Case, r *rand.Rand) {
	id, partner := seen.Booking.ID, r.IntN(2)
	if c.split && seen.Booking.Split == nil && chance(r, 50) {
		err := p.bookings.SplitPayments(w.ctx, id, one(r, 50, 33, 70), partner)
		w.say("%s splits payments: %v", c, err)
	}
	due := seen.CanPay()
	if len(due) == 0 {
		return
	}
	order := booking.Order{Charge: due[0].ID, Partner: partner, SaveCard: chance(r, 60)}
	if c.split && chance(r, 70) {
		share := partner
		order.Share = &share
	}
	page, err := p.bookings.Pay(w.ctx, id, order)
	if err != nil {
		w.say("%s wants to pay %s: %v", c, order.Charge, err)
		return
	}
	c.pages = append(c.pages, page)
	if chance(r, 75) {
		w.pays(p, c, page, r)
	}
}

// pays types the card, and mostly comes back from the card page.
func (w *world) pays(p *process, c *couple, page string, r *rand.Rand) {
	to := w.types(page, c.card, c.agrees)
	w.say("%s types a card on a page and is sent to %q", c, shorten(to))
	if to == "" && chance(r, 60) {
		c.card = goodCard // another one
		to = w.types(page, c.card, c.agrees)
	}
	back, err := url.Parse(to)
	if err != nil || to == "" || !chance(r, 60) {
		return
	}
	if session := back.Query().Get("paid"); session != "" {
		err = p.bookings.SyncCheckout(w.ctx, c.booking(), session)
		w.say("%s comes back from the card page: %v", c, err)
	}
}

func shorten(link string) string {
	before, _, _ := strings.Cut(link, "?")
	return before[:min(len(before), 40)]
}

// paysLate pays on some page that was opened once.
func (w *world) paysLate(c *couple, r *rand.Rand) {
	if len(c.pages) > 0 {
		w.pays(w.pick(r), c, c.pages[r.IntN(len(c.pages))], r)
	}
}

// answers says something to an offer, or nothing.
func (w *world) answers(p *process, c *couple, r *rand.Rand) {
	say := one(r, booking.AcceptOffer, booking.AcceptOffer, booking.AcceptOffer, booking.PassOffer, booking.LeaveList, "")
	if say == "" {
		return
	}
	err := p.bookings.AnswerOffer(w.ctx, c.booking(), say)
	if errors.Is(err, booking.ErrRenew) {
		w.say("%s accepts the terms of today: %v", c, p.bookings.AcceptTerms(w.ctx, c.booking(), "192.0.2.1"))
		err = p.bookings.AnswerOffer(w.ctx, c.booking(), say)
	}
	w.say("%s says %s to its offer: %v", c, say, err)
	if err != nil || say != booking.AcceptOffer {
		return
	}
	if seen, err := p.bookings.Case(w.ctx, c.booking()); err == nil {
		w.account.told(seen)
		if seen.Standing.State == retreats.Held {
			w.opensPage(p, c, seen, r)
		}
	}
}

func (w *world) waits(p *process, c *couple, seen booking.Case, r *rand.Rand) {
	switch dice := r.IntN(100); {
	case dice < 6:
		w.say("%s leaves the waitlist: %v", c, p.bookings.AnswerOffer(w.ctx, c.booking(), booking.LeaveList))
	case dice < 20:
		offer, err := p.retreats.Offer(w.ctx, 20, "")
		if err != nil || len(offer.Items) == 0 {
			return
		}
		also := offer.Items[r.IntN(len(offer.Items))].ID
		other, err := p.bookings.AlsoWait(w.ctx, c.booking(), also, true)
		w.say("%s also waits for %s: %v", c, also, err)
		if err == nil && other.Booking.ID != c.booking() {
			c.ids = append(c.ids, other.Booking.ID)
			w.account.told(other)
		}
	case dice < 40 && seen.Standing.MayTake:
		w.answers(p, c, r)
	case len(c.ids) > 1: // a look at the other one
		c.ids[0], c.ids[len(c.ids)-1] = c.ids[len(c.ids)-1], c.ids[0]
	}
}

// drives has the driver of a couple answer.
func (w *world) drives(c *couple, r *rand.Rand) {
	p := w.pick(r)
	if w.isDown() || c.booking() == "" {
		return
	}
	seen, err := p.bookings.Case(w.ctx, c.booking())
	if err != nil {
		return
	}
	for _, d := range seen.Booking.Drivers {
		_, token, _ := strings.Cut(p.bookings.DriverLink(c.booking(), d), "/d/")
		answer := one(r, booking.DriverYes, booking.DriverYes, booking.DriverYes, booking.DriverNo)
		err := p.bookings.AnswerRide(w.ctx, token, d.Session, answer)
		w.say("the driver of %s says %s for %s: %v", c, answer, d.Session, err)
		w.account.rides(c.booking(), d, answer, err)
		if chance(r, 25) {
			w.account.welcomes(d.Phone)
			w.say("the driver wants texts: %v", p.bookings.AllowDriverTexts(w.ctx, token, booking.ByPage))
		}
		if chance(r, 4) {
			w.say("the driver wants no texts: %v", p.bookings.StopDriverTexts(w.ctx, c.booking(), d.Phone, booking.ByPage))
		}
	}
}

// soon are the sessions that a couple still has before it.
func soon(c *retreats.Cohort, now time.Time) (coming []retreats.Session) {
	for _, s := range c.Sessions {
		if s.StartsAt.After(now) {
			coming = append(coming, s)
		}
	}
	return coming
}
