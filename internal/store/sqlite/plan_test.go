package sqlite

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lantern/internal/store"
)

// TestFindUsesTheIndex: neither a search nor a sort may look at all documents.
func TestFindUsesTheIndex(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e, err := Open(ctx, filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	due := store.ResolvedIndex{Name: "due", Fields: []store.IndexedField{
		{Path: "state", Kind: store.KindString}, {Path: "next.due_at", Kind: store.KindTime},
	}}
	if err := e.Prepare(ctx, store.Schema{Collection: "events", Indexes: []store.ResolvedIndex{due}}); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2027, 3, 14, 0, 0, 0, 0, time.UTC)
	for name, scan := range map[string]store.Scan{
		"all":        {},
		"of a state": {Equal: []any{"open"}},
		"due":        {Equal: []any{"open"}, To: now},
		"next page":  {Equal: []any{"open"}, From: now, After: []any{now, "x"}},
		"backwards":  {Equal: []any{"open"}, To: now, After: []any{now, "x"}, Desc: true},
		"one time":   {Equal: []any{"open", now}},
	} {
		scan.Index, scan.Limit = due, 10
		find, args := findSQL(`"events"`, scan)
		wantIndex(t, e, name, find, args)
		count, args := countSQL(`"events"`, scan)
		wantIndex(t, e, "count of the first of "+name, count, args)
		scan.Limit = 0
		count, args = countSQL(`"events"`, scan)
		wantIndex(t, e, "count of "+name, count, args)
	}
}

func wantIndex(t *testing.T, e *Engine, name, query string, args []any) {
	t.Helper()
	rows, err := e.reads.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(detail, "CO-ROUTINE") && !strings.HasPrefix(detail, "SCAN (") { // a count that stops
			plan = append(plan, detail)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(plan, "; ")
	if len(plan) != 1 || !strings.HasPrefix(text, "SEARCH") || !strings.Contains(text, "INDEX events.due") || strings.Contains(text, "TEMP B-TREE") {
		t.Errorf("%s: the plan is: %s", name, text)
	}
}
