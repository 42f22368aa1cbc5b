package notifications

import (
	"context"
	"slices"
	"strings"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/civil"
	"lantern/retreats"
)

// cohortsAtOnce is how many cohorts are looked at together, cohortsInDigest of how
// many a digest tells: nobody reads a mail about more.
const (
	cohortsAtOnce   = 25
	cohortsInDigest = 100
)

// addCohorts tells of the sessions of today and tomorrow, of drivers, and of the
// places of the cohorts that have something to come, those that begin next if
// there are very many.
func (d *digesting) addCohorts(ctx context.Context) error {
	today := civil.DateOf(d.now, d.zone)
	tomorrow := today.AddDays(1)
	sessions := map[civil.Date][]sessionOf{}
	var drivers, places, others []string
	looked := 0
	for after := ""; ; {
		page, next, err := d.options.Bookings.Running(ctx, cohortsAtOnce, after)
		if err != nil {
			return err
		}
		for _, a := range page {
			board, err := d.options.Bookings.Board(ctx, a.Cohort.ID, 0)
			if err != nil {
				return err
			}
			for _, s := range a.Cohort.Sessions {
				if day := civil.DateOf(s.StartsAt, a.Cohort.Location()); day == today || day == tomorrow {
					sessions[day] = append(sessions[day], sessionOf{s, board})
				}
			}
			if d.actor.Has(access.ReadBookings) {
				drivers = append(drivers, driverLines(board)...)
			}
			places = append(places, d.placesLine(a))
		}
		looked += len(page)
		if after = next; next == "" {
			break
		}
		if looked >= cohortsInDigest {
			others = []string{"cohorts that begin after " + page[len(page)-1].Cohort.StartsOn.Words()}
			break
		}
	}
	for _, day := range []civil.Date{today, tomorrow} {
		title := "Today"
		if day == tomorrow {
			title = "Tomorrow"
		}
		d.add(title+", "+day.Words(), "/staff", d.sessionLines(sessions[day]))
	}
	d.add("Drivers who are not sure", "/staff", drivers)
	d.add("Places", "/staff", places)
	d.add("Not in this mail", "/staff", others)
	return nil
}

// sessionOf is a session with the board of its cohort.
type sessionOf struct {
	retreats.Session
	board *booking.Board
}

// sessionLines say when to be where, and under each session who lacks what.
func (d *digesting) sessionLines(sessions []sessionOf) []string {
	slices.SortStableFunc(sessions, func(a, b sessionOf) int { return a.StartsAt.Compare(b.StartsAt) })
	var lines []string
	for _, s := range sessions {
		zone := s.board.Cohort.Location()
		lines = append(lines, clock(s.StartsAt, zone)+" to "+clock(s.EndsAt, zone)+" ("+civil.ZoneName(zone.String())+"): "+
			s.Title+", "+s.board.Cohort.Name+", "+counted(len(s.board.Couples), "couple", "couples"))
		for _, row := range s.board.Couples {
			if lacks := d.lacks(row, s.Session); lacks != "" {
				lines = append(lines, coupleOf(row.Case)+": "+lacks)
			}
		}
	}
	return lines
}

// needTitles name what a couple needs.
var needTitles = map[booking.NeedKind]string{
	booking.NeedDeposit: "deposit", booking.NeedBalance: "balance", booking.NeedDriver: "driver", booking.NeedConsent: "consent",
	booking.NeedClearance: "clearance", booking.NeedForms: "forms", booking.NeedPreparation: "preparation",
}

// lacks says what a couple lacks for a session, as far as the reader's role
// shows it. What belongs to other sessions is not in it.
func (d *digesting) lacks(row booking.BoardRow, s retreats.Session) string {
	var all []string
	for _, cell := range row.Cells {
		open := cell.State == booking.CellDue || cell.State == booking.CellLate
		of := cell.Need.Session.ID
		if !open || (of != "" && of != s.ID) || (!d.actor.Has(access.ReadBookings) && !cell.Need.Kind.IsClinical()) {
			continue
		}
		words := needTitles[cell.Need.Kind]
		if cell.Need.Partner > 0 {
			words += " of " + row.Booking.Partners[cell.Need.Partner-1].Name
		}
		all = append(all, words+" "+cell.Text)
	}
	return strings.Join(all, "; ")
}

// driverLines name the couples whose driver is due and not named, or has not
// said yes.
func driverLines(board *booking.Board) (lines []string) {
	zone := board.Cohort.Location()
	for _, row := range board.Couples {
		for _, cell := range row.Cells {
			if cell.Need.Kind != booking.NeedDriver || (cell.State != booking.CellLate && cell.State != booking.CellDue) {
				continue
			}
			if cell.State == booking.CellDue && cell.By != nil && cell.By.Sub(board.At) > driversAhead {
				continue
			}
			lines = append(lines, coupleOf(row.Case)+", "+moment(cell.Need.Session.StartsAt, zone)+": "+cell.Text)
		}
	}
	return lines
}

// driversAhead is how long before it is due a digest asks who drives.
const driversAhead = 7 * 24 * time.Hour

// placesLine is how full a cohort is, and who has come to wait since the last
// digest.
func (d *digesting) placesLine(a booking.Attention) string {
	c, counts := a.Cohort, a.Counts
	free := max(0, c.Capacity-counts.Confirmed-counts.Held-counts.Offered-counts.KeptBack)
	words := []string{counted(counts.Confirmed, "confirmed", "confirmed"), counted(counts.Held, "held", "held"), counted(free, "free", "free")}
	if counts.Offered > 0 {
		words = append(words, counted(counts.Offered, "offered", "offered"))
	}
	if counts.Waiting > 0 {
		words = append(words, counted(counts.Waiting, "couple waits", "couples wait"))
	}
	joined := 0
	for _, w := range c.Roster.Waitlist {
		if w.JoinedAt.After(d.since) {
			joined++
		}
	}
	if joined > 0 {
		words = append(words, counted(joined, "of them new", "of them new"))
	}
	if a.ByHand > 0 {
		words = append(words, counted(a.ByHand, "free place to offer by hand", "free places to offer by hand"))
	}
	return c.Name + ", from " + c.StartsOn.Words() + ": " + strings.Join(words, ", ")
}

func coupleOf(c booking.Case) string {
	return c.Booking.Partners[0].Name + " & " + c.Booking.Partners[1].Name
}
