package main

import (
	"math/rand/v2"
	"strings"
	"time"

	"lantern/internal/access"
	"lantern/internal/civil"
	"lantern/notifications"
)

// colleagues are those of the staff who come and go, by their mailboxes.
var colleagues = []string{"kim@staff.example.org", "lou@staff.example.org"}

// staffs has somebody join the team, wish for a digest, or leave. Digests come once
// a week: each looks at all that there is.
func (w *world) staffs(p *process, r *rand.Rand) {
	email := one(r, colleagues...)
	person, err := p.team.ByEmail(w.ctx, email)
	switch {
	case err != nil || !person.Works():
		delete(w.account.left, email) // it may have happened, whatever is answered
		_, err = p.team.Add(w.ctx, access.Console(), email, "Kim Lou", one(r, access.Organizer, access.Staff, access.Viewer), false)
		w.say("%s joins the team: %v", email, err)
	case chance(r, 40):
		_, err = p.team.End(w.ctx, access.Console(), person.ID)
		w.say("%s leaves the team: %v", email, err)
		if err == nil {
			w.account.left[email] = w.now
		}
	default:
		wish := access.Wishes{Digest: one(r, "0 7 * * 1", "30 17 * * 5", "")}
		_, err = p.team.Wish(w.ctx, person.ID, wish, w.now, civil.ZoneOrUTC(place))
		w.say("%s wishes for a digest (%s): %v", email, wish.Digest, err)
	}
}

// isStaff reports whether a mailbox is read by staff, who may see whom they work
// for.
func isStaff(email string) bool { return strings.HasSuffix(email, "@staff.example.org") }

// readsAsStaff looks at a mail to somebody of the staff: who has left gets none.
// What was on its way in that moment may still come.
func (a *account) readsAsStaff(m notifications.Outgoing) {
	if at, left := a.left[m.Email]; left && a.world.now.After(at) {
		a.world.breaks(7, "%s goes to %s, who left at %s", m.ID, m.Email, at)
	}
}

// nextDigest is when one is due, if anybody wants any.
func (w *world) nextDigest() (at time.Time, ok bool) {
	coming, err := w.team.ComingDigests(w.ctx, time.Time{})
	if err != nil || len(coming) == 0 {
		return at, false
	}
	return coming[0].At, true
}
