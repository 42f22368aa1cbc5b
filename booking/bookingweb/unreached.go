package bookingweb

import (
	"context"
	"net/url"
	"time"

	"lantern/booking"
	"lantern/internal/audit"
)

// unreachedView is somebody whom what we write does not reach; Since is when it
// was found.
type unreachedView struct{ Who, Words, Address, Since string }

func (p *staffBookingPage) addUnreached(c booking.Case, now time.Time) {
	for _, m := range c.Missing(now) {
		p.Unreached = append(p.Unreached, unreachedView{
			Who: m.ID(), Words: m.Words(), Address: m.Address, Since: shortTime(m.Since, c.Cohort.Location()),
		})
	}
}

// reached notes that staff have phoned somebody whom no mail reaches.
func (h *Handlers) reached(ctx context.Context, id string, form url.Values, by audit.By) error {
	return h.options.Bookings.Reached(ctx, id, form.Get("who"), by)
}
