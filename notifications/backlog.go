package notifications

import (
	"context"
	"time"

	"lantern/internal/jobs"
	"lantern/internal/store"
)

// Backlog is what is due and unsent, whether it waits for its turn or, after a
// try that failed, for the next. What is held back by staff does not wait.
func (s *Service) Backlog(ctx context.Context, now time.Time) (jobs.Backlog, error) {
	b := jobs.Backlog{Work: "messages"}
	wait := func(m *Message) {
		b.Waiting++
		if b.Since == nil || m.DueAt.Before(*b.Since) {
			due := m.DueAt
			b.Since = &due
		}
	}
	for _, state := range []State{Planned, Sending} {
		q := store.Query{Index: byNext, Equal: []any{state}, To: now}
		n, err := s.messages.Count(ctx, q)
		if err != nil {
			return b, err
		}
		q.Limit = mostCounted
		first, err := s.messages.Find(ctx, q)
		if err != nil {
			return b, err
		}
		for _, m := range first.Items {
			wait(m)
		}
		b.Waiting += n - int64(len(first.Items))
	}
	// What failed is tried again within the longest pause.
	q := store.Query{Index: byNext, Equal: []any{Planned}, From: now, To: now.Add(mostPause + time.Millisecond), Limit: mostCounted}
	retried, err := s.messages.Find(ctx, q)
	for _, m := range retried.Items {
		if m.Tries > 0 && m.DueAt.Before(now) {
			wait(m)
		}
	}
	return b, err
}

// mostCounted bounds how many messages are looked at to find the oldest.
const mostCounted = 500

// CountIn says how many messages are in a state, most at the most: beyond that
// nobody wants to know it enough to count what years have brought.
func (s *Service) CountIn(ctx context.Context, state State, most int) (int, error) {
	n, err := s.messages.Count(ctx, store.Query{Index: byState, Equal: []any{state}, Limit: most})
	return int(n), err
}

// CountStates says how many messages are in each state.
func (s *Service) CountStates(ctx context.Context) (map[State]int64, error) {
	counts := map[State]int64{}
	for _, state := range States {
		n, err := s.messages.Count(ctx, store.Query{Index: byState, Equal: []any{state}})
		if err != nil {
			return nil, err
		}
		counts[state] = n
	}
	return counts, nil
}
