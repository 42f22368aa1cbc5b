package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// answersKept is how long the answer to an idempotency key is kept: Stripe may
// forget it after 24 hours (docs.stripe.com/api/idempotent_requests).
const answersKept = 24 * time.Hour

// eventsKept is how long Stripe lists an event.
const eventsKept = 30 * 24 * time.Hour

// state is everything that a restart must not lose.
type state struct {
	Checkouts shelf[*checkout]      `json:"checkouts"`
	Intents   shelf[*paymentIntent] `json:"payment_intents"`
	Setups    shelf[*setupIntent]   `json:"setup_intents"`
	Charges   shelf[*charge]        `json:"charges"`
	Methods   shelf[*paymentMethod] `json:"payment_methods"`
	Customers shelf[*customer]      `json:"customers"`
	Refunds   shelf[*refund]        `json:"refunds"`
	Disputes  shelf[*dispute]       `json:"disputes"`
	Events    shelf[*event]         `json:"events"`
	Answers   map[string]keptAnswer `json:"answers"` // by idempotency key

	// Behaviours has, by payment method, the name of what the test card does;
	// methods that are not in it pay. The number itself is kept nowhere.
	Behaviours map[string]string `json:"behaviours"`
	// Outcomes has, by refund, what will come of those that are not over.
	Outcomes map[string]outcome `json:"refund_outcomes"`
}

// loadState reads the file, or gives an empty state when there is none.
func loadState(path string) (state, error) {
	loaded, err := readState(path)
	if err != nil {
		return state{}, err
	}
	// Files of earlier versions have fewer maps.
	if loaded.Answers == nil {
		loaded.Answers = map[string]keptAnswer{}
	}
	if loaded.Behaviours == nil {
		loaded.Behaviours = map[string]string{}
	}
	if loaded.Outcomes == nil {
		loaded.Outcomes = map[string]outcome{}
	}
	return loaded, nil
}

func readState(path string) (state, error) {
	var loaded state
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
	for _, e := range s.Events.items {
		if !e.settled() || now.Sub(time.Unix(e.Created, 0)) <= eventsKept {
			break
		}
		old++
	}
	if old > 0 {
		s.Events.drop(old)
	}
}

// do runs f with the state to itself and returns once everything that f did or
// saw is kept. Whoever waits while another writes finds their change in the
// next write together with all others that wait, so many changes cost few
// writes.
func (s *Sandbox) do(f func(now time.Time)) error { return s.save(s.change(f)) }

// change brings the state up to the present, runs f with it to itself and gives
// the version that f left.
func (s *Sandbox) change(f func(now time.Time)) (version uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.options.Now()
	s.catchUp(now)
	f(now)
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

// sweep removes what a process has left that was killed while it saved the state:
// files with the state's name and digits, see replaceFile. Nobody else writes them
// now, since the folder is this process's.
func sweep(path string) error {
	folder := filepath.Dir(path)
	entries, err := os.ReadDir(folder)
	failed := []error{err}
	for _, e := range entries {
		if digits, ok := strings.CutPrefix(e.Name(), filepath.Base(path)+"."); ok && digits != "" && strings.Trim(digits, "0123456789") == "" {
			failed = append(failed, os.Remove(filepath.Join(folder, e.Name())))
		}
	}
	return errors.Join(failed...)
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
