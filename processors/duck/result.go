package duck

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/record"
)

// Result is what a query made: a table in the database, and its columns as types
// of ours.
type Result struct {
	// Schema is the columns, Rows how many rows there are.
	Schema *record.Schema
	Rows   int64

	db    *DB
	table string   // quoted
	typed []string // SQL of each column as its ColumnType
	plain bool     // DuckDB's own JSON writer spells every value as we do
}

// Query runs a SELECT and keeps what it makes, in its order. It is not checked:
// see Check for one that a person wrote. Arguments are sql.Named values.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*Result, error) {
	return db.query(ctx, query, "%s", args)
}

// QueryInOrder is Query with the rows ordered by all columns, from the first.
func (db *DB) QueryInOrder(ctx context.Context, query string, args ...any) (*Result, error) {
	return db.query(ctx, query, "SELECT * FROM %s ORDER BY ALL", args)
}

func (db *DB) query(ctx context.Context, query, around string, args []any) (*Result, error) {
	// Prepared alone, it is one statement, its faults are placed in its own text,
	// and its columns have their own names: a table's are made distinct.
	// In brackets it cannot end early.
	query = "(" + unended(query) + "\n)"
	names, _, err := db.columns(ctx, query, false)
	if err != nil {
		return nil, err
	}
	if err := distinctNames(names); err != nil {
		return nil, err
	}
	db.n++
	r := &Result{db: db, table: Ident(fmt.Sprintf("weir result %d", db.n))}
	if _, err := db.Exec(ctx, "CREATE TABLE "+r.table+" AS "+fmt.Sprintf(around, query), args...); err != nil {
		return nil, err
	}
	if err := r.describe(ctx); err != nil {
		return nil, err
	}
	return r, r.survey(ctx)
}

// ResultOf returns a table or view that is there already as a result; name is
// SQL, quoted where need be.
func (db *DB) ResultOf(ctx context.Context, name string) (*Result, error) {
	r := &Result{db: db, table: name}
	if err := r.describe(ctx); err != nil {
		return nil, err
	}
	return r, r.survey(ctx)
}

// Table returns the name of the result's table, quoted for SQL.
func (r *Result) Table() string { return r.table }

// Drop removes the result's table and gives its memory back.
func (r *Result) Drop(ctx context.Context) error {
	_, err := r.db.Exec(ctx, "DROP TABLE "+r.table)
	return err
}

// Select is SQL that selects the columns of the result, each of its ColumnType.
func (r *Result) Select() string {
	out := make([]string, len(r.typed))
	for i, x := range r.typed {
		out[i] = x + " AS " + Ident(r.Schema.Fields[i].Name)
	}
	return "SELECT " + strings.Join(out, ", ") + " FROM " + r.table
}

// columns are the names of what a query selects and, where asked for, the types.
// A query with parameters need not have types yet.
func (db *DB) columns(ctx context.Context, query string, typed bool) (names []string, types []duckdb.TypeInfo, err error) {
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("connect to DuckDB: %w", err)
	}
	err = conn.Raw(func(c any) (err error) {
		prepared, err := c.(driver.ConnPrepareContext).PrepareContext(ctx, query)
		if err != nil {
			return db.wrongAt(err)
		}
		stmt := prepared.(*duckdb.Stmt)
		defer func() {
			if cerr := stmt.Close(); err == nil && cerr != nil {
				err = fmt.Errorf("close statement of DuckDB: %w", cerr)
			}
		}()
		n, err := stmt.ColumnCount()
		for i := 0; err == nil && i < n; i++ {
			var name string
			var info duckdb.TypeInfo
			if name, err = stmt.ColumnName(i); err == nil && typed {
				info, err = stmt.ColumnTypeInfo(i)
			}
			names, types = append(names, name), append(types, info)
		}
		if err != nil {
			return fmt.Errorf("describe columns: %w", err)
		}
		return nil
	})
	if cerr := conn.Close(); err == nil && cerr != nil {
		err = fmt.Errorf("release connection of DuckDB: %w", cerr)
	}
	return names, types, err
}

// Columns returns the columns of a table; name is SQL, quoted where need be.
func (db *DB) Columns(ctx context.Context, name string) (*record.Schema, error) {
	names, types, err := db.columns(ctx, "SELECT * FROM "+name, true)
	if err != nil {
		return nil, err
	}
	return schemaOf(names, types)
}

// describe finds out the columns.
func (r *Result) describe(ctx context.Context) error {
	schema, err := r.db.Columns(ctx, r.table)
	if err != nil {
		return err
	}
	r.Schema = schema
	for i := range schema.Fields {
		f := &schema.Fields[i]
		target, err := ColumnType(f.Type)
		if err != nil {
			return fault.New("duck_column", "column", f.Name).Because(err).Permanent()
		}
		r.typed = append(r.typed, "CAST("+Ident(f.Name)+" AS "+target+")")
	}
	return nil
}

func schemaOf(names []string, types []duckdb.TypeInfo) (*record.Schema, error) {
	fields := make([]record.Field, len(names))
	for i, name := range names {
		t, hint := typeOf(types[i])
		if hint != "" {
			return nil, fault.New("duck_type", "column", name, "type", spelled(types[i]), "hint", strings.ReplaceAll(hint, "x", Ident(name))).Permanent()
		}
		fields[i] = record.Field{Name: name, Type: t}
	}
	if err := distinct(fields); err != nil {
		return nil, err
	}
	return record.NewSchema(fields...)
}

// typeOf returns the type of ours that holds values of DuckDB's type without
// loss, or a hint how to cast a column x of it.
func typeOf(info duckdb.TypeInfo) (t record.Type, hint string) {
	if info.Alias() == "JSON" {
		return record.Of(record.KindJSON), ""
	}
	switch info.InternalType() {
	case duckdb.TYPE_BOOLEAN:
		return record.Of(record.KindBool), ""
	case duckdb.TYPE_TINYINT, duckdb.TYPE_SMALLINT, duckdb.TYPE_INTEGER, duckdb.TYPE_BIGINT,
		duckdb.TYPE_UTINYINT, duckdb.TYPE_USMALLINT, duckdb.TYPE_UINTEGER:
		return record.Of(record.KindInt64), ""
	case duckdb.TYPE_UBIGINT:
		return record.DecimalOf(20, 0), ""
	case duckdb.TYPE_HUGEINT, duckdb.TYPE_UHUGEINT:
		return record.DecimalOf(maxDigits, 0), ""
	case duckdb.TYPE_FLOAT, duckdb.TYPE_DOUBLE:
		return record.Of(record.KindDouble), ""
	case duckdb.TYPE_DECIMAL:
		d, ok := info.Details().(*duckdb.DecimalDetails)
		if !ok {
			return t, "x::DOUBLE"
		}
		return record.DecimalOf(int(d.Width), int(d.Scale)), ""
	case duckdb.TYPE_VARCHAR, duckdb.TYPE_ENUM, duckdb.TYPE_UUID, duckdb.TYPE_TIME, duckdb.TYPE_TIME_TZ, duckdb.TYPE_INTERVAL,
		duckdb.TYPE_BIT, duckdb.TYPE_SQLNULL:
		return record.Of(record.KindString), ""
	case duckdb.TYPE_BLOB:
		return record.Of(record.KindBytes), ""
	case duckdb.TYPE_DATE:
		return record.Of(record.KindDate), ""
	case duckdb.TYPE_TIMESTAMP, duckdb.TYPE_TIMESTAMP_S, duckdb.TYPE_TIMESTAMP_MS, duckdb.TYPE_TIMESTAMP_TZ:
		return record.Of(record.KindTimestamp), ""
	case duckdb.TYPE_TIMESTAMP_NS:
		return t, "x::TIMESTAMP"
	case duckdb.TYPE_LIST:
		if d, ok := info.Details().(*duckdb.ListDetails); ok {
			return listOf(d.Child)
		}
	case duckdb.TYPE_ARRAY:
		if d, ok := info.Details().(*duckdb.ArrayDetails); ok {
			return listOf(d.Child)
		}
	case duckdb.TYPE_STRUCT:
		if d, ok := info.Details().(*duckdb.StructDetails); ok {
			return structOf(d.Entries)
		}
	}
	return t, "to_json(x)"
}

func listOf(child duckdb.TypeInfo) (record.Type, string) {
	elem, hint := typeOf(child)
	if hint != "" {
		return elem, "to_json(x)"
	}
	return record.ListOf(elem), ""
}

func structOf(entries []duckdb.StructEntry) (record.Type, string) {
	fields := make([]record.Field, len(entries))
	for i, e := range entries {
		t, hint := typeOf(e.Info())
		if hint != "" || e.Name() == "" {
			return t, "to_json(x)"
		}
		fields[i] = record.Field{Name: e.Name(), Type: t}
	}
	return record.StructOf(fields...), ""
}

// spelled names a type for a person.
func spelled(info duckdb.TypeInfo) string {
	if a := info.Alias(); a != "" {
		return a
	}
	names := map[duckdb.Type]string{duckdb.TYPE_MAP: "MAP", duckdb.TYPE_UNION: "UNION", duckdb.TYPE_TIMESTAMP_NS: "TIMESTAMP_NS",
		duckdb.TYPE_LIST: "LIST", duckdb.TYPE_ARRAY: "ARRAY", duckdb.TYPE_STRUCT: "STRUCT", duckdb.TYPE_BIGNUM: "BIGNUM"}
	if n, ok := names[info.InternalType()]; ok {
		return n
	}
	return fmt.Sprintf("%v", info.InternalType())
}
