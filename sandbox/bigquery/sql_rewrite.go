package bigquery

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// rewriter turns GoogleSQL into DuckDB's SQL. A table can be reached only
// through resolve, so that a query sees the sandbox's tables and nothing else.
type rewriter struct {
	// resolve returns how DuckDB reads a table, and the name it has if the
	// query gives none.
	resolve func(path []string) (from, alias string, err error)
	params  map[string]string // by name, as SQL
	places  []string          // by position, as SQL
	now     time.Time
	ctes    map[string]bool
	err     error
	columns map[string]bool // the names of columns, in lower case
	pseudo  bool            // the query names _PARTITIONTIME or _PARTITIONDATE
}

func (w *rewriter) fail(t token, format string, args ...any) {
	if w.err == nil {
		w.err = syntaxError(t.line, t.row, format, args...)
	}
}

// balanced wants each bracket to be closed by its like.
func balanced(ts []token) error {
	var opened []token
	for _, t := range ts {
		switch {
		case t.is("(", "["):
			opened = append(opened, t)
		case t.is(")", "]"):
			if n := len(opened); n == 0 || (opened[n-1].text == "(") != (t.text == ")") {
				return syntaxError(t.line, t.row, "Unexpected %q", t.text)
			}
			opened = opened[:len(opened)-1]
		}
	}
	if n := len(opened); n > 0 {
		want := map[string]string{"(": ")", "[": "]"}[opened[n-1].text]
		return syntaxError(opened[n-1].line, opened[n-1].row, "Expected %q but got end of script", want)
	}
	return nil
}

// closing returns the index of the bracket that closes the one at i, in
// balanced tokens.
func (w *rewriter) closing(ts []token, i int) int {
	depth := 0
	for k := i; k < len(ts); k++ {
		switch {
		case ts[k].is("(", "["):
			depth++
		case ts[k].is(")", "]"):
			if depth--; depth == 0 {
				return k
			}
		}
	}
	panic("bigquery: no bracket closes")
}

// split cuts tokens at the commas that are in no parentheses.
func split(ts []token) [][]token { return cut(ts, false) }

// cut splits tokens; those of types may have commas in angles too.
func cut(ts []token, types bool) [][]token {
	var out [][]token
	depth, from := 0, 0
	for i, t := range ts {
		switch {
		case t.is("(", "["), types && t.is("<"):
			depth++
		case t.is(")", "]"), types && t.is(">"):
			depth--
		case types && t.is(">>"):
			depth -= 2
		case t.is(",") && depth == 0:
			// A part of nothing is the comma after it, which is no SQL anywhere.
			out = append(out, ts[from:max(i, from+1)])
			from = i + 1
		}
	}
	switch {
	case from < len(ts):
		out = append(out, ts[from:])
	case from > 0:
		out = append(out, ts[from-1:])
	}
	return out
}

// afterTable are the words after a table that are no alias of it.
var afterTable = []string{"WHERE", "GROUP", "ORDER", "LIMIT", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "ON",
	"USING", "UNION", "INTERSECT", "EXCEPT", "HAVING", "QUALIFY", "WINDOW", "TABLESAMPLE", "FOR", "WHEN", "SET",
	"VALUES", "SELECT", "PIVOT", "UNPIVOT", "WITH", "NATURAL", "FROM", "DEFAULT"}

// render returns the tokens as DuckDB's SQL. table says that the first stands
// where a table does.
func (w *rewriter) render(ts []token, table bool) string {
	var b strings.Builder
	put := func(s string) {
		if s == "" {
			return
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s)
	}
	inFrom := table
	for i := 0; i < len(ts) && w.err == nil; i++ {
		t := ts[i]
		prev := token{kind: tokenMark}
		if i > 0 {
			prev = ts[i-1]
		}
		next := token{kind: tokenMark}
		if i+1 < len(ts) {
			next = ts[i+1]
		}
		if table && !t.is("(", "LATERAL") {
			s, n := w.table(ts[i:])
			put(s)
			i += n - 1
			table = false
			continue
		}
		switch {
		case t.is("("):
			end := w.closing(ts, i)
			inner := ts[i+1 : end]
			query := len(inner) > 0 && inner[0].is("SELECT", "WITH", "(")
			put("(" + w.render(inner, table && !query) + ")")
			i, table = end, false
		case t.is("["):
			end := w.closing(ts, i)
			index := i > 0 && t.glued && (prev.kind == tokenWord || prev.kind == tokenQuoted || prev.is(")", "]"))
			if index {
				b.WriteString("[" + w.index(ts[i+1:end]) + "]")
			} else {
				put("[" + w.render(ts[i+1:end], false) + "]")
			}
			i = end
		case t.kind == tokenWord && t.is("FROM") && !prev.is("DISTINCT"), t.kind == tokenWord && t.is("JOIN"):
			put(strings.ToUpper(t.text))
			table, inFrom = true, true
		case t.is(",") && inFrom:
			put(",")
			table = true
		case t.is("WITH") && !prev.is("FROM"):
			n := w.with(ts[i:])
			put("WITH")
			if n > 0 {
				put("RECURSIVE")
				i++
			}
		case t.is("SELECT", "WHERE", "GROUP", "ORDER", "HAVING", "QUALIFY", "WINDOW", "LIMIT", "UNION", "INTERSECT", "SET", "VALUES"):
			inFrom = false
			put(strings.ToUpper(t.text))
			if t.is("SELECT") && next.is("AS") && i+2 < len(ts) && ts[i+2].is("STRUCT", "VALUE") {
				w.fail(t, "SELECT AS %s is not supported by the sandbox", strings.ToUpper(ts[i+2].text))
			}
		case t.is("EXCEPT") && next.is("("):
			put("EXCLUDE")
		case t.is("EXCEPT"):
			inFrom = false
			put("EXCEPT")
		case t.is("*") && w.pseudo && (prev.is("SELECT", "DISTINCT", ",")) && !next.is("EXCEPT", "REPLACE"):
			put("COLUMNS(lambda c: c NOT IN ('_PARTITIONTIME', '_PARTITIONDATE'))")
		case t.is("IN") && next.is("UNNEST") && i+2 < len(ts) && ts[i+2].is("("):
			end := w.closing(ts, i+2)
			put("IN (SELECT UNNEST(" + w.render(ts[i+3:end], false) + "))")
			i = end
		case t.is("SAFE") && next.is(".") && i+3 < len(ts) && ts[i+3].is("("):
			end := w.closing(ts, i+3)
			put("TRY(" + w.function(ts[i+2], ts[i+2].text, ts[i+4:end]) + ")")
			i = end
		case t.is("INTERVAL") && i+1 < len(ts):
			s, n := w.interval(ts[i:])
			put(s)
			i += n - 1
		case (t.kind == tokenWord || t.kind == tokenQuoted) && next.is("(") && !prev.is("AS") && !reservedBeforeParen(t):
			end := w.closing(ts, i+1)
			put(w.function(t, t.text, ts[i+2:end]))
			i = end
		case t.is("ARRAY", "STRUCT") && next.is("<"):
			s, n := w.typed(ts[i:])
			put(s)
			i += n - 1
		case t.kind == tokenWord && next.kind == tokenString && literalTypes[strings.ToUpper(t.text)] != "":
			put("CAST(" + quoteText(next.text) + " AS " + literalTypes[strings.ToUpper(t.text)] + ")")
			i++
		case t.is("."):
			b.WriteString(".")
			if next.kind == tokenWord || next.kind == tokenQuoted {
				b.WriteString(quoteName(next.text))
				i++
			} else if next.is("*") {
				b.WriteString("*")
				i++
			}
		default:
			put(w.single(t))
		}
	}
	return b.String()
}

// literalTypes are the types that a text may follow, as DuckDB names them.
var literalTypes = map[string]string{"DATE": "DATE", "TIME": "TIME", "DATETIME": "TIMESTAMP", "TIMESTAMP": "TIMESTAMPTZ",
	"NUMERIC": "DECIMAL(38,9)", "BIGNUMERIC": "DECIMAL(38,18)", "DECIMAL": "DECIMAL(38,9)", "JSON": "JSON"}

// reservedBeforeParen are the keywords that a parenthesis may follow.
func reservedBeforeParen(t token) bool {
	return t.kind == tokenWord && t.is("IN", "AND", "OR", "NOT", "WHEN", "THEN", "ELSE", "CASE", "ON", "USING", "OVER", "WHERE",
		"SELECT", "FROM", "JOIN", "BY", "HAVING", "QUALIFY", "AS", "VALUES", "UNION", "ALL", "DISTINCT", "INTERSECT", "EXCEPT",
		"EXISTS", "ANY", "SOME", "LIKE", "BETWEEN", "IS", "REPLACE", "FILTER", "LIMIT", "OFFSET", "ROWS", "RANGE", "SET", "INSERT", "MATCHED", "ASC", "DESC") ||
		t.kind == tokenQuoted
}

// single renders a token that stands for itself.
func (w *rewriter) single(t token) string {
	switch t.kind {
	case tokenString:
		return quoteText(t.text)
	case tokenBytes:
		return "unhex('" + hex.EncodeToString([]byte(t.text)) + "')"
	case tokenNumber:
		return number(t.text)
	case tokenQuoted:
		return quoteName(t.text)
	case tokenParameter:
		return w.parameter(t)
	case tokenWord:
		switch strings.ToUpper(t.text) {
		case "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_DATETIME", "CURRENT_TIME":
			return w.function(t, t.text, nil)
		}
		if w.columns[strings.ToLower(t.text)] {
			return quoteName(t.text) // or DuckDB may take it for a keyword
		}
		return t.text
	case tokenMark:
		if t.text == ";" {
			w.fail(t, "Scripts of several statements are not supported by the sandbox")
		}
	}
	return t.text
}

func (w *rewriter) parameter(t token) string {
	if t.text != "" {
		if s, ok := w.params[strings.ToLower(t.text)]; ok {
			return s
		}
		if w.err == nil {
			w.err = problem(ReasonInvalidQuery, "Query parameter '%s' not found at [%d:%d]", t.text, t.line, t.row).at("query")
		}
		return "NULL"
	}
	if len(w.places) == 0 {
		if w.err == nil {
			w.err = problem(ReasonInvalidQuery, "Number of positional parameters does not match at [%d:%d]", t.line, t.row).at("query")
		}
		return "NULL"
	}
	s := w.places[0]
	w.places = w.places[1:]
	return s
}

// with notes the names that a WITH gives; 1 if it is recursive.
func (w *rewriter) with(ts []token) int {
	recursive := 0
	i := 1
	if i < len(ts) && ts[i].is("RECURSIVE") {
		recursive = 1
		i++
	}
	for i+2 < len(ts) && (ts[i].kind == tokenWord || ts[i].kind == tokenQuoted) {
		w.ctes[strings.ToLower(ts[i].text)] = true
		for i < len(ts) && !ts[i].is("(") {
			i++
		}
		if i == len(ts) {
			break
		}
		i = w.closing(ts, i) + 1
		if i >= len(ts) || !ts[i].is(",") {
			break
		}
		i++
	}
	return recursive
}

// path reads the dotted name of a table from the front of ts; a project may
// have dashes.
func path(ts []token) (parts []string, n int) {
	dotted := true
	for n < len(ts) {
		t := ts[n]
		switch {
		case dotted && t.kind == tokenQuoted:
			parts = append(parts, strings.Split(t.text, ".")...)
			dotted = false
		case dotted && (t.kind == tokenWord || t.kind == tokenNumber && len(parts) > 0):
			parts = append(parts, t.text)
			dotted = false
		case !dotted && t.is(".") && t.glued:
			dotted = true
		case !dotted && t.is("-") && t.glued && n+1 < len(ts) && ts[n+1].glued && ts[n+1].kind != tokenMark:
			parts[len(parts)-1] += "-" + ts[n+1].text
			n++
		default:
			return parts, n
		}
		n++
	}
	return parts, n
}

// table renders the table at the front of ts with its alias, and returns how
// many tokens it took.
func (w *rewriter) table(ts []token) (string, int) {
	t := ts[0]
	if t.is("UNNEST") && len(ts) > 1 && ts[1].is("(") {
		return w.unnest(ts)
	}
	if t.kind != tokenWord && t.kind != tokenQuoted {
		w.fail(t, "Expected a table but got %q", t.text)
		return "", 1
	}
	parts, n := path(ts)
	if n < len(ts) && ts[n].is("(") {
		w.fail(t, "Table-valued function not found: %s", strings.Join(parts, "."))
		return "", n
	}
	explicit := n < len(ts) && (ts[n].kind == tokenQuoted || ts[n].kind == tokenWord && !ts[n].is(afterTable...))
	if len(parts) == 1 && w.ctes[strings.ToLower(parts[0])] {
		return w.named(ts, n, quoteName(parts[0]))
	}
	from, alias, err := w.resolve(parts)
	if err != nil {
		if w.err == nil {
			w.err = err
		}
		return "", n
	}
	if !explicit {
		return from + " AS " + quoteName(alias), n
	}
	return w.named(ts, n, from)
}

// named adds the alias that follows a table.
func (w *rewriter) named(ts []token, n int, from string) (string, int) {
	if n < len(ts) && ts[n].is("AS") {
		n++
	} else if n == len(ts) || ts[n].kind != tokenQuoted && (ts[n].kind != tokenWord || ts[n].is(afterTable...)) {
		return from, n
	}
	if n == len(ts) {
		w.fail(ts[n-1], "Expected an alias")
		return from, n
	}
	return from + " AS " + quoteName(ts[n].text), n + 1
}

// unnest renders UNNEST(array) [AS x] [WITH OFFSET [AS i]] as a table of one
// column x, and i.
func (w *rewriter) unnest(ts []token) (string, int) {
	end := w.closing(ts, 1)
	array := w.render(ts[2:end], false)
	name, offset := "", ""
	n := end + 1
	alias := func() string {
		if n < len(ts) && ts[n].is("AS") {
			n++
		} else if n == len(ts) || ts[n].kind != tokenQuoted && (ts[n].kind != tokenWord || ts[n].is(afterTable...)) {
			return ""
		}
		if n == len(ts) {
			return ""
		}
		n++
		return ts[n-1].text
	}
	name = alias()
	if n+1 < len(ts) && ts[n].is("WITH") && ts[n+1].is("OFFSET") {
		n += 2
		if offset = alias(); offset == "" {
			offset = "offset"
		}
	}
	switch {
	case offset != "":
		if name == "" {
			name = "value"
		}
		return fmt.Sprintf("LATERAL (SELECT UNNEST(%s) AS %s, generate_subscripts(%s, 1) - 1 AS %s)", array, quoteName(name), array, quoteName(offset)), n
	case name == "":
		return "(SELECT UNNEST(" + array + ", max_depth := 2))", n
	}
	return "UNNEST(" + array + ") AS " + quoteName(name+"~") + "(" + quoteName(name) + ")", n
}

// index renders what stands between brackets after an array.
func (w *rewriter) index(ts []token) string {
	if len(ts) > 2 && ts[1].is("(") && ts[len(ts)-1].is(")") {
		inner := w.render(ts[2:len(ts)-1], false)
		switch {
		case ts[0].is("OFFSET", "SAFE_OFFSET"):
			return "(" + inner + ") + 1"
		case ts[0].is("ORDINAL", "SAFE_ORDINAL"):
			return inner
		}
	}
	if len(ts) == 1 && ts[0].kind == tokenString {
		return quoteText(ts[0].text)
	}
	return "(" + w.render(ts, false) + ") + 1"
}

// dateParts are the parts of INTERVAL with what one is worth.
var dateParts = map[string]string{"MICROSECOND": "1 MICROSECOND", "MILLISECOND": "1 MILLISECOND", "SECOND": "1 SECOND",
	"MINUTE": "1 MINUTE", "HOUR": "1 HOUR", "DAY": "1 DAY", "WEEK": "7 DAY", "MONTH": "1 MONTH", "QUARTER": "3 MONTH", "YEAR": "1 YEAR"}

// interval renders INTERVAL expression PART.
func (w *rewriter) interval(ts []token) (string, int) {
	depth := 0
	for i := 1; i < len(ts); i++ {
		switch {
		case ts[i].is("(", "["):
			depth++
		case ts[i].is(")", "]"):
			depth--
		case depth == 0 && i > 1 && dateParts[strings.ToUpper(ts[i].text)] != "" && ts[i].kind == tokenWord:
			n := w.render(ts[1:i], false)
			if ts[1].kind == tokenString {
				n = "CAST(" + n + " AS BIGINT)"
			}
			return "((" + n + ") * INTERVAL " + dateParts[strings.ToUpper(ts[i].text)] + ")", i + 1
		}
	}
	w.fail(ts[0], "Expected a date part after INTERVAL")
	return "", 1
}

// typed renders ARRAY<T>[...] and STRUCT<...>(...).
func (w *rewriter) typed(ts []token) (string, int) {
	kind, n := w.typeName(ts)
	if n < len(ts) && ts[n].is("[") {
		end := w.closing(ts, n)
		return "CAST([" + w.render(ts[n+1:end], false) + "] AS " + kind + ")", end + 1
	}
	if n < len(ts) && ts[n].is("(") {
		end := w.closing(ts, n)
		return "CAST(ROW(" + w.render(ts[n+1:end], false) + ") AS " + kind + ")", end + 1
	}
	w.fail(ts[0], "Expected a value after the type")
	return "", n
}

// typeName renders a type, and returns how many tokens it took.
func (w *rewriter) typeName(ts []token) (string, int) {
	if len(ts) == 0 {
		w.err = problem(ReasonInvalidQuery, "Syntax error: Expected a type")
		return "", 0
	}
	t := ts[0]
	if len(ts) > 2 && t.is("ARRAY") && ts[1].is("<") {
		inner, n := w.typeName(ts[2:])
		return inner + "[]", w.closeAngle(ts, n+2)
	}
	if len(ts) > 2 && t.is("STRUCT") && ts[1].is("<") {
		var parts []string
		n := 2
		for n+1 < len(ts) && w.err == nil {
			inner, k := w.typeName(ts[n+1:])
			parts = append(parts, quoteName(ts[n].text)+" "+inner)
			n += 1 + k
			if n < len(ts) && ts[n].is(",") {
				n++
				continue
			}
			break
		}
		return "STRUCT(" + strings.Join(parts, ", ") + ")", w.closeAngle(ts, n)
	}
	kind, ok := kinds[strings.ToUpper(t.text)]
	if !ok || kind.duck == "" {
		w.fail(t, "Type not found: %s", t.text)
		return "", 1
	}
	n := 1
	if n < len(ts) && ts[n].is("(") {
		n = w.closing(ts, n) + 1 // STRING(10), NUMERIC(10, 2)
	}
	return kind.duck, n
}

// closeAngle steps over a > at n, of which >> has two.
func (w *rewriter) closeAngle(ts []token, n int) int {
	switch {
	case n < len(ts) && ts[n].is(">"):
		return n + 1
	case n < len(ts) && ts[n].is(">>"):
		ts[n].text = ">"
		return n
	}
	w.fail(ts[0], "Expected \">\" after the type")
	return min(n, len(ts))
}

// pseudoColumns tells whether a query names a partition's pseudo column.
func pseudoColumns(ts []token) bool {
	return slices.ContainsFunc(ts, func(t token) bool {
		return (t.kind == tokenWord || t.kind == tokenQuoted) && (strings.EqualFold(t.text, "_PARTITIONTIME") || strings.EqualFold(t.text, "_PARTITIONDATE"))
	})
}

// number renders a number: one with a point is a FLOAT64, where DuckDB would
// take a decimal, and one in hexadecimal is whole.
func number(s string) string {
	if n, err := strconv.ParseInt(s, 0, 64); err == nil && strings.ContainsAny(s, "xX") {
		return strconv.FormatInt(n, 10)
	}
	if strings.Contains(s, ".") && !strings.ContainsAny(s, "eE") {
		return s + "e0"
	}
	return s
}
