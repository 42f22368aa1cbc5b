package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime/debug"
	"strconv"
	"time"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/stripepay"
)

// nightlyBookings is how many bookings the comparison is measured with.
var nightlyBookings = 100_000

// couplesPerCohort is how many couples the cohorts of the comparison have.
const couplesPerCohort = 25

// measureNightly compares bookings, each with its payment, with a card service
// in a process of its own: as on a first night, when nothing has been compared and
// no event has been delivered yet, and as on the one after it.
func measureNightly(ctx context.Context, _ string, _ int) error {
	var nights [2]night
	for i, bookings := range []int{nightlyBookings / 10, nightlyBookings} {
		var err error
		if nights[i], err = measureNight(ctx, bookings); err != nil {
			return err
		}
	}
	small, large := nights[0], nights[1]
	note("nightly", fmt.Sprintf("%d bookings, and %d with ten times as many", small.Bookings, large.Bookings))
	figure("nightly_compare_bookings_per_s", small.perSecond(small.Seconds), "1/s")
	figure("nightly_compare_bookings_per_s_x10", large.perSecond(large.Seconds), "1/s")
	figure("nightly_compare_first_bookings_per_s_x10", large.perSecond(large.First), "1/s")
	figure("nightly_compare_rss_mb", large.RSS, "MB")
	figure("nightly_compare_rss_x10_ratio", large.RSS/small.RSS, "ratio")
	return nil
}

// night is what a process that compares tells of itself.
type night struct {
	Bookings int `json:"bookings"`
	// First and Seconds are what the first night and the next took, RSS is the
	// most memory that the process had, in megabytes.
	First   float64 `json:"first"`
	Seconds float64 `json:"seconds"`
	RSS     float64 `json:"rss"`
}

func (n night) perSecond(seconds float64) float64 { return float64(n.Bookings) / seconds }

func measureNight(ctx context.Context, bookings int) (n night, err error) {
	cards, err := startReference(ctx, "sandbox", nil)
	if err != nil {
		return n, err
	}
	defer func() { err = errors.Join(err, cards.stop()) }()
	r, dir, err := newRecords(ctx)
	if err != nil {
		return n, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	err = errors.Join(r.addPaid(ctx, cards.url, bookings), r.db.Close())
	if err != nil {
		return n, err
	}
	self, err := os.Executable()
	if err != nil {
		return n, err
	}
	command := exec.CommandContext(ctx, self, "-compare", dir, "-cards", cards.url)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return n, fmt.Errorf("comparing %d bookings: %w", bookings, err)
	}
	return n, json.Unmarshal(output, &n)
}

// addPaid adds so many bookings whose deposit was paid at the card service.
func (r *records) addPaid(ctx context.Context, cardsURL string, bookings int) error {
	like, err := r.couple(ctx)
	if err != nil {
		return err
	}
	cards := stripepay.New(stripepay.Config{SecretKey: cardKey, APIURL: cardsURL, Transport: client.Transport})
	at := clock()
	return fill(bookings/couplesPerCohort, func(i int) error {
		c, err := cohortOf(fmt.Sprint("night", i), layout{capacity: couplesPerCohort, confirmed: couplesPerCohort}, at)
		if err != nil {
			return err
		}
		for couple := range couplesPerCohort {
			b := bookingOf(like, c, couple)
			id, deposit := b.ID, b.Charges[0]
			page, err := pay(ctx, cards, stripepay.CheckoutParams{
				Key: id, TryID: id, BookingID: id, ChargeID: deposit.ID, Amount: deposit.Amount, Description: "Reservation",
				Email: "maya@example.org", SuccessURL: "http://localhost/", ExpiresAt: time.Now().Add(time.Hour),
			})
			if err != nil {
				return err
			}
			b.Payments[0].ID = page.PaymentIntentID
			b.Checkouts = []booking.Checkout{{
				ID: id, ChargeID: deposit.ID, Amount: deposit.Amount, StartedAt: at, ExpiresAt: page.ExpiresAt, SessionID: page.ID, Ended: true,
			}}
			if err := r.bookings.Insert(ctx, &b); err != nil {
				return err
			}
		}
		return r.retreats.AddCohort(ctx, c)
	})
}

// compareRecords compares twice, as on two nights, and prints what it took. It
// is the only work of its process, so that the memory is its own.
func compareRecords(ctx context.Context, dir, cardsURL string) (err error) {
	debug.SetGCPercent(400) // as the program does
	r, err := openRecordsWith(ctx, dir, stripepay.New(stripepay.Config{SecretKey: cardKey, APIURL: cardsURL}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.db.Close()) }()
	var n night
	for _, seconds := range []*float64{&n.First, &n.Seconds} {
		start := time.Now()
		run, err := r.services.Compare(ctx, audit.By{Name: "Benchmark"})
		if err != nil {
			return err
		}
		// The couple that the others are made like has not paid.
		if *seconds = time.Since(start).Seconds(); run.Intents != run.Bookings-1 || run.Left > 0 {
			return fmt.Errorf("%d payments for %d bookings, %d left, %d mended: %+v", run.Intents, run.Bookings, run.Left, run.Mended, run.Differences)
		}
		n.Bookings = run.Bookings
	}
	if n.RSS, err = mostMemory(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(n)
}

var highWater = regexp.MustCompile(`VmHWM:\s*(\d+) kB`)

// mostMemory is the most that this process has had, in megabytes.
func mostMemory() (float64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	found := highWater.FindSubmatch(status)
	if found == nil {
		return 0, errors.New("the system does not tell how much memory was used")
	}
	kilobytes, err := strconv.ParseFloat(string(found[1]), 64)
	return kilobytes / 1024, err
}
