package bigquery

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// source gives the rows of an upload, whose columns are fields.
type source interface {
	// next returns a row, or what is wrong with it, or io.EOF.
	next() ([]driver.Value, *ErrorProto, error)
	io.Closer
}

// maxErrors is how many errors a job tells.
const maxErrors = 5

// loading is a load under way.
type loading struct {
	s     *Server
	j     *job
	l     *loadConfig
	t     *table // the destination, made if there was none
	fresh bool   // it was made
	stage string // the table that the rows wait in
	rows  []*Field
}

// runLoad does a load job: all of it or nothing.
func (s *Server) runLoad(ctx context.Context, j *job) error {
	s.write.Lock()
	defer s.write.Unlock()
	w := &loading{s: s, j: j, l: j.config.Load}
	return w.commit(ctx, func(*sql.Conn) error { return nil }, func(c *sql.Conn) error { return w.read(ctx, c) })
}

// commit brings rows to the destination in one transaction: begin may still
// change the configuration, read fills the stage. write is held.
func (w *loading) commit(ctx context.Context, begin, read func(*sql.Conn) error) error {
	s := w.s
	c, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	next, err := w.work(ctx, c, begin, read)
	if err == nil {
		err = ctx.Err()
	}
	// What the table is and what DuckDB has change as one.
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		_, err = c.ExecContext(context.WithoutCancel(ctx), "COMMIT")
	} else {
		_, _ = c.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // DuckDB may have rolled back already
	}
	if err != nil {
		return err
	}
	next.LastModifiedTime, next.ETag = s.millis(), s.nextETag()
	w.t.wire = next
	if w.fresh {
		s.datasets[w.l.Destination.DatasetID].tables[w.l.table] = w.t
	}
	return nil
}

// work does all but the commit and returns the table as it is after it.
func (w *loading) work(ctx context.Context, c *sql.Conn, begin, read func(*sql.Conn) error) (Table, error) {
	if err := begin(c); err != nil {
		return Table{}, err
	}
	if err := w.prepare(); err != nil {
		return Table{}, err
	}
	shape, err := w.shape(ctx, c)
	if err != nil {
		return Table{}, err
	}
	if err := read(c); err != nil {
		return Table{}, err
	}
	return w.put(ctx, c, shape)
}

// prepare finds the destination table, or makes one that is not yet known.
func (w *loading) prepare() error {
	s, l := w.s, w.l
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.datasetOf(l.Destination.DatasetID)
	if err != nil {
		return err
	}
	s.serial++
	w.stage = "load~" + strconv.FormatInt(s.serial, 10)
	if t := d.tables[l.table]; t != nil {
		w.t = t
		return w.checkPartitioning()
	}
	if l.CreateDisposition == "CREATE_NEVER" {
		return problem(ReasonNotFound, "Not found: Table %s:%s.%s", s.config.Project, l.Destination.DatasetID, l.table)
	}
	wire := Table{Reference: &TableReference{s.config.Project, l.Destination.DatasetID, l.table}, Clustering: l.Clustering, Schema: l.Schema}
	if p := l.TimePartitioning; p != nil {
		copied := *p
		wire.TimePartitioning = &copied
	} else if l.decorated {
		wire.TimePartitioning = &TimePartitioning{Type: "DAY"}
	}
	if wire.Schema == nil {
		// Partitioning and clustering are checked once the file has told the schema.
		wire.Clustering, wire.TimePartitioning = nil, nil
	}
	w.fresh = true
	w.t, err = s.newTable(nil, d, wire)
	if err == nil && l.decorated && wire.TimePartitioning != nil {
		_, err = w.t.partition(l.partition)
	}
	return err
}

func (w *loading) checkPartitioning() error {
	old, next := w.t.wire.TimePartitioning, w.l.TimePartitioning
	if next == nil {
		return nil
	}
	describe := func(p *TimePartitioning) string {
		if p == nil {
			return "none"
		}
		if p.Field == "" {
			return "interval(type:" + strings.ToLower(p.Type) + ")"
		}
		return "interval(type:" + strings.ToLower(p.Type) + ",field:" + p.Field + ")"
	}
	if old == nil || !strings.EqualFold(old.Type, next.Type) || !strings.EqualFold(old.Field, next.Field) {
		return problem(ReasonInvalid, "Incompatible table partitioning specification. Expects partitioning specification %s, but input partitioning specification is %s", describe(old), describe(next))
	}
	return nil
}

// shape decides the columns of the file (w.rows) and returns those of the
// table after the load.
func (w *loading) shape(ctx context.Context, c *sql.Conn) ([]*Field, error) {
	l, old := w.l, w.t.wire.Schema.Fields
	given := []*Field(nil)
	if l.Schema != nil {
		given = l.Schema.Fields
	}
	var err error
	switch {
	case l.SourceFormat == "PARQUET":
		var inFile []*Field
		if inFile, err = w.parquetFields(ctx, c); err == nil && given == nil {
			given = inFile
		}
	case given == nil && l.Autodetect:
		given, err = w.detect()
	}
	if err != nil {
		return nil, err
	}
	whole := l.WriteDisposition == "WRITE_TRUNCATE" && !l.decorated
	if given == nil {
		if len(old) == 0 {
			return nil, problem(ReasonInvalid, "No schema specified on job or table.")
		}
		given = old
	}
	w.rows = given
	switch {
	case w.fresh:
		return given, w.dress(given)
	case whole || len(old) == 0:
		return given, nil
	}
	may := evolution{
		add:   slices.Contains(l.SchemaUpdateOptions, "ALLOW_FIELD_ADDITION"),
		relax: slices.Contains(l.SchemaUpdateOptions, "ALLOW_FIELD_RELAXATION"),
	}
	for _, f := range old {
		if f.required() && find(given, f.Name) == nil {
			return nil, problem(ReasonInvalid, "Provided Schema does not match Table %s. Field %s is missing in new schema", w.t.wire.ID, f.Name)
		}
	}
	return evolve(w.t.wire.ID, old, given, may, true)
}

// dress gives a fresh table the schema that its file has told.
func (w *loading) dress(given []*Field) error {
	if w.l.Schema != nil {
		return nil
	}
	s, l := w.s, w.l
	s.mu.Lock()
	defer s.mu.Unlock()
	wire := Table{Reference: w.t.wire.Reference, Clustering: l.Clustering, Schema: &Schema{given}}
	if p := l.TimePartitioning; p != nil {
		copied := *p
		wire.TimePartitioning = &copied
	} else if l.decorated {
		wire.TimePartitioning = &TimePartitioning{Type: "DAY"}
	}
	t, err := s.newTable(nil, s.datasets[l.Destination.DatasetID], wire)
	if err != nil {
		return err
	}
	w.t = t
	if l.decorated {
		_, err = t.partition(l.partition)
	}
	return err
}

// read brings the file's rows to the stage.
func (w *loading) read(ctx context.Context, c *sql.Conn) error {
	w.j.load.InputFiles, w.j.load.InputFileBytes = 1, Int(w.j.media.size)
	if w.l.SourceFormat == "PARQUET" {
		return w.readParquet(ctx, c)
	}
	if _, err := c.ExecContext(ctx, "CREATE TABLE "+quoteName(w.stage)+" ("+columnsOf(w.rows)+")"); err != nil {
		return err
	}
	src, err := w.open()
	if err != nil {
		return err
	}
	defer src.Close()
	rows, bad := 0, 0
	var errs []*ErrorProto
	err = appendRows(c, w.stage, func() ([]driver.Value, error) {
		for {
			if rows%1024 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			row, wrong, err := src.next()
			if errors.Is(err, io.EOF) {
				return nil, nil
			}
			if err != nil {
				return nil, err
			}
			rows++
			if wrong == nil {
				return row, nil
			}
			bad++
			if len(errs) < maxErrors {
				errs = append(errs, wrong)
			}
			if bad > int(w.l.MaxBadRecords) && bad >= maxErrors {
				return nil, errTooMany
			}
		}
	})
	if err != nil && !errors.Is(err, errTooMany) {
		return err
	}
	w.j.load.BadRecords = Int(bad)
	if bad > int(w.l.MaxBadRecords) {
		return w.tooMany(rows, bad, errs)
	}
	w.tell(errs)
	return nil
}

var errTooMany = errors.New("too many bad rows")

// fileLocation is how a job names its first file.
const fileLocation = "file-00000000"

func (w *loading) tell(errs []*ErrorProto) {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	w.j.errors = errs
}

// tooMany is the end of a load with more bad rows than it allows.
func (w *loading) tooMany(rows, bad int, errs []*ErrorProto) error {
	format := "CSV"
	if w.l.SourceFormat != "CSV" {
		format = "JSON"
	}
	first := problem(ReasonInvalid, "Error while reading data, error message: %s table encountered too many errors, giving up. Rows: %d; errors: %d. Please look into the errors[] collection for more details.", format, rows, bad).at(fileLocation)
	sum := problem(ReasonInvalid, "Error while reading data, error message: %s processing encountered too many errors, giving up. Rows: %d; errors: %d; max bad: %d; error percent: 0", format, rows, bad, w.l.MaxBadRecords)
	w.tell(append([]*ErrorProto{first.proto(), sum.proto()}, errs...))
	return first
}

// put moves the stage to the table and returns the table as it is then.
func (w *loading) put(ctx context.Context, c *sql.Conn, shape []*Field) (Table, error) {
	next := w.t.wire
	next.Schema = &Schema{shape}
	exec := func(q string) error {
		_, err := c.ExecContext(ctx, q)
		return err
	}
	p := part{condition: "true"}
	if w.l.decorated {
		var err error
		if p, err = (&table{wire: next}).partition(w.l.partition); err != nil {
			return next, err
		}
	}
	stage := quoteName(w.stage)
	if err := w.checkParts(ctx, c, next, p); err != nil {
		return next, err
	}
	if w.fresh {
		w.t.wire = next
		if err := w.t.create(ctx, c); err != nil {
			return next, err
		}
	} else if err := w.clear(ctx, c, &next, p); err != nil {
		return next, err
	}
	columns := make([]string, 0, len(w.rows)+1)
	values := make([]string, 0, len(w.rows)+1)
	for _, f := range w.rows {
		columns = append(columns, quoteName(f.Name))
		values = append(values, stagedValue(f, find(shape, f.Name)))
	}
	if tp := next.TimePartitioning; tp != nil && tp.Field == "" {
		start := p.start
		if !w.l.decorated {
			start = tp.start(w.s.config.Now())
		}
		columns = append(columns, quoteName(hidden))
		if p.null {
			values = append(values, "NULL")
		} else {
			values = append(values, (&table{wire: next}).moment(start))
		}
	}
	var rows, bytes int64
	if err := c.QueryRowContext(ctx, "SELECT count(*), "+bytesOf(w.rows)+" FROM "+stage).Scan(&rows, &bytes); err != nil {
		return next, err
	}
	w.j.load.OutputRows, w.j.load.OutputBytes = Int(rows), Int(bytes)
	if err := exec("INSERT INTO " + quoteName(w.t.physical) + " (" + strings.Join(columns, ", ") + ") SELECT " + strings.Join(values, ", ") + " FROM " + stage); err != nil {
		return next, err
	}
	if err := exec("DROP TABLE " + stage); err != nil {
		return next, err
	}
	after := *w.t
	after.wire = next
	return next, w.s.dropExpired(ctx, c, &after)
}

// stagedValue is a column of the stage as the table takes it.
func stagedValue(f, to *Field) string {
	if to != nil && to.Type == "RECORD" && to.duckType() != f.duckType() {
		return recast(quoteName(f.Name), f, to)
	}
	return quoteName(f.Name)
}

// checkParts refuses rows of other partitions than the one to be written.
func (w *loading) checkParts(ctx context.Context, c *sql.Conn, next Table, p part) error {
	tp := next.TimePartitioning
	if tp == nil || tp.Field == "" || find(w.rows, tp.Field) == nil {
		return nil
	}
	stage := quoteName(w.stage)
	if w.l.decorated {
		var strangers int64
		if err := c.QueryRowContext(ctx, "SELECT count(*) FROM "+stage+" WHERE NOT coalesce("+p.condition+", false)").Scan(&strangers); err != nil {
			return err
		}
		if strangers > 0 {
			return problem(ReasonInvalid, "Some rows belong to different partitions rather than destination partition %s", w.l.partition)
		}
		return nil
	}
	var parts int64
	ids := (&table{wire: next}).partitionIDs()
	if err := c.QueryRowContext(ctx, "SELECT count(DISTINCT "+ids+") FROM "+stage).Scan(&parts); err != nil {
		return err
	}
	if parts > 4000 {
		return problem(ReasonInvalid, "Too many partitions produced by load, allowed 4000, load produces at least %d partitions", parts)
	}
	return nil
}

// clear empties what the load replaces and gives the table its next columns.
func (w *loading) clear(ctx context.Context, c *sql.Conn, next *Table, p part) error {
	name := quoteName(w.t.physical)
	switch {
	case w.l.WriteDisposition == "WRITE_EMPTY":
		var rows int64
		if err := c.QueryRowContext(ctx, "SELECT count(*) FROM "+name+" WHERE "+p.condition).Scan(&rows); err != nil {
			return err
		}
		if rows > 0 {
			return problem(ReasonDuplicate, "Already Exists: Table %s", w.t.wire.ID)
		}
	case w.l.WriteDisposition == "WRITE_TRUNCATE" && w.l.decorated:
		if _, err := c.ExecContext(ctx, "DELETE FROM "+name+" WHERE "+p.condition); err != nil {
			return err
		}
	case w.l.WriteDisposition == "WRITE_TRUNCATE":
		if _, err := c.ExecContext(ctx, "DROP TABLE "+name); err != nil {
			return err
		}
		if tp := next.TimePartitioning; tp != nil && tp.Field != "" && find(next.Schema.Fields, tp.Field) == nil {
			return problem(ReasonInvalid, "The field specified for partitioning cannot be found in the schema: %s", tp.Field)
		}
		return (&table{wire: *next, physical: w.t.physical}).create(ctx, c)
	}
	return w.t.reshape(ctx, c, next.Schema.Fields)
}

// open opens the upload's rows, other than Parquet's.
func (w *loading) open() (source, error) {
	if w.l.SourceFormat == "CSV" {
		return openCSV(w.j.media.path, w.l, w.rows)
	}
	return openJSON(w.j.media.path, w.l, w.rows)
}

func wrongRow(format string, args ...any) *ErrorProto {
	return problem(ReasonInvalid, "Error while reading data, error message: %s", fmt.Sprintf(format, args...)).at(fileLocation).proto()
}
