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

// segment is how many bytes are spooled before DuckDB takes them in, while the
// next are spooled.
const segment = 128 << 20

// Limits of one record in a spool file: the first is tried, since DuckDB takes
// four times as much memory for each thread, then what a record may have at most.
var maxObjects = []int{4 << 20, record.DefaultMaxRecord + 1}

// Table is a table that takes contents of records.
type Table struct {
	db     *DB
	name   string
	insert string // with %s for the file and %d for the largest record
	schema *record.Schema
	wire   *record.Schema // when the contents must be rewritten: json as string

	path    string
	out     *os.File
	size    int64
	last    byte
	pending chan inserted
	rows    int64
	err     error
}

type inserted struct {
	rows int64
	err  error
}

// NewTable makes a table with the columns of a schema.
func (db *DB) NewTable(ctx context.Context, name string, schema *record.Schema) (*Table, error) {
	if err := db.CreateTable(ctx, Ident(name), schema); err != nil {
		return nil, err
	}
	var columns, values strings.Builder
	wire := &record.Schema{}
	for i := range schema.Fields {
		f := &schema.Fields[i]
		if i > 0 {
			columns.WriteString(", ")
			values.WriteString(", ")
		}
		name, err := typeName(f.Type, spooled)
		if err != nil {
			return nil, fault.New("duck_column", "column", f.Name).Because(err).Permanent()
		}
		columns.WriteString(literal(f.Name) + ": " + literal(name))
		values.WriteString(decoded(Ident(f.Name), f.Type))
		wire.Fields = append(wire.Fields, record.Field{Name: f.Name, Type: spooledJSON(f.Type)})
	}
	t := &Table{db: db, name: name, schema: schema}
	if !wire.Equal(schema) {
		t.wire = wire
	}
	t.insert = "INSERT INTO " + Ident(name) + " SELECT " + values.String() + " FROM read_json(\x00, format='newline_delimited', records=true, " +
		"auto_detect=false, compression='uncompressed', hive_partitioning=false, maximum_object_size=\x01, columns={" + columns.String() + "})"
	return t, nil
}

// CreateTable makes an empty table; name is SQL, quoted where need be.
func (db *DB) CreateTable(ctx context.Context, name string, schema *record.Schema) error {
	columns, err := ColumnList(schema)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, "CREATE TABLE "+name+" ("+columns+")")
	return err
}

// ColumnList is the list of columns that CREATE TABLE wants for a schema.
func ColumnList(schema *record.Schema) (string, error) {
	if err := distinct(schema.Fields); err != nil {
		return "", err
	}
	var b strings.Builder
	for i := range schema.Fields {
		f := &schema.Fields[i]
		name, err := ColumnType(f.Type)
		if err != nil {
			return "", fault.New("duck_column", "column", f.Name).Because(err).Permanent()
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(Ident(f.Name) + " " + name)
	}
	return b.String(), nil
}

// spooledJSON returns the type with every json in it as a string, since DuckDB's
// reader would spell the numbers in it anew.
func spooledJSON(t record.Type) record.Type {
	switch t.Kind {
	case record.KindJSON:
		return record.Of(record.KindString)
	case record.KindList:
		return record.ListOf(spooledJSON(*t.Elem))
	case record.KindStruct:
		fields := make([]record.Field, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = record.Field{Name: f.Name, Type: spooledJSON(f.Type)}
		}
		return record.StructOf(fields...)
	}
	return t
}

// Load makes a table of contents that all have the schema, and returns its rows.
func (db *DB) Load(ctx context.Context, name string, schema *record.Schema, contents ...io.Reader) (int64, error) {
	t, err := db.NewTable(ctx, name, schema)
	if err != nil {
		return 0, err
	}
	for _, r := range contents {
		if err := t.Add(ctx, r); err != nil {
			return 0, errors.Join(err, t.abandon())
		}
	}
	return t.Close(ctx)
}

// Add takes the records of a content: NDJSON as processors write it, with the
// columns of the schema in any order. Close must follow, also after an error.
func (t *Table) Add(ctx context.Context, content io.Reader) error {
	if t.err != nil {
		return t.err
	}
	if t.wire != nil {
		t.err = t.rewrite(ctx, content)
		return t.err
	}
	buf := make([]byte, 256<<10)
	for {
		n, err := content.Read(buf)
		if n > 0 {
			if t.err = t.write(ctx, buf[:n]); t.err != nil {
				return t.err
			}
		}
		if err == io.EOF {
			if t.last != '\n' && t.last != 0 {
				t.err = t.write(ctx, []byte{'\n'})
			}
			return t.err
		}
		if err != nil {
			t.err = fmt.Errorf("read records: %w", err)
			return t.err
		}
	}
}

// write spools bytes. A full segment is handed over at the end of a line.
func (t *Table) write(ctx context.Context, b []byte) error {
	if t.out != nil && t.size >= segment {
		if end := bytes.IndexByte(b, '\n'); end >= 0 {
			if err := t.spool(b[:end+1]); err != nil {
				return err
			}
			if err := t.hand(ctx); err != nil {
				return err
			}
			b = b[end+1:]
		}
	}
	if len(b) == 0 {
		return nil
	}
	return t.spool(b)
}

func (t *Table) spool(b []byte) error {
	if t.out == nil {
		t.path = t.db.file("ndjson")
		f, err := os.OpenFile(t.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fault.New("duck_spool", "directory", t.db.spool).Because(err)
		}
		t.out, t.size = f, 0
	}
	n, err := t.out.Write(b)
	t.size += int64(n)
	if err != nil {
		return fault.New("duck_spool", "directory", t.db.spool).Because(err)
	}
	t.last = b[len(b)-1]
	return nil
}

// hand gives the spooled segment to DuckDB, which works on it while the next is
// spooled.
func (t *Table) hand(ctx context.Context) error {
	if t.out == nil {
		return nil
	}
	if err := t.out.Close(); err != nil {
		return fault.New("duck_spool", "directory", t.db.spool).Because(err)
	}
	t.out, t.last = nil, 0
	if err := t.wait(); err != nil {
		return err
	}
	path := t.path
	t.pending = make(chan inserted, 1)
	go func(done chan<- inserted) {
		rows, err := t.take(ctx, path)
		done <- inserted{rows, err}
	}(t.pending)
	return nil
}

// take inserts the records of a spool file and removes it.
func (t *Table) take(ctx context.Context, path string) (int64, error) {
	var rows int64
	var err error
	for _, most := range maxObjects {
		q := strings.NewReplacer("\x00", literal(path), "\x01", fmt.Sprint(most)).Replace(t.insert)
		rows, err = t.db.Exec(ctx, q)
		if err == nil || !strings.Contains(err.Error(), "maximum_object_size") {
			break
		}
	}
	if rerr := os.Remove(path); err == nil && rerr != nil {
		err = fault.New("duck_spool", "directory", t.db.spool).Because(rerr)
	}
	return rows, err
}

// wait waits for the segment that was handed over last.
func (t *Table) wait() error {
	if t.pending == nil {
		return nil
	}
	done := <-t.pending
	t.pending = nil
	t.rows += done.rows
	return done.err
}

// Close hands over what is spooled and returns the rows of the table, as DuckDB
// counted them.
func (t *Table) Close(ctx context.Context) (int64, error) {
	if t.err == nil {
		t.err = t.hand(ctx)
	}
	if err := t.wait(); t.err == nil {
		t.err = err
	}
	if t.err != nil {
		return 0, errors.Join(t.err, t.abandon())
	}
	var have int64
	if t.err = t.db.Row(ctx, "SELECT count(*) FROM "+Ident(t.name), &have); t.err != nil {
		return 0, t.err
	}
	if have != t.rows {
		return 0, fmt.Errorf("table %q holds %d rows after %d were inserted", t.name, have, t.rows)
	}
	return have, nil
}

// abandon waits for DuckDB and closes the spool file.
func (t *Table) abandon() error {
	_ = t.wait() // the first error is the one to tell
	if t.out == nil {
		return nil
	}
	err := t.out.Close()
	t.out = nil
	return err
}

// rewrite spools the records with json as text.
func (t *Table) rewrite(ctx context.Context, content io.Reader) error {
	r := record.NewNDJSONReader(content, t.schema, record.ReadOptions{})
	w := record.NewNDJSONWriter(writing{ctx, t}, t.wire)
	row := make([]record.Value, len(t.schema.Fields))
	for {
		in, err := r.Next()
		if err == io.EOF {
			return w.Close()
		}
		if err != nil {
			return err
		}
		for i, v := range in {
			row[i] = jsonAsText(v)
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
}

// writing is a table's spool as a writer.
type writing struct {
	ctx context.Context
	t   *Table
}

func (w writing) Write(b []byte) (int, error) {
	if err := w.t.write(w.ctx, b); err != nil {
		return 0, err
	}
	return len(b), nil
}

func jsonAsText(v record.Value) record.Value {
	switch v.Kind() {
	case record.KindJSON:
		return record.String(v.Text())
	case record.KindList, record.KindStruct:
		items := make([]record.Value, len(v.Items()))
		for i, it := range v.Items() {
			items[i] = jsonAsText(it)
		}
		if v.Kind() == record.KindList {
			return record.List(items...)
		}
		return record.Struct(items...)
	}
	return v
}

// bufferSize is that of readers and writers of spool files.
const bufferSize = 256 << 10

func buffered(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, bufferSize) }
