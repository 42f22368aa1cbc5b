package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/internal/access"
)

type tokenCommands struct {
	Create tokenCreateCommand `cmd:"" help:"Make a token and print it, once."`
}

type tokenCreateCommand struct {
	Role  string `required:"" enum:"organizer,staff,clinician,viewer" help:"What the token may do: organizer, staff, clinician or viewer."`
	Label string `help:"What it is for, to recognise it by."`
	Data  string `default:"./data" env:"LANTERN_DATA" placeholder:"FOLDER" help:"The service's folder (${default})."`
	Store string `env:"LANTERN_STORE" placeholder:"URI" help:"The service's store, as for serve."`
}

// Run makes the token in the store of the service, which may be running.
func (c *tokenCreateCommand) Run(ctx context.Context, o *output) (err error) {
	s := settings{Data: c.Data, Store: c.Store}
	if err := s.checkStore(); err != nil {
		return settingFaults{err.Error()}
	}
	role, err := access.CheckRole(c.Role)
	if err != nil {
		return err
	}
	db, err := openStore(ctx, s.Store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tokens, err := access.NewTokens(ctx, db)
	if err != nil {
		return err
	}
	token, err := tokens.Create(ctx, role, c.Label, time.Now())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(o.out, token)
	return err
}
