package retreats

import (
	"context"
	"time"
)

type RefilledPlace struct {
	Cohort, Booking string
	At              time.Time
}

func (s *Service) RefillTold(ctx context.Context, id, booking string) error { return nil }
func (s *Service) EndHold(ctx context.Context, id, booking string) error {
	return s.Release(ctx, id, booking)
}
