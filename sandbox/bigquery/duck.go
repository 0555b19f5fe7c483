package bigquery

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"path/filepath"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// spoolName is the directory under a Server's own in which uploads wait: the
// one place that the database can read.
const spoolName = "spool"

// openDuck opens a database that reads no file outside of dir's spool, loads
// nothing and cannot be set otherwise.
func openDuck(ctx context.Context, dir string, onDisk bool) (*sql.DB, error) {
	dsn := ""
	if onDisk {
		dsn = filepath.Join(dir, "tables.duckdb")
	}
	connector, err := duckdb.NewConnector(dsn, nil)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	spool := quoteText(filepath.Join(dir, spoolName))
	for _, q := range []string{
		"SET GLOBAL TimeZone = 'UTC'",
		"SET allowed_directories = [" + spool + "]",
		"SET temp_directory = " + spool,
		"SET memory_limit = '2GB'",
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET allow_community_extensions = false",
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			_ = db.Close() // the first error tells more
			return nil, err
		}
	}
	for _, q := range macros {
		if _, err := db.ExecContext(ctx, "CREATE OR REPLACE MACRO "+q); err != nil {
			_ = db.Close()
			return nil, err
		}
	}
	return db, nil
}

// quoteName returns a name as DuckDB takes any name.
func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// quoteText returns a string literal.
func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// transact runs f in a transaction that is rolled back if f fails.
func (s *Server) transact(ctx context.Context, f func(*sql.Conn) error) error {
	c, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	if err := f(c); err != nil {
		_, _ = c.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // fails if DuckDB has rolled back already
		return err
	}
	_, err = c.ExecContext(ctx, "COMMIT")
	return err
}

// appendRows appends what next returns, until nil, to a table of the
// connection's transaction.
func appendRows(c *sql.Conn, table string, next func() ([]driver.Value, error)) error {
	return c.Raw(func(raw any) error {
		a, err := duckdb.NewAppenderFromConn(raw.(driver.Conn), "", table)
		if err != nil {
			return err
		}
		for {
			row, err := next()
			if err == nil && row != nil {
				err = a.AppendRow(row...)
			}
			if err != nil {
				_ = a.Close() // what it appended is rolled back
				return err
			}
			if row == nil {
				return a.Close()
			}
		}
	})
}
