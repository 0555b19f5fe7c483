package server

import (
	"cmp"
	"context"
	"errors"
	"io"
	"path/filepath"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors/duck"
	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/store"
)

// queueTable is what a SELECT over a queue calls the records in it.
const queueTable = "queue"

// Bounds of a SELECT over a queue.
const (
	sampleFiles  = 1000
	sampleBytes  = 64 << 20 // of content
	sampleRows   = 200_000
	sampleTime   = 30 * time.Second
	sampleMemory = 256 << 20
	sampleDisk   = 1 << 30
	sampleIDs    = 1000
)

// QueryQueue asks for a SELECT over records that lie in a queue.
type QueryQueue struct {
	Flow string `param:"flow" json:"-"`
	Conn string `param:"conn" json:"-"`
	Run  string `json:"run,omitempty"`
	// IDs are the FlowFiles to query, by their places or ids; empty means those
	// at the head of the queue.
	IDs []string `json:"ids,omitempty"`
	// SQL is one SELECT, in DuckDB's dialect, over the table queue.
	SQL string `json:"sql"`
	// Limit is how many rows to return, 200 by default and 10,000 at most.
	Limit int `json:"limit,omitempty"`
}

// QueueAnswer is what a SELECT over a queue made; its tables are queue alone.
type QueueAnswer struct {
	QueryAnswer
	Sample QueueSample `json:"sample"`
}

// QueueSample tells what a SELECT over a queue has seen of it.
type QueueSample struct {
	Files int   `json:"files"`
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"`
	// Truncated says that more lies there than was read.
	Truncated bool `json:"truncated"`
	// LeftOut counts FlowFiles that hold no records, a record that cannot be read,
	// or records of other columns than the first.
	LeftOut int `json:"left_out"`
	// Columns are those of the table queue.
	Columns []RecordColumn `json:"columns"`
}

// queryQueue runs a SELECT over a sample of a queue, in a database that is locked
// into a directory of its own.
func (s *Server) queryQueue(ctx context.Context, in *QueryQueue) (answer *QueueAnswer, err error) {
	began := time.Now()
	done, err := s.selecting()
	if err != nil {
		return nil, err
	}
	defer done()
	l, _, err := s.lane(in.Flow, in.Conn, in.Run)
	if err != nil {
		return nil, err
	}
	checked, err := duck.Check(ctx, in.SQL, []string{queueTable})
	if err != nil {
		return nil, err
	}
	args, err := duck.Arguments(checked.Params, flowfile.Run{})
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, sampleTime, fault.New("duck_slow", "limit", sampleTime).Permanent())
	defer cancel()
	defer func() {
		if err != nil && ctx.Err() == nil && limited.Err() != nil {
			err = context.Cause(limited)
		}
	}()
	db, err := duck.Open(limited, duck.Options{Dir: filepath.Join(s.cfg.Data, "scratch"), Memory: sampleMemory, Disk: sampleDisk})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	files, more, err := s.sample(l, in.IDs)
	if err != nil {
		return nil, err
	}
	sample, err := s.loadSample(limited, db, l, files)
	if err != nil {
		return nil, err
	}
	sample.Truncated = sample.Truncated || more
	result, err := db.Query(limited, in.SQL, args...)
	if err != nil {
		return nil, err
	}
	rows, err := firstRows(limited, result, in.Limit)
	if err != nil {
		return nil, err
	}
	return &QueueAnswer{Sample: *sample, QueryAnswer: QueryAnswer{Columns: result.Schema, Rows: rows, Total: result.Rows,
		Tables: []RunTable{{Name: queueTable, Rows: sample.Rows}}, Took: time.Since(began).Round(time.Millisecond).String()}}, nil
}

// sample returns the FlowFiles to query and whether there are more.
func (s *Server) sample(l store.Lane, ids []string) ([]*flowfile.FlowFile, bool, error) {
	var out []*flowfile.FlowFile
	if len(ids) == 0 {
		p, err := s.store.Browse(l, store.Look{Limit: sampleFiles, Scan: sampleFiles})
		for i := range p.Items {
			out = append(out, p.Items[i].FlowFile)
		}
		return out, p.More, err
	}
	for _, id := range ids[:min(len(ids), sampleIDs)] {
		q, err := s.queuedIn(l, id)
		if err != nil {
			return nil, false, err
		}
		out = append(out, q.FlowFile)
	}
	return out, len(ids) > sampleIDs, nil
}

// loadSample makes the table queue of the FlowFiles' records. A FlowFile is in it
// whole or, when its content is not sound, left out.
func (s *Server) loadSample(ctx context.Context, db *duck.DB, l store.Lane, files []*flowfile.FlowFile) (*QueueSample, error) {
	out := &QueueSample{}
	var schema *record.Schema
	var table *duck.Table
	var none error
	for _, f := range files {
		if out.Truncated = out.Bytes >= sampleBytes || out.Rows >= sampleRows; out.Truncated {
			break
		}
		most := sampleRows - out.Rows
		columns, err := s.soundRows(ctx, f, sampleBytes-out.Bytes, most)
		if err != nil && (errors.As(err, new(unread)) || ctx.Err() != nil) {
			return nil, errors.Join(err, closeTable(ctx, table))
		}
		if err != nil || schema != nil && !schema.Equal(columns) {
			out.LeftOut++
			none = cmp.Or(none, err)
			continue
		}
		if schema == nil {
			schema = columns
			if table, err = db.NewTable(ctx, queueTable, schema); err != nil {
				return nil, err
			}
		}
		in, err := s.openRows(ctx, f, "", 0, sampleBytes-out.Bytes)
		if err != nil {
			return nil, errors.Join(err, closeTable(ctx, table))
		}
		rows, cut, err := pour(ctx, table, in, most)
		if err = errors.Join(err, in.Close()); err != nil {
			return nil, errors.Join(err, closeTable(ctx, table))
		}
		out.Files++
		out.Rows += rows
		out.Bytes += f.Size()
		out.Truncated = out.Truncated || cut
	}
	if table == nil {
		if none == nil {
			none = fault.New("queue_no_records", "connection", l.Conn).Permanent()
		}
		return nil, none
	}
	out.Columns = columnsOf(schema)
	_, err := table.Close(ctx)
	return out, err
}

// soundRows reads the records that a sample takes of a FlowFile and returns their
// columns, or what is wrong with one.
func (s *Server) soundRows(ctx context.Context, f *flowfile.FlowFile, bytes, rows int64) (columns *record.Schema, err error) {
	in, err := s.openRows(ctx, f, "", 0, bytes)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	for range rows {
		if _, err := in.Next(); err == io.EOF || errors.Is(err, errBudget) {
			break
		} else if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return in.Schema(), nil
}

func closeTable(ctx context.Context, t *duck.Table) error {
	if t == nil {
		return nil
	}
	_, err := t.Close(ctx)
	return err
}

// pour adds rows to a table until the content ends, its share is read, or there
// are enough.
func pour(ctx context.Context, table *duck.Table, in *recordRows, most int64) (rows int64, cut bool, err error) {
	pipe, into := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		w := record.NewNDJSONWriter(into, in.Schema())
		for {
			row, err := in.Next()
			if cut = errors.Is(err, errBudget) || err == nil && w.Rows() == most; cut || err == io.EOF {
				rows = w.Rows()
				into.CloseWithError(w.Close())
				return
			}
			if err == nil {
				err = w.Write(row)
			}
			if err != nil {
				into.CloseWithError(err)
				return
			}
		}
	}()
	err = table.Add(ctx, pipe)
	pipe.CloseWithError(io.ErrClosedPipe)
	<-done
	return rows, cut, err
}
