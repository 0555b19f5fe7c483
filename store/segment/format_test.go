package segment_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/store/segment"
	"github.com/weirflow/weir/store/segment/segmenttest"
)

var update = flag.Bool("update", false, "write testdata/v1 anew; only while version 1 was never released")

// pattern is content that can be made again without a random source.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

var (
	v1Claims = []flowfile.Claim{
		{Segment: 1, Offset: 20, Size: 600},
		{Segment: 1, Offset: 628, Size: 65_537},
	}
	v1Events = []flowfile.Event{
		{ID: 40, Type: flowfile.EventCreate, Node: "read", Rows: 10, Size: 600, Time: epoch},
		{ID: 41, Type: flowfile.EventFork, Parents: []flowfile.ID{40}, Node: "split", Rel: "success", Rows: -1, Time: epoch},
		{ID: 41, Type: flowfile.EventDrop, Node: "write", Class: flowfile.Committed, Why: "written", Time: epoch},
	}
	v1Files = []string{"content/00000001.seg", "events/00000001.evt"}
)

// TestVersion1 reads the files of format version 1 as its first release wrote
// them, and writes the same bytes.
func TestVersion1(t *testing.T) {
	fsys := segmenttest.New()
	l := open(t, fsys, segment.Options{})
	for _, c := range v1Claims {
		if got := mustPut(t, l, pattern(int(c.Size))); got != c {
			t.Errorf("claim %+v, want %+v", got, c)
		}
	}
	if err := l.AppendEvents(7, v1Events[:2]); err != nil {
		t.Fatal(err)
	}
	if err := l.AppendEvents(8, v1Events[2:]); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	old := segmenttest.New()
	old.MkdirAll("data/content", 0)
	old.MkdirAll("data/events", 0)
	for _, name := range v1Files {
		got, err := fsys.ReadFile("data/" + name)
		if err != nil {
			t.Fatal(err)
		}
		kept := filepath.Join("testdata", "v1", filepath.FromSlash(name))
		if *update {
			if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(kept, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(kept)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is written otherwise than version 1 says", name)
		}
		old.WriteFile("data/"+name, want)
	}
	l = open(t, old, segment.Options{LastCommit: 8})
	for _, c := range v1Claims {
		wantBytes(t, l, c, pattern(int(c.Size)))
	}
	got, err := l.Events(41, 8, 9)
	want := []segment.Recorded{{Commit: 8, Event: v1Events[2]}, {Commit: 7, Event: v1Events[1]}}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
}
