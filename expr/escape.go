package expr

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

func escapeJSON(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '"' || r == '\\' || r == '/':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\b':
			b.WriteString(`\b`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\f':
			b.WriteString(`\f`)
		case r == '\r':
			b.WriteString(`\r`)
		case r >= 0x20 && r <= 0x7f:
			b.WriteRune(r)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04X\u%04X`, hi, lo)
		default:
			fmt.Fprintf(&b, `\u%04X`, r)
		}
	}
	return b.String()
}

// unescapeJSON resolves backslashes; one that begins nothing known is dropped.
func unescapeJSON(s string) string {
	r := []rune(s)
	out := make([]rune, 0, len(r))
	for i := 0; i < len(r); i++ {
		if r[i] != '\\' || i+1 >= len(r) {
			if r[i] != '\\' {
				out = append(out, r[i])
			}
			continue
		}
		i++
		switch r[i] {
		case 'b':
			out = append(out, '\b')
		case 'n':
			out = append(out, '\n')
		case 't':
			out = append(out, '\t')
		case 'f':
			out = append(out, '\f')
		case 'r':
			out = append(out, '\r')
		case 'u':
			n, ok := hexRune(r, i+1)
			if !ok {
				out = append(out, 'u')
				continue
			}
			i += 4
			if utf16.IsSurrogate(n) && i+2 < len(r) && r[i+1] == '\\' && r[i+2] == 'u' {
				lo, _ := hexRune(r, i+3)
				if both := utf16.DecodeRune(n, lo); both != utf8.RuneError {
					n = both
					i += 6
				}
			}
			out = append(out, n)
		default:
			out = append(out, r[i])
		}
	}
	return string(out)
}

func hexRune(r []rune, i int) (rune, bool) {
	if i+4 > len(r) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(r[i:i+4]), 16, 16)
	return rune(n), err == nil
}

func escapeCSV(s string) string {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// unescapeCSV takes the quotes off a field that needs them.
func unescapeCSV(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' || !strings.ContainsAny(s[1:len(s)-1], ",\"\r\n") {
		return s
	}
	return strings.ReplaceAll(s[1:len(s)-1], `""`, `"`)
}

var xmlEntities = map[string]rune{"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\''}

// escapeXML leaves out the characters that XML 1.0 has no way to write.
func escapeXML(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '\'':
			b.WriteString("&apos;")
		case r < 0x20 && r != '\t' && r != '\n' && r != '\r', r == 0xfffe, r == 0xffff:
		case r >= 0x7f && r <= 0x84, r >= 0x86 && r <= 0x9f:
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func escapeHTML(s string, names map[rune]string) string {
	var b strings.Builder
	for _, r := range s {
		if n, ok := names[r]; ok {
			b.WriteString("&" + n + ";")
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unescapeEntities resolves &name; and &#number; and leaves what is neither.
func unescapeEntities(s string, runes map[string]rune) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "&")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		end := strings.IndexByte(rest, ';')
		if end > 0 && end <= 12 {
			if r, ok := entity(rest[:end], runes); ok {
				b.WriteRune(r)
				s = rest[end+1:]
				continue
			}
		}
		b.WriteByte('&')
		s = rest
	}
}

func entity(name string, runes map[string]rune) (rune, bool) {
	if name[0] != '#' {
		r, ok := runes[name]
		return r, ok
	}
	base, num := 10, name[1:]
	if num != "" && (num[0] == 'x' || num[0] == 'X') {
		base, num = 16, num[1:]
	}
	n, err := strconv.ParseUint(num, base, 32)
	if err != nil || n > 0x10ffff {
		return 0, false
	}
	return rune(n), true
}

// The names of HTML's character entities: those for markup, those for
// ISO 8859-1 from U+00A0 on in order, and those that HTML 4 added.
const (
	markupNames = "quot amp lt gt"
	latinNames  = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 " +
		"acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring " +
		"AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times " +
		"Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave " +
		"eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute " +
		"ucirc uuml yacute thorn yuml"
	otherNames = "fnof Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho Sigma Tau " +
		"Upsilon Phi Chi Psi Omega alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho " +
		"sigmaf sigma tau upsilon phi chi psi omega thetasym upsih piv bull hellip prime Prime oline frasl weierp image " +
		"real trade alefsym larr uarr rarr darr harr crarr lArr uArr rArr dArr hArr forall part exist empty nabla isin " +
		"notin ni prod sum minus lowast radic prop infin ang and or cap cup int there4 sim cong asymp ne equiv le ge sub " +
		"sup nsub sube supe oplus otimes perp sdot lceil rceil lfloor rfloor lang rang loz spades clubs hearts diams OElig " +
		"oelig Scaron scaron Yuml circ tilde ensp emsp thinsp zwnj zwj lrm rlm ndash mdash lsquo rsquo sbquo ldquo rdquo " +
		"bdquo dagger Dagger permil lsaquo rsaquo euro"
)

func entityRunes(names string) map[string]rune {
	out := map[string]rune{}
	for _, n := range strings.Fields(names) {
		out[n] = []rune(html.UnescapeString("&" + n + ";"))[0]
	}
	// HTML 4 has the angle brackets at other places than HTML 5.
	if _, ok := out["lang"]; ok {
		out["lang"], out["rang"] = 0x2329, 0x232a
	}
	return out
}

func inverse(m map[string]rune) map[rune]string {
	out := make(map[rune]string, len(m))
	for n, r := range m {
		out[r] = n
	}
	return out
}

var (
	html3Runes = sync.OnceValue(func() map[string]rune { return entityRunes(markupNames + " " + latinNames) })
	html4Runes = sync.OnceValue(func() map[string]rune { return entityRunes(markupNames + " " + latinNames + " " + otherNames) })
	html3Names = sync.OnceValue(func() map[rune]string { return inverse(html3Runes()) })
	html4Names = sync.OnceValue(func() map[rune]string { return inverse(html4Runes()) })
)
