package bigquery

import (
	"fmt"
	"strings"
	"time"
)

// macros are functions of GoogleSQL that DuckDB can be taught.
var macros = []string{
	"safe_divide(a, b) AS a / nullif(b, 0)",
	"ieee_divide(a, b) AS CAST(a AS DOUBLE) / CAST(b AS DOUBLE)",
	"unix_seconds(t) AS epoch_us(t) // 1000000",
	"unix_millis(t) AS epoch_us(t) // 1000",
	"unix_micros(t) AS epoch_us(t)",
	"timestamp_seconds(n) AS make_timestamptz(n * 1000000)",
	"timestamp_millis(n) AS make_timestamptz(n * 1000)",
	"timestamp_micros(n) AS make_timestamptz(n)",
	"unix_date(d) AS date_diff('day', DATE '1970-01-01', d)",
	"date_from_unix_date(n) AS DATE '1970-01-01' + CAST(n AS INTEGER)",
	"regexp_contains(s, r) AS regexp_matches(s, r)",
	"byte_length(s) AS strlen(s)",
	"char_length(s) AS length(s)",
	"character_length(s) AS length(s)",
	"array_reverse(a) AS list_reverse(a)",
	"generate_array(a, b, s := 1) AS generate_series(a, b, s)",
	"to_json_string(v) AS CAST(to_json(v) AS VARCHAR)",
	"json_value(j, p := '$') AS json_extract_string(j, p)",
	"json_extract_scalar(j, p := '$') AS json_extract_string(j, p)",
	"json_query(j, p := '$') AS json_extract(j, p)",
	"parse_json(s) AS CAST(s AS JSON)",
	"generate_uuid() AS CAST(uuid() AS VARCHAR)",
	"rand() AS random()",
	"to_hex(b) AS lower(hex(b))",
	"from_hex(s) AS unhex(s)",
	"to_base64(b) AS base64(b)",
	"safe_subtract(a, b) AS TRY(a - b)",
	"safe_add(a, b) AS TRY(a + b)",
	"safe_multiply(a, b) AS TRY(a * b)",
}

// renamed are the functions that DuckDB has under another name.
var renamed = map[string]string{"LOGICAL_AND": "bool_and", "LOGICAL_OR": "bool_or", "MAX_BY": "arg_max", "MIN_BY": "arg_min",
	"ARRAY_LENGTH": "len", "ARRAY_CONCAT": "list_concat", "COUNTIF": "count_if", "CEILING": "ceil", "POW": "pow", "POWER": "pow",
	"SUBSTRING": "substr", "STDDEV": "stddev_samp", "VARIANCE": "var_samp", "TRUNC": "trunc"}

// functions render calls whose arguments have another order or form. The
// arguments are rendered; the last may be a date part.
var functions map[string]func(w *rewriter, a []string) string

func init() {
	functions = map[string]func(w *rewriter, a []string) string{
		"IF":                func(_ *rewriter, a []string) string { return form("CASE WHEN %s THEN %s ELSE %s END", a, 3) },
		"IFNULL":            func(_ *rewriter, a []string) string { return form("coalesce(%s, %s)", a, 2) },
		"DIV":               func(_ *rewriter, a []string) string { return form("((%s) // (%s))", a, 2) },
		"CURRENT_TIMESTAMP": func(w *rewriter, _ []string) string { return "TIMESTAMPTZ '" + w.clock() + "+00'" },
		"CURRENT_DATE":      func(w *rewriter, a []string) string { return "CAST(" + w.here(a) + " AS DATE)" },
		"CURRENT_DATETIME":  func(w *rewriter, a []string) string { return w.here(a) },
		"CURRENT_TIME":      func(w *rewriter, a []string) string { return "CAST(" + w.here(a) + " AS TIME)" },
		"DATE":              func(_ *rewriter, a []string) string { return "CAST(" + civilFrom(a, "make_date") + " AS DATE)" },
		"DATETIME": func(_ *rewriter, a []string) string {
			return "CAST(" + civilFrom(a, "make_timestamp") + " AS TIMESTAMP)"
		},
		"TIME":      func(_ *rewriter, a []string) string { return "CAST(" + civilFrom(a, "make_time") + " AS TIME)" },
		"TIMESTAMP": instant,
		"STRING": func(_ *rewriter, a []string) string {
			return "CAST(" + civilFrom(a, "") + " AS VARCHAR)"
		},
		"TIMESTAMP_TRUNC": func(_ *rewriter, a []string) string {
			if len(a) == 3 {
				return "timezone(" + a[2] + ", " + truncate("timezone("+a[2]+", "+a[0]+")", a[1]) + ")"
			}
			return truncate(arg(a, 0), arg(a, 1))
		},
		"DATETIME_TRUNC": func(_ *rewriter, a []string) string { return truncate(arg(a, 0), arg(a, 1)) },
		"DATE_TRUNC":     func(_ *rewriter, a []string) string { return "CAST(" + truncate(arg(a, 0), arg(a, 1)) + " AS DATE)" },
		"DATE_ADD":       func(_ *rewriter, a []string) string { return form("CAST(%s + %s AS DATE)", a, 2) },
		"DATE_SUB":       func(_ *rewriter, a []string) string { return form("CAST(%s - %s AS DATE)", a, 2) },
		"DATETIME_ADD":   func(_ *rewriter, a []string) string { return form("(%s + %s)", a, 2) },
		"DATETIME_SUB":   func(_ *rewriter, a []string) string { return form("(%s - %s)", a, 2) },
		"TIMESTAMP_ADD":  func(_ *rewriter, a []string) string { return form("(%s + %s)", a, 2) },
		"TIMESTAMP_SUB":  func(_ *rewriter, a []string) string { return form("(%s - %s)", a, 2) },
		"DATE_DIFF":      func(_ *rewriter, a []string) string { return difference("date_diff", a) },
		"DATETIME_DIFF":  func(_ *rewriter, a []string) string { return difference("date_diff", a) },
		"TIMESTAMP_DIFF": func(_ *rewriter, a []string) string { return difference("date_sub", a) },
		"FORMAT_DATE":    func(_ *rewriter, a []string) string { return "strftime(" + arg(a, 1) + ", " + layout(arg(a, 0)) + ")" },
		"FORMAT_DATETIME": func(_ *rewriter, a []string) string {
			return "strftime(" + arg(a, 1) + ", " + layout(arg(a, 0)) + ")"
		},
		"FORMAT_TIMESTAMP": func(_ *rewriter, a []string) string {
			zone := "'UTC'"
			if len(a) == 3 {
				zone = a[2]
			}
			return "strftime(timezone(" + zone + ", " + arg(a, 1) + "), " + layout(arg(a, 0)) + ")"
		},
		"PARSE_DATE": func(_ *rewriter, a []string) string {
			return "CAST(strptime(" + arg(a, 1) + ", " + layout(arg(a, 0)) + ") AS DATE)"
		},
		"PARSE_DATETIME": func(_ *rewriter, a []string) string {
			return "strptime(" + arg(a, 1) + ", " + layout(arg(a, 0)) + ")"
		},
		"PARSE_TIMESTAMP": func(_ *rewriter, a []string) string {
			zone := "'UTC'"
			if len(a) == 3 {
				zone = a[2]
			}
			return "timezone(" + zone + ", CAST(strptime(" + arg(a, 1) + ", " + layout(arg(a, 0)) + ") AS TIMESTAMP))"
		},
		"CONCAT":         func(_ *rewriter, a []string) string { return "(" + strings.Join(a, " || ") + ")" },
		"REGEXP_REPLACE": func(_ *rewriter, a []string) string { return form("regexp_replace(%s, %s, %s, 'g')", a, 3) },
		"REGEXP_EXTRACT": func(_ *rewriter, a []string) string {
			group := "0"
			if strings.Contains(strings.NewReplacer(`\(`, "", "(?", "").Replace(arg(a, 1)), "(") {
				group = "1"
			}
			return fmt.Sprintf("CASE WHEN regexp_matches(%s, %s) THEN regexp_extract(%s, %s, %s) END", arg(a, 0), arg(a, 1), arg(a, 0), arg(a, 1), group)
		},
		"SPLIT": func(_ *rewriter, a []string) string {
			if len(a) == 1 {
				a = append(a, "','")
			}
			return form("string_split(%s, %s)", a, 2)
		},
		"LPAD": pad("lpad"),
		"RPAD": pad("rpad"),
		"LOG": func(_ *rewriter, a []string) string {
			if len(a) == 1 {
				return "ln(" + a[0] + ")"
			}
			return form("(ln(%s) / ln(%s))", a, 2)
		},
		"FORMAT": func(_ *rewriter, a []string) string {
			a[0] = strings.NewReplacer("%t", "%s", "%T", "%s").Replace(arg(a, 0))
			return "printf(" + strings.Join(a, ", ") + ")"
		},
		"GENERATE_DATE_ARRAY": func(_ *rewriter, a []string) string {
			if len(a) == 2 {
				a = append(a, "INTERVAL 1 DAY")
			}
			return "list_transform(" + form("generate_series(CAST(%s AS TIMESTAMP), CAST(%s AS TIMESTAMP), %s)", a, 3) + ", lambda x: CAST(x AS DATE))"
		},
		"MD5":    func(_ *rewriter, a []string) string { return "unhex(md5(" + arg(a, 0) + "))" },
		"SHA256": func(_ *rewriter, a []string) string { return "unhex(sha256(" + arg(a, 0) + "))" },
	}
}

// form fills a format with n arguments; a missing one is a fault that DuckDB
// tells of.
func form(format string, a []string, n int) string {
	args := make([]any, n)
	for i := range args {
		args[i] = arg(a, i)
	}
	return fmt.Sprintf(format, args...)
}

func arg(a []string, i int) string {
	if i < len(a) {
		return a[i]
	}
	return ""
}

func pad(name string) func(*rewriter, []string) string {
	return func(_ *rewriter, a []string) string {
		if len(a) == 2 {
			a = append(a, "' '")
		}
		return name + "(" + strings.Join(a, ", ") + ")"
	}
}

// clock returns the server's time as text.
func (w *rewriter) clock() string { return w.now.UTC().Format("2006-01-02 15:04:05.999999") }

// here returns the time of day and date in a zone, UTC without one.
func (w *rewriter) here(a []string) string {
	zone := "'UTC'"
	if len(a) > 0 {
		zone = a[0]
	}
	return "timezone(" + zone + ", TIMESTAMPTZ '" + w.clock() + "+00')"
}

// civilFrom returns what DATE, TIME and DATETIME are made from: a value, a time in
// a zone, a date and a time, or parts.
func civilFrom(a []string, parts string) string {
	switch {
	case len(a) == 1:
		return a[0]
	case len(a) == 2 && parts == "make_timestamp" && !strings.HasPrefix(a[1], "'"):
		return "(" + a[0] + " + " + a[1] + ")"
	case len(a) == 2:
		return "timezone(" + a[1] + ", CAST(" + a[0] + " AS TIMESTAMPTZ))"
	}
	return parts + "(" + strings.Join(a, ", ") + ")"
}

// instant renders TIMESTAMP(value[, zone]).
func instant(_ *rewriter, a []string) string {
	if len(a) == 2 {
		return "timezone(" + a[1] + ", CAST(" + a[0] + " AS TIMESTAMP))"
	}
	return "CAST(" + strings.Join(a, ", ") + " AS TIMESTAMPTZ)"
}

// truncate renders a truncation; weeks begin on Sunday unless they are ISO's.
func truncate(v, part string) string {
	switch part = strings.ToUpper(strings.NewReplacer(" ", "", `"`, "").Replace(part)); part {
	case "WEEK", "WEEK(SUNDAY)":
		return "(date_trunc('week', " + v + " + INTERVAL 1 DAY) - INTERVAL 1 DAY)"
	case "ISOWEEK", "WEEK(MONDAY)":
		part = "week"
	}
	return "date_trunc(" + quoteText(strings.ToLower(part)) + ", " + v + ")"
}

func difference(name string, a []string) string {
	from, to, part := arg(a, 1), arg(a, 0), strings.ToUpper(strings.Trim(arg(a, 2), `"`))
	switch part {
	case "WEEK":
		from, to = from+" + INTERVAL 1 DAY", to+" + INTERVAL 1 DAY"
	case "ISOWEEK":
		part = "WEEK"
	}
	return name + "(" + quoteText(strings.ToLower(part)) + ", " + from + ", " + to + ")"
}

// layout translates the elements of a format that DuckDB has not.
func layout(f string) string {
	return strings.NewReplacer("%F", "%Y-%m-%d", "%T", "%H:%M:%S", "%R", "%H:%M", "%D", "%m/%d/%y", "%E4Y", "%Y",
		"%E6S", "%S.%f", "%E*S", "%S.%f", "%h", "%b", "%e", "%-d", "%k", "%-H", "%l", "%-I", "%Ez", "%z").Replace(f)
}

// function renders the call of a function.
func (w *rewriter) function(t token, name string, ts []token) string {
	upper := strings.ToUpper(name)
	switch upper {
	case "CAST", "SAFE_CAST":
		return w.cast(t, upper, ts)
	case "EXTRACT":
		return w.extract(t, ts)
	case "STRUCT":
		return w.record(ts)
	case "ARRAY", "EXISTS":
		return upper + "(" + w.render(ts, false) + ")"
	case "ARRAY_AGG", "STRING_AGG", "ARRAY_CONCAT_AGG":
		return w.aggregate(upper, ts)
	}
	f := functions[upper]
	if f == nil {
		if n := renamed[upper]; n != "" {
			name = n
		}
		return name + "(" + w.render(ts, false) + ")"
	}
	var args []string
	for _, a := range split(ts) {
		args = append(args, w.render(a, false))
	}
	return f(w, args)
}

func (w *rewriter) cast(t token, name string, ts []token) string {
	depth := 0
	for i, x := range ts {
		switch {
		case x.is("(", "["):
			depth++
		case x.is(")", "]"):
			depth--
		case x.is("AS") && depth == 0:
			kind, n := w.typeName(ts[i+1:])
			if i+1+n < len(ts) {
				w.fail(ts[i+1+n], "CAST with FORMAT is not supported by the sandbox")
			}
			if name == "SAFE_CAST" {
				name = "TRY_CAST"
			}
			v := w.render(ts[:i], false)
			if kind == "VARCHAR" && len(ts) > 0 && ts[0].kind == tokenBytes {
				return "decode(" + v + ")"
			}
			return name + "(" + v + " AS " + kind + ")"
		}
	}
	w.fail(t, "Expected AS in %s", name)
	return ""
}

// extract renders EXTRACT(part FROM value [AT TIME ZONE zone]).
func (w *rewriter) extract(t token, ts []token) string {
	from, zone := -1, len(ts)
	for i, x := range ts {
		if x.is("FROM") && from < 0 {
			from = i
		}
		if x.is("AT") && i+2 < len(ts) && ts[i+1].is("TIME") && ts[i+2].is("ZONE") {
			zone = i
		}
	}
	if from < 1 {
		w.fail(t, "Expected FROM in EXTRACT")
		return ""
	}
	v := w.render(ts[from+1:zone], false)
	if zone < len(ts) {
		v = "timezone(" + w.render(ts[zone+3:], false) + ", " + v + ")"
	}
	switch part := strings.ToUpper(strings.Trim(w.render(ts[:from], false), `"`)); part {
	case "DATE", "TIME":
		return "CAST(" + v + " AS " + part + ")"
	case "DATETIME":
		return "CAST(" + v + " AS TIMESTAMP)"
	case "DAYOFWEEK":
		return "(date_part('dow', " + v + ") + 1)"
	case "DAYOFYEAR":
		return "date_part('doy', " + v + ")"
	case "ISOWEEK":
		return "date_part('week', " + v + ")"
	case "WEEK":
		return "CAST(strftime(" + v + ", '%U') AS BIGINT)"
	case "SECOND", "MILLISECOND", "MICROSECOND":
		unit := map[string]string{"SECOND": "1000000", "MILLISECOND": "1000", "MICROSECOND": "1"}[part]
		return "(date_part('microsecond', " + v + ") % " + map[string]string{"SECOND": "60000000", "MILLISECOND": "1000000", "MICROSECOND": "1000000"}[part] + " // " + unit + ")"
	default:
		return "date_part(" + quoteText(strings.ToLower(part)) + ", " + v + ")"
	}
}

// record renders STRUCT(value AS name, ...).
func (w *rewriter) record(ts []token) string {
	var parts []string
	for i, a := range split(ts) {
		name := fmt.Sprintf("_field_%d", i+1)
		last := a[len(a)-1]
		switch n := len(a); {
		case n > 2 && a[n-2].is("AS"):
			name, a = last.text, a[:n-2]
		case last.kind == tokenWord && (n == 1 || a[n-2].is(".")):
			name = last.text
		}
		parts = append(parts, quoteText(name)+": "+w.render(a, false))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// aggregate renders an aggregation with IGNORE NULLS as a filter.
func (w *rewriter) aggregate(name string, ts []token) string {
	for i := range ts {
		if ts[i].is("LIMIT") {
			w.fail(ts[i], "LIMIT in %s is not supported by the sandbox", name)
		}
		if ts[i].is("IGNORE", "RESPECT") && i+1 < len(ts) && ts[i+1].is("NULLS") {
			filter := ""
			if ts[i].is("IGNORE") {
				filter = " FILTER (WHERE (" + w.render(ts[:i], false) + ") IS NOT NULL)"
			}
			rest := append(append([]token{}, ts[:i]...), ts[i+2:]...)
			return name + "(" + w.render(rest, false) + ")" + filter
		}
	}
	return name + "(" + w.render(ts, false) + ")"
}

// now is when a query runs, to the microsecond.
func (s *Server) queryTime() time.Time { return s.config.Now().Truncate(time.Microsecond) }
