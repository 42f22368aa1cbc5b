package main

import (
	"fmt"
	"math/rand/v2"

	"lantern/notifications"
	"lantern/retreats"
)

// minds has Robin change what is said to couples, or remind them by hand.
func (w *world) minds(p *process, c *retreats.Cohort, r *rand.Rand) {
	switch dice := r.IntN(100); {
	case dice < 50:
		w.remindsByHand(p, c, r)
	case dice < 85:
		w.setsReminders(p, c, r)
	default:
		w.rewords(p, r)
	}
}

// remindsByHand reminds those who lack something, presses twice now and then, and
// stops it at times.
func (w *world) remindsByHand(p *process, c *retreats.Cohort, r *rand.Rand) {
	order := notifications.HandOrder{
		Key: fmt.Sprintf("hand %d", r.Uint64()), Cohort: c.ID, Lack: one(r, notifications.Lacks...),
		Remark: one(r, "", "", "We look forward to seeing you."),
	}
	g, err := p.notices.SendByHand(w.ctx, order, robin)
	w.say("Robin reminds who lacks %s in %s: %v", order.Lack, c.ID, err)
	if chance(r, 20) {
		g, err = w.pick(r).notices.SendByHand(w.ctx, order, robin)
		w.say("and presses once more: %v", err)
	}
	if err == nil && chance(r, 30) {
		err = p.notices.StopSending(w.ctx, c.ID, g.ID, robin)
		w.say("Robin stops that: %v", err)
		if err == nil {
			w.account.halted[g.ID] = w.now
		}
	}
}

// ownReminders are some that organizers write.
var ownReminders = []notifications.Reminder{
	{Template: notifications.TellNote, Anchor: notifications.AtSessionStart, Sessions: retreats.Preparation, Days: -2, Clock: "10:00",
		Late: notifications.LateNearest, Subject: "We meet on {day}", Body: "Bring warm socks, {name}."},
	{Template: notifications.TellNote, Anchor: notifications.AtSessionStart, Sessions: retreats.Preparation, Days: -1, Clock: "12:30",
		While: notifications.NotReplied, Late: notifications.LateSendNow, Subject: "Tomorrow", Body: "Do you come, {name}?"},
	{Template: notifications.TellNote, Anchor: notifications.AtCohortStart, Days: -3, Clock: "18:00", Late: notifications.LateSkip,
		Subject: "Before you come", Body: "The road is being mended."},
	{Template: notifications.TellNote, Anchor: notifications.AtSessionStart, Sessions: retreats.Medicine, Days: -1, Clock: "11:00",
		To: notifications.ToDriver, Late: notifications.LateSendNow, Subject: "Tomorrow", Body: "Please ring at the gate, {name}."},
	{Template: notifications.TellNote, Anchor: notifications.AtSessionEnd, Sessions: retreats.Integration, Minutes: 90, After: true,
		Late: notifications.LateSkip, Subject: "How are you?", Body: "Write to us, {name}, whenever you like."},
}

func (w *world) setsReminders(p *process, c *retreats.Cohort, r *rand.Rand) {
	set, err := p.notices.Reminders(w.ctx, c.ID)
	if err != nil || len(set.Reminders) == 0 {
		return
	}
	which := set.Reminders[r.IntN(len(set.Reminders))]
	switch dice := r.IntN(100); {
	case dice < 45:
		wanted := ownReminders[r.IntN(len(ownReminders))]
		_, _, err = p.notices.WriteReminder(w.ctx, c.ID, wanted, set.Version, robin)
		w.say("Robin writes a reminder (%s) for %s: %v", wanted.Subject, c.ID, err)
	case dice < 60:
		_, err = p.notices.RemoveReminder(w.ctx, c.ID, which.ID, set.Version, robin)
		w.say("Robin takes the reminder %s of %s out: %v", which.ID, c.ID, err)
	default:
		edit := notifications.ReminderEdit{
			ID: which.ID, Off: chance(r, 30), Days: which.Days, Clock: string(which.Clock), Minutes: which.Minutes,
		}
		if which.Clock != "" && chance(r, 60) {
			edit.Clock = one(r, "08:15", "12:00", "17:45")
		}
		_, err = p.notices.ChangeReminders(w.ctx, c.ID, []notifications.ReminderEdit{edit}, set.Version, robin)
		w.say("Robin changes the reminder %s of %s (off: %v, %s): %v", edit.ID, c.ID, edit.Off, edit.Clock, err)
	}
}

// rewords puts a message into the practice's own words, or takes them back.
func (w *world) rewords(p *process, r *rand.Rand) {
	id := one(r, "mail.confirmed", "mail.waiting", "mail.held", "mail.papers", "mail.preparation", "text.preparation")
	known, err := p.notices.WordingOf(w.ctx, id)
	if err != nil {
		return
	}
	if known.Wording.Own && chance(r, 60) {
		_, err = p.notices.RestoreWording(w.ctx, id, known.Version, robin)
		w.say("Robin takes the own words of %s back: %v", id, err)
		return
	}
	words := known.Source()
	words.Text += one(r, "", "\nWith warm wishes.\n")
	_, err = p.notices.Reword(w.ctx, id, words, known.Version, robin)
	w.say("Robin has %s in own words: %v", id, err)
}
