package access

import (
	"context"
	"errors"
	"time"

	"lantern/internal/fault"
	"lantern/internal/seal"
	"lantern/internal/store"
)

const (
	// SessionFor is how long a session lasts at most, idleFor how long without
	// use.
	SessionFor = 7 * 24 * time.Hour
	idleFor    = 12 * time.Hour
	// noteUse is how often the last use is saved: a page is a read, not a write.
	noteUse = 5 * time.Minute
)

// session is the stored half of a session; its id is the secret's hash. What
// the person may do is not in it, since that may change while it lasts.
type session struct {
	store.Meta
	PersonID  string    `json:"person_id"`
	Epoch     int       `json:"epoch"`
	StartedAt time.Time `json:"started_at"`
	UsedAt    time.Time `json:"used_at"`
	EndsAt    time.Time `json:"ends_at"`
}

// use notes that the session was used.
func (s *session) use(now time.Time) {
	s.UsedAt, s.EndsAt = now, now.Add(idleFor)
	if last := s.StartedAt.Add(SessionFor); s.EndsAt.After(last) {
		s.EndsAt = last
	}
}

// ErrSession answers every session that is not good, whatever the reason.
var ErrSession = fault.New(fault.Unauthorized, "You are signed out. Sign in in another window, then come back here and send this again.")

func (t *Team) begin(ctx context.Context, p Person) (string, error) {
	secret, now := newSecret(), t.now()
	s := &session{Meta: store.Meta{ID: seal.Hash(secret)}, PersonID: p.ID, Epoch: p.SessionEpoch, StartedAt: now}
	s.use(now)
	return secret, t.sessions.Insert(ctx, s)
}

// Session gives who acts in a session, with the role they have now, or
// ErrSession. It counts as use.
func (t *Team) Session(ctx context.Context, secret string) (Actor, error) {
	return t.inSession(ctx, secret, true)
}

// Polled is Session for what a page asks by itself: that does not count as
// use, or a screen that nobody sits at would never be signed out.
func (t *Team) Polled(ctx context.Context, secret string) (Actor, error) {
	return t.inSession(ctx, secret, false)
}

func (t *Team) inSession(ctx context.Context, secret string, use bool) (Actor, error) {
	s, err := t.sessions.Get(ctx, seal.Hash(secret))
	if errors.Is(err, store.ErrNotFound) {
		return Actor{}, ErrSession
	}
	if err != nil {
		return Actor{}, err
	}
	now := t.now()
	if !now.Before(s.EndsAt) {
		return Actor{}, ErrSession
	}
	person, err := t.Person(ctx, s.PersonID)
	if errors.Is(err, ErrNobody) || (err == nil && person.SessionEpoch != s.Epoch) {
		return Actor{}, ErrSession
	}
	if err == nil && use && now.Sub(s.UsedAt) >= noteUse {
		err = t.sessions.Update(ctx, s.ID, func(s *session) error {
			s.use(now)
			return nil
		})
		if errors.Is(err, store.ErrNotFound) {
			err = ErrSession // signed out at this very moment
		}
	}
	if err != nil {
		return Actor{}, err
	}
	return person.Actor(), nil
}

// SignOut ends a session. Ending one that is over is no fault.
func (t *Team) SignOut(ctx context.Context, secret string) error {
	for {
		s, err := t.sessions.Get(ctx, seal.Hash(secret))
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		// It is stale when it was used at the same time.
		if err := t.sessions.Delete(ctx, s.ID, s.Rev); !errors.Is(err, store.ErrStale) {
			return err
		}
	}
}

// SignOutEverywhere ends all sessions and links of a person at once.
func (t *Team) SignOutEverywhere(ctx context.Context, id string) error {
	_, err := t.decide(ctx, id, func(_ *team, p *Person) error {
		p.SessionEpoch++
		return nil
	})
	return err
}

// Forget removes all that is over. Nothing hangs on it: what is over is not
// good any more, whether it is still there or not.
func (t *Team) Forget(ctx context.Context, now time.Time) error {
	return errors.Join(
		forget(ctx, t.links, now, func(l *link) store.Meta { return l.Meta }),
		forget(ctx, t.asked, now, func(a *asked) store.Meta { return a.Meta }),
		forget(ctx, t.sessions, now, func(s *session) store.Meta { return s.Meta }),
	)
}

func forget[T any](ctx context.Context, c *store.Collection[T], now time.Time, meta func(*T) store.Meta) error {
	return c.All(ctx, store.Query{Index: byEnd, To: now}, func(doc *T) error {
		m := meta(doc)
		if err := c.Delete(ctx, m.ID, m.Rev); !errors.Is(err, store.ErrStale) {
			return err
		}
		return nil // somebody else was faster
	})
}
