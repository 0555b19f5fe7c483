package server

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/invopop/jsonschema"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/web"
)

type object = map[string]any

func describeAPI(routes []web.Route) object {
	schemas := object{}
	paths := map[string]object{}
	failure := object{"description": "What went wrong; the text is rendered from code and args.", "content": content(web.ProblemType, schemaOf(reflect.TypeFor[web.Problem](), schemas))}
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
			op["requestBody"] = object{"required": required(r.In), "content": content("application/json", schemaOf(r.In, schemas))}
		}
		ok := object{"description": "Done."}
		if r.Out != nil {
			ok["content"] = content("application/json", schemaOf(r.Out, schemas))
		}
		responses := object{"200": ok, "default": failure}
		if r.Out != nil && reflect.PointerTo(r.Out).Implements(reflect.TypeFor[interface{ Status() int }]()) {
			responses["409"] = object{"description": "What stands in the way.", "content": ok["content"]}
		}
		op["responses"] = responses
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

// required says whether a body must have a field, and thus be there.
func required(in reflect.Type) bool {
	for _, f := range reflect.VisibleFields(in) {
		if tag := f.Tag.Get("json"); !f.Anonymous && tag != "-" && !strings.Contains(tag, ",omit") {
			return true
		}
	}
	return false
}

func content(mime string, schema any) object { return object{mime: object{"schema": schema}} }

// schemaOf adds the schemas of a type, and of those within it, and returns a
// reference to it.
func schemaOf(typ reflect.Type, schemas object) any {
	named := map[string]*jsonschema.Schema{}
	r := &jsonschema.Reflector{Anonymous: true, AllowAdditionalProperties: true, Namer: schemaName,
		Mapper: func(t reflect.Type) *jsonschema.Schema { return special(t, named) }}
	s := r.ReflectFromType(typ)
	for name, def := range s.Definitions {
		schemas[name] = plain(def)
	}
	for name, def := range named {
		schemas[name] = plain(def)
	}
	documents(typ, schemas, map[reflect.Type]bool{})
	if s.Ref == "" {
		s.Definitions, s.Version = nil, ""
		return plain(s)
	}
	return object{"$ref": strings.Replace(s.Ref, "#/$defs/", "#/components/schemas/", 1)}
}

// schemaName names a type's schema by its package and itself.
func schemaName(t reflect.Type) string {
	if t.Name() == "" || t.PkgPath() == "" {
		return ""
	}
	return t.PkgPath()[strings.LastIndexByte(t.PkgPath(), '/')+1:] + "." + t.Name()
}

// special is the schema of a type whose JSON is not what its fields say, or nil.
// Named words become schemas of their own.
func special(t reflect.Type, named map[string]*jsonschema.Schema) *jsonschema.Schema {
	word := &jsonschema.Schema{Type: "string"}
	switch t {
	case reflect.TypeFor[runs.NodeLedger]():
		return &jsonschema.Schema{Type: "object", Description: "Tallies by class.",
			AdditionalProperties: &jsonschema.Schema{Ref: "#/$defs/flowfile.Tally"}}
	case reflect.TypeFor[StatusView]():
		return &jsonschema.Schema{Ref: "#/$defs/live.Snapshot"}
	case reflect.TypeFor[map[fault.Lang]string](): // of every language
		return &jsonschema.Schema{Ref: "#/$defs/fault.Entry"}
	case reflect.TypeFor[record.Schema]():
		return &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "array", Items: word}}
	case reflect.TypeFor[flows.Outputs]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{word, {Type: "array", Items: word}}}
	}
	own := strings.HasPrefix(t.PkgPath(), "github.com/weirflow/weir/")
	switch {
	case own && t.Kind() == reflect.String:
		if words := wordsOf(t); len(words) > 0 {
			named[schemaName(t)] = &jsonschema.Schema{Type: "string", Enum: words}
			return &jsonschema.Schema{Ref: "#/$defs/" + schemaName(t)}
		}
	case own && t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		if t == reflect.TypeFor[flowfile.Class]() {
			var words []any
			for c := flowfile.NoClass; c.String() != "unknown"; c++ {
				words = append(words, c.String())
			}
			named[schemaName(t)] = &jsonschema.Schema{Type: "string", Enum: words}
			return &jsonschema.Schema{Ref: "#/$defs/" + schemaName(t)}
		}
		return word
	}
	return nil
}

var sources sync.Map // the files of a package by its path: []*ast.File

// wordsOf are the constants of a named string type, in the order of its source;
// none for a type that any text may have.
func wordsOf(t reflect.Type) (words []any) {
	switch t {
	case reflect.TypeFor[flowfile.Relationship]():
		return nil
	}
	dir := filepath.Join("..", strings.TrimPrefix(t.PkgPath(), "github.com/weirflow/weir/"))
	files, ok := sources.Load(dir)
	if !ok {
		var parsed []*ast.File
		names, _ := filepath.Glob(filepath.Join(dir, "*.go"))
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			b, err := os.ReadFile(name)
			if err != nil {
				panic(err)
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, b, parser.SkipObjectResolution)
			if err != nil {
				panic(err)
			}
			parsed = append(parsed, f)
		}
		files = parsed
		sources.Store(dir, files)
	}
	for _, f := range files.([]*ast.File) {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				if id, ok := v.Type.(*ast.Ident); !ok || id.Name != t.Name() {
					continue
				}
				for _, e := range v.Values {
					lit, ok := e.(*ast.BasicLit)
					if !ok {
						panic(fmt.Sprintf("a constant of %v is no literal", t))
					}
					s, err := strconv.Unquote(lit.Value)
					if err != nil {
						panic(err)
					}
					words = append(words, s)
				}
			}
		}
	}
	return words
}

// documents makes every field "doc" that is raw JSON a flow file.
func documents(t reflect.Type, schemas object, seen map[reflect.Type]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return
	}
	seen[t] = true
	for _, f := range reflect.VisibleFields(t) {
		if f.Type != reflect.TypeFor[json.RawMessage]() || !strings.HasPrefix(f.Tag.Get("json"), "doc") {
			documents(f.Type, schemas, seen)
			continue
		}
		if def, ok := schemas[schemaName(t)].(object); ok {
			def["properties"].(object)["doc"] = object{"$ref": "#/components/schemas/flows.Flow"}
		}
		if schemas["flows.Flow"] == nil {
			schemas["flows.Flow"] = object{}
			schemaOf(reflect.TypeFor[flows.Flow](), schemas)
			flow := schemas["flows.Flow"].(object)
			flow["properties"].(object)["weir"] = object{"const": flows.FormatVersion}
			flow["description"] = "A flow file. That of a draft may have problems."
		}
	}
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
