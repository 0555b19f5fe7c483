package duck

import (
	"context"

	"github.com/weirflow/weir/record"
)

// Bind returns the columns that a SELECT makes of the tables that are there, as
// Query would, without looking at a row. bound tells that it fits them: what is
// wrong then lies in values, not in names and types, and depends on the rows.
func (db *DB) Bind(ctx context.Context, query string, args ...any) (schema *record.Schema, bound bool, err error) {
	query = "(" + unended(query) + "\n)"
	names, _, err := db.columns(ctx, query, false)
	if err == nil {
		err = distinctNames(names)
	}
	if err != nil {
		return nil, false, err
	}
	const table = `"weir bound"`
	if _, err := db.Exec(ctx, "CREATE TABLE "+table+" AS SELECT * FROM "+query+" LIMIT 0", args...); err != nil {
		return nil, true, err
	}
	schema, err = db.Columns(ctx, table)
	return schema, false, err
}
