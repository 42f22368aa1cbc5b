package main

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/money"
	"lantern/retreats"
)

// putsRight has Robin correct the name or the address of somebody with a place or
// turn in a cohort.
func (w *world) putsRight(p *process, c *retreats.Cohort, r *rand.Rand) {
	all := c.Roster.Bookings()
	if len(all) == 0 {
		return
	}
	id, partner := all[r.IntN(len(all))], r.IntN(2)
	seen, err := p.bookings.Case(w.ctx, id)
	if err != nil {
		return
	}
	b := seen.Booking
	is := b.Partners[partner]
	whose := owners.FindStringSubmatch(is.Email)[1]
	to := booking.Correction{
		Details: booking.PartnerInput{Name: is.Name, Email: is.Email, Phone: is.Phone, Zone: is.Zone},
		Shared:  b.SharesMailbox(), Stranger: chance(r, 30), Version: b.DetailsVersion(),
	}
	if chance(r, 40) {
		to.Details.Name = fmt.Sprintf("%s Quill%s", one(r, "Anna", "Benno", "Maria-Luisa"), whose)
	} else {
		to.Details.Email = fmt.Sprintf("quill%s.%d.new%d@example.org", whose, partner, r.IntN(3))
		to.Shared = to.Shared && chance(r, 60)
	}
	w.account.corrected[whose] = w.now
	err = p.bookings.CorrectPartner(w.ctx, id, partner, to, robin)
	w.say("Robin corrects partner %d of %s to %s, %s (a stranger may have had the link: %v): %v",
		partner, id, to.Details.Name, to.Details.Email, to.Stranger, err)
	w.account.putRight(id, partner, to.Details, err)
}

// putRight: what was corrected stays until somebody corrects it again, which the
// booking's trail says.
func (a *account) putRight(id string, partner int, to booking.PartnerInput, err error) {
	at := a.world.now
	a.promised(id, fmt.Sprintf("details of partner %d", partner), err, func(b *booking.Booking) bool {
		later := func(what, is string) bool {
			return slices.ContainsFunc(b.Trail, func(l audit.Line) bool {
				return l.What == fmt.Sprintf("%s of partner %d", what, partner+1) && l.From == is && !l.At.Before(at)
			})
		}
		is := b.Partners[partner]
		return (is.Name == to.Name || later("name", to.Name)) && (is.Email == to.Email || later("mail address", to.Email))
	})
}

// justCorrected reports whether somebody's address was corrected in this moment:
// what was under way to the one before still arrives.
func (a *account) justCorrected(b *booking.Booking, email string) bool {
	reader, whose := owners.FindStringSubmatch(email), owners.FindStringSubmatch(b.Partners[0].Email)
	return reader != nil && whose != nil && reader[1] == whose[1] && a.corrected[whose[1]].Equal(a.world.now)
}

// friends is a code that couples tell each other.
const friends = "FRIENDS"

// discounts has Robin give a cohort its code, or end it.
func (w *world) discounts(p *process, c *retreats.Cohort, r *rand.Rand) {
	if len(c.Codes) > 0 {
		_, err := p.retreats.EndCode(w.ctx, c.ID, friends, robin)
		w.say("Robin ends the code of %s: %v", c.ID, err)
		return
	}
	code := retreats.Code{Name: friends, Percent: 10, Limit: r.IntN(3)}
	if chance(r, 40) {
		code.Percent, code.Amount = 0, money.Of(25000, "USD")
	}
	_, err := p.retreats.AddCode(w.ctx, c.ID, code, robin)
	w.say("Robin gives %s a code for %d couples: %v", c.ID, code.Limit, err)
}

// checkCodes wants no code to be used more often than it can be.
func (a *account) checkCodes(before, after *retreats.Cohort) {
	for _, code := range after.Codes {
		if n := after.CodeUses(code.Name); code.Limit > 0 && n > code.Limit && n > before.CodeUses(code.Name) {
			a.world.breaks(failure, "the code %s of %s is for %d couples and used by %d", code.Name, after.ID, code.Limit, n)
		}
	}
}
