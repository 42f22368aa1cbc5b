package store

import (
	"errors"
	"sync"
)

// writersAtOnce is how many write where many documents are written: engines
// save together what comes together.
const writersAtOnce = 128

// AtOnce does something for each of the items, many at a time, and gives the
// errors. After the first of them it begins nothing new.
func AtOnce[T any](items []T, do func(T) error) error {
	var all sync.WaitGroup
	var mu sync.Mutex
	var failed []error
	next := 0
	take := func() (item T, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(items) || len(failed) > 0 {
			return item, false
		}
		next++
		return items[next-1], true
	}
	for range min(writersAtOnce, len(items)) {
		all.Go(func() {
			for item, ok := take(); ok; item, ok = take() {
				if err := do(item); err != nil {
					mu.Lock()
					failed = append(failed, err)
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	return errors.Join(failed...)
}
