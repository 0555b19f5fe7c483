package join

import (
	"context"

	"github.com/weirflow/weir/processors/duck"
)

// The table functions that the sides' rows come in by.
const (
	leftRows  = "left_rows"
	leftKeys  = "left_keys"
	rightRows = "right_rows"
	rightKeys = "right_keys"
)

// sortOf is the query that sorts a side: the texts begin with the key and then
// the row's number, so one order of bytes is that of both.
func sortOf(rows string) string { return "SELECT x FROM " + rows + "() ORDER BY x" }

// countRight makes a table of the right side's keys and how often each stands.
// NULL is the key of the rows that match nothing.
func countRight(first bool) string {
	n := "count(*)"
	if first {
		n = "1"
	}
	return "CREATE TABLE right_counts AS SELECT x, count(*) AS n, CASE WHEN x IS NULL THEN 0 ELSE " + n + " END AS used FROM " + rightKeys + "() GROUP BY x"
}

// countJoin counts what the join of the keys gives.
const countJoin = "SELECT coalesce(sum(r.used) FILTER (l.here AND r.n IS NOT NULL), 0)::BIGINT, " +
	"count(*) FILTER (l.here AND r.n IS NOT NULL), " +
	"count(*) FILTER (l.here AND r.n IS NULL), " +
	"coalesce(sum(r.n) FILTER (l.here IS NULL), 0)::BIGINT, " +
	"coalesce(max(r.used) FILTER (l.here AND r.n IS NOT NULL), 0) " +
	"FROM (SELECT x, true AS here FROM " + leftKeys + "()) l FULL JOIN right_counts r ON l.x = r.x"

// predict counts by a hash join over the keys what the merge has to give.
func predict(ctx context.Context, db *duck.DB, first bool) (tally, error) {
	var t tally
	if _, err := db.Exec(ctx, countRight(first)); err != nil {
		return t, err
	}
	if err := db.Row(ctx, countJoin, &t.pairs, &t.matchedLeft, &t.aloneLeft, &t.aloneRight, &t.fanOut); err != nil {
		return t, err
	}
	_, err := db.Exec(ctx, "DROP TABLE right_counts")
	return t, err
}

// size is how many rows the result has.
func (t *tally) size(kind string) int64 {
	switch kind {
	case kindLeft:
		return t.pairs + t.aloneLeft
	case kindFull:
		return t.pairs + t.aloneLeft + t.aloneRight
	}
	return t.pairs
}
