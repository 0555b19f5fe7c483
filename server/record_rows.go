package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
)

// Bounds of reading a content as records.
const (
	recordBytes  = 16 << 20 // read by one call
	recordRow    = 8 << 20  // of one row
	recordAnswer = 8 << 20  // of rows in one answer
	inferBytes   = 2 << 20  // looked at for the columns of content without a schema
	inferRows    = 1000
)

// The forms of records.
const (
	formNDJSON = "ndjson"
	formJSON   = "json"
	formCSV    = "csv"
)

// errBudget ends the reading of a content whose share has been read.
var errBudget = errors.New("as much of the content as one call may read was read")

// budget passes on so many bytes.
type budget struct {
	r    io.Reader
	left int64
}

// Read fails with errBudget when nothing is left.
func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		// At the very end there is nothing that was kept back.
		if n, err := b.r.Read(p[:min(len(p), 1)]); n == 0 && err == io.EOF {
			return 0, io.EOF
		}
		return 0, errBudget
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// spanReader is a reader that tells where its last row stood.
type spanReader interface {
	record.Reader
	Span() (from, to int64)
}

// recordRows are the rows of a content, read from a place on in bounded bytes.
type recordRows struct {
	spanReader
	form string
	// inferred says that the content names no schema and its first rows gave the
	// columns.
	inferred bool
	base     int64 // where the reading began
	body     io.Closer
}

// Close ends the reading.
func (r *recordRows) Close() error { return r.body.Close() }

// end is the byte behind the last row.
func (r *recordRows) end() int64 {
	_, to := r.Span()
	return r.base + to
}

// formOf is how a FlowFile's records are written, by its attributes or as a
// person says. Its bytes are not asked: whatever they are, they are no proof.
func formOf(f *flowfile.FlowFile, as string) (string, error) {
	switch as {
	case formNDJSON, formJSON, formCSV:
		return as, nil
	case "":
	default:
		return "", fault.New("records_form_unknown", "form", as).Permanent()
	}
	switch mediaType(f) {
	case flowfile.NDJSON, "application/jsonl", "application/x-jsonlines":
		return formNDJSON, nil
	case "application/json":
		return formJSON, nil
	case "text/csv":
		return formCSV, nil
	}
	if f.Attr(flowfile.SchemaAttr) != "" {
		return formNDJSON, nil
	}
	return "", fault.New("content_not_records", "id", f.ID, "type", f.Attr(flowfile.MimeAttr)).Permanent()
}

// rowSource is a text of records: how they are written and where it is found.
type rowSource struct {
	form string
	// schema is nil where the first rows give the columns.
	schema *record.Schema
	size   int64
	csv    record.CSVOptions
	// open opens the text at a byte.
	open func(from int64) (io.ReadCloser, error)
}

// openRows begins to read a FlowFile's records at a byte, which must be where a
// row of NDJSON begins, or zero.
func (s *Server) openRows(ctx context.Context, f *flowfile.FlowFile, as string, from, most int64) (*recordRows, error) {
	form, err := formOf(f, as)
	if err != nil {
		return nil, err
	}
	schema, err := s.schemaOf(f, form)
	if err != nil {
		return nil, err
	}
	src := rowSource{form: form, schema: schema, size: f.Size(), open: func(from int64) (io.ReadCloser, error) { return s.openBody(ctx, f, from) }}
	return src.rows(from, most)
}

// rows begins to read the records at a byte.
func (src *rowSource) rows(from, most int64) (*recordRows, error) {
	out, schema := &recordRows{form: src.form, base: from}, src.schema
	if schema == nil {
		var err error
		out.inferred = true
		if schema, err = src.columns(); err != nil {
			return nil, err
		}
	}
	body, err := src.open(from)
	if err != nil {
		return nil, err
	}
	out.body = body
	in := &budget{r: body, left: most}
	options := record.ReadOptions{MaxRecord: recordRow, IgnoreUnknown: out.inferred}
	switch src.form {
	case formJSON:
		out.spanReader = record.NewJSONReader(in, schema, options)
	case formCSV:
		dialect := src.csv
		dialect.MaxRecord = recordRow
		out.spanReader = record.NewCSVReader(in, schema, dialect)
	default:
		out.spanReader = record.NewNDJSONReader(in, schema, options)
	}
	return out, nil
}

// schemaOf is the schema that a FlowFile names, nil when it names none.
func (s *Server) schemaOf(f *flowfile.FlowFile, form string) (*record.Schema, error) {
	hash := f.Attr(flowfile.SchemaAttr)
	if hash == "" || form != formNDJSON {
		return nil, nil
	}
	b, err := s.store.Schema(hash)
	if err != nil {
		return nil, unread{err}
	}
	return record.ParseSchema(b)
}

// unread is why bytes could not be had, in contrast to what is wrong with them.
type unread struct{ error }

// Unwrap returns the cause.
func (u unread) Unwrap() error { return u.error }

// body is a content whose failures to be read are unread.
type body struct{ io.ReadCloser }

// Read reads on.
func (b body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = unread{err}
	}
	return n, err
}

// openBody opens a FlowFile's content at a byte.
func (s *Server) openBody(ctx context.Context, f *flowfile.FlowFile, from int64) (io.ReadCloser, error) {
	in, err := s.store.OpenContent(ctx, f.Content, from)
	if err != nil {
		return nil, unread{err}
	}
	return body{in}, nil
}

// columns finds the columns of a text without a schema from its first rows.
func (src *rowSource) columns() (*record.Schema, error) {
	body, err := src.open(0)
	if err != nil {
		return nil, err
	}
	sample, err := io.ReadAll(io.LimitReader(body, inferBytes))
	if err = errors.Join(err, body.Close()); err != nil {
		return nil, err
	}
	var seen record.Inferrer
	in := &budget{r: bytes.NewReader(sample), left: inferBytes}
	if src.size > inferBytes {
		in.left-- // so that a row which is cut off is not taken for broken
	}
	if src.form == formCSV {
		err = observeCSV(&seen, in, src.csv)
	} else {
		err = observeJSON(&seen, in, sample, src.form)
	}
	if err != nil && !errors.Is(err, errBudget) {
		return nil, err
	}
	return seen.Schema()
}

// observeJSON tells an inferrer of the first objects of a text.
func observeJSON(seen *record.Inferrer, in io.Reader, sample []byte, form string) error {
	none, options := &record.Schema{}, record.ReadOptions{IgnoreUnknown: true, MaxRecord: recordRow}
	var rows spanReader = record.NewNDJSONReader(in, none, options)
	if form == formJSON {
		rows = record.NewJSONReader(in, none, options)
	}
	for range inferRows {
		if _, err := rows.Next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		from, to := rows.Span()
		if err := seen.ObserveJSON(sample[from:to]); err != nil {
			return err
		}
	}
	return nil
}

// observeCSV tells an inferrer of the first lines of a CSV text. The first one
// names the columns; without it they are called column1, column2 and so on.
func observeCSV(seen *record.Inferrer, in io.Reader, o record.CSVOptions) error {
	o.MaxRecord = recordRow
	rows := record.NewRawCSV(in, o)
	cells, err := rows.Next()
	if err != nil {
		if err == io.EOF {
			err = fault.New("csv_empty_content").Permanent()
		}
		return err
	}
	names := make([]string, len(cells))
	for i := range cells {
		names[i] = string([]byte(cells[i].Text))
		if o.NoHeader {
			names[i] = fmt.Sprintf("column%d", i+1)
		}
		seen.ObserveValue(names[i], record.Null)
	}
	for n := 0; n < inferRows; n++ {
		if n > 0 || !o.NoHeader { // else the first line is a row
			cells, err = rows.Next()
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		seen.Row()
		for i := range min(len(cells), len(names)) {
			seen.ObserveCell(names[i], cells[i], o.Null)
		}
	}
	return nil
}
