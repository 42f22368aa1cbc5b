package notifications

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"lantern/internal/access"
	"lantern/internal/fault"
	"lantern/internal/store"
)

// Notice is a message that is not about a booking, such as the link by which
// somebody of the staff signs in. It is said at once, at any time of the day.
type Notice struct {
	// ID is unique: the same notice is planned once. It becomes part of the
	// mail's Message-ID, so nothing secret is in it.
	ID string
	// Rule is one of Rules and names the mail's template.
	Rule string
	// Name and Email say whom it is for.
	Name, Email string
	// Staff is the id of somebody of the staff whom it is for because they work here:
	// it does not leave once they do not. Empty for everybody else.
	Staff string
	// UsefulUntil is when it must not be sent any more.
	UsefulUntil time.Time
	// Data is what the template shows: names and texts. It may hold a secret, so
	// it is kept sealed, and no longer than until the notice was sent or given
	// up.
	Data any
}

// Notify plans a notice and lets it be sent.
func (s *Service) Notify(ctx context.Context, n Notice) error {
	m, err := s.plan(n)
	if err != nil {
		return fmt.Errorf("planning notice %s: %w", n.ID, err)
	}
	if err := s.messages.Insert(ctx, &m); err != nil && !errors.Is(err, store.ErrExists) {
		return fmt.Errorf("planning notice %s: %w", n.ID, err)
	}
	if s.options.Wake != nil {
		s.options.Wake()
	}
	return nil
}

func (s *Service) plan(n Notice) (Message, error) {
	if !slices.ContainsFunc(Rules, func(r Rule) bool { return r.Name == n.Rule }) {
		return Message{}, fmt.Errorf("there is no rule %q", n.Rule)
	}
	// What cannot be shown later has to fail now, with whoever asks for it.
	plain, err := json.Marshal(n.Data)
	if err != nil {
		return Message{}, err
	}
	var data map[string]string
	if err := json.Unmarshal(plain, &data); err != nil {
		return Message{}, fmt.Errorf("its data are not texts by name: %w", err)
	}
	if n.Staff != "" {
		if data == nil { // there are none
			data = map[string]string{}
		}
		data[forStaff] = n.Staff
	}
	text, err := sealed(s.notices, n.ID, data)
	if err != nil {
		return Message{}, err
	}
	now := s.options.Now()
	next := now
	return Message{
		Meta: store.Meta{ID: n.ID}, Rule: n.Rule, To: &Addressee{Name: n.Name, Email: n.Email, Sealed: text},
		State: Planned, DueAt: now, UsefulUntil: n.UsefulUntil, NextAt: &next, CreatedAt: now,
	}, nil
}

// Forget removes a notice with whom it was for. One that is not there is
// forgotten already.
func (s *Service) Forget(ctx context.Context, id string) error {
	m, err := s.messages.Get(ctx, id)
	if err == nil {
		err = s.messages.Delete(ctx, id, m.Rev)
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// forStaff names among the data of a notice whom of the staff it is for.
const forStaff = "staff"

// staffReader is whom of the staff a notice is for, asked once more when it is
// sent. Whoever has left, or does not want such mail any more, does not get it.
func (s *Service) staffReader(ctx context.Context, m Message, data MailData) (reader access.Person, stays bool, err error) {
	reader, err = s.options.Team.Person(ctx, data.Data[forStaff])
	if fault.KindOf(err) == fault.NotFound {
		return reader, false, nil
	}
	return reader, err == nil && (m.Rule != requestRule || reader.WantsRequests()), err
}

// calendarData names the calendar file among the data of a notice.
const calendarData = "calendar"

// noticeData is what the mail of a notice is made of.
func (s *Service) noticeData(m Message) (MailData, error) {
	data := MailData{Hello: m.To.Name, Practice: s.options.Practice, Zone: time.UTC}
	if err := open(s.notices, m.ID, m.To.Sealed, &data.Data); err != nil {
		return MailData{}, fmt.Errorf("opening the data of notice %s: %w", m.ID, err)
	}
	data.Link = data.Data["link"]
	return data, nil
}

// Names of what a notice about a first talk brings along: the talk, and its step
// that the notice tells of.
const (
	TalkData = "talk"
	StepData = "step"
)

// isStillSo asks once more whether a notice about a first talk is to be sent. It is
// not when the talk has gone a step further: the mail about that says all.
func (s *Service) isStillSo(ctx context.Context, data map[string]string) (bool, error) {
	id := data[TalkData]
	if id == "" || s.options.Talks == nil {
		return true, nil
	}
	talk, err := s.options.Talks.Talk(ctx, id)
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return err == nil && strconv.Itoa(talk.Step) == data[StepData], err
}
