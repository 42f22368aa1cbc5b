package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

type moveCommand struct {
	From   string `required:"" placeholder:"URI" help:"The store to copy: sqlite:FILE or mongodb://HOST/DATABASE."`
	To     string `required:"" placeholder:"URI" help:"The empty store to copy it to."`
	Data   string `default:"./data" env:"LANTERN_DATA" placeholder:"FOLDER" help:"The service's folder (${default}), which also has room for a backup."`
	Secret string `env:"LANTERN_SECRET" placeholder:"HEX" help:"The service's secret, as for serve."`
}

// Run copies the documents by way of a backup, so that the same is checked as
// there. The service must not run: what it did meanwhile would be lost.
func (c *moveCommand) Run(ctx context.Context, o *output) (err error) {
	from, to := settings{Data: c.Data, Store: c.From, Secret: c.Secret}, settings{Data: c.Data, Store: c.To, Secret: c.Secret}
	for name, s := range map[string]*settings{"--from": &from, "--to": &to} {
		if err := s.checkStore(); err != nil {
			return settingFaults{name + ": " + err.Error()}
		}
	}
	if from.Store == to.Store {
		return settingFaults{"--to: this is where the documents are"}
	}
	key, err := knownKey(from)
	if err != nil {
		return err
	}
	if err := storeThere(from.Store); err != nil {
		return err
	}
	file := filepath.Join(c.Data, "moving.backup")
	for _, part := range []struct {
		s  settings
		do func(settings, *records) error
	}{
		{from, func(s settings, r *records) error {
			_, err := writeArchive(ctx, s, r, file, true, true)
			return err
		}},
		{to, func(s settings, r *records) error { return restoreFile(ctx, s, r, file, o.out, restoring{}) }},
	} {
		release, err := serveAlone(part.s.Store)
		if err != nil {
			return err
		}
		defer release() // both stay until the end
		r, err := openRecords(ctx, part.s, key, clock)
		if err != nil {
			return err
		}
		if err := errors.Join(part.do(part.s, r), r.db.Close()); err != nil {
			return err
		}
	}
	if err := os.Remove(file); err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.out, "Set LANTERN_STORE to the new store before you start the service, and keep %s: the secret stays the same.\n", secretName(from))
	return err
}
