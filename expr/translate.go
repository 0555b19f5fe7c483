package expr

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// translate turns a Java regular expression into one that the engine reads the
// same way, and returns the engine's number of each group by its number in Java.
// What has no equal is an error.
func translate(s string) (string, []int, error) {
	t := translator{in: []rune(s), lines: inlineFlag(s, 'm'), dots: inlineFlag(s, 's')}
	if err := t.all(); err != nil {
		return "", nil, err
	}
	// References to groups need all the groups, so they wait for a second pass.
	again := translator{in: t.in, lines: t.lines, dots: t.dots, numbers: numbered(t.named)}
	err := again.all()
	return string(again.out), again.numbers, err
}

type translator struct {
	in, out []rune
	i       int
	atom    int    // where the last atom begins in out
	groups  []int  // where the open groups begin in out
	named   []bool // of each group that captures, in order
	numbers []int  // the engine's number of each group, known in the second pass
	lines   bool   // $ may mean the end of any line
	dots    bool   // . may mean the end of a line too
}

func (t *translator) all() error {
	for t.i < len(t.in) {
		if err := t.step(); err != nil {
			return err
		}
	}
	return nil
}

var inlineFlags = regexp.MustCompile(`\(\?([a-zA-Z]*)`)

// inlineFlag reports whether a group such as (?ms) switches a flag on anywhere.
func inlineFlag(s string, flag rune) bool {
	for _, m := range inlineFlags.FindAllStringSubmatch(s, -1) {
		if strings.ContainsRune(m[1], flag) {
			return true
		}
	}
	return false
}

// numbered returns the engine's number of each group: it counts the groups with
// names after those without.
func numbered(named []bool) []int {
	out := make([]int, len(named)+1)
	n := 0
	for _, late := range []bool{false, true} {
		for i, is := range named {
			if is == late {
				n++
				out[i+1] = n
			}
		}
	}
	return out
}

// A line ends in Java with any of these, and $ stands before one at the end.
const (
	lineEnds  = `\n\r\u0085\u2028\u2029`
	endOfText = `(?=(?:\r\n|[` + lineEnds + `])?\z)`
)

func (t *translator) put(s string) {
	t.atom = len(t.out)
	t.out = append(t.out, []rune(s)...)
}

func (t *translator) step() error {
	c := t.in[t.i]
	switch c {
	case '\\':
		s, err := t.escape(false)
		if err != nil {
			return err
		}
		t.put(s)
		return nil
	case '[':
		return t.class()
	case '(':
		t.groups = append(t.groups, len(t.out))
		if err := t.capture(); err != nil {
			return err
		}
		t.out = append(t.out, c)
	case ')':
		t.out = append(t.out, c)
		if n := len(t.groups); n > 0 {
			t.atom, t.groups = t.groups[n-1], t.groups[:n-1]
		}
	case '*', '+', '?', '{':
		t.quantifier()
		return nil
	case '$':
		if t.lines {
			t.put("$")
		} else {
			t.put(endOfText)
		}
	case '.':
		if t.dots {
			t.put(".")
		} else {
			t.put("[^" + lineEnds + "]")
		}
	default:
		t.put(string(c))
	}
	t.i++
	return nil
}

// capture notes the group that begins here, if it captures.
func (t *translator) capture() error {
	after := func(n int) rune {
		if t.i+n < len(t.in) {
			return t.in[t.i+n]
		}
		return 0
	}
	switch {
	case after(1) != '?':
		t.named = append(t.named, false)
	case after(2) == '<' && after(3) != '=' && after(3) != '!':
		if r := after(3) | 0x20; r < 'a' || r > 'z' {
			return errors.New("the name of a group begins with a letter")
		}
		t.named = append(t.named, true)
	case after(2) == '\'':
		return errors.New("(?' is not known")
	}
	return nil
}

// reference translates \1 and the like, after the first digit: more digits belong
// to the number as long as there is such a group.
func (t *translator) reference(n int) string {
	for t.i < len(t.in) && digit(t.in[t.i]) && n*10+int(t.in[t.i]-'0') < len(t.numbers) {
		n = n*10 + int(t.in[t.i]-'0')
		t.i++
	}
	if n < len(t.numbers) {
		n = t.numbers[n]
	}
	return `(?:\` + strconv.Itoa(n) + `)`
}

// octal translates \0 and one to three octal digits, after the 0.
func (t *translator) octal() (string, error) {
	n, from := rune(0), t.i
	for t.i < len(t.in) && t.i-from < 3 && t.in[t.i] >= '0' && t.in[t.i] <= '7' && n*8+t.in[t.i]-'0' <= 0377 {
		n = n*8 + t.in[t.i] - '0'
		t.i++
	}
	if t.i == from {
		return "", errors.New(`\0 needs octal digits`)
	}
	return literalRune(n), nil
}

// quantifier copies a quantifier. A possessive one, which the engine lacks, is
// the same as the greedy one in an atomic group.
func (t *translator) quantifier() {
	from := t.i
	if t.in[t.i] == '{' {
		for t.i < len(t.in) && t.in[t.i] != '}' {
			t.i++
		}
	}
	t.i = min(t.i+1, len(t.in))
	t.out = append(t.out, t.in[from:t.i]...)
	switch {
	case t.i >= len(t.in) || from == 0 || t.in[from-1] == '(':
	case t.in[t.i] == '?':
		t.out = append(t.out, '?')
		t.i++
	case t.in[t.i] == '+':
		inner := string(t.out[t.atom:])
		t.out = append(t.out[:t.atom], []rune("(?>"+inner+")")...)
		t.i++
	}
}

var named = map[string]string{
	"Lower": "a-z", "Upper": "A-Z", "ASCII": `\x00-\x7f`, "Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "a-zA-Z0-9",
	"Punct": `!-/:-@\[-` + "`" + `{-~`, "Graph": "!-~", "Print": " -~", "Blank": ` \t`, "Cntrl": `\x00-\x1f\x7f`,
	"XDigit": "0-9a-fA-F", "Space": `\t-\r `,
}

// escape translates a backslash and what belongs to it.
func (t *translator) escape(inClass bool) (string, error) {
	t.i++
	if t.i >= len(t.in) {
		return "", errors.New("a backslash ends the expression")
	}
	c := t.in[t.i]
	t.i++
	wrap := func(set string) string {
		if inClass {
			return set
		}
		return "[" + set + "]"
	}
	switch c {
	case 'Q':
		rest := string(t.in[t.i:])
		lit, _, ended := strings.Cut(rest, `\E`)
		t.i += len([]rune(lit))
		if ended {
			t.i += 2
		}
		var b strings.Builder
		for _, r := range lit {
			b.WriteString(literalRune(r))
		}
		return b.String(), nil
	case 'E':
		return "", nil
	case '0':
		return t.octal()
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if !inClass {
			return t.reference(int(c - '0')), nil
		}
	case 's':
		return wrap(`\t-\r `), nil
	case 'S':
		if !inClass {
			return `[^\t-\r ]`, nil
		}
	case 'h':
		return wrap(` \t\xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000`), nil
	case 'v':
		return wrap(`\n-\r\u0085\u2028\u2029`), nil
	case 'R':
		if !inClass {
			return `(?:\r\n|[\n-\r\u0085\u2028\u2029])`, nil
		}
	case 'X', 'G', 'N':
		return "", fmt.Errorf(`\%c is not known`, c)
	case 'p', 'P':
		return t.property(c == 'P', inClass)
	case 'x':
		if t.i < len(t.in) && t.in[t.i] == '{' {
			hex, _, _ := strings.Cut(string(t.in[t.i+1:]), "}")
			n, err := strconv.ParseUint(hex, 16, 21)
			if err != nil || n > unicode.MaxRune {
				return "", fmt.Errorf(`\x{%s} is no character`, hex)
			}
			t.i += len([]rune(hex)) + 2
			return literalRune(rune(n)), nil
		}
	}
	return `\` + string(c), nil
}

func literalRune(r rune) string {
	if strings.ContainsRune(`\.[]{}()*+?^$|-&#`, r) || unicode.IsSpace(r) || r < ' ' {
		return fmt.Sprintf(`\u%04x`, r)
	}
	return string(r)
}

// property translates \p{...}, after the p.
func (t *translator) property(not, inClass bool) (string, error) {
	name := ""
	if t.i < len(t.in) && t.in[t.i] != '{' {
		name = string(t.in[t.i])
		t.i++
	} else {
		rest := ""
		if t.i < len(t.in) {
			rest = string(t.in[t.i+1:])
		}
		var ok bool
		if name, _, ok = strings.Cut(rest, "}"); !ok {
			return "", errors.New(`\p{ is not closed`)
		}
		t.i += len([]rune(name)) + 2
	}
	p := `\p`
	if not {
		p = `\P`
	}
	if set, ok := named[name]; ok {
		switch {
		case !not && inClass:
			return set, nil
		case !not:
			return "[" + set + "]", nil
		case !inClass:
			return "[^" + set + "]", nil
		}
		return "", fmt.Errorf(`\P{%s} is not known within brackets`, name)
	}
	bare := name
	for _, prefix := range []string{"Is", "script=", "sc=", "IsScript=", "general_category=", "gc="} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			bare = rest
		}
	}
	switch bare {
	case "Alphabetic":
		bare = "L"
	case "Uppercase":
		bare = "Lu"
	case "Lowercase":
		bare = "Ll"
	}
	_, category := unicode.Categories[bare]
	_, script := unicode.Scripts[bare]
	if !category && !script {
		return "", fmt.Errorf(`\p{%s} is not known`, name)
	}
	return p + "{" + bare + "}", nil
}

// class copies [...]. Classes within classes, which the engine lacks, are an
// error unless they only add to it.
func (t *translator) class() error {
	start := len(t.out)
	t.out = append(t.out, '[')
	t.i++
	if t.i < len(t.in) && t.in[t.i] == '^' {
		t.out = append(t.out, '^')
		t.i++
	}
	for depth, first := 1, true; t.i < len(t.in); first = false {
		switch c := t.in[t.i]; {
		case c == ']' && first && depth == 1:
			t.out = append(t.out, []rune(`\]`)...)
			t.i++
		case c == ']':
			t.i++
			if depth--; depth == 0 {
				t.out = append(t.out, ']')
				t.atom = start
				return nil
			}
		case c == '-' && depth > 1 && (t.in[t.i-1] == '[' || t.i+1 < len(t.in) && t.in[t.i+1] == ']'):
			t.out = append(t.out, '\\', '-') // no range, also beside what is around
			t.i++
		case c == '[':
			if t.i+1 < len(t.in) && t.in[t.i+1] == '^' {
				return errors.New("[^ within brackets is not known")
			}
			depth++
			t.i++
		case c == '&' && t.i+1 < len(t.in) && t.in[t.i+1] == '&':
			return errors.New("&& within brackets is not known")
		case c == '\\':
			s, err := t.escape(true)
			if err != nil {
				return err
			}
			t.out = append(t.out, []rune(s)...)
		default:
			t.out = append(t.out, c)
			t.i++
		}
	}
	return errors.New("[ is not closed")
}
