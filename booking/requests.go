package booking

import (
	"context"
	"fmt"
)

// Colleague is somebody of the staff who is told of each new request.
type Colleague struct{ ID, Name, Email string }

// requestMails tell colleagues once that a talk was asked for. What the couple
// has written is not in them.
func (s *Consultations) requestMails(ctx context.Context, c *Consultation) ([]TalkMail, error) {
	if c.State != TalkAsked || s.options.Colleagues == nil {
		return nil, nil
	}
	colleagues, err := s.options.Colleagues(ctx)
	if err != nil {
		return nil, fmt.Errorf("finding whom to tell about talk %s: %w", c.ID, err)
	}
	var mails []TalkMail
	for _, who := range colleagues {
		mails = append(mails, TalkMail{
			ID: c.ID + ".request." + who.ID, Talk: c, To: Asker{Name: who.Name, Email: who.Email}, Greets: who.Name,
			Link: s.options.BaseURL + "/staff/consultations/" + c.ID, Staff: who.ID,
		})
	}
	return mails, nil
}
