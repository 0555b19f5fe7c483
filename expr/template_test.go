package expr

import (
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/weirflow/weir/fault"
)

// at is the time that now() gives in tests: 09:08:07.006 in Seoul.
var at = time.Date(2026, 3, 5, 0, 8, 7, 6e6, time.UTC)

// values returns an Env over two maps, either of which may be nil.
func values(attributes, parameters map[string]string) Env {
	return Env{
		Attribute: func(name string) (string, bool) { v, ok := attributes[name]; return v, ok },
		Names:     maps.Keys(attributes),
		Parameter: func(name string) (string, bool) { v, ok := parameters[name]; return v, ok },
	}
}

func testEnv(attributes map[string]string) Env {
	env := values(attributes, map[string]string{"project": "calback", "since day": "2026-01-01", "n": "5"})
	env.Now = func() time.Time { return at }
	return env
}

func mustParse(t testing.TB, src string) *Template {
	t.Helper()
	tpl, err := Parse(src)
	if err != nil {
		t.Fatalf("Parse(%q): %v", src, err)
	}
	if tpl.String() != src {
		t.Fatalf("String() = %q, want %q", tpl.String(), src)
	}
	return tpl
}

// check evaluates each source over the same attributes.
func check(t *testing.T, env Env, cases [][2]string) {
	t.Helper()
	for _, c := range cases {
		got, err := mustParse(t, c[0]).Eval(env)
		if err != nil || got != c[1] {
			t.Errorf("%s = %q, %v; want %q", c[0], got, err, c[1])
		}
	}
}

func TestTextAroundExpressions(t *testing.T) {
	check(t, testEnv(map[string]string{"a": "x", "x": "deep", "a b": "spaced", "$x": "dollar", "hash": "h"}), [][2]string{
		{"", ""},
		{"plain", "plain"},
		{"${a}", "x"},
		{"dt=${a}/${missing}!", "dt=x/!"},
		{"{ ${a} }", "{ x }"},
		{"${${a}}", "deep"},
		{"${'a b'} ${\"a b\"}", "spaced spaced"},
		{"${ '$$${a}' }", "dollar"},
		{"한글 ${a} 글", "한글 x 글"},
		{"${'hash'}", "h"},
		// An even number of dollar signs stands for half as many.
		{"$${a}", "${a}"},
		{"$$${a}", "$x"},
		{"$$$${a}", "$${a}"},
		{"$$$$${a}", "$$x"},
		{"$$ $5 $", "$$ $5 $"},
		{"$${a} ${a}", "${a} x"},
		{"${literal('SNAP$$')}", "SNAP$$"},
		{"${literal('$${a}')}", "${a}"},
		// What cannot be an expression is text as long as nothing closes it.
		{"I owe you ${5", "I owe you ${5"},
		{"${a} ${", "x ${"},
		// Parameters.
		{"#{project}-#{ n }", "calback-5"},
		{"#{'since day'}", "2026-01-01"},
		{"##{project} ###{project}", "#{project} #calback"},
		{"# #1 #{", "# #1 #{"},
		{"${#{project}:toUpper()}", "CALBACK"},
		{"${a:append(#{n})}", "x5"},
		// White space and comments between any two words.
		{"${ a\n : trim ( )\t: append (\r\n 'y' ) }", "xy"},
		{"${# the name, don't worry\n a # and more\n:toUpper()}", "X"},
		{"${ a:append( ${ a } ) }", "xx"},
	})
}

func TestQuotedText(t *testing.T) {
	check(t, testEnv(map[string]string{"a": "x", "d": "7.5"}), [][2]string{
		{`${literal('a\nb\tc\rd')}`, "a\nb\tc\rd"},
		{`${literal('it\'s "so"')}`, `it's "so"`},
		{`${literal("it's \"so\"")}`, `it's "so"`},
		{`${literal('back\\slash')}`, `back\slash`},
		{`${literal('\\n')}`, `\n`},
		{`${literal('keep \d and \.')}`, `keep \d and \.`},
		{`${d:replaceAll('\d', 'n')}`, "n.n"},
		{`${d:replaceAll('\\d', 'n')}`, "n.n"},
		{`${literal('${a:append(\'!\')} and ${a}')}`, "x! and x"},
		{`${literal("${a:append('}')}")}`, "x}"},
		{`${literal('#{project}')}`, "#{project}"},
		{"${literal('')}", ""},
	})
}

func TestErrorsPointAtTheCharacter(t *testing.T) {
	for _, c := range []struct{ src, code, position, what string }{
		{"${", "", "", ""},
		{"ab ${a", "expr_unclosed", "4", ""},
		{"${a:trim(", "expr_unclosed", "1", ""},
		{"${5 ${a}", "expr_syntax", "3", ""},
		{"${'a}", "expr_unclosed", "1", ""},
		{"${}", "expr_syntax", "3", wantSubject},
		{"${a b}", "expr_syntax", "5", ": }"},
		{"${a:trim}", "expr_syntax", "9", "("},
		{"${a:append(b)}", "expr_syntax", "12", wantArgument},
		{"${a:append('b' 'c')}", "expr_syntax", "16", ", )"},
		{"${a:append('b',)}", "expr_syntax", "16", wantArgument},
		{"${5}", "expr_syntax", "3", wantSubject},
		{"${a:}", "expr_syntax", "5", "function(...)"},
		{"한글 ${a:}", "expr_syntax", "8", "function(...)"},
		{"${#{}}", "expr_syntax", "5", ""},
		{"#{a'b}", "expr_syntax", "3", ""},
		{"${a:trmi()}", "expr_unknown_function", "5", "trim"},
		{"${a:touppercase()}", "expr_unknown_function", "5", "toUpper"},
		{"${nwo()}", "expr_unknown_function", "3", "now"},
		{"${literal('${a:trmi()}')}", "expr_unknown_function", "16", "trim"},
		{`${literal('it\'s ${a:trmi()}')}`, "expr_unknown_function", "22", "trim"},
		{"${hostname()}", "expr_function_refused", "3", ""},
		{"${a:append(${ip()})}", "expr_function_refused", "14", ""},
		{"${trim()}", "expr_needs_subject", "3", ""},
		{"${a:now()}", "expr_stands_alone", "5", ""},
		{"${a:anyAttribute('b')}", "expr_stands_alone", "5", ""},
		{"${count}", "expr_reserved_name", "3", ""},
		{"${true}", "expr_reserved_name", "3", ""},
		{"${a:append()}", "expr_arity", "5", ""},
		{"${a:trim('x')}", "expr_arity", "5", ""},
		{"${a:toInstant('yyyy')}", "expr_arity", "5", ""},
		{"${anyDelineatedValue('a'):trim()}", "expr_arity", "3", ""},
		{"${math('pow', 2)}", "expr_arity", "3", ""},
		{"${a:isNull():plus(1)}", "expr_type", "14", ""},
		{"${a:length():and(true)}", "expr_type", "14", ""},
		{"${a:substring(true)}", "expr_type", "15", ""},
		{"${now():toMicros()}", "expr_type", "9", ""},
		{"${anyAttribute('b')}", "expr_not_reduced", "3", ""},
		{"${anyAttribute('b'):count()}", "expr_not_reduced", "21", ""},
		{"${allAttributes('b'):trim()}", "expr_not_reduced", "22", ""},
		{"${allAttributes('b'):count():plus(1)}", "expr_after_reduce", "30", ""},
		{"${a:join(','):trim()}", "expr_after_reduce", "15", ""},
		{"${allAttributes(''):count()}", "expr_syntax", "17", ""},
		{"${a:plus(99999999999999999999)}", "expr_number_range", "10", ""},
		{"${a:matches('(')}", "expr_constant", "5", "expr_regex"},
		{"${anyMatchingAttribute('['):isNull()}", "expr_constant", "24", "expr_regex"},
		{"${a:format('bogus')}", "expr_constant", "5", "expr_date_pattern"},
		{"${a:format('yyyy', 'Mars/Base')}", "expr_constant", "5", "expr_zone"},
		{"${a:plusDuration('2 fortnights')}", "expr_constant", "5", "expr_duration"},
		{"${a:hash('ROT13')}", "expr_constant", "5", "expr_hash"},
		{"${a:math('rand')}", "expr_constant", "5", "expr_unknown_math"},
		{"${a:toRadix(1)}", "expr_constant", "5", "expr_value"},
		{"${a:repeat(0)}", "expr_constant", "5", "expr_value"},
		{strings.Repeat("${", 70) + "a" + strings.Repeat("}", 70), "expr_too_deep", "129", ""},
		{"${a" + strings.Repeat(":trim()", 501) + "}", "expr_too_deep", "3504", ""},
		{strings.Repeat("x", maxSource+1), "expr_too_long", "", ""},
	} {
		_, err := Parse(c.src)
		f := fault.As(err)
		if c.code == "" {
			if err != nil {
				t.Errorf("Parse(%q) = %v", c.src, err)
			}
			continue
		}
		if f == nil || f.Code != c.code || f.Args["position"] != c.position || f.Class != fault.Permanent {
			t.Errorf("Parse(%.60q) = %+v, want %s at %s", c.src, f, c.code, c.position)
			continue
		}
		switch c.code {
		case "expr_unknown_function":
			if f.Args["nearest"] != c.what {
				t.Errorf("Parse(%q) offers %q, want %q", c.src, f.Args["nearest"], c.what)
			}
		case "expr_syntax":
			if c.what != "" && f.Args["expected"] != c.what {
				t.Errorf("Parse(%q) expects %q, want %q", c.src, f.Args["expected"], c.what)
			}
			if !strings.Contains(f.Args["excerpt"], "▸") {
				t.Errorf("Parse(%q) marks no place in %q", c.src, f.Args["excerpt"])
			}
		case "expr_constant":
			if got := fault.CodeOf(f.Cause); got != c.what {
				t.Errorf("Parse(%q) because of %s, want %s", c.src, got, c.what)
			}
		}
		for _, lang := range []fault.Lang{fault.English, fault.Korean} {
			for name, v := range f.Args {
				if s := fault.Text(err, lang); strings.Contains(s, "{"+name+"}") {
					t.Errorf("the text of %s leaves {%s} = %q open: %s", f.Code, name, v, s)
				}
			}
		}
	}
}

func TestReferences(t *testing.T) {
	for src, want := range map[string]References{
		"plain": {},
		"${b} ${a:append(${b})} #{p} ${#{'q r'}}": {Attributes: []string{"a", "b"}, Parameters: []string{"p", "q r"}},
		"dt=${run.date}":                        {Attributes: []string{"run.date"}},
		"${'a${b}'}":                            {Attributes: []string{"b"}, Dynamic: true},
		"${${a}}":                               {Attributes: []string{"a"}, Dynamic: true},
		"${literal('${a}')}":                    {Attributes: []string{"a"}},
		"${anyAttribute('a', 'b'):isNull()}":    {Attributes: []string{"a", "b"}},
		"${anyMatchingAttribute('a'):isNull()}": {Dynamic: true},
		"${a:evaluateELString()}":               {Attributes: []string{"a"}, Dynamic: true, Expands: true},
		"${now():format('yyyy')}":               {Volatile: true},
		"${a:repeat(2)}":                        {Attributes: []string{"a"}},
		"${a:repeat(2, 3)}":                     {Attributes: []string{"a"}, Volatile: true},
		"$${a}":                                 {},
	} {
		tpl := mustParse(t, src)
		got := tpl.References()
		if len(got.Attributes) == 0 {
			got.Attributes = nil
		}
		if len(got.Parameters) == 0 {
			got.Parameters = nil
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("References of %q (-want +got):\n%s", src, d)
		}
		if len(got.Attributes) > 0 {
			got.Attributes[0] = "changed"
			if tpl.References().Attributes[0] == "changed" {
				t.Errorf("the references of %q can be changed from outside", src)
			}
		}
	}
}

func TestIsLiteral(t *testing.T) {
	for src, want := range map[string]bool{
		"": true, "x": true, "$${a}": true, "##{p}": true, "${5": true, "$5": true,
		"${a}": false, "#{p}": false, "${literal('x')}": false,
	} {
		if got := mustParse(t, src).IsLiteral(); got != want {
			t.Errorf("IsLiteral(%q) = %v, want %v", src, got, want)
		}
	}
}

func TestEvalBool(t *testing.T) {
	env := testEnv(map[string]string{"yes": " TRUE ", "no": "False", "odd": "maybe"})
	for src, want := range map[string]bool{
		"${yes}": true, "${no}": false, "${missing}": false, "${yes:and(${no})}": false, "true": true,
		"${missing:isNull()}": true, "${missing:and(true)}": false, "${missing:not()}": true,
	} {
		got, err := mustParse(t, src).EvalBool(env)
		if err != nil || got != want {
			t.Errorf("EvalBool(%q) = %v, %v; want %v", src, got, err, want)
		}
	}
	if _, err := mustParse(t, "${odd}").EvalBool(env); fault.CodeOf(err) != "expr_not_boolean" {
		t.Errorf("EvalBool of a word = %v", err)
	}
}

func TestValuesAreNotExpandedAgain(t *testing.T) {
	env := testEnv(map[string]string{"a": "${b} #{project}", "b": "secret", "p": "#{project}${b}", "loop": "${loop:evaluateELString()}"})
	check(t, env, [][2]string{
		{"${a}", "${b} #{project}"},
		{"${literal('${a}')}", "${b} #{project}"},
		{"${a:append('${a}')}", "${b} #{project}${b} #{project}"},
		{"${b:evaluateELString()}", "secret"},
	})
	for src, code := range map[string]string{
		"${p:evaluateELString()}":    "expr_unknown_parameter", // nor parameters where text is expanded
		"${loop:evaluateELString()}": "expr_too_deep",
		"#{nope}":                    "expr_unknown_parameter",
	} {
		if _, err := mustParse(t, src).Eval(env); fault.CodeOf(err) != code {
			t.Errorf("%s = %v, want %s", src, err, code)
		}
	}
}

func TestResultsAreBounded(t *testing.T) {
	env := testEnv(map[string]string{"a": strings.Repeat("a", 1<<20), "evil": strings.Repeat("a", 40) + "!"})
	for _, src := range []string{
		"${a:repeat(1000000)}", "${a:padLeft(100000000)}", "${a:padRight(100000000)}", "${literal(5):toRadix(2, 100000000)}",
		"${a:replace('a', '0123456789')}", "${a:substring(0, 10):replaceAll('a', ${a})}", "${a}${a}${a}${a}${a}",
		"${literal('${a}${a}${a}${a}${a}')}", "${a:append(${a}):append(${a}):append(${a}):append(${a})}",
		"${allDelineatedValues('0123456789', ''):join(${a})}",
	} {
		if _, err := mustParse(t, src).Eval(env); fault.CodeOf(err) != "expr_result_too_long" {
			t.Errorf("%s = %v, want expr_result_too_long", src, err)
		}
	}
}

func TestConcurrentEval(t *testing.T) {
	tpl := mustParse(t, "${anyMatchingAttribute('k.*'):matches('v\\d'):and(${literal(${allAttributes('k1','k2'):count()}):gt(1)})} ${k1:toDate('yyyy'):format('yy')}")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			env := testEnv(map[string]string{"k1": "2026", "k2": "v" + string(rune('0'+i))})
			for range 200 {
				if got, err := tpl.Eval(env); err != nil || got != "true 26" {
					t.Errorf("Eval = %q, %v", got, err)
					return
				}
			}
		})
	}
	wg.Wait()
}
