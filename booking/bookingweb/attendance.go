package bookingweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/web"
	"lantern/retreats"
)

// attendancePage is made for who stands at the door: the couples of one
// session, and one button for each answer.
type attendancePage struct {
	web.Page
	URL, BoardURL, Cohort, Title, When, ZoneName string
	// Opens is from when on it can be noted, empty once it can.
	Opens    string
	Needed   bool
	Sessions []linkView
	Couples  []presentCouple
	Counts   string
	Problem  string
}

type presentCouple struct {
	Ref, BookingID, URL string
	Partners            [2]presentPartner
	// NoRide says why they are not to begin, empty if they may; Decided is who
	// decided that they may all the same.
	NoRide, Decided string
	// Typed and Fault are of the reason that was not taken.
	Typed, Fault string
}

type presentPartner struct {
	Number    int
	Name      string
	Came      bool
	Missed    bool
	NotedBy   string
	Confirmed bool
	Wish      string
}

var errNoSession = fault.New(fault.NotFound, "There is no such session.")

func attendanceURL(cohortID, session string) string {
	return boardURL(cohortID) + "/sessions/" + url.PathEscape(session) + "/attendance"
}

// attendanceNow is the session of which somebody most likely wants to note who
// came: the last whose day has begun, else the first.
func attendanceNow(c *retreats.Cohort, now time.Time) string {
	if len(c.Sessions) == 0 {
		return ""
	}
	at := c.Sessions[0]
	for _, s := range c.Sessions {
		if !now.Before(booking.AttendanceFrom(c, s)) && !s.StartsAt.Before(at.StartsAt) {
			at = s
		}
	}
	return attendanceURL(c.ID, at.ID)
}

func (h *Handlers) attendance(c echo.Context) error {
	return h.showAttendance(c, http.StatusOK, nil, nil)
}

// showAttendance draws the page, with what was typed of one couple if that was not
// taken.
func (h *Handlers) showAttendance(c echo.Context, status int, fail error, typed url.Values) error {
	board, err := h.options.Bookings.Board(c.Request().Context(), c.Param("id"), 0)
	if err != nil {
		return err
	}
	session, ok := board.Cohort.Session(c.Param("session"))
	if !ok {
		return errNoSession
	}
	data := attendanceData(board, session)
	data.complain(fail, typed)
	return h.server.Render(c, status, "staff_attendance", data)
}

func attendanceData(board *booking.Board, session retreats.Session) *attendancePage {
	c := board.Cohort
	zone := c.Location()
	data := &attendancePage{
		Page: web.Page{Title: "Who came: " + session.Title, Private: true}, URL: attendanceURL(c.ID, session.ID),
		BoardURL: boardURL(c.ID), Cohort: c.Name + ", " + web.Dates(c.StartsOn, c.EndsOn), Title: session.Title,
		When: web.At(session.StartsAt, zone).Text + " to " + web.Clock(session.EndsAt, zone), ZoneName: web.ZoneName(c.Zone),
		Needed: c.NeedsPresence && session.Kind == retreats.Preparation,
	}
	if from := booking.AttendanceFrom(c, session); board.At.Before(from) {
		data.Opens = web.Date(from, zone)
	}
	for _, s := range c.Sessions {
		data.Sessions = append(data.Sessions, linkView{
			URL: attendanceURL(c.ID, s.ID), Text: s.StartsAt.In(zone).Format("2 Jan") + ", " + s.Title, Here: s.ID == session.ID,
		})
	}
	came, missed, all := 0, 0, 0
	for _, row := range board.Couples {
		if row.Standing.State != retreats.Confirmed {
			continue
		}
		couple := presentCouple{Ref: row.Booking.Ref, BookingID: row.Booking.ID, URL: bookingURL(row.Booking.ID)}
		couple.addRide(row.Case, session)
		for i := range row.Booking.Partners {
			p := presentOf(row.Case, session, i)
			couple.Partners[i] = p
			all++
			switch {
			case p.Came:
				came++
			case p.Missed:
				missed++
			}
		}
		data.Couples = append(data.Couples, couple)
	}
	data.Counts = strings.Join([]string{
		number(came) + " came", number(missed) + " missed", number(all-came-missed) + " not marked yet",
	}, ", ")
	return data
}

func presentOf(c booking.Case, s retreats.Session, i int) presentPartner {
	p := presentPartner{
		Number: i + 1, Name: c.Booking.Partners[i].Name,
		Confirmed: c.Booking.HasReplied(s, i), Wish: c.Booking.Wish(s, i),
	}
	if a := c.Booking.AttendanceAt(s, i); a != nil {
		p.Came, p.Missed = a.Present, !a.Present
		p.NotedBy = a.By + ", " + shortTime(a.At, c.Cohort.Location())
	}
	return p
}

// answers are what a button says about a partner.
var answers = map[string]*bool{"came": new(true), "missed": new(false), "clear": nil}

func (h *Handlers) markAttendance(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	present, known := answers[form.Get("answer")]
	begin, both := form.Get("answer") == "begin", form.Get("answer") == "both"
	if !known && !begin && !both {
		return echo.NewHTTPError(http.StatusBadRequest)
	}
	seen, err := h.options.Bookings.Case(ctx, form.Get("booking"))
	if err != nil {
		return err
	}
	if seen.Booking.CohortID != c.Param("id") {
		return fault.New(fault.NotFound, "This couple is not in these dates.")
	}
	actor, _ := web.ActorOf(ctx)
	switch {
	case begin:
		err = h.options.Bookings.BeginAllTheSame(ctx, seen.Booking.ID, c.Param("session"), form.Get("reason"), actor.By())
	case both:
		err = h.options.Bookings.RecordBothCame(ctx, seen.Booking.ID, c.Param("session"), actor.By())
	default:
		err = h.options.Bookings.RecordAttendance(ctx, seen.Booking.ID, c.Param("session"), partnerIn(form), present, actor.By())
	}
	if kind := fault.KindOf(err); kind == fault.Conflict || begin && kind == fault.Invalid {
		web.Note(ctx, err)
		return h.showAttendance(c, web.Status(err), err, form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, attendanceURL(c.Param("id"), c.Param("session"))+"#couple-"+seen.Booking.Ref)
}

// wishView is a partner who asks for another time.
type wishView struct{ Session, Name, Wish, When string }

// addPresence shows who asks for another time, and of whom a person has to
// decide.
func (p *staffBookingPage) addPresence(c booking.Case, actor access.Actor) {
	p.MayMark = actor.Has(access.Attend)
	zone := c.Cohort.Location()
	for _, s := range c.Cohort.Sessions {
		at := s.Title + ", " + shortTime(s.StartsAt, zone)
		for i, partner := range c.Booking.Partners {
			if r, ok := c.Booking.ReplyTo(s, i); ok && r.Wish != "" {
				p.Wishes = append(p.Wishes, wishView{Session: at, Name: partner.Name, Wish: r.Wish, When: shortTime(r.At, zone)})
			}
			if c.Unready(s, i) {
				p.Unready = append(p.Unready, optionView{Value: s.ID + "." + number(i+1), Text: partner.Name + ": " + at})
			}
		}
	}
}

// readyAllTheSame notes that a person has decided about who missed a session.
func (h *Handlers) readyAllTheSame(ctx context.Context, id string, form url.Values, by audit.By) error {
	session, partner, _ := strings.Cut(form.Get("who"), ".")
	n, err := strconv.Atoi(partner)
	if err != nil {
		return fault.InvalidFields(fault.Fields{"who": "Please choose who it is about."})
	}
	return h.options.Bookings.WaiveAttendance(ctx, id, session, n-1, form.Get("reason"), by)
}

// MayBoth reports whether one tap can say that both came: nothing is noted of
// either, and they may begin.
func (p *attendancePage) MayBoth(c presentCouple) bool {
	return p.Opens == "" && c.NoRide == "" && c.Partners[0].NotedBy == "" && c.Partners[1].NotedBy == ""
}

// presentForm is one partner with their buttons, for the template.
type presentForm struct {
	P            presentPartner
	URL, Booking string
	Open         bool
}

// With gives a partner of a couple with where the buttons lead.
func (p *attendancePage) With(c presentCouple, partner presentPartner) presentForm {
	return presentForm{P: partner, URL: p.URL, Booking: c.BookingID, Open: p.Opens == ""}
}
