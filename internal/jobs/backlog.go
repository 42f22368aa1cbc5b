package jobs

import "time"

// Backlog is what waits for one kind of work although its time has come.
type Backlog struct {
	// Work names it, as the figures do.
	Work    string
	Waiting int64
	// Since is when the first of it was due; nil if nothing waits.
	Since *time.Time
}

// Lag is for how long the first has waited.
func (b Backlog) Lag(now time.Time) time.Duration {
	if b.Since == nil {
		return 0
	}
	return max(0, now.Sub(*b.Since))
}
