package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"
)

const (
	boardCohorts = 200
	boards       = 200 // looked at in a round
)

// busy is the cohort whose board is looked at.
var busy = layout{capacity: 30, confirmed: 25, held: 5, waiting: 20, cap: 40, holdMinutes: 24 * 60}

// measureBoard looks at the readiness board of a cohort with thirty couples and
// twenty that wait, in a store of two hundred such cohorts and in one of ten
// times as many. A cold board is one that nobody has looked at for a while.
func measureBoard(ctx context.Context, program string, rounds int) (err error) {
	var desks [2]*desk
	for i, cohorts := range []int{boardCohorts, 10 * boardCohorts} {
		if desks[i], err = openDesk(ctx, program, cohorts); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, desks[i].stop()) }()
	}
	var warm, cold [2][]float64
	for round := range 2*rounds + 1 {
		for i, d := range desks {
			one, err := d.look(ctx, 1)
			if err != nil {
				return err
			}
			all, err := d.look(ctx, boardCohorts)
			if err != nil {
				return err
			}
			if round > 0 {
				warm[i], cold[i] = append(warm[i], one), append(cold[i], all)
			}
		}
	}
	figure("board_render_per_s", median(warm[0]), "1/s")
	figure("board_render_per_s_x10", median(warm[1]), "1/s")
	figure("board_render_x10_ratio", ratio(warm[0], warm[1]), "ratio")
	figure("board_cold_per_s", median(cold[0]), "1/s")
	figure("board_cold_per_s_x10", median(cold[1]), "1/s")
	figure("board_cold_x10_ratio", ratio(cold[0], cold[1]), "ratio")
	return nil
}

// desk is a program whose boards somebody of the staff looks at.
type desk struct {
	*server
	cookie string
}

func openDesk(ctx context.Context, program string, cohorts int) (_ *desk, err error) {
	r, dir, err := newRecords(ctx)
	if err != nil {
		return nil, err
	}
	err = errors.Join(r.addBusy(ctx, cohorts), r.db.Close())
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	lantern, err := startLanternIn(ctx, program, dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	lantern.temporary = true
	d := &desk{server: lantern}
	if d.cookie, err = lantern.signIn(ctx, program); err != nil {
		return nil, errors.Join(err, d.stop())
	}
	page, err := d.page(ctx, "/staff/cohorts/busy0")
	if err == nil && (bytes.Count(page, []byte("Maya Lindqvist")) < busy.capacity+busy.waiting || !bytes.Contains(page, []byte(sessionTitle))) {
		err = errors.New("the board does not show its couples")
	}
	if err != nil {
		return nil, errors.Join(err, d.stop())
	}
	return d, nil
}

// addBusy adds cohorts with all their bookings.
func (r *records) addBusy(ctx context.Context, cohorts int) error {
	like, err := r.couple(ctx)
	if err != nil {
		return err
	}
	at := clock()
	return fill(cohorts, func(i int) error {
		c, err := cohortOf(fmt.Sprint("busy", i), busy, at)
		if err != nil {
			return err
		}
		for couple := range busy.confirmed + busy.held + busy.waiting {
			if err := r.addBooking(ctx, like, c, couple); err != nil {
				return err
			}
		}
		return r.retreats.AddCohort(ctx, c)
	})
}

// look asks for boards of so many cohorts by turns.
func (d *desk) look(ctx context.Context, cohorts int) (perSecond float64, err error) {
	requests := make([]request, boards)
	for i := range requests {
		requests[i] = request{method: http.MethodGet, url: fmt.Sprintf("%s/staff/cohorts/busy%d", d.url, i%cohorts), cookie: d.cookie}
	}
	r, err := rush(ctx, requests)
	if err == nil && r.statuses[http.StatusOK] != boards {
		err = fmt.Errorf("boards were answered with %v", r.statuses)
	}
	return r.perSecond, err
}

func (d *desk) page(ctx context.Context, path string) ([]byte, error) {
	return fetch(ctx, request{method: http.MethodGet, url: d.url + path, cookie: d.cookie})
}

// signIn takes somebody into the team and gives the cookie of their session.
func (s *server) signIn(ctx context.Context, program string) (cookie string, err error) {
	return s.signInAs(ctx, program, "robin@example.org")
}

func (s *server) signInAs(ctx context.Context, program, email string) (cookie string, err error) {
	command := exec.CommandContext(ctx, program, "staff", "add", "--email", email, "--name", "Robin",
		"--role", "organizer", "--data", s.data, "--addr", strings.TrimPrefix(s.url, "http://"))
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("taking somebody into the team: %w", err)
	}
	lines := strings.Fields(string(output))
	link, err := url.Parse(lines[len(lines)-1])
	if err != nil {
		return "", err
	}
	address := s.url + link.Path
	if _, err := fetch(ctx, request{method: http.MethodGet, url: address}); err != nil {
		return "", err
	}
	press, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		return "", err
	}
	stay := &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := stay.Do(press)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	for _, c := range response.Cookies() {
		cookie = c.Name + "=" + c.Value
	}
	if response.StatusCode != http.StatusSeeOther || cookie == "" {
		return "", fmt.Errorf("signing in was answered with %d", response.StatusCode)
	}
	return cookie, nil
}
