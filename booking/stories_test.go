//go:build !race

package booking_test

const stories = 40
