package main

import (
	"os"
	"os/exec"
)

// called is how the program is called again, for a shell: weir where that finds
// this program, else by the path that it was called by.
func called(arg0 string) string {
	own, err := os.Executable()
	if err != nil {
		own = arg0
	}
	if found, err := exec.LookPath("weir"); err == nil && sameFile(found, own) {
		return "weir"
	}
	return shellWord(arg0)
}

func sameFile(a, b string) bool {
	one, err1 := os.Stat(a)
	two, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(one, two)
}

// own is the program in a command that is told.
func (a *app) own() string { return orDefault(a.program, "weir") }

// where are the flags, with a space before, that lead a command that is told to
// the same server or data directory; nothing where the default does.
func (a *app) where() string {
	switch {
	case a.server != "":
		return " --server " + shellWord(a.server)
	case a.data != a.dataDefault():
		return " --data " + shellWord(a.data)
	}
	return ""
}
