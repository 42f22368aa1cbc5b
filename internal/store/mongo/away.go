package mongo

import (
	"slices"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/event"
	"go.mongodb.org/mongo-driver/mongo/description"
)

// How long an operation may wait for a server that can take it follows from how
// long there has been none, not from when the operation came: who comes while a
// replica set elects waits for the end of it with all others, and who comes when
// that time is over is told at once, instead of holding a connection, and its
// visitor, for nothing.
const (
	// electionTime is how long a set may be without a primary before it counts as
	// away. Members miss a silent primary after 10 seconds (electionTimeoutMillis)
	// and vote within two more (mongodb.com/docs/manual/core/replica-set-elections).
	electionTime = 12 * time.Second
	// restartTime is the same for one server, which nobody stands in for: about
	// what it takes to start it again.
	restartTime = 5 * time.Second
	// glanceTime is how long one waits for what is known to be away. The driver
	// looks twice a second for those who wait, so that whoever comes first when it
	// is back finds it.
	glanceTime = time.Second
)

// loss is since when there is no server that takes writes, and for how long that
// is no more than a hiccup.
type loss struct {
	at     time.Time
	hiccup time.Duration
}

// watch keeps in mind since when there is no server, by what the driver sees.
type watch struct{ lost atomic.Pointer[loss] }

func (w *watch) monitor() *event.ServerMonitor {
	return &event.ServerMonitor{TopologyDescriptionChanged: func(e *event.TopologyDescriptionChangedEvent) {
		w.see(e.NewDescription, time.Now())
	}}
}

// see takes a description of the servers. The driver gives one after the other.
func (w *watch) see(d description.Topology, now time.Time) {
	switch takes := slices.ContainsFunc(d.Servers, takesWrites); {
	case takes:
		w.lost.Store(nil)
	case w.lost.Load() == nil:
		hiccup := electionTime
		if d.Kind == description.Single {
			hiccup = restartTime
		}
		w.lost.Store(&loss{at: now, hiccup: hiccup})
	}
}

func takesWrites(s description.Server) bool {
	switch s.Kind {
	case description.Standalone, description.RSPrimary, description.Mongos, description.LoadBalancer:
		return true
	}
	return false
}

// patience is how long an operation that comes now may take.
func (w *watch) patience(now time.Time) time.Duration {
	lost := w.lost.Load()
	if lost == nil {
		return operationTimeout
	}
	return max(glanceTime, lost.hiccup-now.Sub(lost.at))
}
