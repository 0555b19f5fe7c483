package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
)

// TestACommandThatIsToldCanBeTyped calls the program by a path: what it tells to
// do next names the path and the data directory.
func TestACommandThatIsToldCanBeTyped(t *testing.T) {
	data := filepath.Join(t.TempDir(), "my data")
	tell := func(program string, args ...string) string {
		t.Helper()
		var out, errOut bytes.Buffer
		a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &errOut, lang: fault.English, program: program}
		if code := a.call(t.Context(), args); code != 0 {
			t.Fatalf("%v: exit %d\n%s", args, code, errOut.String())
		}
		return out.String()
	}
	out := tell("./bin/weir", "flow", "import", "--draft", file(t, "gen.json", gen), "--data", data)
	if want := "Publish it: ./bin/weir flow publish gen --data '" + data + "'\n"; !strings.Contains(out, want) {
		t.Errorf("by a path: %s, want %s", out, want)
	}
	if out := tell("", "run", "ls", "--data", data); !strings.Contains(out, "weir run start FLOW --data '"+data+"'\n") {
		t.Errorf("by its name: %s", out)
	}
	t.Setenv("WEIR_DATA", data)
	if out := tell("./bin/weir", "run", "ls"); !strings.HasSuffix(out, ": ./bin/weir run start FLOW\n") {
		t.Errorf("in the default directory: %s", out)
	}
}

func TestTheProgramIsCalledAsAShellFindsIt(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	if got := called("./bin/weir"); got != "./bin/weir" {
		t.Errorf("found nowhere: %s", got)
	}
	if got := called("/opt/my tools/weir"); got != "'/opt/my tools/weir'" {
		t.Errorf("with a space: %s", got)
	}
	other := filepath.Join(dir, "weir")
	if err := os.WriteFile(other, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := called("./bin/weir"); got != "./bin/weir" {
		t.Errorf("where another weir is found: %s", got)
	}
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(own, other); err != nil {
		t.Fatal(err)
	}
	if got := called("./bin/weir"); got != "weir" {
		t.Errorf("where the shell finds it: %s", got)
	}
}
