package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strings"
	"time"

	"lantern/internal/store"
)

// table is one collection: its statements for single documents.
type table struct {
	name                             string // quoted
	insertSQL, replaceSQL, deleteSQL string
	get, rev                         *sql.Stmt
}

func (t *table) prepare(ctx context.Context, conn *sql.Conn, schema store.Schema) error {
	t.insertSQL = "INSERT INTO " + t.name + " (id, rev, body) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING"
	t.replaceSQL = "UPDATE " + t.name + " SET rev = ?, body = ? WHERE id = ? AND rev = ?"
	t.deleteSQL = "DELETE FROM " + t.name + " WHERE id = ? AND rev = ?"
	_, err := conn.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS "+t.name+
		" (id TEXT NOT NULL PRIMARY KEY, rev INTEGER NOT NULL, body TEXT NOT NULL)")
	if err != nil {
		return fmt.Errorf("making table %s: %w", t.name, err)
	}
	columns, err := t.columns(ctx, conn)
	if err != nil {
		return err
	}
	for _, index := range schema.Indexes {
		if err := t.prepareIndex(ctx, conn, index, columns); err != nil {
			return fmt.Errorf("making index %s of %s: %w", index.Name, t.name, err)
		}
	}
	return nil
}

func (t *table) prepareIndex(ctx context.Context, conn *sql.Conn, index store.ResolvedIndex, columns map[string]bool) error {
	// The name tells the fields, so that an index whose fields have changed is
	// made anew beside the old one.
	name := strings.Trim(t.name, `"`) + "." + index.Name
	var keys []string
	for _, field := range index.Fields {
		column := column(field)
		if !columns[column] {
			_, err := conn.ExecContext(ctx, "ALTER TABLE "+t.name+" ADD COLUMN "+quote(column)+
				" GENERATED ALWAYS AS ("+generated(field)+") VIRTUAL")
			if err != nil {
				return err
			}
			columns[column] = true
		}
		name += " " + column
		keys = append(keys, quote(column))
	}
	_, err := conn.ExecContext(ctx, "CREATE INDEX IF NOT EXISTS "+quote(name)+" ON "+t.name+
		" ("+strings.Join(keys, ", ")+", id)")
	return err
}

// columns names the table's columns, the generated ones too.
func (t *table) columns(ctx context.Context, conn *sql.Conn) (map[string]bool, error) {
	rows, err := conn.QueryContext(ctx, "SELECT name FROM pragma_table_xinfo(?)", strings.Trim(t.name, `"`))
	if err != nil {
		return nil, fmt.Errorf("reading the columns of %s: %w", t.name, err)
	}
	defer rows.Close()
	columns := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("reading the columns of %s: %w", t.name, err)
		}
		columns[name] = true
	}
	return columns, rows.Err()
}

func (t *table) prepareReads(ctx context.Context, reads *sql.DB) (err error) {
	if t.get, err = reads.PrepareContext(ctx, "SELECT rev, body FROM "+t.name+" WHERE id = ?"); err != nil {
		return fmt.Errorf("preparing reads of %s: %w", t.name, err)
	}
	if t.rev, err = reads.PrepareContext(ctx, "SELECT rev FROM "+t.name+" WHERE id = ?"); err != nil {
		return fmt.Errorf("preparing reads of %s: %w", t.name, err)
	}
	return nil
}

// timeLayout is how times stand in their columns: fixed in width, so that the
// order of the text is the order of time.
const timeLayout = "2006-01-02T15:04:05.000"

// column names the generated column of a field. The kind is part of the name,
// so that a field whose kind has changed gets a new column. Fields that are
// called like the table's own columns get others; rev is the same in both.
func column(field store.IndexedField) string {
	switch {
	case field.Kind == store.KindTime:
		return field.Path + "@"
	case field.Path == "id", field.Path == "body":
		return field.Path + "."
	}
	return field.Path
}

func generated(field store.IndexedField) string {
	path := "'$"
	for step := range strings.SplitSeq(field.Path, ".") {
		path += `."` + strings.ReplaceAll(step, "'", "''") + `"`
	}
	extract := "json_extract(body, " + path + "')"
	if field.Kind == store.KindTime {
		// JSON leaves out trailing zeros of the fraction; strftime puts them
		// back. SQLite computes with whole milliseconds, so nothing is rounded.
		return "strftime('%Y-%m-%dT%H:%M:%f', " + extract + ")"
	}
	return extract
}

func findSQL(table string, scan store.Scan) (string, []any) {
	where, args := conditions(scan)
	direction := ""
	if scan.Desc {
		direction = " DESC"
	}
	var order []string
	for _, field := range scan.Ordered() {
		order = append(order, quote(column(field))+direction)
	}
	order = append(order, "id"+direction)
	return "SELECT id, rev, body FROM " + table + where + " ORDER BY " + strings.Join(order, ", ") + " LIMIT ?",
		append(args, scan.Limit)
}

// revsSQL asks for a power of two of documents, the last one as often as it
// takes, so that there are few statements to prepare.
func revsSQL(table string, ids []string) (string, []any) {
	marks := 1
	for marks < len(ids) {
		marks *= 2
	}
	args := make([]any, marks)
	for i := range args {
		args[i] = ids[min(i, len(ids)-1)]
	}
	return "SELECT id, rev FROM " + table + " WHERE id IN (?" + strings.Repeat(", ?", marks-1) + ")", args
}

func countSQL(table string, scan store.Scan) (string, []any) {
	scan.After = nil
	where, args := conditions(scan)
	if scan.Limit == 0 {
		return "SELECT count(*) FROM " + table + where, args
	}
	return "SELECT count(*) FROM (SELECT 1 FROM " + table + where + " LIMIT ?)", append(args, scan.Limit)
}

func conditions(scan store.Scan) (string, []any) {
	var terms []string
	var args []any
	add := func(term string, values ...any) {
		terms = append(terms, term)
		for _, value := range values {
			args = append(args, toColumn(value))
		}
	}
	for i, value := range scan.Equal {
		add(quote(column(scan.Index.Fields[i]))+" = ?", value)
	}
	var ordered []string
	for i, field := range scan.Ordered() {
		ordered = append(ordered, quote(column(field)))
		switch {
		case i > 0:
			add(quote(column(field)) + " IS NOT NULL")
		case scan.From == nil:
			// Said as a bound, it is where a search begins. For IS NOT NULL alone
			// SQLite counts by reading every document.
			add(ordered[0]+" >= ?", least(field.Kind))
		default:
			add(ordered[0]+" >= ?", scan.From)
		}
	}
	if scan.To != nil {
		add(ordered[0]+" < ?", scan.To)
	}
	if scan.After != nil {
		compare := " > "
		if scan.Desc {
			compare = " < "
		}
		marks := strings.TrimSuffix(strings.Repeat("?, ", len(scan.After)), ", ")
		add("("+strings.Join(append(ordered, "id"), ", ")+")"+compare+"("+marks+")", scan.After...)
	}
	if len(terms) == 0 {
		return "", args
	}
	return " WHERE " + strings.Join(terms, " AND "), args
}

// least is not above any value of the kind.
func least(kind store.Kind) any {
	if kind == store.KindInt || kind == store.KindBool {
		return int64(math.MinInt64)
	}
	return "" // times are text
}

func toColumn(value any) any {
	switch v := value.(type) {
	case time.Time:
		return v.UTC().Format(timeLayout)
	case bool:
		if v {
			return 1
		}
		return 0
	}
	return value
}
