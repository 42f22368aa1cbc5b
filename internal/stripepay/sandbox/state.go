package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// answersKept is how long the answer to an idempotency key is kept: Stripe may
// forget it after 24 hours (docs.stripe.com/api/idempotent_requests).
const answersKept = 24 * time.Hour

// eventsKept is how long Stripe lists an event.
const eventsKept = 30 * 24 * time.Hour

// state is everything that a restart must not lose.
type state struct {
	Checkouts map[string]*checkout      `json:"checkouts"`
	Intents   map[string]*paymentIntent `json:"payment_intents"`
	Charges   map[string]*charge        `json:"charges"`
	Methods   map[string]*paymentMethod `json:"payment_methods"`
	Customers map[string]*customer      `json:"customers"`
	Refunds   []*refund                 `json:"refunds"` // in order of creation
	Events    []*event                  `json:"events"`  // in order of creation
	Answers   map[string]keptAnswer     `json:"answers"` // by idempotency key
}

// loadState reads the file, or gives an empty state when there is none.
func loadState(path string) (state, error) {
	loaded := state{
		Checkouts: map[string]*checkout{},
		Intents:   map[string]*paymentIntent{},
		Charges:   map[string]*charge{},
		Methods:   map[string]*paymentMethod{},
		Customers: map[string]*customer{},
		Answers:   map[string]keptAnswer{},
	}
	if path == "" {
		return loaded, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return loaded, nil
	}
	if err != nil {
		return state{}, fmt.Errorf("read the sandbox's state: %w", err)
	}
	if err := json.Unmarshal(text, &loaded); err != nil {
		return state{}, fmt.Errorf("the sandbox's state in %s is damaged; it may be deleted, no money is lost with it: %w", path, err)
	}
	return loaded, nil
}

// prune forgets what Stripe would have forgotten, so that the file stays small.
func (s *state) prune(now time.Time) {
	for key, answer := range s.Answers {
		if now.Sub(time.Unix(answer.Created, 0)) > answersKept {
			delete(s.Answers, key)
		}
	}
	old := 0
	for old < len(s.Events) && s.Events[old].settled() && now.Sub(time.Unix(s.Events[old].Created, 0)) > eventsKept {
		old++
	}
	s.Events = s.Events[old:]
}

// do runs f with the state to itself and returns once everything that f did or
// saw is kept. Whoever waits while another writes finds their change in the
// next write together with all others that wait, so many changes cost few
// writes.
func (s *Sandbox) do(f func(now time.Time)) error { return s.save(s.change(f)) }

// change runs f with the state to itself and gives the version that f left.
func (s *Sandbox) change(f func(now time.Time)) (version uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.options.Now())
	return s.version
}

// save writes the state unless the file already holds that version.
func (s *Sandbox) save(version uint64) error {
	if s.options.Path == "" {
		return nil
	}
	s.saving.Lock()
	defer s.saving.Unlock()
	if s.saved >= version {
		return nil
	}
	s.mu.Lock()
	current := s.version
	s.state.prune(s.options.Now())
	text, err := json.Marshal(s.state)
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("encode the sandbox's state: %w", err)
	}
	if err := replaceFile(s.options.Path, text); err != nil {
		return fmt.Errorf("save the sandbox's state: %w", err)
	}
	s.saved = current
	return nil
}

// replaceFile leaves either the old content or the new under the name, also
// after a power cut.
func replaceFile(path string, content []byte) (err error) {
	folder := filepath.Dir(path)
	temp, err := os.CreateTemp(folder, filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temp.Name()))
		}
	}()
	_, err = temp.Write(content)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return err
	}
	opened, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(opened.Sync(), opened.Close())
}
