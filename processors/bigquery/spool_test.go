package bigquery

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/record"
)

// spoolers are the two ways to make an upload.
func spoolers(in *input) map[string]func(context.Context, *target, string) (*spool, error) {
	return map[string]func(context.Context, *target, string) (*spool, error){formatNDJSON: in.spoolNDJSON, formatParquet: in.spoolParquet}
}

// plainTarget takes all rows of a schema.
func plainTarget(t *testing.T, s *record.Schema) *target {
	t.Helper()
	l, differ := layoutOf(s, nil, false)
	if len(differ) > 0 {
		t.Fatal(differ)
	}
	return &target{layout: l}
}

func TestUploadsAreSummedWholeAndRemoved(t *testing.T) {
	withInput(t, actions, three, func(in *input) {
		for form, write := range spoolers(in) {
			dir := t.TempDir()
			var sums []string
			for range 2 {
				s, err := write(t.Context(), plainTarget(t, actions), dir)
				if err != nil {
					t.Fatal(err)
				}
				b, err := io.ReadAll(s.open())
				if err != nil {
					t.Fatal(err)
				}
				sum := sha256.Sum256(b)
				if s.size != int64(len(b)) || s.sum != hex.EncodeToString(sum[:]) || s.rows != 3 || s.rejected != 0 || s.format != form {
					t.Errorf("%s: spool %+v of %d bytes", form, s, len(b))
				}
				sums = append(sums, s.sum)
				if form == formatNDJSON {
					wantLines(t, s, `{"dt":"2026-11-20","uid":"a","n":1}`, `{"dt":"2026-11-20","uid":"b","n":2}`, `{"dt":"2026-11-20","uid":"c","n":3}`)
				}
				s.close()
			}
			if sums[0] != sums[1] {
				t.Errorf("%s: the same rows make different bytes", form)
			}
			wantEmpty(t, form, dir)
		}
	})
}

func wantLines(t *testing.T, s *spool, lines ...string) {
	t.Helper()
	z, err := gzip.NewReader(s.open())
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if want := strings.Join(lines, "\n") + "\n"; err != nil || string(b) != want {
		t.Errorf("upload %q, %v; want %q", b, err, want)
	}
}

func wantEmpty(t *testing.T, form, dir string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%s: left behind %q, %v", form, left, err)
	}
}

func TestAnUploadThatBreaksOffLeavesNothing(t *testing.T) {
	withInput(t, actions, three, func(in *input) {
		for form, write := range spoolers(in) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			dir := t.TempDir()
			if _, err := write(ctx, plainTarget(t, actions), dir); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: error %v", form, err)
			}
			wantEmpty(t, form, dir)
			if _, err := write(t.Context(), plainTarget(t, actions), filepath.Join(dir, "none")); err == nil || !errors.Is(err, fs.ErrNotExist) && fault.CodeOf(err) == "internal" {
				t.Errorf("%s: without a directory: %v", form, err)
			}
			if _, err := os.Stat(filepath.Join(dir, "none")); err == nil {
				t.Logf("%s makes the directory", form)
			}
		}
	})
}

func TestWhatParquetCannotHold(t *testing.T) {
	for _, c := range []struct {
		schema *record.Schema
		code   string
	}{
		{actions, ""},
		{record.MustSchema("l", "list<struct<x:decimal(38,9)>>"), ""},
		{record.MustSchema("j", "json"), "bigquery_parquet_json"},
		{record.MustSchema("r", "struct<a:list<json>>"), "bigquery_parquet_json"},
		{record.MustSchema("n", "decimal(39,9)"), "bigquery_parquet_decimal"},
		{&record.Schema{}, "bigquery_parquet_empty"},
	} {
		l, _ := layoutOf(c.schema, nil, false)
		if err := unfit(l.columns); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want code %q", c.schema, err, c.code)
		}
		for format, want := range map[string]string{formatNDJSON: formatNDJSON, formatParquet: formatParquet, formatAuto: formatNDJSON} {
			w := &work{LoadBigQuery: &LoadBigQuery{format: format}, in: &input{rows: 3}, target: &target{layout: l}}
			got, err := w.form()
			if got != want || (err != nil) != (format == formatParquet && c.code != "") {
				t.Errorf("%s as %s: sent as %s, %v", c.schema, format, got, err)
			}
		}
		w := &work{LoadBigQuery: &LoadBigQuery{format: formatAuto}, in: &input{rows: manyRows}, target: &target{layout: l}}
		if got, err := w.form(); err != nil || (got == formatParquet) != (c.code == "") {
			t.Errorf("many rows of %s: sent as %s, %v", c.schema, got, err)
		}
	}
}
