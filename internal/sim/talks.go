package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"lantern/booking"
	"lantern/notifications"
)

// asksForTalk has a couple ask for a first talk before it books, or give it up. A
// form that got no answer is sent again, with its key.
func (w *world) asksForTalk(p *process, c *couple, r *rand.Rand) {
	if c.talk != "" && chance(r, 30) {
		err := p.talks.Withdraw(w.ctx, c.talk)
		w.say("%s gives its talk up: %v", c, err)
		w.account.talked(c.talk, booking.TalkWithdrawn, err)
		return
	}
	form := booking.ConsultationInput{Key: fmt.Sprintf("talk %d", c.n), Times: []string{"mornings"}, Online: true, Understood: true}
	for i := range form.People {
		form.People[i] = booking.PartnerInput{Name: c.name(i), Email: c.email(i), Zone: c.zone}
	}
	talk, err := p.talks.Ask(w.ctx, form)
	w.say("%s asks for a first talk: %v", c, err)
	if err == nil && c.talk == "" {
		c.talk = talk.ID
		w.account.talked(talk.ID, talk.State, nil)
	}
}

// talks has Robin fix a time for who has asked for a talk, and say what came of
// others.
func (w *world) talks(p *process, r *rand.Rand) {
	state := one(r, booking.TalkAsked, booking.TalkAsked, booking.TalkFixed, booking.TalkMissed)
	page, err := p.talks.InState(w.ctx, state, 5, "")
	if err != nil || len(page.Items) == 0 {
		return
	}
	t := page.Items[r.IntN(len(page.Items))]
	becomes := booking.TalkFixed
	switch {
	case t.State == booking.TalkFixed && t.EndsAt.Before(w.now), t.State == booking.TalkAsked && chance(r, 10):
		becomes = one(r, booking.TalkInvited, booking.TalkInvited, booking.TalkDeclined, booking.TalkMissed)
		err = p.talks.Conclude(w.ctx, t.ID, becomes, robin)
	default:
		at := w.now.Add(time.Duration(20+r.IntN(100)) * time.Hour).Truncate(time.Hour)
		err = p.talks.Fix(w.ctx, t.ID, booking.Fixing{StartsAt: at, Minutes: booking.DefaultTalkMinutes, Where: "We call you."}, robin)
	}
	w.say("Robin has the talk %s, which is %s, become %s: %v", t.ID, t.State, becomes, err)
	w.account.talked(t.ID, becomes, err)
}

// talkRules are the mails about a first talk, by how far it is.
var talkRules = map[booking.ConsultationState]string{
	booking.TalkAsked: "talk_asked", booking.TalkFixed: "talk_fixed", booking.TalkWithdrawn: "talk_withdrawn",
	booking.TalkInvited: "talk_invited", booking.TalkDeclined: "talk_declined",
}

// tellTalk plans a mail about a first talk, as the program does.
func (p *process) tellTalk(ctx context.Context, m booking.TalkMail) error {
	rule, ok := talkRules[m.Talk.State]
	if !ok {
		return nil
	}
	until, data := p.world.now.Add(7*day), map[string]string{"link": m.Link, "dates": m.Dates}
	if at := m.Talk.StartsAt; at != nil {
		data["when"], data["where"] = at.Format(time.RFC1123), m.Talk.Where
		if m.Talk.State == booking.TalkFixed {
			until = *at
		}
	}
	return p.notices.Notify(ctx, notifications.Notice{
		ID: m.ID, Rule: rule, Name: m.Greets, Email: m.To.Email, UsefulUntil: until, Data: data,
	})
}

// talked notes how far a talk was said to be; of an error nobody knows what became
// of it.
func (a *account) talked(id string, state booking.ConsultationState, err error) {
	if err != nil {
		delete(a.talks, id)
		return
	}
	a.talks[id] = state
	a.changed("consultations", id)
}

// checkTalk wants a talk to be as far as was last answered.
func (a *account) checkTalk(id string) {
	state, told := a.talks[id]
	t, ok := read[booking.Consultation](a.world, "consultations", id)
	if told && (!ok || t.State != state) {
		a.world.breaks(7, "the talk %s was said to be %s, and is not (there: %v)", id, state, ok)
	}
}

// checkTalks wants, in calm, that all is said that there is to say about talks.
func (a *account) checkTalks() {
	for _, id := range a.world.place.IDs("consultations") {
		t, ok := read[booking.Consultation](a.world, "consultations", id)
		if !ok {
			continue
		}
		if t.TellAt != nil {
			a.world.breaks(4, "about the talk %s somebody ought to be told since %s", id, t.TellAt)
		}
		if _, tells := talkRules[t.State]; tells {
			last := fmt.Sprintf("%s.%d.1", t.ID, t.Step)
			if _, ok := read[notifications.Message](a.world, "messages", last); !ok {
				a.world.breaks(4, "%s ought to be said, and is not planned", last)
			}
		}
	}
}
