package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
)

// page is what speaks to a server over its control socket, as any client does.
type page struct {
	t    *testing.T
	http *http.Client
}

func openPage(t *testing.T, dir string) *page {
	return &page{t, &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(dir, "control.sock"))
	}}}}
}

// ask performs an operation, fills out and returns the status and the body.
func (p *page) ask(method, path string, in, out any) (*http.Response, []byte) {
	p.t.Helper()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			p.t.Fatal(err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, "http://weir/api/v1"+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := p.http.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	asDescribed(p.t, method, "/api/v1"+path, resp.StatusCode, b)
	if out != nil {
		if err := json.Unmarshal(b, out); err != nil {
			p.t.Fatalf("%s %s: %s: %v", method, path, b, err)
		}
	}
	return resp, b
}

// must is ask for what has to succeed.
func must[Out any](p *page, method, path string, in any) *Out {
	p.t.Helper()
	out := new(Out)
	resp, b := p.ask(method, path, in, nil)
	if resp.StatusCode != http.StatusOK {
		p.t.Fatalf("%s %s: %s: %s", method, path, resp.Status, b)
	}
	if err := json.Unmarshal(b, out); err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	return out
}

// refused is ask for what has to fail, and how.
func (p *page) refused(status int, code, method, path string, in any) map[string]any {
	p.t.Helper()
	var out map[string]any
	resp, b := p.ask(method, path, in, &out)
	if resp.StatusCode != status || out["code"] != code {
		p.t.Errorf("%s %s: %s: %s, want %d %s", method, path, resp.Status, b, status, code)
	}
	return out
}

func set(value string, path ...string) flows.Op {
	o := flows.Op{Path: path}
	if value != "" {
		o.Value = json.RawMessage(value)
	}
	return o
}

// edit is what a page sends.
func edit(base uint64, client string, ops ...flows.Op) map[string]any {
	return map[string]any{"base_rev": base, "client": client, "label": "by " + client, "ops": ops}
}

// TestAFlowIsBuiltFromNothing draws gen step by step, and publishes it.
func TestAFlowIsBuiltFromNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Control: true})
	var told []uint64
	defer s.changes.observe(func(c change) {
		if c.kind == changeEdit {
			told = append(told, c.edit.Rev)
		}
	})()
	p := openPage(t, dir)
	empty := json.RawMessage(`{"weir": 1, "id": "new", "name": "New", "mode": "runs", "nodes": {}}`)
	must[Published](p, "POST", "/flows", ImportFlow{Doc: empty, Draft: true, New: true})
	p.refused(409, "flow_id_taken", "POST", "/flows", ImportFlow{Doc: empty, Draft: true, New: true})
	d := must[Draft](p, "GET", "/flows/new/draft", nil)
	if d.Rev != 1 || d.Version != 0 || !d.Differs || len(d.Problems) != 1 || d.Problems[0].Code != "flow_empty" {
		t.Fatalf("the empty draft is %+v", d)
	}
	p.refused(422, "problems", "POST", "/flows/new/publish", nil)

	e := must[Edited](p, "POST", "/flows/new/edit", edit(1, "a", set(`{"kind": "GenerateFlowFile", "settings": {"count": 2}}`, "nodes", "gen"), set(`[0, 0]`, "layout", "gen")))
	if e.Rev != 2 || e.Moved || len(e.Problems) != 1 || e.Problems[0].Node != "gen" || e.Problems[0].Code != "node_output_unwired" {
		t.Fatalf("with a source: %+v", e)
	}
	if n := (fault.Note{Code: e.Problems[0].Code, Args: e.Problems[0].Args, Parts: e.Problems[0].Parts}); !strings.Contains(n.Text(fault.Korean), "1부터 번호가") || n.Text(fault.English) != e.Problems[0].Text {
		t.Errorf("the problem in Korean: %s", n.Text(fault.Korean))
	}
	e = must[Edited](p, "POST", "/flows/new/edit", edit(2, "a", set(`{"kind": "WriteFile"}`, "nodes", "file"),
		set(`{"from": "gen", "output": "success", "to": "file"}`, "connections", "gen-file")))
	var paths []string
	for _, x := range e.Problems {
		paths = append(paths, x.Node+" "+x.Property+" "+x.Code+" "+x.Level)
	}
	if !slices.Contains(paths, "file path setting_missing error") {
		t.Errorf("problems of a sink without settings: %v", paths)
	}
	e = must[Edited](p, "POST", "/flows/new/edit", edit(3, "a", set(`"out/${run.date}/${filename}"`, "nodes", "file", "settings", "path"),
		set(`["success", "failure"]`, "nodes", "file", "terminate")))
	if len(e.Problems) > 0 {
		t.Errorf("the whole flow: %+v", e.Problems)
	}
	v := must[FlowList](p, "GET", "/flows", nil).Flows[0]
	if v.ID != "new" || v.Problems != len(e.Problems) || v.Version != 0 || v.Running || v.Last == nil {
		t.Errorf("the list shows %+v", v)
	}
	if pub := must[Published](p, "POST", "/flows/new/publish", PublishFlow{Rev: e.Rev}); pub.Version != 1 {
		t.Errorf("published %+v", pub)
	}
	if d := cmp.Diff([]uint64{2, 3, 4}, told); d != "" {
		t.Errorf("pages were told of other revisions:\n%s", d)
	}
}

// TestTwoPagesEditAtOnce: who is behind changes nothing and gets what it missed,
// with which it can edit again; both edits are in the draft.
func TestTwoPagesEditAtOnce(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Control: true})
	a, b := openPage(t, dir), openPage(t, dir)
	must[Published](a, "POST", "/flows", ImportFlow{Doc: json.RawMessage(gen)})
	d := must[Draft](a, "GET", "/flows/gen/draft", nil)
	if d.Rev != 1 || d.Version != 1 || d.Differs || len(d.Problems) > 0 || len(d.Authors) > 0 {
		t.Fatalf("after publishing: %+v", d)
	}
	mine := set(`60`, "nodes", "gen", "settings", "rows")
	theirs := []flows.Op{set(`"out/${run.date}/x.csv"`, "nodes", "csv", "settings", "path"), set(`[1,2]`, "layout", "csv")}
	first := must[Edited](b, "POST", "/flows/gen/edit", edit(1, "b", theirs...))
	if first.Rev != 2 || !first.Differs {
		t.Fatalf("the first edit: %+v", first)
	}
	var moved Edited
	resp, _ := a.ask("POST", "/flows/gen/edit", edit(1, "a", mine), &moved)
	if resp.StatusCode != http.StatusConflict || !moved.Moved || moved.Rev != 2 || moved.Doc != nil || len(moved.Missed) != 1 {
		t.Fatalf("the edit of who is behind: %s %+v", resp.Status, moved)
	}
	if got := moved.Missed[0]; got.Rev != 2 || got.Client != "b" || got.Label != "by b" || got.Who == "" || got.At.IsZero() ||
		cmp.Diff(theirs, got.Ops) != "" {
		t.Errorf("missed %+v", got)
	}
	// The page carries out what it missed upon what it has, and has what there is.
	caught, _, err := flows.Apply(d.Doc, moved.Missed[0].Ops)
	if err != nil {
		t.Fatal(err)
	}
	if _, file := a.ask("GET", "/flows/gen/file?draft=true", nil, nil); !bytes.Equal(file, caught) {
		t.Errorf("caught up to\n%s\nthere is\n%s", caught, file)
	}
	second := must[Edited](a, "POST", "/flows/gen/edit", edit(2, "a", mine))
	both := must[Draft](b, "GET", "/flows/gen/draft", nil)
	if second.Rev != 3 || !strings.Contains(string(both.Doc), "x.csv") || !strings.Contains(string(both.Doc), `"rows":60`) || len(both.Authors) != 1 {
		t.Errorf("both: %+v %s", second, both.Doc)
	}

	// A version of the newest draft alone is published, and changes nothing by surprise.
	a.refused(409, "draft_stale", "POST", "/flows/gen/publish", PublishFlow{Rev: 2})
	if v := must[FlowDoc](a, "GET", "/flows/gen", nil); strings.Contains(string(v.Doc), "x.csv") {
		t.Error("an edit changed the version in force")
	}
	if d := must[Changes](a, "GET", "/flows/gen/diff", nil); d.Rev != 3 || len(d.Changes) != 3 {
		t.Errorf("the draft differs %+v", d)
	}
	pub := must[Published](a, "POST", "/flows/gen/publish", PublishFlow{Rev: 3, Note: "more rows"})
	if pub.Version != 2 || len(pub.Changed) != 3 {
		t.Errorf("published %+v", pub)
	}
	vs := must[VersionList](a, "GET", "/flows/gen/versions", nil).Versions
	if len(vs) != 2 || vs[0].Number != 2 || vs[0].Note != "more rows" || vs[0].By == "" || vs[0].Published.IsZero() {
		t.Errorf("versions %+v", vs)
	}
	there := must[Changes](a, "GET", "/flows/gen/diff?from=1&to=2", nil).Changes
	again := must[Changes](a, "GET", "/flows/gen/diff?from=1&to=2&back=true", nil).Changes
	if len(again) != len(there) {
		t.Fatalf("there %+v, and back %+v", there, again)
	}
	for i, c := range there {
		if back := again[i]; back.Path != c.Path || back.Old != c.New || back.New != c.Old {
			t.Errorf("there %+v, and back %+v", c, back)
		}
	}
	for _, c := range there {
		if c.Texts["en"] == "" || c.Texts["ko"] == "" || c.Texts["en"] == c.Texts["ko"] {
			t.Errorf("a change without words: %+v", c)
		}
	}

	// Back to the first version, as an edit like any other.
	back := must[Edited](b, "POST", "/flows/gen/rollback", RollBack{Version: 1, Client: "b"})
	if back.Rev != 4 || !back.Differs {
		t.Errorf("rolled back: %+v", back)
	}
	_, one := a.ask("GET", "/flows/gen/file?version=1", nil, nil)
	if _, now := a.ask("GET", "/flows/gen/file?draft=true", nil, nil); !bytes.Equal(now, one) {
		t.Errorf("the draft is not version 1:\n%s", now)
	}
	if resp, _ := a.ask("POST", "/flows/gen/edit", edit(3, "a", mine), &moved); resp.StatusCode != 409 || len(moved.Missed) != 1 || moved.Missed[0].Label != "rollback" {
		t.Errorf("the rollback was not told: %+v", moved)
	}

	// What nobody may do.
	a.refused(422, "problems", "POST", "/flows/gen/edit", edit(4, "a", set(`"x"`, "nodes", "csv", "nmae")))
	a.refused(422, "edit_path_fixed", "POST", "/flows/gen/edit", edit(4, "a", set(`"x"`, "id")))
	a.refused(404, "flow_unknown", "POST", "/flows/none/edit", edit(0, "a"))
	a.refused(422, "edit_label_long", "POST", "/flows/gen/edit", edit(4, strings.Repeat("a", 201)))
	if r, err := s.store.Flow("gen"); err != nil || r.Rev != 4 {
		t.Errorf("a refused edit made revision %d, %v", r.Rev, err)
	}
}

// TestEditsOutliveARestart: the log is durable, so that a page that was open when
// the server went down rebases when it is back.
func TestEditsOutliveARestart(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Control: true})
	p := openPage(t, dir)
	must[Published](p, "POST", "/flows", ImportFlow{Doc: json.RawMessage(gen), Draft: true})
	for rev := uint64(1); rev <= 3; rev++ {
		must[Edited](p, "POST", "/flows/gen/edit", edit(rev, "a", set(`"name `+string('0'+rune(rev))+`"`, "name")))
	}
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.engine = nil
	open(t, Config{Data: dir, Control: true})
	p = openPage(t, dir)
	var moved Edited
	if resp, _ := p.ask("POST", "/flows/gen/edit", edit(2, "b", set(`"x"`, "doc")), &moved); resp.StatusCode != 409 || moved.Rev != 4 || len(moved.Missed) != 2 ||
		moved.Missed[0].Rev != 3 || string(moved.Missed[1].Ops[0].Value) != `"name 3"` {
		t.Errorf("after the restart: %+v", moved)
	}
	if resp, _ := p.ask("POST", "/flows/gen/edit", edit(9, "b", set(`"x"`, "doc")), &moved); resp.StatusCode != 409 || len(moved.Doc) == 0 {
		t.Errorf("a revision that there never was: %+v", moved)
	}
	if e := must[Edited](p, "POST", "/flows/gen/edit", edit(4, "b", set(`"x"`, "doc"))); e.Rev != 5 {
		t.Errorf("the next edit is %+v", e)
	}
}

// What is wrong with a setting is told to the end, and not the outermost fault alone.
func TestProblemsTellTheirCause(t *testing.T) {
	_, problems := flows.Check([]byte(`{"weir": 1, "id": "f", "mode": "runs", "nodes": {"read": {"kind": "ReadFile", "settings": {"path": "in.csv", "format": "csv", "schema": [["n", "integer"]]}}}}`))
	for _, p := range viewProblems(problems) {
		if p.Code == "setting_bad_schema" {
			if p.Cause == nil || !strings.Contains(fmt.Sprint(p.Cause.Args), "integer") {
				t.Errorf("cause %+v of %s", p.Cause, p.Text)
			}
			return
		}
	}
	t.Error("no problem with the schema")
}
