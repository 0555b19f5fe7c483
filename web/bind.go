package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/internal/near"
)

// bind fills an operation's input from the path, the query and the body. What the
// operation does not know is refused by its name: a misspelt parameter must not
// quietly mean its default.
func bind(c echo.Context, in any) error {
	if err := checkQuery(c.QueryParams(), reflect.TypeOf(in).Elem()); err != nil {
		return err
	}
	b := &echo.DefaultBinder{}
	if err := b.BindPathParams(c, in); err != nil {
		return badRequest(err)
	}
	if err := b.BindQueryParams(c, in); err != nil {
		return badRequest(err)
	}
	req := c.Request()
	if req.Method == http.MethodGet || req.Method == http.MethodDelete || req.ContentLength == 0 {
		return nil
	}
	d := json.NewDecoder(http.MaxBytesReader(c.Response(), req.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(in); err != nil {
		if errors.Is(err, io.EOF) {
			return nil // no body
		}
		return badBody(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badRequest(errors.New("something follows the JSON object"))
	}
	return nil
}

// checkQuery judges the query's parameters, of which numbers count something and
// so are never negative.
func checkQuery(query url.Values, in reflect.Type) error {
	if in.Kind() != reflect.Struct {
		return nil
	}
	known := map[string]reflect.Kind{}
	for _, f := range reflect.VisibleFields(in) {
		if name := f.Tag.Get("query"); name != "" {
			known[name] = f.Type.Kind()
		}
	}
	for name, values := range query {
		kind, ok := known[name]
		if !ok {
			return fault.New("request_query_name", "field", name, "known", names(name, known)).Permanent()
		}
		for _, v := range values {
			var err error
			wants := ""
			switch kind {
			case reflect.Int, reflect.Int64:
				wants = "0, 1, 2, ..."
				_, err = strconv.ParseUint(v, 10, 63)
			case reflect.Uint32, reflect.Uint64:
				wants = "0, 1, 2, ..."
				_, err = strconv.ParseUint(v, 10, kindBits[kind])
			case reflect.Bool:
				wants = "true, false"
				_, err = strconv.ParseBool(v)
			default:
				continue
			}
			if err != nil && v != "" {
				return fault.New("request_query_value", "field", name, "value", v, "wants", wants).Permanent()
			}
		}
	}
	return nil
}

var kindBits = map[reflect.Kind]int{reflect.Uint32: 32, reflect.Uint64: 64}

// names lists the known parameters, those nearest to a name first.
func names(name string, known map[string]reflect.Kind) string {
	all := make([]string, 0, len(known))
	for k := range known {
		all = append(all, k)
	}
	slices.Sort(all)
	first := near.Nearest(name, all, 1)
	all = append(slices.Clone(first), slices.DeleteFunc(all, func(s string) bool { return slices.Contains(first, s) })...)
	if len(all) == 0 {
		return "-"
	}
	return strings.Join(all, ", ")
}

// badBody tells which field of a body is wrong, where the decoder knows.
func badBody(err error) error {
	var large *http.MaxBytesError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &large):
		return fault.New("request_large", "most", large.Limit).Permanent()
	case errors.As(err, &wrong) && wrong.Field != "":
		return fault.New("request_field_value", "field", wrong.Field, "value", wrong.Value, "wants", jsonName(wrong.Type)).Permanent()
	}
	// The decoder has no type for this one.
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if plain, bad := strconv.Unquote(name); bad == nil {
			name = plain
		}
		return fault.New("request_field_name", "field", name).Permanent()
	}
	return badRequest(err)
}

// jsonName is what JSON calls a Go type.
func jsonName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true, false"
	case reflect.String:
		return "string"
	case reflect.Slice, reflect.Array:
		return "array"
	case reflect.Map, reflect.Struct:
		return "object"
	}
	return "number"
}

func badRequest(err error) error {
	return fault.New("request_bad", "what", err).Permanent()
}
