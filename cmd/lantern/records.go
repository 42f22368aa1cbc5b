package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/seal"
	"lantern/internal/store"
	"lantern/internal/store/archive"
	"lantern/internal/store/sqlite"
	"lantern/internal/stripepay"
	"lantern/internal/web"
	"lantern/notifications"
	"lantern/retreats"
)

// records are all documents of a service, opened beside it or in its place.
// Nothing acts on them by itself.
type records struct {
	db       *store.DB
	key      seal.Key
	now      func() time.Time
	retreats *retreats.Service
	bookings *booking.Service
	notices  *notifications.Service
}

// openRecords opens the store at the address with all collections that the
// program has.
func openRecords(ctx context.Context, s settings, key seal.Key, now func() time.Time) (_ *records, err error) {
	r := &records{key: key, now: now}
	if r.db, err = openStore(ctx, s.Store); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.db.Close())
		}
	}()
	if r.retreats, err = retreats.NewService(ctx, r.db, now); err != nil {
		return nil, err
	}
	r.bookings, err = booking.NewService(ctx, booking.Options{
		DB: r.db, Retreats: r.retreats, Key: key, BaseURL: s.URL, Now: now, Changed: func() {},
		Pay: stripepay.New(stripepay.Config{SecretKey: s.StripeKey, Now: now}), WebhookURL: s.URL + "/webhooks/stripe",
	})
	if err != nil {
		return nil, err
	}
	if r.notices, err = notifications.NewService(ctx, notifications.Options{DB: r.db, Bookings: r.bookings, Key: key, Now: now}); err != nil {
		return nil, err
	}
	if err := defineOthers(ctx, r.db, key, now); err != nil {
		return nil, err
	}
	return r, nil
}

// defineOthers opens the collections that nothing here calls.
func defineOthers(ctx context.Context, db *store.DB, key seal.Key, now func() time.Time) error {
	if _, err := booking.NewConsultations(ctx, booking.ConsultationOptions{DB: db, Key: key, Now: now}); err != nil {
		return err
	}
	if _, err := access.NewTokens(ctx, db, now); err != nil {
		return err
	}
	if _, err := access.NewTeam(ctx, db, key, now); err != nil {
		return err
	}
	_, err := web.NewAnswers(ctx, db, key, now)
	return err
}

// What is read first and last for a file, where a store cannot show one moment.
// Who refers to others is read before these, so that whoever is named is there;
// what may not be done twice is read last (decision 38).
var (
	readFirst = []string{"answers", "signin_links", "signin_asked", "sessions", "stripe_events", "comparisons", "cohorts"}
	readLast  = []string{"bookings", "consultations", "numbers", "messages"}
)

// source is the whole service, for a file. The sandbox's own file belongs to it
// where no real cards are taken.
func (r *records) source(s settings) (archive.Source, error) {
	all := archive.Source{DB: r.db, First: readFirst, Last: readLast}
	content, err := os.ReadFile(filepath.Join(s.Data, sandboxFile))
	if errors.Is(err, fs.ErrNotExist) || s.StripeKey != "" {
		return all, nil
	}
	if err != nil {
		return all, fmt.Errorf("reading the sandbox's file: %w", err)
	}
	all.Files = []archive.File{{Name: sandboxFile, Content: content}}
	return all, nil
}

const sandboxFile = "sandbox.json"

// keyCheck tells whether a key is the one that made it, and nothing else of it.
func keyCheck(key seal.Key) string { return seal.Hash(key.Derive("backup").Token("check")) }

// errKey: what is in a file cannot be read with the secret that is here.
var errKey = errors.New("the file belongs to another secret: put the file \"secret\" that was kept with it into the data folder, or set LANTERN_SECRET")

// acceptKey says whether a file can be used with a key.
func acceptKey(key seal.Key) func(archive.Header) error {
	return func(h archive.Header) error {
		if !seal.SameHash(h.KeyCheck, keyCheck(key)) {
			return errKey
		}
		return nil
	}
}

// headerOf is the first line of a file that is made now.
func headerOf(key seal.Key, now time.Time) archive.Header {
	return archive.Header{MadeAt: now, Program: programVersion(), KeyCheck: keyCheck(key)}
}

// programVersion is the version that the build has written into the program.
func programVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := info.Main.Version; v != "" && v != "(devel)" {
			return v
		}
	}
	return "development"
}

// knownKey is loadKey for commands that must not make a new one.
func knownKey(s settings) (seal.Key, error) {
	if s.Secret == "" {
		path := filepath.Join(s.Data, "secret")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return seal.Key{}, fmt.Errorf("there is no %s: put the service's there (chmod 600), or set LANTERN_SECRET", path)
		}
	}
	return loadKey(s)
}

// storeThere refuses a SQLite file that is not there, which opening would make.
func storeThere(uri string) error {
	path, ok := strings.CutPrefix(uri, "sqlite:")
	if !ok {
		return nil
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("there is no store (%w): look at LANTERN_DATA and LANTERN_STORE; a new one is made by lantern serve, or filled from a backup or an export by lantern restore", err)
	}
	return nil
}

// serveAlone notes that this process uses the store as a service does, until it
// ends. MongoDB is made for several.
func serveAlone(uri string) (release func() error, err error) {
	path, ok := strings.CutPrefix(uri, "sqlite:")
	if !ok {
		return func() error { return nil }, nil
	}
	release, err = sqlite.Serve(path)
	switch {
	case errors.Is(err, sqlite.ErrServed):
		return nil, fmt.Errorf("another lantern serves %s already: stop it first. Several need MongoDB", path)
	case err != nil:
		return nil, fmt.Errorf("the folder of %s cannot be written to: %w", path, err)
	}
	return release, nil
}
