package processors

import (
	"maps"
	"slices"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/internal/near"
)

// clip cuts a value that is shown in an error.
func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}

// forms say what a type of property wants, with an example.
var forms = map[Type]string{
	TypeString: `"text"`, TypeText: `"text"`, TypeInt: `5`, TypeFloat: `0.5`, TypeBool: `true`, TypeRune: `","`,
	TypeChoice: `"word"`, TypeList: `["a", "b"]`, TypeMap: `{"name": "text"}`, TypeDuration: `"5m"`, TypeBytes: `"64 MB"`,
	TypeExpr: `"text with ${attribute}"`, TypeExprMap: `{"name": "text with ${attribute}"}`, TypeSecret: `{"secret": "name"}`,
	TypeService: `"name"`, TypeSchema: `[["uid", "string"]]`,
}

func wrongType(p *Property, raw []byte) *fault.Error {
	return fault.New("setting_wrong_type", "property", p.Key, "value", clip(string(raw)), "type", p.Type, "example", forms[p.Type]).Permanent()
}

func missing(p *Property) *fault.Error {
	example := p.Example
	if example == "" {
		example = forms[p.Type]
	}
	return fault.New("setting_missing", "property", p.Key, "doc", p.Doc, "example", example).Permanent()
}

func notChoice(p *Property, v string) *fault.Error {
	values := make([]string, len(p.Choices))
	for i, c := range p.Choices {
		values[i] = c.Value
	}
	return fault.New("setting_not_a_choice", "property", p.Key, "value", clip(v), "choices", choices(values)).Permanent()
}

func unknownProperty(s *Spec, key string) *fault.Error {
	var have []string
	for _, f := range s.fields {
		have = append(have, f.property().Key)
	}
	return fault.New("setting_unknown", "property", clip(key), "kind", s.info.Kind, "nearest", orNone(near.Nearest(key, have, 3))).Permanent()
}

func unknownParam(key, name string, params map[string]Param) *fault.Error {
	return fault.New("setting_parameter_unknown", "property", key, "name", clip(name),
		"have", orNone(slices.Sorted(maps.Keys(params)))).Permanent()
}

func kindUnknown(kind string, service bool) *fault.Error {
	like := orNone(near.Nearest(kind, kinds(service), 3))
	if service {
		return fault.New("service_kind_unknown", "kind", clip(kind), "nearest", like).Permanent()
	}
	return fault.New("kind_unknown", "kind", clip(kind), "nearest", like).Permanent()
}

func secretUnset(name string) *fault.Error {
	return fault.New("secret_unset", "name", name).Permanent()
}

// hidden says that a property is set although d does not hold.
func hidden(p *Property, d Dependency) *fault.Error {
	if len(d.Values) == 0 {
		return fault.New("setting_hidden_unset", "property", p.Key, "other", d.Key).Permanent()
	}
	return fault.New("setting_hidden", "property", p.Key, "other", d.Key, "values", choices(d.Values)).Permanent()
}

func choices(values []string) string { return strings.Join(values, ", ") }

func orNone(names []string) string {
	if len(names) == 0 {
		return "-"
	}
	return strings.Join(names, ", ")
}
