package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"lantern/internal/store/archive"
)

// keepingFlags name the service whose documents are kept. Its cards are named
// since the sandbox's file belongs to a service without real ones.
type keepingFlags struct {
	storeFlags
	Secret    string `env:"LANTERN_SECRET" placeholder:"HEX" help:"The service's secret, as for serve."`
	StripeKey string `name:"stripe-secret-key" env:"STRIPE_SECRET_KEY" placeholder:"KEY" help:"The Stripe account, as for serve: without one, the sandbox's file belongs to the service."`
}

// settings are those of the service, as far as its documents need them.
func (f keepingFlags) settings() (settings, error) {
	s := settings{Data: f.Data, Store: f.Store, Secret: f.Secret, StripeKey: f.StripeKey}
	if err := s.checkStore(); err != nil {
		return s, settingFaults{err.Error()}
	}
	return s, nil
}

// records calls use with the documents of a service that is there.
func (f keepingFlags) records(ctx context.Context, use func(settings, *records) error) (err error) {
	s, err := f.settings()
	if err != nil {
		return err
	}
	key, err := knownKey(s)
	if err != nil {
		return err
	}
	if err := storeThere(s.Store); err != nil {
		return err
	}
	r, err := openRecords(ctx, s, key, clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.db.Close()) }()
	return use(s, r)
}

type backupCommand struct {
	File  string `arg:"" help:"The file to make: lantern-2027-01-11.backup."`
	Force bool   `help:"Replace the file if it is there."`
	keepingFlags
}

// Run writes the backup. The service may run meanwhile.
func (c *backupCommand) Run(ctx context.Context, o *output) error {
	return c.records(ctx, func(s settings, r *records) error {
		begun := time.Now()
		end, err := writeArchive(ctx, s, r, c.File, c.Force, true)
		if err != nil {
			return err
		}
		info, err := os.Stat(c.File)
		if err != nil {
			return err
		}
		fmt.Fprintf(o.out, "%s: %d documents, %d bookings, %.1f MB, in %s.\n", c.File, end.Documents(), end.Counts["bookings"],
			float64(info.Size())/1e6, time.Since(begun).Round(time.Millisecond))
		_, err = fmt.Fprintf(o.out, "It is of no use without the secret: keep %s with it, but not in the same place.\n", secretName(s))
		return err
	})
}

// secretName says where the secret is.
func secretName(s settings) string {
	if s.Secret != "" {
		return "LANTERN_SECRET"
	}
	return s.Data + "/secret"
}

// writeArchive makes a file of all documents.
func writeArchive(ctx context.Context, s settings, r *records, path string, force, compress bool) (end archive.End, err error) {
	source, err := r.source(s)
	if err != nil {
		return end, err
	}
	err = archive.WriteFile(path, force, compress, func(w io.Writer) (err error) {
		end, err = archive.Write(ctx, w, source, headerOf(r.key, r.now()))
		return err
	})
	return end, err
}
