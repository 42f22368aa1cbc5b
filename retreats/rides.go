package retreats

import (
	"slices"
	"time"

	"lantern/internal/fault"
)

// RidePolicy says whether a taxi or a ride service may take a couple home
// [D27].
type RidePolicy string

// The ride policies. An empty one is RidesAccompanied.
const (
	// RidesAccompanied asks for the driver to ride with them.
	RidesAccompanied RidePolicy = "accompanied"
	RidesAllowed     RidePolicy = "allowed"
	RidesNotAllowed  RidePolicy = "not_allowed"
)

// RidePolicies lists them in the order in which they are offered.
var RidePolicies = []RidePolicy{RidesAccompanied, RidesAllowed, RidesNotAllowed}

// Is gives the policy, the default if none was chosen.
func (p RidePolicy) Is() RidePolicy {
	if p == "" {
		return RidesAccompanied
	}
	return p
}

// Words say the policy in short, for staff.
func (p RidePolicy) Words() string {
	switch p.Is() {
	case RidesAllowed:
		return "allowed"
	case RidesNotAllowed:
		return "not allowed"
	}
	return "with the driver in it"
}

func (p RidePolicy) check(fields fault.Fields) {
	if !slices.Contains(RidePolicies, p.Is()) {
		fields["rides"] = "A taxi is accompanied, allowed or not_allowed."
	}
}

// noDriveTime is how long after a medicine session nobody drives who received
// medicine in it. The field asks for a day and a night's sleep; a whole day
// holds the night, whenever the session ends [D25].
const noDriveTime = 24 * time.Hour

// NoDriveUntil is when somebody may drive again who received medicine in the
// session.
func (s Session) NoDriveUntil() time.Time { return s.EndsAt.Add(noDriveTime) }

// GivesMedicineTo reports whether the partner (0 or 1) receives medicine in the
// session. One that does not say who receives it may mean both.
func (s Session) GivesMedicineTo(partner int) bool {
	if s.Kind != Medicine {
		return false
	}
	switch s.Receives {
	case ReceivesFirst:
		return partner == 0
	case ReceivesSecond:
		return partner == 1
	}
	return true
}

// NeedsDriver reports whether couples go home after the session before they may
// drive: after each medicine session where they leave the site that day, and
// where they stay, after the last one if they go home within the no-drive
// window [D24].
func (c *Cohort) NeedsDriver(s Session) bool {
	if s.Kind != Medicine {
		return false
	}
	if !c.GuestsStay {
		return true
	}
	for _, other := range c.Sessions {
		if other.Kind == Medicine && other.StartsAt.After(s.StartsAt) && !other.StartsAt.After(c.leavesAt()) {
			return false // they are still here then
		}
	}
	return c.PickUpAt(s).Before(s.NoDriveUntil())
}

// PickUpAt is when the driver is expected after a session that needs one: at
// its end, or when guests who stay go home.
func (c *Cohort) PickUpAt(s Session) time.Time {
	if c.GuestsStay {
		if leaves := c.leavesAt(); leaves.After(s.EndsAt) {
			return leaves
		}
	}
	return s.EndsAt
}

// leavesAt is the end of the last session for which guests are on the site.
func (c *Cohort) leavesAt() time.Time {
	var last time.Time
	for _, s := range c.Sessions {
		if c.inRetreat(s) && !s.Online && s.Kind != Integration && s.EndsAt.After(last) {
			last = s.EndsAt
		}
	}
	return last
}
