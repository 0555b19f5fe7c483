package expr

import "github.com/weirflow/weir/fault"

// shorten cuts a value that is shown in an error.
func shorten(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}

// excerpt shows what stands around the character at place i, which ▸ marks.
func excerpt(r []rune, i int) string {
	const around = 24
	i = min(max(i, 0), len(r))
	from, to := max(0, i-around), min(len(r), i+around)
	s := string(r[from:i]) + "▸" + string(r[i:to])
	if from > 0 {
		s = "…" + s
	}
	if to < len(r) {
		s += "…"
	}
	return s
}

func unknownParameter(name string) error {
	return fault.New("expr_unknown_parameter", "name", name).Permanent()
}

func tooLong(function string) error {
	return fault.New("expr_result_too_long", "function", function, "limit", maxText).Permanent()
}

// badValue says that a function cannot use a value.
func badValue(function, v, wanted string) error {
	return fault.New("expr_value", "function", function, "value", shorten(v), "wanted", wanted).Permanent()
}

func overflow(function string) error {
	return fault.New("expr_overflow", "function", function).Permanent()
}
