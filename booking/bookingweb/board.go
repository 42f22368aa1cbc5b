package bookingweb

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/audit"
	"lantern/internal/picture"
	"lantern/internal/web"
	"lantern/retreats"
)

// boardPage is the readiness board of one cohort.
type boardPage struct {
	web.Page
	URL, Name, Dates, ZoneName, State string
	Houses                            picture.Houses
	Line                              picture.TimeLine
	Filters                           []linkView
	Columns                           []columnView
	Rows                              []rowView
	// Couples counts the rows without a filter.
	Couples           int
	Offered, KeptBack []turnView
	Waitlist          []turnView
	WaitingInAll      int
	MoreURL           string
	Ended             []endedView
	Trail             []trailView
	ByHand, OverBy    int
	// WhyByHand says why places that are free are not offered by themselves.
	WhyByHand            string
	At                   string
	Print                bool
	CanManage, CanExport bool
	// Doors lead to the departure boards of sessions after which couples are
	// driven home.
	Doors []linkView
	// AttendanceURL leads to who came, empty for who does not note it.
	AttendanceURL string
	// Full shows why turns have changed, and what staff changed.
	Full bool
}

// columnView is the head of a column.
type columnView struct{ Title, When string }

type rowView struct {
	URL, Ref, Names, State, Until string
	Cells                         []cellView
	// Unreached says who cannot be reached.
	Unreached []string
}

type cellView struct{ State, Text, By string }

type turnView struct {
	URL, Ref, Names string
	Position        int
	Since, Until    string
	Priority        int
	Reason          string
	History         []string
	// Full shows priority, reason and history.
	Full bool
}

type endedView struct{ URL, Ref, Names, How, When string }

type trailView struct {
	When, By, What, From, To, Reason, URL string
}

const (
	waitingOnBoard = 100
	endedOnBoard   = 20
	trailOnBoard   = 50
)

func (h *Handlers) board(c echo.Context) error {
	ctx := c.Request().Context()
	waiting := waitingOnBoard
	if c.QueryParam("waiting") == "all" {
		waiting = 10_000
	}
	board, err := h.options.Bookings.Board(ctx, c.Param("id"), waiting)
	if err != nil {
		return err
	}
	ended, err := h.options.Bookings.Ended(ctx, board.Cohort.ID, endedOnBoard)
	if err != nil {
		return err
	}
	actor, _ := web.ActorOf(ctx)
	seen := sightOf(ctx)
	data := boardData(board, c.QueryParam("show"), seen)
	data.Ended = endedViews(ended, board.Cohort.Location(), seen)
	data.Print = c.QueryParam("print") != ""
	data.CanManage, data.CanExport = actor.Has(access.ManageCohorts), actor.Has(access.ReadBookings)
	if seen.bookings {
		data.Doors = doorsOf(board.Cohort)
	}
	if actor.Has(access.Attend) {
		data.AttendanceURL = attendanceNow(board.Cohort, board.At)
	}
	return h.server.Render(c, http.StatusOK, "staff_board", data)
}

func boardData(b *booking.Board, show string, s sight) *boardPage {
	b = s.board(b)
	c := b.Cohort
	zone := c.Location()
	data := &boardPage{
		Page: web.Page{Title: "Board: " + c.Name, Private: true, Wide: true}, URL: boardURL(c.ID), Name: c.Name,
		Dates: web.Dates(c.StartsOn, c.EndsOn), ZoneName: web.ZoneName(c.Zone), State: stateWords[c.State],
		Houses: housesOf(c.Capacity, c.Roster.Counts()), Line: boardLine(c, b.At, s), Couples: len(b.Couples),
		WaitingInAll: b.WaitingInAll, ByHand: c.ByHand(b.At), OverBy: c.OverBy(), At: web.Clock(b.At, zone),
		WhyByHand: whyByHand(c, b.At), Full: s.bookings,
	}
	if s.bookings {
		data.Trail = trailViews(c.Trail, zone, trailOnBoard)
	}
	if len(b.Waitlist) < b.WaitingInAll {
		data.MoreURL = data.URL + "?waiting=all#waitlist"
	}
	for _, n := range b.Needs {
		data.Columns = append(data.Columns, columnOf(n, zone))
	}
	for _, row := range b.Couples {
		if shown(row, show) {
			data.Rows = append(data.Rows, rowOf(row, zone))
		}
	}
	data.Filters = filters(b, data.URL, show)
	data.Offered, data.KeptBack, data.Waitlist = turnViews(b.Offered, zone, s), turnViews(b.KeptBack, zone, s), turnViews(b.Waitlist, zone, s)
	return data
}

// whyByHand says why places that are free are not offered by themselves.
func whyByHand(c *retreats.Cohort, now time.Time) string {
	unasked := slices.ContainsFunc(c.Settled(now).Waitlist, func(w retreats.Waiting) bool { return !w.Declined })
	switch {
	case c.State == retreats.Closed:
		return "Booking is closed, so nothing is offered by itself."
	case !unasked:
		return "Everybody who waits has let this go by, so anybody can book now."
	}
	return "It is too near the start for offers that are made by themselves."
}

var stateWords = map[retreats.CohortState]string{
	retreats.Draft: "draft", retreats.Open: "on offer", retreats.Closed: "closed",
	retreats.Cancelled: "called off", retreats.Finished: "finished",
}

// showLate is the filter of rows in which anything is late.
const showLate = "late"

func shown(row booking.BoardRow, show string) bool {
	switch show {
	case "":
		return true
	case showLate:
		return row.IsLate()
	}
	return row.Lacks(booking.NeedKind(show))
}

// filterWords name the filters by what is missing.
var filterWords = map[booking.NeedKind]string{
	booking.NeedDeposit: "Deposit open", booking.NeedBalance: "Balance open", booking.NeedConsent: "No consent yet",
	booking.NeedClearance: "Not cleared yet", booking.NeedForms: "Forms missing", booking.NeedPreparation: "Preparation not confirmed",
	booking.NeedDriver: "Driver not confirmed",
}

// filters are links with how many couples each shows; empty ones are left out
// unless the reader is there.
func filters(b *booking.Board, address, show string) []linkView {
	count := func(show string) (n int) {
		for _, row := range b.Couples {
			if shown(row, show) {
				n++
			}
		}
		return n
	}
	out := []linkView{{URL: address, Text: "All couples (" + strconv.Itoa(len(b.Couples)) + ")", Here: show == ""}}
	add := func(key, text string) {
		if n := count(key); n > 0 || show == key {
			out = append(out, linkView{URL: address + "?show=" + key, Text: text + " (" + strconv.Itoa(n) + ")", Here: show == key})
		}
	}
	add(showLate, "Anything late")
	for _, kind := range booking.NeedKinds {
		add(string(kind), filterWords[kind])
	}
	return out
}

var partnerWords = [...]string{"", "first", "second"}

func columnOf(n booking.Need, zone *time.Location) columnView {
	day := func(s retreats.Session) string { return s.StartsAt.In(zone).Format("2 Jan") }
	switch n.Kind {
	case booking.NeedDeposit:
		return columnView{Title: "Deposit"}
	case booking.NeedBalance:
		return columnView{Title: "Balance"}
	case booking.NeedConsent:
		return columnView{Title: "Consent", When: partnerWords[n.Partner]}
	case booking.NeedClearance:
		return columnView{Title: "Clearance", When: partnerWords[n.Partner]}
	case booking.NeedForms:
		return columnView{Title: "Forms"}
	case booking.NeedPreparation:
		return columnView{Title: "Preparation", When: day(n.Session)}
	}
	return columnView{Title: "Driver", When: day(n.Session)}
}

func bookingURL(id string) string { return "/staff/bookings/" + url.PathEscape(id) }

func namesOf(b *booking.Booking) string { return b.Partners[0].Name + " & " + b.Partners[1].Name }

func rowOf(row booking.BoardRow, zone *time.Location) rowView {
	view := rowView{URL: bookingURL(row.Booking.ID), Ref: row.Booking.Ref, Names: namesOf(row.Booking), State: string(row.Standing.State)}
	if row.Standing.Until != nil {
		view.Until = shortTime(*row.Standing.Until, zone)
	}
	for _, cell := range row.Cells {
		v := cellView{State: string(cell.State), Text: cell.Text}
		if cell.By != nil {
			v.By = cell.By.Add(-time.Second).In(zone).Format("2 Jan") // a day's end is said as that day
		}
		view.Cells = append(view.Cells, v)
	}
	for _, m := range row.Unreached {
		view.Unreached = append(view.Unreached, m.Words())
	}
	return view
}

// shortTime is for tables: "Sat 13 Mar, 9:00".
func shortTime(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("Mon 2 Jan") + ", " + web.Clock(t, zone)
}

var turnWords = map[retreats.TurnWhat]string{
	retreats.TurnOffered: "offered", retreats.TurnPassed: "let the offer go by", retreats.TurnExpired: "did not answer the offer",
	retreats.TurnMoved: "priority changed",
}

func turnViews(turns []booking.BoardTurn, zone *time.Location, s sight) []turnView {
	var out []turnView
	for _, t := range turns {
		view := turnView{
			URL: bookingURL(t.Booking.ID), Ref: t.Booking.Ref, Names: namesOf(t.Booking), Position: t.Standing.Position, Full: s.bookings,
		}
		if !t.Turn.JoinedAt.IsZero() {
			view.Since = shortTime(t.Turn.JoinedAt, zone)
		}
		if t.Until != nil {
			view.Until = shortTime(*t.Until, zone)
		}
		if s.bookings {
			view.tell(t.Turn, zone)
		}
		out = append(out, view)
	}
	return out
}

// tell adds why the turn stands where it does.
func (v *turnView) tell(turn retreats.Waiting, zone *time.Location) {
	v.Priority, v.Reason = turn.Priority, turn.Reason
	for _, e := range turn.History {
		line := shortTime(e.At, zone) + ": " + turnWords[e.What]
		if e.By != "" {
			line += " by " + e.By
		}
		v.History = append(v.History, line)
	}
}

func endedViews(ended []*booking.Booking, zone *time.Location, s sight) []endedView {
	var out []endedView
	for _, b := range ended {
		view := endedView{URL: bookingURL(b.ID), Ref: b.Ref, Names: namesOf(b)}
		switch {
		case endedByStaff(b):
			view.How, view.When = "ended by the practice", shortTime(b.Cancellation.At, zone)
		case b.Cancellation != nil && b.Cancellation.ByPractice:
			view.How, view.When = "called off", shortTime(b.Cancellation.At, zone)
		case b.Cancellation != nil:
			view.How, view.When = "gave up", shortTime(b.Cancellation.At, zone)
		case b.EndReason != "":
			view.How, view.When = "taken off the waitlist", shortTime(*b.LapsedAt, zone)
			if s.bookings {
				view.How += ": " + b.EndReason
			}
		case len(b.Charges) == 0:
			view.How, view.When = "turn ended", shortTime(*b.LapsedAt, zone)
		default:
			view.How, view.When = "hold ended unpaid", shortTime(*b.LapsedAt, zone)
		}
		out = append(out, view)
	}
	return out
}

// trailViews shows the newest first.
func trailViews(trail audit.Trail, zone *time.Location, most int) []trailView {
	var out []trailView
	for _, line := range slices.Backward(trail) {
		if len(out) == most {
			break
		}
		view := trailView{When: shortTime(line.At, zone), By: line.By, What: line.What, From: line.From, To: line.To, Reason: line.Reason}
		if line.Booking != "" {
			view.URL = bookingURL(line.Booking)
		}
		out = append(out, view)
	}
	return out
}

// chargeMoments are when the rest of the price is due.
func chargeMoments(c *retreats.Cohort) []picture.Moment {
	if len(c.Instalments) == 0 {
		return []picture.Moment{{At: c.BalanceDue(), Kind: "charge", Text: "Balances are due"}}
	}
	var moments []picture.Moment
	for i, in := range c.Instalments {
		moments = append(moments, picture.Moment{At: c.DueBefore(in.DaysBefore), Kind: "charge", Text: "Instalment " + strconv.Itoa(i+1) + " is due"})
	}
	return moments
}

// boardLine hangs what is due and today on the line of sessions.
func boardLine(c *retreats.Cohort, now time.Time, seen sight) picture.TimeLine {
	var moments []picture.Moment
	for _, s := range c.Sessions {
		moments = append(moments, picture.Moment{At: s.StartsAt, Kind: string(s.Kind), Text: s.Title})
	}
	if seen.bookings && !c.Price.Minus(c.Deposit).IsZero() {
		moments = append(moments, chargeMoments(c)...)
	}
	moments = append(moments, picture.Moment{At: now, Kind: picture.Now, Text: "Today"})
	slices.SortStableFunc(moments, func(a, b picture.Moment) int { return a.At.Compare(b.At) })
	return picture.Line(moments, c.Location())
}
