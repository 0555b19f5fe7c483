package flows

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/internal/near"
)

// shape compares a file with the types of the flow: keys that there are not,
// keys that are missing, values of another type. It is strict where
// encoding/json is not: about the case of keys, null, and the length of lists.
type shape struct {
	problems Problems
	// unfit is true when the file cannot be decoded into a Flow.
	unfit bool
}

var (
	typeRaw     = reflect.TypeFor[json.RawMessage]()
	typeOutputs = reflect.TypeFor[Outputs]()
	typeNodes   = reflect.TypeFor[map[string]Node]()
)

// examples stand in errors about a key that is missing or has the wrong type.
var examples = map[string]string{
	"weir": "1", "id": `"daily-users"`, "mode": `"runs"`, "nodes": `{"users": {"kind": "…"}}`, "kind": `"WriteCSV"`, "type": `"string"`,
	"from": `"users"`, "to": `"csv"`, "output": `"success"`, "layout": `{"users": [0, 0]}`, "connections": `{"users-csv": {"from": "users", "output": "success", "to": "csv"}}`,
	"every": `"5m"`, "schedule": `{"every": "day", "at": "06:00", "zone": "Asia/Seoul"}`, "services": `{"gcp": {"kind": "GoogleCloud"}}`,
	"secret": `"team-chat"`, "webhook": `{"secret": "team-chat"}`, "ping": `{"secret": "ping-url"}`, "on": `["failed", "late"]`,
	"text": `"Reads at night."`, "at": `[0, 0]`, "size": `[240, 120]`, "groups": `{"clean-up": {"name": "Clean up"}}`,
	"parameters": `{"project": {"type": "string"}}`, "limit": `{"flowfiles": 10000, "bytes": "1GB"}`, "inputs": `{"left": {"on_empty": "fail"}}`,
}

// optional are structs whose own check asks for what is missing.
func optional(t reflect.Type) bool { return t.PkgPath() != reflect.TypeFor[Flow]().PkgPath() }

func (s *shape) check(p path, v *tree, t reflect.Type) {
	limit := MaxEntries
	if t == typeNodes {
		limit = MaxNodes
	}
	switch {
	case t != typeRaw && len(v.items) > limit:
		s.unfit = true
		s.note(p, fault.New("flow_too_many", "count", len(v.items), "limit", limit))
		return
	case t == typeRaw:
		return
	case t == typeOutputs:
		s.outputs(p, v)
		return
	}
	switch t.Kind() {
	case reflect.Pointer:
		s.check(p, v, t.Elem())
	case reflect.Struct:
		if s.want(p, v, '{', `{"key": …}`) {
			s.fields(p, v, t)
		}
	case reflect.Map:
		if s.want(p, v, '{', `{"name": …}`) {
			for i, k := range v.keys {
				s.check(p.key(k), v.items[i], t.Elem())
			}
		}
	case reflect.Slice:
		if s.want(p, v, '[', `["a", "b"]`) {
			for i, e := range v.items {
				s.check(p.index(i), e, t.Elem())
			}
		}
	case reflect.Array:
		if s.want(p, v, '[', "[280, 0]") {
			if len(v.items) != t.Len() {
				s.wrong(p, v, "[280, 0]")
				return
			}
			for i, e := range v.items {
				s.check(p.index(i), e, t.Elem())
			}
		}
	case reflect.String:
		s.want(p, v, '"', `"text"`)
	case reflect.Bool:
		s.want(p, v, 't', "true")
	case reflect.Float64:
		if s.want(p, v, '0', "0.5") {
			if _, err := strconv.ParseFloat(v.text, 64); err != nil {
				s.wrong(p, v, "0.5")
			}
		}
	case reflect.Int, reflect.Int64:
		if s.want(p, v, '0', "5") {
			if _, err := strconv.ParseInt(v.text, 10, t.Bits()); err != nil {
				s.wrong(p, v, "5")
			}
		}
	default:
		s.unfit = true
	}
}

// outputs takes one name or a list.
func (s *shape) outputs(p path, v *tree) {
	if v.kind == '"' {
		return
	}
	if s.want(p, v, '[', `"success"`) {
		for i, e := range v.items {
			s.want(p.index(i), e, '"', `"success"`)
		}
	}
}

func (s *shape) want(p path, v *tree, kind byte, example string) bool {
	if v.kind == kind {
		return true
	}
	s.wrong(p, v, example)
	return false
}

func (s *shape) wrong(p path, v *tree, example string) {
	s.unfit = true
	if len(p) == 0 {
		example = `{"weir": 1, "id": "daily-users", …}`
	} else if !strings.HasPrefix(p[len(p)-1], "[") {
		example = cmp.Or(examples[p[len(p)-1]], example)
	}
	s.note(p, fault.New("flow_wrong_type", "value", v.shown(), "line", v.line, "example", example))
}

func (s *shape) note(p path, f *fault.Error) { s.problems.add(p, f) }

func (s *shape) fields(p path, v *tree, t reflect.Type) {
	var known []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		known = append(known, name)
		if e := v.get(name); e != nil {
			s.check(p.key(name), e, f.Type)
		} else if rest == "" && !optional(t) {
			s.unfit = true
			s.note(p, fault.New("flow_key_missing", "key", name, "example", examples[name]))
		}
	}
	for _, k := range v.keys {
		if !slices.Contains(known, k) {
			s.note(p.key(k), unknownKey(k, known))
		}
	}
}

func unknownKey(key string, known []string) *fault.Error {
	if like := near.Nearest(key, known, 1); len(like) > 0 {
		return fault.New("flow_key_unknown", "key", clip(key), "nearest", like[0])
	}
	return fault.New("flow_key_foreign", "key", clip(key), "known", strings.Join(known, ", "))
}
