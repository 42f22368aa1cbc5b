// Package democlock is the clock of the demonstration: the machine's own, ahead
// of it by as much as visitors have moved it. It goes forward only, also over a
// restart, since what is stored has the time that it showed.
package democlock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Clock is safe for concurrent use.
type Clock struct {
	path    string
	machine func() time.Time
	ahead   atomic.Int64 // of the machine's clock, a time.Duration
	moving  sync.Mutex
}

// Open makes the clock that the file at path is about, or one that shows the
// machine's time if there is no such file.
func Open(path string, machine func() time.Time) (*Clock, error) {
	c := &Clock{path: path, machine: machine}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the demonstration's clock: %w", err)
	}
	ahead, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil || ahead < 0 {
		return nil, fmt.Errorf("the file %s does not say how far the demonstration's clock is ahead; delete the folder to start anew", path)
	}
	c.ahead.Store(int64(ahead))
	return c, nil
}

// Now is what the clock shows.
func (c *Clock) Now() time.Time { return c.machine().Add(c.Ahead()) }

// Ahead is how far it is ahead of the machine's clock.
func (c *Clock) Ahead() time.Duration { return time.Duration(c.ahead.Load()) }

// MoveTo has the clock show this time, unless it is later already. The file says
// so before anybody sees it.
func (c *Clock) MoveTo(at time.Time) error {
	c.moving.Lock()
	defer c.moving.Unlock()
	by := at.Sub(c.Now())
	if by <= 0 {
		return nil
	}
	// Whole milliseconds, as the store keeps times, and never short of at.
	ahead := (c.Ahead() + by + time.Millisecond - 1).Truncate(time.Millisecond)
	if err := write(c.path, ahead.String()+"\n"); err != nil {
		return fmt.Errorf("keeping the demonstration's clock: %w", err)
	}
	c.ahead.Store(int64(ahead))
	return nil
}

// write leaves the old text or the new one in the file, and no other.
func write(path, text string) error {
	fresh, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fresh.WriteString(text)
	if err := errors.Join(err, fresh.Sync(), fresh.Close()); err != nil {
		return err
	}
	return os.Rename(fresh.Name(), path)
}
