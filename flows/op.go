package flows

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/weirflow/weir/fault"
)

// Op is one step of an edit: it sets the value at a path of the flow file, or
// removes it when there is no value. Lists, and the values of settings and
// parameters, are set as a whole.
type Op struct {
	Path []string `json:"path"`
	// Value is what stands there afterwards; absent removes what does.
	Value json.RawMessage `json:"value,omitempty"`
	// Was is what stood there, for those who undo or compare; Apply ignores it.
	Was json.RawMessage `json:"was,omitempty"`
}

// Bounds of one edit.
const (
	// MaxOps is the greatest number of operations of one edit.
	MaxOps = 20_000
	// maxOpPath is how many keys lead to the deepest leaf, and one more.
	maxOpPath = 8
)

// Apply carries operations out on a flow file and returns its new canonical form,
// and the operations that bring the old one back, byte for byte. All are carried
// out or none. Objects on the way are made where they are absent; an object that
// loses its last key goes with it, unless it is the list of nodes. What comes out
// must be a flow in form, every key known and every value of its type, but it may
// be unsound: Check tells. The id and the format's version stay as they are.
func Apply(doc []byte, ops []Op) (newDoc []byte, inverse []Op, err error) {
	if len(ops) > MaxOps {
		return nil, nil, fault.New("edit_too_many", "count", len(ops), "limit", MaxOps).Permanent()
	}
	v, err := decode(doc)
	root, ok := v.(map[string]any)
	if err != nil || !ok {
		return nil, nil, fault.New("edit_no_flow").Permanent().Because(err)
	}
	for _, op := range ops {
		undo, err := apply(root, op)
		if err != nil {
			return nil, nil, err
		}
		inverse = append(inverse, undo)
	}
	slices.Reverse(inverse)
	raw, err := marshal(root)
	if err != nil {
		return nil, nil, err
	}
	f, problems := read(raw)
	if len(problems) > 0 {
		return nil, nil, problems
	}
	newDoc, err = f.Canonical()
	if err == nil && len(newDoc) > MaxFileSize {
		err = fault.New("flow_too_large", "size", len(newDoc), "limit", MaxFileSize).Permanent()
	}
	return newDoc, inverse, err
}

// apply carries one operation out on a tree and returns what undoes it.
func apply(root map[string]any, op Op) (undo Op, err error) {
	if err := addressable(op.Path); err != nil {
		return undo, err
	}
	way, ok := descend(root, op.Path)
	if !ok {
		return undo, fault.New("edit_path_leaf", "path", shownPath(op.Path)).Permanent()
	}
	last := len(op.Path) - 1
	undo.Path, undo.Was = slices.Clone(op.Path), slices.Clone(op.Value)
	if op.Value == nil {
		if len(way) <= last {
			return undo, nil // nothing is there: an operation that does nothing
		}
		old, had := way[last][op.Path[last]]
		if !had {
			return undo, nil
		}
		if undo.Value, err = marshal(old); err != nil {
			return undo, err
		}
		for i := last; i >= 0; i-- {
			delete(way[i], op.Path[i])
			if len(way[i]) > 0 || i == 1 && op.Path[0] == "nodes" {
				break
			}
		}
		return undo, nil
	}
	value, err := decode(op.Value)
	if err != nil {
		return undo, fault.New("edit_value_bad", "path", shownPath(op.Path)).Permanent()
	}
	deepest := len(way) - 1
	if old, had := way[deepest][op.Path[deepest]]; had {
		if undo.Value, err = marshal(old); err != nil {
			return undo, err
		}
	} else if len(way[deepest]) == 0 && deepest > 0 && (deepest > 1 || op.Path[0] != "nodes") {
		// An empty object stood there, which pruning would not bring back.
		undo = Op{Path: slices.Clone(op.Path[:deepest]), Value: json.RawMessage("{}")}
	}
	at := way[deepest]
	for _, key := range op.Path[deepest:last] {
		child := map[string]any{}
		at[key] = child
		at = child
	}
	at[op.Path[last]] = value
	return undo, nil
}

// descend returns the objects from the root to the one that holds the last key
// of a path, or to the deepest that there is. It fails where a value that is no
// object stands in the way.
func descend(root map[string]any, path []string) (way []map[string]any, ok bool) {
	way = []map[string]any{root}
	for _, key := range path[:len(path)-1] {
		v, had := way[len(way)-1][key]
		if !had {
			break
		}
		child, is := v.(map[string]any)
		if !is {
			return nil, false
		}
		way = append(way, child)
	}
	return way, true
}

// addressable checks that a path leads to something that a flow file may have,
// and not into a value that is set as a whole.
func addressable(keys []string) error {
	if len(keys) == 0 || len(keys) > maxOpPath {
		return fault.New("edit_path_leaf", "path", shownPath(keys)).Permanent()
	}
	if keys[0] == "weir" || keys[0] == "id" {
		return fault.New("edit_path_fixed", "path", shownPath(keys)).Permanent()
	}
	t := reflect.TypeFor[Flow]()
	for i, key := range keys {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		switch {
		case t == typeRaw || t == typeOutputs:
			return fault.New("edit_path_leaf", "path", shownPath(keys)).Permanent()
		case t.Kind() == reflect.Map:
			t = t.Elem()
		case t.Kind() == reflect.Struct:
			field, known := fieldOf(t, key)
			if field == nil {
				return Problems{path(keys[:i+1]).problem(unknownKey(key, known))}
			}
			t = field
		default:
			return fault.New("edit_path_leaf", "path", shownPath(keys)).Permanent()
		}
	}
	return nil
}

// fieldOf returns the type of a struct's field by its key, or nil, and all keys.
func fieldOf(t reflect.Type, key string) (field reflect.Type, known []string) {
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		known = append(known, name)
		if name == key {
			field = t.Field(i).Type
		}
	}
	return field, known
}

func shownPath(keys []string) string { return clip(path(keys).String()) }

// Ops returns operations that make one flow file of another, as few as tell
// what changed: whole nodes and connections that came or went, single settings
// and fields of those that stayed. Both must be in canonical form.
func Ops(from, to []byte) ([]Op, error) {
	a, err := decode(from)
	if err != nil {
		return nil, fault.New("edit_no_flow").Permanent().Because(err)
	}
	b, err := decode(to)
	if err != nil {
		return nil, fault.New("edit_no_flow").Permanent().Because(err)
	}
	c := &comparer{}
	c.compare(nil, a, b, reflect.TypeFor[Flow]())
	return c.ops, c.err
}

// absent stands for a value that is not there; null is one that is.
type absent struct{}

type comparer struct {
	ops []Op
	err error
}

func (c *comparer) compare(p []string, a, b any, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.DeepEqual(a, b) || c.err != nil {
		return
	}
	am, aIs := a.(map[string]any)
	bm, bIs := b.(map[string]any)
	inner := t.Kind() == reflect.Map || t.Kind() == reflect.Struct
	if !aIs || !bIs || !inner || len(p) > 0 && (len(am) == 0 || len(bm) == 0) {
		c.set(p, a, b)
		return
	}
	keys := map[string]bool{}
	for k := range am {
		keys[k] = true
	}
	for k := range bm {
		keys[k] = true
	}
	get := func(m map[string]any, k string) any {
		if v, had := m[k]; had {
			return v
		}
		return absent{}
	}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if len(p) == 0 && (k == "weir" || k == "id") {
			continue
		}
		of := t
		if t.Kind() == reflect.Map {
			of = t.Elem()
		} else if of, _ = fieldOf(t, k); of == nil {
			of = typeRaw
		}
		c.compare(append(slices.Clip(p), k), get(am, k), get(bm, k), of)
	}
}

func (c *comparer) set(p []string, a, b any) {
	op := Op{Path: slices.Clone(p)}
	for _, side := range []struct {
		v  any
		to *json.RawMessage
	}{{a, &op.Was}, {b, &op.Value}} {
		if side.v == (absent{}) || c.err != nil {
			continue
		}
		*side.to, c.err = marshal(side.v)
	}
	c.ops = append(c.ops, op)
}
