package main

import (
	"context"
	"errors"

	"lantern/internal/store"
	"lantern/internal/store/memory"
)

// gate is the store as one process sees it: it may die at a write, and the engine
// may answer with errors, before and after what was asked has happened.
type gate struct {
	*memory.Engine // for what asks nothing of the documents
	process        *process
}

// errEngine is what an engine says that cannot be reached.
var errEngine = store.ErrUnavailable.Because(errors.New("the engine does not answer"))

func (g *gate) Get(ctx context.Context, collection, id string) (store.Record, error) {
	if err := g.fails(); err != nil {
		return store.Record{}, err
	}
	return g.process.world.disk.Get(ctx, collection, id)
}

func (g *gate) Rev(ctx context.Context, collection, id string) (int64, error) {
	if err := g.fails(); err != nil {
		return 0, err
	}
	return g.process.world.disk.Rev(ctx, collection, id)
}

func (g *gate) Find(ctx context.Context, collection string, scan store.Scan) ([]store.Record, error) {
	if err := g.fails(); err != nil {
		return nil, err
	}
	return g.process.world.disk.Find(ctx, collection, scan)
}

// fails is how a reading fails, if it does.
func (g *gate) fails() error {
	p := g.process
	if p.dead {
		return errEngine
	}
	p.world.calls(p)
	if bad := &p.world.weather.engine; bad.reads > 0 {
		bad.reads--
		p.world.stumbled = true
		return errEngine
	}
	return nil
}

func (g *gate) Insert(ctx context.Context, collection string, r store.Record) error {
	return g.write(collection, r.ID, r.Rev, func(d *disk) error { return d.Insert(ctx, collection, r) })
}

func (g *gate) Replace(ctx context.Context, collection string, r store.Record, rev int64) error {
	return g.write(collection, r.ID, r.Rev, func(d *disk) error { return d.Replace(ctx, collection, r, rev) })
}

func (g *gate) Delete(ctx context.Context, collection, id string, rev int64) error {
	return g.write(collection, id, 0, func(d *disk) error { return d.Delete(ctx, collection, id, rev) })
}

// write lets a write through, unless it is the one at which the process dies or
// the engine fails. What was answered well is noted: it has to be there from now
// on. A rev of 0 is a document that is gone.
func (g *gate) write(collection, id string, rev int64, do func(*disk) error) error {
	p, w := g.process, g.process.world
	if p.dead {
		return errEngine
	}
	w.calls(p)
	if p.dies > 0 {
		if p.dies--; p.dies == 0 {
			w.say("process %d dies at its write of %s %s (written: %v)", p.n+1, collection, id, p.written)
			p.dead, w.stumbled = true, true
			if p.written {
				_ = do(w.disk) // nobody hears the answer
			}
			return errEngine
		}
	}
	if bad := &w.weather.engine; bad.writes > 0 {
		bad.writes--
		w.stumbled = true
		if bad.after {
			_ = do(w.disk) // nobody hears the answer
		}
		return errEngine
	}
	err := do(w.disk)
	if err == nil {
		w.account.acknowledged(collection, id, rev)
	}
	return err
}

// disk is what really is stored, and by what mistakes it may be planted with.
type disk struct {
	*memory.Engine
	world *world
}

func (d *disk) Get(ctx context.Context, collection, id string) (store.Record, error) {
	r, err := d.Engine.Get(ctx, collection, id)
	if err == nil {
		r = d.world.misread(collection, r)
	}
	return r, err
}

func (d *disk) Insert(ctx context.Context, collection string, r store.Record) error {
	r, lost := d.world.miswrite(collection, r)
	if lost {
		return nil
	}
	return d.saw(collection, r, d.Engine.Insert(ctx, collection, r))
}

func (d *disk) Replace(ctx context.Context, collection string, r store.Record, rev int64) error {
	r, lost := d.world.miswrite(collection, r)
	if lost {
		return nil
	}
	return d.saw(collection, r, d.Engine.Replace(ctx, collection, r, rev))
}

func (d *disk) Delete(ctx context.Context, collection, id string, rev int64) error {
	err := d.Engine.Delete(ctx, collection, id, rev)
	if err == nil {
		d.world.account.changed(collection, id)
		d.world.account.gone[ref{collection, id}] = true
	}
	return err
}

func (d *disk) saw(collection string, r store.Record, err error) error {
	if err == nil {
		d.world.account.changed(collection, r.ID)
		if collection == "cohorts" {
			d.world.account.sawCohort(r)
		}
	}
	return err
}
