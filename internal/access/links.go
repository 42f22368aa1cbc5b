package access

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/people"
	"lantern/internal/seal"
	"lantern/internal/store"
)

const (
	// LinkFor is how long a link that somebody asked for is good.
	LinkFor = 20 * time.Minute
	// FirstLinkFor is how long one is good that was made for somebody else.
	FirstLinkFor = 24 * time.Hour
	// mostAsked is how many links an address may ask for in askedWithin. It
	// bounds the mail that a stranger can make us send.
	mostAsked   = 5
	askedWithin = time.Hour
)

// link is the stored half of a one-time link; its id is the token's hash.
type link struct {
	store.Meta
	PersonID string    `json:"person_id"`
	Epoch    int       `json:"epoch"`
	EndsAt   time.Time `json:"ends_at"`
}

// asked counts the links that an address asked for, known to us or not. It is
// in the store, so that the bound holds across processes and restarts.
type asked struct {
	store.Meta
	At     []time.Time `json:"at"`
	EndsAt time.Time   `json:"ends_at"`
}

// Link is a one-time link, made: the only place where its token is.
type Link struct {
	Token  string
	Person Person
	Until  time.Time
}

var (
	// ErrTooOften asks to use one of the links that were sent.
	ErrTooOften = fault.New(fault.Unavailable, "A link was asked for several times already. Please use the newest one, or try again in an hour.")
	// ErrLinkOver answers every link that is not good, whatever the reason.
	ErrLinkOver = fault.New(fault.Gone, "This sign-in link has been used or is too old. Please ask for a new one.")
)

// newSecret makes a text of 256 random bits.
func newSecret() string {
	var raw [32]byte
	if _, err := rand.Read(raw[:]); err != nil {
		panic(err) // crypto/rand never fails on supported systems
	}
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// RequestLink makes a link for whoever has this address. Nobody can tell from
// the answer, nor from how long it takes, whether the address is known: for
// one that is not, a link is stored too, for nobody and shown to nobody. The
// second result says whether there is somebody to send it to.
func (t *Team) RequestLink(ctx context.Context, email string) (Link, bool, error) {
	email, err := people.Email(email)
	if err != nil {
		return Link{}, false, fault.InvalidFields(fault.Fields{"email": fault.TextOf(err)})
	}
	id := t.idOf(email)
	if err := t.countAsked(ctx, id); err != nil {
		return Link{}, false, err
	}
	person, err := t.Person(ctx, id)
	known := err == nil
	if err != nil && !errors.Is(err, ErrNobody) {
		return Link{}, false, err
	}
	person.ID = id
	made, err := t.makeLink(ctx, person, LinkFor)
	if err != nil || !known {
		return Link{}, false, err
	}
	return made, true, nil
}

// LinkFor makes a link for somebody who cannot ask for one: a new person, or
// one whom mail does not reach.
func (t *Team) LinkFor(ctx context.Context, by Actor, id string) (Link, error) {
	now := t.now()
	person, err := t.decide(ctx, id, func(_ *team, p *Person) error {
		p.Trail = p.Trail.Add(by.By(), now, audit.Line{What: "sign-in link made"})
		return nil
	})
	if err != nil {
		return Link{}, err
	}
	return t.makeLink(ctx, person, FirstLinkFor)
}

func (t *Team) makeLink(ctx context.Context, person Person, valid time.Duration) (Link, error) {
	made := Link{Token: newSecret(), Person: person, Until: t.now().Add(valid)}
	return made, t.links.Insert(ctx, &link{
		Meta: store.Meta{ID: seal.Hash(made.Token)}, PersonID: person.ID, Epoch: person.SessionEpoch, EndsAt: made.Until,
	})
}

// countAsked notes that an address asks, or answers ErrTooOften.
func (t *Team) countAsked(ctx context.Context, id string) error {
	now := t.now()
	first := asked{Meta: store.Meta{ID: id}, At: []time.Time{now}, EndsAt: now.Add(askedWithin)}
	for {
		err := t.asked.Update(ctx, id, func(a *asked) error {
			recent := slices.DeleteFunc(slices.Clone(a.At), func(at time.Time) bool { return now.Sub(at) >= askedWithin })
			if len(recent) >= mostAsked {
				return ErrTooOften
			}
			a.At, a.EndsAt = append(recent, now), now.Add(askedWithin)
			return nil
		})
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err := t.asked.Insert(ctx, &first); !errors.Is(err, store.ErrExists) {
			return err
		}
	}
}

// LinkOf looks at a link and leaves it as it is: programs that check mail open
// the links in it. It answers whom the link signs in, or ErrLinkOver.
func (t *Team) LinkOf(ctx context.Context, token string) (Person, error) {
	_, person, err := t.openLink(ctx, token)
	return person, err
}

func (t *Team) openLink(ctx context.Context, token string) (*link, Person, error) {
	found, err := t.links.Get(ctx, seal.Hash(token))
	if errors.Is(err, store.ErrNotFound) {
		return nil, Person{}, ErrLinkOver
	}
	if err != nil {
		return nil, Person{}, err
	}
	if !t.now().Before(found.EndsAt) {
		return nil, Person{}, ErrLinkOver
	}
	person, err := t.Person(ctx, found.PersonID)
	if errors.Is(err, ErrNobody) || (err == nil && person.SessionEpoch != found.Epoch) {
		return nil, Person{}, ErrLinkOver
	}
	return found, person, err
}

// SignIn uses a link up and begins a session. Of those who use one link at
// once, one gets a session: the store removes it once.
func (t *Team) SignIn(ctx context.Context, token string) (secret string, person Person, err error) {
	found, person, err := t.openLink(ctx, token)
	if err != nil {
		return "", Person{}, err
	}
	err = t.links.Delete(ctx, found.ID, found.Rev)
	if errors.Is(err, store.ErrStale) {
		err = ErrLinkOver
	}
	if err == nil {
		secret, err = t.begin(ctx, person)
	}
	if err != nil {
		return "", Person{}, err
	}
	return secret, person, nil
}
