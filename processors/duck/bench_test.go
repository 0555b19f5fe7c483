package duck_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/weirflow/weir/processors/duck"
	"github.com/weirflow/weir/record"
)

var eventColumns = record.MustSchema("id", "int64", "uid", "string", "at", "timestamp", "n", "int64", "score", "double")

// eventLines are records of events, as processors write them.
func eventLines(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"id":%d,"uid":"user%d","at":"2026-11-%02dT0%d:%02d:00.000000Z","n":%d,"score":%d.5}`+"\n", i, i*7919%100_000, 1+i%28, i%10, i%60, i%1000, i%7)
	}
	return b.Bytes()
}

func BenchmarkLoad(b *testing.B) {
	const n = 500_000
	lines := eventLines(n)
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("threads=%d", threads), func(b *testing.B) {
			db := open(b, duck.Options{Threads: threads})
			i := 0
			b.SetBytes(int64(len(lines)))
			for b.Loop() {
				i++
				if _, err := db.Load(context.Background(), "t"+strconv.Itoa(i), eventColumns, bytes.NewReader(lines)); err != nil {
					b.Fatal(err)
				}
				if _, err := db.Exec(context.Background(), "DROP TABLE t"+strconv.Itoa(i)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func BenchmarkUnload(b *testing.B) {
	const n = 500_000
	lines := eventLines(n)
	db := open(b, duck.Options{})
	if _, err := db.Load(context.Background(), "t", eventColumns, bytes.NewReader(lines)); err != nil {
		b.Fatal(err)
	}
	for name, columns := range map[string]string{"plain": "id, uid, n, score", "times": "*", "careful": "* REPLACE (CASE WHEN id = 0 THEN 'NaN' ELSE score END::DOUBLE AS score)"} {
		b.Run(name, func(b *testing.B) {
			r, err := db.Query(context.Background(), "SELECT "+columns+" FROM t")
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(lines)))
			for b.Loop() {
				if _, err := r.WriteTo(context.Background(), io.Discard); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// TestJoinCostsLittleMoreThanPlainDuckDB joins ten records of events to one of
// users under 512 MB, in the same order, with and without us. WEIR_SOAK=1 runs it.
func TestJoinCostsLittleMoreThanPlainDuckDB(t *testing.T) {
	if os.Getenv("WEIR_SOAK") == "" {
		t.Skip("set WEIR_SOAK=1: it takes a minute")
	}
	rows := 10_000_000
	if s := os.Getenv("WEIR_ROWS"); s != "" {
		var err error
		if rows, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	dir := t.TempDir()
	left, right, made := filepath.Join(dir, "l.ndjson"), filepath.Join(dir, "r.ndjson"), filepath.Join(dir, "out.ndjson")
	plain, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	plain.SetMaxOpenConns(1)
	exec := func(q string) {
		t.Helper()
		if _, err := plain.ExecContext(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	exec("SET memory_limit='512MB'")
	exec("SET temp_directory='" + dir + "/tmp'")
	exec(fmt.Sprintf("COPY (SELECT i AS id, 'user' || (i*7919 %% %d) AS uid, i*3 %% 1000 AS n FROM range(%d) t(i)) TO '%s' (FORMAT json)", rows/10, rows, left))
	exec(fmt.Sprintf("COPY (SELECT 'user'||i AS uid, '이름'||i AS name, (i*0.5)::DOUBLE AS score FROM range(%d) t(i)) TO '%s' (FORMAT json)", rows/10, right))
	const join = "SELECT l.id, l.uid, l.n, r.name, r.score FROM l LEFT JOIN r USING (uid) ORDER BY l.uid, l.id"

	began, worked := time.Now(), cpu(t)
	exec("CREATE TABLE l AS SELECT * FROM read_json('" + left + "', format='newline_delimited', columns={id:'BIGINT',uid:'VARCHAR',n:'BIGINT'})")
	exec("CREATE TABLE r AS SELECT * FROM read_json('" + right + "', format='newline_delimited', columns={uid:'VARCHAR',name:'VARCHAR',score:'DOUBLE'})")
	exec("COPY (" + join + ") TO '" + made + "' (FORMAT json)")
	theirs, theirWork := time.Since(began), cpu(t)-worked
	exec("DROP TABLE l")
	exec("DROP TABLE r")

	began, worked = time.Now(), cpu(t)
	db := open(t, duck.Options{Memory: 512 << 20})
	for name, path := range map[string]string{left: "l", right: "r"} {
		schema := record.MustSchema("id", "int64", "uid", "string", "n", "int64")
		if path == "r" {
			schema = record.MustSchema("uid", "string", "name", "string", "score", "double")
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Load(ctx, path, schema, f); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	loaded := time.Since(began)
	r, err := db.Query(ctx, join)
	if err != nil {
		t.Fatal(err)
	}
	joined := time.Since(began)
	out, err := os.Create(filepath.Join(dir, "ours.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.WriteTo(ctx, out); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	ours, ourWork := time.Since(began), cpu(t)-worked
	t.Logf("%d x %d rows: plain DuckDB %.1f s, ours %.1f s (loaded %.1f, joined %.1f): %.2f of its speed, %.0f rows/s; in CPU %.1f s and %.1f s: %.2f", rows, rows/10,
		theirs.Seconds(), ours.Seconds(), loaded.Seconds(), (joined - loaded).Seconds(), theirs.Seconds()/ours.Seconds(), float64(rows)/ours.Seconds(),
		theirWork.Seconds(), ourWork.Seconds(), theirWork.Seconds()/ourWork.Seconds())
	a, err := os.Stat(made)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.Stat(out.Name())
	if err != nil || a.Size() != b.Size() {
		t.Errorf("%d bytes were made, plain DuckDB makes %d: %v", b.Size(), a.Size(), err)
	}
	// The work, since others may be at work on this machine.
	if theirWork.Seconds() < 0.7*ourWork.Seconds() {
		t.Errorf("ours works %s where plain DuckDB works %s", ourWork, theirWork)
	}
}

// cpu is how long this process has worked.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
