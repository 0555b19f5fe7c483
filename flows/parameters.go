package flows

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
)

// The types of parameters.
const (
	ParamString   = "string"
	ParamInt      = "int"
	ParamFloat    = "float"
	ParamBool     = "bool"
	ParamDate     = "date"
	ParamDuration = "duration"
)

// paramForms shows a value of each type, as text.
var paramForms = map[string]string{
	ParamString: "text", ParamInt: "42", ParamFloat: "0.5", ParamBool: "true", ParamDate: "2026-11-21", ParamDuration: "1h30m",
}

func paramTypes() string { return strings.Join(slices.Sorted(maps.Keys(paramForms)), ", ") }

// normal brings a value's text into the form in which it stands in a run and in
// settings; it reports false for a text that is none of the type.
func normal(typ, text string) (string, bool) {
	trimmed := strings.TrimSpace(text)
	switch typ {
	case ParamString:
		return text, true
	case ParamInt:
		n, err := strconv.ParseInt(trimmed, 10, 64)
		return strconv.FormatInt(n, 10), err == nil
	case ParamFloat:
		v, err := strconv.ParseFloat(trimmed, 64)
		return strconv.FormatFloat(v, 'g', -1, 64), err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
	case ParamBool:
		return trimmed, trimmed == "true" || trimmed == "false"
	case ParamDate:
		_, err := time.Parse(time.DateOnly, trimmed)
		return trimmed, err == nil
	case ParamDuration:
		_, err := processors.ParseDuration(trimmed)
		return trimmed, err == nil
	}
	return "", false
}

// fallback returns the default as text: known is false when there is none, ok
// when it is not of the type.
func (p Parameter) fallback() (text string, known, ok bool) {
	if len(p.Default) == 0 {
		return "", false, true
	}
	raw := string(p.Default)
	if raw[0] == '"' {
		if json.Unmarshal(p.Default, &text) != nil {
			return "", true, false
		}
		switch p.Type {
		case ParamInt, ParamFloat, ParamBool:
			return "", true, false
		}
	} else {
		switch p.Type {
		case ParamInt, ParamFloat, ParamBool:
			text = raw
		default:
			return "", true, false
		}
	}
	text, ok = normal(p.Type, text)
	return text, true, ok
}

// ResolveParams returns the value of every parameter of the flow: the given one,
// or its default. Values are text and checked by type. The error is Problems
// and names everything that is unknown, missing or of another type.
func (f *Flow) ResolveParams(given map[string]string) (map[string]string, error) {
	var problems Problems
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, ok := f.Parameters[name]; !ok {
			have := slices.Sorted(maps.Keys(f.Parameters))
			problems = append(problems, at("parameters", name).problem(fault.New("parameter_not_declared", "name", clip(name), "flow", f.ID,
				"have", orNone(have))))
		}
	}
	out, more := f.values(given)
	if problems = append(problems, more...); len(problems) > 0 {
		return nil, problems.sort()
	}
	return out, nil
}

// values resolves the declared parameters and ignores others.
func (f *Flow) values(given map[string]string) (map[string]string, Problems) {
	out := make(map[string]string, len(f.Parameters))
	var problems Problems
	for _, name := range slices.Sorted(maps.Keys(f.Parameters)) {
		p := f.Parameters[name]
		place := at("parameters", name)
		text, set := given[name]
		if !set {
			v, known, ok := p.fallback()
			if !known || !ok {
				problems = append(problems, place.problem(fault.New("parameter_missing", "name", name, "flow", f.ID, "type", p.Type,
					"doc", orNone([]string{p.Doc}), "example", paramForms[p.Type])))
				continue
			}
			out[name] = v
			continue
		}
		v, ok := normal(p.Type, text)
		if !ok {
			problems = append(problems, place.problem(fault.New("parameter_value_bad", "name", name, "value", strconv.Quote(clip(text)),
				"type", p.Type, "example", paramForms[p.Type])))
			continue
		}
		out[name] = v
	}
	return out, problems
}

func orNone(names []string) string {
	if len(names) == 0 || names[0] == "" {
		return "-"
	}
	return strings.Join(names, ", ")
}
