package duck

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/weirflow/weir/fault"
)

// Limits of memory where the options say nothing.
const (
	mostMemory  = 1 << 30
	leastMemory = 64 << 20
)

// Options say how a database is opened. The zero value is a database in memory
// with a spool in the system's directory for temporary files.
type Options struct {
	// Dir is where the spool directory is made, and removed by Close.
	Dir string
	// Memory is how many bytes DuckDB may use before it spills to the spool; 0 is
	// a quarter of the machine's memory, 1 GB at most.
	Memory int64
	// Disk is how many bytes it may spill; 0 leaves it to the disk.
	Disk int64
	// Threads is how many it works with; 0 is one for each processor. With one,
	// aggregates that depend on the order of rows, sums of doubles among them,
	// give the same result each time.
	Threads int
	// File is a database file to attach as FileName, made when it is missing.
	// Whoever names it has made sure that the caller may write there.
	File string
	// ReadOnly opens File for reading.
	ReadOnly bool
}

// FileName is the name of the catalog that Options.File is attached as.
const FileName = "file"

// DB is one locked database. Its methods may be called by one goroutine at a
// time.
type DB struct {
	sql   *sql.DB
	spool string
	disk  int64
	n     int // for names of spool files and results
}

// Open opens a database that can reach its spool directory and nothing else.
// Close must be called.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Memory == 0 {
		o.Memory = defaultMemory()
	}
	if o.Threads == 0 {
		o.Threads = runtime.NumCPU()
	}
	spool, err := os.MkdirTemp(o.Dir, "duck-") // 0700
	if err != nil {
		return nil, fault.New("duck_spool", "directory", o.Dir).Because(err)
	}
	if spool, err = filepath.Abs(spool); err != nil {
		return nil, fault.New("duck_spool", "directory", o.Dir).Because(err)
	}
	db := &DB{spool: spool, disk: o.Disk}
	if err := db.open(ctx, o); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *DB) open(ctx context.Context, o Options) error {
	if strings.ContainsAny(db.spool, "*?[]{}\\") {
		// DuckDB would take the path as a pattern of several.
		return fault.New("duck_spool_name", "directory", o.Dir).Permanent()
	}
	connector, err := duckdb.NewConnector("", func(driver.ExecerContext) error { return nil })
	if err != nil {
		return fmt.Errorf("open DuckDB: %w", err)
	}
	db.sql = sql.OpenDB(connector)
	// One connection: its settings are the database's, and nobody waits for a lock.
	db.sql.SetMaxOpenConns(1)
	for _, s := range db.settings(o) {
		if _, err := db.sql.ExecContext(ctx, s); err != nil {
			if f := busy(o.File, err); f != nil {
				return f
			}
			return db.wrong(fmt.Errorf("set up DuckDB: %w", err))
		}
	}
	return nil
}

// settings are the statements that lock the database, in the order that works:
// what is allowed before all else is forbidden, and the lock last.
func (db *DB) settings(o Options) []string {
	set := []string{
		"SET temp_directory=" + literal(filepath.Join(db.spool, "spill")),
		"SET memory_limit=" + literal(fmt.Sprintf("%dB", o.Memory)),
		fmt.Sprintf("SET threads=%d", o.Threads),
		"SET TimeZone='UTC'",
		"SET preserve_insertion_order=true",
		"SET autoinstall_known_extensions=false",
		"SET autoload_known_extensions=false",
		"SET allow_community_extensions=false",
		"SET allow_persistent_secrets=false",
	}
	if o.Disk > 0 {
		set = append(set, "SET max_temp_directory_size="+literal(fmt.Sprintf("%dB", o.Disk)))
	}
	if o.File != "" {
		attach := "ATTACH " + literal(o.File) + " AS " + Ident(FileName)
		if o.ReadOnly {
			attach += " (READ_ONLY)"
		}
		set = append(set, attach)
	}
	return append(set,
		"SET allowed_directories=["+literal(db.spool)+"]",
		"SET enable_external_access=false",
		"SET lock_configuration=true")
}

// Spool returns the directory that the database may read and write. It is gone
// after Close.
func (db *DB) Spool() string { return db.spool }

// Close closes the database and removes its spool.
func (db *DB) Close() error {
	var err error
	if db.sql != nil {
		err = db.sql.Close()
	}
	if rerr := os.RemoveAll(db.spool); rerr != nil {
		err = errors.Join(err, fmt.Errorf("remove spool of DuckDB: %w", rerr))
	}
	return err
}

// Exec runs a statement of ours, never one that a person wrote, and returns how
// many rows it changed.
func (db *DB) Exec(ctx context.Context, statement string, args ...any) (int64, error) {
	r, err := db.sql.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, db.wrong(err)
	}
	n, err := r.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("count rows of DuckDB: %w", err)
	}
	return n, nil
}

// Row runs a query of ours and scans its only row.
func (db *DB) Row(ctx context.Context, query string, into ...any) error {
	return db.RowWith(ctx, query, nil, into...)
}

// RowWith is Row for a query with arguments.
func (db *DB) RowWith(ctx context.Context, query string, args []any, into ...any) error {
	if err := db.sql.QueryRowContext(ctx, query, args...).Scan(into...); err != nil {
		return db.wrong(err)
	}
	return nil
}

// Spilled returns how many bytes lie in the directory that DuckDB spills to.
func (db *DB) Spilled() int64 {
	var sum int64
	entries, err := os.ReadDir(filepath.Join(db.spool, "spill"))
	if err != nil {
		return 0 // it is made with the first spill
	}
	for _, e := range entries {
		if i, err := e.Info(); err == nil {
			sum += i.Size()
		}
	}
	return sum
}

// file returns the path of a new file in the spool.
func (db *DB) file(ext string) string {
	db.n++
	return filepath.Join(db.spool, fmt.Sprintf("%d.%s", db.n, ext))
}

// Ident quotes a name for SQL.
func Ident(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// literal quotes a text for SQL.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
