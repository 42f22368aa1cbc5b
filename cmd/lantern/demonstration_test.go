package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/civil"
	"lantern/internal/web"
	"lantern/internal/web/webtest"
	"lantern/notifications"
	"lantern/retreats"
)

// faults fails a test at each thing that the program logs as an error.
type faults struct {
	slog.Handler
	t *testing.T
}

func (f faults) Enabled(context.Context, slog.Level) bool { return true }

func (f faults) Handle(_ context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		f.t.Errorf("the log says %s", r.Message)
		r.Attrs(func(a slog.Attr) bool { f.t.Log(a); return true })
	}
	return nil
}

// newDemo is newStory for the demonstration with its clock. The story's own
// clock is the machine's.
func newDemo(t *testing.T, capacity int) *story {
	t.Helper()
	st := &story{t: t, now: time.Date(2027, 1, 11, 18, 0, 0, 0, time.UTC)}
	s := settings{Addr: "127.0.0.1:0", Data: t.TempDir(), Practice: "Cedar House", Zone: "America/Los_Angeles"}
	st.must(s.check())
	listener, err := listen(&s)
	st.must(err)
	st.app, err = openDemo(t.Context(), s, slog.New(faults{slog.DiscardHandler, t}), st.time)
	st.must(err)
	server := st.server.HTTPServer()
	go server.Serve(listener)
	t.Cleanup(func() {
		st.compareBooks()
		http.DefaultClient.CloseIdleConnections()
		if err := st.stop(server); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	st.addCohort(capacity)
	return st
}

// tale is everything that a couple was told and paid, with the time of each.
func (st *story) tale(id string) []string {
	st.t.Helper()
	var lines []string
	zone := civil.ZoneOrUTC("America/Los_Angeles")
	for partner := range 2 {
		messages, err := st.notices.OfBooking(st.t.Context(), id, partner)
		st.must(err)
		for _, m := range messages {
			switch m.State {
			case notifications.Sent:
				lines = append(lines, fmt.Sprintf("%s %s to %d", m.Copy.At.In(zone).Format(time.DateTime), m.Rule, partner+1))
			case notifications.Missed, notifications.Failed, notifications.Sending:
				st.t.Errorf("%s of %s is %s", m.Rule, m.DueAt, m.State)
			}
		}
	}
	c, err := st.bookings.Case(st.t.Context(), id)
	st.must(err)
	for _, p := range c.Booking.Payments {
		lines = append(lines, fmt.Sprintf("%s %s paid for %s", p.At.In(zone).Format(time.DateTime), p.Amount, p.ChargeID))
	}
	slices.Sort(lines)
	return lines
}

// threeCouples book: the card of the first is charged by itself, the second pays
// on its page and does not, and the third never pays for its place.
func (st *story) threeCouples() (ids []string) {
	st.t.Helper()
	ana, ben, cleo := st.book("ana", false), st.book("ben", false), st.book("cleo", false)
	for id, save := range map[string]bool{ana: true, ben: false} {
		page, err := st.bookings.Pay(st.t.Context(), id, booking.Order{Charge: booking.DepositCharge, SaveCard: save})
		st.must(err)
		st.payOn(page)
		st.clear(id)
	}
	return []string{ana, ben, cleo}
}

// TestAJumpDoesThingsAtTheirTime [D12] [D14]: in one jump by sixty days the hold
// ends, the balance is charged at 10:00 of its day, and each mail carries the day
// on which it was due. However the way there is cut into moves, it is the same.
func TestAJumpDoesThingsAtTheirTime(t *testing.T) {
	t.Parallel()
	const days = 60
	live := func(t *testing.T, moves func(*story, time.Time)) (lines [][]string) {
		st := newDemo(t, 3)
		ids := st.threeCouples()
		end := st.moved.Now().Add(days * 24 * time.Hour)
		moves(st, end)
		if now := st.moved.Now(); !now.Equal(end) {
			t.Errorf("the clock shows %v, want %v", now, end)
		}
		st.stands(ids[0], retreats.Confirmed, 480000)
		st.stands(ids[1], retreats.Confirmed, deposit)
		st.stands(ids[2], retreats.None, 0)
		for _, id := range ids {
			lines = append(lines, st.tale(id))
		}
		return lines
	}
	atOnce := live(t, func(st *story, end time.Time) { st.must(st.moved.forward(t.Context(), end)) })
	for i, want := range [][]string{
		{
			"2027-01-11 10:00:00 card_saved to 1", "2027-01-11 10:00:00 confirmed to 1", "2027-01-11 10:00:00 confirmed to 2",
			"2027-03-10 10:00:00 $3,840.00 paid for balance", "2027-03-10 10:00:00 receipt to 1", "2027-03-10 10:00:00 receipt to 2",
		},
		{
			"2027-02-24 10:00:00 balance_soon to 1", "2027-03-03 10:00:00 balance_soon to 2",
			"2027-03-07 10:00:00 balance_soon to 1", "2027-03-12 10:00:00 balance_late to 2",
		},
		{"2027-01-11 10:00:00 held to 1", "2027-01-11 10:31:00 lapsed to 1", "2027-01-11 10:31:00 lapsed to 2"},
	} {
		for _, line := range want {
			if !slices.Contains(atOnce[i], line) {
				t.Errorf("couple %d lacks %q: %q", i+1, line, atOnce[i])
			}
		}
	}
	for seed := range uint64(4) {
		t.Run(fmt.Sprintf("moves by chance %d", seed), func(t *testing.T) {
			t.Parallel()
			chance := rand.New(rand.NewPCG(seed, 0))
			got := live(t, func(st *story, end time.Time) {
				for st.moved.Now().Before(end) {
					by := time.Duration(chance.IntN(10*24*60)) * time.Minute
					if chance.IntN(3) == 0 {
						by = time.Duration(chance.IntN(120)) * time.Minute
					}
					to := st.moved.Now().Add(by)
					if to.After(end) {
						to = end
					}
					st.must(st.moved.forward(t.Context(), to))
				}
			})
			if diff := cmp.Diff(atOnce, got); diff != "" {
				t.Errorf("in one jump, and in many:\n%s", diff)
			}
		})
	}
}

// press sends the form of the bar on a page.
func (st *story) press(path string, step web.ClockStep, as map[string]string) (status int, to string) {
	st.t.Helper()
	w := st.ask("GET", path, nil, as)
	root := webtest.Parse(st.t, path, w.Body.Bytes())
	form := url.Values{"step": {string(step)}}
	for _, name := range []string{"ahead", "back"} {
		form.Set(name, field(st.t, root, "/demonstration/clock", name))
	}
	answer := st.ask("POST", "/demonstration/clock", form, as)
	return answer.Code, answer.Header().Get("Location")
}

// TestTheBarMovesTheClock on pages of couples and of staff, by each of its
// buttons, and leads back to the page.
func TestTheBarMovesTheClock(t *testing.T) {
	t.Parallel()
	st := newDemo(t, 1)
	ana := st.book("ana", false)
	place := st.link(ana, 0)
	st.says(place, "Here it is Monday 11 January 2027, 10:00 , Pacific time.", "Next, at 10:31 : the time ends in which ana and Partner can pay.")
	for _, c := range []struct {
		step web.ClockStep
		at   string
	}{
		{web.ToNextEvent, "Monday 11 January 2027, 10:31"},
		{web.ByHour, "Monday 11 January 2027, 11:31"},
		{web.ByDay, "Tuesday 12 January 2027, 11:31"},
		{web.ByWeek, "Tuesday 19 January 2027, 11:31"},
	} {
		if status, to := st.press(place, c.step, nil); status != http.StatusSeeOther || to != place {
			t.Errorf("%s was answered %d to %q", c.step, status, to)
		}
		st.says(place, "Here it is "+c.at)
	}
	st.says(place, "This booking has ended")
	st.says("/outbox", "Monday 11 January 2027, 10:31 (Pacific time)")
	as := st.as(access.Organizer)
	if status, to := st.press("/staff?state=open", web.ByDay, as); status != http.StatusSeeOther || to != "/staff?state=open" {
		t.Errorf("moving on a page of staff was answered %d to %q", status, to)
	}
	// Summer time begins on 14 March: a day on is the same time of day.
	st.must(st.moved.forward(t.Context(), time.Date(2027, 3, 13, 20, 0, 0, 0, time.UTC)))
	st.press("/", web.ByDay, nil)
	st.says("/", "Here it is Sunday 14 March 2027, 12:00", "“Session” of Weekend")
	// What begins is an event, and after the last thing nothing comes.
	st.press("/", web.ToNextEvent, nil)
	st.says("/", "Here it is Friday 9 April 2027, 9:30")
	for range 5 {
		st.press("/", web.ToNextEvent, nil)
	}
	st.says("/", "Nothing is to come by itself.")
}

// TestTheBarMovesOnce for a form that is sent twice, and for nobody else's site.
func TestTheBarMovesOnce(t *testing.T) {
	t.Parallel()
	st := newDemo(t, 1)
	form := url.Values{"step": {"day"}, "ahead": {"0"}, "back": {"/"}}
	for range 2 {
		st.ask("POST", "/demonstration/clock", form, nil)
	}
	if ahead := st.moved.Ahead(); ahead != 24*time.Hour {
		t.Errorf("it is %v ahead", ahead)
	}
	form.Set("ahead", fmt.Sprint(st.moved.Ahead().Milliseconds()))
	if w := st.ask("POST", "/demonstration/clock", form, map[string]string{"Sec-Fetch-Site": "cross-site"}); w.Code != http.StatusForbidden {
		t.Errorf("another site was answered %d", w.Code)
	}
	form.Set("step", "year")
	if w := st.ask("POST", "/demonstration/clock", form, nil); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a step that there is not was answered %d", w.Code)
	}
	for _, back := range []string{"https://example.org/", "//example.org", ""} {
		if w := st.ask("POST", "/demonstration/clock", url.Values{"step": {"day"}, "back": {back}}, nil); w.Header().Get("Location") != "/" {
			t.Errorf("back to %q leads to %q", back, w.Header().Get("Location"))
		}
	}
	if ahead := st.moved.Ahead(); ahead != 24*time.Hour {
		t.Errorf("it is %v ahead", ahead)
	}
}

// TestAJumpSignsNobodyOut: who sits at the screen is still there. What ends a
// session is the machine's time.
func TestAJumpSignsNobodyOut(t *testing.T) {
	t.Parallel()
	st := newDemo(t, 1)
	as := st.as(access.Organizer)
	person, err := st.team.Add(t.Context(), access.Console(), "vera@example.org", "Vera", access.Viewer, false)
	st.must(err)
	link, err := st.team.LinkFor(t.Context(), access.Console(), person.ID)
	st.must(err)
	st.must(st.moved.forward(t.Context(), st.moved.Now().AddDate(0, 2, 0)))
	st.tick()
	st.staffPage("/staff/cohorts/co", as)
	if w := st.ask("POST", "/signin/"+link.Token, nil, nil); w.Code != http.StatusSeeOther {
		t.Errorf("a link of today was answered %d", w.Code)
	}
	st.wait(13 * time.Hour)
	if w := st.ask("GET", "/staff", nil, as); w.Code != http.StatusSeeOther {
		t.Errorf("after half a day without use, staff are answered %d", w.Code)
	}
}

// TestTheServiceHasNoClockToMove: there it is as late as it is.
func TestTheServiceHasNoClockToMove(t *testing.T) {
	t.Parallel()
	p := start(t, "serve", "--data", t.TempDir())
	response, err := http.PostForm(p.url+"/demonstration/clock", url.Values{"step": {"day"}, "ahead": {"0"}})
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusNotFound && response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("moving the clock was answered %d", response.StatusCode)
	}
	st := newStory(t, 1)
	if st.moved != nil || strings.Contains(webtest.Words(st.page("/")), "Here it is") {
		t.Error("there is a clock without one to move")
	}
}

// TestTheClockMovesWhilePassesRun, as they do in the running program: nothing is
// done twice, and nothing fails.
func TestTheClockMovesWhilePassesRun(t *testing.T) {
	t.Parallel()
	st := newDemo(t, 3)
	st.sandbox.Start()
	st.must(st.runner.Start())
	ids := st.threeCouples()
	for range 30 {
		st.must(st.moved.Move(t.Context(), web.ByDay))
		st.must(st.moved.Move(t.Context(), web.ToNextEvent))
	}
	st.must(st.moved.forward(t.Context(), time.Date(2027, 4, 20, 0, 0, 0, 0, time.UTC)))
	st.stands(ids[0], retreats.Confirmed, 480000)
	if lines := st.tale(ids[0]); len(slices.Compact(lines)) != len(st.tale(ids[0])) {
		t.Errorf("something was said or paid twice: %q", lines)
	}
}

// TestTheOutboxBeginsWithWhatWasSentLast, however long ago it was planned.
func TestTheOutboxBeginsWithWhatWasSentLast(t *testing.T) {
	t.Parallel()
	st := newDemo(t, 3)
	st.threeCouples()
	st.must(st.moved.forward(t.Context(), time.Date(2027, 3, 13, 0, 0, 0, 0, time.UTC)))
	var sent []string
	for n := range st.page("/outbox").Descendants() {
		if n.Data == "time" && webtest.Attr(n.Parent, "class") == "quiet" {
			sent = append(sent, webtest.Attr(n, "datetime"))
		}
	}
	sorted := slices.Sorted(slices.Values(sent))
	slices.Reverse(sorted)
	if len(sent) < 12 || sent[0] != "2027-03-12T18:00:00Z" || !slices.Equal(sent, sorted) {
		t.Errorf("the outbox has, in this order, %q", sent)
	}
}
