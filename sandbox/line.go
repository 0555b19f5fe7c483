package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"github.com/weirflow/weir/fault"
	"google.golang.org/protobuf/encoding/protojson"
)

// lineParser turns lines of a file into documents. It is not for concurrent use.
type lineParser struct {
	generator
	file    *File
	coll    key
	written time.Time
	line    int
}

// document returns the document of a line, or a zero one for a blank line.
func (p *lineParser) document(text []byte, line int) (lined, error) {
	p.line = line
	if line == 1 {
		text = bytes.TrimPrefix(text, []byte("\ufeff"))
	}
	if text = bytes.TrimSpace(text); len(text) == 0 {
		return lined{}, nil
	}
	if !utf8.Valid(text) {
		return lined{}, fault.New("sandbox_line_utf8", "file", p.file.Path, "line", line).Permanent()
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var m map[string]any
	err := dec.Decode(&m)
	if err == nil && m == nil {
		err = errors.New("null")
	}
	if err == nil {
		if _, more := dec.Token(); more != io.EOF {
			err = errors.New("text follows the object")
		}
	}
	if err != nil {
		return lined{}, fault.New("sandbox_line_json", "file", p.file.Path, "line", line).Permanent().Because(err)
	}
	var id string
	p.w = fieldWriter{b: p.w.b[:0], num: documentFields}
	if isREST(m) {
		id, err = p.rest(text)
	} else {
		id, err = p.plain(m)
	}
	if err != nil {
		return lined{}, err
	}
	if checkSegment(id) != nil {
		return lined{}, fault.New("sandbox_line_id_value", "file", p.file.Path, "line", line, "id", id).Permanent()
	}
	if size := len(p.w.b); size > maxDocument {
		return lined{}, fault.New("sandbox_line_large", "file", p.file.Path, "line", line, "size", size, "limit", maxDocument).Permanent()
	}
	fields := p.keep(p.w.b)
	if fields == nil {
		fields = []byte{}
	}
	at := p.written.UnixMicro()
	e := entry{child(p.coll, id), &version{fields: fields, created: at, updated: at}}
	return lined{e, p.file, line}, nil
}

// isREST reports whether the object has the form of a REST document: nothing
// but its members, and fields that are all typed values.
func isREST(m map[string]any) bool {
	fields, ok := m["fields"].(map[string]any)
	if !ok {
		return false
	}
	for k := range m {
		if k != "fields" && k != "name" && k != "createTime" && k != "updateTime" {
			return false
		}
	}
	for _, v := range fields {
		typed, ok := v.(map[string]any)
		if !ok || len(typed) != 1 {
			return false
		}
		for k := range typed {
			if !strings.HasSuffix(k, "Value") {
				return false
			}
		}
	}
	return true
}

func (p *lineParser) rest(text []byte) (id string, err error) {
	var d pb.Document
	if err := protojson.Unmarshal(text, &d); err != nil {
		return "", fault.New("sandbox_line_document", "file", p.file.Path, "line", p.line).Permanent().Because(err)
	}
	for name, v := range d.Fields {
		if err := normalise(name, v, 1); err != nil {
			return "", fault.New("sandbox_line_document", "file", p.file.Path, "line", p.line).Permanent().Because(err)
		}
	}
	switch idField := p.file.IDField; {
	case idField != "":
		v := d.Fields[idField]
		if id = v.GetStringValue(); isInteger(v) {
			id = strconv.FormatInt(v.GetIntegerValue(), 10)
		}
		if id == "" {
			return "", p.noID()
		}
	case d.Name != "":
		id = d.Name[strings.LastIndexByte(d.Name, '/')+1:]
	default:
		if id = d.Fields["id"].GetStringValue(); id == "" {
			id = p.numbered()
		}
	}
	b, err := encodeFields(d.Fields)
	if err != nil {
		return "", fault.New("sandbox_line_document", "file", p.file.Path, "line", p.line).Permanent().Because(err)
	}
	p.w.b = append(p.w.b, b...)
	return id, nil
}

func (p *lineParser) plain(m map[string]any) (id string, err error) {
	if f := p.file.IDField; f != "" {
		switch v := m[f].(type) {
		case string:
			id = v
		case json.Number:
			if _, err := v.Int64(); err == nil {
				id = v.String()
			}
		}
		if id == "" {
			return "", p.noID()
		}
	} else if id, _ = m["__id"].(string); id == "" {
		if id, _ = m["id"].(string); id == "" {
			id = p.numbered()
		}
	}
	delete(m, "__id") // metadata of an export, not a field
	return id, p.object(&p.w, m, "", 1)
}

func (p *lineParser) noID() error {
	return fault.New("sandbox_line_id", "file", p.file.Path, "line", p.line, "field", p.file.IDField).Permanent()
}

func (p *lineParser) numbered() string { return fmt.Sprintf("%010d", p.line) }

// object writes the fields of a plain object; path is where it stands.
func (p *lineParser) object(w *fieldWriter, m map[string]any, path string, level int) error {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		at := name
		if path != "" {
			at = path + "." + name
		}
		if name == "" || level == 1 && reserved(name) {
			return fault.New("sandbox_line_reserved", "file", p.file.Path, "line", p.line, "field", strconv.Quote(at)).Permanent()
		}
		var err error
		w.entry(name, func(b []byte) []byte {
			b, err = p.value(b, m[name], at, level)
			return b
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *lineParser) value(b []byte, v any, path string, level int) ([]byte, error) {
	if level > maxDepth {
		return b, fault.New("sandbox_line_deep", "file", p.file.Path, "line", p.line, "field", path, "limit", maxDepth).Permanent()
	}
	switch x := v.(type) {
	case json.Number:
		if !strings.ContainsAny(x.String(), ".eE") {
			if i, err := strconv.ParseInt(x.String(), 10, 64); err == nil {
				return appendInteger(b, i), nil
			}
		} else if d, err := x.Float64(); err == nil && !math.IsInf(d, 0) {
			return appendDouble(b, d), nil
		}
		return b, fault.New("sandbox_line_number", "file", p.file.Path, "line", p.line, "field", path, "value", x).Permanent()
	case map[string]any:
		var err error
		b = appendObject(b, func(w *fieldWriter) { err = p.object(w, x, path, level+1) })
		return b, err
	case []any:
		var err error
		b = nested(b, valueArray, func(b []byte) []byte {
			for _, e := range x {
				if _, ok := e.([]any); ok && err == nil {
					err = fault.New("sandbox_line_array", "file", p.file.Path, "line", p.line, "field", path).Permanent()
				}
				if err != nil {
					return b
				}
				b = nested(b, 1, func(b []byte) []byte {
					b, err = p.value(b, e, path, level+1)
					return b
				})
			}
			return b
		})
		return b, err
	}
	return appendAny(b, v), nil // string, bool or nil
}
