package booking

import (
	"cmp"
	"context"
	"slices"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/retreats"
)

// CallLine is a call with the couple that it is about.
type CallLine struct {
	Case
	Call Call
}

// cohortsAtOnce is how many cohorts are loaded at a time.
const cohortsAtOnce = 50

// CallList gives all calls to be made now, the most urgent first, and after them
// those that wait for their time. It reads the cohorts that have something to
// come, and of those the couples with a place.
func (s *Service) CallList(ctx context.Context) (calls, waiting []CallLine, err error) {
	now := s.now()
	var after retreats.Cursor
	for more := true; more; {
		var page []*retreats.Cohort
		if page, more, err = s.retreats.Running(ctx, cohortsAtOnce, after); err != nil {
			return nil, nil, err
		}
		for _, cohort := range page {
			after = retreats.Cursor{StartsOn: cohort.StartsOn, ID: cohort.ID}
			lines, err := s.callsOf(ctx, cohort, now)
			if err != nil {
				return nil, nil, err
			}
			for _, line := range lines {
				if line.Call.Waits(now).IsZero() {
					calls = append(calls, line)
				} else {
					waiting = append(waiting, line)
				}
			}
		}
	}
	byUrgency := func(a, b CallLine) int {
		return cmp.Or(a.Call.By.Compare(b.Call.By), cmp.Compare(a.Booking.ID, b.Booking.ID))
	}
	slices.SortStableFunc(calls, byUrgency)
	slices.SortStableFunc(waiting, byUrgency)
	return calls, waiting, nil
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
