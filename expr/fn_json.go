package expr

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/weirflow/weir/fault"
)

var jsonFunctions = []spec{
	{name: "jsonPath", on: String, args: strs, min: 1, out: String, doc: "What a JSON path such as '$.a[0].b' leads to in the subject; empty where it leads nowhere.", prepare: preparePath, do: readPath},
	{name: "jsonPathDelete", on: String, args: strs, min: 1, out: String, doc: "The subject's JSON without what the path leads to.", prepare: preparePath, do: func(c *call) value {
		return update(c, nil, remove)
	}},
	{name: "jsonPathSet", on: String, args: []Type{String, Any}, min: 2, out: String, doc: "The subject's JSON with what the path leads to replaced by the second argument.", prepare: preparePath, do: func(c *call) value {
		return update(c, func() any { return asJSON(c, 1) }, func(x place, v any) bool {
			switch in := x.in.(type) {
			case *object:
				in.set(x.key, v)
			case *array:
				in.items[x.number] = v
			default:
				return false
			}
			return true
		})
	}},
	{name: "jsonPathAdd", on: String, args: []Type{String, Any}, min: 2, out: String, doc: "The subject's JSON with the second argument added to the array that the path leads to.", prepare: preparePath, do: func(c *call) value {
		return update(c, func() any { return asJSON(c, 1) }, func(x place, v any) bool {
			a, ok := x.v.(*array)
			if ok {
				a.items = append(a.items, v)
			}
			return ok
		})
	}},
	{name: "jsonPathPut", on: String, args: []Type{String, String, Any}, min: 3, out: String, doc: "The subject's JSON with the third argument put under the key in the second into the object that the path leads to.", prepare: preparePath, do: func(c *call) value {
		key := c.str(1)
		return update(c, func() any { return asJSON(c, 2) }, func(x place, v any) bool {
			o, ok := x.v.(*object)
			if ok {
				o.set(key, v)
			}
			return ok
		})
	}},
}

func badPath(s string, err error) error {
	return fault.New("expr_json_path", "path", shorten(s)).Because(err).Permanent()
}

func preparePath(n *invocation) (any, error) {
	v, ok := n.constArg(0)
	if !ok {
		return nil, nil
	}
	p, err := compilePath(v.s)
	if err != nil {
		return nil, badPath(v.s, err)
	}
	return p, nil
}

// document returns the subject's JSON and the path; nil where there is an error.
func document(c *call) (any, *path) {
	s := c.sub()
	if c.err != nil {
		return nil, nil
	}
	doc, err := readJSON(s.s)
	if err != nil {
		c.fail(fault.New("expr_json", "function", c.n.f.name, "value", shorten(s.s)).Because(err).Permanent())
		return nil, nil
	}
	p, ok := c.n.prepared.(*path)
	if !ok {
		arg := c.str(0)
		if p, err = compilePath(arg); err != nil {
			c.fail(badPath(arg, err))
			return nil, nil
		}
	}
	return doc, p
}

func (c *call) places(doc any, p *path) []place {
	if p == nil || c.err != nil {
		return nil
	}
	at, err := p.find(doc, &scope{doc: doc, left: maxVisits})
	if err != nil {
		c.fail(badPath(c.str(0), err))
	}
	return at
}

func readPath(c *call) value {
	doc, p := document(c)
	at := c.places(doc, p)
	switch {
	case c.err != nil:
		return none(String)
	case p.one && len(at) == 0:
		return text("")
	case p.one:
		return text(shown(at[0].v))
	}
	list := &array{}
	for _, x := range at {
		list.items = append(list.items, x.v)
	}
	return text(shown(list))
}

// update changes every place that the path leads to. The document stays as it is
// where the path leads nowhere; what cannot be changed so is an error.
func update(c *call, v func() any, change func(place, any) bool) value {
	doc, p := document(c)
	at := c.places(doc, p)
	var with any
	if v != nil {
		with = v()
	}
	// Each place once, and from the last to the first, so that what is removed
	// moves none that follows.
	slices.SortStableFunc(at, func(a, b place) int { return b.number - a.number })
	done := map[place]bool{}
	for _, x := range at {
		where := place{in: x.in, key: x.key, number: x.number}
		if done[where] {
			continue
		}
		done[where] = true
		if !change(x, with) {
			return c.fail(badPath(c.str(0), nil))
		}
	}
	if c.err != nil {
		return none(String)
	}
	var b strings.Builder
	writeJSON(&b, doc)
	return text(b.String())
}

func remove(x place, _ any) bool {
	switch in := x.in.(type) {
	case *object:
		in.remove(x.key)
	case *array:
		in.items = append(in.items[:x.number:x.number], in.items[x.number+1:]...)
	default:
		return false
	}
	return true
}

// asJSON is argument i as a JSON value of its type.
func asJSON(c *call, i int) any {
	v := c.arg(i)
	switch {
	case !v.ok:
		return nil
	case v.kind == Boolean:
		return v.b
	case v.kind == WholeNumber, v.kind == Decimal && !math.IsNaN(v.f) && !math.IsInf(v.f, 0):
		return json.Number(v.text(nil))
	}
	return v.text(c.st.env.zone())
}
