package processors

import (
	"context"
	"slices"
	"testing"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
)

// chained has properties that depend on one another.
type chained struct {
	mode, mid, deep, end string
	names                map[string]string
	word                 Expr
	schema               *record.Schema
}

func (p *chained) Define(s *Spec) {
	s.Describe("TestChained", "Has properties that depend on one another.")
	s.Input("", "Anything.")
	s.Choice(&p.mode, "mode", "Which.", []ChoiceValue{{"a", "The first."}, {"b", "The second."}})
	s.String(&p.mid, "mid", "Below mode.", DependsOn("mode", "b"))
	s.String(&p.deep, "deep", "Below mid.", Required, DependsOn("mid"))
	s.String(&p.end, "end", "Below deep.", DependsOn("deep"))
	s.Map(&p.names, "names", "By name.", Pattern("[a-z]+", "letters"))
	s.Expr(&p.word, "word", "A word.", Pattern("[a-z]+", "letters"))
	s.Schema(&p.schema, "schema", "Columns.", Required, DependsOn("mode", "b"))
}
func (p *chained) Process(context.Context, *flowfile.Session) error { return nil }

func init() {
	Register(func() Processor { return &chained{mode: "a", mid: "x"} })
}

// What a property needs is asked only while what it depends on is known to hold.
func TestPropertiesThatDependOnOneAnother(t *testing.T) {
	const schema = `"schema":[["a","string"]]`
	for _, c := range []struct {
		settings string
		want     []string
	}{
		{`{}`, nil},
		{`{"mode":"b","deep":"d",` + schema + `}`, nil},
		{`{"mode":"b",` + schema + `}`, []string{"deep setting_missing"}},
		{`{"mode":"b","deep":"",` + schema + `}`, []string{"deep setting_missing"}},
		{`{"mode":"b","mid":"",` + schema + `}`, nil},
		{`{"mode":"b","mid":"","deep":"d",` + schema + `}`, []string{"deep setting_hidden_unset"}},
		{`{"mode":"a","deep":"d"}`, []string{"deep setting_hidden"}},
		{`{"mode":"a","end":"e"}`, []string{"end setting_hidden_unset"}},
		{`{"mode":"b","deep":"d","end":"e",` + schema + `}`, nil},
		{`{"mode":"b","deep":"d","schema":[]}`, []string{"schema setting_missing"}},
		{`{"mode":"b","deep":"d"}`, []string{"schema setting_missing"}},
		// What mode is comes only with the run, so nothing below it is asked.
		{`{"mode":"#{word}"}`, nil},
		{`{"mode":"#{word}","deep":"d","end":"e"}`, nil},
		{`{"mode":"b","mid":"#{word}",` + schema + `}`, nil},
		// A value that is wrong is told once.
		{`{"mode":"z"}`, []string{"mode setting_not_a_choice"}},
		{`{"mode":"z","deep":"d"}`, []string{"mode setting_not_a_choice"}},
		// Patterns hold for what is known.
		{`{"names":{"k":"abc"}}`, nil},
		{`{"names":{"k":"ABC"}}`, []string{"names setting_pattern"}},
		{`{"names":{"k":"#{word}"}}`, nil},
		{`{"names":{"k":"#{n}"}}`, []string{"names setting_pattern"}},
		{`{"word":"abc"}`, nil},
		{`{"word":"ABC"}`, []string{"word setting_pattern"}},
		{`{"word":"${ABC}"}`, nil},
	} {
		_, problems := Build("TestChained", settingsOf(t, c.settings), testEnv())
		var got []string
		for _, p := range problems {
			got = append(got, p.Property+" "+p.Fault.Code)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.settings, got, c.want)
		}
	}
}

func TestKindsAreSortedAndFresh(t *testing.T) {
	var names []string
	for _, info := range Kinds() {
		names = append(names, info.Kind)
	}
	if !slices.IsSorted(names) || !slices.Contains(names, "TestChained") || slices.Contains(names, "TestAccount") {
		t.Errorf("kinds %q", names)
	}
	one, err := Fresh("TestChained")
	two, err2 := Fresh("TestChained")
	if err != nil || err2 != nil || one == two {
		t.Errorf("Fresh gives %v and %v, %v, %v", one, two, err, err2)
	}
	if s, err := Fresh("TestAccount"); err != nil || Describe(s).Kind != "TestAccount" {
		t.Errorf("Fresh of a service = %v, %v", s, err)
	}
	if v, err := Fresh("TestNothing"); err == nil {
		t.Errorf("Fresh of no kind = %v", v)
	}
}
