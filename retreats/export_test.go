package retreats

import "time"

// Announced is what Service.Announced decides.
func (c *Cohort) Announced(at time.Time) { c.announced(at) }
