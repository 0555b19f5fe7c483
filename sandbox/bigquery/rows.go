package bigquery

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// A page of rows ends at either.
const (
	pageRows  = 100_000
	pageBytes = 10 << 20
)

// selection returns DuckDB's expressions of the fields. JSON comes as text, or
// the driver would decode it and lose the order of its names.
func selection(fields []*Field) string {
	if len(fields) == 0 {
		return "1"
	}
	parts := make([]string, len(fields))
	for i, f := range fields {
		parts[i] = quoteName(f.Name)
		if f.Type == "JSON" {
			kind := "VARCHAR"
			if f.repeated() {
				kind = "VARCHAR[]"
			}
			parts[i] = "CAST(" + parts[i] + " AS " + kind + ")"
		}
	}
	return strings.Join(parts, ", ")
}

// scan calls visit with each row's values until it returns false.
func (s *Server) scan(ctx context.Context, query string, columns int, visit func([]any) (bool, error)) error {
	rows, err := s.db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	values := make([]any, max(columns, 1))
	to := make([]any, len(values))
	for i := range values {
		to[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return err
		}
		if more, err := visit(values); err != nil || !more {
			return err
		}
	}
	return rows.Err()
}

// window is a part of a table's rows to be sent.
type window struct {
	fields    []*Field
	where     string // with WHERE, or empty
	start     int
	most      int
	int64Time bool
}

// page returns the window's rows as JSON, and how many they are.
func (s *Server) page(ctx context.Context, t *table, w window) (json.RawMessage, int, error) {
	out := []byte{'['}
	n := 0
	if w.most > 0 {
		q := fmt.Sprintf("SELECT %s FROM %s%s LIMIT %d OFFSET %d", selection(w.fields), quoteName(t.physical), w.where, w.most, w.start)
		err := s.scan(ctx, q, len(w.fields), func(values []any) (bool, error) {
			if n > 0 {
				out = append(out, ',')
			}
			var err error
			out, err = appendRecord(out, w.fields, func(i int) any { return values[i] }, w.int64Time)
			n++
			return len(out) < pageBytes, err
		})
		if err != nil {
			return nil, 0, err
		}
	}
	return append(out, ']'), n, nil
}

// appendRecord writes {"f":[{"v":...},...]}.
func appendRecord(out []byte, fields []*Field, value func(int) any, int64Time bool) ([]byte, error) {
	out = append(out, `{"f":[`...)
	var err error
	for i, f := range fields {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"v":`...)
		if out, err = appendCell(out, f, value(i), int64Time); err != nil {
			return nil, err
		}
		out = append(out, '}')
	}
	return append(out, ']', '}'), nil
}

func appendCell(out []byte, f *Field, v any, int64Time bool) ([]byte, error) {
	if f.repeated() {
		list, _ := v.([]any) // NULL is an empty list
		one := *f
		one.Mode = "NULLABLE"
		out = append(out, '[')
		var err error
		for i, e := range list {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, `{"v":`...)
			if out, err = appendCell(out, &one, e, int64Time); err != nil {
				return nil, err
			}
			out = append(out, '}')
		}
		return append(out, ']'), nil
	}
	if v == nil {
		return append(out, "null"...), nil
	}
	if f.Type == "RECORD" {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("column %s: %T is no record", f.Name, v)
		}
		return appendRecord(out, f.Fields, func(i int) any { return m[f.Fields[i].Name] }, int64Time)
	}
	var text string
	if t, ok := v.(time.Time); ok && f.Type == "TIMESTAMP" {
		if micros := t.UnixMicro(); int64Time {
			text = strconv.FormatInt(micros, 10)
		} else {
			text = scientific(micros)
		}
	} else {
		var err error
		if text, err = textOf(f, v); err != nil {
			return nil, err
		}
	}
	b, err := json.Marshal(text)
	return append(out, b...), err
}

// scientific returns microseconds as seconds the way BigQuery writes floats:
// 1.7854074E9.
func scientific(micros int64) string {
	s := strconv.FormatFloat(float64(micros)/1e6, 'E', -1, 64)
	mantissa, exponent, _ := strings.Cut(s, "E")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	n, _ := strconv.Atoi(exponent) // strconv wrote it
	return mantissa + "E" + strconv.Itoa(n)
}

// textOf returns a single value as BigQuery writes it.
func textOf(f *Field, v any) (string, error) {
	switch x := v.(type) {
	case string:
		return x, nil
	case []byte:
		return base64.StdEncoding.EncodeToString(x), nil
	case bool:
		return strconv.FormatBool(x), nil
	case int64:
		return strconv.FormatInt(x, 10), nil
	case int8, int16, int32, int, uint8, uint16, uint32, uint64, *big.Int:
		return fmt.Sprint(x), nil
	case float32:
		return floatText(float64(x)), nil
	case float64:
		return floatText(x), nil
	case duckdb.Decimal:
		return decimalText(x), nil
	case time.Time:
		switch f.Type {
		case "DATE":
			return x.Format("2006-01-02"), nil
		case "TIME":
			return x.Format("15:04:05.999999"), nil
		case "DATETIME":
			return x.Format("2006-01-02T15:04:05.999999"), nil
		}
		return x.UTC().Format("2006-01-02T15:04:05.999999Z"), nil
	case map[string]any, []any:
		b, err := json.Marshal(x) // JSON within a record
		return string(b), err
	}
	return "", fmt.Errorf("column %s: %T has no text", f.Name, v)
}

func floatText(x float64) string {
	switch {
	case math.IsNaN(x):
		return "NaN"
	case math.IsInf(x, 1):
		return "Infinity"
	case math.IsInf(x, -1):
		return "-Infinity"
	case x == math.Trunc(x) && math.Abs(x) < 1e15:
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// decimalText writes a number without the zeros at its end.
func decimalText(d duckdb.Decimal) string {
	digits := new(big.Int).Abs(d.Value).String()
	scale := int(d.Scale)
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	whole, part := digits[:len(digits)-scale], strings.TrimRight(digits[len(digits)-scale:], "0")
	if part != "" {
		whole += "." + part
	}
	if d.Value.Sign() < 0 {
		whole = "-" + whole
	}
	return whole
}

// Null is how Rows writes a value that is NULL.
const Null = "NULL"

// Rows reads a table, or one partition of it such as "20260131", without the
// API: first the names of its columns, then its rows in the order of their
// texts. Values are written as the API does, timestamps as RFC 3339 in UTC,
// NULL as Null, records and lists as JSON.
func (s *Server) Rows(ctx context.Context, dataset, table, partition string) ([][]string, error) {
	if err := s.expire(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.tableOf(dataset, table)
	if err != nil {
		return nil, err
	}
	where := ""
	if partition != "" {
		p, err := t.partition(partition)
		if err != nil {
			return nil, err
		}
		where = " WHERE " + p.condition
	}
	fields := t.wire.Schema.Fields
	head := make([]string, len(fields))
	for i, f := range fields {
		head[i] = f.Name
	}
	var rows [][]string
	err = s.scan(ctx, "SELECT "+selection(fields)+" FROM "+quoteName(t.physical)+where, len(fields), func(values []any) (bool, error) {
		row := make([]string, len(fields))
		for i, f := range fields {
			if row[i], err = plain(f, values[i]); err != nil {
				return false, err
			}
		}
		rows = append(rows, row)
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, slices.Compare[[]string])
	return append([][]string{head}, rows...), nil
}

func plain(f *Field, v any) (string, error) {
	switch {
	case v == nil:
		return Null, nil
	case f.repeated() || f.Type == "RECORD":
		b, err := json.Marshal(v)
		return string(b), err
	}
	return textOf(f, v)
}
