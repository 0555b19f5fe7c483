package flows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Canonical returns the flow as its file stands: keys sorted, two spaces of
// indent, lists of plain values on one line where they are short, a newline at
// the end. Parse reads the same flow back, and equal flows have equal bytes.
func (f *Flow) Canonical() ([]byte, error) {
	tidy, err := f.Clone()
	if err != nil {
		return nil, err
	}
	raw, err := marshal(tidy)
	if err != nil {
		return nil, fmt.Errorf("write flow %s: %w", f.ID, err)
	}
	v, err := decode(raw)
	if err != nil {
		return nil, fmt.Errorf("write flow %s: %w", f.ID, err)
	}
	out, err := pretty(v)
	if err != nil {
		return nil, fmt.Errorf("write flow %s: %w", f.ID, err)
	}
	return out, nil
}

// pretty writes a decoded value in canonical form.
func pretty(v any) ([]byte, error) {
	var w bytes.Buffer
	if err := print(&w, v, 0); err != nil {
		return nil, err
	}
	w.WriteByte('\n')
	return w.Bytes(), nil
}

// Clone returns a deep copy in tidy form.
func (f *Flow) Clone() (*Flow, error) {
	raw, err := marshal(f)
	if err != nil {
		return nil, fmt.Errorf("copy flow %s: %w", f.ID, err)
	}
	out := &Flow{}
	if err := json.Unmarshal(raw, out); err != nil {
		return nil, fmt.Errorf("copy flow %s: %w", f.ID, err)
	}
	if err := out.tidy(); err != nil {
		return nil, fmt.Errorf("copy flow %s: %w", f.ID, err)
	}
	return out, nil
}

// marshal is json.Marshal without the escapes that are for HTML.
func marshal(v any) ([]byte, error) {
	var w bytes.Buffer
	e := json.NewEncoder(&w)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(w.Bytes(), "\n"), nil
}

// lineWidth is how long a list on one line may become.
const lineWidth = 100

func print(w *bytes.Buffer, v any, depth int) error {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			w.WriteString("{}")
			return nil
		}
		w.WriteByte('{')
		for i, k := range slices.Sorted(maps.Keys(v)) {
			next(w, i, depth+1)
			key, err := marshal(k)
			if err != nil {
				return err
			}
			w.Write(key)
			w.WriteString(": ")
			if err := print(w, v[k], depth+1); err != nil {
				return err
			}
		}
		next(w, 0, depth)
		w.WriteByte('}')
		return nil
	case []any:
		if line, ok := oneLine(v, depth); ok {
			w.WriteString(line)
			return nil
		}
		w.WriteByte('[')
		for i, e := range v {
			next(w, i, depth+1)
			if err := print(w, e, depth+1); err != nil {
				return err
			}
		}
		next(w, 0, depth)
		w.WriteByte(']')
		return nil
	}
	raw, err := marshal(v)
	w.Write(raw)
	return err
}

func next(w *bytes.Buffer, i, depth int) {
	if i > 0 {
		w.WriteByte(',')
	}
	w.WriteByte('\n')
	for range depth {
		w.WriteString("  ")
	}
}

// oneLine renders a list of plain values when it is short enough.
func oneLine(list []any, depth int) (string, bool) {
	var w bytes.Buffer
	w.WriteByte('[')
	for i, e := range list {
		switch e.(type) {
		case map[string]any, []any:
			return "", false
		}
		if i > 0 {
			w.WriteString(", ")
		}
		raw, err := marshal(e)
		if err != nil {
			return "", false
		}
		w.Write(raw)
		if 2*depth+w.Len() >= lineWidth {
			return "", false
		}
	}
	w.WriteByte(']')
	return w.String(), true
}
