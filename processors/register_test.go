package processors

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// odd is a processor whose Define is given by a test.
type odd struct {
	define func(*odd, *Spec)
	a, b   string
}

func (o *odd) Define(s *Spec)                                   { o.define(o, s) }
func (o *odd) Process(context.Context, *flowfile.Session) error { return nil }

func TestRegisterPanicsOnABadSpec(t *testing.T) {
	good := func(s *Spec) { s.Describe("TestOdd", "Is odd."); s.Output("success", "All.") }
	for _, c := range []struct {
		want   string
		define func(*odd, *Spec)
	}{
		{"no Describe", func(_ *odd, s *Spec) {}},
		{"CamelCase", func(_ *odd, s *Spec) { s.Describe("odd_kind", "Is odd.") }},
		{"Describe is called twice", func(_ *odd, s *Spec) { good(s); s.Describe("TestOdd", "Is odd.") }},
		{"not a sentence", func(_ *odd, s *Spec) { s.Describe("TestOdd", "is odd") }},
		{"not a sentence", func(o *odd, s *Spec) { good(s); s.String(&o.a, "a", "") }},
		{"not lower_snake", func(o *odd, s *Spec) { good(s); s.String(&o.a, "aB", "A line.") }},
		{"not lower_snake", func(o *odd, s *Spec) { good(s); s.String(&o.a, "a__b", "A line.") }},
		{"defined twice", func(o *odd, s *Spec) { good(s); s.String(&o.a, "a", "A line."); s.String(&o.b, "a", "A line.") }},
		{"bound to one field", func(o *odd, s *Spec) { good(s); s.String(&o.a, "a", "A line."); s.String(&o.a, "b", "A line.") }},
		{"bound to nil", func(_ *odd, s *Spec) { good(s); s.String(nil, "a", "A line.") }},
		{"which there is not", func(o *odd, s *Spec) { good(s); s.String(&o.a, "a", "A line.", DependsOn("b")) }},
		{"pattern", func(o *odd, s *Spec) { good(s); s.String(&o.a, "a", "A line.", Pattern("(", "words")) }},
		{"is no choice", func(o *odd, s *Spec) { good(s); o.a = "z"; s.Choice(&o.a, "a", "One.", []ChoiceValue{{"x", "X."}}) }},
		{"stands twice", func(_ *odd, s *Spec) { good(s); s.Output("success", "All.") }},
		{"stands twice", func(_ *odd, s *Spec) { good(s); s.Input("", "All."); s.Input("", "All.") }},
		{"WholeRun or none", func(_ *odd, s *Spec) { good(s); s.Input("a", "All."); s.Input("b", "All.", WholeRun) }},
		{"is not pass, fail or skip", func(_ *odd, s *Spec) { good(s); s.Input("a", "All.", WholeRun, OnEmpty("maybe")) }},
		{"is for WholeRun inputs", func(_ *odd, s *Spec) { good(s); s.Input("a", "All.", OnEmpty("fail")) }},
		{"no such map property", func(o *odd, s *Spec) { good(s); s.String(&o.a, "a", "A line."); s.OutputsFrom("a") }},
		{"no bound field", func(o *odd, s *Spec) { good(s); s.Needs(Need{Kind: NeedHost, Value: &o.a, Why: "To try."}) }},
		{"kind \"\" is not CamelCase; ", func(o *odd, s *Spec) { s.Describe("", "x") }},
		{"is registered twice", func(_ *odd, s *Spec) { s.Describe("TestEvery", "Is taken."); s.Output("success", "All.") }},
	} {
		t.Run(c.want, func(t *testing.T) {
			defer func() {
				if v := fmt.Sprint(recover()); !strings.Contains(v, c.want) {
					t.Errorf("panic = %s, want %q", v, c.want)
				}
			}()
			Register(func() Processor { return &odd{define: c.define} })
		})
	}
}

func TestServiceHasNoOutputs(t *testing.T) {
	defer func() {
		if v := fmt.Sprint(recover()); !strings.Contains(v, "no inputs and outputs") {
			t.Errorf("panic = %s", v)
		}
	}()
	RegisterService(func() Service { return &badService{} })
}

type badService struct{ account }

func (b *badService) Define(s *Spec) {
	s.Describe("TestBadService", "Is bad.")
	s.Output("success", "Nothing.")
}

func TestSecretNeverShowsItsValue(t *testing.T) {
	s := Secret{name: "gcp-key", from: MemorySecrets{"gcp-key": "hush-hush"}}
	v, err := s.Reveal()
	if err != nil || v != "hush-hush" {
		t.Fatal(v, err)
	}
	holder := struct {
		Key  Secret
		Many []*Secret
	}{s, []*Secret{&s}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+" "+verb+" "+verb+"\n", s, &s, holder)
	}
	b, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(b)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "key", s, "holder", holder)
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "key", s, "holder", holder)
	if strings.Contains(out.String(), "hush") || strings.Contains(out.String(), "687573") {
		t.Errorf("the value shows:\n%s", out.String())
	}
	if !strings.Contains(string(b), `{"secret":"gcp-key"}`) {
		t.Errorf("JSON = %s", b)
	}
	if v, err := (Secret{}).Reveal(); v != "" || err != nil || (Secret{}).IsSet() || !s.IsSet() {
		t.Errorf("no secret reveals %q, %v", v, err)
	}
	for _, lost := range []Secret{{name: "x"}, {name: "x", from: MemorySecrets{}}} {
		if _, err := lost.Reveal(); err == nil {
			t.Error("a secret that is not set reveals something")
		}
	}
}

func TestClientHasTheTypeThatWasAsked(t *testing.T) {
	env := Env{Node: "n", Services: map[string]any{"acc": &account{}}}
	if c, err := Client[*account](env, ServiceRef{"acc"}); c == nil || err != nil {
		t.Error(c, err)
	}
	if _, err := Client[*account](env, ServiceRef{"none"}); err == nil {
		t.Error("a service that is not open gives a client")
	}
	if _, err := Client[*every](env, ServiceRef{"acc"}); err == nil {
		t.Error("a client of another type is given")
	}
}

func TestDurations(t *testing.T) {
	for in, want := range map[string]time.Duration{"5m": 5 * time.Minute, "1d": 24 * time.Hour, "1d12h": 36 * time.Hour, "0s": 0, "500ms": 500 * time.Millisecond} {
		got, err := ParseDuration(in)
		if err != nil || got != want {
			t.Errorf("ParseDuration(%s) = %v, %v", in, got, err)
		}
		if back, err := ParseDuration(renderDuration(got)); err != nil || back != want {
			t.Errorf("%s renders as %s", in, renderDuration(got))
		}
	}
	for _, bad := range []string{"", "5", "d", "xd", "-1d", "+5m", "-5m", "1d-5m", "99999d9999999h", "1h1d"} {
		if d, err := ParseDuration(bad); err == nil {
			t.Errorf("ParseDuration(%q) = %v", bad, d)
		}
	}
}

func TestReferencePages(t *testing.T) {
	info, _ := Lookup("TestEvery")
	var md, txt bytes.Buffer
	if err := Markdown(&md, info, fault.English); err != nil {
		t.Fatal(err)
	}
	if err := Text(&txt, info, fault.English); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# TestEvery\n\nHas a property of each type.\n", "| `failure` | reject | What was bad. |", "| each key of `routes` | forward |",
		"| `on` | bool | `false` | A truth. Only while `choice` is `b`. |", "| `span` | duration | `1h30m` | A time span. At most 1d. |",
		"| `service` | service of kind TestAccount |  | An account. |", "| role | `roles/viewer` | the value of `str` | To read. |"} {
		if !strings.Contains(md.String(), want) {
			t.Errorf("the page lacks %q:\n%s", want, md.String())
		}
	}
	for _, want := range []string{"TestEvery\n  Has a property", "  choice (choice, default a)\n      One of two. a: The first. b: The second.\n", "NEEDS\n  roles/viewer on the value of str (role)"} {
		if !strings.Contains(txt.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, txt.String())
		}
	}
	for line := range strings.Lines(txt.String()) {
		if len([]rune(line)) > textWidth+1 && strings.HasPrefix(line, "      ") {
			t.Errorf("the line is too long: %q", line)
		}
	}
	for line := range strings.Lines(md.String()) {
		if strings.HasPrefix(line, "|") && strings.Count(line, "|") < 3 {
			t.Errorf("a broken row: %q", line)
		}
	}
	var index bytes.Buffer
	if err := Index(&index, Kinds(), fault.English); err != nil || !strings.Contains(index.String(), "| [TestTimed](TestTimed.md) | Makes FlowFiles. |") {
		t.Errorf("index %s, %v", index.String(), err)
	}
}
