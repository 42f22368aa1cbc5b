package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestCommandsBesideAService: one service on a folder, and all others refuse in
// one line, while short commands do their work.
func TestCommandsBesideAService(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, "serve", "--data", dir)
	mustRun(t, "staff", "add", "--data", dir, "--email", "robin@example.org", "--name", "Robin", "--role", "organizer")
	for range 3 {
		refused(t, "another lantern serves", exitFailure, "serve", "--data", dir, "--addr", "127.0.0.1:0")
		if out := mustRun(t, "staff", "list", "--data", dir); !strings.Contains(out, "robin@example.org") {
			t.Errorf("who works here:\n%s", out)
		}
		mustRun(t, "backup", "--data", dir, filepath.Join(t.TempDir(), "now.backup"))
	}
	if code := p.terminate(); code != 0 {
		t.Errorf("stopping ended with %d:\n%s", code, p.log)
	}
	start(t, "serve", "--data", dir) // what the first one noted of itself has ended with it
}
