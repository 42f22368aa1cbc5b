package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"lantern/internal/access"
	"lantern/internal/fault"
)

type staffCommands struct {
	Add  staffAddCommand  `cmd:"" help:"Take somebody into the team and print a link to sign in by."`
	List staffListCommand `cmd:"" help:"List who works here."`
	End  staffEndCommand  `cmd:"" help:"For somebody who has left: they are signed out at once and cannot sign in again."`
	Link staffLinkCommand `cmd:"" help:"Print a new link to sign in by, when mail does not work."`
}

// teamFlags name the service whose team it is. It may be running.
type teamFlags struct {
	storeFlags
	Addr   string `default:"127.0.0.1:8080" env:"LANTERN_ADDR" placeholder:"HOST:PORT" help:"The service's address, as for serve (${default})."`
	URL    string `env:"LANTERN_URL" placeholder:"URL" help:"Where people reach the service, as for serve."`
	Secret string `env:"LANTERN_SECRET" placeholder:"HEX" help:"The service's secret, as for serve."`
}

// settings are those of the service, as far as its team needs them.
func (f teamFlags) settings() (settings, error) {
	s := settings{Addr: f.Addr, URL: strings.TrimSuffix(f.URL, "/"), Data: f.Data, Store: f.Store, Secret: f.Secret}
	if s.URL == "" {
		_, port, err := net.SplitHostPort(s.Addr)
		if err != nil {
			return s, settingFaults{fmt.Sprintf("LANTERN_ADDR: %q is not an address such as 127.0.0.1:8080", s.Addr)}
		}
		s.URL = "http://localhost:" + port
	}
	if err := s.checkStore(); err != nil {
		return s, settingFaults{err.Error()}
	}
	return s, nil
}

// team calls use with the team in the store, and where people reach the
// service.
func (f teamFlags) team(ctx context.Context, use func(team *access.Team, url string) error) (err error) {
	s, err := f.settings()
	if err != nil {
		return err
	}
	key, err := loadKey(s)
	if err != nil {
		return err
	}
	db, err := openStore(ctx, s.Store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	team, err := access.NewTeam(ctx, db, key, clock)
	if err != nil {
		return err
	}
	return use(team, s.URL)
}

// inWords makes an error for the console of a fault for people.
func inWords(err error) error {
	if fields := fault.FieldsOf(err); len(fields) > 0 {
		var lines []string
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			lines = append(lines, name+": "+fields[name])
		}
		return errors.New(strings.Join(lines, "\n"))
	}
	if text := fault.TextOf(err); text != "" {
		return errors.New(text)
	}
	return err
}

type staffAddCommand struct {
	Email  string `required:"" help:"Their mail address."`
	Name   string `required:"" help:"Their name."`
	Role   string `required:"" enum:"organizer,staff,clinician,viewer" help:"What they work as: organizer, staff, clinician or viewer."`
	Refund bool   `help:"They may give money back as well."`
	teamFlags
}

// Run adds the person and prints their first link.
func (c *staffAddCommand) Run(ctx context.Context, o *output) error {
	return c.team(ctx, func(team *access.Team, url string) error {
		person, err := team.Add(ctx, access.Console(), c.Email, c.Name, access.Role(c.Role), c.Refund)
		if err != nil {
			return inWords(err)
		}
		return printLink(ctx, o.out, team, url, person.ID)
	})
}

// printLink makes a link and prints it alone on a line, for those who copy it
// and for programs.
func printLink(ctx context.Context, out io.Writer, team *access.Team, url, id string) error {
	link, err := team.LinkFor(ctx, access.Console(), id)
	if err != nil {
		return inWords(err)
	}
	_, err = fmt.Fprintf(out, "%s may sign in by this link, once, until %s:\n%s/signin/%s\n",
		link.Person.Name, link.Until.Local().Format("Monday 2 January 2006, 15:04 MST"), url, link.Token)
	return err
}

type staffListCommand struct{ teamFlags }

// Run prints a line for each person.
func (c *staffListCommand) Run(ctx context.Context, o *output) error {
	return c.team(ctx, func(team *access.Team, _ string) error {
		list, err := team.People(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(o.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "NAME\tMAIL\tROLE\tREFUND\tSINCE\tENDED")
		for _, p := range list {
			ended := ""
			if !p.Works() {
				ended = p.EndedAt.Format(time.DateOnly)
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", p.Name, p.Email, p.Role, yesNo(p.MayRefund), p.AddedAt.Format(time.DateOnly), ended)
		}
		return table.Flush()
	})
}

// personFlags name somebody of the team.
type personFlags struct {
	Email string `required:"" help:"Their mail address."`
	teamFlags
}

func (f personFlags) person(ctx context.Context, use func(team *access.Team, url string, p access.Person) error) error {
	return f.team(ctx, func(team *access.Team, url string) error {
		person, err := team.ByEmail(ctx, f.Email)
		if err != nil {
			return inWords(err)
		}
		return use(team, url, person)
	})
}

type staffEndCommand struct{ personFlags }

// Run ends the person's work here.
func (c *staffEndCommand) Run(ctx context.Context, o *output) error {
	return c.person(ctx, func(team *access.Team, _ string, p access.Person) error {
		if _, err := team.End(ctx, access.Console(), p.ID); err != nil {
			return inWords(err)
		}
		_, err := fmt.Fprintf(o.out, "%s is signed out everywhere and cannot sign in any more.\n", p.Name)
		return err
	})
}

type staffLinkCommand struct{ personFlags }

// Run prints a new link.
func (c *staffLinkCommand) Run(ctx context.Context, o *output) error {
	return c.person(ctx, func(team *access.Team, url string, p access.Person) error {
		return printLink(ctx, o.out, team, url, p.ID)
	})
}

// samplePeople sign in to the demonstration, one in each role.
var samplePeople = []struct {
	email, name string
	role        access.Role
	mayRefund   bool
}{
	{"robin@example.org", "Robin", access.Organizer, true},
	{"sam@example.org", "Sam", access.Staff, false},
	{"casey@example.org", "Casey", access.Clinician, false},
	{"vera@example.org", "Vera", access.Viewer, false},
}

// sampleStaff makes a team on the first start and gives a line with a new link for
// each who works there still.
func sampleStaff(ctx context.Context, team *access.Team, url string) (string, error) {
	people, err := team.People(ctx)
	if err != nil {
		return "", err
	}
	if len(people) == 0 {
		for _, p := range samplePeople {
			if _, err := team.Add(ctx, access.Console(), p.email, p.name, p.role, p.mayRefund); err != nil {
				return "", fmt.Errorf("sample staff: %w", err)
			}
		}
	}
	var lines strings.Builder
	for _, p := range samplePeople {
		person, err := team.ByEmail(ctx, p.email)
		if errors.Is(err, access.ErrNobody) {
			continue // somebody tried what ending does
		}
		if err != nil {
			return "", err
		}
		link, err := team.LinkFor(ctx, access.Console(), person.ID)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&lines, "    %-10s %-10s %s/signin/%s\n", person.Name, person.Role, url, link.Token)
	}
	return lines.String(), nil
}
