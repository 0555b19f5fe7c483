package join

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors/duck"
	"github.com/weirflow/weir/record"
)

// Process joins what arrived.
func (j *JoinRecords) Process(ctx context.Context, s *flowfile.Session) error {
	l, err := j.survey(s, leftSide, j.leftSchema)
	if err != nil {
		return err
	}
	r, err := j.survey(s, rightSide, j.rightSchema)
	if err != nil {
		return err
	}
	if len(l.files) == 0 && len(r.files) == 0 && (l.schema == nil || r.schema == nil) {
		return nil // nothing came, and nothing is known of what it would be
	}
	for _, d := range []*side{l, r} {
		if d.schema == nil {
			return fault.New("join_columns_unknown", "input", d.name).Permanent()
		}
	}
	if f := resolve(j.parsed, l, r); f != nil {
		return f
	}
	columns, f := j.shape.columns(l, r)
	if f != nil {
		return f
	}
	wanted := [2]map[int]bool{{}, {}}
	for _, o := range columns {
		wanted[0][o.left], wanted[1][o.right] = true, true
	}
	// What may have to go to unmatched_left or unmatched_right needs all columns.
	l.lay(j.kind == kindInner, wanted[0], r)
	r.lay(j.kind != kindFull || j.duplicates == duplicatesFirst, wanted[1], l)
	seat(columns, l, r)

	db, err := duck.Open(ctx, duck.Options{Dir: j.env.Scratch, Memory: j.memory})
	if err != nil {
		return err
	}
	w := &work{JoinRecords: j, s: s, db: db, left: l, right: r, columns: columns}
	err = w.run(ctx)
	for _, c := range w.closers {
		if cerr := c(); err == nil {
			err = cerr
		}
	}
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	return err
}

// work is one join at work.
type work struct {
	*JoinRecords
	s           *flowfile.Session
	db          *duck.DB
	left, right *side
	columns     []outColumn
	closers     []func() error
	spilled     int64
}

// run sorts, counts, merges and compares.
func (w *work) run(ctx context.Context) error {
	sorted, err := w.sortRight(ctx)
	if err != nil {
		return err
	}
	again := w.duplicates == duplicatesFail && sorted.twice > 0
	var want tally
	if again || sorted.census == nil {
		if want, err = w.count(ctx); err != nil {
			return err
		}
	}
	if again {
		return w.repeated(sorted, want)
	}
	m, rows, err := w.merge(ctx, sorted)
	if err != nil {
		return err
	}
	if sorted.census != nil && !m.agrees(w.kind, rows, sorted.census.tally()) || sorted.census == nil && !m.agrees(w.kind, rows, want) {
		// Two keys of one hash, or a defect: the exact count decides.
		if want, err = w.count(ctx); err != nil {
			return err
		}
		if !m.agrees(w.kind, rows, want) {
			return m.differs(w.kind, rows, want)
		}
	}
	return w.settle(m)
}

// feeding makes a side's table function, runs what reads it, and returns the
// side's own error before DuckDB's words for it.
func (w *work) feeding(ctx context.Context, name string, d *side, keysOnly bool, c *census) (stop func(error) error, err error) {
	var feeds []*feed
	err = w.db.Feed(ctx, name, func() duck.Feed {
		f := &feed{ctx: ctx, s: w.s, side: d, keysOnly: keysOnly, census: c}
		feeds = append(feeds, f)
		return f
	})
	return func(err error) error {
		for _, f := range feeds {
			if own := f.stop(); own != nil {
				return own
			}
		}
		return err
	}, err
}

func (w *work) sortRight(ctx context.Context) (*sorted, error) {
	out, err := newSorted(w.right, w.db.Spool())
	if err != nil {
		return nil, err
	}
	if rows, all := w.right.known(); all {
		out.census = newCensus(rows, w.memory, w.duplicates == duplicatesFirst)
	}
	w.closers = append(w.closers, out.close)
	stop, err := w.feeding(ctx, rightRows, w.right, false, nil)
	if err != nil {
		return nil, err
	}
	_, err = w.db.Each(ctx, sortOf(rightRows), out.take)
	if err = stop(err); err != nil {
		return nil, err
	}
	return out, out.end()
}

// count lets DuckDB count what has to come out.
func (w *work) count(ctx context.Context) (tally, error) {
	stopLeft, err := w.feeding(ctx, leftKeys, w.left, true, nil)
	if err != nil {
		return tally{}, err
	}
	stopRight, err := w.feeding(ctx, rightKeys, w.right, true, nil)
	if err != nil {
		return tally{}, err
	}
	t, err := predict(ctx, w.db, w.duplicates == duplicatesFirst)
	return t, stopLeft(stopRight(err))
}

// repeated is the fault of keys that ought to be unique and are not.
func (w *work) repeated(s *sorted, want tally) error {
	var shown []string
	for _, r := range s.worst {
		shown = append(shown, fmt.Sprintf("%s (%d)", r.shown, r.rows))
	}
	var columns []string
	for _, k := range w.right.keys {
		columns = append(columns, k.column)
	}
	return fault.New("join_duplicates", "columns", strings.Join(columns, ", "), "keys", s.twice, "worst", strings.Join(shown, "; "),
		"left", want.matchedLeft+want.aloneLeft, "rows", want.size(w.kind)).Permanent()
}

// merge sorts the left side and joins it as it comes, while the session writes.
func (w *work) merge(ctx context.Context, right *sorted) (*merge, int64, error) {
	schema, err := schemaOf(w.columns)
	if err != nil {
		return nil, 0, err
	}
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	dir := w.db.Spool()
	m := &merge{ctx: within, kind: w.kind, first: w.duplicates == duplicatesFirst, left: w.left, right: w.right,
		columns: w.columns, sorted: right, log: w.s.Log(), success: newBlocks(within), sorting: w.weigh,
		unmatchedLeft: newSpool(dir, outUnmatchedLeft, w.left.schema), unmatchedRight: newSpool(dir, outUnmatchedRight, w.right.schema),
		rejectedLeft: newSpool(dir, "rejected_left", reasoned(w.left.schema)), rejectedRight: newSpool(dir, "rejected_right", reasoned(w.right.schema))}
	for _, s := range m.spools() {
		w.closers = append(w.closers, s.close)
	}
	stop, err := w.feeding(within, leftRows, w.left, false, right.census)
	if err != nil {
		return nil, 0, err
	}
	done := make(chan error, 1)
	go func() {
		err := w.mergeAll(within, m)
		err = stop(err)
		m.success.err = err
		close(m.success.to)
		done <- err
	}()
	rows, err := deliver(w.s, outSuccess, schema, m.success, true)
	if err != nil {
		cancel(err)
	}
	// The error of the merge comes through the rows; one of the store ends the
	// merge, and is the one to tell.
	if merr := <-done; err == nil {
		err = merr
	}
	if err != nil {
		return nil, 0, err
	}
	return m, rows, nil
}

// weigh looks at what the sort has spilled, which is the most once it gives rows.
func (w *work) weigh() { w.spilled = max(w.spilled, w.db.Spilled()) }

func (w *work) mergeAll(ctx context.Context, m *merge) error {
	if err := m.begin(); err != nil {
		return err
	}
	if _, err := w.db.Each(ctx, sortOf(leftRows), m.take); err != nil {
		return err
	}
	return m.finish()
}

// agrees holds what was written against what was counted by other means.
func (m *merge) agrees(kind string, rows int64, want tally) bool {
	have := m.tally
	have.matchedRight, have.passed = 0, 0 // nobody else counts them
	return have == want && rows == m.rows && rows == want.size(kind)
}

func (m *merge) differs(kind string, rows int64, want tally) error {
	return fault.New("join_count", "want", want.size(kind), "have", rows,
		"counts", fmt.Sprintf("pairs %d/%d, left alone %d/%d, right alone %d/%d", m.pairs, want.pairs, m.aloneLeft, want.aloneLeft,
			m.aloneRight, want.aloneRight)).Permanent()
}

func (m *merge) spools() []*spool {
	return []*spool{m.unmatchedLeft, m.unmatchedRight, m.rejectedLeft, m.rejectedRight}
}

// settle sends what is not in the result and tells the counts.
func (w *work) settle(m *merge) error {
	for _, d := range []*side{w.left, w.right} {
		if want, all := d.known(); all && want != d.rows.Load() {
			return fault.New("join_rows_lost", "side", d.name, "want", want, "have", d.rows.Load()).Permanent()
		}
	}
	for i, sp := range m.spools() {
		if sp.rows == 0 {
			continue
		}
		if err := sp.rewind(); err != nil {
			return err
		}
		rel, attrs := flowfile.Relationship(outRejected), []string{"join.side", []string{leftSide, rightSide}[i%2]}
		if i < 2 {
			rel, attrs = []flowfile.Relationship{outUnmatchedLeft, outUnmatchedRight}[i], nil
		}
		n, err := deliver(w.s, rel, sp.schema, sp, false, attrs...)
		if err != nil {
			return err
		}
		if n != sp.rows {
			return fmt.Errorf("%d rows of %d were read from the spool of a join", n, sp.rows)
		}
	}
	l, r := w.left.rows.Load(), w.right.rows.Load()
	w.s.Used(l - m.unmatchedLeft.rows - m.rejectedLeft.rows + r - m.unmatchedRight.rows - m.rejectedRight.rows)
	for _, fact := range []struct {
		name  string
		value int64
	}{
		{"left_rows", l}, {"right_rows", r},
		{"left_matched", m.matchedLeft}, {"right_matched", m.matchedRight},
		{"left_unmatched", m.aloneLeft}, {"right_unmatched", m.aloneRight}, {"right_passed_over", m.passed},
		{"left_null_keys", w.left.nullKeys.Load()}, {"right_null_keys", w.right.nullKeys.Load()},
		{"left_cast_failures", w.left.failures.Load()}, {"right_cast_failures", w.right.failures.Load()},
		{"fan_out_max", m.fanOut}, {"result_rows", m.rows}, {"spilled_bytes", w.spilled},
	} {
		w.s.Fact(fact.name, strconv.FormatInt(fact.value, 10))
	}
	return nil
}

// reasoned is a schema with a column for the reason of a rejection.
func reasoned(schema *record.Schema) *record.Schema {
	name := "join_error"
	for schema.Index(name) >= 0 {
		name += "_"
	}
	fields := append(append([]record.Field{}, schema.Fields...), record.Field{Name: name, Type: record.Of(record.KindString)})
	return &record.Schema{Fields: fields}
}
