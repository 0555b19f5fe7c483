package bigquery

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors/duck"
	"github.com/weirflow/weir/record"
)

// widestParquet is how many digits a decimal of a Parquet file has.
const widestParquet = 38

// unfit returns why the columns cannot be sent as Parquet, or nil.
func unfit(columns []column) error {
	if len(columns) == 0 {
		return fault.New("bigquery_parquet_empty").Permanent()
	}
	for _, c := range columns {
		switch {
		case c.typ.Kind == record.KindJSON:
			return fault.New("bigquery_parquet_json", "column", c.path).Permanent()
		case c.typ.Kind == record.KindDecimal && c.typ.Precision > widestParquet:
			return fault.New("bigquery_parquet_decimal", "column", c.path, "type", c.typ, "limit", widestParquet).Permanent()
		case c.typ.Kind == record.KindStruct:
			if err := unfit(c.fields); err != nil {
				return err
			}
		}
	}
	return nil
}

// sent is the schema of the lines that encode writes: named as in the table.
func sent(columns []column) []record.Field {
	out := make([]record.Field, len(columns))
	for i, c := range columns {
		t := c.typ
		if t.Kind == record.KindStruct {
			t = record.StructOf(sent(c.fields)...)
		}
		if c.repeated {
			t = record.ListOf(t)
		}
		out[i] = record.Field{Name: c.name, Type: t}
	}
	return out
}

// spoolParquet writes the rows to a Parquet file, by way of DuckDB.
func (in *input) spoolParquet(ctx context.Context, t *target, dir string) (s *spool, err error) {
	db, err := duck.Open(ctx, duck.Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := db.Close(); err == nil && cerr != nil {
			s.close()
			s, err = nil, cerr
		}
	}()
	b, err := in.into(ctx, t, db)
	if err != nil {
		return nil, err
	}
	rows, err := db.ResultOf(ctx, "rows")
	if err != nil {
		return nil, err
	}
	if rows.Rows != b.rows {
		return nil, fmt.Errorf("DuckDB took %d of %d rows", rows.Rows, b.rows)
	}
	made, err := rows.Parquet(ctx, "COMPRESSION zstd")
	if err != nil {
		return nil, err
	}
	return adoptFile(made, dir, b)
}

// into loads the rows into a table of DuckDB while they are encoded.
func (in *input) into(ctx context.Context, t *target, db *duck.DB) (built, error) {
	schema, err := record.NewSchema(sent(t.layout.columns)...)
	if err != nil {
		return built{}, err
	}
	r, w := io.Pipe()
	loaded := make(chan error, 1)
	go func() {
		_, err := db.Load(ctx, "rows", schema, r)
		r.CloseWithError(err) // the writer need not go on
		loaded <- err
	}()
	out := bufio.NewWriterSize(w, 256<<10)
	b, err := in.encode(ctx, t, out)
	if err == nil {
		err = out.Flush()
	}
	w.CloseWithError(err)
	if lerr := <-loaded; lerr != nil && (err == nil || errors.Is(err, lerr)) {
		err = lerr
	}
	return b, err
}

// adoptFile takes a file out of DuckDB's spool, which is removed.
func adoptFile(made, dir string, b built) (*spool, error) {
	name := filepath.Join(dirOr(dir), filepath.Base(filepath.Dir(made))+"-"+filepath.Base(made))
	if err := os.Rename(made, name); err != nil {
		return nil, fmt.Errorf("keep spool file: %w", err)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open spool file: %w", err)
	}
	s := &spool{file: f, mime: "application/octet-stream", format: formatParquet, built: b}
	sum := sha256.New()
	if s.size, err = io.Copy(sum, f); err != nil {
		s.close()
		return nil, fmt.Errorf("read spool file: %w", err)
	}
	s.sum = hex.EncodeToString(sum.Sum(nil))
	return s, nil
}

func dirOr(dir string) string {
	if dir == "" {
		return os.TempDir()
	}
	return dir
}
