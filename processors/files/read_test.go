package files_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	_ "github.com/weirflow/weir/processors/files"
	"github.com/weirflow/weir/processors/processorstest"
)

type settings = processorstest.Settings

var columns = [][2]string{{"id", "int64"}, {"name", "string"}}

// samples are three good rows and two bad ones in each format.
var samples = map[string]string{
	"ndjson": "{\"id\":1,\"name\":\"가\"}\n{\"id\":\"x\"}\n{\"id\":2}\n{\"id\":3,\"name\":\"c\\n\"}\n{\"id\":4,\"other\":1}\n",
	"json":   "[{\"id\":1,\"name\":\"가\"},\n{\"id\":\"x\"},{\"id\":2},\n{\"id\":3,\"name\":\"c\\n\"},{\"id\":4,\"other\":1}]",
	"csv":    "name,id\n가,1\n\"y\",x\n,2\n\"c\n\",3\nz,4,5\n",
}

var good = []string{`{"id":1,"name":"가"}`, `{"id":2,"name":null}`, `{"id":3,"name":"c\n"}`}

// raws are the bad rows as they stand in the samples.
var raws = map[string][]string{"ndjson": {`{"id":"x"}`, `{"id":4,"other":1}`}, "json": {`{"id":"x"}`, `{"id":4,"other":1}`}, "csv": {`"y",x`, `z,4,5`}}

// with returns settings with more in them.
func with(set settings, pairs ...any) settings {
	out := settings{}
	for k, v := range set {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

// read are the settings of a kind that reads a sample.
func read(format string, rows int) settings {
	return settings{"path": "in/sample", "format": format, "schema": columns, "rows": rows}
}

// put writes a file below dir.
func put(t *testing.T, dir, name, content string) {
	t.Helper()
	full := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	when := time.Date(2026, 11, 20, 1, 2, 3, 0, time.UTC)
	if err := os.Chtimes(full, when, when); err != nil {
		t.Fatal(err)
	}
}

func TestReadFileConforms(t *testing.T) {
	for format, text := range samples {
		t.Run(format, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, "in/sample", text)
			processorstest.Conform(t, "ReadFile", read(format, 2), nil, processorstest.Dir(dir))
		})
	}
	t.Run("raw", func(t *testing.T) {
		dir := t.TempDir()
		put(t, dir, "in/sample", "bytes")
		processorstest.Conform(t, "ReadFile", settings{"path": "in/sample"}, nil, processorstest.Dir(dir))
	})
}

func TestReadFileReadsRecords(t *testing.T) {
	for format, text := range samples {
		for _, rows := range []int{1, 2, 3, 100} {
			t.Run(fmt.Sprint(format, rows), func(t *testing.T) {
				r := processorstest.New(t, "ReadFile", read(format, rows)).WriteFile("in/sample", text).Run()
				r.WantRows("success", good...)
				var got []string
				for _, row := range r.Rows("rejected") {
					var bad struct {
						Row               int64
						Code, Reason, Raw string
					}
					if err := json.Unmarshal([]byte(row), &bad); err != nil {
						t.Fatal(err)
					}
					if bad.Code == "" || bad.Reason == "" {
						t.Errorf("no reason: %s", row)
					}
					got = append(got, fmt.Sprint(bad.Row, bad.Raw))
				}
				if want := []string{"2" + raws[format][0], "5" + raws[format][1]}; strings.Join(got, "|") != strings.Join(want, "|") {
					t.Errorf("rejected %q, want %q", got, want)
				}
				for _, f := range r.Output("rejected") {
					if f.Attr("reject.code") == "" || f.Attr("reject.reason") == "" || f.Attr("path") != "in/sample" {
						t.Errorf("attributes = %v", f.Attrs)
					}
				}
				l := r.Ledger()
				if l[flowfile.Read].Rows != 5 || l[flowfile.Out].Rows != 3 || l[flowfile.Rejected].Rows != 2 || l[flowfile.Out].Unknown != 0 {
					t.Errorf("ledger = %+v", l)
				}
				if !r.Notes().Done {
					t.Error("the source is not done")
				}
			})
		}
	}
}

func TestReadFileReadsBytes(t *testing.T) {
	text := "any\x00bytes\n" + strings.Repeat("x", 100_000)
	r := processorstest.New(t, "ReadFile", settings{"path": "in/dt=${run.date}/a.bin"}).WriteFile("in/dt=2026-11-21/a.bin", text).Run()
	r.Want("success", text).WantAttr("success", "path", "in/dt=2026-11-21/a.bin").WantAttr("success", "filename", "a.bin").
		WantAttr("success", "file.size", fmt.Sprint(len(text)))
	if !r.Notes().Done {
		t.Error("the source is not done")
	}
}

func TestReadFileOptions(t *testing.T) {
	for _, c := range []struct {
		name, text string
		set        settings
		want       []string
	}{
		{"semicolons and null token", "id;name\n1;NULL\n2;\"NULL\"\n", settings{"format": "csv", "delimiter": ";", "null": "NULL"},
			[]string{`{"id":1,"name":null}`, `{"id":2,"name":"NULL"}`}},
		{"no header", "1,a\n2,b\n", settings{"format": "csv", "header": false}, []string{`{"id":1,"name":"a"}`, `{"id":2,"name":"b"}`}},
		{"unknown keys", `{"id":1,"more":[1]}`, settings{"format": "ndjson", "unknown_keys": "ignore"}, []string{`{"id":1,"name":null}`}},
		{"nothing", "", settings{"format": "ndjson"}, nil},
		{"an empty array", "[]", settings{"format": "json"}, nil},
		{"a header only", "id,name\n", settings{"format": "csv"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := processorstest.New(t, "ReadFile", with(c.set, "path", "a", "schema", columns)).WriteFile("a", c.text).Run()
			r.WantRows("success", c.want...)
			if n := len(r.Output("rejected")); n != 0 || !r.Notes().Done {
				t.Errorf("%d rejected, notes %+v", n, r.Notes())
			}
		})
	}
}

// losing is a processor whose n-th session is lost after its work was done.
type losing struct {
	processors.Processor
	n int
}

var errLost = errors.New("the commit was lost")

func (l *losing) Start(ctx context.Context, env processors.Env) error {
	return l.Processor.(processors.Starter).Start(ctx, env)
}

func (l *losing) Stop(ctx context.Context) error {
	if p, ok := l.Processor.(processors.Stopper); ok {
		return p.Stop(ctx)
	}
	return nil
}

func (l *losing) Process(ctx context.Context, s *flowfile.Session) error {
	if err := l.Processor.Process(ctx, s); err != nil {
		return err
	}
	if l.n--; l.n == 0 {
		return errLost
	}
	return nil
}

// TestReadFileGoesOnAfterALostCommit loses each of its commits in turn and goes
// on, in the same process or in another; every row comes exactly once.
func TestReadFileGoesOnAfterALostCommit(t *testing.T) {
	for format, text := range samples {
		for n := 1; n <= 6; n++ {
			for _, crash := range []bool{true, false} {
				t.Run(fmt.Sprint(format, n, " crash ", crash), func(t *testing.T) {
					dir := t.TempDir()
					put(t, dir, "in/sample", text)
					r := processorstest.New(t, "ReadFile", read(format, 1), processorstest.Dir(dir),
						processorstest.Wrap(func(p processors.Processor) processors.Processor { return &losing{p, n} }))
					if err := r.Run().Err(); !errors.Is(err, errLost) {
						t.Fatalf("error = %v", err)
					}
					next := r
					if crash {
						next = processorstest.New(t, "ReadFile", read(format, 1), processorstest.Dir(dir))
						next.Store = r.Store
					}
					next.Run().WantRows("success", good...)
					if rows := next.Rows("rejected"); len(rows) != 2 || !strings.HasPrefix(rows[1], `{"row":5,`) {
						t.Errorf("rejected: %q", rows)
					}
				})
			}
		}
	}
}

func TestReadFileFaults(t *testing.T) {
	long := strings.Repeat("x", 2000)
	for _, c := range []struct {
		name, text, code string
		set              settings
	}{
		{"no such file", "", "file_missing", settings{"path": "none.csv"}},
		{"an expression leads up", "", "path_up", settings{"path": "${run.date}/../../x"}},
		{"an expression is absolute", "", "path_absolute", settings{"path": "#{root}/x"}},
		{"a directory", "x", "path_is_directory", settings{"path": "in"}},
		{"a link that leads out", "", "path_link_out", settings{"path": "link/x"}},
		{"a pipe", "", "file_not_regular", settings{"path": "pipe"}},
		{"an open quote", "id,name\n1,\"a\n", "csv_open_quote", read("csv", 1)},
		{"another header", "id,title\n1,a\n", "csv_header_differs", read("csv", 1)},
		{"no header", "", "csv_no_header", read("csv", 1)},
		{"a cut array", "[{\"id\":1},", "array_cut", read("json", 100)},
		{"no records", "<html>", "not_json_records", read("ndjson", 1)},
		{"a long row", `{"id":1,"name":"` + long + `"}`, "row_too_long", with(read("ndjson", 1), "longest_row", "1 KB")},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, "in/sample", c.text)
			if err := os.Symlink(t.TempDir(), filepath.Join(dir, "link")); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
				t.Fatal(err)
			}
			r := processorstest.New(t, "ReadFile", c.set, processorstest.Dir(dir), processorstest.Param("root", "string", "/etc")).Run()
			r.WantErr(c.code)
			if r.Notes().Done {
				t.Error("it is done all the same")
			}
		})
	}
}

func TestReadFileNoticesAChange(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "in/sample", samples["ndjson"])
	r := processorstest.New(t, "ReadFile", read("ndjson", 1), processorstest.Dir(dir))
	r.Store.Content.FillUp(40)
	if err := r.Run().Err(); err == nil || len(r.Output("success")) == 0 {
		t.Fatalf("%d pages, then %v", len(r.Output("success")), err)
	}
	r.Store.Content.MakeRoom()
	r.WriteFile("in/sample", samples["ndjson"]+"{}\n")
	r.Run().WantErr("file_changed")
}

func TestReadFileReadsAChangedFileAgainInContinuousFlows(t *testing.T) {
	r := processorstest.New(t, "ReadFile", read("ndjson", 100), processorstest.Continuous()).WriteFile("in/sample", `{"id":1}`)
	r.Run().WantRows("success", `{"id":1,"name":null}`)
	r.Run().WantRows("success", `{"id":1,"name":null}`)
	r.WriteFile("in/sample", `{"id":20}`).Run().WantRows("success", `{"id":1,"name":null}`, `{"id":20,"name":null}`)
}

func TestReadFileRefusesBadSettings(t *testing.T) {
	for _, c := range []struct {
		code string
		set  settings
	}{
		{"setting_missing", settings{}},
		{"setting_missing", settings{"path": "a", "format": "csv"}},
		{"setting_hidden", settings{"path": "a", "format": "ndjson", "schema": columns, "delimiter": ";"}},
		{"setting_hidden", settings{"path": "a", "schema": columns}},
		{"path_up", settings{"path": "../a"}},
		{"csv_bad_null", settings{"path": "a", "format": "csv", "schema": columns, "null": "\""}},
		{"csv_bad_delimiter", settings{"path": "a", "format": "csv", "schema": columns, "delimiter": "\""}},
		{"setting_source_attribute", settings{"path": "${filename}"}},
	} {
		_, problems := processorstest.Build(t, "ReadFile", c.set)
		if len(problems) != 1 || problems[0].Fault.Code != c.code {
			t.Errorf("problems of %v = %v, want one %s", c.set, problems, c.code)
		}
	}
}

// TestReadFileEndsAPageOfLargeRefusals keeps what is held of bad rows in memory
// bounded, whatever the page may have.
func TestReadFileEndsAPageOfLargeRefusals(t *testing.T) {
	bad := `{"id":"` + strings.Repeat("x", 1<<20) + `"}` + "\n"
	r := processorstest.New(t, "ReadFile", read("ndjson", 1000)).WriteFile("in/sample", strings.Repeat(bad, 20)+`{"id":7}`)
	r.Run().WantRows("success", `{"id":7,"name":null}`)
	if n := len(r.Output("rejected")); n != 3 {
		t.Errorf("%d FlowFiles of bad rows, want 3 of about 8 MiB", n)
	}
	if l := r.Ledger(); l[flowfile.Rejected].Rows != 20 || l[flowfile.Read].Rows != 21 {
		t.Errorf("ledger = %+v", l)
	}
}
