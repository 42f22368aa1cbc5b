package main

import (
	"context"

	"lantern/booking"
	"lantern/notifications"
)

// toldOfRequests are those of the staff who are told of new requests for a first
// talk.
func (a *app) toldOfRequests(ctx context.Context) ([]booking.Colleague, error) {
	people, err := a.team.ToldOfRequests(ctx)
	var colleagues []booking.Colleague
	for _, p := range people {
		colleagues = append(colleagues, booking.Colleague{ID: p.ID, Name: p.Name, Email: p.Email})
	}
	return colleagues, err
}

// tellRequest tells one of them. Nothing but who asked is in the mail.
func (a *app) tellRequest(ctx context.Context, m booking.TalkMail) error {
	who := m.Talk.People[0].Name
	if len(m.Talk.People) > 1 {
		who += " and " + m.Talk.People[1].Name
	}
	return a.notices.Notify(ctx, notifications.Notice{
		ID: m.ID, Rule: "talk_request", Name: m.Greets, Email: m.To.Email, Staff: m.Staff, UsefulUntil: a.now().Add(talkUse),
		Data: map[string]string{"link": m.Link, "who": who},
	})
}
