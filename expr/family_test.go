package expr

import (
	"testing"

	"github.com/weirflow/weir/fault"
)

// family is what the functions of one family give over the same attributes.
// A result of missing is no value at all, which is not an empty text.
type family struct {
	attributes map[string]string
	// normal are expressions and their results.
	normal [][2]string
	// faults are expressions that cannot be evaluated, and their codes.
	faults [][2]string
	// parse are sources that cannot be parsed, their codes and the places of
	// the characters that they name.
	parse [][3]string
}

// missing is how a family writes that there is no value.
const missing = "\x00missing"

func (f family) run(t *testing.T) {
	t.Helper()
	env := testEnv(f.attributes)
	for _, c := range f.normal {
		got, _, err := f.eval(c[0], env)
		if err != nil || got != c[1] {
			t.Errorf("%s = %q, %v; want %q", c[0], got, err, c[1])
		}
	}
	for _, c := range f.faults {
		tpl, err := Parse(c[0])
		if err != nil {
			t.Errorf("Parse(%s) = %v, want it to fail later", c[0], err)
			continue
		}
		got, err := tpl.Eval(env)
		if fault.CodeOf(err) != c[1] || fault.As(err).Class != fault.Permanent {
			t.Errorf("%s = %q, %v; want %s", c[0], got, err, c[1])
		}
	}
	for _, c := range f.parse {
		_, err := Parse(c[0])
		if e := fault.As(err); e == nil || e.Code != c[1] || e.Args["position"] != c[2] {
			t.Errorf("Parse(%s) = %+v; want %s at %s", c[0], err, c[1], c[2])
		}
	}
}

// eval evaluates a template of one expression and says whether there is a value.
func (f family) eval(src string, env Env) (got string, typ Type, err error) {
	tpl, err := Parse(src)
	if err != nil {
		return "", Any, err
	}
	if len(tpl.parts) != 1 {
		got, err = tpl.Eval(env)
		return got, String, err
	}
	v, err := tpl.parts[0].eval(&state{env: &env, parse: Parse})
	switch {
	case err != nil:
		return "", Any, err
	case !v.ok:
		return missing, v.kind, nil
	}
	return v.text(env.zone()), v.kind, nil
}

// arguments is an argument that a function takes, by the type of it.
var takes = map[Type][]string{
	Any:         {"'x'", "5", "true", "2.5", "${now()}", "${gone}", "null"},
	String:      {"'x'", "'2 days'", "'yyyy'", "'UTC'", "'MD5'", "'$.a'", "'abs'", "${gone}", "${a}", "${n:plus(1)}", "${now()}"},
	Boolean:     {"true", "false", "'true'", "${gone}", "${a:isNull()}"},
	WholeNumber: {"5", "2", "36", "'7'", "2.5", "-1", "0", "${gone}", "${a}", "${now()}", "9223372036854775807"},
	Number:      {"5", "-2.5", "'7'", "${gone}", "${a}", "${now()}", "9223372036854775807"},
	Decimal:     {"5", "2.5"},
}

// Whatever a function is called on and with, it gives a value of the type that
// it names or a fault that says what is wrong; it never panics.
func TestEveryFunctionOverEveryKindOfValue(t *testing.T) {
	subjects := []string{
		"a", "gone", "e", "n", "d", "j", "w", "neg", "big", "t",
		"a:length()", "n:toDecimal()", "a:isNull()", "now()", "n:toInstant()", "literal('NaN'):toDecimal()", "gone:toNumber()", "gone:toDate('yyyy')",
	}
	env := testEnv(map[string]string{
		"a": "abc", "e": "", "n": "42", "d": "-0.5", "j": `{"a":[1,{"b":null}]}`, "w": " 한 글😀 ", "neg": "-9223372036854775808",
		"big": "9223372036854775807", "t": "TRUE",
	})
	evaluated := map[string]int{}
	for _, f := range Functions() {
		if f.Many {
			continue
		}
		for _, s := range subjects {
			if f.Alone && f.Subject == Any {
				s = ""
			}
			var lists []string
			for n := f.Required; n <= len(f.Arguments); n++ {
				// Every argument in turn is each of the values that its type takes.
				for vary := range max(n, 1) {
					if n == 0 {
						lists = append(lists, "")
						break
					}
					for _, v := range takes[f.Arguments[vary]] {
						list := ""
						for i := range n {
							if i > 0 {
								list += ", "
							}
							if i == vary {
								list += v
							} else {
								list += takes[f.Arguments[i]][0]
							}
						}
						lists = append(lists, list)
					}
				}
			}
			for _, list := range lists {
				src := "${" + s + ":" + f.Name + "(" + list + ")}"
				if s == "" {
					src = "${" + f.Name + "(" + list + ")}"
				}
				tpl, err := Parse(src)
				if err != nil {
					if fault.As(err) == nil {
						t.Errorf("Parse(%s) = %v, which is no fault", src, err)
					}
					continue
				}
				v, err := tpl.parts[0].eval(&state{env: &env, parse: Parse})
				if err != nil {
					if e := fault.As(err); e == nil || e.Class != fault.Permanent {
						t.Errorf("%s = %v, which is no fault of the values", src, err)
					}
					continue
				}
				evaluated[f.Name]++
				switch kind := v.kind; {
				case kind == f.Result, f.Result == Number && (kind == WholeNumber || kind == Decimal || !v.ok), f.Name == "literal" && kind != Any:
				default:
					t.Errorf("%s is a %s, want a %s", src, kind, f.Result)
				}
			}
			if s == "" {
				break
			}
		}
	}
	for _, f := range Functions() {
		if !f.Many && evaluated[f.Name] == 0 {
			t.Errorf("%s was never evaluated", f.Name)
		}
	}
}
