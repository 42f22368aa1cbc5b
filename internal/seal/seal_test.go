package seal_test

import (
	"fmt"
	"os"
	"path/filepath"
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
	if out := fmt.Sprintf("%v %+v %#v %s", key, key, key, key); strings.Contains(out, "171") || strings.Contains(out, "abab") {
		t.Errorf("the key shows in %q", out)
	}
	if _, err := seal.Parse("abcd"); err == nil {
		t.Error("a short secret passed")
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
	if first != second || first == key.ID("bk", "b") {
		t.Error("ids do not follow from their parts")
	}
	if ref := seal.ShortRef("bk_1"); len(ref) != 9 || ref[4] != '-' {
		t.Errorf("ref %q", ref)
	}
}
