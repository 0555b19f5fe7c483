package flows_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
)

func TestParseRefusesHugeFiles(t *testing.T) {
	b := append([]byte(`{"weir": 1, "id": "a", "mode": "runs", "nodes": {}}`), bytes.Repeat([]byte(" "), flows.MaxFileSize)...)
	if _, err := flows.Parse(b); fault.CodeOf(err) != "flow_too_large" {
		t.Errorf("error = %v", err)
	}
	if _, err := flows.Parse(b[:flows.MaxFileSize]); err != nil {
		t.Errorf("a file of the greatest size: %v", err)
	}
	deep := []byte(`{"weir": 1, "id": "a", "mode": "runs", "nodes": {}, "doc": ` + strings.Repeat("[", 1<<20))
	if _, err := flows.Parse(deep); err == nil {
		t.Error("a million brackets are read")
	}
}

// TestParsePlacesSyntaxErrors cuts and dirties a good file at every byte: the
// error names a line and column within it and the same code every time.
func TestParsePlacesSyntaxErrors(t *testing.T) {
	good := []byte("{\n  \"weir\": 1,\n  \"name\": \"이름\",\n  \"id\": \"a\", \"mode\": \"runs\", \"nodes\": {}}")
	if _, err := flows.Parse(good); err != nil {
		t.Fatal(err)
	}
	for i := range good {
		if _, err := flows.Parse(good[:i]); err == nil {
			t.Errorf("the first %d bytes are a flow", i)
		}
	}
	for text, want := range map[string]string{
		"{\n  \"weir\": 1,\n  \"이름\" 1}":   "Line 3, column 8: '1'",
		"{\n\t\"weir\": 01}":               "Line 2, column 11: '1'",
		"{'weir': 1}":                      "Line 1, column 2: '\\''",
		"{\"weir\": 1} // note":            "Line 1, column 13: something",
		"{\"weir\": 1,\n":                  "Line 2, column 1: the file ends",
		"{\"doc\": \"a\nb\"}":              "Line 1, column 11: '\\n'",
		"{\"weir\": 1, \"a\": \"\\q\"}":    "Line 1, column 20: 'q'",
		"{\"weir\": 1, \"doc\": \"\xff\"}": "Line 1, column 21: a byte",
	} {
		if _, err := flows.Parse([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestCanonicalDoesNotDependOnForm writes one flow in several ways.
func TestCanonicalDoesNotDependOnForm(t *testing.T) {
	f := load(t, "testdata/good/daily.json")
	want, err := f.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	var oneLine bytes.Buffer
	if err := json.Compact(&oneLine, want); err != nil {
		t.Fatal(err)
	}
	loose := strings.NewReplacer(`"events-join"`, `"events\u002djoin"`, `"uid"`, `"\u0075id"`, "  ", "\t").Replace(string(want))
	loose = strings.Replace(loose, `"kind": "TestMeet",`, `"after": [], "terminate": [], "kind": "TestMeet",`, 1)
	loose = strings.Replace(loose, `["success", "unmatched"]`, `["unmatched", "success"]`, 1)
	for _, form := range []string{oneLine.String(), loose} {
		got, err := parse(t, form).Canonical()
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), string(got)); d != "" {
			t.Error(d)
		}
	}
}

func TestNumbersKeepTheirDigits(t *testing.T) {
	const digits = `12345678901234567890.10`
	f := parse(t, `{"weir": 1, "id": "a", "mode": "runs", "nodes": {"n": {"kind": "K", "settings": {"x": `+digits+`, "y": [1e400, -0, "<&>\u2028"]}}}}`)
	b, err := f.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{digits, "1e400", "-0", `<&>`} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("the canonical form lacks %s:\n%s", want, b)
		}
	}
}

// FuzzParse wants no panic, and of whatever parses that its canonical form is
// read back as the same flow and written as the same bytes; validation, plan,
// difference and calendar must bear it too.
func FuzzParse(f *testing.F) {
	for _, dir := range []string{"good", "bad"} {
		files, _ := filepath.Glob("testdata/" + dir + "/*.json")
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Add([]byte(`{"weir":1.0,"id":"","mode":"","nodes":{"":{"kind":"TestChoose","settings":{"routes":null}}},"layout":{"":[1e-7,-0]}}`))
	f.Add([]byte(`{"weir":1,"id":"a","mode":"runs","nodes":{"a":{"kind":"TestKeep","inputs":{"":{}},"after":["a","a"]}},"connections":{"c":{"from":"a","to":"a","output":[]}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		_, problems := flows.Check(b)
		for _, p := range problems {
			if p.Text(fault.English) == "" || strings.Contains(p.Text(fault.Korean), p.Fault.Code+" ") {
				t.Errorf("%s has no text", p.Fault.Code)
			}
		}
		flow, err := flows.Parse(b)
		if err != nil {
			if len(problems) == 0 {
				t.Fatalf("Parse says %v, Check nothing", err)
			}
			return
		}
		canonical, err := flow.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		again, err := flows.Parse(canonical)
		if err != nil {
			t.Fatalf("%v in\n%s", err, canonical)
		}
		if d := cmp.Diff(flow, again); d != "" {
			t.Fatalf("read back it differs:\n%s\n%s", d, canonical)
		}
		twice, err := again.Canonical()
		if err != nil || !bytes.Equal(canonical, twice) {
			t.Fatalf("written twice it differs: %v\n%s", err, cmp.Diff(string(canonical), string(twice)))
		}
		if d := flows.Diff(flow, again); len(d) > 0 {
			t.Fatalf("Diff of equal flows: %v", d)
		}
		plan, err := flow.Plan()
		if err == nil && len(problems) == 0 {
			if _, err := plan.Compile(); err != nil {
				t.Fatalf("a valid flow's plan does not compile: %v\n%s", err, canonical)
			}
		}
		if _, err := flow.Calendar(); err != nil && len(problems) == 0 {
			t.Fatalf("a valid flow has no calendar: %v", err)
		}
	})
}
