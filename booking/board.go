package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lantern/internal/store"
	"lantern/retreats"
)

// Board is what an organizer looks at all day: one cohort, its couples and
// what each still needs, and who waits.
type Board struct {
	Cohort  *retreats.Cohort
	Needs   []Need
	Couples []BoardRow
	// Offered have an offer that they have not answered.
	Offered []BoardTurn
	// KeptBack gave their place up a moment ago.
	KeptBack []BoardTurn
	// Waitlist is in order, at most as many as were asked for; WaitingInAll
	// is how many there are.
	Waitlist     []BoardTurn
	WaitingInAll int
	At           time.Time
}

// BoardRow is a couple with a place.
type BoardRow struct {
	Case
	Cells []Cell
}

// Lacks reports whether anything of that kind is due or late.
func (r BoardRow) Lacks(kind NeedKind) bool {
	return slices.ContainsFunc(r.Cells, func(c Cell) bool {
		return c.Need.Kind == kind && (c.State == CellDue || c.State == CellLate)
	})
}

// IsLate reports whether anything is late.
func (r BoardRow) IsLate() bool {
	return slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.State == CellLate })
}

// BoardTurn is a couple that waits, has an offer, or has just given its place
// up.
type BoardTurn struct {
	Case
	Turn  retreats.Waiting
	Until *time.Time
}

// Board gives the board of a cohort with the first so many that wait. It reads
// the cohort and the bookings on it, whatever else there is.
func (s *Service) Board(ctx context.Context, cohortID string, waiting int) (*Board, error) {
	cohort, err := s.retreats.Cohort(ctx, cohortID)
	if err != nil {
		return nil, err
	}
	now := s.now()
	roster := cohort.Settled(now)
	board := &Board{Cohort: cohort, Needs: Needs(cohort), WaitingInAll: len(roster.Waitlist), At: now}
	for _, p := range roster.Places {
		c, err := s.boardCase(ctx, cohort, p.Booking)
		switch {
		case errors.Is(err, store.ErrNotFound):
			continue // its booking was cut off and is being discarded
		case err != nil:
			return nil, err
		case p.State == retreats.Offered:
			board.Offered = append(board.Offered, BoardTurn{Case: c, Turn: *p.Turn, Until: p.Until})
		default:
			board.Couples = append(board.Couples, BoardRow{Case: c, Cells: c.Readiness(board.Needs, now)})
		}
	}
	for _, k := range roster.KeptBack {
		if err := s.addTurn(ctx, cohort, retreats.Waiting{Booking: k.Booking}, &k.Until, &board.KeptBack); err != nil {
			return nil, err
		}
	}
	for _, w := range roster.Waitlist[:min(waiting, len(roster.Waitlist))] {
		if err := s.addTurn(ctx, cohort, w, nil, &board.Waitlist); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(board.Couples, func(a, b BoardRow) int { return a.Standing.Since.Compare(b.Standing.Since) })
	return board, nil
}

func (s *Service) addTurn(ctx context.Context, cohort *retreats.Cohort, turn retreats.Waiting, until *time.Time, to *[]BoardTurn) error {
	c, err := s.boardCase(ctx, cohort, turn.Booking)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err == nil {
		*to = append(*to, BoardTurn{Case: c, Turn: turn, Until: until})
	}
	return err
}

// boardCase looks at a booking; it is shared with others who look.
func (s *Service) boardCase(ctx context.Context, cohort *retreats.Cohort, id string) (Case, error) {
	b, err := s.bookings.Peek(ctx, id)
	if err != nil {
		return Case{}, fmt.Errorf("loading booking %s for the board: %w", id, err)
	}
	return Case{Booking: b, Cohort: cohort, Standing: cohort.Roster.Of(id)}, nil
}

// Ended are the cohort's bookings that ended last, the newest first.
func (s *Service) Ended(ctx context.Context, cohortID string, most int) ([]*Booking, error) {
	const looked = 200 // of a cohort that many joined, not all are looked at
	page, err := s.bookings.Find(ctx, store.Query{Index: byCohort, Equal: []any{cohortID}, Desc: true, Limit: looked})
	if err != nil {
		return nil, err
	}
	ended := slices.DeleteFunc(page.Items, func(b *Booking) bool { return !b.IsOver() })
	return ended[:min(most, len(ended))], nil
}

// Attention is what of a cohort somebody should look at today.
type Attention struct {
	Cohort *retreats.Cohort
	Counts retreats.Counts
	// Late counts the couples that lack something that is late, by kind.
	Late map[NeedKind]int
	// ByHand says that places are free while couples wait, and no offers are
	// made automatically any more.
	ByHand int
	OverBy int
}

// IsQuiet reports whether there is nothing to look at.
func (a Attention) IsQuiet() bool { return len(a.Late) == 0 && a.ByHand == 0 && a.OverBy == 0 }

// Overview gives a page of the cohorts in a state, by their first day, with
// what needs attention.
func (s *Service) Overview(ctx context.Context, state retreats.CohortState, limit int, after string) ([]Attention, string, error) {
	page, err := s.retreats.Cohorts(ctx, state, limit, after)
	if err != nil {
		return nil, "", err
	}
	var all []Attention
	for _, cohort := range page.Items {
		a, err := s.attention(ctx, cohort)
		if err != nil {
			return nil, "", err
		}
		all = append(all, a)
	}
	return all, page.Next, nil
}

func (s *Service) attention(ctx context.Context, cohort *retreats.Cohort) (Attention, error) {
	now := s.now()
	a := Attention{Cohort: cohort, Counts: cohort.Roster.Counts(), Late: map[NeedKind]int{}, OverBy: cohort.OverBy(), ByHand: cohort.ByHand(now)}
	needs := Needs(cohort)
	for _, p := range cohort.Roster.Places {
		if p.State != retreats.Confirmed {
			continue
		}
		c, err := s.boardCase(ctx, cohort, p.Booking)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return a, err
		}
		late := map[NeedKind]bool{}
		for _, cell := range c.Readiness(needs, now) {
			if cell.State == CellLate {
				late[cell.Need.Kind] = true
			}
		}
		for kind := range late {
			a.Late[kind]++
		}
	}
	return a, nil
}
