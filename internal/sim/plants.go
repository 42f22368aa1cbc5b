package main

import (
	"encoding/json"
	"time"

	"lantern/booking"
	"lantern/internal/store"
	"lantern/notifications"
	"lantern/retreats"
)

// plants are mistakes that the world can be made to make, with the invariant that
// each breaks: what they show is that the checks find something.
var plants = map[string]int{
	"hidden place":     1, // a cohort is read without one of its held places
	"waitlist swapped": 2, // the first two who wait are stored in the wrong order
	"charged twice":    3, // a request to charge a card is sent once more, under another key
	"refunded twice":   3, // and so is one for a refund
	"sent twice":       4, // a mail arrives twice
	"mark forgotten":   4, // that a message was sent is not what is written down
	"message lost":     4, // a planned message disappears
	"no driver":        5, // who took a couple home is not written down
	"loose tongue":     6, // a subject says what kind of practice it is
	"write lost":       7, // a write is acknowledged and not done
}

// misread is a document as it is read, with the planted mistake.
func (w *world) misread(collection string, r store.Record) store.Record {
	if w.plant != "hidden place" || collection != "cohorts" {
		return r
	}
	return alter(r, func(c *retreats.Cohort) {
		for i, p := range c.Roster.Places {
			if p.State == retreats.Held && len(c.Roster.Places) == c.Capacity {
				c.Roster.Places = append(c.Roster.Places[:i:i], c.Roster.Places[i+1:]...)
				w.hidden = map[string]retreats.Place{c.ID: p}
				return
			}
		}
	})
}

// miswrite is a document as it is stored, with the planted mistake; lost says
// that it is not stored at all.
func (w *world) miswrite(collection string, r store.Record) (_ store.Record, lost bool) {
	switch {
	case w.plant == "hidden place" && collection == "cohorts":
		return alter(r, func(c *retreats.Cohort) {
			if p, ok := w.hidden[c.ID]; ok && c.Roster.Of(p.Booking).State == retreats.None {
				c.Roster.Places = append(c.Roster.Places, p)
			}
			w.hidden = nil
		}), false
	case w.plant == "waitlist swapped" && collection == "cohorts":
		return alter(r, func(c *retreats.Cohort) {
			if list := c.Roster.Waitlist; len(list) > 1 {
				list[0], list[1] = list[1], list[0]
			}
		}), false
	case w.plant == "no driver" && collection == "bookings":
		return alter(r, func(b *booking.Booking) {
			for i := range b.Departures {
				b.Departures[i].Driver = ""
			}
		}), false
	case w.plant == "mark forgotten" && collection == "messages":
		return alter(r, func(m *notifications.Message) {
			if m.State == notifications.Sent && chance(w.rand, 20) {
				again := w.now.Add(time.Hour)
				m.State, m.NextAt = notifications.Planned, &again
			}
		}), false
	case w.plant == "message lost" && collection == "messages":
		lost = r.Rev == 1 && chance(w.rand, 5)
		if lost {
			w.account.forgive(collection, r.ID)
		}
	case w.plant == "write lost" && collection == "bookings":
		lost = r.Rev > 1 && chance(w.rand, 2)
	}
	return r, lost
}

// alter changes a document in its encoded form.
func alter[T any](r store.Record, change func(*T)) store.Record {
	doc := new(T)
	if err := json.Unmarshal(r.Body, doc); err != nil {
		return r
	}
	change(doc)
	if body, err := json.Marshal(doc); err == nil {
		r.Body = body
	}
	return r
}

// blurt is the subject of a mail, with the planted mistake.
func (w *world) blurt(subject string) string {
	if w.plant == "loose tongue" && chance(w.rand, 2) {
		return subject + " for your retreat"
	}
	return subject
}
