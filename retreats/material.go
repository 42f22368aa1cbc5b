package retreats

import (
	"time"

	"lantern/internal/civil"
)

// MaterialFrom is from when the material for afterwards is handed out: the
// first instant of the day so many days after the last medicine session, in the
// cohort's zone. It reports false where there is none to hand out.
func (c *Cohort) MaterialFrom() (time.Time, bool) {
	var last time.Time
	for _, s := range c.Sessions {
		if s.Kind == Medicine && s.EndsAt.After(last) {
			last = s.EndsAt
		}
	}
	if c.Material == "" || last.IsZero() {
		return time.Time{}, false
	}
	if c.MaterialDays == 0 {
		return last, true // not before it is over
	}
	return civil.DateOf(last, c.Location()).AddDays(c.MaterialDays).At("00:00", c.Location()), true
}
