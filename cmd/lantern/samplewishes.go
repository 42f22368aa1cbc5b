package main

import (
	"context"
	"errors"
	"fmt"

	"lantern/internal/access"
	"lantern/internal/civil"
)

// sampleWishes lets the demonstration's organizer have a digest, unless somebody
// has chosen anything before.
func (a *app) sampleWishes(ctx context.Context) error {
	robin, err := a.team.ByEmail(ctx, samplePeople[0].email)
	if errors.Is(err, access.ErrNobody) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, line := range robin.Trail {
		if line.What == "digest" {
			return nil
		}
	}
	_, err = a.team.Wish(ctx, robin.ID, access.Wishes{Digest: "0 7 * * *", Requests: true, OnDuty: true}, a.now(), civil.ZoneOrUTC(a.settings.Zone))
	if err != nil {
		return fmt.Errorf("what sample staff are told: %w", err)
	}
	return nil
}
