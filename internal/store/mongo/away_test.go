package mongo

import (
	"errors"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/mongo/description"

	"lantern/internal/store"
	"lantern/internal/store/mongo/mongotest"
)

// TestPatience: an election and a restart are waited for by all who come
// meanwhile, and no longer; what is away is looked for briefly.
func TestPatience(t *testing.T) {
	t.Parallel()
	set := func(kinds ...description.ServerKind) description.Topology {
		d := description.Topology{Kind: description.ReplicaSetNoPrimary}
		for _, kind := range kinds {
			d.Servers = append(d.Servers, description.Server{Kind: kind})
		}
		return d
	}
	single := func(kind description.ServerKind) description.Topology {
		return description.Topology{Kind: description.Single, Servers: []description.Server{{Kind: kind}}}
	}
	const unknown = description.Unknown
	type seen struct {
		after time.Duration
		what  description.Topology
	}
	for about, c := range map[string]struct {
		seen []seen
		at   time.Duration
		want time.Duration
	}{
		"a set with its primary":           {[]seen{{0, set(description.RSSecondary, description.RSPrimary)}}, time.Hour, operationTimeout},
		"a sharded cluster":                {[]seen{{0, set(unknown, description.Mongos)}}, time.Hour, operationTimeout},
		"a server":                         {[]seen{{0, single(description.Standalone)}}, time.Hour, operationTimeout},
		"an election has just begun":       {[]seen{{0, set(description.RSSecondary, unknown)}}, 0, electionTime},
		"it has begun 7 seconds ago":       {[]seen{{0, set(description.RSSecondary, unknown)}}, 7 * time.Second, 5 * time.Second},
		"more is seen of it":               {[]seen{{0, set(description.RSPrimary)}, {time.Second, set(unknown)}, {6 * time.Second, set(description.RSSecondary)}}, 8 * time.Second, 5 * time.Second},
		"nobody was elected":               {[]seen{{0, set(description.RSSecondary)}}, time.Minute, glanceTime},
		"it ended, and another one began":  {[]seen{{0, set(unknown)}, {10 * time.Second, set(description.RSPrimary)}, {time.Minute, set(unknown)}}, time.Minute, electionTime},
		"a server has just gone":           {[]seen{{0, single(description.Standalone)}, {time.Second, single(unknown)}}, time.Second, restartTime},
		"a server has gone for good":       {[]seen{{0, single(unknown)}}, restartTime, glanceTime},
		"a server is back after long time": {[]seen{{0, single(unknown)}, {time.Hour, single(description.Standalone)}}, time.Hour, operationTimeout},
	} {
		start := time.Date(2027, 1, 11, 12, 0, 0, 0, time.UTC)
		var w watch
		for _, s := range c.seen {
			w.see(s.what, start.Add(s.after))
		}
		if got := w.patience(start.Add(c.at)); got != c.want {
			t.Errorf("%s: %s, want %s", about, got, c.want)
		}
	}
}

// TestAServerIsMissedAndFoundAgain on a real one: the driver says when it goes and
// when it is back.
func TestAServerIsMissedAndFoundAgain(t *testing.T) {
	t.Parallel()
	server := mongotest.StartFerret(t)
	e, err := Open(t.Context(), server.URI()+"lantern")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	if got := e.watch.patience(time.Now()); got != operationTimeout {
		t.Errorf("while it is there, one waits %s", got)
	}
	server.Kill()
	if err := e.Ping(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("without a server: %v", err)
	}
	// Whoever asks now does not have the time of those who came before.
	if got := e.watch.patience(time.Now().Add(restartTime)); got != glanceTime {
		t.Errorf("when it is known to be away, one waits %s", got)
	}
	server.Start()
	for tries := 0; e.Ping(t.Context()) != nil; tries++ {
		if tries == 100 {
			t.Fatal("it is not found again")
		}
	}
	if got := e.watch.patience(time.Now()); got != operationTimeout {
		t.Errorf("when it is back, one waits %s", got)
	}
}
