package flows

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/weirflow/weir/fault"
)

// Parse reads a flow file strictly: one JSON object of a known version, no key
// that there is not, none twice, nothing after it. The error is Problems. What
// the flow says may still be wrong; Validate tells.
func Parse(b []byte) (*Flow, error) {
	f, problems := read(b)
	if len(problems) > 0 {
		return nil, problems
	}
	return f, nil
}

// Check reads a flow file and returns all that is wrong with it, of form and of
// content. The flow is nil when it could not be read at all. Where a part of
// the file has a key that there is not, what else is wrong with that part may
// follow from it and is left out.
func Check(b []byte) (*Flow, Problems) {
	f, problems := read(b)
	if f == nil {
		return nil, problems
	}
	doubtful := map[string]bool{}
	for _, p := range problems {
		doubtful[p.part()] = true
	}
	for _, p := range f.Validate() {
		if !doubtful[p.part()] {
			problems = append(problems, p)
		}
	}
	return f, problems.sort()
}

// part names the node, connection or service of a problem.
func (p Problem) part() string {
	switch {
	case p.Node != "":
		return "node " + p.Node
	case p.Connection != "":
		return "connection " + p.Connection
	case p.Service != "":
		return "service " + p.Service
	case p.Group != "":
		return "group " + p.Group
	case p.Label != "":
		return "label " + p.Label
	}
	return p.Path
}

// read decodes a file. It returns the flow also when only keys are too many.
func read(b []byte) (*Flow, Problems) {
	t, problems := grow(b)
	if t == nil {
		return nil, problems
	}
	if p := version(t); p != nil {
		return nil, p
	}
	s := &shape{problems: problems, unfit: len(problems) > 0}
	s.check(nil, t, reflect.TypeFor[Flow]())
	if s.unfit {
		return nil, s.problems.sort()
	}
	f := &Flow{}
	if err := json.Unmarshal(bytes.TrimPrefix(b, byteOrderMark), f); err != nil {
		return nil, alone(fault.New("flow_wrong_type", "value", "-", "line", 1, "example", "-").Because(err))
	}
	if err := f.tidy(); err != nil {
		return nil, alone(fault.New("flow_wrong_type", "value", "-", "line", 1, "example", "-").Because(err))
	}
	return f, s.problems.sort()
}

// version looks at the version before all else: the keys of a newer format are
// not ours to judge.
func version(t *tree) Problems {
	v := t.get("weir")
	if v == nil || v.kind != '0' {
		return nil
	}
	p := at("weir")
	n, err := strconv.ParseFloat(v.text, 64)
	switch {
	case err == nil && n > FormatVersion:
		return Problems{p.problem(fault.New("flow_version_newer", "version", v.text, "known", FormatVersion))}
	case err != nil || n < 1:
		return Problems{p.problem(fault.New("flow_version_unknown", "version", v.text, "known", FormatVersion))}
	}
	return nil
}

// tidy brings a flow into the one form in which equal flows are deeply equal:
// no empty objects and lists where absent ones mean the same, names of sets
// sorted, raw settings compact with sorted keys.
func (f *Flow) tidy() error {
	if f.Nodes == nil {
		f.Nodes = map[string]Node{}
	}
	f.Connections, f.Layout, f.Services, f.Parameters = some(f.Connections), some(f.Layout), some(f.Services), some(f.Parameters)
	f.Groups, f.Labels = some(f.Groups), some(f.Labels)
	for slug, n := range f.Nodes {
		n.After, n.Terminate, n.Inputs = sorted(n.After), sorted(n.Terminate), some(n.Inputs)
		var err error
		if n.Settings, err = tidySettings(n.Settings); err != nil {
			return err
		}
		f.Nodes[slug] = n
	}
	for slug, v := range f.Services {
		var err error
		if v.Settings, err = tidySettings(v.Settings); err != nil {
			return err
		}
		f.Services[slug] = v
	}
	for slug, c := range f.Connections {
		c.Output = sorted(c.Output)
		if c.Output == nil {
			c.Output = Outputs{}
		}
		f.Connections[slug] = c
	}
	for name, p := range f.Parameters {
		if len(p.Default) > 0 {
			var err error
			if p.Default, err = compact(p.Default); err != nil {
				return err
			}
			f.Parameters[name] = p
		}
	}
	return nil
}

// some returns m, or nil when it is empty.
func some[V any](m map[string]V) map[string]V {
	if len(m) == 0 {
		return nil
	}
	return m
}

func sorted[S ~[]string](s S) S {
	if len(s) == 0 {
		return nil
	}
	return slices.Sorted(slices.Values(s))
}

func tidySettings(m map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	if len(m) == 0 {
		return nil, nil
	}
	out := maps.Clone(m)
	for k, raw := range m {
		var err error
		if out[k], err = compact(raw); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// compact writes JSON in one line with sorted keys. Numbers keep their digits.
func compact(raw json.RawMessage) (json.RawMessage, error) {
	v, err := decode(raw)
	if err != nil {
		return nil, err
	}
	var w bytes.Buffer
	e := json.NewEncoder(&w)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(w.Bytes(), "\n"), nil
}

func decode(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}
