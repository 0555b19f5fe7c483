package processors_test

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
)

func TestProbeTriesWhereAFileWouldGo(t *testing.T) {
	for _, c := range []struct{ path, code string }{
		{"x.csv", ""},
		{"new/dirs/x.csv", ""},
		{"dir/x.csv", ""},
		{"dir/dt=${run.date}/x.csv", ""},
		{"${run.date}.csv", ""},
		{"#{where}/${run.date}.csv", ""},
		{"dir", "path_is_directory"},
		{"file/x.csv", "file_path_unusable"},
		{"file/x/${run.date}.csv", "file_path_unusable"},
		{"link/x.csv", "path_link_out"},
		{"link/${run.date}.csv", "path_link_out"},
		{"/tmp/${run.date}.csv", "path_absolute"},
		{"../${run.date}.csv", "path_up"},
	} {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "dir"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(t.TempDir(), filepath.Join(dir, "link")); err != nil {
			t.Fatal(err)
		}
		files, err := processors.OpenFiles(dir, processors.FilesOptions{})
		if err != nil {
			t.Fatal(err)
		}
		err = files.Probe(processors.MustExpr(c.path))
		if got := fault.CodeOf(err); got != c.code {
			t.Errorf("%s: code %q, want %q", c.path, got, c.code)
		}
		if err != nil && fault.As(err).Args["path"] != c.path {
			t.Errorf("%s: the error names %s", c.path, fault.As(err).Args["path"])
		}
		for _, d := range []string{dir, filepath.Join(dir, "dir")} {
			entries, err := os.ReadDir(d)
			if want := map[string]int{dir: 3}[d]; err != nil || len(entries) != want {
				t.Errorf("%s: %v was left behind, %v", c.path, entries, err)
			}
		}
		if err := files.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestProbeForRendersThePathOfTheRun(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dt=2026-11-21"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := processors.OpenFiles(dir, processors.FilesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	run := flowfile.Run{Number: 1, Date: "2026-11-21", Zone: "Asia/Seoul"}
	for _, c := range []struct {
		path string
		run  flowfile.Run
		want string
		code string
	}{
		{"a/${run.date}.csv", run, "a/2026-11-21.csv", ""},
		{"dt=${run.date}/x.csv", run, "dt=2026-11-21/x.csv", "file_path_unusable"},
		{"dt=${run.date}/x.csv", flowfile.Run{}, "dt=${run.date}/x.csv", ""},
		{"a/${filename}", run, "a/${filename}", ""},
		{"plain.csv", flowfile.Run{}, "plain.csv", ""},
		{"a/${run.date:toDate('yyyy'):format('dd')}.csv", run, "a/${run.date:toDate('yyyy'):format('dd')}.csv", "expr_date_value"},
	} {
		got, err := files.ProbeFor(processors.MustExpr(c.path), processors.Env{Run: c.run})
		if got != c.want || fault.CodeOf(err) != c.code {
			t.Errorf("%s: %q with %v, want %q with %q", c.path, got, err, c.want, c.code)
		}
	}
}

type fullProbe struct{}

func (fullProbe) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestProbeFindsAFullDisk(t *testing.T) {
	files, err := processors.OpenFiles(t.TempDir(), processors.FilesOptions{Through: func(io.Writer) io.Writer { return fullProbe{} }})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	if got := fault.CodeOf(files.Probe(processors.MustExpr("x.csv"))); got != "file_disk_full" {
		t.Errorf("code %q", got)
	}
}
