package bigquery

import (
	"bufio"
	"database/sql/driver"
	"errors"
	"io"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"
)

func ratOf(s string) (*big.Rat, bool) {
	if len(s) > 400 {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// csvReader cuts CSV into cells, with any quote and delimiter. Unlike
// encoding/csv it tells a quoted empty cell from an empty one.
type csvReader struct {
	in        *bufio.Reader
	quote     byte // 0 for none
	delimiter byte
	newlines  bool // quoted cells may have them
	at        int64
	buf       []byte
	lines     int // read so far
}

// cell is a value of a row.
type cell struct {
	text   string
	quoted bool
}

func newCSVReader(in *bufio.Reader, l *loadConfig) (*csvReader, error) {
	r := &csvReader{in: in, quote: '"', delimiter: ',', newlines: l.AllowQuotedNewlines}
	if l.Quote != nil {
		switch len(*l.Quote) {
		case 0:
			r.quote = 0
		case 1:
			r.quote = (*l.Quote)[0]
		default:
			return nil, problem(ReasonInvalid, "Invalid value for quote: %q must be one byte.", *l.Quote)
		}
	}
	switch d := l.FieldDelimiter; {
	case d == `\t` || strings.EqualFold(d, "tab"):
		r.delimiter = '\t'
	case len(d) == 1:
		r.delimiter = d[0]
	case d != "":
		return nil, problem(ReasonInvalid, "Invalid value for fieldDelimiter: %q must be one byte.", d)
	}
	return r, nil
}

// errQuote is a quoted cell that does not end as it should.
var errQuote = say(`Missing close double quote (") character.`)

// row returns the cells of the next row that is not empty, and where it began.
func (r *csvReader) row() ([]cell, int64, error) {
	for {
		start := r.at
		line, err := r.line()
		if err != nil {
			return nil, start, err
		}
		if line == "" {
			continue
		}
		var cells []cell
		for {
			c, rest, more, err := r.cell(line)
			if err != nil {
				return nil, start, err
			}
			cells = append(cells, c)
			if !more {
				return cells, start, nil
			}
			line = rest
		}
	}
}

func (r *csvReader) line() (string, error) {
	b, n, err := readLine(r.in, &r.buf)
	r.at += n
	r.lines++
	return string(b), err
}

// cell cuts the first cell off a line, reading on if it goes over its end.
func (r *csvReader) cell(line string) (c cell, rest string, more bool, err error) {
	if r.quote == 0 || line == "" || line[0] != r.quote {
		text, rest, more := strings.Cut(line, string(r.delimiter))
		return cell{text: text}, rest, more, nil
	}
	line = line[1:]
	var text strings.Builder
	for {
		i := strings.IndexByte(line, r.quote)
		switch {
		case i < 0 && !r.newlines:
			return cell{}, "", false, errQuote
		case i < 0:
			text.WriteString(line)
			text.WriteByte('\n')
			if line, err = r.line(); errors.Is(err, io.EOF) {
				return cell{}, "", false, errQuote
			} else if err != nil {
				return cell{}, "", false, err
			}
			continue
		case i+1 < len(line) && line[i+1] == r.quote:
			text.WriteString(line[:i+1])
			line = line[i+2:]
			continue
		}
		text.WriteString(line[:i])
		switch line = line[i+1:]; {
		case line == "":
			return cell{text.String(), true}, "", false, nil
		case line[0] == r.delimiter:
			return cell{text.String(), true}, line[1:], true, nil
		}
		return cell{}, "", false, say("Data between close double quote (\") and field separator.")
	}
}

// csvRows reads CSV by the position of its columns, or by their names.
type csvRows struct {
	io.Closer
	in     *csvReader
	load   *loadConfig
	fields []*Field
	order  []int // cell -> field, -1 for none
	nulls  []string
}

func openCSV(path string, l *loadConfig, fields []*Field) (source, error) {
	in, c, err := openText(path)
	if err != nil {
		return nil, err
	}
	r := &csvRows{Closer: c, load: l, fields: fields, nulls: l.NullMarkers}
	if l.NullMarker != nil {
		r.nulls = append(r.nulls, *l.NullMarker)
	}
	if r.in, err = newCSVReader(in, l); err == nil {
		err = r.begin()
	}
	if err != nil {
		_ = c.Close() // only read
		return nil, err
	}
	return r, nil
}

// begin skips the leading rows, of which the last may name the columns.
func (r *csvRows) begin() error {
	for i := range r.fields {
		r.order = append(r.order, i)
		if f := r.fields[i]; f.repeated() || f.Type == "RECORD" {
			return problem(ReasonInvalid, "Nested and repeated fields cannot be loaded from CSV. Field: %s", f.Name)
		}
	}
	var header []cell
	skip := r.load.SkipLeadingRows
	if r.load.SourceColumnMatch == "NAME" {
		skip = max(skip, 1)
	}
	for range skip {
		cells, _, err := r.in.row()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return problem(ReasonInvalid, "Error while reading data, error message: %v", err).at(fileLocation)
		}
		header = cells
	}
	if r.load.SourceColumnMatch != "NAME" {
		return nil
	}
	r.order = r.order[:0]
	for _, c := range header {
		i := slices.IndexFunc(r.fields, func(f *Field) bool { return strings.EqualFold(f.Name, c.text) })
		if i < 0 && !r.load.IgnoreUnknownValues {
			return problem(ReasonInvalid, "Error while reading data, error message: the column %q of the file is not in the schema.", c.text).at(fileLocation)
		}
		r.order = append(r.order, i)
	}
	return nil
}

func (r *csvRows) next() ([]driver.Value, *ErrorProto, error) {
	cells, at, err := r.in.row()
	line := r.in.lines
	if errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	var p *Problem
	if errors.As(err, &p) {
		return nil, nil, err
	}
	if err != nil {
		return nil, wrongRow("Error detected while parsing row starting at position: %d. Error: %v", at, err), nil
	}
	if len(cells) > len(r.order) && !r.load.IgnoreUnknownValues {
		return nil, wrongRow("Too many values in line. Found %d column(s) while expected %d.; line_number: %d byte_offset_to_start_of_line: %d", len(cells), len(r.order), line, at), nil
	}
	if len(cells) < len(r.order) && !r.load.AllowJaggedRows {
		return nil, wrongRow("Too few values in line. Found %d column(s) while expected %d.; line_number: %d byte_offset_to_start_of_line: %d", len(cells), len(r.order), line, at), nil
	}
	row := make([]driver.Value, len(r.fields))
	for i, c := range cells[:min(len(cells), len(r.order))] {
		at := r.order[i]
		if at < 0 {
			continue
		}
		f := r.fields[at]
		if r.null(f, c) {
			continue
		}
		v, err := parseText(f, c.text)
		if err != nil && !utf8.ValidString(c.text) {
			return nil, wrongRow("Bad character (ASCII 0 or invalid UTF-8) encountered in field %s; line_number: %d", f.Name, line), nil
		}
		if err != nil {
			return nil, wrongRow("Could not parse '%s' as %s for field %s (position %d) starting at location %d with message '%v'", c.text, sqlType(f.Type), f.Name, at, r.in.at, err), nil
		}
		row[at] = v
	}
	for i, f := range r.fields {
		if f.required() && row[i] == nil {
			return nil, wrongRow("Required column value for column index: %d is missing in row starting at position: %d", i, at), nil
		}
	}
	return row, nil, nil
}

// null tells whether a cell has no value.
func (r *csvRows) null(f *Field, c cell) bool {
	if !c.quoted && slices.Contains(r.nulls, c.text) {
		return true
	}
	if c.text != "" {
		return false
	}
	// Without a null marker an unquoted empty cell is NULL and a quoted one "".
	// With one, only texts may be empty.
	return len(r.nulls) == 0 && (!c.quoted || f.Type != "STRING" && f.Type != "BYTES")
}
