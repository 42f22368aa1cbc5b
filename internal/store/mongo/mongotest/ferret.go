package mongotest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Ferret is a FerretDB in a process of its own, with its data in a folder of
// the test.
type Ferret struct {
	t       testing.TB
	binary  string
	data    string
	address string

	process *exec.Cmd
	// input ends the process with it, also when the test dies.
	input io.Closer
}

// StartFerret starts a FerretDB that ends with the test. On a machine that has
// not done so before it is built first, which takes a minute or two.
func StartFerret(t testing.TB) *Ferret {
	t.Helper()
	binary, err := built()
	if err != nil {
		t.Fatalf("building FerretDB: %v", err)
	}
	f := &Ferret{t: t, binary: binary, data: t.TempDir(), address: "127.0.0.1:0"}
	f.Start()
	t.Cleanup(f.Kill)
	return f
}

// URI of the server, without a database.
func (f *Ferret) URI() string { return "mongodb://" + f.address + "/" }

// Start starts the server again after Kill, with the data and at the address
// that it had.
func (f *Ferret) Start() {
	f.t.Helper()
	f.process = exec.Command(f.binary, "-data", f.data, "-listen", f.address)
	f.process.Stderr = f.t.Output()
	input, err := f.process.StdinPipe()
	if err != nil {
		f.t.Fatalf("starting FerretDB: %v", err)
	}
	output, err := f.process.StdoutPipe()
	if err != nil {
		f.t.Fatalf("starting FerretDB: %v", err)
	}
	if err := f.process.Start(); err != nil {
		f.t.Fatalf("starting FerretDB: %v", err)
	}
	f.input = input
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		f.Kill()
		f.t.Fatalf("FerretDB ended before it was ready: %v", err)
	}
	f.address = strings.Trim(strings.TrimPrefix(strings.TrimSpace(line), "mongodb://"), "/")
}

// Kill ends the server in the middle of whatever it does. It is no fault if it
// has ended already.
func (f *Ferret) Kill() {
	if f.process == nil {
		return
	}
	_ = f.process.Process.Kill()
	_ = f.process.Wait() // says that it was killed
	_ = f.input.Close()
	f.process = nil
}

// built returns the program's path; it is built once for each state of its
// module and kept in the user's cache.
var built = sync.OnceValues(func() (string, error) {
	module, err := moduleFolder()
	if err != nil {
		return "", err
	}
	sum, err := fingerprint(module)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "lantern")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	unlock, err := lock(filepath.Join(folder, "ferret.lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	binary := filepath.Join(folder, "ferret-"+sum)
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	build := exec.Command("go", "build", "-tags", "ferretdb_no_postgresql", "-o", binary+".new", ".")
	build.Dir = module
	build.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, output)
	}
	return binary, os.Rename(binary+".new", binary)
})

func moduleFolder() (string, error) {
	file, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env: %w", err)
	}
	return filepath.Join(filepath.Dir(string(bytes.TrimSpace(file))), "internal", "store", "ferret"), nil
}

// fingerprint tells the states of the module apart.
func fingerprint(module string) (string, error) {
	sources, err := filepath.Glob(filepath.Join(module, "*.go"))
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, file := range append(sources, filepath.Join(module, "go.mod"), filepath.Join(module, "go.sum")) {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// lock keeps other test processes from building at the same time.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return func() { _ = file.Close() }, nil // closing unlocks
}
