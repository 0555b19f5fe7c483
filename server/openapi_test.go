package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"

	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/web"
)

// openapi is the description of the control API. It is made from the table of
// operations and the types of their inputs and outputs.
const openapi = "../web/openapi.json"

// TestAPIDescriptionIsCurrent keeps the file the same as the table;
// WEIR_UPDATE=1 writes it.
func TestAPIDescriptionIsCurrent(t *testing.T) {
	var s Server
	s.routes()
	want, err := json.MarshalIndent(describeAPI(s.table.Routes()), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if os.Getenv("WEIR_UPDATE") != "" {
		if err := os.WriteFile(openapi, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(openapi)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("web/openapi.json is not what the table says; WEIR_UPDATE=1 go test ./server -run APIDescription writes it")
	}
}

// TestEachRouteIsASentenceAndItsOwn finds routes that hide each other or lack
// words.
func TestEachRouteIsASentenceAndItsOwn(t *testing.T) {
	var s Server
	s.routes()
	seen := map[string]bool{}
	for _, r := range s.table.Routes() {
		key := r.Method + " " + r.Path
		if seen[key] || !strings.HasPrefix(r.Path, "/api/v1/") || !strings.HasSuffix(r.Doc, ".") {
			t.Errorf("%s: %q", key, r.Doc)
		}
		seen[key] = true
		params := 0
		if r.In.Kind() == reflect.Struct {
			for _, f := range reflect.VisibleFields(r.In) {
				if p := f.Tag.Get("param"); p != "" {
					params++
					if !strings.Contains(r.Path+"/", "/:"+p+"/") {
						t.Errorf("%s has no part :%s", key, p)
					}
				}
			}
		}
		if n := strings.Count(r.Path, "/:"); n != params {
			t.Errorf("%s has %d parts, its input %d", key, n, params)
		}
	}
}

type object = map[string]any

func describeAPI(routes []web.Route) object {
	schemas := object{}
	paths := map[string]object{}
	failure := object{"description": "What went wrong; the text is rendered from code and args.", "content": content("application/json", schemaOf(reflect.TypeFor[web.Failure](), schemas))}
	for _, r := range routes {
		var parts []string
		for p := range strings.SplitSeq(r.Path, "/") {
			if name, ok := strings.CutPrefix(p, ":"); ok {
				p = "{" + name + "}"
			}
			parts = append(parts, p)
		}
		path := strings.Join(parts, "/")
		op := object{"summary": r.Doc}
		var params []object
		body := false
		if r.In.Kind() == reflect.Struct {
			for _, f := range reflect.VisibleFields(r.In) {
				typ := "string"
				switch f.Type.Kind() {
				case reflect.Int, reflect.Uint32, reflect.Int64:
					typ = "integer"
				case reflect.Bool:
					typ = "boolean"
				}
				switch {
				case f.Anonymous: // its fields stand behind it
				case f.Tag.Get("param") != "":
					params = append(params, object{"name": f.Tag.Get("param"), "in": "path", "required": true, "schema": object{"type": typ}})
				case f.Tag.Get("query") != "":
					params = append(params, object{"name": f.Tag.Get("query"), "in": "query", "schema": object{"type": typ}})
				default:
					body = true
				}
			}
		}
		if len(params) > 0 {
			op["parameters"] = params
		}
		if body && r.Method != http.MethodGet && r.Method != http.MethodDelete {
			op["requestBody"] = object{"content": content("application/json", schemaOf(r.In, schemas))}
		}
		ok := object{"description": "Done."}
		if r.Out != nil {
			ok["content"] = content("application/json", schemaOf(r.Out, schemas))
		}
		op["responses"] = object{"200": ok, "default": failure}
		if paths[path] == nil {
			paths[path] = object{}
		}
		paths[path][strings.ToLower(r.Method)] = op
	}
	describeLive(schemas)
	return object{
		"openapi":    "3.1.0",
		"info":       object{"title": "Weir control API", "version": "1", "description": "Offered on the control socket of a server, to its own user alone."},
		"paths":      paths,
		"components": object{"schemas": schemas},
	}
}

func content(mime string, schema any) object { return object{mime: object{"schema": schema}} }

// schemaOf adds the schemas of a type, and of those within it, and returns a
// reference to it.
func schemaOf(typ reflect.Type, schemas object) any {
	r := &jsonschema.Reflector{
		Anonymous: true, AllowAdditionalProperties: true, ExpandedStruct: false,
		Namer: func(t reflect.Type) string {
			if t.Name() == "" || t.PkgPath() == "" {
				return ""
			}
			pkg := t.PkgPath()
			return pkg[strings.LastIndexByte(pkg, '/')+1:] + "." + t.Name()
		},
		Mapper: func(t reflect.Type) *jsonschema.Schema {
			switch t {
			case reflect.TypeFor[runs.NodeLedger]():
				return &jsonschema.Schema{Type: "object", Description: "Tallies by class.",
					AdditionalProperties: &jsonschema.Schema{Ref: "#/$defs/flowfile.Tally"}}
			case reflect.TypeFor[StatusView]():
				return &jsonschema.Schema{Ref: "#/$defs/live.Snapshot"}
			case reflect.TypeFor[record.Schema]():
				return &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string"}}}
			}
			return nil
		},
	}
	s := r.ReflectFromType(typ)
	for name, def := range s.Definitions {
		schemas[name] = plain(def)
	}
	if s.Ref == "" {
		s.Definitions, s.Version = nil, ""
		return plain(s)
	}
	return object{"$ref": strings.Replace(s.Ref, "#/$defs/", "#/components/schemas/", 1)}
}

// plain turns a schema into plain JSON whose references lead to the components.
func plain(s *jsonschema.Schema) any {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	var v any
	if err := json.Unmarshal(bytes.ReplaceAll(b, []byte("#/$defs/"), []byte("#/components/schemas/")), &v); err != nil {
		panic(err)
	}
	return v
}
