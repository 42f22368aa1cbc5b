package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"lantern/internal/access"
)

type tokenCommands struct {
	Create   tokenCreateCommand   `cmd:"" help:"Make a token and print it, once."`
	List     tokenListCommand     `cmd:"" help:"List the tokens that are good."`
	Withdraw tokenWithdrawCommand `cmd:"" help:"End a token at once."`
}

// storeFlags name the store of a service, which may be running.
type storeFlags struct {
	Data  string `default:"./data" env:"LANTERN_DATA" placeholder:"FOLDER" help:"The service's folder (${default})."`
	Store string `env:"LANTERN_STORE" placeholder:"URI" help:"The service's store, as for serve."`
}

// tokens calls use with the tokens in the store.
func (f storeFlags) tokens(ctx context.Context, use func(*access.Tokens) error) (err error) {
	s := settings{Data: f.Data, Store: f.Store}
	if err := s.checkStore(); err != nil {
		return settingFaults{err.Error()}
	}
	db, err := openStore(ctx, s.Store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tokens, err := access.NewTokens(ctx, db, clock)
	if err != nil {
		return err
	}
	return use(tokens)
}

type tokenCreateCommand struct {
	Role   string `required:"" enum:"organizer,staff,clinician,viewer,monitor" help:"What the token may do: organizer, staff, clinician, viewer or monitor."`
	Label  string `default:"Made on the console" help:"What it is for, to recognise it by."`
	Refund bool   `help:"It may give money back as well."`
	storeFlags
}

// Run makes the token.
func (c *tokenCreateCommand) Run(ctx context.Context, o *output) error {
	return c.tokens(ctx, func(tokens *access.Tokens) error {
		token, err := tokens.Create(ctx, access.Console(), c.Label, access.Role(c.Role), c.Refund)
		if err != nil {
			return inWords(err)
		}
		_, err = fmt.Fprintln(o.out, token)
		return err
	})
}

type tokenListCommand struct{ storeFlags }

// Run prints a line for each token. None shows the token itself.
func (c *tokenListCommand) Run(ctx context.Context, o *output) error {
	return c.tokens(ctx, func(tokens *access.Tokens) error {
		list, err := tokens.List(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(o.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tROLE\tREFUND\tLAST USED\tLABEL")
		for _, token := range list {
			used := "never"
			if token.UsedAt != nil {
				used = token.UsedAt.Format(time.DateOnly)
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", token.PublicID(), token.Role, yesNo(token.MayRefund), used, token.Label)
		}
		return table.Flush()
	})
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

type tokenWithdrawCommand struct {
	ID string `arg:"" help:"The token's id, as in the list: token:K7F3-92QM."`
	storeFlags
}

// Run ends the token.
func (c *tokenWithdrawCommand) Run(ctx context.Context, _ *output) error {
	return c.tokens(ctx, func(tokens *access.Tokens) error {
		return inWords(tokens.Withdraw(ctx, access.Console(), c.ID))
	})
}
