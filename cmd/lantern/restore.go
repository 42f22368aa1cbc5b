package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"lantern/internal/access"
	"lantern/internal/store/archive"
)

type restoreCommand struct {
	File         string `arg:"" type:"existingfile" help:"The backup."`
	HoldMessages bool   `help:"Hold back the messages that are due already, until staff let each of them go: some may have been sent after the backup was made."`
	Replace      string `placeholder:"NAME" help:"Throw away what is in the store now, which has this name: lantern.db, or the database at MongoDB."`
	keepingFlags
}

// Run fills the store. The service must not run.
func (c *restoreCommand) Run(ctx context.Context, o *output) (err error) {
	s, err := c.settings()
	if err != nil {
		return err
	}
	if name := storeName(s.Store); c.Replace != "" && c.Replace != name {
		return settingFaults{fmt.Sprintf("--replace: the store's name is %q", name)}
	}
	key, err := knownKey(s)
	if err != nil {
		return err
	}
	release, err := serveAlone(s.Store)
	if err != nil {
		return err
	}
	defer release()
	r, err := openRecords(ctx, s, key, clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.db.Close()) }()
	return restoreFile(ctx, s, r, c.File, o.out, restoring{replace: c.Replace != "", hold: c.HoldMessages})
}

// restoring is how a file is restored.
type restoring struct{ replace, hold bool }

// restoreFile fills the store with what is in the file and says what was done.
func restoreFile(ctx context.Context, s settings, r *records, name string, out io.Writer, how restoring) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	begun, held := time.Now(), 0
	contents, err := archive.Restore(ctx, file, archive.Target{
		DB: r.db, From: filepath.Base(name), Accept: acceptKey(r.key), Replace: how.replace, Now: r.now(),
		Blank: []string{"team"}, // whose list is made when it is opened
		Finish: func(ctx context.Context, c archive.Contents) error {
			held, err = r.finish(ctx, s, c, how)
			return err
		},
	})
	if errors.Is(err, archive.ErrNotEmpty) {
		return fmt.Errorf("%w. Restore into a new folder or database, or throw away what is there with --replace %s", err, storeName(s.Store))
	}
	if err != nil {
		return fmt.Errorf("restoring %s: %w", name, err)
	}
	fmt.Fprintf(out, "%d documents, %d bookings, as they were at %s, in %s.\n", contents.End.Documents(), contents.End.Counts["bookings"],
		contents.Header.MadeAt.Format(time.DateTime+" MST"), time.Since(begun).Round(time.Millisecond))
	if how.hold {
		fmt.Fprintf(out, "%d messages that are due are held back, and so is what turns out to have been due by now when the service starts: look at them under \"Messages\" and let go those that were not sent.\n", held)
	}
	return nil
}

// finish does what a store needs that was filled from a file.
func (r *records) finish(ctx context.Context, s settings, c archive.Contents, how restoring) (held int, err error) {
	for _, f := range c.Files {
		if f.Name != sandboxFile || s.StripeKey != "" {
			continue
		}
		err := archive.WriteFile(filepath.Join(s.Data, sandboxFile), true, false, func(w io.Writer) error {
			_, err := w.Write(f.Content)
			return err
		})
		if err != nil {
			return 0, fmt.Errorf("restoring the sandbox's file: %w", err)
		}
	}
	if !c.End.OneMoment {
		if err := r.bookings.Reconcile(ctx); err != nil {
			return 0, err
		}
	}
	if how.hold {
		return r.notices.HoldBackDue(ctx, r.now(), access.Console().By())
	}
	return 0, nil
}

// storeName is what people call the store: its file or its database.
func storeName(uri string) string {
	if file, ok := strings.CutPrefix(uri, "sqlite:"); ok {
		return filepath.Base(file)
	}
	address, err := url.Parse(uri)
	if err != nil || strings.Trim(address.Path, "/") == "" {
		return "lantern" // as the engine calls it
	}
	return path.Base(address.Path)
}
