//go:build race

package main

// stories is how many stories are told: few with the race detector, which makes
// them ten times as long, while only one thing happens at a time.
const stories = uint64(1)
