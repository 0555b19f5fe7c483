package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/web"
)

// Rows of a page of records.
const (
	recordPage = 200
	recordMost = 1000
)

// RecordAsk is what is wanted of a content.
type RecordAsk struct {
	// Offset is the first row, from 0. At, which "next" of a page gives, leads
	// there at once, however far it is.
	Offset int64  `query:"offset" json:"-"`
	At     string `query:"at" json:"-"`
	Limit  int    `query:"limit" json:"-"`
	// As reads the content as ndjson, json or csv, whatever its attributes say.
	As string `query:"as" json:"-"`
}

// QueuedRecords asks for records of a FlowFile in a queue.
type QueuedRecords struct {
	QueueRef
	RecordAsk
}

// ParkedRecords asks for records of a parked FlowFile.
type ParkedRecords struct {
	ParkedRef
	RecordAsk
}

// RecordColumn is a column of records.
type RecordColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// RecordPage is some rows of a content.
type RecordPage struct {
	Columns []RecordColumn `json:"columns"`
	// Rows hold a value for each column, as in records: whole numbers beyond 2^53,
	// decimals and times are texts.
	Rows [][]json.RawMessage `json:"rows"`
	// Offset is the number of the first row, from 0; Read is how many rows were
	// read for this page, those before it included.
	Offset int64 `json:"offset"`
	Read   int   `json:"read"`
	// More tells that there are rows behind. With Next they are reached without
	// reading those before; only NDJSON has it.
	More bool   `json:"more"`
	Next string `json:"next,omitempty"`
	// Source is how the records are written: ndjson, csv or json. Inferred says
	// that the content names no schema and its first rows gave the columns.
	Source   string `json:"source"`
	Inferred bool   `json:"inferred,omitempty"`
	// Problem is why the row behind the last of these cannot be read.
	Problem *web.Failure `json:"problem,omitempty"`
}

func (s *Server) queuedRecords(ctx context.Context, in *QueuedRecords) (*RecordPage, error) {
	_, q, err := s.queued(&in.QueueRef)
	if err != nil {
		return nil, err
	}
	return s.recordPage(ctx, q.FlowFile, in.RecordAsk)
}

func (s *Server) parkedRecords(ctx context.Context, in *ParkedRecords) (*RecordPage, error) {
	_, p, err := s.one(&in.ParkedRef)
	if err != nil {
		return nil, err
	}
	return s.recordPage(ctx, p.FlowFile, in.RecordAsk)
}

// recordPage reads a page of a FlowFile's records, in bounded bytes.
func (s *Server) recordPage(ctx context.Context, f *flowfile.FlowFile, ask RecordAsk) (*RecordPage, error) {
	return readPage(ask, func(from int64) (*recordRows, error) { return s.openRows(ctx, f, ask.As, from, recordBytes) })
}

// readPage reads a page of records from where open begins to read them.
func readPage(ask RecordAsk, open func(from int64) (*recordRows, error)) (page *RecordPage, err error) {
	row, from, err := ask.start()
	if err != nil {
		return nil, err
	}
	if ask.Limit <= 0 {
		ask.Limit = recordPage
	}
	ask.Limit = min(ask.Limit, recordMost)
	in, err := open(from)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if from > 0 && in.form != formNDJSON {
		return nil, fault.New("records_place_bad", "place", ask.At).Permanent()
	}
	page = &RecordPage{Columns: columnsOf(in.Schema()), Rows: [][]json.RawMessage{}, Offset: max(ask.Offset, row), Source: in.form, Inferred: in.inferred}
	to := from // behind the last row that was read
	for size := 0; ; row++ {
		if len(page.Rows) == ask.Limit || size > recordAnswer {
			to = in.end()
			_, err := in.Next()
			page.More = err != io.EOF
			break
		}
		values, err := in.Next()
		if err == io.EOF {
			return page, nil
		}
		if errors.Is(err, errBudget) {
			page.More, to = true, in.end()
			break
		}
		var bad *record.RowError
		if errors.As(err, &bad) && row < page.Offset {
			page.Read++
			continue
		}
		if err != nil {
			if len(page.Rows) == 0 {
				return nil, err
			}
			page.Problem = fault.NoteOf(err)
			return page, nil
		}
		page.Read++
		if row < page.Offset {
			continue
		}
		cells, n, err := jsonRow(in.Schema(), values)
		if err != nil {
			return nil, err
		}
		page.Rows, size = append(page.Rows, cells), size+n
	}
	if page.More && in.form == formNDJSON && page.Read > 0 {
		page.Next = strconv.FormatInt(row, 10) + "." + strconv.FormatInt(to, 10)
	}
	return page, nil
}

// start is the row and the byte where the reading begins.
func (a RecordAsk) start() (row, from int64, err error) {
	if a.At == "" {
		return 0, 0, nil
	}
	r, b, ok := strings.Cut(a.At, ".")
	row, rerr := strconv.ParseInt(r, 10, 64)
	from, berr := strconv.ParseInt(b, 10, 64)
	if !ok || rerr != nil || berr != nil || row < 0 || from < 0 {
		return 0, 0, fault.New("records_place_bad", "place", a.At).Permanent()
	}
	return row, from, nil
}

func columnsOf(s *record.Schema) []RecordColumn {
	out := make([]RecordColumn, len(s.Fields))
	for i, f := range s.Fields {
		out[i] = RecordColumn{f.Name, f.Type.String()}
	}
	return out
}

// jsonRow writes the values of a row and returns how many bytes they have.
func jsonRow(s *record.Schema, values []record.Value) (out []json.RawMessage, size int, err error) {
	out = make([]json.RawMessage, len(values))
	for i, v := range values {
		if out[i], err = record.AppendJSON(nil, s.Fields[i].Type, v); err != nil {
			return nil, 0, err
		}
		size += len(out[i])
	}
	return out, size, nil
}
