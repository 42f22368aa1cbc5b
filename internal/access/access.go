// Package access says who may do what: the roles of those who work with
// Lantern, the rights that routes ask for, and the tokens of other programs.
package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/internal/fault"
	"lantern/internal/seal"
	"lantern/internal/store"
)

// Role is what somebody works as.
type Role string

// The roles [D42].
const (
	Organizer Role = "organizer"
	Staff     Role = "staff"
	Clinician Role = "clinician"
	Viewer    Role = "viewer"
)

// Roles lists all roles.
var Roles = []Role{Organizer, Staff, Clinician, Viewer}

// Right is what a route asks for. Every route names one.
type Right string

// The rights.
const (
	// Public is for everybody.
	Public Right = "public"
	// OwnBooking needs the link of one of the booking's partners; staff with
	// ReadBookings pass as well.
	OwnBooking Right = "own_booking"
	// ReadBookings shows couples, rosters and messages.
	ReadBookings Right = "read_bookings"
	// ManageCohorts makes retreats and cohorts and changes them.
	ManageCohorts Right = "manage_cohorts"
	// Signed is for machines that sign what they send.
	Signed Right = "signed"
	// Outbox shows the mails that were not sent because no server is set.
	Outbox Right = "outbox"
)

var granted = map[Role][]Right{
	Organizer: {ReadBookings, ManageCohorts},
	Staff:     {ReadBookings},
	Clinician: {},
	Viewer:    {ReadBookings},
}

// Has reports whether the role brings the right.
func (r Role) Has(right Right) bool {
	for _, g := range granted[r] {
		if g == right {
			return true
		}
	}
	return false
}

// CheckRole returns an Invalid fault for what is not a role.
func CheckRole(name string) (Role, error) {
	for _, role := range Roles {
		if string(role) == name {
			return role, nil
		}
	}
	return "", fault.New(fault.Invalid, "A role is organizer, staff, clinician or viewer.")
}

// token is the stored half of an API token; its id is the token's hash.
type token struct {
	store.Meta
	Role      Role      `json:"role"`
	Label     string    `json:"label,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}

// Tokens keeps API tokens.
type Tokens struct{ tokens *store.Collection[token] }

// NewTokens defines the collection in the store.
func NewTokens(ctx context.Context, db *store.DB) (*Tokens, error) {
	tokens, err := store.Define[token](ctx, db, "api_tokens")
	if err != nil {
		return nil, fmt.Errorf("opening the API tokens: %w", err)
	}
	return &Tokens{tokens: tokens}, nil
}

const tokenPrefix = "lantern_"

// Create makes a token. It is shown once; only its hash is kept.
func (t *Tokens) Create(ctx context.Context, role Role, label string, now time.Time) (string, error) {
	secret := seal.NewID(tokenPrefix+string(role)) + seal.NewID("")
	err := t.tokens.Insert(ctx, &token{Meta: store.Meta{ID: seal.Hash(secret)}, Role: role, Label: label, CreatedAt: now})
	return secret, err
}

// ErrToken answers every token that is not good, whatever the reason.
var ErrToken = fault.New(fault.Unauthorized, "This needs a valid token.")

// Role gives the role of a token, or ErrToken. The store finds it by the hash
// of all of it, so there is nothing to compare that could take its time.
func (t *Tokens) Role(ctx context.Context, secret string) (Role, error) {
	found, err := t.tokens.Get(ctx, seal.Hash(secret))
	if errors.Is(err, store.ErrNotFound) {
		return "", ErrToken
	}
	if err != nil {
		return "", err
	}
	return found.Role, nil
}
