package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// limitFiles bounds how long the files of a process may get, which is to it like
// a disk that is full; most is in bytes.
func limitFiles(t *testing.T, p *process, most uint64) {
	t.Helper()
	limit := syscall.Rlimit{Cur: most, Max: 1<<64 - 1}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(p.command.Process.Pid), syscall.RLIMIT_FSIZE, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if errno != 0 {
		t.Fatalf("limiting files: %v", errno)
	}
}

// TestAFullDiskIsBorne fills the disk under a running service: who asks is told
// to come again, nothing that was answered is lost, and when there is room it
// goes on by itself.
func TestAFullDiskIsBorne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bearer := token(t, "--data", dir)
	p := start(t, "serve", "--data", dir)
	cohort := openCohort(t, p.url, bearer, 50)
	var held []booked
	for n := range 3 {
		answer, status, err := book(p.url, cohort, fmt.Sprint("before", n))
		if err != nil || status != http.StatusCreated {
			t.Fatalf("booking: %d, %v", status, err)
		}
		held = append(held, answer)
	}
	info, err := os.Stat(filepath.Join(dir, "lantern.db-wal"))
	if err != nil {
		t.Fatal(err)
	}
	limitFiles(t, p, uint64(info.Size()))
	refusedOnce := false
	for n := 0; n < 20 && !refusedOnce; n++ {
		answer, status, err := book(p.url, cohort, fmt.Sprint("full", n))
		switch {
		case err != nil:
			t.Fatal(err)
		case status == http.StatusCreated:
			held = append(held, answer) // the log had room to begin anew in
		case status == http.StatusServiceUnavailable:
			refusedOnce = true
			comesAgain(t, p.url, cohort)
		default:
			t.Fatalf("a full disk is answered with %d", status)
		}
	}
	if !refusedOnce {
		t.Error("the disk was never full")
	}
	limitFiles(t, p, 1<<64-1)
	again, status, err := book(p.url, cohort, "after")
	if err != nil || status != http.StatusCreated {
		t.Errorf("with room again: %d, %v", status, err)
	}
	p.kill()
	p = start(t, "serve", "--data", dir)
	for _, b := range append(held, again) {
		var now booked
		status, err := call("GET", p.url+"/api/v1/bookings/"+b.Booking.ID, b.Booking.Token, nil, nil, &now)
		if err != nil || status != http.StatusOK || now.Booking.Place.State != "held" {
			t.Errorf("booking %s was held, now: %d %q %v", b.Booking.ID, status, now.Booking.Place.State, err)
		}
	}
}

// comesAgain checks that a refused request says when to come again.
func comesAgain(t *testing.T, url, cohort string) {
	t.Helper()
	body := strings.NewReader(`{"partners":[{"name":"Maya","email":"maya@example.org"},{"name":"Jon","email":"jon@example.org"}],"accept_policy":true}`)
	response, err := http.Post(url+"/api/v1/cohorts/"+cohort+"/bookings", "application/json", body)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
		t.Errorf("a full disk is answered with %d, to be asked again after %q", response.StatusCode, response.Header.Get("Retry-After"))
	}
}

// TestAFolderThatCannotBeWrittenTo ends the start with one line, as somebody who
// is not root sees it.
func TestAFolderThatCannotBeWrittenTo(t *testing.T) {
	t.Parallel()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	own, data := filepath.Join(dir, "lantern"), filepath.Join(dir, "data")
	for _, err := range []error{os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o755), os.WriteFile(own, text, 0o755), os.Mkdir(data, 0o555)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), own, "serve", "--data", data, "--addr", "127.0.0.1:0")
	command.Dir = dir
	if os.Getuid() == 0 {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	out, err := command.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "cannot be written to") || strings.Count(string(out), "\n") != 1 {
		t.Errorf("it ends with %v and says:\n%s", err, out)
	}
}
