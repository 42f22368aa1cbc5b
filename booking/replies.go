package booking

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"lantern/internal/fault"
	"lantern/retreats"
)

// Reply is one partner's word about a session: that they come, or that they
// ask for another time.
type Reply struct {
	Session string    `json:"session"`
	Partner int       `json:"partner"`
	At      time.Time `json:"at"`
	// StartsAt is when the session was to begin: the word is good for no other
	// time.
	StartsAt time.Time `json:"starts_at"`
	// Wish asks for another time, in the partner's own words. Empty means that
	// they come.
	Wish string `json:"wish,omitempty"`
}

// longestWish is room for a sentence or two, in characters.
const longestWish = 200

// ReplyTo is the partner's word about the session at the time at which it is
// now.
func (b *Booking) ReplyTo(s retreats.Session, partner int) (Reply, bool) {
	i := slices.IndexFunc(b.Replies, func(r Reply) bool {
		return r.Session == s.ID && r.Partner == partner && r.StartsAt.Equal(s.StartsAt)
	})
	if i < 0 {
		return Reply{}, false
	}
	return b.Replies[i], true
}

// HasReplied reports whether the partner has said that they come to the
// session at the time at which it is now.
func (b *Booking) HasReplied(s retreats.Session, partner int) bool {
	r, ok := b.ReplyTo(s, partner)
	return ok && r.Wish == ""
}

// Wish is what the partner would rather have than the session's time now;
// empty when they ask for nothing.
func (b *Booking) Wish(s retreats.Session, partner int) string {
	r, _ := b.ReplyTo(s, partner)
	return r.Wish
}

// asking says who asks for another time; empty when nobody does.
func (c Case) asking(s retreats.Session) string {
	var who []string
	for partner := range c.Booking.Partners {
		if c.Booking.Wish(s, partner) != "" {
			who = append(who, partnerWords[partner])
		}
	}
	switch len(who) {
	case 0:
		return ""
	case len(c.Booking.Partners):
		return "both ask for another time"
	}
	return who[0] + " asks for another time"
}

// partnerWords name the partners where there is little room.
var partnerWords = [2]string{"first", "second"}

// ConfirmSession notes that the partner comes to a preparation session.
// Confirming twice is harmless.
func (s *Service) ConfirmSession(ctx context.Context, id, session string, partner int) error {
	return s.reply(ctx, id, session, partner, "")
}

// AskForAnotherTime notes that the partner would rather come at another time,
// in a few words. It takes back that they come. The faults are by field: "wish".
func (s *Service) AskForAnotherTime(ctx context.Context, id, session string, partner int, wish string) error {
	wish = strings.Join(strings.Fields(wish), " ")
	switch {
	case wish == "":
		return fault.InvalidFields(fault.Fields{"wish": "Please say in a few words what would suit you."})
	case len([]rune(wish)) > longestWish:
		return fault.InvalidFields(fault.Fields{"wish": fmt.Sprintf("Please keep this to %d characters.", longestWish)})
	}
	return s.reply(ctx, id, session, partner, wish)
}

var errSessionBegan = fault.New(fault.Conflict, "This session has begun.")

func (s *Service) reply(ctx context.Context, id, session string, partner int, wish string) error {
	if err := checkPartner(partner); err != nil {
		return err
	}
	return s.change(ctx, id, func(c Case, b *Booking, now time.Time) error {
		held, ok := c.Cohort.Session(session)
		if !ok || held.Kind != retreats.Preparation {
			return fault.New(fault.NotFound, "There is no such preparation session.")
		}
		before, said := b.ReplyTo(held, partner)
		switch {
		case said && before.Wish == wish:
			return nil
		case wish != "" && !now.Before(held.StartsAt):
			return errSessionBegan // there is nothing left to change
		}
		b.Replies = slices.DeleteFunc(slices.Clone(b.Replies), func(r Reply) bool {
			return r.Session == session && r.Partner == partner
		})
		b.Replies = append(b.Replies, Reply{Session: session, Partner: partner, At: now, StartsAt: held.StartsAt, Wish: wish})
		b.replan(now)
		return nil
	})
}
