package main

import (
	"context"
	"fmt"
	"os"

	"lantern/internal/store/archive"
)

type exportCommand struct {
	File  string `arg:"" optional:"" help:"The file to make; without one, standard output."`
	Force bool   `help:"Replace the file if it is there."`
	keepingFlags
}

// Run writes the documents as they would be backed up, but readable.
func (c *exportCommand) Run(ctx context.Context, o *output) error {
	return c.records(ctx, func(s settings, r *records) error {
		if c.File != "" {
			_, err := writeArchive(ctx, s, r, c.File, c.Force, false)
			return err
		}
		source, err := r.source(s)
		if err != nil {
			return err
		}
		_, err = archive.Write(ctx, o.out, source, headerOf(r.key, r.now()))
		return err
	})
}

type importCommand struct {
	File string `arg:"" type:"existingfile" help:"What lantern export or lantern backup has made."`
	keepingFlags
}

// Run adds what is not there. The service may run meanwhile.
func (c *importCommand) Run(ctx context.Context, o *output) error {
	return c.records(ctx, func(_ settings, r *records) error {
		file, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer file.Close()
		added, there, err := archive.Import(ctx, file, r.db, acceptKey(r.key))
		if err != nil {
			return fmt.Errorf("importing %s: %w", c.File, err)
		}
		_, err = fmt.Fprintf(o.out, "%d documents were added, %d were there already and are as they were.\n", added, there)
		return err
	})
}
