//go:build !race

package main

// stories is how many stories are told.
const stories = uint64(4)
