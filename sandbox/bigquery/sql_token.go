package bigquery

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokenWord   tokenKind = iota // a name or keyword
	tokenQuoted                  // a name in backticks
	tokenString
	tokenBytes
	tokenNumber
	tokenParameter // @name, or ? with the name empty
	tokenMark
)

// token is a word of GoogleSQL; the text of strings and names is unquoted.
type token struct {
	kind  tokenKind
	text  string
	line  int
	row   int
	glued bool // nothing stands between it and the token before
}

// is tells whether the token is a keyword or a mark.
func (t token) is(texts ...string) bool {
	if t.kind != tokenWord && t.kind != tokenMark {
		return false
	}
	for _, s := range texts {
		if strings.EqualFold(t.text, s) {
			return true
		}
	}
	return false
}

func syntaxError(line, row int, format string, args ...any) *Problem {
	p := problem(ReasonInvalidQuery, "Syntax error: "+format, args...)
	p.Message += " at [" + strconv.Itoa(line) + ":" + strconv.Itoa(row) + "]"
	return p.at("query")
}

// tokenize cuts GoogleSQL into tokens, without comments.
func tokenize(sql string) ([]token, error) {
	var out []token
	line, begin := 1, 0
	glued := false
	for i := 0; i < len(sql); {
		r, size := utf8.DecodeRuneInString(sql[i:])
		row := i - begin + 1
		add := func(kind tokenKind, text string) {
			out = append(out, token{kind, text, line, row, glued})
			glued = true
		}
		rest := sql[i:]
		switch {
		case r == '\n':
			line, begin, glued = line+1, i+1, false
			i++
		case unicode.IsSpace(r):
			glued = false
			i += size
		case r == '#' || strings.HasPrefix(rest, "--"):
			glued = false
			if n := strings.IndexByte(rest, '\n'); n >= 0 {
				i += n
			} else {
				i = len(sql)
			}
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest, "*/")
			if n < 0 {
				return nil, syntaxError(line, row, "Unclosed comment")
			}
			line += strings.Count(rest[:n], "\n")
			glued = false
			i += n + 2
		case r == '`':
			n := strings.IndexByte(rest[1:], '`')
			if n <= 0 {
				return nil, syntaxError(line, row, "Unclosed or empty identifier literal")
			}
			add(tokenQuoted, rest[1:n+1])
			i += n + 2
		case r == '@':
			n := wordEnd(rest[1:])
			if n == 0 {
				return nil, syntaxError(line, row, "Unexpected \"@\"")
			}
			add(tokenParameter, rest[1:n+1])
			i += n + 1
		case r == '?':
			add(tokenParameter, "")
			i++
		case literalStart(rest) > 0:
			text, n, err := readLiteral(rest)
			if err != "" {
				return nil, syntaxError(line, row, "%s", err)
			}
			kind := tokenString
			if strings.ContainsAny(rest[:literalStart(rest)-1], "bB") {
				kind = tokenBytes
			}
			add(kind, text)
			line += strings.Count(rest[:n], "\n")
			i += n
		case r >= '0' && r <= '9' || r == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9' && (len(out) == 0 || !glued || out[len(out)-1].kind == tokenMark):
			n := numberEnd(rest)
			add(tokenNumber, rest[:n])
			i += n
		case wordEnd(rest) > 0:
			n := wordEnd(rest)
			add(tokenWord, rest[:n])
			i += n
		default:
			n := size
			for _, m := range []string{"||", "<=", ">=", "<>", "!=", "<<", ">>", "=>"} {
				if strings.HasPrefix(rest, m) {
					n = 2
				}
			}
			add(tokenMark, rest[:n])
			i += n
		}
	}
	return out, nil
}

func wordEnd(s string) int {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsMark(r) && (i == 0 || !unicode.IsNumber(r)) {
			return i
		}
	}
	return len(s)
}

func numberEnd(s string) int {
	if len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') {
		i := 2
		for i < len(s) && strings.IndexByte("0123456789abcdefABCDEF", s[i]) >= 0 {
			i++
		}
		return i
	}
	i := 0
	for i < len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9' || c == '.':
		case (c == 'e' || c == 'E') && i+1 < len(s):
			if s[i+1] == '+' || s[i+1] == '-' {
				i++
			}
		default:
			return i
		}
		i++
	}
	return i
}

// literalStart returns where the text of a string literal begins, with its
// first quote at the index before; 0 if s begins with none.
func literalStart(s string) int {
	i := 0
	for i < len(s) && i < 2 && strings.IndexByte("rRbB", s[i]) >= 0 {
		i++
	}
	if i < len(s) && (s[i] == '\'' || s[i] == '"') {
		return i + 1
	}
	return 0
}

// readLiteral returns the text of a string literal and its length in s, or
// what is wrong with it.
func readLiteral(s string) (string, int, string) {
	start := literalStart(s)
	raw := strings.ContainsAny(s[:start-1], "rR")
	quote := s[start-1 : start]
	if strings.HasPrefix(s[start-1:], strings.Repeat(quote, 3)) {
		quote = strings.Repeat(quote, 3)
		start += 2
	}
	var text strings.Builder
	for i := start; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], quote):
			return text.String(), i + len(quote), ""
		case s[i] == '\n' && len(quote) == 1:
			return "", 0, "Unclosed string literal"
		case s[i] != '\\':
			text.WriteByte(s[i])
		case i+1 == len(s):
			return "", 0, "Unclosed string literal"
		case raw:
			text.WriteString(s[i : i+2])
			i++
		default:
			decoded, n := unescape(s[i+1:])
			if n == 0 {
				return "", 0, "Illegal escape sequence: " + s[i:i+2]
			}
			text.WriteString(decoded)
			i += n
		}
	}
	return "", 0, "Unclosed string literal"
}

// unescape returns what follows a backslash, and its length; 0 if it is wrong.
func unescape(s string) (string, int) {
	if i := strings.IndexByte("abfnrtv", s[0]); i >= 0 {
		return "\a\b\f\n\r\t\v"[i : i+1], 1
	}
	if strings.IndexByte("\\'\"`?", s[0]) >= 0 {
		return s[:1], 1
	}
	digits := map[byte]int{'x': 2, 'X': 2, 'u': 4, 'U': 8}[s[0]]
	if digits == 0 || len(s) <= digits {
		return "", 0
	}
	if digits == 2 {
		b, err := hex.DecodeString(s[1:3])
		if err != nil {
			return "", 0
		}
		return string(b), 3
	}
	n, err := strconv.ParseUint(s[1:1+digits], 16, 32)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return "", 0
	}
	return string(rune(n)), 1 + digits
}
