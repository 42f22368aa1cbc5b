package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/internal/access"
	"lantern/internal/fault"
)

// DemoClock is the clock of a demonstration, which whoever looks at a page
// moves. Only the demonstration has one.
type DemoClock interface {
	// Ahead is how far it is ahead of the machine's clock.
	Ahead() time.Duration
	// Show gives what the bar on top of each page says.
	Show(ctx context.Context) (ClockBar, error)
	// Move takes it to where the step leads, and brings about on the way what
	// time brings, in the order of time.
	Move(ctx context.Context, step ClockStep) error
}

// ClockStep says how far the clock is moved.
type ClockStep string

// The steps of the clock.
const (
	ByHour      ClockStep = "hour"
	ByDay       ClockStep = "day"
	ByWeek      ClockStep = "week"
	ToNextEvent ClockStep = "event"
)

// clockSteps are the buttons of the bar.
var clockSteps = []struct {
	Step ClockStep
	Text string
}{
	{ByHour, "+1 hour"}, {ByDay, "+1 day"}, {ByWeek, "+1 week"}, {ToNextEvent, "Next event"},
}

// ClockBar is what the bar on top of each page of a demonstration shows.
type ClockBar struct {
	Now  Moment
	Zone string // in words
	// Next is what happens next by itself, and NextAt when, such as "at 10:00"
	// or "on Friday 9 April 2027, 9:30"; empty if nothing that anybody would
	// notice is to come.
	Next   string
	NextAt Moment
}

// clockView is the bar with its buttons.
type clockView struct {
	ClockBar
	Steps any
	// Ahead is by how much, in milliseconds. A form that was made at another
	// time moves nothing, so that one which is sent twice moves once.
	Ahead int64
	// Back is where to go on, empty where the page cannot be asked for again.
	Back string
}

// clockPath is where the forms of the bar lead.
const clockPath = "/demonstration/clock"

func (s *Server) mountClock() {
	s.Mount([]Route{{Method: http.MethodPost, Path: clockPath, Right: access.Public, Handle: s.moveClock}})
}

// showClock puts the bar on a page. The page matters more than the bar.
func (s *Server) showClock(c echo.Context, p *Page) {
	clock, r := s.options.Clock, c.Request()
	if clock == nil {
		return
	}
	bar, err := clock.Show(r.Context())
	if err != nil {
		Note(r.Context(), err)
		return
	}
	p.DemoClock = &clockView{ClockBar: bar, Steps: clockSteps, Ahead: clock.Ahead().Milliseconds()}
	if r.Method == http.MethodGet {
		p.DemoClock.Back = r.URL.RequestURI()
	}
}

func (s *Server) moveClock(c echo.Context) error {
	form, err := Form(c)
	if err != nil {
		return err
	}
	step := ClockStep(form.Get("step"))
	switch step {
	case ByHour, ByDay, ByWeek, ToNextEvent:
	default:
		return fault.New(fault.Invalid, "The clock goes on by an hour, a day or a week, or to the next event.")
	}
	clock := s.options.Clock
	if form.Get("ahead") == strconv.FormatInt(clock.Ahead().Milliseconds(), 10) {
		if err := clock.Move(c.Request().Context(), step); err != nil {
			return err
		}
	}
	back := form.Get("back")
	if localPath(back) != back {
		back = "/"
	}
	return c.Redirect(http.StatusSeeOther, back)
}
