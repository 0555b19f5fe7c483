package processors

import (
	"encoding/json"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

var (
	outputName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)
	// wholeParam is a text that is nothing but one parameter.
	wholeParam = regexp.MustCompile(`^"#\{([A-Za-z_][A-Za-z0-9_]*)\}"$`)
	anyParam   = regexp.MustCompile(`##\{|#\{([^{}]*)\}`)
)

// patterns are those of properties, by their text, compiled when a value is
// matched for the first time. To compile a repetition over classes of letters
// takes milliseconds, and a kind is defined anew for each node that is built.
var patterns sync.Map

func compilePattern(re string) (func(string) bool, error) {
	re = `^(?:` + re + `)$`
	if _, err := syntax.Parse(re, syntax.Perl); err != nil {
		return nil, err
	}
	compiled, _ := patterns.LoadOrStore(re, sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(re) }))
	return func(s string) bool { return compiled.(func() *regexp.Regexp)().MatchString(s) }, nil
}

func madeOutput(name, property string) Output {
	doc := fault.Entry{English: "What matched " + name + ".", Korean: name + " 조건에 맞은 것입니다."}
	return Output{Name: flowfile.Relationship(name), Doc: doc, Class: flowfile.Out, From: property}
}

// takes says which types of parameters may stand for the whole of a property.
var takes = map[Type]string{
	TypeInt: "int", TypeFloat: "float int", TypeBool: "bool", TypeRune: "string",
	TypeDuration: "duration string", TypeBytes: "int string",
}

// parameter replaces a setting that is one parameter as a whole by its value.
// Texts are left to substitute, so that both go one way.
func (b *build) parameter(p *Property, raw []byte) ([]byte, bool) {
	types, typed := takes[p.Type]
	m := wholeParam.FindSubmatch(raw)
	if m == nil || !typed {
		return raw, true
	}
	v, ok := b.param(p, string(m[1]))
	if !ok {
		return nil, false
	}
	if !strings.Contains(" "+types+" ", " "+v.Type+" ") {
		b.problem(fault.New("setting_parameter_type", "property", p.Key, "name", string(m[1]), "type", v.Type, "wanted", p.Type).Permanent())
		return nil, false
	}
	if !v.Known {
		b.unknown[p.Key] = true
		return nil, false
	}
	switch p.Type {
	case TypeRune, TypeDuration, TypeBytes:
		return []byte(compact(v.Value)), true
	}
	return []byte(v.Value), true
}

// param looks a parameter up and notes that the settings refer to it.
func (b *build) param(p *Property, name string) (Param, bool) {
	v, ok := b.env.Params[name]
	if !ok {
		b.problem(unknownParam(p.Key, name, b.env.Params))
		return Param{}, false
	}
	b.params[name] = true
	return v, true
}

// substitute puts the values of parameters into a text, once: nothing in a
// value is looked at again. It reports false when a value is not known yet or
// there is no such parameter; two signs, ##{x}, stand for #{x} as it is.
func (b *build) substitute(p *Property, s string) (string, bool) {
	if !strings.Contains(s, "#{") {
		return s, true
	}
	known := true
	out := anyParam.ReplaceAllStringFunc(s, func(m string) string {
		if m == "##{" {
			return "#{"
		}
		v, ok := b.param(p, m[2:len(m)-1])
		if ok && !v.Known {
			b.unknown[p.Key] = true
		}
		known = known && ok && v.Known
		return v.Value
	})
	return out, known
}

func (b *build) string(p *Property, raw []byte) (string, bool) {
	var s string
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		b.problem(wrongType(p, raw))
		return "", false
	}
	return s, true
}

// object reads a JSON object whose keys are not empty and stand once.
func (b *build) object(p *Property, raw []byte) (map[string]json.RawMessage, bool) {
	var m map[string]json.RawMessage
	if raw[0] != '{' || json.Unmarshal(raw, &m) != nil {
		b.problem(wrongType(p, raw))
		return nil, false
	}
	if _, empty := m[""]; empty {
		b.problem(fault.New("setting_empty_name", "property", p.Key).Permanent())
		return nil, false
	}
	return m, b.within(p, float64(len(m)), renderFloat(float64(len(m))))
}

// plain refuses an expression in a property that evaluates none: it would be
// taken literally, which nobody wants who writes one. It looks at the text as it
// is written; what a parameter's value holds is never an expression.
func (b *build) plain(p *Property, s string) bool {
	if p.verbatim || !strings.Contains(s, "${") {
		return true
	}
	b.problem(fault.New("setting_no_expressions", "property", p.Key, "value", clip(s)).Permanent())
	return false
}

func (b *build) match(p *Property, s string) bool {
	if p.matches == nil || p.matches(s) {
		return true
	}
	b.problem(fault.New("setting_pattern", "property", p.Key, "value", clip(s), "wanted", p.patternOf).Permanent())
	return false
}

func (b *build) within(p *Property, v float64, shown string) bool {
	switch {
	case p.min != nil && v < *p.min:
		b.problem(fault.New("setting_too_small", "property", p.Key, "value", shown, "limit", bound(p.Type, *p.min)).Permanent())
		return false
	case p.max != nil && v > *p.max:
		b.problem(fault.New("setting_too_large", "property", p.Key, "value", shown, "limit", bound(p.Type, *p.max)).Permanent())
		return false
	}
	return true
}
