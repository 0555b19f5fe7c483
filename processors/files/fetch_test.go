package files_test

import (
	"os"
	"strings"
	"testing"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
)

// fetch are the settings of FetchFile for a sample that a FlowFile names.
func fetch(format string, rows int) settings {
	set := read(format, rows)
	delete(set, "path")
	return set
}

func TestFetchFileConforms(t *testing.T) {
	for format, text := range samples {
		t.Run(format, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, "in/sample", text)
			processorstest.Conform(t, "FetchFile", fetch(format, 2), func(r *processorstest.Runner) {
				r.Put("", "path", "in/sample", "mark", "1").Put("", "path", "in/none")
			}, processorstest.Dir(dir))
		})
	}
}

func TestFetchFileReadsRecords(t *testing.T) {
	for format, text := range samples {
		t.Run(format, func(t *testing.T) {
			r := processorstest.New(t, "FetchFile", fetch(format, 2)).WriteFile("in/sample", text)
			r.Put("", "path", "in/sample", "mark", "a").Run().WantRows("success", good...)
			if n := len(r.Rows("rejected")); n != 2 {
				t.Errorf("%d rows rejected, want 2", n)
			}
			for _, f := range r.Output("success") {
				if f.Attr("mark") != "a" || f.Attr("filename") != "sample" {
					t.Errorf("attributes = %v", f.Attrs)
				}
			}
			if l := r.Ledger(); l[flowfile.Read].Rows != 5 || l[flowfile.Out].Rows != 3 || l[flowfile.Rejected].Rows != 2 || l[flowfile.In].N != 1 {
				t.Errorf("ledger = %+v", l)
			}
		})
	}
}

func TestFetchFileReadsBytes(t *testing.T) {
	r := processorstest.New(t, "FetchFile", settings{"path": "in/${name}"}).WriteFile("in/a", "one").WriteFile("in/b", "two")
	r.Put("old", "name", "a").Put("", "name", "b").Put("", "name", "c").Run().Want("success", "one", "two").Want("failure", "")
	r.WantAttr("success", "path", "in/a", "in/b").WantAttr("failure", "reject.code", "file_missing")
}

func TestFetchFileSendsBadPathsAndFilesToFailure(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "dir/open.csv", "id,name\n1,a\n2,b\n3,\"c\n")
	put(t, dir, "dir/good.csv", "id,name\n1,a\n")
	if err := os.Symlink(t.TempDir(), dir+"/link"); err != nil {
		t.Fatal(err)
	}
	r := processorstest.New(t, "FetchFile", fetch("csv", 1), processorstest.Dir(dir))
	want := map[string]string{"../x": "path_up", "/etc/passwd": "path_absolute", "": "path_empty", "dir": "path_is_directory", "link/x": "path_link_out",
		"dir/none": "file_missing", "dir/good.csv/x": "file_path_unusable", "dir/open.csv": "csv_open_quote"}
	for name := range want {
		r.Put("kept", "path", name)
	}
	r.Run().WantRows("success")
	for _, f := range r.Output("failure") {
		if got := f.Attr("reject.code"); got != want[f.Attr("path")] || r.Content(f) != "kept" || f.Attr("reject.reason") == "" {
			t.Errorf("%q: code %q, want %q", f.Attr("path"), got, want[f.Attr("path")])
		}
	}
	if n := len(r.Output("failure")); n != len(want) {
		t.Errorf("%d on failure, want %d", n, len(want))
	}
	r.PutRecords(record.MustSchema("x", "int64"), `{"x":1}`).Put("", "path", "dir/good.csv").Run().WantRows("success", `{"id":1,"name":"a"}`)
}

func TestFetchFileRefusesAnExpressionThatFails(t *testing.T) {
	r := processorstest.New(t, "FetchFile", settings{"path": "${n:toDate('yyyy'):format('yyyy')}"}).Put("x", "n", "many")
	r.Run().Want("failure", "x")
	if f := r.Output("failure")[0]; !strings.Contains(f.Attr("reject.reason"), "many") {
		t.Errorf("reason = %q", f.Attr("reject.reason"))
	}
}
