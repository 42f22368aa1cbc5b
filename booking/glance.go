package booking

import "context"

// Glance is Case for those who only look, and do so for many bookings: what has
// not changed is not loaded again. It is as fresh, and must not be changed.
func (s *Service) Glance(ctx context.Context, id string) (Case, error) {
	b, err := s.bookings.Peek(ctx, id)
	if err != nil {
		return Case{}, err
	}
	return s.CaseOf(ctx, b)
}
