package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
)

// crumble is a source that fails and choke a map that does, for a cause that
// is a fault too.
type (
	crumble struct{}
	choke   struct{}
)

func init() {
	processors.Register(func() processors.Processor { return &crumble{} })
	processors.Register(func() processors.Processor { return &choke{} })
}

func (*crumble) Define(s *processors.Spec) {
	s.Describe("TestCrumble", "Fails as a source.")
	s.Output("success", "Nothing.")
}

func (*choke) Define(s *processors.Spec) {
	s.Describe("TestChoke", "Fails for each FlowFile.")
	s.Input("", "FlowFiles.")
	s.Output("success", "Nothing.")
}

func (*crumble) Process(context.Context, *flowfile.Session) error { return deepFault() }

func (*choke) Process(_ context.Context, s *flowfile.Session) error {
	s.Get()
	return deepFault()
}

func deepFault() error {
	return fault.New("file_io", "path", "somewhere").Because(
		fault.New("disk_full", "path", "the/disk").Because(errors.New("ENOSPC"))).Permanent()
}

// TestReasonsAreShownInTheReadersLanguage stores failures by a program that
// speaks English, and shows them to somebody who reads Korean.
func TestReasonsAreShownInTheReadersLanguage(t *testing.T) {
	english, korean := fault.Text(deepFault(), fault.English), fault.Text(deepFault(), fault.Korean)
	if !strings.Contains(korean, " (") || english == korean || !strings.HasSuffix(korean, "(ENOSPC))") {
		t.Fatalf("the failure is %q", korean)
	}
	source := with(t, gen, `"kind": "GenerateFlowFile", "settings": {"content": "records", "schema": [["id", "int64"], ["share", "double"]], "rows": 50, "count": 4}`,
		`"kind": "TestCrumble"`)
	middle := with(t, gen,
		`"connections": {"gen-csv": {"from": "gen", "output": "success", "to": "csv"}}`,
		`"connections": {"gen-bad": {"from": "gen", "output": "success", "to": "bad"}, "bad-csv": {"from": "bad", "output": "success", "to": "csv"}}`,
		`"csv": {"kind"`, `"bad": {"kind": "TestChoke"}, "csv": {"kind"`)
	shown := func(t *testing.T, data, want string, verbs ...[]string) {
		t.Helper()
		for _, v := range verbs {
			if out := must(t, append(v, "--data", data)...); !strings.Contains(out, want) {
				t.Errorf("weir %s lacks %q:\n%s", strings.Join(v, " "), want, out)
			}
		}
	}
	show, why := []string{"run", "show", "last"}, []string{"run", "why", "last"}
	t.Run("run", func(t *testing.T) {
		data := t.TempDir()
		if r := weir(t, "run", "start", "--file", file(t, "gen.json", source), "--data", data); r.code != exitFailed || !strings.Contains(r.out, english) {
			t.Fatalf("exit %d\n%s%s", r.code, r.out, r.err)
		}
		t.Setenv("LC_ALL", "ko_KR.UTF-8")
		shown(t, data, korean, show, why)
		shown(t, data, "노드 gen이(가) 실패했고", show)
		if out := must(t, append(show, "--data", data)...); strings.Contains(out, english) || strings.Contains(out, "Node ") {
			t.Errorf("English is left:\n%s", out)
		}
	})
	t.Run("parked", func(t *testing.T) {
		data := t.TempDir()
		if r := weir(t, "run", "start", "--file", file(t, "gen.json", middle), "--data", data); r.code != exitFailed {
			t.Fatalf("exit %d\n%s%s", r.code, r.out, r.err)
		}
		type parked struct {
			Parked []struct{ ID, Cause string }
		}
		list := mustJSON[parked](t, "parked", "ls", "last", "--data", data)
		if len(list.Parked) != 4 || list.Parked[0].Cause != english {
			t.Fatalf("parked: %+v", list)
		}
		t.Setenv("LC_ALL", "ko_KR.UTF-8")
		shown(t, data, "보류", show)
		shown(t, data, korean, []string{"parked", "show", "last", list.Parked[0].ID})
		shown(t, data, strings.TrimSuffix(cut(korean, 100), "…"), []string{"parked", "ls", "last"})
	})
}
