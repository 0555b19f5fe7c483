package runs

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
)

// Runs of earlier versions hold texts where there are notes now.
func TestWarningsOfEarlierVersionsAreRead(t *testing.T) {
	note := fault.New("internal", "what", "w").Words()
	b, err := json.Marshal(note)
	if err != nil {
		t.Fatal(err)
	}
	r := new(Run)
	if err := json.Unmarshal([]byte(`{"warnings":["old \"text\"",`+string(b)+`]}`), r); err != nil {
		t.Fatal(err)
	}
	check := func(r *Run) {
		t.Helper()
		if got, want := r.Warnings.Texts(fault.English), []string{`old "text"`, note.Text(fault.English)}; !slices.Equal(got, want) {
			t.Errorf("warnings %q, want %q", got, want)
		}
		if ko := r.Warnings.Texts(fault.Korean); ko[0] != `old "text"` || !strings.HasPrefix(ko[1], "Weir 내부") {
			t.Errorf("in Korean %q", ko)
		}
	}
	check(r)
	again, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	back := new(Run)
	if err := json.Unmarshal(again, back); err != nil {
		t.Fatal(err)
	}
	check(back)
	// A warning that was kept as a text is not told a second time.
	old := &Run{Warnings: Warnings{{Words: note.Text(fault.English)}}}
	if old.note([]*fault.Note{note, nil}) || len(old.Warnings) != 1 {
		t.Errorf("warnings %q", old.Warnings.Texts(fault.English))
	}
	for _, bad := range []string{`"x"`, `[1]`, `{}`} {
		if err := json.Unmarshal([]byte(bad), new(Warnings)); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}
