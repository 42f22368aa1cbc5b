package booking

import (
	"context"

	"lantern/internal/access"
	"lantern/internal/fault"
)

// Owner checks that a token is the link of one of that booking's partners.
// Every other token is answered alike, with access.ErrToken, except one that
// was good once: ErrLinkOver.
func (s *Service) Owner(ctx context.Context, token, bookingID string) error {
	b, _, err := s.ByToken(ctx, token)
	switch {
	case err == nil && b.ID == bookingID:
		return nil
	case err != nil && fault.KindOf(err) != fault.NotFound:
		return err
	}
	return access.ErrToken
}
