package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// duckTables lists the tables of a DuckDB file.
func duckTables(ctx context.Context, path string) ([]string, error) {
	var out []string
	err := inDuck(path, func(db *sql.DB) error {
		rows, err := db.QueryContext(ctx, "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal ORDER BY ALL")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var schema, table string
			if err := rows.Scan(&schema, &table); err != nil {
				return err
			}
			if schema != "main" {
				table = schema + "." + table
			}
			out = append(out, table)
		}
		return rows.Err()
	})
	return out, err
}

func inDuck(path string, use func(*sql.DB) error) error {
	db, err := sql.Open("duckdb", path+"?access_mode=READ_ONLY")
	if err != nil {
		return err
	}
	return errors.Join(use(db), db.Close())
}

func duckIdent(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// duckTable reads TABLE or SCHEMA.TABLE of a DuckDB file; nil says that there is
// none.
func duckTable(ctx context.Context, path, name string) (*grid, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	schema, table, ok := strings.Cut(name, ".")
	if !ok {
		schema, table = "main", name
	}
	var g *grid
	err := inDuck(path, func(db *sql.DB) error {
		rows, err := db.QueryContext(ctx, "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? ORDER BY column_index", schema, table)
		if err != nil {
			return err
		}
		defer rows.Close()
		var cells []string
		for rows.Next() {
			var column, kind string
			if err := rows.Scan(&column, &kind); err != nil {
				return err
			}
			if g == nil {
				g = &grid{types: []string{}}
			}
			g.columns, g.types = append(g.columns, column), append(g.types, kind)
			cells = append(cells, asText(duckIdent(column), kind))
		}
		if err := rows.Err(); err != nil || g == nil {
			return err
		}
		return g.scan(ctx, db, "SELECT "+strings.Join(cells, ", ")+" FROM "+duckIdent(schema)+"."+duckIdent(table))
	})
	if err != nil || g == nil {
		return nil, err
	}
	g.sort()
	return g, nil
}

// asText is SQL that makes a column text.
func asText(column, kind string) string {
	switch {
	case strings.HasPrefix(kind, "TIMESTAMP"):
		return "CAST(epoch_us(" + column + ") AS VARCHAR)"
	case kind == "BLOB":
		return "base64(" + column + ")"
	case strings.HasSuffix(kind, "]"), strings.HasPrefix(kind, "STRUCT"), strings.HasPrefix(kind, "MAP"):
		return "CAST(to_json(" + column + ") AS VARCHAR)"
	}
	return "CAST(" + column + " AS VARCHAR)"
}

func (g *grid) scan(ctx context.Context, db *sql.DB, query string) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		cells := make([]sql.NullString, len(g.columns))
		to := make([]any, len(cells))
		for i := range cells {
			to[i] = &cells[i]
		}
		if err := rows.Scan(to...); err != nil {
			return err
		}
		row := make([]value, len(cells))
		for i, c := range cells {
			if !c.Valid {
				continue
			}
			switch kind := g.types[i]; {
			case strings.HasPrefix(kind, "TIMESTAMP"):
				n, err := strconv.ParseInt(c.String, 10, 64)
				if err != nil {
					return fmt.Errorf("read timestamp %q: %w", c.String, err)
				}
				c.String = instant(n)
			case kind == "DOUBLE" || kind == "FLOAT":
				c.String = floatText(c.String)
			}
			row[i] = &c.String
		}
		g.rows = append(g.rows, row)
	}
	return rows.Err()
}
