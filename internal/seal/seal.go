// Package seal keeps the service's secret and makes what hangs on it: links
// that cannot be guessed, ids, hashes, and sealed bytes.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

const keySize = 32

// Key is a secret of 32 bytes. It never prints itself, and neither does a
// struct that holds it. The zero Key is none: using it panics, rather than
// making links that everybody can make.
type Key struct {
	// A function: fmt prints unexported fields without asking their methods,
	// follows pointers for some verbs, and cannot look into a function.
	secret func() []byte
}

// redacted is what is seen of a key.
const redacted = "[secret]"

// String hides the secret.
func (Key) String() string { return redacted }

// Format hides the secret from every verb.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue hides the secret from the log.
func (Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// Parse reads a key from a setting: 32 bytes as 64 hex digits or in base64.
func Parse(text string) (Key, error) {
	text = strings.TrimSpace(text)
	for _, decode := range []func(string) ([]byte, error){
		hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
	} {
		if raw, err := decode(text); err == nil && len(raw) == keySize {
			return keyOf(raw), nil
		}
	}
	return Key{}, errors.New("a secret is 32 random bytes, written as 64 hex digits (openssl rand -hex 32) or in base64")
}

// Load reads the key from the file "secret" in the folder, or makes it there
// on the first start, readable by its owner only. Two processes that start at
// once get the same key.
func Load(dir string) (Key, error) {
	path := filepath.Join(dir, "secret")
	key, err := read(path)
	if !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			sweep(dir)
		}
		return key, err
	}
	made := create(path)
	key, err = read(path)
	// Another process may have been quicker, and have swept ours.
	quicker := err == nil && (errors.Is(made, fs.ErrExist) || errors.Is(made, fs.ErrNotExist))
	if made != nil && !quicker {
		return Key{}, fmt.Errorf("making the secret %s: %w", path, made)
	}
	return key, err
}

// unfinished begins the names of secrets in the making; digits follow.
const unfinished = ".secret-"

// sweep removes what a process has left that was killed while it made the secret:
// a secret too, but nobody's. What cannot be removed does no harm, since its owner
// alone can read it.
func sweep(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if digits, ok := strings.CutPrefix(e.Name(), unfinished); ok && digits != "" && strings.Trim(digits, "0123456789") == "" {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

func read(path string) (Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Key{}, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Key{}, fmt.Errorf("the secret %s can be read by others; make it private with: chmod 600 %s", path, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Key{}, err
	}
	key, err := Parse(string(text))
	if err != nil {
		return Key{}, fmt.Errorf("the secret %s is damaged: %w", path, err)
	}
	return key, nil
}

// create writes the file whole or not at all: a link fails if another process
// was quicker. It is on the disk before anything is made with it.
func create(path string) error {
	var raw [keySize]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), unfinished+"*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.WriteString(hex.EncodeToString(raw[:]) + "\n")
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Derive gives a key for one purpose, from which the others do not follow.
func (k Key) Derive(purpose string) Key {
	raw, err := hkdf.Key(sha256.New, k.secret(), nil, purpose, keySize)
	if err != nil {
		panic(err) // only for lengths that HKDF cannot give
	}
	return keyOf(raw)
}

func keyOf(raw []byte) Key { return Key{secret: func() []byte { return raw }} }

func (k Key) mac(parts ...string) []byte {
	mac := hmac.New(sha256.New, k.secret())
	for _, part := range parts {
		// The length goes first, so that no two lists of parts are alike.
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		mac.Write(length[:])
		mac.Write([]byte(part))
	}
	return mac.Sum(nil)
}

// Token makes a text that only the holder of the key can make. It is computed
// again where a link is written; what is stored is its Hash.
func (k Key) Token(parts ...string) string {
	return base64.RawURLEncoding.EncodeToString(k.mac(parts...))
}

// Hash is what is stored of a token. A token has 256 bits of its own, so a
// slow hash would add nothing.
func Hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// SameHash compares in constant time.
func SameHash(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// Seal encrypts with AES-256-GCM. Open needs the same context.
func (k Key) Seal(plain, context []byte) []byte {
	return k.aead().Seal(nil, nil, plain, context)
}

// Open decrypts what Seal made, or fails if a single bit differs.
func (k Key) Open(sealed, context []byte) ([]byte, error) {
	plain, err := k.aead().Open(nil, nil, sealed, context)
	if err != nil {
		return nil, fmt.Errorf("opening sealed bytes: %w", err)
	}
	return plain, nil
}

func (k Key) aead() cipher.AEAD {
	block, err := aes.NewCipher(k.secret())
	if err != nil {
		panic(err) // only for wrong key sizes
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // only for wrong block sizes
	}
	return aead
}
