package files

import (
	"io"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

// The formats of files.
const (
	formatRaw    = "raw"
	formatNDJSON = "ndjson"
	formatJSON   = "json"
	formatCSV    = "csv"
)

// The values of the property unknown_keys.
const (
	unknownReject = "reject"
	unknownIgnore = "ignore"
)

// form is what a file holds, as the settings say.
type form struct {
	format    string
	schema    *record.Schema
	rows      int64
	unknown   string
	delimiter rune
	header    bool
	null      string
	longest   int64
}

func newForm() form {
	return form{format: formatRaw, rows: 10_000, unknown: unknownReject, delimiter: ',', header: true, longest: 16 << 20}
}

// define binds the properties that kinds which read files share; hint says more
// about the schema.
func (m *form) define(s *processors.Spec, hint string) {
	records := processors.DependsOn("format", formatNDJSON, formatJSON, formatCSV)
	objects := processors.DependsOn("format", formatNDJSON, formatJSON)
	table := processors.DependsOn("format", formatCSV)
	s.Choice(&m.format, "format", "What the file holds.", []processors.ChoiceValue{
		{Value: formatRaw, Doc: "Bytes, which become the content of one FlowFile as they are; their rows are not counted."},
		{Value: formatNDJSON, Doc: "Records: one JSON object a line."},
		{Value: formatJSON, Doc: "Records: one JSON array of objects."},
		{Value: formatCSV, Doc: "Records: a table in UTF-8."},
	})
	s.Schema(&m.schema, "schema", "The columns of the records and their types."+hint, records, processors.Required)
	s.Int(&m.rows, "rows", "How many rows go into one FlowFile.", records, processors.Min(1), processors.Max(1_000_000))
	s.Choice(&m.unknown, "unknown_keys", "What to do with an object that has keys which the schema does not name.", []processors.ChoiceValue{
		{Value: unknownReject, Doc: "Send the row to rejected."},
		{Value: unknownIgnore, Doc: "Leave those keys out."},
	}, objects)
	s.Rune(&m.delimiter, "delimiter", "The character between two cells.", table)
	s.Bool(&m.header, "header", "Whether the first line names the columns. They may stand in any order, but must be those of the schema.", table)
	s.String(&m.null, "null", `The text that stands, without quotes, for null: nothing, or for example \N or NULL.`, table)
	s.Bytes(&m.longest, "longest_row", "The most bytes that one row may have.", records, processors.Min(1), processors.Max(1<<30), processors.Advanced)
}

// outputs declares what such kinds emit.
func (m *form) outputs(s *processors.Spec) {
	s.Output("success", "The records, or the bytes, with path, filename, file.size and file.modified (RFC 3339, UTC).")
	s.Output("rejected", "Rows that do not fit the schema, as records of row, code, reason and raw, the row's own bytes. Of the first of each FlowFile, code and reason stand in reject.code and reject.reason too.",
		processors.Reject)
}

// validate checks what one property alone cannot show.
func (m *form) validate(r *processors.Report) {
	if m.format != formatCSV || !r.Known("format", "delimiter", "null") {
		return
	}
	if err := m.csv().Check(); err != nil {
		key := "delimiter"
		if fault.CodeOf(err) == "csv_bad_null" {
			key = "null"
		}
		r.Problem(key, fault.As(err))
	}
}

func (m *form) csv() record.CSVOptions {
	return record.CSVOptions{Delimiter: m.delimiter, Null: m.null, NoHeader: !m.header, MaxRecord: int(m.longest)}
}

// spanReader is a reader that knows where its rows stand.
type spanReader interface {
	record.Reader
	// Span returns the first byte of the last row and the one behind it.
	Span() (from, to int64)
}

// reader reads the records of a file.
func (m *form) reader(r io.Reader) spanReader {
	o := record.ReadOptions{MaxRecord: int(m.longest), IgnoreUnknown: m.unknown == unknownIgnore}
	switch m.format {
	case formatCSV:
		return record.NewCSVReader(r, m.schema, m.csv())
	case formatJSON:
		return record.NewJSONReader(r, m.schema, o)
	}
	return record.NewNDJSONReader(r, m.schema, o)
}
