package csv_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors/processorstest"
)

// rowsOf returns n rows of people.
func rowsOf(n int) []string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = `{"uid":"u","age":1,"note":"some text to fill the buffer"}`
	}
	return rows
}

// fills is a disk with room for so many bytes.
type fills struct {
	w    io.Writer
	room *int
}

func (f fills) Write(p []byte) (int, error) {
	n := min(len(p), *f.room)
	*f.room -= n
	n, err := f.w.Write(p[:n])
	if err == nil && n < len(p) {
		err = syscall.ENOSPC
	}
	return n, err
}

// TestWriteCSVOnAFullDisk lets the disk fill up in the file, and then only in the
// manifest; in both cases the next try, with room again, succeeds.
func TestWriteCSVOnAFullDisk(t *testing.T) {
	rows := rowsOf(3_000)
	for _, room := range []int{0, 1, 50_000, len("uid,age,note\n") + len(rows)*33 + 10} {
		left := room
		r := processorstest.New(t, "WriteCSV", settings{"path": "x.csv"},
			processorstest.FilesThrough(func(w io.Writer) io.Writer { return fills{w, &left} }))
		r.WriteFile("x.csv", "yesterday").WriteFile("x.csv.manifest.json", "{}").PutRecords(people, rows...)
		r.Run().WantErr("file_disk_full")
		got := r.Files()
		for name := range got {
			if strings.HasSuffix(name, ".part") {
				t.Errorf("room for %d bytes: %s was left", room, name)
			}
		}
		if room <= 50_000 && got["x.csv"] != "yesterday" {
			t.Errorf("room for %d bytes: yesterday's file is gone", room)
		}
		if n := r.Notes(); len(n.Receipts) != 0 || n.Done {
			t.Errorf("room for %d bytes: notes = %+v", room, n)
		}
		left = 1 << 30
		r.Run()
		if n := strings.Count(r.File("x.csv"), "\n"); n != len(rows)+1 {
			t.Errorf("room for %d bytes: %d lines after the next try", room, n)
		}
	}
}

func TestWriteCSVFaultsOfThePlace(t *testing.T) {
	outside := t.TempDir()
	for _, c := range []struct {
		name, path, code string
		prepare          func(t *testing.T, dir string)
	}{
		{"an expression leads up", "#{where}/x.csv", "path_up", nil},
		{"an expression is absolute", "${run.params.root}/x.csv", "path_absolute", nil},
		{"an expression is empty", "#{empty}", "path_empty", nil},
		{"a link leads out", "link/x.csv", "path_link_out", func(t *testing.T, dir string) {
			if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
				t.Fatal(err)
			}
		}},
		{"a directory stands there", "out/x.csv", "path_is_directory", func(t *testing.T, dir string) {
			if err := os.MkdirAll(filepath.Join(dir, "out/x.csv/more"), 0o700); err != nil {
				t.Fatal(err)
			}
		}},
		{"a file stands where a directory should", "out/x.csv", "file_path_unusable", func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, "out"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if c.prepare != nil {
				c.prepare(t, dir)
			}
			r := processorstest.New(t, "WriteCSV", settings{"path": c.path}, processorstest.Dir(dir),
				processorstest.Param("where", "string", "a/../.."), processorstest.Param("root", "string", "/tmp"), processorstest.Param("empty", "string", ""))
			three(r)
			// What parameters say is known before the run reads anything.
			if steps := r.Verify(); !strings.Contains(c.path, "${") && fault.CodeOf(steps[0].Fault) != c.code {
				t.Errorf("verify: %v, want %s", steps[0].Fault, c.code)
			}
			r.Run().WantErr(c.code)
			if n := len(r.Store.Queue("in:")); n != 2 {
				t.Errorf("%d FlowFiles wait, want 2", n)
			}
		})
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) != 0 {
		t.Errorf("outside: %v, %v", left, err)
	}
}
