package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// demonstration opens the program on a folder as its first start does.
func demonstration(t *testing.T, data string, now time.Time) *app {
	t.Helper()
	s := settings{Addr: "127.0.0.1:0", Data: data, Practice: "Cedar House"}
	if err := s.check(); err != nil {
		t.Fatal(err)
	}
	if err := addSamplePast(t.Context(), s, slog.New(slog.DiscardHandler), now); err != nil {
		t.Fatal(err)
	}
	a, err := openApp(t.Context(), s, slog.New(slog.DiscardHandler), true, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	if err := addSamples(t.Context(), a.retreats, now); err != nil {
		t.Fatal(err)
	}
	if err := a.bookSampleCouples(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}

// samplesOf are the bookings in the first cohort of a retreat, by who booked.
func samplesOf(t *testing.T, a *app, retreat string) map[string]*booking.Booking {
	t.Helper()
	c, err := a.firstOf(t.Context(), retreat)
	if err != nil || c == nil {
		t.Fatalf("no %s: %v", retreat, err)
	}
	ledger, err := a.bookings.Ledger(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*booking.Booking{}
	for _, row := range ledger.Couples {
		all[row.Booking.Partners[0].Name] = row.Booking
	}
	return all
}

// TestTheDemonstrationShowsMoney: whatever weekday it is first started on, what
// time brings about with money has come about; starting again changes nothing.
func TestTheDemonstrationShowsMoney(t *testing.T) {
	t.Parallel()
	// The three days begin on a Friday: 53 days after the first, 59 after the second.
	for _, now := range []time.Time{time.Date(2027, 1, 11, 20, 0, 0, 0, time.UTC), time.Date(2027, 3, 23, 19, 0, 0, 0, time.UTC)} {
		t.Run(now.Weekday().String(), func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			for start := range 2 {
				a := demonstration(t, data, now)
				checkWeekendSamples(t, samplesOf(t, a, "weekend"))
				checkThreeDaysSamples(t, samplesOf(t, a, "three-days"))
				if err := a.stop(a.server.HTTPServer()); err != nil {
					t.Errorf("stopping after start %d: %v", start+1, err)
				}
			}
			if _, err := os.Stat(filepath.Join(data, "unfinished")); !os.IsNotExist(err) {
				t.Errorf("the folder of the past is still there: %v", err)
			}
		})
	}
}

func checkWeekendSamples(t *testing.T, all map[string]*booking.Booking) {
	t.Helper()
	if len(all) != 7 { // five have paid, two hold a place
		t.Fatalf("%d couples have to do with money", len(all))
	}
	olive := all["Olive Hart"]
	if len(olive.Refunds) != 1 || olive.Refunds[0].State != stripepay.RefundSucceeded || olive.KeptInAll().Minor != 48000 {
		t.Errorf("who gave up has %s with us after %+v", olive.KeptInAll(), olive.Refunds)
	}
	if maya := all["Maya Fernández"]; maya.Cards[0] == nil {
		t.Error("no card is kept")
	}
	if priya := all["Priya Raman"]; priya.Split == nil || len(priya.Payments) != 2 || priya.Payments[0].Partner == priya.Payments[1].Partner {
		t.Errorf("the parts are %+v", priya.Payments)
	}
	if paid := all["Anneliese-Magdalena von Oberndorf"].Payments; len(paid) != 2 || paid[1].Method != booking.ByTransfer {
		t.Errorf("the bank transfer is missing: %+v", paid)
	}
	if less := all["Noor Haddad"].Reductions; len(less) != 1 || less[0].Kind != retreats.CodeReduction {
		t.Errorf("the code has made %+v", less)
	}
}

func checkThreeDaysSamples(t *testing.T, all map[string]*booking.Booking) {
	t.Helper()
	if len(all) != 2 {
		t.Fatalf("%d couples have to do with money", len(all))
	}
	gabriel := all["Gabriel Silva"]
	if len(gabriel.Charges) != 4 || !gabriel.IsPaid(gabriel.Charges[1]) || gabriel.IsPaid(gabriel.Charges[2]) {
		t.Errorf("the instalments are %+v", gabriel.Charges)
	}
	if less := gabriel.Reductions; len(less) != 1 || less[0].Kind != retreats.EarlyBirdReduction {
		t.Errorf("who came early has %+v", less)
	}
	if lena := all["Lena Vogel"]; len(lena.Tries) == 0 || lena.Tries[0].State != booking.TryFailed || lena.IsPaid(lena.Charges[1]) {
		t.Errorf("the tries are %+v", lena.Tries)
	}
}
