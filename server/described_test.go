package server

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// description is web/openapi.json, ready to hold answers against it.
type description struct {
	compiler *jsonschema.Compiler
	routes   []describedRoute

	mu      sync.Mutex
	schemas map[string]*jsonschema.Schema // by their places in the file
}

// describedRoute is a path of the description with its operations by method.
type describedRoute struct {
	path    string
	pattern *regexp.Regexp
	answers map[string]map[string]string // method -> status -> media type of its schema
}

var answersDescribed = sync.OnceValues(func() (*description, error) {
	b, err := os.ReadFile(openapi)
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	d := &description{compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	if err := d.compiler.AddResource("mem:///openapi.json", doc); err != nil {
		return nil, err
	}
	var api struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct {
				Content map[string]struct {
					Schema json.RawMessage `json:"schema"`
				} `json:"content"`
			} `json:"responses"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(b, &api); err != nil {
		return nil, err
	}
	part := regexp.MustCompile(`\\\{[^/]+\\\}`)
	for path, methods := range api.Paths {
		r := describedRoute{path, regexp.MustCompile("^" + part.ReplaceAllString(regexp.QuoteMeta(path), "[^/]+") + "$"), map[string]map[string]string{}}
		for method, op := range methods {
			r.answers[method] = map[string]string{}
			for status, answer := range op.Responses {
				for mime, c := range answer.Content {
					if len(c.Schema) > 0 && strings.HasSuffix(mime, "json") {
						r.answers[method][status] = mime
					}
				}
			}
		}
		d.routes = append(d.routes, r)
	}
	return d, nil
})

// holds fails the test where an answer is not what the description says of it.
func (d *description) holds(t *testing.T, method, path string, status int, body []byte) {
	t.Helper()
	path, _, _ = strings.Cut(path, "?")
	method = strings.ToLower(method)
	for _, r := range d.routes {
		answers, ok := r.answers[method]
		if !ok || !r.pattern.MatchString(path) {
			continue
		}
		key := strconv.Itoa(status)
		if _, ok := answers[key]; !ok && status >= 300 {
			key = "default"
		}
		mime, ok := answers[key]
		if !ok {
			return // bytes of another form
		}
		escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")
		s, err := d.schema("mem:///openapi.json#/paths/" + escape.Replace(r.path) + "/" + method + "/responses/" + key + "/content/" + escape.Replace(mime) + "/schema")
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		if err == nil {
			err = s.Validate(v)
		}
		if err != nil {
			t.Errorf("%s %s, status %d: the answer is not what web/openapi.json says: %v\n%.600s", method, r.path, status, err, body)
		}
		return
	}
}

func (d *description) schema(at string) (*jsonschema.Schema, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.schemas[at]; s != nil {
		return s, nil
	}
	s, err := d.compiler.Compile(at)
	d.schemas[at] = s
	return s, err
}

// asDescribed holds an answer against the description of the API.
func asDescribed(t *testing.T, method, path string, status int, body []byte) {
	t.Helper()
	d, err := answersDescribed()
	if err != nil {
		t.Fatal(err)
	}
	d.holds(t, method, path, status, body)
}

// frameAsDescribed holds a frame of the live socket against the description.
func frameAsDescribed(t *testing.T, frame []byte) {
	t.Helper()
	d, err := answersDescribed()
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.schema("mem:///openapi.json#/components/schemas/live.ServerFrame")
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(frame))
	if err == nil {
		err = s.Validate(v)
	}
	if err != nil {
		t.Errorf("a frame is not what web/openapi.json says: %v\n%.600s", err, frame)
	}
}
