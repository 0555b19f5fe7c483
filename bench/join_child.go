package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"syscall"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the plain side

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	_ "github.com/weirflow/weir/processors/join" // the measured kind
	"github.com/weirflow/weir/store/segment"
)

const (
	leftColumns  = `[["mid","string"],["n","int64"],["date","date"],["eventName","string"],["eventCount","int64"]]`
	rightColumns = `[["uid","string"],["name","string"],["plan","string"],["level","int64"]]`
)

// joinChildMain is the child process: it joins once and prints what it took.
func joinChildMain(who, dir string) error {
	by := map[string]func(context.Context, string) (joining, error){"duckdb": joinPlain, "weir": joinWeir}[who]
	if by == nil {
		return fmt.Errorf("nobody is called %q", who)
	}
	j, err := by(context.Background(), dir)
	if err != nil {
		return err
	}
	j.Peak = status(os.Getpid(), "VmHWM:")
	return json.NewEncoder(os.Stdout).Encode(j)
}

// spent is the processor time of this process so far.
func spent() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// joinPlain is what a person who knows DuckDB well would write. Read straight
// from the files the join runs out of memory, so there are tables first.
func joinPlain(ctx context.Context, dir string) (joining, error) {
	var j joining
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return j, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	file := func(name string) string { return "'" + filepath.Join(dir, name) + "'" }
	read := func(table, columns string) string {
		return "CREATE TABLE " + table[:1] + " AS FROM read_json(" + file(table+".ndjson") + ", format='newline_delimited', maximum_object_size=1048576, columns={" + columns + "})"
	}
	began, user := time.Now(), spent()
	for _, q := range []string{
		"SET memory_limit='" + joinMemory + "'",
		"SET temp_directory=" + file("spill"),
		fmt.Sprintf("SET threads=%d", runtime.NumCPU()),
		"SET preserve_insertion_order=false",
		read("left", "mid: 'VARCHAR', n: 'BIGINT', date: 'DATE', eventName: 'VARCHAR', eventCount: 'BIGINT'"),
		read("right", "uid: 'VARCHAR', name: 'VARCHAR', plan: 'VARCHAR', level: 'BIGINT'"),
	} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return j, err
		}
	}
	r, err := db.ExecContext(ctx, "COPY (SELECT l.*, r.name, r.plan, r.level FROM l LEFT JOIN r ON l.mid = r.uid ORDER BY l.mid, l.n) TO "+file("out.ndjson")+" (FORMAT json)")
	if err != nil {
		return j, err
	}
	j.Wall, j.User = time.Since(began), spent()-user
	if j.Rows, err = r.RowsAffected(); err != nil {
		return j, err
	}
	return j, os.Remove(filepath.Join(dir, "out.ndjson"))
}

// joinWeir runs JoinRecords with the store's content, and nothing else of it.
func joinWeir(ctx context.Context, dir string) (joining, error) {
	var j joining
	log, err := segment.Open(segment.OS(), filepath.Join(dir, joinStore), segment.Options{})
	if err != nil {
		return j, err
	}
	defer log.Close()
	q := &benchQueues{schemas: map[string][]byte{}, items: map[string][]*flowfile.Item{}}
	for _, in := range []struct{ name, schema string }{{"left", leftColumns}, {"right", rightColumns}} {
		if err := q.fill(ctx, log, in.name, filepath.Join(dir, in.name+".ndjson"), []byte(in.schema)); err != nil {
			return j, err
		}
	}
	settings := map[string]json.RawMessage{"keys": json.RawMessage(`["mid = uid"]`), "memory": json.RawMessage(`"512 MB"`)}
	conf, problems := processors.Build("JoinRecords", settings, processors.BuildEnv{Runs: true})
	for _, p := range problems {
		return j, p.Fault
	}
	if err := conf.Processor.(processors.Starter).Start(ctx, processors.Env{Scratch: dir}); err != nil {
		return j, err
	}
	if to := os.Getenv("WEIR_BENCH_PROFILE"); to != "" {
		f, err := os.Create(to)
		if err != nil {
			return j, err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return j, err
		}
		defer pprof.StopCPUProfile()
	}
	var out *flowfile.Delivery
	began, user := time.Now(), spent()
	s := flowfile.NewSession(ctx, flowfile.Config{Flow: "bench", Node: "join", WholeRun: true, Fence: flowfile.Fence{Act: true},
		Run: flowfile.Run{Number: 1, Flow: "bench", Zone: "Asia/Seoul"}, Inputs: map[string][]string{"left": {"left"}, "right": {"right"}},
		Outputs: map[flowfile.Relationship]flowfile.Route{"success": {Class: flowfile.Out}, "unmatched_left": {Class: flowfile.Filtered},
			"unmatched_right": {Class: flowfile.Filtered}, "rejected": {Class: flowfile.Rejected}},
		Queues: q, Content: benchContent{log}, NewID: q.newID, Schema: q.schema,
		Commit: func(_ context.Context, d *flowfile.Delivery) (flowfile.Result, error) {
			out = d
			return flowfile.Result{}, log.Sync()
		}})
	if err := conf.Processor.Process(ctx, s); err != nil {
		return j, err
	}
	if _, err := s.Commit(ctx); err != nil {
		return j, err
	}
	j.Wall, j.User = time.Since(began), spent()-user
	for _, f := range out.Facts {
		switch f.Name {
		case "result_rows":
			if _, err := fmt.Sscan(f.Value, &j.Rows); err != nil {
				return j, err
			}
		case "spilled_bytes":
			var n float64
			if _, err := fmt.Sscan(f.Value, &n); err != nil {
				return j, err
			}
			j.Spilled = fmt.Sprintf(", spilled %.0f MB", n/1e6)
		}
	}
	return j, nil
}

// benchContent is the store's content log under the session's name for it.
type benchContent struct{ *segment.Log }

// Open reads a claim.
func (c benchContent) Open(ctx context.Context, claim flowfile.Claim) (io.ReadCloser, error) {
	return c.OpenClaim(ctx, claim)
}

// benchQueues are two inputs and the ids of what is made.
type benchQueues struct {
	last    flowfile.ID
	schemas map[string][]byte
	items   map[string][]*flowfile.Item
}

func (q *benchQueues) newID() flowfile.ID { q.last++; return q.last }

func (q *benchQueues) schema(hash string) ([]byte, error) { return q.schemas[hash], nil }

// Take is for inputs that are not whole-run.
func (q *benchQueues) Take([]string, int) ([]*flowfile.Item, error) { return nil, nil }

// Release has nothing to give back.
func (q *benchQueues) Release([]*flowfile.Item) {}

// Scan yields an input.
func (q *benchQueues) Scan(_ context.Context, conn string) iter.Seq2[*flowfile.Item, error] {
	return func(yield func(*flowfile.Item, error) bool) {
		for _, it := range q.items[conn] {
			f := *it.FlowFile
			if !yield(&flowfile.Item{Conn: conn, Seq: it.Seq, FlowFile: &f}, nil) {
				return
			}
		}
	}
}

// fill puts a file into the store in FlowFiles of some 16 MB.
func (q *benchQueues) fill(ctx context.Context, log *segment.Log, conn, path string, schema []byte) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	hash := flowfile.SchemaHash(schema)
	q.schemas[hash] = schema
	attrs := flowfile.AttrsOf(map[string]string{flowfile.SchemaAttr: hash, flowfile.MimeAttr: flowfile.NDJSON})
	in := bufio.NewReaderSize(f, 1<<20)
	for n := uint64(0); ; n++ {
		var rows int64
		claim, err := log.Append(ctx, func(w io.Writer) error {
			for size := 0; size < 16<<20; {
				b, err := in.Peek(1 << 20)
				if len(b) == 0 {
					if err == io.EOF {
						return nil
					}
					return err
				}
				b = b[:bytes.LastIndexByte(b, '\n')+1]
				rows, size = rows+int64(bytes.Count(b, []byte{'\n'})), size+len(b)
				if _, err := w.Write(b); err != nil {
					return err
				}
				if _, err := in.Discard(len(b)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || rows == 0 {
			return err
		}
		q.items[conn] = append(q.items[conn], &flowfile.Item{Conn: conn, Seq: n, FlowFile: &flowfile.FlowFile{ID: q.newID(), Run: 1,
			Content: claim, Rows: rows, Attrs: attrs, Origin: flowfile.SourceOrigin(strings.ToLower(conn), n)}})
	}
}
