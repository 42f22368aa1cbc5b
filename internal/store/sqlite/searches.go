package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// mostSearches bounds how many statements are kept. A program has a few for
// each of its indexes; what comes after that many is prepared each time.
const mostSearches = 250

// searches keeps the prepared statements of searches by their text, which
// tells the collection and the shape of the search, and none of its values.
type searches struct {
	reads *sql.DB

	mu       sync.RWMutex
	prepared map[string]*sql.Stmt
	closed   bool
}

func (s *searches) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	statement, err := s.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if statement == nil {
		return s.reads.QueryContext(ctx, text, args...)
	}
	return statement.QueryContext(ctx, args...)
}

// statement gives the prepared statement, or nil if it is none of those that
// are kept.
func (s *searches) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	s.mu.RLock()
	known, full := s.prepared[text], s.closed || len(s.prepared) >= mostSearches
	s.mu.RUnlock()
	if known != nil || full {
		return known, nil
	}
	made, err := s.reads.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	known, full = s.prepared[text], s.closed || len(s.prepared) >= mostSearches
	if known != nil || full { // somebody else was faster
		return known, made.Close()
	}
	s.prepared[text] = made
	return made, nil
}

// close closes the statements; those in use end first.
func (s *searches) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	var errs []error
	for _, statement := range s.prepared {
		errs = append(errs, statement.Close())
	}
	clear(s.prepared)
	return errors.Join(errs...)
}
