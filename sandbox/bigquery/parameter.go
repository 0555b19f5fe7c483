package bigquery

import (
	"maps"
	"slices"
	"strings"
)

// queryParameter is a value that a query names.
type queryParameter struct {
	Name  string         `json:"name"`
	Type  parameterType  `json:"parameterType"`
	Value parameterValue `json:"parameterValue"`
}

type parameterType struct {
	Type        string         `json:"type"`
	ArrayType   *parameterType `json:"arrayType"`
	StructTypes []struct {
		Name string        `json:"name"`
		Type parameterType `json:"type"`
	} `json:"structTypes"`
}

type parameterValue struct {
	Value        *string                   `json:"value"`
	ArrayValues  []parameterValue          `json:"arrayValues"`
	StructValues map[string]parameterValue `json:"structValues"`
}

// bindParameters renders the values as literals.
func bindParameters(ps []queryParameter) (map[string]string, []string, error) {
	named := map[string]string{}
	var places []string
	for _, p := range ps {
		s, err := p.Value.render(p.Type)
		if err != nil {
			return nil, nil, err
		}
		if p.Name == "" {
			places = append(places, s)
		} else {
			named[strings.ToLower(p.Name)] = s
		}
	}
	return named, places, nil
}

func (v parameterValue) render(t parameterType) (string, error) {
	switch strings.ToUpper(t.Type) {
	case "ARRAY":
		if t.ArrayType == nil {
			break
		}
		var parts []string
		for _, e := range v.ArrayValues {
			s, err := e.render(*t.ArrayType)
			if err != nil {
				return "", err
			}
			parts = append(parts, s)
		}
		return "[" + strings.Join(parts, ", ") + "]", nil
	case "STRUCT":
		var parts []string
		for _, f := range t.StructTypes {
			s, err := v.StructValues[f.Name].render(f.Type)
			if err != nil {
				return "", err
			}
			parts = append(parts, quoteText(f.Name)+": "+s)
		}
		return "{" + strings.Join(parts, ", ") + "}", nil
	}
	kind, ok := kinds[strings.ToUpper(t.Type)]
	if !ok || kind.duck == "" {
		return "", problem(ReasonInvalid, "Invalid parameter type %q; the types are %s.", t.Type, strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
	}
	switch {
	case v.Value == nil:
		return "CAST(NULL AS " + kind.duck + ")", nil
	case kind.name == "BYTES":
		return "from_base64(" + quoteText(*v.Value) + ")", nil
	}
	return "CAST(" + quoteText(*v.Value) + " AS " + kind.duck + ")", nil
}
