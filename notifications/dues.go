package notifications

import (
	"fmt"
	"slices"
	"time"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/stripepay"
)

// noticeDays are how many days before a later charge is due its couple is told,
// and lateDays how many days after that it is reminded, once [D14].
var noticeDays = []int{14, 7, 3}

const lateDays = 2

// ten is the hour of the place at which money is asked for [D12].
const ten = civil.Clock("10:00")

// tenOn is ten o'clock of the place, so many days after the day of t: days of
// its calendar, whatever its clocks do in between.
func tenOn(c booking.Case, t time.Time, days int) time.Time {
	zone := c.Cohort.Location()
	return civil.DateOf(t, zone).AddDays(days).At(ten, zone)
}

// asks reports whether the couple is asked for money: it has its place, and
// neither of the two is refused, which ends the booking with all of it back.
func asks(c booking.Case) bool {
	return c.ChargesHeldBack() != booking.HeldByPlace && !c.Booking.IsNotCleared()
}

// balanceSoon tells of what will be due. A couple that comes late, or whose
// dates have moved, reads of it only once for all days that have passed [D41].
func balanceSoon(c booking.Case) []occasion {
	if !asks(c) {
		return nil
	}
	var all []occasion
	for _, d := range c.Dues() {
		known := askedSince(c, d.Charge)
		for i, days := range noticeDays {
			due, until := tenOn(c, d.Charge.DueAt, -days), d.Charge.DueAt
			if i+1 < len(noticeDays) {
				until = tenOn(c, d.Charge.DueAt, -noticeDays[i+1])
			}
			if !until.After(known) || !due.Before(until) {
				continue
			}
			if due.Before(known) {
				due = known
			}
			all = append(all, occasion{
				key: fmt.Sprintf("%s.%s.%d", d.Charge.ID, keyOf(d.Charge.DueAt), days), due: due, until: until, to: toOf(d), patient: true,
				tell: tellDues(c, d.Charge, func(booking.Due) bool { return true }),
			})
		}
	}
	return all
}

// askedSince is since when the charge has been what it is: the couple has its
// place, the day has its date, and what had been paid of it has gone back.
func askedSince(c booking.Case, charge booking.Charge) time.Time {
	b, since := c.Booking, c.Standing.Since
	later := func(t time.Time) {
		if t.After(since) {
			since = t
		}
	}
	if n := len(charge.MovedFrom); n > 0 {
		later(charge.MovedFrom[n-1].At)
	}
	if b.Split != nil {
		later(b.Split.At)
	}
	for _, r := range b.Refunds {
		if p, ok := b.Payment(r.PaymentID); ok && p.ChargeID == charge.ID {
			later(r.At)
		}
	}
	return since
}

// balanceLate reminds of what was not paid, once. While a card is still to be
// charged there is nothing that the couple has to do, and what a card that
// failed has to say was said two days before at least.
func balanceLate(c booking.Case) []occasion {
	if !asks(c) || c.ChargesHeldBack() != booking.NotHeldBack {
		return nil
	}
	var all []occasion
	for _, d := range c.Dues() {
		if !isLeft(d) {
			continue
		}
		from := d.Since
		if asked := askedSince(c, d.Charge); asked.After(from) {
			from = asked
		}
		if failed, ok := d.Failed(); ok && failed.At.After(from) {
			from = failed.At
		}
		due := tenOn(c, from, lateDays)
		all = append(all, occasion{
			key: d.Charge.ID + "." + keyOf(d.Charge.DueAt), due: due, until: due.Add(lateUse), to: toOf(d), patient: true,
			tell: tellDues(c, d.Charge, isLeft),
		})
	}
	return all
}

// isLeft reports whether nobody but the couple can see to it that it is paid.
func isLeft(d booking.Due) bool { return d.ChargeAt == nil && !d.IsCharging() }

// cardFailures tell at once that a card could not be charged: its owner, where
// each pays a part, else both. The next try has its own mail.
func cardFailures(c booking.Case) []occasion {
	if !asks(c) {
		return nil
	}
	var all []occasion
	for _, d := range c.Dues() {
		failed, ok := d.Failed()
		if !ok {
			continue
		}
		until := failed.HeardAt.Add(moneyUse)
		if d.ChargeAt != nil && d.ChargeAt.After(failed.At) {
			until = *d.ChargeAt
		}
		all = append(all, occasion{key: failed.ID, due: failed.At, until: until, to: toOf(d), tell: func(m *MailData) {
			line := dueLine(c, d, m.readers)
			line.Card = cardWords(c.Booking, c.Booking.Last4(failed), failed.Partner, m.readers)
			switch stripepay.CardAdvice(failed.Code, failed.DeclineCode) {
			case stripepay.AskPayer:
				line.Asks = true
			case stripepay.NeverAgain:
				line.Useless = true
			}
			m.Dues = []DueLine{line}
		}})
	}
	return all
}

// toOf is whom a due concerns.
func toOf(d booking.Due) []int {
	if d.Share == nil {
		return nil
	}
	return []int{*d.Share}
}

// tellDues tells the readers of a mail what they owe of a charge.
func tellDues(c booking.Case, charge booking.Charge, which func(booking.Due) bool) func(*MailData) {
	return func(m *MailData) {
		m.Day = charge.DueAt.In(c.Cohort.Location()).Format("Monday 2 January")
		for _, d := range c.Dues() {
			if d.Charge.ID == charge.ID && which(d) && (d.Share == nil || slices.Contains(m.readers, *d.Share)) {
				m.Dues = append(m.Dues, dueLine(c, d, m.readers))
			}
		}
	}
}

func dueLine(c booking.Case, d booking.Due, readers []int) DueLine {
	line := DueLine{
		What: partName(c.Booking, d, readers), Amount: d.Open.String(), When: placeTime(c, d.Charge.DueAt),
		Waits: c.ChargesHeldBack() == booking.HeldByPapers, Disputed: c.ChargesHeldBack() == booking.HeldByDispute,
	}
	if d.Card != nil {
		line.Card = cardWords(c.Booking, d.Card.Last4, d.Owner, readers)
	}
	if d.ChargeAt != nil {
		line.ChargeOn = placeTime(c, *d.ChargeAt)
	}
	return line
}

// partName says what is paid, and whose part of it.
func partName(b *booking.Booking, d booking.Due, readers []int) string {
	name := chargeName(b, d.Charge)
	switch {
	case d.Share == nil:
		return name
	case len(readers) == 1:
		return "your part of " + name
	}
	return "the part of " + b.Partners[*d.Share].Name + " of " + name
}

// cardWords say which card it is: by its last digits to its owner, to the other
// only whose it is.
func cardWords(b *booking.Booking, last4 string, owner int, readers []int) string {
	switch {
	case !slices.Contains(readers, owner):
		return "the card that " + b.Partners[owner].Name + " has saved"
	case last4 == "":
		return "the card that you have saved"
	}
	return "the card ending in " + last4
}
