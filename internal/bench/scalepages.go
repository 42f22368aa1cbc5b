package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"lantern/booking"
	"lantern/internal/seal"
)

const (
	// runningSeen is how many of the cohorts on offer are looked at by turns;
	// asksOfEach is how often a round asks for a page.
	runningSeen = 20
	asksOfEach  = 10
)

// scaledPage is something that somebody asks for again and again. In its address
// :cohort is a cohort on offer, :booking a booking of it and :link a couple's page.
type scaledPage struct {
	name, path string
	// token says that a program asks; else it is somebody of the staff.
	token bool
	books bool
}

var scaledPages = []scaledPage{
	{name: "front", path: "/"},
	{name: "cohort", path: "/cohorts/:cohort"},
	{name: "couple", path: "/b/:link"},
	{name: "overview", path: "/staff"},
	{name: "overview_open", path: "/staff?state=open"},
	{name: "overview_finished", path: "/staff?state=finished"},
	{name: "retreats", path: "/staff/retreats"},
	{name: "retreats_past", path: "/staff/retreats?past=yes"},
	{name: "board", path: "/staff/cohorts/:cohort"},
	{name: "cohort_money", path: "/staff/cohorts/:cohort/money"},
	{name: "staff_booking", path: "/staff/bookings/:booking"},
	{name: "money", path: "/staff/money"},
	{name: "calls", path: "/staff/calls"},
	{name: "status", path: "/staff/status"},
	{name: "messages_planned", path: "/staff/messages?state=planned"},
	{name: "messages_sent", path: "/staff/messages?state=sent"},
	{name: "messages_failed", path: "/staff/messages?state=failed"},
	{name: "messages_missed", path: "/staff/messages?state=missed"},
	{name: "messages_held_back", path: "/staff/messages?state=held_back"},
	{name: "messages_withdrawn", path: "/staff/messages?state=withdrawn"},
	{name: "messages_cohort", path: "/staff/messages?state=sent&cohort=:cohort"},
	{name: "messages_cohort_planned", path: "/staff/messages?state=planned&cohort=:cohort"},
	{name: "messages_booking", path: "/staff/messages?booking=:booking&state=sent"},
	{name: "api_cohorts", path: "/api/v1/cohorts"},
	{name: "api_finished", path: "/api/v1/cohorts?state=finished", token: true},
	{name: "api_overview", path: "/api/v1/overview?state=open", token: true},
	{name: "api_roster", path: "/api/v1/cohorts/:cohort/roster", token: true},
	{name: "api_messages", path: "/api/v1/messages", token: true},
	{name: "api_messages_sent", path: "/api/v1/messages?state=sent", token: true},
	{name: "api_messages_cohort", path: "/api/v1/messages?cohort=:cohort&state=planned", token: true},
	{name: "api_attention", path: "/api/v1/money/attention", token: true},
	{name: "metrics", path: "/metrics", token: true},
	{name: "book", books: true},
}

// openSide starts the program on a store of so many cohorts.
func openSide(ctx context.Context, program, dir string, cohorts int) (_ *scaledSide, err error) {
	side := &scaledSide{}
	r, err := openPast(ctx, dir)
	if err != nil {
		return nil, err
	}
	var running []int
	for i := range cohorts {
		if isRunning(i) {
			running = append(running, i)
		}
	}
	for k := range runningSeen {
		id := pastID(running[k*len(running)/runningSeen])
		side.running = append(side.running, id)
		link, err := r.openLink(ctx, bookingID(id, 0))
		if err != nil {
			return nil, errors.Join(err, r.db.Close())
		}
		side.links = append(side.links, link)
	}
	c, err := cohortOf(fmt.Sprint("rush", clock().UnixMilli()), layout{capacity: 500}, clock())
	if err != nil {
		return nil, errors.Join(err, r.db.Close())
	}
	side.rush = c.ID
	if err := errors.Join(r.retreats.AddCohort(ctx, c), r.db.Close()); err != nil {
		return nil, err
	}
	token, err := exec.CommandContext(ctx, program, "token", "create", "--role", "organizer", "--data", dir).Output()
	if err != nil {
		return nil, fmt.Errorf("making a token: %w", err)
	}
	if side.server, err = startLanternIn(ctx, program, dir); err != nil {
		return nil, err
	}
	side.token = strings.TrimSpace(string(token))
	if side.cookie, err = side.signInAgain(ctx, program); err != nil {
		return nil, errors.Join(err, side.stop())
	}
	return side, nil
}

// signInAgain is signIn where the store may know Robin from an earlier run.
func (s *scaledSide) signInAgain(ctx context.Context, program string) (string, error) {
	return s.server.signInAs(ctx, program, fmt.Sprintf("robin%d@example.org", clock().UnixMilli()))
}

// cost is how long the program takes to answer, the median of several times, one
// after the other, and how long a processor was busy with it; in milliseconds.
func (s *scaledSide) cost(ctx context.Context, page scaledPage) (ms, busy float64, err error) {
	runtime.GC()
	before, err := s.busy()
	if err != nil {
		return 0, 0, err
	}
	var took []time.Duration
	for range asksOfEach {
		r := s.requestOf(page)
		start := time.Now()
		status, body, err := ask(ctx, r)
		if err != nil {
			return 0, 0, err
		}
		took = append(took, time.Since(start))
		if status/100 != 2 {
			return 0, 0, fmt.Errorf("%s was answered with %d: %.300s", r.url, status, body)
		}
	}
	after, err := s.busy()
	slices.Sort(took)
	return float64(took[len(took)/2]) / float64(time.Millisecond), (after - before) / asksOfEach, err
}

// openLink makes the link of a booking's first partner work.
func (p *pastRecords) openLink(ctx context.Context, id string) (string, error) {
	link := p.services.Token(id, 0)
	return link, p.bookings.Update(ctx, id, func(b *booking.Booking) error {
		b.Partners[0].LinkHash = seal.Hash(link)
		return nil
	})
}

func (s *scaledSide) requestOf(page scaledPage) request {
	s.asked++
	if page.books {
		return request{method: http.MethodPost, url: s.url + "/api/v1/cohorts/" + s.rush + "/bookings", body: applicationOf(s.asked, "fail")}
	}
	i := s.asked % len(s.running)
	path := strings.NewReplacer(
		":cohort", s.running[i], ":booking", url.PathEscape(bookingID(s.running[i], 0)), ":link", s.links[i],
	).Replace(page.path)
	r := request{method: http.MethodGet, url: s.url + path, cookie: s.cookie}
	if page.token {
		r.cookie, r.bearer = "", s.token
	}
	return r
}
