package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"lantern/internal/seal"
)

func TestLoadMakesOneSecret(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tokens := make([]string, 8)
	var racing sync.WaitGroup
	for i := range tokens {
		racing.Go(func() {
			key, err := seal.Load(dir)
			if err != nil {
				t.Error(err)
			}
			tokens[i] = key.Token("x")
		})
	}
	racing.Wait()
	for _, token := range tokens {
		if token != tokens[0] {
			t.Fatal("two processes that started at once have two secrets")
		}
	}
	info, err := os.Stat(filepath.Join(dir, "secret"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".secret-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestAKilledStartLeavesNothing behind for ever; what others have put there stays.
func TestAKilledStartLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(".secret-123")
	first, err := seal.Load(dir) // it makes the secret
	if err != nil {
		t.Fatal(err)
	}
	write(".secret-old")
	write(".secret-")
	again, err := seal.Load(dir)
	if err != nil || again.Token("x") != first.Token("x") {
		t.Errorf("another secret, %v", err)
	}
	var names []string
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if want := []string{".secret-", ".secret-old", "secret"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("the folder has %q, %v, want %q", names, err, want)
	}
}

func TestLoadRefusesWhatIsNotSecret(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "secret")
	if err := os.WriteFile(path, []byte("too short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Load(dir); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a damaged secret: %v", err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Load(dir); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a readable secret: %v", err)
	}
}

func TestKeyDoesNotPrintItself(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("ab", 32)
	key, err := seal.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	type holder struct {
		key   seal.Key
		Named seal.Key
	}
	var log bytes.Buffer
	// Without the time, whose digits may be anything.
	timeless := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, timeless), slog.NewJSONHandler(&log, timeless)} {
		slog.New(handler).Info("start", "key", key, "holder", holder{key, key})
	}
	outs := []string{log.String(), key.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b"} {
		outs = append(outs, fmt.Sprintf(verb, key), fmt.Sprintf(verb, holder{key, key}), fmt.Sprintf(verb, &holder{key, key}))
	}
	for _, out := range outs {
		// Two bytes or more of 0xab in the forms that fmt and slog write, too
		// long to be part of a function's address.
		for _, digits := range []string{"171 171", "abababab", "ABABABAB", "0xab, 0xab", `\xab\xab`, "253 253", "10101011 10101011", "q6urq6ur"} {
			if strings.Contains(out, digits) {
				t.Errorf("the key shows in %q", out)
			}
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	raw := bytes.Repeat([]byte{0xfb}, 32)
	want, err := seal.Parse(hex.EncodeToString(raw))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		strings.ToUpper(hex.EncodeToString(raw)), base64.StdEncoding.EncodeToString(raw),
		base64.RawURLEncoding.EncodeToString(raw), " " + hex.EncodeToString(raw) + "\n",
	} {
		if got, err := seal.Parse(text); err != nil || got.Token("x") != want.Token("x") {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, bad := range []string{"", "abcd", strings.Repeat("ab", 31), strings.Repeat("ab", 33), strings.Repeat("zz", 32)} {
		if _, err := seal.Parse(bad); err == nil || (bad != "" && strings.Contains(err.Error(), bad)) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	key, _ := seal.Parse(strings.Repeat("ab", 32))
	if key.Token("a", "bc") == key.Token("ab", "c") {
		t.Error("two lists of parts have one token")
	}
	if key.Derive("x").Token("a") == key.Derive("y").Token("a") {
		t.Error("two purposes have one token")
	}
	token := key.Token("a")
	if !seal.SameHash(seal.Hash(token), seal.Hash(key.Token("a"))) || seal.SameHash(seal.Hash(token), seal.Hash(token+"x")) {
		t.Error("hashes do not tell tokens apart")
	}
}

func TestTheZeroKeyMakesNothing(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a key that was never loaded made a token")
		}
	}()
	seal.Key{}.Token("a")
}

func TestSeal(t *testing.T) {
	t.Parallel()
	key, _ := seal.Parse(strings.Repeat("ab", 32))
	sealed := key.Seal([]byte("an answer"), []byte("for one"))
	if plain, err := key.Open(sealed, []byte("for one")); err != nil || string(plain) != "an answer" {
		t.Errorf("got %q, %v", plain, err)
	}
	if _, err := key.Open(sealed, []byte("for another")); err == nil {
		t.Error("it opened in another context")
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := key.Open(sealed, []byte("for one")); err == nil {
		t.Error("it opened after a change")
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	key, _ := seal.Parse(strings.Repeat("ab", 32))
	if a, b := seal.NewID("bk"), seal.NewID("bk"); a == b || len(a) != 23 || !strings.HasPrefix(a, "bk_") {
		t.Errorf("ids %q and %q", a, b)
	}
	first, second := key.ID("bk", "a"), key.ID("bk", "a")
	if first != second || first == key.ID("bk", "b") || first[3:] == key.ID("rt", "a")[3:] {
		t.Error("ids do not follow from their prefix and parts")
	}
	if shape := regexp.MustCompile(`^bk_[2-9b-df-hjkmnp-tvw]{20}$`); !shape.MatchString(first) || !shape.MatchString(seal.NewID("bk")) {
		t.Errorf("ids look like %s", first)
	}
	if ref := seal.ShortRef("bk_1"); !regexp.MustCompile(`^[2-9B-DF-HJKMNP-TVW]{4}-[2-9B-DF-HJKMNP-TVW]{4}$`).MatchString(ref) || ref != seal.ShortRef("bk_1") {
		t.Errorf("ref %q", ref)
	}
}
