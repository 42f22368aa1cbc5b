package retreats

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"lantern/internal/civil"
	"lantern/internal/fault"
)

// session places a planned session by the clocks of the zone.
func (p PlannedSession) session(id string, startsOn civil.Date, zone *time.Location) Session {
	begin := startsOn.AddDays(p.Day).At(p.Clock, zone)
	s := Session{
		ID: id, Kind: p.Kind, Title: p.Title, Online: p.Online, Receives: p.Receives,
		StartsAt: begin, EndsAt: begin.Add(time.Duration(p.Minutes) * time.Minute),
	}
	if clockOf(begin, zone) != p.Clock {
		s.Clock = p.Clock // for other dates
	}
	return s
}

func clockOf(t time.Time, zone *time.Location) civil.Clock {
	return civil.Clock(t.In(zone).Format("15:04"))
}

// planned gives back the plan that places the session where it is.
func (s Session) planned(startsOn civil.Date, zone *time.Location) PlannedSession {
	return PlannedSession{
		Kind: s.Kind, Title: s.Title, Online: s.Online, Receives: s.Receives,
		Day:     startsOn.DaysUntil(civil.DateOf(s.StartsAt, zone)),
		Clock:   cmp.Or(s.Clock, clockOf(s.StartsAt, zone)),
		Minutes: int(s.EndsAt.Sub(s.StartsAt).Minutes()),
	}
}

// inRetreat tells the sessions that make up the dates people read from those
// that surround them by video.
func (c *Cohort) inRetreat(s Session) bool {
	return civil.DateOf(s.StartsAt, c.Location()) >= c.StartsOn && (s.Kind == Medicine || s.Kind == Gathering || !s.Online)
}

// arrange puts the sessions in order and finds the last day.
func (c *Cohort) arrange() {
	slices.SortStableFunc(c.Sessions, func(a, b Session) int { return a.StartsAt.Compare(b.StartsAt) })
	c.EndsOn = c.StartsOn
	for _, s := range c.Sessions {
		if c.inRetreat(s) {
			c.EndsOn = max(c.EndsOn, civil.DateOf(s.EndsAt, c.Location()))
		}
	}
}

// farthestStart leaves room for sessions and deadlines around every start that
// can be written as a date of four digits.
const farthestStart = civil.Date("2999-12-31")

func checkStart(startsOn civil.Date) error {
	_, err := civil.ParseDate(string(startsOn))
	switch {
	case err != nil:
		return fault.InvalidFields(fault.Fields{"starts_on": fault.TextOf(err)})
	case startsOn < "2000-01-01" || startsOn > farthestStart:
		return fault.InvalidFields(fault.Fields{"starts_on": "Please choose a year between 2000 and 2999."})
	}
	return nil
}

// ErrPastDate refuses a start that has been.
var ErrPastDate = fault.InvalidFields(fault.Fields{"starts_on": "Please choose a day to come."})

// Reschedule moves the cohort to another first day. Every session keeps its
// distance from it and its time of day.
func (c *Cohort) Reschedule(startsOn civil.Date, now time.Time) error {
	if c.ended(now) {
		return errEnded
	}
	if err := checkStart(startsOn); err != nil {
		return err
	}
	zone := c.Location()
	if !now.Before(startsOn.At("00:00", zone)) {
		return ErrPastDate
	}
	if startsOn == c.StartsOn {
		return nil
	}
	c.Settle(now) // by the dates that held until now
	sessions := make([]Session, len(c.Sessions))
	for i, s := range c.Sessions {
		sessions[i] = s.planned(c.StartsOn, zone).session(s.ID, startsOn, zone)
	}
	c.StartsOn, c.Sessions = startsOn, sessions
	c.Roster = c.Roster.until(c.Start())
	c.arrange()
	c.moved(now)
	return nil
}

// The named refusals of a session.
var (
	errNoSession   = fault.New(fault.NotFound, "There is no such session.")
	errSessionOver = fault.New(fault.Conflict, "This session is over and cannot be changed any more.")
	errPastSession = fault.InvalidFields(fault.Fields{"day": "Please choose a time to come."})
)

// changeable finds a session that can be changed. Others than a draft's can
// until they are over: sessions by video often come weeks after the last day.
func (c *Cohort) changeable(id string, now time.Time) (Session, error) {
	s, ok := c.Session(id)
	switch {
	case c.State == Cancelled:
		return s, errEnded
	case !ok:
		return s, errNoSession
	case c.State != Draft && !now.Before(s.EndsAt):
		return s, errSessionOver
	}
	return s, nil
}

// ChangeSession puts another plan in a session's place; its day counts from
// the cohort's first day. An empty id adds a session.
func (c *Cohort) ChangeSession(id string, plan PlannedSession, now time.Time) error {
	fields := fault.Fields{}
	plan.checkFields(fields)
	if err := fault.InvalidFields(fields); err != nil {
		return err
	}
	if id == "" {
		return c.addSession(plan, now)
	}
	before, err := c.changeable(id, now)
	if err != nil {
		return err
	}
	changed := plan.session(id, c.StartsOn, c.Location())
	if changed == before {
		return nil
	}
	if !changed.StartsAt.Equal(before.StartsAt) && c.hasBeen(changed, now) {
		return errPastSession
	}
	c.Settle(now) // by the last day that held until now
	sessions := slices.Clone(c.Sessions)
	sessions[slices.Index(sessions, before)] = changed
	c.Sessions = sessions
	c.arrange()
	c.moved(now)
	return nil
}

func (c *Cohort) addSession(plan PlannedSession, now time.Time) error {
	switch {
	case c.State == Cancelled:
		return errEnded
	case len(c.Sessions) >= maxSessions:
		return fault.Newf(fault.Conflict, "There can be %d sessions at most.", maxSessions)
	case c.hasBeen(plan.session("", c.StartsOn, c.Location()), now):
		return errPastSession
	}
	c.Settle(now)
	c.Sessions = append(slices.Clone(c.Sessions), plan.session(c.nextSessionID(), c.StartsOn, c.Location()))
	c.arrange()
	c.moved(now)
	return nil
}

// hasBeen says whether couples could not come to the session any more. Nobody
// comes to a draft's.
func (c *Cohort) hasBeen(s Session, now time.Time) bool {
	return c.State != Draft && !now.Before(s.StartsAt)
}

// maxDropped bounds what is kept of the sessions that were taken out.
const maxDropped = 4 * maxSessions

// DropSession takes a session out. One must remain.
func (c *Cohort) DropSession(id string, now time.Time) error {
	dropped, err := c.changeable(id, now)
	if err != nil {
		return err
	}
	if len(c.Sessions) == 1 {
		return fault.New(fault.Conflict, "The last session cannot be taken out.")
	}
	c.Settle(now)
	c.LastSession = c.lastSession()
	c.Sessions = slices.DeleteFunc(slices.Clone(c.Sessions), func(s Session) bool { return s.ID == id })
	if c.State != Draft {
		c.Dropped = append(slices.Clone(c.Dropped), DroppedSession{Session: dropped, At: now})
		c.Dropped = c.Dropped[max(0, len(c.Dropped)-maxDropped):]
	}
	c.arrange()
	c.moved(now)
	return nil
}

// Planned is the plan of one of the cohort's sessions, to be changed.
func (c *Cohort) Planned(s Session) PlannedSession { return s.planned(c.StartsOn, c.Location()) }

// nextSessionID is one that the cohort has not used: an id of a session that
// was dropped is not given again, since a driver or an answer may name it.
func (c *Cohort) nextSessionID() string {
	c.LastSession = c.lastSession() + 1
	return fmt.Sprintf("s%d", c.LastSession)
}

// lastSession is the highest number that a session's id ever had: documents
// note it when a session is added or dropped.
func (c *Cohort) lastSession() int {
	last := max(c.LastSession, len(c.Sessions))
	for _, s := range c.Sessions {
		var n int
		if _, err := fmt.Sscanf(s.ID, "s%d", &n); err == nil {
			last = max(last, n)
		}
	}
	return last
}

// moved notes that people's calendars are not right any more.
func (c *Cohort) moved(now time.Time) {
	if c.State != Draft {
		c.RescheduledAt = &now
		c.Schedule++
		c.announce(now)
	}
	c.Settle(now)
	c.keep(c.Roster)
}

// SessionMove is a session that a change would move, or change in another way.
type SessionMove struct{ Before, After Session }

// Moves compares the sessions before a change with those after it.
func Moves(before, after *Cohort) []SessionMove {
	var moves []SessionMove
	for _, now := range after.Sessions {
		if was, ok := before.Session(now.ID); !ok || was != now {
			moves = append(moves, SessionMove{Before: was, After: now})
		}
	}
	for _, was := range before.Sessions {
		if _, ok := after.Session(was.ID); !ok {
			moves = append(moves, SessionMove{Before: was})
		}
	}
	return moves
}

// planWords writes a plan in short, one session a line, for the trail.
func planWords(plan []PlannedSession) string {
	var b strings.Builder
	for _, p := range plan {
		fmt.Fprintf(&b, "%d %s %d %s ", p.Day, p.Clock, p.Minutes, p.Kind)
		if p.Online {
			b.WriteString("online ")
		}
		if p.Receives != ReceivesNobody {
			fmt.Fprintf(&b, "%s ", p.Receives)
		}
		fmt.Fprintln(&b, p.Title)
	}
	return b.String()
}
