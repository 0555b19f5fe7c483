package duck

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/record"
)

// The bounds of what a number in JSON, a date and a timestamp may be.
const (
	safeInt   = "BETWEEN -9007199254740991 AND 9007199254740991"
	datesFit  = "BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
	timesFit  = "BETWEEN TIMESTAMPTZ '0001-01-01 00:00:00+00' AND TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'"
	timestamp = "strftime(make_timestamp(epoch_us(%s)), '%%Y-%%m-%%dT%%H:%%M:%%S.%%fZ')" // no calendar: 2.5 times as fast as AT TIME ZONE
)

// survey counts the rows and finds out, in one pass, what the values allow:
// DuckDB's own JSON writer is several times as fast as anything else, but spells
// long integers, infinities and nested values as nobody else reads them.
func (r *Result) survey(ctx context.Context) error {
	r.plain = true
	checks := []string{"count(*)"}
	var plain []int // checks whose failure asks for the careful way
	named := map[int]*record.Field{}
	for i := range r.Schema.Fields {
		f := &r.Schema.Fields[i]
		x := r.typed[i]
		switch f.Type.Kind {
		case record.KindInt64:
			plain = append(plain, len(checks))
			checks = append(checks, x+" "+safeInt)
		case record.KindDouble:
			plain = append(plain, len(checks))
			checks = append(checks, "isfinite("+x+")")
		case record.KindDate:
			named[len(checks)] = f
			checks = append(checks, x+" "+datesFit)
		case record.KindTimestamp:
			named[len(checks)] = f
			checks = append(checks, x+" "+timesFit)
		case record.KindJSON, record.KindList, record.KindStruct:
			r.plain = r.plain && !has(f.Type, record.KindInt64, record.KindDouble, record.KindDecimal, record.KindBytes,
				record.KindTimestamp, record.KindDate, record.KindJSON)
		}
	}
	fits := make([]bool, len(checks))
	into := []any{&r.Rows}
	for i := 1; i < len(checks); i++ {
		checks[i] = "coalesce(bool_and(" + checks[i] + "), true)"
		into = append(into, &fits[i])
	}
	if err := r.db.Row(ctx, "SELECT "+strings.Join(checks, ", ")+" FROM "+r.table, into...); err != nil {
		return err
	}
	for i, f := range named {
		if !fits[i] {
			return fault.New("duck_time_range", "column", f.Name, "type", f.Type).Permanent()
		}
	}
	for _, i := range plain {
		r.plain = r.plain && fits[i]
	}
	return nil
}

// spelledOut writes SQL of the text of ours for a scalar.
func spelledOut(careful bool) func(x string, t record.Type) string {
	return func(x string, t record.Type) string {
		switch t.Kind {
		case record.KindDouble:
			if careful {
				return "CASE WHEN isnan(" + x + ") THEN 'NaN' WHEN isinf(" + x + ") THEN CASE WHEN " + x + " > 0 THEN 'Infinity' ELSE '-Infinity' END ELSE " + x + "::VARCHAR END"
			}
		case record.KindDecimal:
			if t.Scale == 0 {
				return x + "::VARCHAR"
			}
			digits := x + "::VARCHAR"
			if t.Scale == t.Precision {
				// DuckDB spells no 0 before the point where there is no room for one.
				digits = "regexp_replace(" + digits + ", '^(-?)[.]', '\\10.')"
			}
			return "rtrim(rtrim(" + digits + ", '0'), '.')"
		case record.KindBytes:
			return "to_base64(" + x + ")"
		case record.KindTimestamp:
			return fmt.Sprintf(timestamp, x)
		case record.KindJSON:
			return x + "::VARCHAR"
		}
		return x
	}
}

// Open writes the rows to the spool and returns them as lines, to be closed.
func (r *Result) Open(ctx context.Context) (*Lines, error) {
	spell := spelledOut(!r.plain)
	changes := func(t record.Type) bool {
		return has(t, record.KindDecimal, record.KindBytes, record.KindTimestamp, record.KindJSON) || !r.plain && has(t, record.KindDouble)
	}
	out := make([]string, len(r.typed))
	l := &Lines{db: r.db, schema: r.Schema, path: r.db.file("ndjson")}
	wire := &record.Schema{}
	for i, x := range r.typed {
		f := &r.Schema.Fields[i]
		out[i] = convert(x, f.Type, changes, spell, 0) + " AS " + Ident(f.Name)
		wire.Fields = append(wire.Fields, record.Field{Name: f.Name, Type: spooledJSON(f.Type)})
	}
	n, err := r.db.Exec(ctx, "COPY (SELECT "+strings.Join(out, ", ")+" FROM "+r.table+") TO "+literal(l.path)+" (FORMAT json, COMPRESSION none)")
	if err != nil {
		return nil, err
	}
	if n != r.Rows {
		return nil, fmt.Errorf("%d rows were written of a result of %d", n, r.Rows)
	}
	l.left = n
	if l.file, err = os.Open(l.path); err != nil {
		return nil, fault.New("duck_spool", "directory", r.db.spool).Because(err)
	}
	if r.plain {
		l.in = buffered(l.file)
	} else {
		l.rows = record.NewNDJSONReader(l.file, wire, record.ReadOptions{})
	}
	return l, nil
}

// WriteTo writes the rows as NDJSON and returns how many there were.
func (r *Result) WriteTo(ctx context.Context, w io.Writer) (int64, error) {
	l, err := r.Open(ctx)
	if err != nil {
		return 0, err
	}
	rows, err := l.Next(ctx, w, 0, 0)
	if cerr := l.Close(); err == nil {
		err = cerr
	}
	return rows, err
}

// Parquet writes the columns of a result to a new Parquet file in the spool and
// returns its path.
func (r *Result) Parquet(ctx context.Context, options string) (string, error) {
	path := r.db.file("parquet")
	if options != "" {
		options = ", " + options
	}
	_, err := r.db.Exec(ctx, "COPY ("+r.Select()+") TO "+literal(path)+" (FORMAT parquet"+options+")")
	return path, err
}

// Lines are the rows of a result as lines of NDJSON.
type Lines struct {
	db     *DB
	schema *record.Schema
	path   string
	file   *os.File
	left   int64
	in     *bufio.Reader        // when the lines are good as they are
	rows   *record.NDJSONReader // when each is read and written anew
}

// More reports whether there are rows left.
func (l *Lines) More() bool { return l.left > 0 }

// Next writes lines to w, as many as maxRows and, about, maxBytes allow, where
// neither is 0 for no limit, and returns how many.
func (l *Lines) Next(ctx context.Context, w io.Writer, maxRows, maxBytes int64) (int64, error) {
	if maxRows <= 0 || maxRows > l.left {
		maxRows = l.left
	}
	rows, err := l.next(ctx, w, maxRows, maxBytes)
	l.left -= rows
	return rows, err
}

func (l *Lines) next(ctx context.Context, w io.Writer, maxRows, maxBytes int64) (int64, error) {
	if l.rows != nil {
		return l.again(ctx, w, maxRows, maxBytes)
	}
	out := bufio.NewWriterSize(w, bufferSize)
	var rows, size int64
	for rows < maxRows && (maxBytes <= 0 || size < maxBytes) {
		if err := ctx.Err(); err != nil {
			return rows, err
		}
		block, err := l.in.Peek(bufferSize)
		if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
			return rows, fmt.Errorf("read spool of DuckDB: %w", err)
		}
		if len(block) == 0 {
			return rows, fmt.Errorf("read spool of DuckDB: %w", io.ErrUnexpectedEOF)
		}
		if maxBytes > 0 && int64(len(block)) > maxBytes-size {
			block = upTo(block, int(maxBytes-size))
		}
		n := bytes.Count(block, newline)
		if int64(n) > maxRows-rows {
			n, block = int(maxRows-rows), lines(block, int(maxRows-rows))
		}
		if n == 0 {
			// A line longer than the buffer.
			long, err := l.in.ReadBytes('\n')
			if err != nil {
				return rows, fmt.Errorf("read spool of DuckDB: %w", err)
			}
			if _, err := out.Write(long); err != nil {
				return rows, err
			}
			rows, size = rows+1, size+int64(len(long))
			continue
		}
		block = block[:bytes.LastIndexByte(block, '\n')+1]
		if _, err := out.Write(block); err != nil {
			return rows, err
		}
		if _, err := l.in.Discard(len(block)); err != nil {
			return rows, fmt.Errorf("read spool of DuckDB: %w", err)
		}
		rows, size = rows+int64(n), size+int64(len(block))
	}
	return rows, out.Flush()
}

var newline = []byte{'\n'}

// upTo returns the lines of a block up to the one that crosses size.
func upTo(block []byte, size int) []byte {
	if end := bytes.IndexByte(block[size:], '\n'); end >= 0 {
		return block[:size+end+1]
	}
	return block
}

// lines returns the first n lines of a block.
func lines(block []byte, n int) []byte {
	end := 0
	for range n {
		end += bytes.IndexByte(block[end:], '\n') + 1
	}
	return block[:end]
}

// again reads each row and writes it in our spelling.
func (l *Lines) again(ctx context.Context, w io.Writer, maxRows, maxBytes int64) (int64, error) {
	size := &sized{w: w}
	out := record.NewNDJSONWriter(size, l.schema)
	row := make([]record.Value, len(l.schema.Fields))
	for out.Rows() < maxRows && (maxBytes <= 0 || size.n < maxBytes) {
		if out.Rows()&1023 == 0 && ctx.Err() != nil {
			return out.Rows(), ctx.Err()
		}
		in, err := l.rows.Next()
		if err != nil {
			return out.Rows(), fmt.Errorf("read spool of DuckDB: %w", err)
		}
		for i, v := range in {
			if row[i], err = textAsJSON(v, &l.schema.Fields[i].Type); err != nil {
				return out.Rows(), fault.New("duck_json", "column", l.schema.Fields[i].Name).Because(err).Permanent()
			}
		}
		if err := out.Write(row); err != nil {
			return out.Rows(), err
		}
	}
	return out.Rows(), out.Close()
}

// textAsJSON puts json in the place of its text.
func textAsJSON(v record.Value, t *record.Type) (record.Value, error) {
	if v.IsNull() {
		return v, nil
	}
	switch t.Kind {
	case record.KindJSON:
		return record.JSON([]byte(v.Text()))
	case record.KindList, record.KindStruct:
		if !has(*t, record.KindJSON) {
			return v, nil
		}
		items := make([]record.Value, len(v.Items()))
		for i, it := range v.Items() {
			elem := t.Elem
			if t.Kind == record.KindStruct {
				elem = &t.Fields[i].Type
			}
			var err error
			if items[i], err = textAsJSON(it, elem); err != nil {
				return v, err
			}
		}
		if t.Kind == record.KindList {
			return record.List(items...), nil
		}
		return record.Struct(items...), nil
	}
	return v, nil
}

// Close closes and removes the spool file.
func (l *Lines) Close() error {
	err := l.file.Close()
	if rerr := os.Remove(l.path); err == nil {
		err = rerr
	}
	if err != nil {
		return fault.New("duck_spool", "directory", l.db.spool).Because(err)
	}
	return nil
}

// sized counts the bytes that pass.
type sized struct {
	w io.Writer
	n int64
}

func (s *sized) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.n += int64(n)
	return n, err
}
