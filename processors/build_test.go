package processors

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
)

// every has a property of each type.
type every struct {
	str, text, choice string
	whole, size       int64
	float             float64
	on                bool
	char              rune
	list              []string
	names             map[string]string
	span              time.Duration
	expr              Expr
	routes            map[string]Expr
	secret            Secret
	service           ServiceRef
	schema            *record.Schema
	least, most       int64
}

func newEvery() *every {
	return &every{str: "s", choice: "a", whole: 5, size: 64e6, float: 0.5, char: ',', list: []string{"x"}, span: 90 * time.Minute,
		expr: MustExpr("${filename}"), most: 10}
}

func (p *every) Define(s *Spec) {
	s.Describe("TestEvery", "Has a property of each type.", "test")
	s.Input("", "Anything.")
	s.Output("success", "What came.")
	s.Output("failure", "What was bad.", Reject)
	s.OutputsFrom("routes")
	s.String(&p.str, "str", "A line.", Pattern("[a-z#{}]+", "lower-case letters"), Example("abc"))
	s.Text(&p.text, "text", "Lines.", Verbatim)
	s.Choice(&p.choice, "choice", "One of two.", []ChoiceValue{{"a", "The first."}, {"b", "The second."}})
	s.Int(&p.whole, "whole", "A whole number.", Min(1), Max(10))
	s.Bytes(&p.size, "size", "A size.", Max(1_000_000_000))
	s.Float(&p.float, "float", "A number.", Min(0.25))
	s.Bool(&p.on, "on", "A truth.", DependsOn("choice", "b"))
	s.Rune(&p.char, "char", "A character.")
	s.List(&p.list, "list", "A list.", Min(1), Pattern("[a-z0-9]*", "lower-case letters"))
	s.Map(&p.names, "names", "Texts by name.", Max(2))
	s.Duration(&p.span, "span", "A time span.", Max(24*time.Hour))
	s.Expr(&p.expr, "expr", "An expression.")
	s.ExprMap(&p.routes, "routes", "Conditions by output.")
	s.Secret(&p.secret, "secret", "A secret.", DependsOn("service"))
	s.Service(&p.service, "service", "TestAccount", "An account.")
	s.Schema(&p.schema, "schema", "Columns.")
	s.Int(&p.least, "least", "The least.", DependsOn("on", "true"))
	s.Int(&p.most, "most", "The most.", Advanced)
	s.Needs(Need{Kind: NeedRole, Value: "roles/viewer", On: &p.str, Why: "To read."},
		Need{Kind: NeedHost, Value: &p.list, Why: "To reach it."},
		Need{Kind: NeedResource, Value: &p.expr, Why: "To write.", When: func() bool { return p.on }})
}

func (p *every) Process(context.Context, *flowfile.Session) error { return nil }

func (p *every) Validate(r *Report) {
	if p.least > p.most {
		r.Problem("least", secretUnset("least")) // any fault will do
	}
}

// gated works on whole runs, timed makes FlowFiles.
type gated struct{ path Expr }

func (p *gated) Define(s *Spec) {
	s.Describe("TestGated", "Works on whole runs.")
	s.Input("left", "Some.", WholeRun, OnEmpty("fail"))
	s.Input("right", "Others.", WholeRun, OptionalInput)
	s.Expr(&p.path, "path", "Where to.", Required, Example("a/${run.date}"))
}
func (p *gated) Process(context.Context, *flowfile.Session) error { return nil }

type timed struct{ path Expr }

func (p *timed) Define(s *Spec) {
	s.Describe("TestTimed", "Makes FlowFiles.")
	s.Output("success", "New ones.")
	s.Expr(&p.path, "path", "Where from.")
}
func (p *timed) Process(context.Context, *flowfile.Session) error { return nil }

type account struct{ key Secret }

func (a *account) Define(s *Spec) {
	s.Describe("TestAccount", "An account.")
	s.Secret(&a.key, "key", "The key.")
}
func (a *account) Open(context.Context, Env) (any, error) { return a, nil }
func (a *account) Close(context.Context) error            { return nil }

func init() {
	Register(func() Processor { return newEvery() })
	Register(func() Processor { return &gated{} })
	Register(func() Processor { return &timed{} })
	RegisterService(func() Service { return &account{} })
}

func settingsOf(t *testing.T, text string) map[string]json.RawMessage {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func testEnv() BuildEnv {
	return BuildEnv{Runs: true, Services: map[string]string{"acc": "TestAccount", "other": "TestOther"}, Secrets: MemorySecrets{"key": "hush"},
		Params: map[string]Param{
			"s": {Type: "string", Value: "value", Known: true}, "n": {Type: "int", Value: "7", Known: true},
			"f": {Type: "float", Value: "0.75", Known: true}, "b": {Type: "bool", Value: "true", Known: true},
			"d": {Type: "duration", Value: "2h", Known: true}, "later": {Type: "int"}, "word": {Type: "string"},
			"nested": {Type: "string", Value: "#{s}${x}", Known: true}, "big": {Type: "int", Value: "99", Known: true},
		}}
}

func TestSettingsReachTheirFields(t *testing.T) {
	get := func(what func(*every) any) func(*every) string {
		return func(p *every) string { return fmt.Sprint(what(p)) }
	}
	for _, c := range []struct {
		settings string
		get      func(*every) string
		want     string
	}{
		{`{}`, get(func(p *every) any { return []any{p.str, p.whole, p.span, string(p.char)} }), "[s 5 1h30m0s ,]"},
		{`{"str":"abc"}`, get(func(p *every) any { return p.str }), "abc"},
		{`{"str":"a#{s}b"}`, get(func(p *every) any { return p.str }), "avalueb"},
		{`{"str":"##{s}"}`, get(func(p *every) any { return p.str }), "#{s}"},
		{`{"text":"#{nested}"}`, get(func(p *every) any { return p.text }), "#{s}${x}"},
		{`{"text":"SELECT\n${x}"}`, get(func(p *every) any { return p.text }), "SELECT\n${x}"},
		{`{"choice":"b"}`, get(func(p *every) any { return p.choice }), "b"},
		{`{"whole":7}`, get(func(p *every) any { return p.whole }), "7"},
		{`{"whole":1e1}`, get(func(p *every) any { return p.whole }), "10"},
		{`{"whole":"#{n}"}`, get(func(p *every) any { return p.whole }), "7"},
		{`{"most":9223372036854775807}`, get(func(p *every) any { return p.most }), "9223372036854775807"},
		{`{"size":"1.5 MB"}`, get(func(p *every) any { return p.size }), "1500000"},
		{`{"size":4096}`, get(func(p *every) any { return p.size }), "4096"},
		{`{"size":"#{n}"}`, get(func(p *every) any { return p.size }), "7"},
		{`{"float":"#{f}"}`, get(func(p *every) any { return p.float }), "0.75"},
		{`{"float":"#{n}"}`, get(func(p *every) any { return p.float }), "7"},
		{`{"choice":"b","on":"#{b}"}`, get(func(p *every) any { return p.on }), "true"},
		{`{"char":"\t"}`, get(func(p *every) any { return p.char }), "9"},
		{`{"char":"\\t"}`, get(func(p *every) any { return p.char }), "9"},
		{`{"char":"가"}`, get(func(p *every) any { return string(p.char) }), "가"},
		{`{"list":["a","#{s}"]}`, get(func(p *every) any { return p.list }), "[a value]"},
		{`{"names":{"k":"#{n}!"}}`, get(func(p *every) any { return p.names }), "map[k:7!]"},
		{`{"span":"12h"}`, get(func(p *every) any { return p.span }), "12h0m0s"},
		{`{"span":"#{d}"}`, get(func(p *every) any { return p.span }), "2h0m0s"},
		{`{"expr":"${a}-#{s}"}`, get(func(p *every) any { return p.expr }), "${a}-#{s}"},
		{`{"service":"acc","secret":{"secret":"key"}}`, get(func(p *every) any { return p.service.Name() + p.secret.Name() }), "acckey"},
		{`{"schema":[["a","int64"]]}`, get(func(p *every) any { return p.schema.String() }), `[["a","int64"]]`},
		{`{"str":"a#{word}"}`, get(func(p *every) any { return p.str }), "s"}, // not known yet: the default stands
		{`{"whole":"#{later}"}`, get(func(p *every) any { return p.whole }), "5"},
	} {
		conf, problems := Build("TestEvery", settingsOf(t, c.settings), testEnv())
		for _, p := range problems {
			t.Errorf("%s: %s: %v", c.settings, p.Property, p.Fault)
		}
		if got := c.get(conf.Processor.(*every)); got != c.want {
			t.Errorf("%s gives %q, want %q", c.settings, got, c.want)
		}
	}
}

func TestProblemsNameThePropertyAndComeAllAtOnce(t *testing.T) {
	for _, c := range []struct{ kind, settings, want string }{
		{"TestEvery", `{"strr":1,"whole":"x","size":"many","list":"a","zzz":2}`, "strr setting_unknown, zzz setting_unknown, whole setting_wrong_type, size setting_bad_size, list setting_wrong_type"},
		{"TestEvery", `{"str":null}`, "str setting_wrong_type"},
		{"TestEvery", `{"str":5}`, "str setting_wrong_type"},
		{"TestEvery", `{"str":"ABC"}`, "str setting_pattern"},
		{"TestEvery", `{"str":"${x}"}`, "str setting_no_expressions"},
		{"TestEvery", `{"str":"#{nested}"}`, "str setting_pattern"},
		{"TestEvery", `{"str":"#{none}"}`, "str setting_parameter_unknown"},
		{"TestEvery", `{"str":"#{}"}`, "str setting_parameter_unknown"},
		{"TestEvery", `{"choice":"c"}`, "choice setting_not_a_choice"},
		{"TestEvery", `{"whole":0}`, "whole setting_too_small"},
		{"TestEvery", `{"whole":11}`, "whole setting_too_large"},
		{"TestEvery", `{"whole":"#{big}"}`, "whole setting_too_large"},
		{"TestEvery", `{"whole":1.5}`, "whole setting_wrong_type"},
		{"TestEvery", `{"whole":"7"}`, "whole setting_wrong_type"},
		{"TestEvery", `{"whole":true}`, "whole setting_wrong_type"},
		{"TestEvery", `{"whole":"#{s}"}`, "whole setting_parameter_type"},
		{"TestEvery", `{"whole":"#{word}"}`, "whole setting_parameter_type"},
		{"TestEvery", `{"whole":"#{none}"}`, "whole setting_parameter_unknown"},
		{"TestEvery", `{"float":0.1}`, "float setting_too_small"},
		{"TestEvery", `{"float":"0.5"}`, "float setting_wrong_type"},
		{"TestEvery", `{"choice":"b","on":"true"}`, "on setting_wrong_type"},
		{"TestEvery", `{"on":true}`, "on setting_hidden"},
		{"TestEvery", `{"least":1}`, "least setting_hidden"},
		{"TestEvery", `{"choice":"b","on":true,"least":11}`, "least secret_unset"},
		{"TestEvery", `{"secret":{"secret":"key"}}`, "secret setting_hidden_unset"},
		{"TestEvery", `{"service":"acc","secret":"hush"}`, "secret setting_secret_form"},
		{"TestEvery", `{"service":"acc","secret":{"secret":"key","x":1}}`, "secret setting_secret_form"},
		{"TestEvery", `{"service":"acc","secret":{"secret":"nokey"}}`, "secret setting_secret_unknown"},
		{"TestEvery", `{"service":"none"}`, "service setting_service_unknown"},
		{"TestEvery", `{"service":"other"}`, "service setting_service_kind"},
		{"TestEvery", `{"char":""}`, "char setting_not_one_character"},
		{"TestEvery", `{"char":"ab"}`, "char setting_not_one_character"},
		{"TestEvery", `{"list":[]}`, "list setting_too_small"},
		{"TestEvery", `{"list":["A"]}`, "list setting_pattern"},
		{"TestEvery", `{"list":[1]}`, "list setting_wrong_type"},
		{"TestEvery", `{"names":{"a":"","b":"","c":""}}`, "names setting_too_large"},
		{"TestEvery", `{"names":{"":"x"}}`, "names setting_empty_name"},
		{"TestEvery", `{"names":["x"]}`, "names setting_wrong_type"},
		{"TestEvery", `{"span":"soon"}`, "span setting_bad_duration"},
		{"TestEvery", `{"span":"-5m"}`, "span setting_bad_duration"},
		{"TestEvery", `{"span":"2d"}`, "span setting_too_large"},
		{"TestEvery", `{"expr":"${a:nosuch()}"}`, "expr setting_bad_expression"},
		{"TestEvery", `{"expr":"${run.dat}"}`, "expr setting_run_attribute_unknown"},
		{"TestEvery", `{"expr":"${run.params.zz}"}`, "expr setting_parameter_unknown"},
		{"TestEvery", `{"expr":"#{zz}"}`, "expr setting_parameter_unknown"},
		{"TestEvery", `{"routes":{"Big One":"${a}"}}`, "routes setting_output_name"},
		{"TestEvery", `{"routes":{"failure":"${a}"}}`, "routes setting_output_taken"},
		{"TestEvery", `{"routes":{"x":"${a:nosuch()}","y":"${b:nosuch()}"}}`, "routes setting_bad_expression, routes setting_bad_expression"},
		{"TestEvery", `{"schema":[["a","int46"]]}`, "schema setting_bad_schema"},
		{"TestGated", `{}`, "path setting_missing"},
		{"TestGated", `{"path":""}`, "path setting_missing"},
		{"TestGated", `{"path":"${filename}"}`, "path setting_whole_run_attribute"},
		{"TestGated", `{"path":"${allMatchingAttributes('x.*'):isEmpty()}"}`, "path setting_dynamic_attribute"},
		{"TestGated", `{"path":"${run.date}/#{s}/${run.params.s}"}`, ""},
		{"TestTimed", `{"path":"${filename}"}`, "path setting_source_attribute"},
		{"NoKind", `{}`, " kind_unknown"},
		{"TestAccount", `{}`, " kind_unknown"},
	} {
		_, problems := Build(c.kind, settingsOf(t, c.settings), testEnv())
		var got []string
		for _, p := range problems {
			got = append(got, p.Property+" "+p.Fault.Code)
			if text := p.Fault.Error(); strings.HasPrefix(text, p.Fault.Code) || strings.Contains(text, "{") && strings.Contains(text, "}") &&
				!strings.ContainsAny(text, "\"#$") {
				t.Errorf("%s: text %q", p.Fault.Code, text)
			}
			if p.Property != "" && !strings.Contains(p.Fault.Error(), p.Property) {
				t.Errorf("%q does not name %s", p.Fault, p.Property)
			}
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s %s:\n got %s\nwant %s", c.kind, c.settings, s, c.want)
		}
	}
}

func TestRunAttributesNeedRuns(t *testing.T) {
	env := testEnv()
	env.Runs = false
	_, problems := Build("TestEvery", settingsOf(t, `{"expr":"${run.date}"}`), env)
	if len(problems) != 1 || problems[0].Fault.Code != "setting_run_attribute" {
		t.Errorf("problems = %v", problems)
	}
}

func TestUnknownPropertyNamesTheNearest(t *testing.T) {
	_, problems := Build("TestEvery", settingsOf(t, `{"chioce":"a"}`), testEnv())
	if len(problems) != 1 || problems[0].Fault.Args["nearest"] != "choice" {
		t.Errorf("problems = %v", problems)
	}
	_, problems = Build("TestEvry", nil, testEnv())
	if len(problems) != 1 || problems[0].Fault.Args["nearest"] != "TestEvery" {
		t.Errorf("problems = %v", problems)
	}
}

func TestHiddenIsNotJudgedWhileAParameterIsUnknown(t *testing.T) {
	env := testEnv()
	env.Params["choice"] = Param{Type: "string"}
	if _, problems := Build("TestEvery", settingsOf(t, `{"choice":"#{choice}","on":true}`), env); len(problems) != 0 {
		t.Errorf("problems = %v", problems)
	}
	env.Params["choice"] = Param{Type: "string", Value: "a", Known: true}
	if _, problems := Build("TestEvery", settingsOf(t, `{"choice":"#{choice}","on":true}`), env); len(problems) != 1 {
		t.Errorf("problems = %v", problems)
	}
}

func TestConfiguredTellsWhatTheNodeUses(t *testing.T) {
	conf, problems := Build("TestEvery", settingsOf(t, `{"service":"acc","secret":{"secret":"key"},"routes":{"b":"${x}","a":"#{n}"},
		"expr":"#{s}","list":["h1","h2"],"whole":"#{later}"}`), testEnv())
	if len(problems) != 0 {
		t.Fatal(problems)
	}
	if got := fmt.Sprint(conf.Services, conf.Secrets, conf.Params); got != "[acc] [key] [later n s]" {
		t.Errorf("uses %s", got)
	}
	var outs []string
	for _, o := range conf.Outputs {
		outs = append(outs, string(o.Name)+":"+o.Class.String()+":"+o.From)
	}
	if got := strings.Join(outs, " "); got != "success:out: failure:rejected: a:out:routes b:out:routes" {
		t.Errorf("outputs %s", got)
	}
	var needs []string
	for _, n := range conf.Needs() {
		needs = append(needs, fmt.Sprintf("%s %s %s", n.Kind, n.Value, n.On))
	}
	if got := strings.Join(needs, "; "); got != "role roles/viewer s; host h1 ; host h2 " {
		t.Errorf("needs %s", got)
	}
	svc, problems := BuildService("TestAccount", settingsOf(t, `{"key":{"secret":"key"}}`), testEnv())
	if len(problems) != 0 || svc.Service.(*account).key.Name() != "key" {
		t.Errorf("service %+v, %v", svc, problems)
	}
}

func TestInfoDescribesTheKind(t *testing.T) {
	info, ok := Lookup("TestEvery")
	if !ok || info.Law != "filter" || info.Source || info.WholeRun || info.Sink || info.NodeKind() != "map" {
		t.Errorf("info = %+v", info)
	}
	if p, ok := info.Property("span"); !ok || p.Default != "1h30m" || p.Max != "1d" || p.Label.English != "Span" {
		t.Errorf("span = %+v", p)
	}
	if p, _ := info.Property("size"); p.Default != "64 MB" || p.Max != "1 GB" {
		t.Errorf("size = %+v", p)
	}
	for kind, want := range map[string]string{"TestGated": "gate sink", "TestTimed": "source source"} {
		info, _ := Lookup(kind)
		if got := fmt.Sprint(info.NodeKind(), " ", info.Law); got != want {
			t.Errorf("%s is %s, want %s", kind, got, want)
		}
	}
	if _, ok := LookupService("TestAccount"); !ok || len(ServiceKinds()) != 1 {
		t.Error("the service is not registered")
	}
}
