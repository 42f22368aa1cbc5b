package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/internal/stripepay/sandbox"
)

// server is a process under measurement.
type server struct {
	url     string
	command *exec.Cmd
	token   string
	// data is the program's folder, empty for a reference; temporary says
	// that it goes with the program.
	data      string
	temporary bool
}

// startLantern starts the program on a new folder, with a token for staff.
func startLantern(ctx context.Context, program string) (*server, error) {
	dir, err := os.MkdirTemp("", "lantern-bench-")
	if err != nil {
		return nil, err
	}
	token, err := exec.CommandContext(ctx, program, "token", "create", "--role", "organizer", "--data", dir).Output()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("making a token: %w", err), os.RemoveAll(dir))
	}
	s, err := startLanternIn(ctx, program, dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s.token, s.temporary = strings.TrimSpace(string(token)), true
	return s, nil
}

// startLanternIn starts the program on a folder that has documents in it. The
// folder stays when the program stops.
func startLanternIn(ctx context.Context, program, dir string, flags ...string) (*server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s := &server{url: "http://" + address, data: dir}
	s.command = exec.Command(program, append([]string{"serve", "--addr", address, "--data", dir}, flags...)...)
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	if err := s.awaitReady(ctx); err != nil {
		return nil, errors.Join(err, s.kill())
	}
	return s, nil
}

// startReference starts this program as a reference server.
func startReference(ctx context.Context, kind string, input []byte) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s := &server{url: "http://" + address, command: exec.Command(self, "-reference", kind)}
	s.command.Env = append(os.Environ(), "REFERENCE_ADDR="+address)
	s.command.Stdin = bytes.NewReader(input)
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	return s, s.awaitReady(ctx)
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

func (s *server) awaitReady(ctx context.Context) error {
	for range 200 {
		response, err := http.Get(s.url + "/readyz")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return fmt.Errorf("%s does not become ready", s.url)
}

// stop lets the program end by itself.
func (s *server) stop() error {
	if s.data == "" {
		return s.kill()
	}
	err := errors.Join(s.command.Process.Signal(syscall.SIGTERM), s.command.Wait())
	if s.temporary {
		err = errors.Join(err, os.RemoveAll(s.data))
	}
	return err
}

// kill ends the program at once: what it still had to do does not matter.
func (s *server) kill() error {
	err := s.command.Process.Kill()
	_ = s.command.Wait() // says that it was killed
	return err
}

// post sends JSON with the staff token and decodes the answer.
func (s *server) post(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+s.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s answered %d", path, response.StatusCode)
	}
	return json.NewDecoder(response.Body).Decode(out)
}

// addRetreat makes a retreat for so many couples and returns its id.
func (s *server) addRetreat(ctx context.Context, capacity int) (string, error) {
	var made struct{ ID string }
	session := map[string]any{"kind": "medicine", "title": "Session", "day": 0, "clock": "09:30", "minutes": 180, "receives": "both"}
	err := s.post(ctx, "/api/v1/retreats", map[string]any{
		"name": "Weekend", "location": "Cedar House", "capacity": capacity,
		"price": map[string]any{"amount": 480000, "currency": "USD"}, "plan": []any{session, session, session},
	}, &made)
	return made.ID, err
}

// addCohort makes an open cohort of the retreat and returns its id.
func (s *server) addCohort(ctx context.Context, retreat string) (string, error) {
	var made struct{ Cohort struct{ ID string } }
	start := time.Now().AddDate(0, 0, 90).Format("2006-01-02")
	err := s.post(ctx, "/api/v1/cohorts", map[string]any{"retreat": retreat, "time_zone": "America/Los_Angeles", "starts_on": start}, &made)
	if err != nil {
		return "", err
	}
	id := made.Cohort.ID
	return id, s.post(ctx, "/api/v1/cohorts/"+id+"/publish", map[string]any{}, &made)
}

// serveReference serves the least that Echo can do with the same request: for
// "echo" it parses the application and answers; for "static" it answers with
// the bytes that were given to it. "sandbox" is a card service in memory.
func serveReference(ctx context.Context, kind string) error {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.GET("/readyz", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	switch kind {
	case "echo":
		e.POST("/*", func(c echo.Context) error {
			var in application
			if err := json.NewDecoder(c.Request().Body).Decode(&in); err != nil {
				return err
			}
			return c.JSON(http.StatusOK, map[string]string{"name": in.Partners[0].Name})
		})
	case "static":
		var page bytes.Buffer
		if _, err := bufio.NewReader(os.Stdin).WriteTo(&page); err != nil {
			return err
		}
		e.GET("/*", func(c echo.Context) error { return c.HTMLBlob(http.StatusOK, page.Bytes()) })
	case "sandbox":
		cards, err := sandbox.New(sandbox.Options{
			Now: clock, Secret: cardKey, WebhookSecret: cardSecret, BaseURL: "http://" + os.Getenv("REFERENCE_ADDR"),
		})
		if err != nil {
			return err
		}
		e.Any("/*", echo.WrapHandler(cards.Handler()))
	default:
		return fmt.Errorf("there is no reference %q", kind)
	}
	return e.Start(os.Getenv("REFERENCE_ADDR"))
}
