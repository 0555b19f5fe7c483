package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/processors/duck"
	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/runs"
)

// Bounds of a query over a run's outputs.
const (
	sqlRows  = 200
	sqlMost  = 10_000
	sqlBytes = 16 << 20
	sqlTime  = time.Minute
)

// QueryRun asks for a SELECT over the outputs of a run.
type QueryRun struct {
	Run string `param:"run" json:"-"`
	// SQL is one SELECT, in DuckDB's dialect. Each node that wrote a CSV file with
	// a manifest is a table of its name, with _ for -.
	SQL string `json:"sql"`
	// Limit is how many rows to return, 200 by default and 10,000 at most.
	Limit int `json:"limit,omitempty"`
}

// QueryAnswer is what a SELECT made.
type QueryAnswer struct {
	// Columns are pairs of name and type.
	Columns *record.Schema `json:"columns"`
	// Rows hold a value for each column, as in records.
	Rows [][]json.RawMessage `json:"rows"`
	// Total is how many rows there are, of which Rows may be the first.
	Total int64 `json:"total"`
	// Tables are the tables of the run.
	Tables []RunTable `json:"tables"`
	Took   string     `json:"took"`
}

// RunTable is an output of a run that SQL sees as a table.
type RunTable struct {
	Name string `json:"name"`
	Node string `json:"node"`
	File string `json:"file"`
	Rows int64  `json:"rows"`

	columns *record.Schema
	options record.CSVOptions
}

// queryRun runs a SELECT over the CSV files that a run wrote, in a database that
// is locked into a directory of its own.
// selectsMost is how many SELECTs of people may be at work at once: each may take
// as much memory and disk as its bounds say.
const selectsMost = 2

// selecting takes a place for a SELECT, which done gives back.
func (s *Server) selecting() (done func(), err error) {
	if s.selects.Add(1) > selectsMost {
		s.selects.Add(-1)
		return nil, fault.New("sql_busy", "most", selectsMost).Permanent()
	}
	return func() { s.selects.Add(-1) }, nil
}

func (s *Server) queryRun(ctx context.Context, in *QueryRun) (answer *QueryAnswer, err error) {
	began := time.Now()
	done, err := s.selecting()
	if err != nil {
		return nil, err
	}
	defer done()
	r, err := s.run(in.Run)
	if err != nil {
		return nil, err
	}
	tables, err := s.runTables(r)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(tables))
	for i := range tables {
		names[i] = tables[i].Name
	}
	checked, err := duck.Check(ctx, in.SQL, names)
	if err != nil {
		return nil, err
	}
	args, err := duck.Arguments(checked.Params, flowfile.Run{Slot: r.Slot, Date: r.Date, Start: r.Start, End: r.End, Zone: r.Zone, Params: r.Params})
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, sqlTime, fault.New("duck_slow", "limit", sqlTime).Permanent())
	defer cancel()
	defer func() {
		if err != nil && ctx.Err() == nil && limited.Err() != nil {
			err = context.Cause(limited)
		}
	}()
	db, err := duck.Open(limited, duck.Options{Dir: filepath.Join(s.cfg.Data, "scratch")})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for i := range tables {
		if slices.ContainsFunc(checked.Tables, func(n string) bool { return strings.EqualFold(n, tables[i].Name) }) {
			if err := s.loadTable(limited, db, &tables[i]); err != nil {
				return nil, err
			}
		}
	}
	result, err := db.Query(limited, in.SQL, args...)
	if err != nil {
		return nil, err
	}
	rows, err := firstRows(limited, result, in.Limit)
	if err != nil {
		return nil, err
	}
	return &QueryAnswer{Columns: result.Schema, Rows: rows, Total: result.Rows, Tables: tables, Took: time.Since(began).Round(time.Millisecond).String()}, nil
}

// firstRows returns the first rows of a result, as JSON.
func firstRows(ctx context.Context, result *duck.Result, limit int) (rows [][]json.RawMessage, err error) {
	if limit <= 0 {
		limit = sqlRows
	}
	lines, err := result.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lines.Close()) }()
	var text strings.Builder
	if _, err := lines.Next(ctx, &text, int64(min(limit, sqlMost)), sqlBytes); err != nil {
		return nil, err
	}
	in := record.NewNDJSONReader(strings.NewReader(text.String()), result.Schema, record.ReadOptions{})
	rows = [][]json.RawMessage{}
	for {
		row, err := in.Next()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		out := make([]json.RawMessage, len(row))
		for i, v := range row {
			if out[i], err = record.AppendJSON(nil, result.Schema.Fields[i].Type, v); err != nil {
				return nil, err
			}
		}
		rows = append(rows, out)
	}
}

// runTables are the outputs of a run that are CSV files with a manifest of that
// very run beside them.
func (s *Server) runTables(r *runs.Run) ([]RunTable, error) {
	settings, err := s.settingsOf(r)
	if err != nil {
		return nil, err
	}
	var out []RunTable
	why := "it wrote no files."
	for _, c := range r.Receipts {
		file := c.File
		if file == "" {
			file = c.Key
		}
		m, err := s.manifest(file)
		if err != nil {
			why = fault.Text(err, fault.English)
			continue
		}
		if m.Run != r.ID {
			why = fmt.Sprintf("%q was written anew by run %s.", file, m.Run)
			continue
		}
		name := strings.ReplaceAll(c.Node, "-", "_")
		if slices.ContainsFunc(out, func(t RunTable) bool { return t.Name == name }) {
			name += "_" + strings.NewReplacer("-", "_", ".", "_").Replace(strings.TrimSuffix(path.Base(file), path.Ext(file)))
		}
		out = append(out, RunTable{Name: name, Node: c.Node, File: file, Rows: m.Rows, columns: m.Columns, options: dialect(settings[c.Node])})
	}
	if len(out) == 0 {
		return nil, fault.New("duck_no_outputs", "run", r.ID, "why", why).Permanent()
	}
	return out, nil
}

// settingsOf are the settings of the nodes that executed a run.
func (s *Server) settingsOf(r *runs.Run) (map[string]map[string]json.RawMessage, error) {
	nodes, err := s.nodesOf(r)
	out := map[string]map[string]json.RawMessage{}
	for slug, n := range nodes {
		out[slug] = n.Settings
	}
	return out, err
}

// nodesOf are the nodes that executed a run.
func (s *Server) nodesOf(r *runs.Run) (map[string]flows.Node, error) {
	if len(r.FlowVersions) == 0 {
		return nil, nil
	}
	v, err := s.store.Version(r.Flow, r.FlowVersions[len(r.FlowVersions)-1])
	if err != nil {
		return nil, err
	}
	f, err := flows.Parse(v.Doc)
	if err != nil {
		return nil, err
	}
	return f.Nodes, nil
}

// dialect is the one in which a node with these settings writes CSV.
func dialect(settings map[string]json.RawMessage) record.CSVOptions {
	var delimiter, null string
	header := true
	for key, to := range map[string]any{"delimiter": &delimiter, "null": &null, "header": &header} {
		if raw, ok := settings[key]; ok {
			_ = json.Unmarshal(raw, to) // one that a parameter gives stays as by default, and the reader says what does not fit
		}
	}
	o := record.CSVOptions{Null: null, NoHeader: !header}
	if delimiter == `\t` {
		delimiter = "\t"
	}
	for _, d := range delimiter {
		o.Delimiter = d
		break
	}
	return o
}

// csvManifest is what stands beside a CSV file.
type csvManifest struct {
	Run     string         `json:"run"`
	Rows    int64          `json:"rows"`
	SHA256  string         `json:"sha256"`
	Columns *record.Schema `json:"columns"`
}

func (s *Server) manifest(file string) (m csvManifest, err error) {
	f, err := s.files.Open(file + ".manifest.json")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := json.NewDecoder(io.LimitReader(f, 1<<20)).Decode(&m); err != nil || m.Columns == nil {
		return m, fault.New("duck_no_outputs", "run", m.Run, "why", file).Because(err).Permanent()
	}
	return m, nil
}

// loadTable reads a CSV file, with the types of its manifest, into a table.
func (s *Server) loadTable(ctx context.Context, db *duck.DB, t *RunTable) (err error) {
	file, err := s.files.Open(t.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	table, err := db.NewTable(ctx, t.Name, t.columns)
	if err != nil {
		return err
	}
	pipe, into := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		into.CloseWithError(rewriteCSV(record.NewCSVReader(file, t.columns, t.options), into, t.columns))
	}()
	err = table.Add(ctx, pipe)
	pipe.CloseWithError(io.ErrClosedPipe)
	<-done
	rows, cerr := table.Close(ctx)
	if err = errors.Join(err, cerr); err == nil && rows != t.Rows {
		err = fault.New("duck_rows_differ", "path", t.File, "want", t.Rows, "have", rows).Permanent()
	}
	return err
}

// rewriteCSV writes rows as NDJSON.
func rewriteCSV(in *record.CSVReader, out io.Writer, columns *record.Schema) error {
	w := record.NewNDJSONWriter(out, columns)
	for {
		row, err := in.Next()
		if err == io.EOF {
			return w.Close()
		}
		if err == nil {
			err = w.Write(row)
		}
		if err != nil {
			return err
		}
	}
}
