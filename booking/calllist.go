package booking

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"lantern/internal/audit"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/retreats"
)

// CallLine is a call with the couple that it is about.
type CallLine struct {
	Case
	Call Call
}

// Calls are the phone calls to be made about the couples of some cohorts.
type Calls struct {
	// Now are to be made now, the most urgent first; Later wait for their time.
	Now, Later []CallLine
	// Next is where the calls go on about cohorts that begin after Until, and at last
	// about those that have ended; empty if there are none.
	Next  string
	Until civil.Date
}

// A page of calls ends with the cohort that fills it, or when enough cohorts were
// looked at: cohortsAtOnce are loaded at a time.
const (
	callsOnPage       = 100
	callCohortsOnPage = 100
	cohortsAtOnce     = 25
)

// endedFrom begins the place where calls go on about cohorts that have ended.
const endedFrom = "ended"

// CallList gives the calls about the cohorts that begin next, or goes on after a
// page of them; what has ended and has sessions to come is last. It reads cohorts
// and of those the couples with a place: all that run in most practices, and a part
// in one that has hundreds.
func (s *Service) CallList(ctx context.Context, after string) (page Calls, err error) {
	place, ended := strings.CutPrefix(after, endedFrom)
	from, err := runningFrom(place)
	if err != nil {
		return page, err
	}
	looked, now := 0, s.now()
	for full := false; !full; {
		look := s.retreats.Ahead
		if ended {
			look = s.retreats.Lingering
		}
		cohorts, more, err := look(ctx, cohortsAtOnce, from)
		if err != nil {
			return page, err
		}
		for i, cohort := range cohorts {
			if err := s.addCalls(ctx, cohort, now, &page); err != nil {
				return page, err
			}
			from, page.Until = retreats.Cursor{StartsOn: cohort.StartsOn, ID: cohort.ID}, cohort.StartsOn
			looked++
			if full = looked == callCohortsOnPage || len(page.Now)+len(page.Later) >= callsOnPage; full {
				more = more || i < len(cohorts)-1
				break
			}
		}
		switch {
		case full && more && ended:
			page.Next = endedFrom + runningPlace(from)
		case full && more:
			page.Next = runningPlace(from)
		case full && !ended:
			page.Next = endedFrom
		case !more:
			full = ended
			ended, from = true, retreats.Cursor{}
		}
	}
	byUrgency := func(a, b CallLine) int {
		return cmp.Or(a.Call.By.Compare(b.Call.By), cmp.Compare(a.Booking.ID, b.Booking.ID))
	}
	slices.SortStableFunc(page.Now, byUrgency)
	slices.SortStableFunc(page.Later, byUrgency)
	return page, nil
}

func (s *Service) addCalls(ctx context.Context, cohort *retreats.Cohort, now time.Time, to *Calls) error {
	lines, err := s.callsOf(ctx, cohort, now)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if line.Call.Waits(now).IsZero() {
			to.Now = append(to.Now, line)
		} else {
			to.Later = append(to.Later, line)
		}
	}
	return nil
}

func (s *Service) callsOf(ctx context.Context, cohort *retreats.Cohort, now time.Time) ([]CallLine, error) {
	couples, err := s.placed(ctx, cohort)
	var lines []CallLine
	for _, c := range couples {
		for _, call := range c.Calls(now) {
			lines = append(lines, CallLine{Case: c, Call: call})
		}
	}
	return lines, err
}

// placed are the couples whose places are confirmed, by their names.
func (s *Service) placed(ctx context.Context, cohort *retreats.Cohort) ([]Case, error) {
	var ids []string
	for _, p := range cohort.Roster.Places {
		if p.State == retreats.Confirmed {
			ids = append(ids, p.Booking)
		}
	}
	cases, err := s.boardCases(ctx, cohort, ids)
	if err != nil {
		return nil, err
	}
	var couples []Case
	for _, id := range ids {
		if c, ok := cases.of(id); ok && !c.Booking.IsOver() {
			couples = append(couples, c)
		}
	}
	slices.SortStableFunc(couples, func(a, b Case) int {
		return cmp.Or(cmp.Compare(a.Booking.Partners[0].Name, b.Booking.Partners[0].Name), cmp.Compare(a.Booking.ID, b.Booking.ID))
	})
	return couples, nil
}

// RecordCall notes what came of a call about one thing or several. Again is when to
// call once more, for CallLater. What has settled itself meanwhile is left out.
func (s *Service) RecordCall(ctx context.Context, id string, calls []string, outcome CallOutcome, again time.Time, by audit.By) error {
	return s.onTheDay(ctx, id, func(c Case, b *Booking, now time.Time) error {
		var last error = errNoCall
		recorded := false
		for _, call := range calls {
			switch err := c.recordCall(b, call, outcome, again, by, now); {
			case err == nil:
				recorded = true
			case fault.KindOf(err) != fault.Conflict:
				return err
			default:
				last = err
			}
		}
		if recorded {
			return nil
		}
		return last
	})
}

// Door is what is seen at the door after one session: who is still here.
type Door struct {
	Cohort  *retreats.Cohort
	Session retreats.Session
	// PickUpAt is when drivers are expected.
	PickUpAt time.Time
	Couples  []Case
}

// Door gives the departure board of a session that needs drivers.
func (s *Service) Door(ctx context.Context, cohortID, session string) (*Door, error) {
	cohort, err := s.retreats.Cohort(ctx, cohortID)
	if err != nil {
		return nil, err
	}
	held, ok := cohort.Session(session)
	if !ok || !cohort.NeedsDriver(held) {
		return nil, errNoRide
	}
	couples, err := s.placed(ctx, cohort)
	return &Door{Cohort: cohort, Session: held, PickUpAt: cohort.PickUpAt(held), Couples: couples}, err
}
