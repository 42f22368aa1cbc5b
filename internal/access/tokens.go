package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/seal"
	"lantern/internal/store"
)

// Token is the stored half of an API token; its document's id is the hash of
// the secret. It stays when it is withdrawn, since trails name it.
type Token struct {
	store.Meta
	Role      Role      `json:"role"`
	Label     string    `json:"label,omitempty"`
	MayRefund bool      `json:"may_refund,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	// UsedAt is when it was last used, to the day.
	UsedAt      *time.Time  `json:"used_at,omitempty"`
	WithdrawnAt *time.Time  `json:"withdrawn_at,omitempty"`
	Trail       audit.Trail `json:"trail,omitempty"`
}

// PublicID names the token where people read it.
func (t *Token) PublicID() string { return "token:" + seal.ShortRef(t.ID) }

// Tokens keeps API tokens.
type Tokens struct {
	tokens *store.Collection[Token]
	now    func() time.Time
}

const byAge = "age"

// NewTokens defines the collection in the store.
func NewTokens(ctx context.Context, db *store.DB, now func() time.Time) (*Tokens, error) {
	tokens, err := store.Define[Token](ctx, db, "api_tokens", store.Index{Name: byAge, Fields: []string{"created_at"}})
	if err != nil {
		return nil, fmt.Errorf("opening the API tokens: %w", err)
	}
	return &Tokens{tokens: tokens, now: now}, nil
}

const (
	tokenPrefix  = "lantern_"
	longestLabel = 60
)

// IsToken tells what may be a staff token from what certainly is none, such as
// the token of a booking.
func IsToken(secret string) bool { return strings.HasPrefix(secret, tokenPrefix) }

// Create makes a token. Its secret is shown once; only the hash is kept.
func (t *Tokens) Create(ctx context.Context, by Actor, label string, role Role, mayRefund bool) (string, error) {
	label = strings.Join(strings.Fields(label), " ")
	faults := fault.Fields{}
	switch {
	case label == "":
		faults["label"] = "Please say what the token is for, to recognise it by."
	case len([]rune(label)) > longestLabel:
		faults["label"] = fmt.Sprintf("Please keep this to %d characters.", longestLabel)
	}
	if _, err := CheckTokenRole(string(role)); err != nil {
		faults["role"] = fault.TextOf(err)
	}
	by.marking(faults, mayRefund)
	if err := fault.InvalidFields(faults); err != nil {
		return "", err
	}
	secret := tokenPrefix + string(role) + "_" + newSecret()
	made := &Token{Meta: store.Meta{ID: seal.Hash(secret)}, Role: role, Label: label, MayRefund: mayRefund, CreatedAt: t.now()}
	made.Trail = made.Trail.Add(by.By(), made.CreatedAt, audit.Line{What: "made", To: describe(role, mayRefund)})
	return secret, t.tokens.Insert(ctx, made)
}

// ErrToken answers every token that is not good, whatever the reason.
var ErrToken = fault.New(fault.Unauthorized, "This needs a valid token.")

// Actor gives who acts with a token, or ErrToken. The store finds it by the
// hash of all of it, so there is nothing to compare that could take its time.
func (t *Tokens) Actor(ctx context.Context, secret string) (Actor, error) {
	if !IsToken(secret) {
		return Actor{}, ErrToken
	}
	found, err := t.tokens.Get(ctx, seal.Hash(secret))
	if errors.Is(err, store.ErrNotFound) {
		return Actor{}, ErrToken
	}
	if err != nil {
		return Actor{}, err
	}
	if found.WithdrawnAt != nil {
		return Actor{}, ErrToken
	}
	// One write a day is enough to tell which tokens nobody needs any more.
	if today := t.now().UTC().Truncate(24 * time.Hour); found.UsedAt == nil || found.UsedAt.Before(today) {
		err = t.tokens.Update(ctx, found.ID, func(token *Token) error {
			token.UsedAt = &today
			return nil
		})
	}
	return Actor{ID: found.PublicID(), Name: found.Label, Role: found.Role, MayRefund: found.MayRefund, Token: true}, err
}

// List gives the tokens that are good, oldest first.
func (t *Tokens) List(ctx context.Context) ([]*Token, error) {
	var good []*Token
	err := t.tokens.All(ctx, store.Query{Index: byAge}, func(token *Token) error {
		if token.WithdrawnAt == nil {
			good = append(good, token)
		}
		return nil
	})
	return good, err
}

// ErrNoToken: there is no such token, or it was withdrawn before.
var ErrNoToken = fault.New(fault.NotFound, "This token is not there any more.")

// Withdraw ends a token at once. It is named by its public id.
func (t *Tokens) Withdraw(ctx context.Context, by Actor, publicID string) error {
	tokens, err := t.List(ctx)
	if err != nil {
		return err
	}
	for _, token := range tokens {
		if token.PublicID() != publicID {
			continue
		}
		now := t.now()
		return t.tokens.Update(ctx, token.ID, func(token *Token) error {
			if token.WithdrawnAt != nil {
				return ErrNoToken
			}
			token.WithdrawnAt = &now
			token.Trail = token.Trail.Add(by.By(), now, audit.Line{What: "withdrawn"})
			return nil
		})
	}
	return ErrNoToken
}
