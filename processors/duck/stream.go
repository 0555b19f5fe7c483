package duck

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/weirflow/weir/fault"
)

// Feed gives DuckDB texts that a table function returns as rows. It is for
// kinds that keep their rows as texts of their own and let DuckDB sort and count
// them: nothing is written to disk on the way in, and several threads work.
type Feed interface {
	// Rows is about how many texts there are. DuckDB plans by it.
	Rows() int64
	// Part returns the texts that one thread takes next, or nil at the end. It may
	// be called by several threads at once.
	Part() (Part, error)
}

// Part is a run of texts for one thread.
type Part interface {
	// Next returns the next text, good until the next call, and false at the end.
	// A text that is nil is NULL. It must be UTF-8.
	Next() ([]byte, bool, error)
}

// Feed makes a table function of that name, without arguments, whose only column
// x holds the texts. open is called for each scan. What a Feed or Part fails
// with is told by DuckDB in its own words: keep it to return it instead.
func (db *DB) Feed(ctx context.Context, name string, open func() Feed) error {
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return db.wrong(err)
	}
	varchar, err := duckdb.NewTypeInfo(duckdb.TYPE_VARCHAR)
	if err == nil {
		err = duckdb.RegisterTableUDF(conn, name, duckdb.ParallelChunkTableFunction{
			BindArguments: func(map[string]any, ...any) (duckdb.ParallelChunkTableSource, error) {
				return &feeding{Feed: open(), column: duckdb.ColumnInfo{Name: "x", T: varchar}}, nil
			},
		})
	}
	if err = errors.Join(err, conn.Close()); err != nil {
		return fmt.Errorf("add a table function to DuckDB: %w", err)
	}
	return nil
}

// feeding is a scan of a Feed.
type feeding struct {
	Feed
	column duckdb.ColumnInfo
}

// taking is the Part that one thread is at.
type taking struct{ part Part }

func (f *feeding) ColumnInfos() []duckdb.ColumnInfo { return []duckdb.ColumnInfo{f.column} }

func (f *feeding) Cardinality() *duckdb.CardinalityInfo {
	return &duckdb.CardinalityInfo{Cardinality: uint(max(f.Rows(), 1))}
}

func (f *feeding) Init() duckdb.ParallelTableSourceInfo {
	return duckdb.ParallelTableSourceInfo{MaxThreads: 64} // it has no more than its threads
}

func (f *feeding) NewLocalState() any { return &taking{} }

// FillChunk gives one thread its next texts.
func (f *feeding) FillChunk(local any, chunk duckdb.DataChunk) error {
	t := local.(*taking)
	size := duckdb.GetDataChunkCapacity()
	if err := chunk.SetSize(size); err != nil {
		return err
	}
	column, err := chunk.GetVector(0)
	var out duckdb.VectorWriter[string]
	if err == nil {
		out, err = duckdb.GetVectorWriter[string](column)
	}
	counted := err != nil // the column has no vector when rows are only counted
	n := 0
	for n < size {
		if t.part == nil {
			if t.part, err = f.Part(); err != nil {
				return err
			}
			if t.part == nil {
				break
			}
		}
		text, ok, err := t.part.Next()
		if err != nil {
			return err
		}
		if !ok {
			t.part = nil
			continue
		}
		if !counted {
			if err := put(out, n, text); err != nil {
				return err
			}
		}
		n++
	}
	return chunk.SetSize(n)
}

func put(out duckdb.VectorWriter[string], n int, text []byte) error {
	if text == nil {
		return out.SetNull(n)
	}
	return out.Set(n, unsafe.String(unsafe.SliceData(text), len(text))) // DuckDB copies it
}

// Each runs a query of ours with one text column x, and an ORDER BY, and gives
// the texts to take in that order, some thousand at a time; they are good until
// take returns. It returns how many there were. Nothing is collected: rows come
// as DuckDB has them. take is called by a thread of DuckDB; an error of it ends
// the query and is returned.
func (db *DB) Each(ctx context.Context, query string, take func(texts []string) error) (int64, error) {
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return 0, db.wrong(err)
	}
	n, err := db.each(ctx, conn, query, take)
	if cerr := conn.Close(); err == nil && cerr != nil {
		err = fmt.Errorf("close connection of DuckDB: %w", cerr)
	}
	return n, err
}

func (db *DB) each(ctx context.Context, conn *sql.Conn, query string, take func(texts []string) error) (int64, error) {
	t, err := newTaker(take)
	if err != nil {
		return 0, err
	}
	db.n++
	name := fmt.Sprintf("weir_take_%d", db.n)
	if err := duckdb.RegisterScalarUDF(conn, name, t); err != nil {
		return 0, fmt.Errorf("add a function to DuckDB: %w", err)
	}
	// The window numbers the rows as they come, which DuckDB does in order and on
	// one thread; the numbers are checked.
	var n int64
	err = conn.QueryRowContext(ctx, "SELECT count("+name+"(n, x)) FROM (SELECT row_number() OVER () AS n, x FROM ("+query+"))").Scan(&n)
	switch {
	case t.err != nil:
		return t.rows.Load(), t.err
	case err != nil:
		return t.rows.Load(), db.wrong(err)
	case n != t.rows.Load():
		return n, fault.New("duck_broken", "said", fmt.Sprintf("%d rows of %d were handed over", t.rows.Load(), n))
	}
	return n, nil
}

// taker is the function that DuckDB calls with the rows.
type taker struct {
	take  func([]string) error
	types [2]duckdb.TypeInfo
	rows  atomic.Int64
	texts []string
	err   error
}

func newTaker(take func([]string) error) (*taker, error) {
	t := &taker{take: take}
	for i, typ := range []duckdb.Type{duckdb.TYPE_BIGINT, duckdb.TYPE_VARCHAR} {
		info, err := duckdb.NewTypeInfo(typ)
		if err != nil {
			return nil, fmt.Errorf("describe a function to DuckDB: %w", err)
		}
		t.types[i] = info
	}
	return t, nil
}

// Config tells DuckDB what the function takes and gives.
func (t *taker) Config() duckdb.ScalarFuncConfig {
	return duckdb.ScalarFuncConfig{InputTypeInfos: t.types[:], ResultTypeInfo: t.types[0], Volatile: true, SpecialNullHandling: true}
}

// Executor returns the function.
func (t *taker) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{ChunkContextExecutor: func(_ context.Context, s *duckdb.ChunkIteratorState) error {
		if t.err == nil {
			t.err = t.chunk(s.GetInputChunk())
		}
		return t.err
	}}
}

func (t *taker) chunk(c *duckdb.DataChunk) error {
	column, err := c.GetVector(1)
	if err != nil {
		return err
	}
	view, err := duckdb.GetVectorView[string](column)
	if err != nil {
		return err
	}
	size := view.Len()
	if size == 0 {
		return nil
	}
	first, err := c.GetValue(0, 0)
	if err != nil {
		return err
	}
	last, err := c.GetValue(0, size-1)
	if err != nil {
		return err
	}
	before := t.rows.Load()
	if first != before+1 || last != before+int64(size) {
		return fault.New("duck_broken", "said", fmt.Sprintf("row %v came after row %d", first, before))
	}
	t.texts = t.texts[:0]
	for i := range size {
		text, ok, err := view.GetValueBorrowed(i)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New("duck_broken", "said", fmt.Sprintf("row %d has no text", before+int64(i)+1))
		}
		t.texts = append(t.texts, text)
	}
	t.rows.Add(int64(size))
	return t.take(t.texts)
}
