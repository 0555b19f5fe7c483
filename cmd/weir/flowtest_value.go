package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	bq "google.golang.org/api/bigquery/v2"
)

// typeOf is a field's type by its older name, which the API answers with.
func typeOf(f *bq.TableFieldSchema) string {
	kind := f.Type
	if old, ok := map[string]string{"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "STRUCT": "RECORD"}[kind]; ok {
		kind = old
	}
	if f.Mode == "REPEATED" {
		kind += "[]"
	}
	return kind
}

func cellText(f *bq.TableFieldSchema, v any) (value, error) {
	plain, err := plainValue(f, v)
	if err != nil || plain == nil {
		return nil, err
	}
	if s, ok := plain.(string); ok {
		return &s, nil
	}
	return jsonText(plain)
}

func jsonText(v any) (value, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return cellOf(strings.TrimSuffix(b.String(), "\n")), nil
}

// plainValue turns BigQuery's form of a value into text, or a list or object of
// them.
func plainValue(f *bq.TableFieldSchema, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	if f.Mode == "REPEATED" {
		one := *f
		one.Mode = ""
		out := []any{}
		items, _ := v.([]any)
		for _, item := range items {
			cell, _ := item.(map[string]any)
			plain, err := plainValue(&one, cell["v"])
			if err != nil {
				return nil, err
			}
			out = append(out, plain)
		}
		return out, nil
	}
	if m, ok := v.(map[string]any); ok {
		out := map[string]any{}
		cells, _ := m["f"].([]any)
		for i, c := range cells {
			cell, _ := c.(map[string]any)
			plain, err := plainValue(f.Fields[i], cell["v"])
			if err != nil {
				return nil, err
			}
			out[f.Fields[i].Name] = plain
		}
		return out, nil
	}
	s := fmt.Sprint(v)
	switch f.Type {
	case "TIMESTAMP":
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read timestamp %q: %w", s, err)
		}
		return instant(n), nil
	case "FLOAT", "FLOAT64":
		return floatText(s), nil
	}
	return s, nil
}

// instant writes microseconds since 1970 as CSV files have them.
func instant(micros int64) string {
	return time.UnixMicro(micros).UTC().Format("2006-01-02T15:04:05.000000Z")
}

// number writes a floating point number in its shortest form.
func floatText(s string) string {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return s
	}
	b, err := json.Marshal(f)
	if err != nil {
		return s
	}
	return string(b)
}
