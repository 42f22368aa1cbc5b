package booking

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"lantern/internal/fault"
	"lantern/internal/seal"
	"lantern/internal/store"
	"lantern/retreats"
)

// linksOutlast is how long after a cohort's last day its couples' links work:
// long enough for the last integration session and the receipts.
const linksOutlast = 365 * 24 * time.Hour

func linksUntil(c *retreats.Cohort) time.Time {
	return c.EndsOn.At("00:00", c.Location()).Add(linksOutlast)
}

// Token is the secret part of the link that a partner has at first. It is
// computed, not stored.
func (s *Service) Token(bookingID string, partner int) string { return s.token(bookingID, partner, 0) }

// token is that of the link that has taken the place of so many others.
func (s *Service) token(bookingID string, partner, links int) string {
	parts := []string{bookingID, strconv.Itoa(partner)}
	if links > 0 {
		parts = append(parts, strconv.Itoa(links))
	}
	return bookingID + "." + s.key.Token(parts...)
}

// TokenOf is the secret part of a partner's link as it is now.
func (s *Service) TokenOf(b *Booking, partner int) string {
	return s.token(b.ID, partner, b.Partners[partner].Links)
}

// Link is the address of a partner's own page.
func (s *Service) Link(b *Booking, partner int) string {
	return s.baseURL + "/b/" + s.TokenOf(b, partner)
}

// errNoLink is the answer to every token that opens nothing, whatever the
// reason, so that guessing teaches nothing.
var errNoLink = fault.New(fault.NotFound, "This link does not open anything. Please use the link from your latest mail.")

// ErrLinkOver answers a link that was good once.
var ErrLinkOver = fault.New(fault.Gone, "This link has ended. Please write to us if you still need it.")

// ByToken finds the booking and the partner (0 or 1) that a link belongs to.
func (s *Service) ByToken(ctx context.Context, token string) (*Booking, int, error) {
	id, _, ok := strings.Cut(token, ".")
	if !ok || len(token) > 200 {
		return nil, 0, errNoLink
	}
	b, err := s.bookings.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, 0, errNoLink
	}
	if err != nil {
		return nil, 0, err
	}
	partner, ok := b.PartnerOf(token)
	switch {
	case !ok:
		return nil, 0, errNoLink
	case s.now().After(b.LinksUntil):
		return nil, 0, ErrLinkOver
	}
	return b, partner, nil
}

// PartnerOf is whose link of the booking has this token, -1 if it is nobody's.
func (b *Booking) PartnerOf(token string) (int, bool) {
	hash := seal.Hash(token)
	for i, p := range b.Partners {
		if seal.SameHash(hash, p.LinkHash) {
			return i, true
		}
	}
	return -1, false
}
