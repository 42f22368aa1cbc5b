//go:build unix

package sqlite

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// ErrServed: another process serves the file.
var ErrServed = errors.New("another process uses it")

// Serve notes that this process serves the file, until release is called or the
// process ends in whatever way; ErrServed when another does. Short commands
// beside a service do without: they only wait for their turn to write.
//
// The lock is on a file of its own, since SQLite has locks on the database that
// end when anybody in this process closes it. It stays when the lock ends:
// removing it would let two processes lock two files of one name.
func Serve(path string) (release func() error, err error) {
	f, err := os.OpenFile(path+".serving", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(ErrServed, f.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", f.Name(), err), f.Close())
	}
	return f.Close, nil
}
