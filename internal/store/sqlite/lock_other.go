//go:build !unix

package sqlite

import "errors"

// ErrServed: another process serves the file.
var ErrServed = errors.New("another process uses it")

// Serve does nothing here: whoever starts a second process on a file has to know.
func Serve(string) (release func() error, err error) { return func() error { return nil }, nil }
