package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/people"
	"lantern/internal/seal"
	"lantern/internal/store"
)

// Consultations loads, decides and saves first talks. They stand beside the
// bookings: most of them never become one, and they are forgotten.
type Consultations struct {
	talks   *store.Collection[Consultation]
	options ConsultationOptions
	key     seal.Key
}

// ConsultationOptions are what Consultations work with.
type ConsultationOptions struct {
	DB  *store.DB
	Key seal.Key
	// BaseURL is where people reach the service, without a slash at the end.
	BaseURL string
	// Zone is the practice's: in it times are fixed.
	Zone *time.Location
	Now  func() time.Time
	// Changed is called when there is mail to plan.
	Changed func()
	// Colleagues are those of the staff who are told of new requests; nil for
	// nobody.
	Colleagues func(context.Context) ([]Colleague, error)
}

// The indexes of consultations.
const (
	byTalkState = "state"  // in a state, by time
	byTell      = "tell"   // of which somebody has to be told
	byForget    = "forget" // by when they are forgotten
	byEmail     = "email"  // by who asked first
	byOther     = "other"  // by who was named second
)

// NewConsultations defines their collection in the store.
func NewConsultations(ctx context.Context, o ConsultationOptions) (*Consultations, error) {
	talks, err := store.Define[Consultation](ctx, o.DB, "consultations",
		store.Index{Name: byTalkState, Fields: []string{"state", "created_at"}},
		store.Index{Name: byTell, Fields: []string{"tell_at"}},
		store.Index{Name: byForget, Fields: []string{"forget_at"}},
		store.Index{Name: byEmail, Fields: []string{"email", "created_at"}},
		store.Index{Name: byOther, Fields: []string{"other_email", "created_at"}})
	if err != nil {
		return nil, fmt.Errorf("opening the consultations' documents: %w", err)
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	return &Consultations{talks: talks, options: o, key: o.Key.Derive("consultation links")}, nil
}

// Zone is the practice's.
func (s *Consultations) Zone() *time.Location { return s.options.Zone }

// Now is the time that decisions go by.
func (s *Consultations) Now() time.Time { return s.options.Now() }

// Ask takes the wish for a first talk. The same key again gives the same talk.
func (s *Consultations) Ask(ctx context.Context, in ConsultationInput) (*Consultation, error) {
	id, now := seal.NewID("talk"), s.options.Now()
	if in.Key != "" {
		id = s.key.ID("talk", in.Key)
	}
	c, err := newConsultation(id, seal.ShortRef(id), s.options.Zone.String(), in, now)
	if err != nil {
		return nil, err
	}
	before, err := s.talks.Get(ctx, id)
	if err == nil {
		return sameTalk(before, c)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if err := s.notTooOften(ctx, c, now); err != nil {
		return nil, err
	}
	err = s.talks.Insert(ctx, c)
	if errors.Is(err, store.ErrExists) { // the same came twice at once
		if before, err = s.talks.Get(ctx, id); err != nil {
			return nil, err
		}
		return sameTalk(before, c)
	}
	if err != nil {
		return nil, err
	}
	s.options.Changed()
	return c, nil
}

func sameTalk(before, now *Consultation) (*Consultation, error) {
	if !slices.Equal(before.People, now.People) {
		return nil, errOtherPeople
	}
	return before, nil
}

// notTooOften bounds what strangers can send to somebody's mailbox.
func (s *Consultations) notTooOften(ctx context.Context, c *Consultation, now time.Time) error {
	for _, address := range []string{c.Email, c.OtherEmail} {
		if address == "" {
			continue
		}
		var sum int64
		for _, index := range []string{byEmail, byOther} {
			n, err := s.talks.Count(ctx, store.Query{Index: index, Equal: []any{address}, From: now.Add(-talksWithin)})
			if err != nil {
				return err
			}
			sum += n
		}
		if sum >= mostTalks {
			return errTalksOften
		}
	}
	return nil
}

// Talk returns one consultation or a NotFound fault.
func (s *Consultations) Talk(ctx context.Context, id string) (*Consultation, error) {
	c, err := s.talks.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fault.New(fault.NotFound, "There is no such talk. It may have been forgotten: we keep them for half a year.")
	}
	return c, err
}

// InState lists consultations in a state, the newest first.
func (s *Consultations) InState(ctx context.Context, state ConsultationState, limit int, after string) (store.Page[Consultation], error) {
	return s.talks.Find(ctx, store.Query{Index: byTalkState, Equal: []any{state}, Desc: true, Limit: limit, After: after})
}

// CountIn counts the consultations in a state.
func (s *Consultations) CountIn(ctx context.Context, state ConsultationState) (int64, error) {
	return s.talks.Count(ctx, store.Query{Index: byTalkState, Equal: []any{state}})
}

// Token is the secret part of one person's link. It is computed, not stored.
func (s *Consultations) Token(id string, person int) string {
	return id + "." + s.key.Token(id, strconv.Itoa(person))
}

// ByToken finds the talk and the person (0 or 1) that a link belongs to.
func (s *Consultations) ByToken(ctx context.Context, token string) (*Consultation, int, error) {
	id, _, ok := strings.Cut(token, ".")
	if !ok || len(token) > 200 {
		return nil, 0, errNoLink
	}
	c, err := s.talks.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, 0, errNoLink
	}
	if err != nil {
		return nil, 0, err
	}
	for i := range c.People {
		if seal.SameHash(seal.Hash(token), seal.Hash(s.Token(id, i))) {
			return c, i, nil
		}
	}
	return nil, 0, errNoLink
}

// decide changes a consultation and lets people be told.
func (s *Consultations) decide(ctx context.Context, id string, change func(*Consultation, time.Time) error) error {
	err := s.talks.Update(ctx, id, func(c *Consultation) error { return change(c, s.options.Now()) })
	if err == nil {
		s.options.Changed()
	}
	return err
}

// Fix gives a talk its time.
func (s *Consultations) Fix(ctx context.Context, id string, f Fixing, by audit.By) error {
	return s.decide(ctx, id, func(c *Consultation, now time.Time) error { return c.Fix(f, by, now) })
}

// Conclude notes what came of a talk.
func (s *Consultations) Conclude(ctx context.Context, id string, outcome ConsultationState, by audit.By) error {
	return s.decide(ctx, id, func(c *Consultation, now time.Time) error { return c.Conclude(outcome, by, now) })
}

// Withdraw gives a talk up for those who asked.
func (s *Consultations) Withdraw(ctx context.Context, id string) error {
	return s.decide(ctx, id, func(c *Consultation, now time.Time) error { return c.Withdraw(now) })
}

// TalkMail is one mail about a talk, to one person.
type TalkMail struct {
	// ID is the same whenever the mail is asked for again.
	ID   string
	Talk *Consultation
	To   Asker
	// Greets are the names of those who read it.
	Greets string
	// Link is the person's own page about the talk, Dates what is on offer.
	Link, Dates string
	// Staff is the id of whom of the staff it tells of the request; empty for those
	// who asked.
	Staff string
}

// TellDue plans the mail about what has changed. Whoever dies in between finds
// it again: plan has to bear the same mail twice.
func (s *Consultations) TellDue(ctx context.Context, now time.Time, plan func(context.Context, TalkMail) error) error {
	// Whoever is told leaves the index, so each round begins at its front.
	page, err := s.talks.Find(ctx, store.Query{Index: byTell, To: now.Add(time.Millisecond)})
	if err != nil {
		return err
	}
	var failed []error
	for _, c := range page.Items {
		failed = append(failed, s.tell(ctx, c, plan))
	}
	return errors.Join(failed...)
}

func (s *Consultations) tell(ctx context.Context, c *Consultation, plan func(context.Context, TalkMail) error) error {
	requests, err := s.requestMails(ctx, c)
	if err != nil {
		return err
	}
	mails := append(s.mails(c), requests...)
	// The ids are kept first, so that nothing is sent that cannot be forgotten.
	err = s.talks.Update(ctx, c.ID, func(stored *Consultation) error {
		for _, m := range mails {
			if !slices.Contains(stored.Told, m.ID) {
				stored.Told = append(slices.Clone(stored.Told), m.ID)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("noting the mail about talk %s: %w", c.ID, err)
	}
	for _, m := range mails {
		if err := plan(ctx, m); err != nil {
			return fmt.Errorf("planning the mail about talk %s: %w", c.ID, err)
		}
	}
	return s.talks.Update(ctx, c.ID, func(stored *Consultation) error {
		if stored.Step == c.Step {
			stored.TellAt = nil
		}
		return nil
	})
}

// mails are what the people of a talk are told about its last change. Two who
// read one mailbox get one copy [D39].
func (s *Consultations) mails(c *Consultation) []TalkMail {
	var mails []TalkMail
	for i, p := range c.People {
		if i == 1 && people.SameEmail(p.Email, c.People[0].Email) {
			mails[0].Greets += " and " + p.Name
			break
		}
		mails = append(mails, TalkMail{
			ID: fmt.Sprintf("%s.%d.%d", c.ID, c.Step, i+1), Talk: c, To: p, Greets: p.Name,
			Link: s.options.BaseURL + "/talk/" + s.Token(c.ID, i), Dates: s.options.BaseURL + "/",
		})
	}
	return mails
}

// ForgetDue removes the consultations that have been kept long enough, with the
// mail about them.
func (s *Consultations) ForgetDue(ctx context.Context, now time.Time, forget func(ctx context.Context, mail string) error) error {
	page, err := s.talks.Find(ctx, store.Query{Index: byForget, To: now.Add(time.Millisecond)})
	if err != nil {
		return err
	}
	for _, c := range page.Items {
		for _, id := range c.Told {
			if err := forget(ctx, id); err != nil {
				return fmt.Errorf("forgetting the mail about talk %s: %w", c.ID, err)
			}
		}
		if err := s.talks.Delete(ctx, c.ID, c.Rev); err != nil && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("forgetting talk %s: %w", c.ID, err)
		}
	}
	return nil
}
