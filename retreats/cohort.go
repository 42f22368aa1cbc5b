package retreats

import (
	"fmt"
	"slices"
	"time"

	"lantern/internal/audit"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/store"
)

// CohortState is where a cohort is in its life.
type CohortState string

// The states of a cohort.
const (
	Draft     CohortState = "draft"     // seen by organizers only
	Open      CohortState = "open"      // on offer
	Closed    CohortState = "closed"    // takes place, takes no more couples
	Cancelled CohortState = "cancelled" // does not take place
	Finished  CohortState = "finished"  // has taken place
)

// CohortStates lists all states, for those who go through all cohorts.
var CohortStates = []CohortState{Draft, Open, Closed, Cancelled, Finished}

// Cohort is one dated run of a retreat. Its document alone decides who has a
// place in it.
type Cohort struct {
	store.Meta
	RetreatID string `json:"retreat_id"`
	Programme
	Terms
	// Zone is the IANA zone in which the dates are meant.
	Zone     string      `json:"zone"`
	StartsOn civil.Date  `json:"starts_on"`
	EndsOn   civil.Date  `json:"ends_on"`
	State    CohortState `json:"state"`
	Sessions []Session   `json:"sessions"`
	// LastSession is the highest number that a session's id ever had.
	LastSession int `json:"last_session,omitempty"`
	// Schedule counts how often sessions moved since the cohort was published,
	// and Dropped are those that were taken out, the last ones: what calendars
	// have to be told.
	Schedule int              `json:"schedule,omitempty"`
	Dropped  []DroppedSession `json:"dropped,omitempty"`
	// Codes are what couples who know them pay less by.
	Codes  []Code `json:"codes,omitempty"`
	Roster Roster `json:"roster"`
	// NextDeadline is when the roster next needs to be looked at even if
	// nobody asks; nil when there is nothing to wait for.
	NextDeadline *time.Time `json:"next_deadline,omitempty"`
	// Lingering says that the last day has been and a session is still to come.
	Lingering bool `json:"lingering,omitempty"`
	// AnnounceAt asks for every booking of the cohort to be looked at again,
	// since something changed for all of them; nil when they know.
	AnnounceAt *time.Time `json:"announce_at,omitempty"`
	// RescheduledAt is when sessions last moved; nil if they never did.
	RescheduledAt *time.Time `json:"rescheduled_at,omitempty"`
	// CancelReason is what the couples are told.
	CancelReason string    `json:"cancel_reason,omitempty"`
	CreatedAt    time.Time `json:"created_at"`
	// Trail is what staff changed.
	Trail audit.Trail `json:"trail,omitempty"`
}

// NewCohort makes a draft cohort of the retreat that starts on the date. The
// sessions fall into place by their offsets, by the clocks of the zone.
func NewCohort(id string, r *Retreat, zone string, startsOn civil.Date, now time.Time) (*Cohort, error) {
	location, err := civil.Zone(zone)
	if err != nil {
		return nil, fault.InvalidFields(fault.Fields{"time_zone": fault.TextOf(err)})
	}
	if err := checkStart(startsOn); err != nil {
		return nil, err
	}
	c := &Cohort{
		Meta: store.Meta{ID: id}, RetreatID: r.ID, Programme: r.Programme, Terms: r.Terms,
		Zone: zone, StartsOn: startsOn, EndsOn: startsOn, State: Draft, CreatedAt: now,
	}
	for i, planned := range r.Plan {
		c.Sessions = append(c.Sessions, planned.session(fmt.Sprintf("s%d", i+1), startsOn, location))
	}
	c.arrange()
	return c, nil
}

// Location is the cohort's time zone. The constructor has checked it.
func (c *Cohort) Location() *time.Location { return civil.ZoneOrUTC(c.Zone) }

// Start is the first instant of the cohort's first day: bookings end here.
func (c *Cohort) Start() time.Time { return c.StartsOn.At("00:00", c.Location()) }

// End is the last instant of the cohort's last day.
func (c *Cohort) End() time.Time { return c.EndsOn.AddDays(1).At("00:00", c.Location()) }

// BalanceDue is when the rest of the price is due if it is not paid in
// instalments: 10:00 in the cohort's
// zone, so many days before the start [D12].
func (c *Cohort) BalanceDue() time.Time {
	return c.DueBefore(c.BalanceDays)
}

// Session finds a session by its id.
func (c *Cohort) Session(id string) (Session, bool) {
	i := slices.IndexFunc(c.Sessions, func(s Session) bool { return s.ID == id })
	if i < 0 {
		return Session{}, false
	}
	return c.Sessions[i], true
}

// The named refusals of a cohort.
var (
	ErrNotOpen   = fault.New(fault.Conflict, "Booking for these dates is closed.")
	ErrPast      = fault.New(fault.Gone, "These dates have begun already and cannot be booked any more.")
	ErrCancelled = fault.New(fault.Gone, "These dates do not take place.")
	ErrDraft     = fault.New(fault.NotFound, "There is nothing here.")
)

// bookable says why the cohort takes no couple now, or nil.
func (c *Cohort) bookable(now time.Time) error {
	switch {
	case c.State == Draft:
		return ErrDraft
	case c.State == Cancelled:
		return ErrCancelled
	case c.State == Finished, !now.Before(c.Start()):
		return ErrPast
	case c.State != Open:
		return ErrNotOpen
	}
	return nil
}

// Bookable says why no couple can book or wait now, or nil.
func (c *Cohort) Bookable(now time.Time) error { return c.bookable(now) }
