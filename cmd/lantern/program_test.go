package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// built is the folder that holds the program, once it was built.
var built string

// binary is the program, built once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "lantern-test-")
	if err != nil {
		return "", err
	}
	built = dir
	path := filepath.Join(dir, "lantern")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		os.RemoveAll(built)
	}
	os.Exit(code)
}

// process is the program, running.
type process struct {
	t       *testing.T
	url     string
	command *exec.Cmd
	// log is what it has written; it may be read once the program has ended.
	log   *bytes.Buffer
	ended chan struct{}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// start runs the program with these arguments and waits until it is ready. An
// address that was free a moment ago may be somebody else's by now: then it
// begins anew with another.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	for range 5 {
		p := launch(t, args)
		if p.isReady() {
			t.Cleanup(p.kill)
			return p
		}
		p.kill()
		if !strings.Contains(p.log.String(), "address already in use") {
			t.Fatalf("the program does not become ready:\n%s", p.log)
		}
	}
	t.Fatal("no address stays free")
	return nil
}

func launch(t *testing.T, args []string) *process {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	p := &process{t: t, url: "http://" + address, log: &bytes.Buffer{}, ended: make(chan struct{})}
	p.command = exec.Command(path, append(slices.Clone(args), "--addr", address)...)
	p.command.Stderr = p.log
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.command.Wait() // the exit code tells
	}()
	return p
}

// isReady waits until the program answers that it is ready, or has ended.
func (p *process) isReady() bool {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if p.hasEnded() {
			return false
		}
		response, err := http.Get(p.url + "/readyz")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return true
			}
		}
	}
	return false
}

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// kill ends the program as a power cut would.
func (p *process) kill() {
	_ = p.command.Process.Kill() // it may have ended
	<-p.ended
}

// terminate asks the program to stop and returns its exit code.
func (p *process) terminate() int {
	p.t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	<-p.ended
	return p.command.ProcessState.ExitCode()
}

// lantern runs the program to its end.
func lantern(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), path, args...)
	command.Env = append(os.Environ(), env...)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	_ = command.Run() // the exit code tells
	return out.String(), errs.String(), command.ProcessState.ExitCode()
}

// token makes a staff token in the store of a service.
func token(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, code := lantern(t, nil, append([]string{"token", "create", "--role", "organizer"}, args...)...)
	if code != 0 {
		t.Fatalf("making a token: %s", errs)
	}
	return strings.TrimSpace(out)
}

// call sends JSON and decodes the answer; it returns the status.
func call(method, url, bearer string, headers map[string]string, in, out any) (int, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && out != nil {
		err = json.Unmarshal(text, out)
	}
	return response.StatusCode, err
}

// openCohort makes a cohort for so many couples and puts it on offer.
func openCohort(t *testing.T, url, bearer string, capacity int) string {
	t.Helper()
	must := func(status int, err error) {
		t.Helper()
		if err != nil || status/100 != 2 {
			t.Fatalf("status %d, %v", status, err)
		}
	}
	var retreat struct{ ID string }
	must(call("POST", url+"/api/v1/retreats", bearer, nil, map[string]any{
		"name": "Weekend", "location": "Cedar House", "capacity": capacity, "price": map[string]any{"amount": 480000, "currency": "USD"},
		"plan": []any{map[string]any{"kind": "medicine", "title": "Session", "day": 0, "clock": "09:30", "minutes": 180, "receives": "both"}},
	}, &retreat))
	var made struct{ Cohort struct{ ID string } }
	must(call("POST", url+"/api/v1/cohorts", bearer, nil, map[string]any{
		"retreat": retreat.ID, "time_zone": "America/Los_Angeles", "starts_on": time.Now().AddDate(0, 0, 90).Format(time.DateOnly),
	}, &made))
	must(call("POST", url+"/api/v1/cohorts/"+made.Cohort.ID+"/publish", bearer, nil, map[string]any{}, nil))
	return made.Cohort.ID
}

// booked is what a couple was answered.
type booked struct {
	Booking struct {
		ID, Token string
		Place     struct{ State string }
	}
}

// book asks for a place for a couple of its own.
func book(url, cohort, key string) (booked, int, error) {
	var answer booked
	status, err := call("POST", url+"/api/v1/cohorts/"+cohort+"/bookings", "", map[string]string{"Idempotency-Key": key}, map[string]any{
		"partners": []any{
			map[string]any{"name": "Maya", "email": "maya." + key + "@example.org"},
			map[string]any{"name": "Jon", "email": "jon." + key + "@example.org"},
		}, "accept_policy": true,
	}, &answer)
	return answer, status, err
}

// roster is what staff see of a cohort.
type roster struct {
	Places []struct{ Booking, State string }
}

func rosterOf(t *testing.T, url, bearer, cohort string) roster {
	t.Helper()
	var r roster
	status, err := call("GET", url+"/api/v1/cohorts/"+cohort+"/roster", bearer, nil, nil, &r)
	if err != nil || status != http.StatusOK {
		t.Fatalf("status %d, %v", status, err)
	}
	return r
}
