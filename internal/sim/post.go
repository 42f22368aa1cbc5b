package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/internal/sms"
	"lantern/notifications"
)

// post is the mail server and the phones' provider.
type post struct {
	world *world
	// letters are what was handed over, by the message and its way.
	letters map[string][]letter
	// fresh are the keys of letters of the present step.
	fresh []string
	news  []word
	sent  int
}

// letter is one thing that was handed over.
type letter struct {
	at time.Time
	// excused says that the sender may not have heard, or not have been able to
	// write down, that it was.
	excused bool
}

// word is something that a phone or its provider says later.
type word struct {
	at   time.Time
	news *sms.News
	said *sms.Word
}

var (
	errBusy      = errors.New("450 try again later")
	errNoMailbox = errors.New("550 no such mailbox")
)

func noSuchMailbox(err error) bool { return errors.Is(err, errNoMailbox) }

func newPost(w *world) *post { return &post{world: w, letters: map[string][]letter{}} }

// send is what the service hands a mail over with.
func (p *process) send(_ context.Context, m notifications.Outgoing) error {
	w := p.world
	if p.dead {
		return errHungUp
	}
	w.calls(p)
	switch bad := &w.weather.mail; {
	case bad.refuses > 0:
		bad.refuses--
		w.stumbled = true
		return errBusy
	case bad.lateAnswers > 0: // it takes the mail and hangs up
		bad.lateAnswers--
		w.stumbled = true
		w.post.take(m.ID+" mail", true)
		return errHungUp
	}
	if w.unreachable(m.Email) {
		return errNoMailbox
	}
	w.account.reads(p, m)
	w.post.take(m.ID+" mail", false)
	if w.plant == "sent twice" && chance(w.rand, 10) {
		w.post.take(m.ID+" mail", false)
	}
	return nil
}

// sendText is what the service hands a text over with.
func (p *process) sendText(_ context.Context, t sms.Text) (string, error) {
	w := p.world
	if p.dead {
		return "", errHungUp
	}
	w.calls(p)
	if bad := &w.weather.texts; bad.refuses > 0 {
		bad.refuses--
		w.stumbled = true
		return "", &sms.Refusal{Status: 400, Code: one(w.rand, 30006, 30007, sms.CodeStopped)}
	}
	late := false
	if bad := &w.weather.texts; bad.lateAnswers > 0 {
		bad.lateAnswers--
		w.stumbled, late = true, true
	}
	w.account.glances(t)
	w.account.rings(t.To, t.ID)
	w.post.take(t.ID+" text", late)
	w.post.follows(t)
	if late {
		return "", errHungUp
	}
	return fmt.Sprintf("SM%d", w.post.sent), nil
}

func (o *post) take(key string, excused bool) {
	o.sent++
	o.letters[key] = append(o.letters[key], letter{at: o.world.now, excused: excused})
	o.fresh = append(o.fresh, key)
	o.world.account.handedOver(key)
}

// follows has the phone answer and its provider tell what became of a text.
func (o *post) follows(t sms.Text) {
	w := o.world
	status := sms.Delivered
	if chance(w.rand, 10) {
		status = sms.Undelivered
	}
	for range 1 + w.rand.IntN(2) { // what is told is sometimes told twice
		o.news = append(o.news, word{at: o.soon(90), news: &sms.News{ID: t.ID, Status: status}})
	}
	if chance(w.rand, 30) {
		said := &sms.Word{ID: fmt.Sprintf("in %d", o.sent), From: t.To, Body: one(w.rand, "YES", "yes", "NO", "STOP", "HELP", "START", "When is it?")}
		o.news = append(o.news, word{at: o.soon(600), said: said})
	}
}

func (o *post) soon(minutes int) time.Time {
	return o.world.now.Add(time.Duration(1+o.world.rand.IntN(minutes)) * time.Minute)
}

func (o *post) due() (next time.Time, ok bool) {
	for _, n := range o.news {
		if !ok || n.at.Before(next) {
			next, ok = n.at, true
		}
	}
	return next, ok
}

// tell brings what is due to a process.
func (o *post) tell(p *process) {
	w := o.world
	var later, now []word
	for _, n := range o.news {
		if n.at.After(w.now) {
			later = append(later, n)
		} else {
			now = append(now, n)
		}
	}
	o.news = later
	for _, n := range now {
		var err error
		if n.news != nil {
			err = p.notices.HearNews(w.ctx, *n.news)
		} else {
			w.say("somebody answers %q", n.said.Body)
			if n.said.Body == "START" {
				w.account.welcomes(n.said.From)
			}
			_, err = p.notices.Hear(w.ctx, *n.said)
			if err == nil && n.said.Body == "STOP" {
				w.account.stopped(n.said.From)
			}
		}
		if err != nil { // the provider tells it again
			n.at = w.now.Add(10 * time.Minute)
			o.news = append(o.news, n)
		}
	}
}
