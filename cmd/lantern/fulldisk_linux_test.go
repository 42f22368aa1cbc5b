package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"lantern/notifications"
)

// smallDisk is a folder with so many bytes of room, on a file system of its own.
// Without the right to mount one the test is skipped.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d,mode=0700", size))
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Skip("a file system can be mounted by root alone")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes all the room that is left; the function gives it back.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for piece := 1 << 20; piece > 0; { // down to the last byte
		if _, err := f.Write(make([]byte, piece)); err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			piece /= 2
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
}

// TestADiskWithoutRoom fills a real file system under the program. Pages can be
// read meanwhile; who wants something is told to come again, on a page and in a
// problem document; a process that is killed then starts again, at the latest when
// there is room; and what was due meanwhile is done by itself.
func TestADiskWithoutRoom(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, 16<<20)
	bearer := token(t, "--data", dir)
	p := start(t, "serve", "--data", dir)
	cohort := openCohort(t, p.url, bearer, 200)
	var held []booked
	book := func(key string) int {
		answer, status, err := book(p.url, cohort, key)
		if err != nil {
			t.Fatal(err)
		}
		if status == http.StatusCreated {
			held = append(held, answer)
		}
		return status
	}
	for n := range 5 {
		if status := book(fmt.Sprint("before", n)); status != http.StatusCreated {
			t.Fatalf("booking: %d", status)
		}
	}

	free := fill(t, dir)
	full := 0
	for n := 0; n < 150 && full == 0; n++ {
		if status := book(fmt.Sprint("full", n)); status == http.StatusServiceUnavailable {
			full++
		} else if status != http.StatusCreated { // the files had room in themselves
			t.Fatalf("a full disk is answered with %d", status)
		}
	}
	if full == 0 {
		t.Error("the disk was never full")
	}
	comesAgain(t, p.url, cohort)
	aPageSaysSo(t, p.url+"/cohorts/"+cohort+"/book")
	for _, path := range []string{"/", "/cohorts/" + cohort, "/b/" + held[0].Booking.Token} {
		response, err := http.Get(p.url + path)
		if err != nil {
			t.Fatal(err)
		}
		if response.Body.Close(); response.StatusCode != http.StatusOK {
			t.Errorf("%s cannot be read: %d", path, response.StatusCode)
		}
	}
	free()
	if status := book("after"); status != http.StatusCreated {
		t.Errorf("with room again: %d", status)
	}
	untilAllIsSaid(t, p, bearer, cohort, 2*len(held))

	free = fill(t, dir)
	p.kill()
	p = launch(t, []string{"serve", "--data", dir})
	if !p.isReady() && strings.Count(p.log.String(), "\n") != 1 {
		t.Errorf("on a full disk it does not start and says:\n%s", p.log)
	}
	p.kill()
	free()
	p = start(t, "serve", "--data", dir)
	for _, b := range held {
		standsHeld(t, p.url, b)
	}
	if taken := rosterOf(t, p.url, bearer, cohort); len(taken.Places) < len(held) {
		t.Errorf("%d places are taken, %d were answered", len(taken.Places), len(held))
	}
	p.kill()
	saidInTheEnd(t, inFolder(dir), 2*len(held))
}

// aPageSaysSo sends the form of a couple, which is drawn again.
func aPageSaysSo(t *testing.T, address string) {
	t.Helper()
	response, err := http.PostForm(address, url.Values{
		"form_id": {"form"}, "accept_policy": {"1"}, "partner1_name": {"Maya Cole"}, "partner1_email": {"maya@example.org"},
		"partner1_zone": {"UTC"}, "partner2_name": {"Jon Cole"}, "partner2_email": {"jon@example.org"}, "partner2_zone": {"UTC"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" ||
		!strings.Contains(string(page), "cannot reach its records at the moment") {
		t.Errorf("the form is answered %d, %v, %v:\n%s", response.StatusCode, response.Header, err, page)
	}
}

// untilAllIsSaid waits until so many messages of a cohort have been sent, or are
// claimed: of what was sent when the disk was full, nothing could be noted.
func untilAllIsSaid(t *testing.T, p *process, bearer, cohort string, messages int) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		n := 0
		for _, state := range []notifications.State{notifications.Sent, notifications.Sending} {
			var found struct{ Messages []struct{ ID string } }
			status, err := call("GET", fmt.Sprintf("%s/api/v1/messages?limit=200&cohort=%s&state=%s", p.url, cohort, state), bearer, nil, nil, &found)
			if err != nil || status != http.StatusOK {
				t.Fatalf("messages: %d, %v", status, err)
			}
			n += len(found.Messages)
		}
		if n >= messages {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d messages are sent", n, messages)
		}
	}
}

// TestADiskThatIsReadOnly ends the start with one line, on an empty folder and on
// one that was served before, and harms nothing.
func TestADiskThatIsReadOnly(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, 16<<20)
	readOnly := func(flags uintptr) {
		t.Helper()
		err := syscall.EBUSY
		// What a killed process had open may be closed a moment after it has ended.
		for deadline := time.Now().Add(patience); err == syscall.EBUSY && time.Now().Before(deadline); {
			err, _ = syscall.Mount("", dir, "", syscall.MS_REMOUNT|flags, "").(syscall.Errno)
		}
		if err != 0 {
			t.Fatal(err)
		}
	}
	readOnly(syscall.MS_RDONLY)
	refused(t, "cannot be written to", exitFailure, "serve", "--data", dir, "--addr", "127.0.0.1:0")
	readOnly(0)
	bearer := token(t, "--data", dir)
	p := start(t, "serve", "--data", dir)
	cohort := openCohort(t, p.url, bearer, 2)
	held, status, err := book(p.url, cohort, "ana")
	if err != nil || status != http.StatusCreated {
		t.Fatalf("booking: %d, %v", status, err)
	}
	p.kill()
	readOnly(syscall.MS_RDONLY)
	refused(t, "cannot be written to", exitFailure, "serve", "--data", dir, "--addr", "127.0.0.1:0")
	readOnly(0)
	p = start(t, "serve", "--data", dir)
	standsHeld(t, p.url, held)
}
