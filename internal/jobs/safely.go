package jobs

import (
	"fmt"
	"runtime/debug"
)

// Safely makes an error of a panic, for work that runs beside others: one item
// is lost, not the process.
func Safely(do func() error) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v\n%s", panicked, debug.Stack())
		}
	}()
	return do()
}
