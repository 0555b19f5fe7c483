package csv_test

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors/processorstest"
)

// mount puts a small file system on a directory until the test ends.
func mount(t *testing.T, dir, options string, flags uintptr) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("mounting a small file system takes root")
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", flags, options); err != nil {
		t.Skipf("no tmpfs can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
}

func TestWriteCSVOnAFullTmpfs(t *testing.T) {
	dir := t.TempDir()
	mount(t, dir, "size=64k", 0)
	r := processorstest.New(t, "WriteCSV", settings{"path": "x.csv"}, processorstest.Dir(dir))
	r.WriteFile("x.csv", "yesterday").PutRecords(people, rowsOf(3_000)...).Run().WantErr("file_disk_full")
	if got := r.Files(); len(got) != 1 || got["x.csv"] != "yesterday" {
		t.Errorf("%d files", len(got))
	}
}

func TestWriteCSVOnAReadOnlyFileSystem(t *testing.T) {
	dir := t.TempDir()
	mount(t, dir, "size=64k", syscall.MS_RDONLY)
	r := processorstest.New(t, "WriteCSV", settings{"path": "out/x.csv"}, processorstest.Dir(dir))
	three(r)
	r.Run().WantErr("file_read_only")
}

// TestWriteCSVIntoAnUnwritableDirectory works as a user that may not write there,
// also where the tests are run by root.
func TestWriteCSVIntoAnUnwritableDirectory(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "out"), 0o555); err != nil {
		t.Fatal(err)
	}
	r := processorstest.New(t, "WriteCSV", settings{"path": "out/x.csv"}, processorstest.Dir(dir))
	three(r)
	asNobody(t, dir, func() {
		if steps := r.Verify(); len(steps) != 1 || fault.CodeOf(steps[0].Fault) != "file_permission" {
			t.Errorf("steps = %+v", steps)
		}
		r.Run()
	})
	r.WantErr("file_permission")
	if n := len(r.Store.Queue("in:")); n != 2 || len(r.Files()) != 0 {
		t.Errorf("%d FlowFiles wait, files %v", n, r.Files())
	}
}

// asNobody runs f, as far as files are concerned, without root's rights.
func asNobody(t *testing.T, dir string, f func()) {
	t.Helper()
	if os.Getuid() != 0 {
		f()
		return
	}
	for d := dir; len(d) > len(os.TempDir()) && d != "/"; d = filepath.Dir(d) {
		if st, err := os.Stat(d); err != nil || st.Mode().Perm()&0o001 == 0 {
			if err := os.Chmod(d, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	// The identity is the thread's, so the thread must be ours until it is back.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := syscall.Setfsuid(65534); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Setfsuid(0); err != nil {
			t.Fatal(err)
		}
	}()
	f()
}
