// Command lantern runs retreat logistics and booking for couples: the service,
// a demonstration of it, and its housekeeping.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the command line.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Run the service."`
	Demo    demoCommand    `cmd:"" help:"Run a demonstration: the service on a folder of its own, with sample retreats. No money moves and no mail leaves."`
	Token   tokenCommands  `cmd:"" help:"Tokens for programs that call the API."`
	Staff   staffCommands  `cmd:"" help:"Who works here, and links to sign in by."`
	Compare compareCommand `cmd:"" help:"Compare the books with Stripe now, and print what differs."`
	Backup  backupCommand  `cmd:"" help:"Write all documents into one file, while the service runs."`
	Restore restoreCommand `cmd:"" help:"Fill an empty store with what is in a backup."`
	Export  exportCommand  `cmd:"" help:"Write all documents as JSON Lines."`
	Import  importCommand  `cmd:"" help:"Add the documents of an export that are not there yet."`
	Move    moveCommand    `cmd:"" help:"Copy all documents into another, empty store, such as from SQLite to MongoDB."`
	Check   checkCommand   `cmd:"" help:"Look whether settings, store, Stripe, mail, clock and the books are in order."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

const description = `Lantern runs retreats for couples: bookings, waitlists, payments, and mail about them.

With no setting at all it keeps everything in one folder, takes test cards and
shows mail instead of sending it. Every flag can be set by the variable beside it.`

// gcPercent lets the heap grow to five times what is live.
const gcPercent = 400

// Exit codes.
const (
	exitFailure  = 1
	exitSettings = 2 // the settings are wrong; each fault is on a line of its own
)

func main() {
	// The live memory is small, so collecting it less often costs little room
	// and saves a tenth of the work under load. GOGC still decides if set.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The second Ctrl-C ends the program as it would without us.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c commands
	parser, err := kong.New(&c, kong.Name("lantern"), kong.Description(description), kong.UsageOnError(),
		kong.Writers(stdout, stderr), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(&output{stdout, stderr}))
	if err != nil {
		fmt.Fprintln(stderr, "lantern:", err)
		return exitFailure
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(stderr, "lantern:", err)
		return exitSettings
	}
	err = parsed.Run()
	if faults, ok := errors.AsType[settingFaults](err); ok {
		for _, fault := range faults {
			fmt.Fprintln(stderr, "lantern:", fault)
		}
		return exitSettings
	}
	if err != nil {
		fmt.Fprintln(stderr, "lantern:", err)
		return exitFailure
	}
	return 0
}

// output is where commands write.
type output struct{ out, err io.Writer }

type versionCommand struct{}

// Run prints the version that the build has written into the program.
func (versionCommand) Run(o *output) error {
	_, err := fmt.Fprintln(o.out, "lantern", programVersion())
	return err
}
