// Command ferret is a server of MongoDB's protocol for tests: FerretDB on its
// SQLite backend, behind a proxy that lets one request through at a time.
// FerretDB 1.24 alone loses concurrent updates of one document; behind the
// proxy each request is atomic, as a single-document write is on MongoDB.
//
// It is a Go module of its own, so that nothing that FerretDB needs becomes
// part of the product's go.mod.
//
// It prints the URI of the server when it is ready, and runs until SIGTERM or
// the end of its standard input: a test that dies leaves no server behind.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to listen on")
	data := flag.String("data", "", "folder for the data; it must exist")
	verbose := flag.Bool("v", false, "log what FerretDB does")
	flag.Parse()
	logger := slog.New(slog.DiscardHandler)
	if *verbose {
		logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, end := context.WithCancel(ctx)
	go func() {
		// The reason why the input has ended does not matter.
		_, _ = io.Copy(io.Discard, os.Stdin)
		end()
	}()
	if err := run(ctx, *listen, *data, logger); err != nil {
		fmt.Fprintln(os.Stderr, "ferret:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, address, folder string, logger *slog.Logger) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return fmt.Errorf("finding the data folder: %w", err)
	}
	// Not syncing is fine: what tests do to a server is to kill its process,
	// not to cut its power.
	files := url.URL{Scheme: "file", Path: folder + "/", OmitHost: true,
		RawQuery: url.Values{"_pragma": {"synchronous(off)"}}.Encode()}
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Handler:   "sqlite",
		SQLiteURL: files.String(),
		Logger:    logger,
	})
	if err != nil {
		return fmt.Errorf("starting FerretDB: %w", err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Run(ctx) }()

	backend := strings.TrimSuffix(strings.TrimPrefix(server.MongoDBURI(), "mongodb://"), "/")
	go func() {
		<-ctx.Done()
		_ = listener.Close() // ends the proxy, whose error tells nothing new
	}()
	fmt.Printf("mongodb://%s/\n", listener.Addr())
	p := proxy{backend: backend, logger: logger}
	p.serve(ctx, listener)
	return <-stopped
}
