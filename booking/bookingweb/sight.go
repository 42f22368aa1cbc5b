package bookingweb

import (
	"context"
	"slices"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/web"
)

// sight is how much of couples somebody sees. Without the right to read
// bookings it is what a clinician works with: who is in a cohort, consent,
// clearance and forms [D42]. Money, drivers, reasons and trails are not in it.
type sight struct{ bookings bool }

func sightOf(ctx context.Context) sight {
	actor, _ := web.ActorOf(ctx)
	return sight{bookings: actor.Has(access.ReadBookings)}
}

// sees says whether a kind of need is shown.
func (s sight) sees(kind booking.NeedKind) bool {
	return s.bookings || kind.IsClinical()
}

// cells are those that are shown.
func (s sight) cells(all []booking.Cell) []booking.Cell {
	return slices.DeleteFunc(slices.Clone(all), func(c booking.Cell) bool { return !s.sees(c.Need.Kind) })
}

// board is a board with what is shown of it.
func (s sight) board(b *booking.Board) *booking.Board {
	seen := *b
	seen.Needs = slices.DeleteFunc(slices.Clone(b.Needs), func(n booking.Need) bool { return !s.sees(n.Kind) })
	seen.Couples = slices.Clone(b.Couples)
	for i := range seen.Couples {
		seen.Couples[i].Cells = s.cells(seen.Couples[i].Cells)
		if !s.bookings {
			seen.Couples[i].Unreached = nil
		}
	}
	return &seen
}
