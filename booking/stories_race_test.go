//go:build race

package booking_test

// The race detector makes a story about ten times as long.
const stories = 12
