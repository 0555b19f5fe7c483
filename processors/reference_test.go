package processors

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/runs"
)

var update = flag.Bool("update", false, "write the golden files anew")

var _ = Korean([]byte(`{"labels": {"TestEvery.path": "다른 곳의 경로"}, "tags": {"test": "시험"}, "texts": {
 "Says of itself all that a kind can say, in a sentence so long that a terminal of eighty characters does not show it in one line.":
  "종류가 할 수 있는 말을 모두 합니다. 여든 자짜리 터미널의 한 줄에 다 들어가지 않을 만큼 긴 문장으로 말입니다.",
 "Some.": "몇 개.", "Where to.": "어디로.", "letters": "글자", "Replaces a table.": "테이블을 바꿉니다.", "To reach it.": "연결하려고.", "Never said.": "아무도 안 한 말."}}`))

// rich says of itself all that a kind can say.
type rich struct {
	path   Expr
	folder string
	fields []string
}

func (p *rich) Define(s *Spec) {
	s.Describe("TestRich", "Says of itself all that a kind can say, in a sentence so long that a terminal of eighty characters does not show it in one line.", "test", "docs")
	s.Input("left", "Some.", WholeRun, OnEmpty("skip"))
	s.Input("right", "Others.", WholeRun, OptionalInput)
	s.Output("success", "What | went on.")
	s.Output("skipped", "What was left out.", Filter)
	s.Output("failure", "What was bad.", Reject)
	s.Law(runs.LawSink)
	s.Single()
	s.Batching()
	s.Effects("Replaces a table.")
	s.Expr(&p.path, "path", "Where to.", Required, Example("a/${run.date}"))
	s.String(&p.folder, "folder", "Where below.", Advanced, Verbatim, DependsOn("path"), Pattern("[a-z]+", "letters"))
	s.List(&p.fields, "fields", "Which.", Min(1), Max(3))
	s.Needs(Need{Kind: NeedRole, Value: "roles/viewer", On: &p.path, Why: "To read."}, Need{Kind: NeedHost, Value: &p.fields, Why: "To reach it."}, Need{Kind: NeedResource, Value: "t", On: "project", Why: "To write."})
}
func (p *rich) Process(context.Context, *flowfile.Session) error { return nil }
func (p *rich) Verify(context.Context, Env) []Step               { return nil }
func (p *rich) Infer(context.Context, Env, int) (*record.Schema, []string, error) {
	return nil, nil, nil
}
func (p *rich) Preview(context.Context, Env, *flowfile.Session) error { return nil }

// quiet says as little as a kind may.
type quiet struct{}

func (*quiet) Define(s *Spec) {
	s.Describe("TestQuiet", "Ends what comes.")
	s.Input("", "Anything.")
}
func (*quiet) Process(context.Context, *flowfile.Session) error { return nil }

// filtering only leaves out.
type filtering struct{}

func (*filtering) Define(s *Spec) {
	s.Describe("TestFiltering", "Leaves some out.")
	s.Input("", "Anything.")
	s.Output("matched", "What stays.")
	s.Output("unmatched", "What goes.", Filter)
}
func (*filtering) Process(context.Context, *flowfile.Session) error { return nil }

func init() {
	Register(func() Processor { return &rich{} })
	Register(func() Processor { return &quiet{} })
	Register(func() Processor { return &filtering{} })
}

// What is known of a kind, as JSON, as a page and as text, is what the golden
// files show. A change to them is to be read, and then written with -update.
func TestReferenceOfEachKind(t *testing.T) {
	for _, kind := range []string{"TestEvery", "TestGated", "TestTimed", "TestRich", "TestQuiet", "TestFiltering", "TestAccount"} {
		info, ok := Lookup(kind)
		if !ok {
			info, ok = LookupService(kind)
		}
		if !ok {
			t.Errorf("there is no kind %s", kind)
			continue
		}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", " ")
		if err := e.Encode(info); err != nil {
			t.Fatal(err)
		}
		b.WriteString("-- page --\n")
		if err := Markdown(&b, info, fault.English); err != nil {
			t.Fatal(err)
		}
		b.WriteString("-- text --\n")
		if err := Text(&b, info, fault.English); err != nil {
			t.Fatal(err)
		}
		b.WriteString("-- text in Korean --\n")
		if err := Text(&b, info, fault.Korean); err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", "reference", kind+".txt")
		if *update {
			if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), want) {
			t.Errorf("%s is described by\n%s\nwant\n%s", kind, b.Bytes(), want)
		}
	}
}
