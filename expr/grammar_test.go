package expr

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
)

func TestGrammar(t *testing.T) {
	family{
		attributes: map[string]string{"a": "x", "x": "deep", "a.b-c_d": "odd", "@t": "at", "+5": "plus five", "-": "dash", "5a": "five a", "é": "acute", "trim": "cut", "true": "yes", "a b": "spaced", "a'b": "apostrophe", "<a>=|!?^%&~`\\": "signs", "": "nameless", "1": "one", "a\"b": "mark", "=5.5": "eq", "-1x": "minus"},
		normal: [][2]string{
			// Names.
			{"${a}", "x"}, {"${a.b-c_d}", "odd"}, {"${@t}", "at"}, {"${-}", "dash"}, {"${é}", "acute"}, {"${'trim'}", "cut"}, {"${'true'}", "yes"}, {"${\"a'b\"}", "apostrophe"}, {"${'a\\'b'}", "apostrophe"}, {"${<a>=|!?^%&~`\\}", "signs"}, {"${'1'}", "one"}, {"${''}", "nameless"}, {"${a\"b}", "mark"}, {"${=5.5}", "eq"}, {"${-1x}", "minus"}, {"${gone}", missing}, {"${'5a'}", "five a"}, {"${'${a}'}", "deep"}, {"${${a}:toUpper()}", "DEEP"}, {"${gone:toUpper():append('!')}", "!"}, {"${${gone}}", missing}, {"${'a.${literal(\"b\")}-c_d'}", "odd"},
			// White space and comments.
			{"${ a }", "x"}, {"${\t\n\ra\r\n}", "x"}, {"${a:trim ( ) }", "x"}, {"${a # name\n}", "x"}, {"${ # one\n # two\n a}", "x"}, {"${a:append( # why\n 'y' # }\n )}", "xy"}, {"${a:append('#no')}", "x#no"}, {"${#{n}:plus(1)}", "6"}, {"$ {a}", "$ {a}"}, {"${a:replace('x',\n\t'y')}", "y"},
			// Literals.
			{"${a:append(1)}", "x1"}, {"${a:append(-1)}", "x-1"}, {"${a:append(+1)}", "x1"}, {"${a:append(1.)}", "x1.0"}, {"${a:append(.5)}", "x0.5"}, {"${a:append(1e2)}", "x100.0"}, {"${a:append(1E-2)}", "x0.01"}, {"${a:append(1e+2)}", "x100.0"}, {"${a:append(007)}", "x7"}, {"${a:append(9223372036854775807)}", "x9223372036854775807"}, {"${a:append(-9223372036854775808)}", "x-9223372036854775808"}, {"${a:append(true)}", "xtrue"}, {"${a:append(null)}", "x"}, {`${a:append("'")}`, "x'"}, {`${a:append('"')}`, `x"`}, {`${a:append('\t\n\r\'\"\\\d')}`, "x\t\n\r'\"\\\\d"}, {"${a:append('')}", "x"}, {"${a:append('}')}", "x}"}, {"${a:append('{')}", "x{"}, {"${a:append(':')}", "x:"}, {"${a:append(\"${a}\")}", "xx"}, {"${a:append(${${a}})}", "xdeep"}, {"${a:append(${a:append(${a})})}", "xxx"},
			// Dollar signs.
			{"$", "$"}, {"$$", "$$"}, {"$a", "$a"}, {"$$a", "$$a"}, {"$$$", "$$$"}, {"a$", "a$"}, {"${a}$", "x$"}, {`a\\\\b ${a}`, `a\\\\b x`}, {`${literal('a\\\\b ${a}')}`, `a\\b x`}, {"$${a}$", "${a}$"}, {"$$$${a}", "$${a}"}, {"$$$$$${a}", "$$${a}"}, {"$$$${a}${a}", "$${a}x"}, {"{$a}", "{$a}"}, {"}${a}{", "}x{"}, {"$}${a}", "$}x"}, {"${a}${a}", "xx"}, {"${literal('$')}", "$"}, {"${literal('$$')}", "$$"}, {"${literal('$${a}')}", "${a}"}, {"${literal('$$${a}')}", "$x"}, {"${literal('$5')}", "$5"}, {"$${", "$${"}, {"$${a", "$${a"}, {"$${a ${a}", "${a x"}, {"${5 literal", "${5 literal"}, {"${ ", "${ "}, {"${(", "${("}, {"x${5 y$", "x${5 y$"},
			// Parameters.
			{"#{n}", "5"}, {"#{ n }", "5"}, {"#{'since day'}", "2026-01-01"}, {"#{\"since day\"}", "2026-01-01"}, {"#{since day}", "2026-01-01"}, {"##{n}", "#{n}"}, {"###{n}", "#5"}, {"####{n}", "##{n}"}, {"#", "#"}, {"##", "##"}, {"#n", "#n"}, {"#{", "#{"}, {"a#{n}b#{n}", "a5b5"}, {"#{n", "#{n"}, {"${a:append(#{n})}", "x5"}, {"${literal('#{n}')}", "#{n}"}, {"${literal('##{n}')}", "##{n}"}, {"${'#{n}'}|", "|"}, {"#${a}", "#x"}, {"$#{n}", "$5"},
		},
		faults: [][2]string{{"#{nope}", "expr_unknown_parameter"}, {"${a:append(#{nope})}", "expr_unknown_parameter"}, {"${#{nope}:isNull()}", "expr_unknown_parameter"}, {"${'${#{nope}}'}", "expr_unknown_parameter"}, {"x ${a} #{nope}", "expr_unknown_parameter"}, {"${${#{nope}}}", "expr_unknown_parameter"}},
		parse: [][3]string{
			{"${}", "expr_syntax", "3"}, {"${ }", "expr_syntax", "4"}, {"${a b}", "expr_syntax", "5"}, {"${a:}", "expr_syntax", "5"}, {"${a::b}", "expr_syntax", "5"}, {"${:trim()}", "expr_syntax", "3"}, {"${a.trim():}", "expr_unknown_function", "3"}, {"${5}", "expr_syntax", "3"}, {"${-5}", "expr_syntax", "3"}, {"${1.5e3}", "expr_syntax", "3"}, {"${5a}", "expr_syntax", "3"}, {"${(a)}", "expr_syntax", "3"}, {"${a,b}", "expr_syntax", "4"}, {"${a[0]}", "expr_syntax", "4"}, {"${a;}", "expr_syntax", "4"}, {"${a/b}", "expr_syntax", "4"}, {"${a*b}", "expr_syntax", "4"},
			{"${a:trim}", "expr_syntax", "9"}, {"${a:trim)}", "expr_syntax", "9"}, {"${a:append(,)}", "expr_syntax", "12"}, {"${a:append('x',)}", "expr_syntax", "16"}, {"${a:append('x' 'y')}", "expr_syntax", "16"}, {"${a:append(x)}", "expr_syntax", "12"}, {"${a:append(trim())}", "expr_syntax", "12"}, {"${a:append(-)}", "expr_syntax", "12"}, {"${a:append(.)}", "expr_syntax", "12"}, {"${a:append(1x)}", "expr_syntax", "13"}, {"${a:append(1e)}", "expr_syntax", "13"}, {"${a:append(TRUE)}", "expr_syntax", "12"}, {"${a:append($a)}", "expr_syntax", "13"}, {"${a:append(#n)}", "expr_syntax", "16"}, {"${a:5()}", "expr_syntax", "5"}, {"${a:'trim'()}", "expr_syntax", "5"}, {"${null()}", "expr_unknown_function", "3"},
			{"${#{}}", "expr_syntax", "5"}, {"${#{n", "expr_unclosed", "1"}, {"${a:append(#{n", "expr_unclosed", "1"}, {"${a:append(#{n ${a}", "expr_syntax", "14"}, {"${#{ }}", "expr_syntax", "5"}, {"#{}", "expr_syntax", "3"}, {"#{a\"b}", "expr_syntax", "3"}, {"#{a{b}", "expr_syntax", "3"}, {"${#a}", "expr_syntax", "6"}, {"${'a", "expr_unclosed", "1"}, {"x ${'a}", "expr_unclosed", "3"}, {"${a", "expr_unclosed", "1"}, {"한 ${a:", "expr_unclosed", "3"}, {"${a:trim(", "expr_unclosed", "1"}, {"${a:trim()", "expr_unclosed", "1"}, {"${a:append('x'", "expr_unclosed", "1"}, {"${a ${a}", "expr_syntax", "5"}, {"${5 ${a}", "expr_syntax", "3"}, {"${${a}", "expr_unclosed", "1"}, {"${a}${b", "expr_unclosed", "5"}, {"${'${a}", "expr_unclosed", "1"}, {"${literal('${a')}", "expr_unclosed", "12"},
			{"${null}", "expr_reserved_name", "3"}, {"${false}", "expr_reserved_name", "3"}, {"${trim}", "expr_reserved_name", "3"}, {"${ now }", "expr_reserved_name", "4"}, {"${a:append(${trim})}", "expr_reserved_name", "14"}, {"${nope()}", "expr_unknown_function", "3"}, {"${a:nope()}", "expr_unknown_function", "5"}, {"${a:Trim()}", "expr_unknown_function", "5"}, {"한글 ${a : nope()}", "expr_unknown_function", "10"}, {"${literal(\"한글 ${a:nope()}\")}", "expr_unknown_function", "19"}, {`${literal('\n\'${a:nope()}')}`, "expr_unknown_function", "20"}, {`${literal('\d${a:nope()}')}`, "expr_unknown_function", "18"}, {`${literal('${literal("${a:nope()}")}')}`, "expr_unknown_function", "27"}, {"😀${a:nope()}", "expr_unknown_function", "6"},
		},
	}.run(t)
}

// Nesting and chains are taken to their limit and no further.
func TestDepthAndLength(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("${", n) + "a" + strings.Repeat("}", n) }
	chain := func(n int) string { return "${a" + strings.Repeat(":trim()", n) + "}" }
	args := func(n int) string {
		return "${a" + strings.Repeat(":append(${a", n) + strings.Repeat("})", n) + "}"
	}
	for _, c := range []struct {
		src  string
		code string
		at   string
	}{
		{nested(maxDepth), "", ""}, {nested(maxDepth + 1), "expr_too_deep", fmt.Sprint(2*maxDepth + 1)},
		{chain(maxChain), "", ""}, {chain(maxChain + 1), "expr_too_deep", fmt.Sprint(len("${a") + maxChain*len(":trim()") + 1)},
		{args(maxDepth - 1), "", ""}, {args(maxDepth), "expr_too_deep", fmt.Sprint(len("${a:append(")*maxDepth + 1)},
		{strings.Repeat("x", maxSource), "", ""}, {strings.Repeat("x", maxSource+1), "expr_too_long", ""},
		{strings.Repeat("{", 9999) + "${a}", "", ""}, {"${a:append('" + strings.Repeat("(", 9999) + "')}", "", ""},
	} {
		_, err := Parse(c.src)
		f := fault.As(err)
		if c.code == "" && err != nil || c.code != "" && (f == nil || f.Code != c.code || f.Args["position"] != c.at) {
			t.Errorf("Parse(%.40q…) = %+v, want %s at %s", c.src, f, c.code, c.at)
		}
	}
}

func TestExcerpts(t *testing.T) {
	long := []rune("0123456789012345678901234567890123456789012345678901234567890")
	for _, c := range []struct {
		r    []rune
		i    int
		want string
	}{
		{[]rune("ab"), 0, "▸ab"}, {[]rune("ab"), 1, "a▸b"}, {[]rune("ab"), 2, "ab▸"}, {[]rune("ab"), 9, "ab▸"}, {[]rune("ab"), -1, "▸ab"}, {nil, 0, "▸"},
		{long, 24, string(long[:24]) + "▸" + string(long[24:48]) + "…"}, {long, 25, "…" + string(long[1:25]) + "▸" + string(long[25:49]) + "…"},
		{long, 37, "…" + string(long[13:37]) + "▸" + string(long[37:])}, {long, 36, "…" + string(long[12:36]) + "▸" + string(long[36:60]) + "…"},
	} {
		if got := excerpt(c.r, c.i); got != c.want {
			t.Errorf("excerpt at %d = %q, want %q", c.i, got, c.want)
		}
	}
	for n, want := range map[int]int{79: 79, 80: 80, 81: 80, 500: 80} {
		s := shorten(strings.Repeat("가", n))
		if got := len([]rune(s)); got != want || strings.HasSuffix(s, "…") != (n > 80) {
			t.Errorf("shorten of %d characters = %d", n, got)
		}
	}
}

// A name mistyped is answered with the name that was meant.
func TestNearest(t *testing.T) {
	for name, want := range map[string]string{
		"trmi": "trim", "tirm": "trim", "TRIM": "trim", "toUpperCase": "toUpper", "subString": "substring", "substringbeforelast": "substringBeforeLast", "eqauls": "equals", "lenght": "length", "replaceEmty": "replaceEmpty", "uuid": "UUID", "isnull": "isNull", "ifelse": "ifElse", "indexof": "indexOf", "jsonpath": "jsonPath", "joint": "join", "counts": "count", "fromat": "format",
	} {
		if got := nearest(name); got != want {
			t.Errorf("nearest(%q) = %q, want %q", name, got, want)
		}
	}
}
