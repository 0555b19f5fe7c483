package duck

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// Day is a value for a query's argument: the date on which t lies.
func Day(t time.Time) any { return duckdb.Typed(t, duckdb.TYPE_DATE) }

// Moment is a value for a query's argument: the point in time t.
func Moment(t time.Time) any { return duckdb.Typed(t.UTC(), duckdb.TYPE_TIMESTAMP_TZ) }

// EmptyFile returns the bytes of a database file without tables. Dir is where it
// is made for a moment.
func EmptyFile(ctx context.Context, dir string) (content []byte, err error) {
	spool, err := os.MkdirTemp(dir, "duck-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(spool)) }()
	path := filepath.Join(spool, "empty.duckdb")
	db, err := Open(ctx, Options{Dir: spool, Threads: 1, File: path})
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}
