package flows

import (
	_ "embed" // the schema of the format
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/weirflow/weir/processors"
)

// formatSchema is the JSON Schema of the flow file without kinds. It is made from
// the types of this package; a test keeps both the same.
//
//go:embed flow.schema.json
var formatSchema []byte

// Schema returns the JSON Schema of the flow file with the settings of each
// kind that is registered, for editors that complete and check as one types. It
// refuses nothing that Validate lets pass, and knows less than Validate does.
func Schema() ([]byte, error) {
	return schemaWith(processors.Kinds(), processors.ServiceKinds())
}

// object is a JSON Schema under construction.
type object = map[string]any

func schemaWith(kinds, services []processors.Info) ([]byte, error) {
	var root object
	if err := json.Unmarshal(formatSchema, &root); err != nil {
		return nil, fmt.Errorf("read the format's schema: %w", err)
	}
	defs, ok := root["$defs"].(object)
	if !ok {
		return nil, fmt.Errorf("read the format's schema: it has no $defs")
	}
	for def, infos := range map[string][]processors.Info{"Node": kinds, "Service": services} {
		node, ok := defs[def].(object)
		if !ok {
			return nil, fmt.Errorf("read the format's schema: it has no %s", def)
		}
		var names, rules []any
		for i := range infos {
			info := &infos[i]
			name := def + info.Kind
			defs[name] = settingsSchema(info)
			names = append(names, info.Kind)
			then := object{"properties": object{"settings": object{"$ref": "#/$defs/" + name}}}
			if needsSettings(info) {
				then["required"] = []any{"settings"}
			}
			rules = append(rules, object{"if": object{"properties": object{"kind": object{"const": info.Kind}}}, "then": then})
		}
		if len(names) == 0 {
			continue
		}
		properties, _ := node["properties"].(object)
		kind, _ := properties["kind"].(object)
		if kind == nil {
			return nil, fmt.Errorf("read the format's schema: %s has no kind", def)
		}
		kind["enum"], node["allOf"] = names, rules
	}
	raw, err := marshal(root)
	if err != nil {
		return nil, err
	}
	v, err := decode(raw)
	if err != nil {
		return nil, err
	}
	return pretty(v)
}

// required reports whether a flow must set the property whatever else it sets.
func required(p processors.Property) bool {
	return p.Required && p.Default == "" && len(p.DependsOn) == 0
}

func needsSettings(info *processors.Info) bool {
	for _, p := range info.Properties {
		if required(p) {
			return true
		}
	}
	return false
}

func settingsSchema(info *processors.Info) object {
	out := object{"type": "object", "description": info.Doc.English, "additionalProperties": false}
	properties := object{}
	var must []any
	for _, p := range info.Properties {
		properties[p.Key] = propertySchema(p)
		if required(p) {
			must = append(must, p.Key)
		}
	}
	out["properties"] = properties
	if len(must) > 0 {
		out["required"] = must
	}
	return out
}

// paramPattern is a text that is one parameter as a whole, which may stand for
// values that are no text.
const paramPattern = `^#\{[A-Za-z_][A-Za-z0-9_]*\}$`

func propertySchema(p processors.Property) object {
	s := typeSchema(p)
	s["title"], s["description"] = p.Label.English, p.Doc.English
	if p.Example != "" && s["type"] == "string" {
		s["examples"] = []any{p.Example}
	}
	return s
}

func typeSchema(p processors.Property) object {
	text := func() object { return object{"type": "string"} }
	orParam := func(s object) object {
		return object{"anyOf": []any{s, object{"type": "string", "pattern": paramPattern}}}
	}
	switch p.Type {
	case processors.TypeInt, processors.TypeFloat:
		s := object{"type": "number"}
		if p.Type == processors.TypeInt {
			s["type"] = "integer"
		}
		for key, limit := range map[string]string{"minimum": p.Min, "maximum": p.Max} {
			if v, err := strconv.ParseFloat(limit, 64); err == nil {
				s[key] = v
			}
		}
		return orParam(s)
	case processors.TypeBool:
		return orParam(object{"type": "boolean"})
	case processors.TypeBytes:
		return object{"type": []any{"string", "integer"}}
	case processors.TypeChoice:
		values := make([]any, len(p.Choices))
		for i, c := range p.Choices {
			values[i] = c.Value
		}
		return object{"anyOf": []any{object{"enum": values}, object{"type": "string", "pattern": `#\{`}}}
	case processors.TypeList:
		return object{"type": "array", "items": text()}
	case processors.TypeMap, processors.TypeExprMap:
		return object{"type": "object", "additionalProperties": text()}
	case processors.TypeSecret:
		return object{"type": "object", "properties": object{"secret": text()}, "required": []any{"secret"}, "additionalProperties": false}
	case processors.TypeSchema:
		return object{"type": "array", "items": object{"type": "array", "minItems": 2}}
	}
	return text()
}
