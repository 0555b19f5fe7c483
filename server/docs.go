package server

import (
	"bytes"
	_ "embed" // the page
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/web"
)

//go:embed docs.html
var docsPage string

//go:embed docs.css
var docsStyle []byte

// docGroup is the operations of one sort of thing.
type docGroup struct {
	Name string
	Ops  []docOp
}

type docOp struct {
	Method, Path, Summary string
	Params                []docParam
	In, Out               string
}

type docParam struct {
	Name, In, Type string
}

type docSchema struct {
	Name, Text string
}

// described is what the page needs of the description.
type described struct {
	Paths map[string]map[string]struct {
		Summary    string `json:"summary"`
		Parameters []struct {
			Name   string `json:"name"`
			In     string `json:"in"`
			Schema struct {
				Type string `json:"type"`
			} `json:"schema"`
		} `json:"parameters"`
		RequestBody docBody            `json:"requestBody"`
		Responses   map[string]docBody `json:"responses"`
	} `json:"paths"`
	Components struct {
		Schemas map[string]json.RawMessage `json:"schemas"`
	} `json:"components"`
}

type docBody struct {
	Content map[string]struct {
		Schema struct {
			Ref string `json:"$ref"`
		} `json:"schema"`
	} `json:"content"`
}

// schema is the name of the body's schema, if it has one.
func (b docBody) schema() string {
	for _, c := range b.Content {
		return strings.TrimPrefix(c.Schema.Ref, "#/components/schemas/")
	}
	return ""
}

// docWords are the page's words in a language.
var docWords = map[fault.Lang]map[string]string{
	fault.English: {"lang": "en", "title": "Weir's API", "intro": "All that the canvas and the command line do. Programs call it with a bearer token: weir token create NAME.",
		"ops": "Operations", "schemas": "Schemas", "in": "takes", "out": "returns", "file": "The description as OpenAPI 3.1"},
	fault.Korean: {"lang": "ko", "title": "Weir API", "intro": "캔버스와 명령줄이 하는 모든 일입니다. 프로그램은 토큰으로 호출합니다: weir token create 이름",
		"ops": "작업", "schemas": "스키마", "in": "입력", "out": "출력", "file": "OpenAPI 3.1 설명 파일"},
}

// docs renders the description once in each language.
var docs = sync.OnceValue(func() map[fault.Lang]*packed {
	var d described
	if err := json.Unmarshal(web.Description(), &d); err != nil {
		panic(err) // embedded at build time
	}
	groups := map[string]*docGroup{}
	for path, ops := range d.Paths {
		name, _, _ := strings.Cut(strings.TrimPrefix(path, "/api/v1/"), "/")
		for method, op := range ops {
			o := docOp{Method: strings.ToUpper(method), Path: path, Summary: op.Summary, In: op.RequestBody.schema(), Out: op.Responses["200"].schema()}
			for _, p := range op.Parameters {
				o.Params = append(o.Params, docParam{p.Name, p.In, p.Schema.Type})
			}
			if groups[name] == nil {
				groups[name] = &docGroup{Name: name}
			}
			groups[name].Ops = append(groups[name].Ops, o)
		}
	}
	var all []docGroup
	for _, g := range groups {
		slices.SortFunc(g.Ops, func(a, b docOp) int { return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method) })
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b docGroup) int { return strings.Compare(a.Name, b.Name) })
	var schemas []docSchema
	for name, raw := range d.Components.Schemas {
		var b bytes.Buffer
		if err := json.Indent(&b, raw, "", "  "); err != nil {
			panic(err)
		}
		schemas = append(schemas, docSchema{name, b.String()})
	}
	slices.SortFunc(schemas, func(a, b docSchema) int { return strings.Compare(a.Name, b.Name) })
	page := template.Must(template.New("docs").Parse(docsPage))
	out := map[fault.Lang]*packed{}
	for lang, words := range docWords {
		var b bytes.Buffer
		if err := page.Execute(&b, map[string]any{"Words": words, "Groups": all, "Schemas": schemas}); err != nil {
			panic(err)
		}
		out[lang] = pack(b.Bytes())
	}
	return out
})

var packedStyle = sync.OnceValue(func() *packed { return pack(docsStyle) })

// apiDocs serves the description as a page.
func apiDocs() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", pagePolicy)
		switch r.URL.Path {
		case "/api/docs":
			docs()[web.LangOf(r)].write(w, r, "text/html; charset=utf-8")
		case "/api/docs/docs.css":
			packedStyle().write(w, r, "text/css; charset=utf-8")
		default:
			http.NotFound(w, r)
		}
	})
}
