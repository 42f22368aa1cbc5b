package booking

import (
	"cmp"
	"context"
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
	// Unreached are those of them whom no mail reaches.
	Unreached []Missing
}

// Lacks reports whether anything of that kind is due or late.
func (r BoardRow) Lacks(kind NeedKind) bool {
	return slices.ContainsFunc(r.Cells, func(c Cell) bool {
		return c.Need.Kind == kind && (c.State == CellDue || c.State == CellLate)
	})
}

// IsLate reports whether anything is late.
func (r BoardRow) IsLate() bool {
	return len(r.Unreached) > 0 || slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.State == CellLate })
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
	waitlist := roster.Waitlist[:min(waiting, len(roster.Waitlist))]
	var ids []string
	for _, p := range roster.Places {
		ids = append(ids, p.Booking)
	}
	for _, k := range roster.KeptBack {
		ids = append(ids, k.Booking)
	}
	for _, w := range waitlist {
		ids = append(ids, w.Booking)
	}
	cases, err := s.boardCases(ctx, cohort, ids)
	if err != nil {
		return nil, err
	}
	for _, p := range roster.Places {
		c, ok := cases.of(p.Booking)
		switch {
		case !ok:
			continue // its booking was cut off and is being discarded
		case p.State == retreats.Offered:
			board.Offered = append(board.Offered, BoardTurn{Case: c, Turn: *p.Turn, Until: p.Until})
		default:
			board.Couples = append(board.Couples, BoardRow{Case: c, Cells: c.Readiness(board.Needs, now), Unreached: c.Missing(now)})
		}
	}
	for _, k := range roster.KeptBack {
		cases.addTurn(retreats.Waiting{Booking: k.Booking}, &k.Until, &board.KeptBack)
	}
	for _, w := range waitlist {
		cases.addTurn(w, nil, &board.Waitlist)
	}
	slices.SortStableFunc(board.Couples, func(a, b BoardRow) int { return a.Standing.Since.Compare(b.Standing.Since) })
	return board, nil
}

// boardCases are couples of a cohort; their bookings are shared with others who
// look.
type boardCases struct {
	cohort   *retreats.Cohort
	bookings map[string]*Booking
}

func (s *Service) boardCases(ctx context.Context, cohort *retreats.Cohort, ids []string) (boardCases, error) {
	bookings, err := s.bookings.PeekAll(ctx, ids)
	if err != nil {
		return boardCases{}, fmt.Errorf("loading the bookings of cohort %s: %w", cohort.ID, err)
	}
	return boardCases{cohort, bookings}, nil
}

// of gives a couple, if its booking is there.
func (b boardCases) of(id string) (Case, bool) {
	booking, ok := b.bookings[id]
	if !ok {
		return Case{}, false
	}
	return Case{Booking: booking, Cohort: b.cohort, Standing: b.cohort.Roster.Of(id)}, true
}

func (b boardCases) addTurn(turn retreats.Waiting, until *time.Time, to *[]BoardTurn) {
	if c, ok := b.of(turn.Booking); ok {
		*to = append(*to, BoardTurn{Case: c, Turn: turn, Until: until})
	}
}

// Ended are the cohort's bookings that ended last, the newest first.
func (s *Service) Ended(ctx context.Context, cohortID string, most int) ([]*Booking, error) {
	var ended []*Booking
	for _, index := range []string{byLapse, byCancel} {
		page, err := s.bookings.Find(ctx, store.Query{Index: index, Equal: []any{cohortID}, Desc: true, Limit: most})
		if err != nil {
			return nil, err
		}
		for _, b := range page.Items {
			if !slices.ContainsFunc(ended, func(other *Booking) bool { return other.ID == b.ID }) {
				ended = append(ended, b)
			}
		}
	}
	slices.SortFunc(ended, func(a, b *Booking) int {
		return cmp.Or(b.endedAt().Compare(a.endedAt()), cmp.Compare(a.ID, b.ID))
	})
	return ended[:min(most, len(ended))], nil
}

// endedAt is when the booking ended, and the zero time if it has not.
func (b *Booking) endedAt() time.Time {
	var at time.Time
	if b.LapsedAt != nil {
		at = *b.LapsedAt
	}
	if b.Cancellation != nil && b.Cancellation.At.After(at) {
		at = b.Cancellation.At
	}
	return at
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
	couples, err := s.placed(ctx, cohort)
	if err != nil {
		return a, err
	}
	for _, c := range couples {
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
