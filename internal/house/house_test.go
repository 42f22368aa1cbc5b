// Package house checks what the house rules say about the code as a whole.
package house

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type goPackage struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	command.Dir = filepath.Join("..", "..")
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	var all []goPackage
	for {
		var p goPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// floors order the packages: each may import its own floor's neighbours by the
// rules below, and floors beneath.
func floor(path string) int {
	switch {
	case strings.HasPrefix(path, "lantern/cmd/"):
		return 5
	case strings.HasPrefix(path, "lantern/notifications"):
		return 4
	case strings.HasPrefix(path, "lantern/booking"):
		return 3
	case strings.HasPrefix(path, "lantern/retreats"):
		return 2
	}
	return 1 // internal and templates
}

// outsiders are libraries that one part of the house deals with alone.
var outsiders = map[string][]string{
	"github.com/labstack/echo":           {"lantern/cmd/", "lantern/internal/web", "lantern/internal/bench", "lantern/retreats/retreatsweb", "lantern/booking/bookingweb", "lantern/notifications/notificationsweb"},
	"github.com/danielgtaylor/":          {"lantern/internal/web"},
	"go.mongodb.org/mongo-driver":        {"lantern/internal/store/mongo"},
	"modernc.org/sqlite":                 {"lantern/internal/store/sqlite"},
	"github.com/stripe/stripe-go":        {"lantern/internal/stripepay"},
	"github.com/yuin/goldmark":           {"lantern/internal/markdown"},
	"github.com/microcosm-cc/bluemonday": {"lantern/internal/markdown"},
	"github.com/wneessen/go-mail":        {"lantern/internal/mailer", "lantern/internal/bench"},
	"github.com/twilio/twilio-go":        {"lantern/internal/sms"},
	"github.com/robfig/cron":             {"lantern/internal/jobs"},
	"github.com/prometheus/":             {"lantern/internal/metrics"},
	"github.com/alecthomas/kong":         {"lantern/cmd/"},
}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			if problem := against(p.ImportPath, imported); problem != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, problem)
			}
		}
	}
}

func against(path, imported string) string {
	for library, allowed := range outsiders {
		if strings.HasPrefix(imported, library) && !slices.ContainsFunc(allowed, func(a string) bool { return strings.HasPrefix(path, a) }) {
			return "only " + strings.Join(allowed, ", ") + " may"
		}
	}
	own := strings.HasPrefix(imported, "lantern/")
	isWeb := func(path string) bool { return strings.HasSuffix(path, "web") && path != "lantern/internal/web" }
	engine := imported == "lantern/internal/store/sqlite" || imported == "lantern/internal/store/mongo" || imported == "lantern/internal/store/memory"
	beside := path == "lantern/internal/bench" || path == "lantern/internal/sim"
	switch {
	case path == "lantern/templates" && (own || strings.Contains(strings.SplitN(imported, "/", 2)[0], ".")):
		return "templates depend on the standard library alone"
	case own && !beside && floor(imported) > floor(path):
		return "imports go cmd, notifications, booking, retreats, internal"
	case own && isWeb(imported) && !strings.HasPrefix(path, "lantern/cmd/"):
		return "web packages are wired by cmd alone"
	case engine && !strings.HasPrefix(path, "lantern/cmd/") && !beside && !strings.HasPrefix(path, "lantern/internal/store/"):
		return "engines are chosen by cmd alone"
	case path == "lantern/internal/fault" && (own || imported == "net/http"):
		return "fault knows nothing of the rest"
	}
	return ""
}

func TestTheTopLevelHoldsNothingElse(t *testing.T) {
	t.Parallel()
	allowed := []string{
		"cmd", "retreats", "booking", "notifications", "templates", "internal",
		"go.mod", "go.sum", "Makefile", "README.md", "CONTRIBUTING.md",
	}
	command := exec.CommandContext(t.Context(), "git", "ls-files")
	command.Dir = filepath.Join("..", "..")
	out, err := command.Output()
	if err != nil {
		t.Skipf("not in a git checkout: %v", err)
	}
	for file := range strings.SplitSeq(strings.TrimSpace(string(out)), "\n") {
		top, _, _ := strings.Cut(file, "/")
		if !strings.HasPrefix(top, ".") && !slices.Contains(allowed, top) {
			t.Errorf("%s is at the top level", top)
		}
	}
}
