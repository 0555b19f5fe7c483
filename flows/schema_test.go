package flows_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"

	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
)

// TestSchemaIsMadeFromTheTypes generates the schema of the format and compares
// it with the two places where it lies: embedded here, and published in docs.
func TestSchemaIsMadeFromTheTypes(t *testing.T) {
	r := &jsonschema.Reflector{Anonymous: true, Mapper: func(t reflect.Type) *jsonschema.Schema {
		switch t {
		case reflect.TypeFor[json.RawMessage]():
			return &jsonschema.Schema{Description: "A value of the type that the property or parameter has."}
		case reflect.TypeFor[flows.Outputs]():
			name := &jsonschema.Schema{Type: "string"}
			return &jsonschema.Schema{OneOf: []*jsonschema.Schema{name, {Type: "array", Items: name, MinItems: new(uint64(1)), UniqueItems: true}}}
		case reflect.TypeFor[flows.Duration]():
			return &jsonschema.Schema{Type: "string", Examples: []any{"30s", "5m", "2d"}}
		case reflect.TypeFor[flows.Size]():
			return &jsonschema.Schema{Type: "string", Examples: []any{"64 MB", "1GB"}}
		case reflect.TypeFor[runs.Every]():
			return &jsonschema.Schema{Type: "string", Enum: []any{runs.Hour, runs.Day, runs.Week, runs.Month}}
		case reflect.TypeFor[runs.MissedPolicy]():
			return &jsonschema.Schema{Type: "string", Enum: []any{runs.MissedLast, runs.MissedAll, runs.MissedNone}}
		}
		return nil
	}}
	comments(t, r, "github.com/weirflow/weir/flows", ".")
	comments(t, r, "github.com/weirflow/weir/runs", "../runs")
	s := r.Reflect(&flows.Flow{})
	s.Title = "Weir flow"
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, '\n')
	golden(t, "flow.schema.json", b)
	golden(t, "../docs/flow.schema.json", b)
}

// comments takes the doc comments of a directory's types and fields.
func comments(t *testing.T, r *jsonschema.Reflector, pkg, dir string) {
	t.Helper()
	from := &jsonschema.Reflector{}
	if err := from.AddGoComments(pkg, dir, jsonschema.WithFullComment()); err != nil {
		t.Fatal(err)
	}
	if r.CommentMap == nil {
		r.CommentMap = map[string]string{}
	}
	for k, v := range from.CommentMap {
		// The key ends in Type or Type.Field, whatever the directory was called.
		name := k[strings.LastIndexByte(k, '/')+1:]
		r.CommentMap[pkg+name[strings.IndexByte(name, '.'):]] = strings.Join(strings.Fields(v), " ")
	}
}

// TestSchemaAgreesWithValidate holds every good and bad file against the schema
// with the kinds: it accepts whatever Validate accepts, and sees many of the
// mistakes itself.
func TestSchemaAgreesWithValidate(t *testing.T) {
	raw, err := flows.Schema()
	if err != nil {
		t.Fatal(err)
	}
	c := schemaCheck{}
	if err := json.Unmarshal(raw, &c.root); err != nil {
		t.Fatal(err)
	}
	for _, name := range goodFiles(t) {
		if bad := c.file(t, name); bad != "" {
			t.Errorf("%s: the schema refuses it: %s", name, bad)
		}
	}
	files, _ := filepath.Glob("testdata/bad/*.json")
	seen := []string{}
	for _, name := range files {
		if base := filepath.Base(name); !strings.HasPrefix(base, "json-") && c.file(t, name) != "" {
			seen = append(seen, strings.TrimSuffix(base, ".json"))
		}
	}
	for _, want := range []string{"key-misspelt", "key-foreign", "key-missing-mode", "mode-unknown", "kind-unknown", "setting-unknown", "setting-missing",
		"setting-choice", "setting-type", "setting-too-small", "setting-secret-text", "service-kind", "type-null", "node-on-empty", "parameter-type"} {
		if !slices.Contains(seen, want) {
			t.Errorf("the schema does not see %s", want)
		}
	}
}

// schemaCheck applies the part of JSON Schema that the flow's schema uses, and
// fails on a keyword that it does not know.
type schemaCheck struct{ root map[string]any }

func (c schemaCheck) file(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err.Error()
	}
	return c.check("", v, c.root)
}

func (c schemaCheck) check(at string, v any, schema any) string {
	s, ok := schema.(map[string]any)
	if !ok {
		if schema == false {
			return at + ": nothing may stand here"
		}
		return ""
	}
	for key, arg := range s {
		if bad := c.keyword(at, v, s, key, arg); bad != "" {
			return bad
		}
	}
	return ""
}

func (c schemaCheck) keyword(at string, v any, s map[string]any, key string, arg any) string {
	object, isObject := v.(map[string]any)
	list, isList := v.([]any)
	number, isNumber := v.(float64)
	text, isText := v.(string)
	passing := func(of any) (n int, bad string) {
		for _, sub := range of.([]any) {
			if b := c.check(at, v, sub); b == "" {
				n++
			} else {
				bad = b
			}
		}
		return n, bad
	}
	fail := func(is bool) string {
		if is {
			return fmt.Sprintf("%s: %s %v: %v", at, key, arg, v)
		}
		return ""
	}
	switch key {
	case "$schema", "$defs", "title", "description", "examples":
	case "then": // with if
	case "$ref":
		return c.check(at, v, c.root["$defs"].(map[string]any)[strings.TrimPrefix(arg.(string), "#/$defs/")])
	case "type":
		types, several := arg.([]any)
		if !several {
			types = []any{arg}
		}
		is := map[any]bool{"object": isObject, "array": isList, "string": isText, "number": isNumber,
			"integer": isNumber && number == float64(int64(number)), "boolean": v == true || v == false}
		return fail(!slices.ContainsFunc(types, func(t any) bool { return is[t] }))
	case "properties":
		for k, sub := range arg.(map[string]any) {
			if e, set := object[k]; set {
				if bad := c.check(at+"."+k, e, sub); bad != "" {
					return bad
				}
			}
		}
	case "additionalProperties":
		known, _ := s["properties"].(map[string]any)
		for k, e := range object {
			if _, ok := known[k]; !ok {
				if bad := c.check(at+"."+k, e, arg); bad != "" {
					return bad
				}
			}
		}
	case "required":
		for _, k := range arg.([]any) {
			if _, set := object[k.(string)]; isObject && !set {
				return at + ": lacks " + k.(string)
			}
		}
	case "items":
		for _, e := range list {
			if bad := c.check(at+"[]", e, arg); bad != "" {
				return bad
			}
		}
	case "minItems":
		return fail(isList && float64(len(list)) < arg.(float64))
	case "maxItems":
		return fail(isList && float64(len(list)) > arg.(float64))
	case "uniqueItems":
		for i := range list {
			if slices.Contains(list[:i], list[i]) {
				return fail(true)
			}
		}
	case "minimum":
		return fail(isNumber && number < arg.(float64))
	case "maximum":
		return fail(isNumber && number > arg.(float64))
	case "pattern":
		return fail(isText && !regexp.MustCompile(arg.(string)).MatchString(text))
	case "enum":
		return fail(!slices.Contains(arg.([]any), v))
	case "const":
		return fail(v != arg)
	case "anyOf":
		n, bad := passing(arg)
		if n == 0 {
			return bad
		}
	case "oneOf":
		n, _ := passing(arg)
		return fail(n != 1)
	case "allOf":
		_, bad := passing(arg)
		return bad
	case "if":
		if c.check(at, v, arg) == "" {
			return c.check(at, v, s["then"])
		}
	default:
		return at + ": this check does not know " + key
	}
	return ""
}
