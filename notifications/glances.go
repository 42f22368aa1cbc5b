package notifications

import (
	"context"
	"fmt"
	"sync"
	"time"

	"lantern/booking"
)

// glances are how couples stood when their messages were claimed, and what their
// cohorts remind of: looked up together for all of a batch.
type glances struct {
	memory    sync.RWMutex
	cases     map[string]glance
	reminders map[string]reminderGlance
}

type glance struct {
	of booking.Case
	at time.Time
}

type reminderGlance struct {
	list []Reminder
	at   time.Time
}

// fresh is how long a look at a couple is as good as one right before sending:
// a change that comes within it could as well have come after.
const fresh = time.Second

// look remembers how the couples of what was claimed stand.
func (d *dispatch) look(ctx context.Context, claims []*claim) error {
	var ids []string
	for _, c := range claims {
		if c != nil && c.message.BookingID != "" {
			ids = append(ids, c.message.BookingID)
		}
	}
	at := d.s.options.Now()
	cases, err := d.s.options.Bookings.GlanceAll(ctx, ids)
	if err != nil {
		return fmt.Errorf("looking at couples: %w", err)
	}
	d.memory.Lock()
	defer d.memory.Unlock()
	if d.cases == nil || len(d.cases) > mostClaimed {
		d.cases = map[string]glance{} // of those that are left, each is loaded again
	}
	for id, c := range cases {
		d.cases[id] = glance{c, at}
	}
	return nil
}

// glancesKey finds a pass's glances among what its attempts are given.
type glancesKey struct{}

func (d *dispatch) knowing(ctx context.Context) context.Context {
	return context.WithValue(ctx, glancesKey{}, &d.glances)
}

// glance is how a couple stands now, or store.ErrNotFound.
func (s *Service) glance(ctx context.Context, id string) (booking.Case, error) {
	if known, ok := ctx.Value(glancesKey{}).(*glances); ok {
		known.memory.RLock()
		g, there := known.cases[id]
		known.memory.RUnlock()
		if there && s.options.Now().Sub(g.at) < fresh {
			return g.of, nil
		}
	}
	return s.options.Bookings.Glance(ctx, id)
}

// remindersNow is remindersOf, which a pass looks up once a second.
func (s *Service) remindersNow(ctx context.Context, cohort string) ([]Reminder, error) {
	known, ok := ctx.Value(glancesKey{}).(*glances)
	if !ok {
		return s.remindersOf(ctx, cohort)
	}
	now := s.options.Now()
	known.memory.RLock()
	r, there := known.reminders[cohort]
	known.memory.RUnlock()
	if there && now.Sub(r.at) < fresh {
		return r.list, nil
	}
	list, err := s.remindersOf(ctx, cohort)
	if err != nil {
		return nil, err
	}
	known.memory.Lock()
	defer known.memory.Unlock()
	if known.reminders == nil {
		known.reminders = map[string]reminderGlance{}
	}
	known.reminders[cohort] = reminderGlance{list, now}
	return list, nil
}
