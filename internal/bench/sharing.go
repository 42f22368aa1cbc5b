package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"lantern/internal/store"
)

const (
	// sharedMails are due at once, and the server takes farAway for each, as one on
	// the other side of an ocean does.
	sharedMails = 2000
	farAway     = 30 * time.Millisecond
	// sharedOver is over how many connections each sends, as the program does where
	// nothing else is said.
	sharedOver = 4
)

// measureSharing sends what is due with one, two and three services on one store,
// each with connections of its own, as so many processes would.
func measureSharing(ctx context.Context, _ string, rounds int) error {
	var faster [4][]float64
	var vain [4]float64
	for range min(rounds, 3) {
		alone := 0.0
		for n := 1; n <= 3; n++ {
			took, lost, err := shareOnce(ctx, n)
			if err != nil {
				return err
			}
			if n == 1 {
				alone = took
			}
			faster[n], vain[n] = append(faster[n], alone/took), lost
		}
	}
	for n := 2; n <= 3; n++ {
		note("sharing", fmt.Sprintf("%d services: %.2g claims in vain for each mail", n, vain[n]/sharedMails))
		figure(fmt.Sprint("dispatch_processes_", n), median(faster[n]), "ratio")
	}
	return nil
}

// shareOnce gives how long so many services take, in seconds, and how many saves
// came too late.
func shareOnce(ctx context.Context, services int) (took, vain float64, err error) {
	server, err := openSink()
	if err != nil {
		return 0, 0, err
	}
	server.takes = farAway
	defer func() { err = errors.Join(err, server.close()) }()
	dir, err := os.MkdirTemp("", "lantern-bench-")
	if err != nil {
		return 0, 0, err
	}
	var all []*mailing
	var counted []*stale
	defer func() {
		for _, m := range all {
			err = errors.Join(err, m.close())
		}
	}()
	for range services {
		late := &stale{}
		r, err := openRecordsOn(ctx, dir, nil, func(e store.Engine) store.Engine {
			late.Engine = e
			return late
		})
		if err != nil {
			return 0, 0, err
		}
		m, err := mailingOf(ctx, r, dir, server.address, sharedOver)
		if err != nil {
			return 0, 0, err
		}
		all, counted = append(all, m), append(counted, late)
	}
	if all[0].like, err = all[0].couple(ctx); err != nil {
		return 0, 0, err
	}
	if err := all[0].addCouples(ctx, "shared", sharedMails/2, isConfirmed); err != nil {
		return 0, 0, err
	}
	errs := make([]error, services)
	var sending sync.WaitGroup
	start := time.Now()
	for i, m := range all {
		sending.Go(func() { errs[i] = m.notices.DispatchDue(ctx, clock()) })
	}
	sending.Wait()
	took = time.Since(start).Seconds()
	for _, late := range counted {
		vain += float64(late.saves())
	}
	if err := errors.Join(errs...); err != nil {
		return 0, 0, err
	}
	if n := server.count(); n != sharedMails {
		return 0, 0, fmt.Errorf("%d mails arrived, not %d", n, sharedMails)
	}
	return took, vain, nil
}

// stale counts the saves that found somebody else had been faster.
type stale struct {
	store.Engine
	mu   sync.Mutex
	late int
}

func (s *stale) Replace(ctx context.Context, collection string, r store.Record, rev int64) error {
	err := s.Engine.Replace(ctx, collection, r, rev)
	if errors.Is(err, store.ErrStale) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.late++
	}
	return err
}

func (s *stale) saves() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.late
}
