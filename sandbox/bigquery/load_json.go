package bigquery

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxRow is the most bytes that one row of text may have.
const maxRow = 100 << 20

// openText opens a file, unpacking it if it is gzip.
func openText(path string) (*bufio.Reader, io.Closer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	b := bufio.NewReaderSize(f, 256<<10)
	if magic, _ := b.Peek(2); len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(b)
		if err != nil {
			_ = f.Close() // only read
			return nil, nil, problem(ReasonInvalid, "Error while reading data, error message: the gzip stream is damaged: %v", err).at(fileLocation)
		}
		b = bufio.NewReaderSize(z, 256<<10)
	}
	if mark, _ := b.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(3) // they were peeked
	}
	return b, f, nil
}

// readLine returns the next line without its end, valid until the next call.
func readLine(r *bufio.Reader, buf *[]byte) ([]byte, int64, error) {
	*buf = (*buf)[:0]
	var n int64
	for {
		part, err := r.ReadSlice('\n')
		n += int64(len(part))
		if err == nil && len(*buf) == 0 {
			return bytes.TrimRight(part, "\r\n"), n, nil
		}
		*buf = append(*buf, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			if len(*buf) > maxRow {
				return nil, n, problem(ReasonInvalid, "Error while reading data, error message: a row is larger than the maximum of 100 MB").at(fileLocation)
			}
			continue
		case err == nil, errors.Is(err, io.EOF) && len(*buf) > 0:
			return bytes.TrimRight(*buf, "\r\n"), n, nil
		case errors.Is(err, io.EOF):
			return nil, n, io.EOF
		}
		return nil, n, problem(ReasonInvalid, "Error while reading data, error message: %v", err).at(fileLocation)
	}
}

// jsonRows reads newline-delimited JSON.
type jsonRows struct {
	io.Closer
	in            *bufio.Reader
	buf           []byte
	at            int64
	shape         *jsonShape
	ignoreUnknown bool
}

// jsonShape finds a record's fields by name.
type jsonShape struct {
	fields []*Field
	subs   []*jsonShape
	index  map[string]int // exact names first, lower-case ones after
}

func newShape(fields []*Field) *jsonShape {
	s := &jsonShape{fields: fields, index: make(map[string]int, 2*len(fields)), subs: make([]*jsonShape, len(fields))}
	for i, f := range fields {
		s.index[strings.ToLower(f.Name)] = i
		if f.Type == "RECORD" {
			s.subs[i] = newShape(f.Fields)
		}
	}
	for i, f := range fields {
		s.index[f.Name] = i
	}
	return s
}

func (s *jsonShape) find(name string) (int, bool) {
	i, ok := s.index[name]
	if !ok {
		i, ok = s.index[strings.ToLower(name)]
	}
	return i, ok
}

func openJSON(path string, l *loadConfig, fields []*Field) (source, error) {
	in, c, err := openText(path)
	if err != nil {
		return nil, err
	}
	return &jsonRows{Closer: c, in: in, shape: newShape(fields), ignoreUnknown: l.IgnoreUnknownValues}, nil
}

func (r *jsonRows) next() ([]driver.Value, *ErrorProto, error) {
	for {
		start := r.at
		line, n, err := readLine(r.in, &r.buf)
		r.at += n
		if err != nil {
			return nil, nil, err
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		object, err := decodeObject(line)
		if err != nil {
			return nil, wrongRow("JSON parsing error in row starting at position %d: %v", start, err), nil
		}
		row := make([]driver.Value, len(r.shape.fields))
		if err := r.shape.fill(row, object, "", r.ignoreUnknown); err != nil {
			return nil, wrongRow("JSON parsing error in row starting at position %d: %v", start, err), nil
		}
		return row, nil, nil
	}
}

func decodeObject(line []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil {
		return nil, say("Parser terminated before end of string: %v", err)
	}
	if object == nil {
		return nil, say("Start of object expected.")
	}
	if d.More() {
		return nil, say("Only one object per line is allowed.")
	}
	return object, nil
}

// fill puts the values of an object into a row.
func (s *jsonShape) fill(row []driver.Value, object map[string]any, under string, ignoreUnknown bool) error {
	for name, v := range object {
		i, ok := s.find(name)
		if !ok {
			if ignoreUnknown {
				continue
			}
			return say("No such field: %s%s.", under, name)
		}
		value, err := s.value(i, v, under, ignoreUnknown)
		if err != nil {
			return err
		}
		row[i] = value
	}
	for i, f := range s.fields {
		if f.required() && row[i] == nil {
			return say("Missing required field: %s%s.", under, f.Name)
		}
		if f.repeated() && row[i] == nil {
			row[i] = []any{}
		}
	}
	return nil
}

// value converts what JSON has to what the appender takes for field i.
func (s *jsonShape) value(i int, v any, under string, ignoreUnknown bool) (driver.Value, error) {
	f := s.fields[i]
	if !f.repeated() {
		return s.single(i, v, under, ignoreUnknown)
	}
	if v == nil {
		return []any{}, nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, say("Array specified for non-repeated field or a single value for a repeated one: %s%s.", under, f.Name)
	}
	out := make([]any, len(list))
	for k, e := range list {
		if e == nil {
			return nil, say("Only optional fields can be set to NULL. Field: %s%s; Value: NULL", under, f.Name)
		}
		one, err := s.single(i, e, under, ignoreUnknown)
		if err != nil {
			return nil, err
		}
		out[k] = one
	}
	return out, nil
}

func (s *jsonShape) single(i int, v any, under string, ignoreUnknown bool) (driver.Value, error) {
	f := s.fields[i]
	if v == nil {
		return nil, nil
	}
	if f.Type == "JSON" {
		// The driver encodes what it is given for JSON, a text as a text too.
		b, err := json.Marshal(v)
		return json.RawMessage(b), err
	}
	bad := func(reason any) error {
		b, _ := json.Marshal(v) // it came from JSON
		return say("Could not convert value '%s' to %s. Field: %s%s; Value: %s; Reason: %v", b, strings.ToLower(sqlType(f.Type)), under, f.Name, b, reason)
	}
	switch x := v.(type) {
	case map[string]any:
		if f.Type != "RECORD" {
			return nil, say("JSON object specified for non-record field: %s%s", under, f.Name)
		}
		sub := s.subs[i]
		row := make([]driver.Value, len(sub.fields))
		if err := sub.fill(row, x, under+f.Name+".", ignoreUnknown); err != nil {
			return nil, err
		}
		m := make(map[string]any, len(row))
		for k, g := range sub.fields {
			m[g.Name] = row[k]
		}
		return m, nil
	case []any:
		return nil, say("Array specified for non-repeated field: %s%s.", under, f.Name)
	case bool:
		switch f.Type {
		case "BOOLEAN":
			return x, nil
		case "STRING":
			return fmt.Sprint(x), nil
		}
		return nil, bad("it is a boolean")
	case json.Number:
		switch f.Type {
		case "BOOLEAN", "BYTES", "DATE", "TIME", "DATETIME", "GEOGRAPHY", "RECORD":
			return nil, bad("it is a number")
		case "INTEGER":
			if n, err := x.Int64(); err == nil {
				return n, nil
			}
			// 1.0 and 1e3 are whole.
			n, err := parseDecimal(x.String(), 0)
			if r, ok := ratOf(x.String()); err != nil || !ok || !r.IsInt() || !n.IsInt64() {
				return nil, bad("it is not a 64-bit integer")
			}
			return n.Int64(), nil
		}
		out, err := parseText(f, x.String())
		if err != nil {
			return nil, bad(err)
		}
		return out, nil
	case string:
		if f.Type == "RECORD" {
			return nil, bad("it is a text")
		}
		out, err := parseText(f, x)
		if err != nil {
			return nil, bad(err)
		}
		return out, nil
	}
	return nil, bad("it has no type")
}

// row converts one object.
func (s *jsonShape) row(raw []byte, ignoreUnknown bool) ([]any, error) {
	object, err := decodeObject(raw)
	if err != nil {
		return nil, err
	}
	row := make([]driver.Value, len(s.fields))
	if err := s.fill(row, object, "", ignoreUnknown); err != nil {
		return nil, err
	}
	out := make([]any, len(row))
	for i, v := range row {
		out[i] = v
	}
	return out, nil
}

// append adds the rows that make gives for the table's columns.
func (w *loading) append(ctx context.Context, make func(*jsonShape) ([][]any, error)) error {
	return w.commit(ctx, func(*sql.Conn) error { return nil }, func(c *sql.Conn) error {
		rows, err := make(newShape(w.rows))
		if err != nil {
			return err
		}
		if _, err := c.ExecContext(ctx, "CREATE TABLE "+quoteName(w.stage)+" ("+columnsOf(w.rows)+")"); err != nil {
			return err
		}
		return appendRows(c, w.stage, func() ([]driver.Value, error) {
			if len(rows) == 0 {
				return nil, nil
			}
			row := rows[0]
			rows = rows[1:]
			values := []driver.Value{}
			for _, v := range row {
				values = append(values, v)
			}
			return values, nil
		})
	})
}

// said is what is wrong with a row, as BigQuery says it.
type said string

func (s said) Error() string { return string(s) }

func say(format string, args ...any) error { return said(fmt.Sprintf(format, args...)) }
