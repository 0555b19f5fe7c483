package flows_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
)

// edit loads the daily flow and replaces texts of its canonical form.
func edit(t *testing.T, oldNew ...string) *flows.Flow {
	t.Helper()
	b, err := load(t, "testdata/good/daily.json").Canonical()
	if err != nil {
		t.Fatal(err)
	}
	s := string(b)
	for i := 0; i < len(oldNew); i += 2 {
		if !strings.Contains(s, oldNew[i]) {
			t.Fatalf("the flow has no %q", oldNew[i])
		}
		s = strings.Replace(s, oldNew[i], oldNew[i+1], 1)
	}
	f, err := flows.Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func texts(changes []flows.Change, lang fault.Lang) []string {
	out := []string{}
	for _, c := range changes {
		out = append(out, c.Text(lang))
	}
	return out
}

func TestDiffInWords(t *testing.T) {
	daily := load(t, "testdata/good/daily.json")
	for _, c := range []struct {
		name   string
		change func(*flows.Flow)
		en, ko string
	}{
		{"setting", func(f *flows.Flow) { f.Nodes["events"].Settings["page"] = json.RawMessage("20") },
			`node events: page 10 -> 20`, `노드 events: page 10 -> 20`},
		{"setting within", func(f *flows.Flow) {
			f.Nodes["tag"].Settings["attributes"] = json.RawMessage(`{"a":"2","b":"${run.date}"}`)
		},
			`node tag: attributes.a "1" -> "2"`, `노드 tag: attributes.a "1" -> "2"`},
		{"setting new", func(f *flows.Flow) { f.Nodes["events"].Settings["delimiter"] = json.RawMessage(`";"`) },
			`node events: delimiter set to ";"`, `노드 events: delimiter 값을 ";"(으)로 지정`},
		{"setting gone", func(f *flows.Flow) { delete(f.Nodes["events"].Settings, "page") },
			`node events: page removed (was 10)`, `노드 events: page 삭제됨 (이전 값 10)`},
		{"option", func(f *flows.Flow) { n := f.Nodes["tag"]; n.Workers = 2; f.Nodes["tag"] = n },
			`node tag: workers 4 -> 2`, `노드 tag: workers 4 -> 2`},
		{"node", func(f *flows.Flow) { f.Nodes["more"] = flows.Node{Kind: "TestTag"} },
			`node more added (TestTag)`, `노드 more 추가됨 (TestTag)`},
		{"connection", func(f *flows.Flow) { delete(f.Connections, "join-csv") },
			`connection join-csv removed (join success,unmatched -> csv)`, `연결 join-csv 삭제됨 (join success,unmatched -> csv)`},
		{"outputs", func(f *flows.Flow) {
			c := f.Connections["join-csv"]
			c.Output = flows.Outputs{"success"}
			f.Connections["join-csv"] = c
		},
			`connection join-csv: output ["success","unmatched"] -> "success"`, `연결 join-csv: output ["success","unmatched"] -> "success"`},
		{"schedule", func(f *flows.Flow) { f.Schedule.At = "07:30" },
			`schedule: at "06:00" -> "07:30"`, `일정: at "06:00" -> "07:30"`},
		{"schedule gone", func(f *flows.Flow) { f.Schedule = nil },
			`schedule removed ({"at":"06:00","every":"day","missed":"last","zone":"Asia/Seoul"})`,
			`일정 삭제됨 ({"at":"06:00","every":"day","missed":"last","zone":"Asia/Seoul"})`},
		{"head", func(f *flows.Flow) { f.Name = "Nightly" },
			`flow: name "Daily users <Calback>" -> "Nightly"`, `플로: name "Daily users <Calback>" -> "Nightly"`},
		{"moved", func(f *flows.Flow) { f.Layout["csv"] = [2]float64{1, 2} },
			`layout csv: moved [840,0] -> [1,2]`, `배치 csv: 위치 이동 [840,0] -> [1,2]`},
		{"all moved", func(f *flows.Flow) { f.Layout["csv"], f.Layout["users"] = [2]float64{1, 2}, [2]float64{3, 4} },
			`layout: 2 moved`, `배치: 2개 이동`},
		{"placed with the node", func(f *flows.Flow) {
			f.Nodes["more"], f.Layout["more"] = flows.Node{Kind: "TestTag"}, [2]float64{5, 6}
		},
			`node more added (TestTag)`, `노드 more 추가됨 (TestTag)`},
		{"group", func(f *flows.Flow) { f.Groups = map[string]flows.Group{"clean": {Name: "Clean up"}} },
			`group clean added (Clean up)`, `그룹 clean 추가됨 (Clean up)`},
		{"group without a name", func(f *flows.Flow) {
			f.Groups, f.Layout["group:clean"] = map[string]flows.Group{"clean": {}}, [2]float64{5, 6}
		},
			`group clean added`, `그룹 clean 추가됨`},
		{"into a group", func(f *flows.Flow) { n := f.Nodes["tag"]; n.Group = "clean"; f.Nodes["tag"] = n },
			`node tag: group set to "clean"`, `노드 tag: group 값을 "clean"(으)로 지정`},
		{"label", func(f *flows.Flow) { f.Labels = map[string]flows.Label{"note": {Text: "Reads at night."}} },
			`label note added (Reads at night.)`, `라벨 note 추가됨 (Reads at night.)`},
		{"parameter", func(f *flows.Flow) { f.Parameters["more"] = flows.Parameter{Type: "date"} },
			`parameter more added (date)`, `매개변수 more 추가됨 (date)`},
		{"service", func(f *flows.Flow) { f.Services["gcp"].Settings["project"] = json.RawMessage(`"q"`) },
			`service gcp: project "p" -> "q"`, `서비스 gcp: project "p" -> "q"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed, err := daily.Clone()
			if err != nil {
				t.Fatal(err)
			}
			c.change(changed)
			got := flows.Diff(daily, changed)
			if d := cmp.Diff([]string{c.en}, texts(got, fault.English)); d != "" {
				t.Errorf("English differs:\n%s", d)
			}
			if d := cmp.Diff([]string{c.ko}, texts(got, fault.Korean)); d != "" {
				t.Errorf("Korean differs:\n%s", d)
			}
			back := flows.Diff(changed, daily)
			same := len(back) == 1 && back[0].Path == got[0].Path
			if c.name != "all moved" { // which says how many, either way
				same = same && back[0].Old == got[0].New && back[0].New == got[0].Old
			}
			if !same {
				t.Errorf("the way back is %v", back)
			}
			if d := cmp.Diff(map[fault.Lang]string{fault.English: c.en, fault.Korean: c.ko}, got[0].Texts); d != "" {
				t.Errorf("texts on the wire differ:\n%s", d)
			}
			looks := []string{"head", "moved", "all moved", "group", "group without a name", "into a group", "label"}
			if got[0].Cosmetic() != slices.Contains(looks, c.name) {
				t.Errorf("Cosmetic = %v", got[0].Cosmetic())
			}
		})
	}
}

func TestDiffOfEqualFlowsIsEmpty(t *testing.T) {
	for _, name := range goodFiles(t) {
		a, b := load(t, name), load(t, name)
		for slug, n := range b.Nodes {
			slices.Reverse(n.After)
			slices.Reverse(n.Terminate)
			b.Nodes[slug] = n
		}
		if d := flows.Diff(a, b); len(d) > 0 {
			t.Errorf("%s: %v", name, d)
		}
	}
}

func TestResumeConflicts(t *testing.T) {
	daily := load(t, "testdata/good/daily.json")
	for _, c := range []struct {
		name string
		edit []string
		done []string
		want []string
	}{
		{"the failed node's setting", []string{`out/dt=${run.date}/users.csv`, `out/users.csv`}, []string{"users", "events", "join"}, []string{}},
		{"a done node's setting", []string{`"page": 10,`, `"page": 11,`}, []string{"events"}, []string{"node events: page 10 -> 11"}},
		{"a node not done yet", []string{`"page": 10,`, `"page": 11,`}, []string{"users"}, []string{}},
		{"an ancestor's setting over connections", []string{`"a": "1"`, `"a": "2"`}, []string{"join"}, []string{`node tag: attributes.a "1" -> "2"`}},
		{"an ancestor over a completion edge", []string{`"title": "#{name} of ${run.date}"`, `"title": "x"`}, []string{"events"},
			[]string{`node users: title "#{name} of ${run.date}" -> "x"`}},
		{"a service of a done node", []string{`"project": "p"`, `"project": "q"`}, []string{"users"}, []string{`service gcp: project "p" -> "q"`}},
		{"a service of no done node", []string{`"project": "p"`, `"project": "q"`}, []string{}, []string{}},
		{"the graph, whoever is done", []string{`"input": "right"`, `"input": "left"`}, nil, []string{`connection events-join: input "right" -> "left"`}},
		{"a completion edge", []string{`"after": ["users"]`, `"after": ["tag"]`}, nil, []string{`node events: after ["users"] -> ["tag"]`}},
		{"an output less", []string{`["success", "unmatched"]`, `"success"`}, nil, []string{`connection join-csv: output ["success","unmatched"] -> "success"`}},
		{"what an empty input means to a gate that waits", []string{`"on_empty": "skip"`, `"on_empty": "pass"`}, []string{"users"}, []string{}},
		{"what it meant to one that is done", []string{`"on_empty": "skip"`, `"on_empty": "pass"`}, []string{"join"},
			[]string{`node join: inputs.left.on_empty "skip" -> "pass"`}},
		{"looks and pace", []string{`"workers": 4`, `"workers": 8`, `[840, 0]`, `[0, 0]`, `"at": "06:00"`, `"at": "07:00"`, `"retries": 0`, `"retries": 3`,
			`"bytes": "1GB"`, `"bytes": "2GB"`}, []string{"csv", "rejects"}, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := texts(flows.ResumeConflicts(daily, edit(t, c.edit...), c.done), fault.English)
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("conflicts differ:\n%s", d)
			}
		})
	}
	for declared, want := range map[string][]string{
		`{"type": "date"}`:                          {"parameter more added (date)"},
		`{"type": "date", "default": "2026-01-01"}`: {},
	} {
		f := edit(t, `"parameters": {`, `"parameters": { "more": `+declared+`,`)
		if d := cmp.Diff(want, texts(flows.ResumeConflicts(daily, f, nil), fault.English)); d != "" {
			t.Errorf("a parameter more, %s:\n%s", declared, d)
		}
	}
	more := edit(t)
	more.Nodes["more"] = flows.Node{Kind: "TestEmit", Discard: true, Terminate: []string{"success"}}
	if got := texts(flows.ResumeConflicts(daily, more, nil), fault.English); !slices.Equal(got, []string{"node more added (TestEmit)"}) {
		t.Errorf("a node more: %v", got)
	}
}
