package sql

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/duck"
	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/runs"
)

func init() {
	processors.Register(func() processors.Processor { return &QueryRecord{tables: []string{"records"}} })
}

// The largest FlowFile that a result is cut into, so that what follows streams.
const (
	partRows  = 100_000
	partBytes = 64 << 20
)

// QueryRecord runs a SELECT over the records of a run.
type QueryRecord struct {
	sql    string
	tables []string
	memory int64
	disk   int64

	scratch string
}

// Define describes the kind.
func (q *QueryRecord) Define(s *processors.Spec) {
	s.Describe("QueryRecord", "Runs one SELECT over all records of a run, in DuckDB's SQL. Each input is a table of its own name; two runs over the same data give the same bytes.",
		"sql", "query", "records", "aggregate", "filter", "duckdb")
	s.Input("records", "The rows of the table of that name; all must have the same columns.", processors.WholeRun, processors.OnEmpty("fail"))
	s.InputsFrom("tables")
	s.Text(&q.sql, "sql", "One SELECT over the tables; WITH may begin it. $date, $slot, $start, $end and $zone are the run's, $name is the flow's parameter of that name as text, so cast it where a number is meant. "+
		"Timestamps are moments: write ts AT TIME ZONE $zone for the local time. Files, settings and functions that differ each time, such as now(), are out of reach. "+
		"Without an ORDER BY of its own the rows are ordered by all columns, from the first.",
		processors.Required, processors.Verbatim, processors.Example("SELECT uid, count(*) AS meetings FROM records GROUP BY uid ORDER BY uid"))
	s.List(&q.tables, "tables", "The names of the inputs, each a table in the SQL. Connections name the one they feed.", processors.Min(1), processors.Max(32),
		processors.Example("users, events"))
	s.Bytes(&q.memory, "memory", "How much memory DuckDB may use before it spills to disk; 0 means a quarter of the machine's, 1 GB at most. The process needs about half as much again.",
		processors.Advanced)
	s.Bytes(&q.disk, "spill", "How much DuckDB may spill to disk; 0 leaves it to the disk.", processors.Advanced)
	s.Output("success", "What the SELECT made, as records with its columns. A large result comes in parts of 100,000 rows at most, in order.")
	s.Law(runs.LawJoin)
}

// Validate reads the SQL with DuckDB's parser.
func (q *QueryRecord) Validate(r *processors.Report) {
	if q.memory != 0 && q.memory < 64<<20 {
		r.Problem("memory", fault.New("sql_memory_small", "least", "64 MB").Permanent())
	}
	if q.sql == "" || !r.Known("sql", "tables") {
		return
	}
	if _, err := q.check(context.Background()); err != nil {
		if f := fault.As(err); f != nil {
			r.Problem("sql", f)
		}
	}
}

// check refuses SQL that is not one SELECT over the tables, all of them.
func (q *QueryRecord) check(ctx context.Context) (*duck.Checked, error) {
	c, err := duck.Check(ctx, q.sql, q.tables)
	if err != nil {
		return nil, err
	}
	for _, t := range q.tables {
		if !slices.ContainsFunc(c.Tables, func(have string) bool { return strings.EqualFold(have, t) }) {
			return nil, fault.New("sql_table_unused", "table", t).Permanent()
		}
	}
	return c, nil
}

// Start takes the scratch directory.
func (q *QueryRecord) Start(_ context.Context, env processors.Env) error {
	q.scratch = env.Scratch
	return nil
}

// Verify reads the SQL again, with the values of parameters in it, and sees to
// it that every $name has one.
func (q *QueryRecord) Verify(ctx context.Context, env processors.Env) []processors.Step {
	step := fault.New("sql_step_read")
	c, err := q.check(ctx)
	if err == nil {
		_, err = duck.Arguments(c.Params, flowfile.Run{Params: env.Params, Zone: "UTC"})
	}
	if err != nil {
		return []processors.Step{processors.Failed(step, err)}
	}
	return []processors.Step{processors.Passed(step, fault.New("sql_note_select", "tables", strings.Join(c.Tables, ", ")))}
}

// Process loads the tables, runs the query and sends what it made.
func (q *QueryRecord) Process(ctx context.Context, s *flowfile.Session) (err error) {
	began := s.Now()
	c, err := q.check(ctx)
	if err != nil {
		return err
	}
	args, err := duck.Arguments(c.Params, s.Run())
	if err != nil {
		return err
	}
	db, err := duck.Open(ctx, duck.Options{Dir: q.scratch, Memory: q.memory, Disk: q.disk, Threads: 1})
	if err != nil {
		return err
	}
	defer func() {
		if cerr := db.Close(); err == nil {
			err = cerr
		}
	}()
	if err := q.load(ctx, s, db); err != nil {
		return err
	}
	query := db.Query
	if !c.Ordered {
		query = db.QueryInOrder
	}
	result, err := query(ctx, q.sql, args...)
	if err != nil {
		return err
	}
	spilled := db.Spilled()
	if err := send(ctx, s, result); err != nil {
		return err
	}
	s.Fact("rows.result", strconv.FormatInt(result.Rows, 10))
	s.Fact("spilled.bytes", strconv.FormatInt(max(spilled, db.Spilled()), 10))
	s.Fact("took", s.Now().Sub(began).Round(time.Millisecond).String())
	return nil
}

// load makes a table of each input.
func (q *QueryRecord) load(ctx context.Context, s *flowfile.Session, db *duck.DB) error {
	for _, name := range q.tables {
		in, err := load(ctx, s, db, name, name)
		if err != nil {
			return err
		}
		if in.schema == nil {
			return fault.New("sql_columns_unknown", "table", name).Permanent()
		}
		s.Used(in.rows)
		s.Fact("rows."+name, strconv.FormatInt(in.rows, 10))
	}
	return nil
}

// send cuts a result into FlowFiles; an empty one is one FlowFile, so that its
// columns are known.
func send(ctx context.Context, s *flowfile.Session, result *duck.Result) (err error) {
	schema, err := result.Schema.MarshalJSON()
	if err != nil {
		return err
	}
	lines, err := result.Open(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := lines.Close(); err == nil {
			err = cerr
		}
	}()
	for first := true; first || lines.More(); first = false {
		f := s.Create()
		err := s.WriteRecords(f, schema, func(w io.Writer) (int64, error) { return lines.Next(ctx, w, partRows, partBytes) })
		if row, ok := errors.AsType[*record.RowError](err); ok {
			return fault.New("sql_row_refused").Because(row).Permanent()
		}
		if err != nil {
			return err
		}
		s.Transfer(f, "success")
	}
	return nil
}
