package main

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"time"

	"lantern/booking"
	"lantern/internal/sms"
	"lantern/notifications"
	"lantern/retreats"
)

// handedOver looks at a message that is just handed over: it has to be of use.
func (a *account) handedOver(key string) {
	id, _, _ := strings.Cut(key, " ")
	m, ok := read[notifications.Message](a.world, "messages", id)
	if ok && !a.world.now.Before(m.UsefulUntil) {
		a.world.breaks(4, "%s was sent at %s and was of use until %s", key, a.world.now, m.UsefulUntil)
	}
	if ok {
		a.checkSending(m)
	}
}

// noteLetters looks at what was handed over in a step: nothing comes twice, unless
// whoever sent it could not know that it had been taken, or not write it down.
func (a *account) noteLetters() {
	w := a.world
	for _, key := range w.post.fresh {
		all := w.post.letters[key]
		last := len(all) - 1
		for i := range all[:last] {
			if !all[i].excused || strings.HasSuffix(key, " text") {
				w.breaks(4, "%s was sent twice, at %s and at %s", key, all[i].at, all[last].at)
			}
		}
		all[last].excused = all[last].excused || w.stumbled
	}
	w.post.fresh = w.post.fresh[:0]
}

// recovers is how long after a trouble something may still be late: the longest
// pause between two tries, and a little.
const recovers = 7 * time.Hour

// checkMessage looks at a message that has changed.
func (a *account) checkMessage(id string) {
	w := a.world
	m, ok := read[notifications.Message](w, "messages", id)
	if !ok {
		return
	}
	if m.State == notifications.Sent && m.Copy == nil {
		w.breaks(4, "%s is said to be sent, and nobody knows what", id)
	}
	if m.State == notifications.Withdrawn {
		a.withdrawn[id] = true
		return
	}
	if a.withdrawn[id] { // it applies again, perhaps too late
		delete(a.withdrawn, id)
		a.wanted[id] = w.now
	}
	due := m.DueAt
	for _, later := range []time.Time{m.CreatedAt, a.wanted[id]} {
		if later.After(due) {
			due = later
		}
	}
	excused := w.weather.lastBad.Add(recovers).After(due) || len(m.Trail) > 0 || m.Channel == notifications.ByText || m.Why != ""
	if m.State == notifications.Missed && !excused && due.Add(tick).Before(m.UsefulUntil) {
		w.breaks(4, "%s was missed, due at %s, of use until %s, though nothing was wrong since %s", id, due, m.UsefulUntil, w.weather.lastBad)
	}
}

// checkMessages wants, in calm, that nothing is late and that all exists that
// ought to be said.
func (a *account) checkMessages() {
	w := a.world
	p := w.free(0)
	reminders := map[string][]notifications.Reminder{}
	w.everyBooking(func(c booking.Case) {
		set, ok := reminders[c.Booking.CohortID]
		if !ok {
			found, err := p.notices.Reminders(w.ctx, c.Booking.CohortID)
			if err != nil {
				w.breaks(4, "the reminders of %s cannot be read: %v", c.Booking.CohortID, err)
				return
			}
			set = found.Reminders
			reminders[c.Booking.CohortID] = set
		}
		for _, wanted := range notifications.Plan(c, w.now, set...) {
			m, ok := read[notifications.Message](w, "messages", wanted.ID)
			switch {
			case !ok:
				w.breaks(4, "%s ought to be said, and is not planned", wanted.ID)
			case m.NextAt != nil && m.NextAt.Before(w.now.Add(-recovers)):
				w.breaks(4, "%s is %s since %s and nobody sends it", m.ID, m.State, m.NextAt)
			case m.State == notifications.Sent && !a.arrived(m):
				w.breaks(4, "%s is said to be sent, and has not arrived", m.ID)
			}
		}
		if c.Standing.State == retreats.Confirmed && !c.Booking.IsOver() && c.Cohort.State != retreats.Cancelled {
			a.checkHeard(c)
		}
	})
}

// arrived reports whether something was handed over that the message is.
func (a *account) arrived(m *notifications.Message) bool {
	letters := a.world.post.letters
	return len(letters[m.ID+" mail"])+len(letters[m.ID+" text"]) > 0
}

// checkHeard wants a couple with a place to have heard of it.
func (a *account) checkHeard(c booking.Case) {
	w := a.world
	for _, m := range w.messagesOf(c.Booking.ID) {
		if m.Rule == "confirmed" || m.Rule == "transferred" { // before the first could be said
			return
		}
	}
	w.breaks(4, "%s has a place in %s, and nothing says so to it", c.Booking.ID, c.Cohort.ID)
}

// endings are the rules that say to a couple that has paid how its booking ended.
var endings = []string{"cancelled", "called_off", "booking_ended", "late_refunded", "removed", "turn_ended", "lapsed", "money_returned", "refund_failed"}

// checkComplete wants every couple's story to have come to its end: paid and
// placed, or over and told so.
func (a *account) checkComplete() {
	w := a.world
	w.everyBooking(func(c booking.Case) {
		b := c.Booking
		switch {
		case stays(b): // a person sees to what a bank does not take back
		case !b.IsOver() && c.Standing.State == retreats.None:
			w.breaks(3, "%s stands nowhere, and is not over", b.ID)
		case !b.IsOver() && c.Standing.State != retreats.Confirmed && w.now.After(c.Cohort.Start().Add(recovers)):
			w.breaks(3, "%s is %q in dates that have begun", b.ID, c.Standing.State)
		case b.IsOver() && len(b.Payments) > 0:
			told := slices.ContainsFunc(w.messagesOf(b.ID), func(m *notifications.Message) bool { return slices.Contains(endings, m.Rule) })
			if !told {
				w.breaks(4, "%s has paid and is over, and nothing says so to it", b.ID)
			}
		}
	})
}

func (w *world) messagesOf(id string) []*notifications.Message {
	var all []*notifications.Message
	for partner := range 2 {
		found, err := w.free(0).notices.OfBooking(w.ctx, id, partner)
		if err != nil {
			w.breaks(4, "the messages of %s cannot be read: %v", id, err)
		}
		all = append(all, found...)
	}
	return all
}

// telling are words that say what kind of practice it is.
var telling = []string{"ketamine", "psychedelic", "medicine", "therapy", "therapist", "retreat", "clinic", "weekend"}

// tells looks for a word in what strangers may see.
func (a *account) tells(where, text string) {
	for _, word := range telling {
		if strings.Contains(strings.ToLower(text), word) {
			a.world.breaks(6, "%s says %q: %q", where, word, text)
		}
	}
}

var (
	owners = regexp.MustCompile(`(?:[Qq]u|[Dd])ill(\d+)`)
	tokens = regexp.MustCompile(`/b/([^\s"?#<&]+)`)
)

// reads looks at a mail as its reader does: there is nothing of anybody else in
// it.
func (a *account) reads(p *process, m notifications.Outgoing) {
	a.tells("the subject of "+m.ID, m.Subject)
	for line := range strings.Lines(string(bytes.Join(m.Calendars, nil))) {
		if strings.HasPrefix(line, "SUMMARY") {
			a.tells("a calendar in "+m.ID, line)
		}
	}
	if isStaff(m.Email) {
		a.readsAsStaff(m)
		return
	}
	own := owners.FindStringSubmatch(m.Email)
	for _, found := range owners.FindAllStringSubmatch(m.Subject+m.Text+m.HTML, -1) {
		if own == nil || found[1] != own[1] {
			a.world.breaks(6, "%s to %s names %s", m.ID, m.Email, found[0])
		}
	}
	for _, found := range tokens.FindAllStringSubmatch(m.Text+m.HTML, -1) {
		token, _, _ := strings.Cut(strings.TrimRight(found[1], ".,)"), "/")
		id, _, _ := strings.Cut(token, ".")
		if !a.opens(p, token, id, m.Email) {
			a.world.breaks(6, "%s to %s holds somebody else's link", m.ID, m.Email)
		}
	}
}

// opens reports whether a link is of somebody who reads that mailbox.
func (a *account) opens(p *process, token, id, email string) bool {
	b, ok := read[booking.Booking](a.world, "bookings", id)
	for partner := range 2 {
		if ok && b.Partners[partner].Email == email && token == p.bookings.TokenOf(b, partner) {
			return true
		}
	}
	return ok && a.justCorrected(b, email)
}

// glances looks at a text as somebody does who sees the phone lie there.
func (a *account) glances(t sms.Text) {
	body := t.Body
	for _, shape := range retreats.Shapes() { // a driver has to find the house, whatever its name is
		body = strings.ReplaceAll(body, shape.Location, "")
	}
	a.tells("the text "+t.ID, body)
	if strings.Contains(t.Body, "://") {
		a.world.breaks(6, "the text %s has a link: %q", t.ID, t.Body)
	}
}
