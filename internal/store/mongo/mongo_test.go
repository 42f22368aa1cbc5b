package mongo_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lantern/internal/fault"
	"lantern/internal/store"
	"lantern/internal/store/mongo"
	"lantern/internal/store/mongo/mongotest"
	"lantern/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	server := mongotest.Start(t)
	storetest.Run(t, storetest.Harness{
		Place: func(t *testing.T) func() (store.Engine, error) {
			uri := server.Database(t)
			return func() (store.Engine, error) { return mongo.Open(t.Context(), uri) }
		},
		Documents: 35,
		Writers:   200,
		Steps:     10,
	})
}

type entry struct {
	store.Meta
	Count int `json:"count"`
}

func increment(e *entry) error {
	e.Count++
	return nil
}

func openEntries(t *testing.T, uri string) (*store.DB, *store.Collection[entry]) {
	t.Helper()
	engine, err := mongo.Open(t.Context(), uri)
	if err != nil {
		t.Fatal(err)
	}
	db := store.Open(engine, store.CheckDecisions())
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	entries, err := store.Define[entry](t.Context(), db, "entries", store.Index{Name: "count", Fields: []string{"count"}})
	if err != nil {
		t.Fatal(err)
	}
	return db, entries
}

func insert(t *testing.T, entries *store.Collection[entry], id string) {
	t.Helper()
	if err := entries.Insert(t.Context(), &entry{Meta: store.Meta{ID: id}}); err != nil {
		t.Fatalf("inserting %s: %v", id, err)
	}
}

// TestManyProcesses has processes fight for one document: between them no
// updates are combined, so each save is a race.
func TestManyProcesses(t *testing.T) {
	t.Parallel()
	uri := mongotest.Start(t).Database(t)
	const processes, writers, rounds = 8, 16, 20
	var entries []*store.Collection[entry]
	for range processes {
		_, c := openEntries(t, uri)
		entries = append(entries, c)
	}
	insert(t, entries[0], "counter")
	var all sync.WaitGroup
	for n := range writers {
		all.Go(func() {
			for range rounds {
				if err := entries[n%processes].Update(t.Context(), "counter", increment); err != nil {
					t.Errorf("Update: %v", err)
				}
			}
		})
	}
	all.Wait()
	got, err := entries[0].Get(t.Context(), "counter")
	if err != nil {
		t.Fatal(err)
	}
	if got.Count != writers*rounds {
		t.Errorf("%d of %d increments were kept", got.Count, writers*rounds)
	}
	t.Logf("%d increments in %d saves", got.Count, got.Rev-1)
}

// TestServerRestart kills the server under load and starts it again: what was
// acknowledged is there, and the engine finds its way back by itself.
func TestServerRestart(t *testing.T) {
	t.Parallel()
	server := mongotest.StartFerret(t)
	db, entries := openEntries(t, server.URI()+"restart")
	insert(t, entries, "counter")
	var all, begun sync.WaitGroup
	var died atomic.Bool
	acknowledged, unknown := make([]int, 4), make([]int, 4)
	for n := range acknowledged {
		begun.Add(1)
		all.Go(func() {
			for !died.Load() {
				switch err := entries.Update(t.Context(), "counter", increment); {
				case err == nil:
					if acknowledged[n]++; acknowledged[n] == 1 {
						begun.Done()
					}
				case errors.Is(err, store.ErrUnavailable):
					unknown[n]++
				default:
					t.Errorf("Update while the server died: %v", err)
				}
			}
		})
	}
	begun.Wait()
	server.Kill()
	died.Store(true)

	short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := db.Ping(short); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Ping without a server: %v, want ErrUnavailable", err)
	}
	if err := entries.Insert(short, &entry{Meta: store.Meta{ID: "nowhere"}}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Insert without a server: %v, want ErrUnavailable", err)
	}

	server.Start()
	all.Wait() // an update that was waiting for a server may find the new one
	insert(t, entries, "after")
	got, err := entries.Get(t.Context(), "counter")
	if err != nil {
		t.Fatal(err)
	}
	least, most := 0, 0
	for n := range acknowledged {
		least += acknowledged[n]
		most += acknowledged[n] + unknown[n]
	}
	if got.Count < least || got.Count > most {
		t.Errorf("%d increments are there, between %d and %d were made", got.Count, least, most)
	}
}

// TestUnnoticedRestart: reads are repeated by the driver; of the writes only
// those that met a dead connection fail, and those are told that nobody knows.
func TestUnnoticedRestart(t *testing.T) {
	t.Parallel()
	server := mongotest.StartFerret(t)
	_, entries := openEntries(t, server.URI()+"restart")
	insert(t, entries, "a")
	server.Kill()
	server.Start()
	if _, err := entries.Get(t.Context(), "a"); err != nil {
		t.Errorf("Get after a restart: %v", err)
	}
	insert(t, entries, "b")

	server.Kill()
	server.Start()
	if err := entries.Insert(t.Context(), &entry{Meta: store.Meta{ID: "c"}}); err != nil && !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Insert after a restart: %v", err)
	}
	insert(t, entries, "d")
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = mongo.Open(ctx, "mongodb://keeper:hunter2@"+address+"/lantern")
	if !errors.Is(err, store.ErrUnavailable) || fault.KindOf(err) != fault.Unavailable {
		t.Errorf("Open = %v, want ErrUnavailable", err)
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error tells the password: %v", err)
	}
}

// TestSilentServer: a server that accepts connections and says nothing holds
// nobody up for longer than the context allows.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := mongo.Open(ctx, "mongodb://"+listener.Addr().String()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Open = %v, want ErrUnavailable", err)
	}
}

func TestBadURIs(t *testing.T) {
	t.Parallel()
	for _, uri := range []string{
		"", "store.db", "http://example.org/hunter2", "mongodb://", "mongodb://keeper:hunter2:@/",
		"mongodb://keeper:hunter2@localhost:port/", "mongodb://keeper:hunter2/@localhost/x", "mongodb://keeper:hunter2@localhost/?w=x&readPreference=x",
	} {
		engine, err := mongo.Open(t.Context(), uri)
		if err == nil {
			_ = engine.Close()
			t.Errorf("Open(%q) gave an engine", uri)
			continue
		}
		if errors.Is(err, store.ErrUnavailable) {
			t.Errorf("Open(%q) blames the server: %v", uri, err)
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Open(%q) tells the password: %v", uri, err)
		}
	}
}

// TestDatabaseName: the URI's path names the database.
func TestDatabaseName(t *testing.T) {
	t.Parallel()
	server := mongotest.StartFerret(t)
	_, unnamed := openEntries(t, server.URI())
	_, named := openEntries(t, server.URI()+"lantern")
	_, other := openEntries(t, server.URI()+"other?appName=x")
	insert(t, unnamed, "a")
	if _, err := named.Get(t.Context(), "a"); err != nil {
		t.Errorf("a URI without a database does not mean lantern: %v", err)
	}
	if _, err := other.Get(t.Context(), "a"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("two databases are one: %v", err)
	}
}
