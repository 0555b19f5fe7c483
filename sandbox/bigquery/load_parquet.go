package bigquery

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// file returns the upload as DuckDB reads Parquet.
func (w *loading) file() string { return "read_parquet(" + quoteText(w.j.media.path) + ")" }

// damaged says that a file is no good Parquet.
func damaged(err error) error {
	return problem(ReasonInvalid, "Error while reading data, error message: Input file is not in Parquet format or is damaged: %v", err).at(fileLocation)
}

// parquetFields reads the columns of the upload.
func (w *loading) parquetFields(ctx context.Context, c *sql.Conn) ([]*Field, error) {
	rows, err := c.QueryContext(ctx, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM "+w.file()+")")
	if err != nil {
		return nil, damaged(err)
	}
	defer rows.Close()
	var fields []*Field
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			return nil, err
		}
		f, err := fieldOf(name, kind)
		if err != nil {
			return nil, problem(ReasonInvalid, "Error while reading data, error message: %v", err).at(fileLocation)
		}
		fields = append(fields, f)
	}
	if err := rows.Err(); err != nil {
		return nil, damaged(err)
	}
	for _, f := range fields {
		if name := w.listed(f, ""); name != "" {
			return nil, problem(ReasonNotImplemented, "Field %s is a list of Parquet; without parquetOptions.enableListInference it becomes a record with a field \"list\", which is not supported by the sandbox.", name)
		}
		if hasJSON(f) {
			return nil, problem(ReasonInvalid, "Unsupported field type: JSON")
		}
	}
	if l := w.l.Schema; l != nil && find(l.Fields, "") == nil && slices.ContainsFunc(l.Fields, hasJSON) {
		return nil, problem(ReasonInvalid, "Unsupported field type: JSON")
	}
	return fields, normalizeFields(fields, "", 1)
}

// listed returns the name of a list in the field, if they are not inferred.
func (w *loading) listed(f *Field, under string) string {
	if w.l.ParquetOptions != nil && w.l.ParquetOptions.EnableListInference {
		return ""
	}
	if f.repeated() {
		return under + f.Name
	}
	for _, g := range f.Fields {
		if n := w.listed(g, under+f.Name+"."); n != "" {
			return n
		}
	}
	return ""
}

func hasJSON(f *Field) bool { return f.Type == "JSON" || slices.ContainsFunc(f.Fields, hasJSON) }

// coercions are the types of columns that a value of Parquet may go to, other
// than its own.
var coercions = map[string][]string{
	"INTEGER":    {"NUMERIC", "BIGNUMERIC", "FLOAT"},
	"NUMERIC":    {"BIGNUMERIC"},
	"BIGNUMERIC": {"NUMERIC"},
	"STRING":     {"GEOGRAPHY", "BYTES"},
	"BYTES":      {"STRING"},
}

// readParquet brings the upload's rows to the stage, columns by name.
func (w *loading) readParquet(ctx context.Context, c *sql.Conn) error {
	inFile, err := w.parquetFields(ctx, c)
	if err != nil {
		return err
	}
	var values []string
	for _, f := range w.rows {
		in := find(inFile, f.Name)
		if in == nil {
			if f.required() {
				return problem(ReasonInvalid, "Error while reading data, error message: Required column '%s' is missing in the file", f.Name).at(fileLocation)
			}
			values = append(values, "CAST(NULL AS "+f.duckType()+") AS "+quoteName(f.Name))
			continue
		}
		if err := checkParquet(in, f, ""); err != nil {
			return err
		}
		value := "CAST(" + quoteName(in.Name) + " AS " + f.duckType() + ")"
		switch {
		case f.Type == "RECORD":
			value = recast(quoteName(in.Name), in, f)
		case in.Type == "BYTES" && f.Type == "STRING":
			value = "decode(" + quoteName(in.Name) + ")"
		case in.Type == "STRING" && f.Type == "BYTES":
			value = "encode(" + quoteName(in.Name) + ")"
		}
		if f.repeated() {
			value = "coalesce(" + value + ", [])"
		}
		values = append(values, value+" AS "+quoteName(f.Name))
	}
	if w.l.Schema != nil && !w.l.IgnoreUnknownValues {
		for _, in := range inFile {
			if find(w.rows, in.Name) == nil {
				return problem(ReasonInvalid, "Provided schema is not compatible with the file %q. Field %q is in the file but not in the schema.", "upload", in.Name)
			}
		}
	}
	stage := quoteName(w.stage)
	if _, err := c.ExecContext(ctx, "CREATE TABLE "+stage+" AS SELECT "+strings.Join(values, ", ")+" FROM "+w.file()); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return damaged(err)
	}
	var checks []string
	for _, f := range w.rows {
		if f.required() {
			checks = append(checks, "SELECT "+quoteText(f.Name)+" AS name, count(*) AS n FROM "+stage+" WHERE "+quoteName(f.Name)+" IS NULL")
		}
	}
	if len(checks) == 0 {
		return nil
	}
	rows, err := c.QueryContext(ctx, "SELECT name, n FROM ("+strings.Join(checks, " UNION ALL ")+") WHERE n > 0")
	if err != nil {
		return err
	}
	defer rows.Close()
	var missing error
	for rows.Next() {
		var name string
		var n int64
		if err := rows.Scan(&name, &n); err != nil {
			return err
		}
		missing = problem(ReasonInvalid, "Error while reading data, error message: Required field %s cannot be null, but is in %d row(s)", name, n).at(fileLocation)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return missing
}

// checkParquet tells whether a column of the file fits the table's.
func checkParquet(in, f *Field, under string) error {
	mismatch := func(what string, a, b any) error {
		return problem(ReasonInvalid, "Error while reading data, error message: Parquet column '%s' has %s %v which does not match the target %v", under+f.Name, what, a, b).at(fileLocation)
	}
	if in.repeated() != f.repeated() {
		return mismatch("mode", in.Mode, f.Mode)
	}
	if in.Type != f.Type && !slices.Contains(coercions[in.Type], f.Type) {
		return mismatch("type", sqlType(in.Type), fmt.Sprintf("type %s", sqlType(f.Type)))
	}
	for _, g := range f.Fields {
		if sub := find(in.Fields, g.Name); sub != nil {
			if err := checkParquet(sub, g, under+f.Name+"."); err != nil {
				return err
			}
		}
	}
	return nil
}
