package expr

import (
	"slices"
	"testing"

	"github.com/weirflow/weir/fault"
)

// What a regular expression matches is what java.util.regex says it matches,
// also where the engine beneath it differs.
func TestRegularExpressionsReadAsInJava(t *testing.T) {
	for _, c := range []struct {
		pattern, s    string
		find, matches bool
	}{
		// $ stands before a line end that ends the text, and . is no line end.
		{`c$`, "abc", true, false},
		{`c$`, "abc\n", true, false},
		{`c$`, "abc\r\n", true, false},
		{`c$`, "abc\nd", false, false},
		{`c$`, "abc\n\n", false, false},
		{`(?m)c$`, "abc\nd", true, false},
		{`abc$`, "abc\n", true, false},
		{`a.b`, "a\nb", false, false},
		{`a.b`, "a\rb", false, false},
		{`a.b`, "a\u2028b", false, false},
		{`(?s)a.b`, "a\rb", true, true},
		{`a.b`, "a😀b", true, true},
		{`[.$]`, "x", false, false},
		{`[.$]`, "$", true, true},
		// Escapes.
		{`a\sb`, "a\vb", true, true},
		{`a\Sb`, "a\vb", false, false},
		{`a\sb`, "a\u00a0b", false, false},
		{`[\s]`, "\f", true, true},
		{`[\S]`, "x", true, true},
		{`\0141\07`, "a\a", true, true},
		{`\0777`, "?7", true, true},
		{`[\060-\062]`, "1", true, true},
		{`[\060-\062]+`, "6", false, false},
		{`\x{1F600}`, "😀", true, true},
		{`\u0061\x62\t`, "ab\t", true, true},
		{`\_\<\가`, "_<가", true, true},
		{`\h+`, " \t\u3000", true, true},
		{`\v+`, "\n\v\f\r\u0085", true, true},
		{`[^\h\v]`, " ", false, false},
		{`\R`, "\r\n", true, true},
		{`\Qa.b\E+`, "a.bbb", true, true},
		{`\Qa.b\E+`, "axb", false, false},
		{`[\Q^]\E]+`, "^]", true, true},
		{`\Q# \E`, "# ", true, true},
		{`a\E`, "a", true, true},
		// Groups and references.
		{`(a)(b)\2\1`, "abba", true, true},
		{`(?<x>a)(b)\2\1`, "abba", true, true},
		{`(?<x>a)(b)\k<x>`, "aba", true, true},
		{`(a)\11`, "aa1", true, true},
		{`(?<!x)a(?!b)`, "ac", true, false},
		{`(?<=x)a(?=b)`, "xab", true, false},
		{`(?:a|b)++c`, "abac", true, true},
		{`(?:a|ab)++c`, "abc", false, false},
		{`a{1,2}+a`, "aa", false, false},
		{`a{1,2}a`, "aa", true, true},
		{`[ab]*+b`, "ab", false, false},
		{`[ab]*?b`, "ab", true, true},
		{`a?+a`, "a", false, false},
		{`\d++1`, "11", false, false},
		{`a\++`, "a++", true, true},
		{`(x(a)|y)++z`, "xayz", true, true},
		{`x|[ab]++b`, "xb", true, false},
		{`a\00b\000`, "a\x00b\x00", true, true},
		// Classes.
		{`[]a]+`, "]a", true, true},
		{`[^]a]`, "]", false, false},
		{`[a[-b]]+`, "a-b", true, true},
		{`[a[b-]]+`, "ab-", true, true},
		{`[a[b-d]]+`, "acd", true, true},
		{`[[a-c][x-z]]+`, "by", true, true},
		{`[a-]`, "-", true, true},
		{`[a&b]+`, "a&b", true, true},
		{`\w`, "é", false, false},
		{`\d`, "٣", false, false},
		{`\p{L}+`, "é가", true, true},
		{`\P{L}`, "é", false, false},
		{`\pL\PL`, "a1", true, true},
		{`\p{IsAlphabetic}\p{IsUppercase}\p{IsLowercase}`, "éÉé", true, true},
		{`\p{IsHangul}\p{script=Latin}\p{sc=Greek}\p{gc=Lu}\p{general_category=Ll}`, "가éαAa", true, true},
		{`\p{Punct}+`, "!-/:@[`{~\\]", true, true},
		{`\p{Punct}`, "a", false, false},
		{`\P{Alpha}`, "a", false, false},
		{`\P{Alpha}`, "1", true, true},
		{`[\p{Upper}\p{Digit}_]+`, "A_1", true, true},
		{`[^\p{XDigit}]`, "g", true, true},
		{`\p{Space}\p{Blank}\p{Cntrl}\p{Graph}\p{Print}`, "\v\t\x7f~ ", true, true},
		{`\p{ASCII}`, "\u0080", false, false},
	} {
		p, err := compilePattern(c.pattern)
		if err != nil {
			t.Errorf("compilePattern(%q): %v", c.pattern, err)
			continue
		}
		find, err := p.occurs(c.s)
		whole, err2 := p.matches(c.s)
		if err != nil || err2 != nil || find != c.find || whole != c.matches {
			t.Errorf("%q in %q: found %v, whole %v (%v, %v); want %v, %v", c.pattern, c.s, find, whole, err, err2, c.find, c.matches)
		}
	}
}

func TestRegularExpressionsThatCannotBeRead(t *testing.T) {
	for _, bad := range []string{
		"(", ")", "a**", "[", "[a", "[a[b]", "[^]", "[]", `\`, `[\`, `\0`, `\08`, `\x{110000}`, `\x{}`, `\x{zz}`,
		`\p{`, `\p`, `\p{}`, `\p{Klingon}`, `[\P{Alpha}]`, `[a[^b]]`, `[a&&b]`, `\X`, `\G`, `\N`, "(?<1>a)", "(?'x'a)", "(?z)a",
	} {
		if p, err := compilePattern(bad); fault.CodeOf(err) != "expr_regex" {
			t.Errorf("compilePattern(%q) = %+v, %v", bad, p, err)
		}
	}
}

func TestReplacements(t *testing.T) {
	for _, c := range []struct{ pattern, s, with, first, all string }{
		{`(\d+)-(\d+)`, "1-2 3-4", "$2/$1", "2/1 3-4", "2/1 4/3"},
		{`(?<y>\d+)-(\d+)`, "1-2 3-4", "$2/$1", "2/1 3-4", "2/1 4/3"},
		{`(?<y>\d+)-(?<m>\d+)`, "1-2", "${m}/${y}/$0", "2/1/1-2", "2/1/1-2"},
		{`(a)|(b)`, "ab", "[$1$2]", "[a]b", "[a][b]"},
		{`(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)`, "abcdefghijk", "$11$110", "kk0", "kk0"},
		{`(a)`, "aa", "$10", "a0a", "a0a0"},
		{`x*`, "ab", "-", "-ab", "-a-b-"},
		{`x*`, "", "-", "-", "-"},
		{`a`, "bab", `\$\\`, `b$\b`, `b$\b`},
		{`a`, "a", "${", "", ""},
		{`a`, "a", "${x}", "", ""},
		{`(?<x>a)`, "a", "${x", "", ""},
		{`(?<x>a)`, "a", "${}", "", ""},
		{`(?<x>a)`, "a", "${1}", "", ""},
		{`a`, "a", "$1", "", ""},
		{`(a)`, "a", "$2", "", ""},
		{`a`, "a", "$", "", ""},
		{`a`, "a", `\`, "", ""},
		{`a`, "a", "$-", "", ""},
		{`가`, "x가y가", "나$0", "x나가y가", "x나가y나가"},
		{`a`, "bb", "$9", "bb", "bb"},
	} {
		p, err := compilePattern(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []struct {
			all  bool
			want string
		}{{false, c.first}, {true, c.all}} {
			got, err := p.replace(c.s, c.with, m.all, "f")
			if m.want == "" && fault.CodeOf(err) != "expr_replacement" || m.want != "" && (err != nil || got != m.want) {
				t.Errorf("replace %q in %q by %q, all %v: %q, %v; want %q", c.pattern, c.s, c.with, m.all, got, err, m.want)
			}
		}
	}
}

func TestSplitting(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       []string
	}{
		{`,`, "a,b,c", []string{"a", "b", "c"}},
		{`,`, "a,,b,,", []string{"a", "", "b"}},
		{`,`, ",a", []string{"", "a"}},
		{`,`, "a", []string{"a"}},
		{`,`, "", []string{""}},
		{`,`, ",,", nil},
		{``, "가나a", []string{"가", "나", "a"}},
		{`x*`, "axxb", []string{"a", "", "b"}},
		{`\|`, "가|나", []string{"가", "나"}},
		{`(?=b)`, "abab", []string{"a", "ba", "b"}},
	} {
		p, err := compilePattern(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.split(c.s)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("split %q by %q = %q, %v; want %q", c.s, c.pattern, got, err, c.want)
		}
	}
}
