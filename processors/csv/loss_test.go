package csv_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
)

// losing is a processor whose first session is lost after its work was done, as
// by a crash between the rename and the commit.
type losing struct {
	processors.Processor
	lost bool
}

var errLost = errors.New("the commit was lost")

func (l *losing) Start(ctx context.Context, env processors.Env) error {
	return l.Processor.(processors.Starter).Start(ctx, env)
}

func (l *losing) Process(ctx context.Context, s *flowfile.Session) error {
	err := l.Processor.Process(ctx, s)
	if err == nil && !l.lost {
		l.lost, err = true, errLost
	}
	return err
}

func TestWriteCSVAgainAfterALostCommit(t *testing.T) {
	r := processorstest.New(t, "WriteCSV", settings{"path": path},
		processorstest.Wrap(func(p processors.Processor) processors.Processor { return &losing{Processor: p} }))
	three(r)
	if err := r.Run().Err(); !errors.Is(err, errLost) {
		t.Fatalf("error = %v", err)
	}
	first := r.Files()
	if first[file] != threeCSV {
		t.Fatalf("files = %q", first)
	}
	if !maps.Equal(first, r.Run().Files()) {
		t.Errorf("files = %q, want %q", r.Files(), first)
	}
	if n := r.Notes(); len(n.Receipts) != 1 || n.Receipts[0].Rows != 3 {
		t.Errorf("receipts = %+v", n.Receipts)
	}
}

// TestWriteCSVFindsALostRow gives it a FlowFile that says it has more rows, or
// fewer, than its content: the old file stands.
func TestWriteCSVFindsALostRow(t *testing.T) {
	for _, says := range []int64{9, 11} {
		m, cfg := input(t, sixRows(10), says, 2)
		dir := t.TempDir()
		files, err := processors.OpenFiles(dir, processors.FilesOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer files.Close()
		old := func(w io.Writer) error {
			_, err := io.WriteString(w, "yesterday")
			return err
		}
		if _, err := files.Replace("x.csv", old); err != nil {
			t.Fatal(err)
		}
		conf, _ := processorstest.Build(t, "WriteCSV", settings{"path": "x.csv"})
		if err := conf.Processor.(processors.Starter).Start(context.Background(), processors.Env{Files: files}); err != nil {
			t.Fatal(err)
		}
		err = conf.Processor.Process(context.Background(), flowfile.NewSession(context.Background(), m.Configure(cfg)))
		if class, _ := fault.ClassOf(err); fault.CodeOf(err) != "csv_rows_lost" || class != fault.Permanent {
			t.Errorf("error = %v", err)
		}
		if st, err := files.Stat("x.csv"); err != nil || st.Size() != int64(len("yesterday")) {
			t.Errorf("the old file: %v, %v", st, err)
		}
	}
}

// TestWriteCSVReadsBack writes random rows of texts that CSV is bad at, in every
// dialect, and reads the file back value by value. That the rows are counted
// right a second time is part of it: a wrong count fails the run.
func TestWriteCSVReadsBack(t *testing.T) {
	pieces := []string{"", "a", ",", "\"", "\n", "\r\n", ";", "\t", " ", "가", "\ufeff", `\N`, "NULL", "'", "=1", "-"}
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		pick := func(of ...string) string { return of[rng.IntN(len(of))] }
		fields := 1 + rng.IntN(3)
		names := []string{"plain", "with \"quotes\"\nand lines", "x,y"}
		pairs := []string{}
		for i := range fields {
			pairs = append(pairs, names[i], "string")
		}
		schema := record.MustSchema(pairs...)
		var rows []string
		for range rng.IntN(200) {
			row := make([]record.Value, fields)
			for i := range row {
				if rng.IntN(5) > 0 {
					row[i] = record.String(pick(pieces...) + pick(pieces...) + pick(pieces...))
				}
			}
			rows = append(rows, ndjson(t, schema, row))
		}
		set := settings{"path": "x.csv", "delimiter": pick(",", ";", `\t`, "|", "가"), "quote": pick("minimal", "all", "non_numeric", "strings"),
			"null": pick("", `\N`, "NULL"), "line_ending": pick("lf", "crlf"), "bom": rng.IntN(2) == 0, "header": rng.IntN(3) > 0}
		r := processorstest.New(t, "WriteCSV", set)
		half := len(rows) / 2
		r.PutRecords(schema, rows[:half]...).PutRecords(schema, rows[half:]...).Run()
		quote, err := record.ParseQuotePolicy(set["quote"].(string))
		if err != nil {
			t.Fatal(err)
		}
		o := record.CSVOptions{Delimiter: []rune(strings.ReplaceAll(set["delimiter"].(string), `\t`, "\t"))[0], Quote: quote, Null: set["null"].(string),
			NoHeader: !set["header"].(bool)}
		back := record.NewCSVReader(strings.NewReader(r.File("x.csv")), schema, o)
		for i := 0; ; i++ {
			row, err := back.Next()
			if err == io.EOF {
				if i != len(rows) || r.Notes().Receipts[0].Rows != int64(i) {
					t.Errorf("seed %d: %d rows, want %d", seed, i, len(rows))
				}
				break
			}
			if err != nil {
				t.Fatalf("seed %d (%v): %v", seed, set, err)
			}
			if got := ndjson(t, schema, row); got != rows[i] {
				t.Fatalf("seed %d (%v): row %d is %s, want %s", seed, set, i, got, rows[i])
			}
		}
	}
}

// ndjson renders a row.
func ndjson(t *testing.T, schema *record.Schema, row []record.Value) string {
	t.Helper()
	var b bytes.Buffer
	w := record.NewNDJSONWriter(&b, schema)
	if err := w.Write(row); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
