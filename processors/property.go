package processors

import (
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
)

// Type is the type of a property, as forms and references show it.
type Type string

// The types of properties.
const (
	TypeString   Type = "string"
	TypeText     Type = "text"
	TypeInt      Type = "int"
	TypeFloat    Type = "float"
	TypeBool     Type = "bool"
	TypeRune     Type = "rune"
	TypeChoice   Type = "choice"
	TypeList     Type = "list"
	TypeMap      Type = "map"
	TypeDuration Type = "duration"
	TypeBytes    Type = "bytes"
	TypeExpr     Type = "expression"
	TypeExprMap  Type = "expression_map"
	TypeSecret   Type = "secret"
	TypeService  Type = "service"
	TypeSchema   Type = "schema"
)

// Property describes one property of a kind.
type Property struct {
	Key   string      `json:"key"`
	Label fault.Entry `json:"label"`
	Type  Type        `json:"type"`
	Doc   fault.Entry `json:"doc"`
	// Required properties must be set to something that is not empty.
	Required bool `json:"required,omitempty"`
	// Default is the constructor's value as it would stand in a flow file;
	// empty for none.
	Default string `json:"default,omitempty"`
	// Choices are the values that a choice takes.
	Choices []ChoiceInfo `json:"choices,omitempty"`
	// DependsOn says when the property applies; it must not be set otherwise.
	DependsOn []Dependency `json:"depends_on,omitempty"`
	// Example is a value as it would stand in a flow file.
	Example string `json:"example,omitempty"`
	// Advanced properties are shown on demand.
	Advanced bool `json:"advanced,omitempty"`
	// Service is the kind of service that a service property names.
	Service string `json:"service,omitempty"`
	// Min and Max bound a number, duration or size; Pattern a text.
	Min     string `json:"min,omitempty"`
	Max     string `json:"max,omitempty"`
	Pattern string `json:"pattern,omitempty"`

	min, max  *float64
	matches   func(string) bool
	verbatim  bool
	patternOf fault.Entry // what the pattern wants, in words
	defects   []string
}

// ChoiceValue is one value of a choice and what it means.
type ChoiceValue struct {
	Value string
	Doc   string
}

// ChoiceInfo describes one value of a choice.
type ChoiceInfo struct {
	Value string      `json:"value"`
	Doc   fault.Entry `json:"doc"`
}

// Dependency says that another property must have one of some values, or, when
// there are none, that it must not be empty.
type Dependency struct {
	Key    string   `json:"key"`
	Values []string `json:"values,omitempty"`
}

// Option refines a property, as in s.String(&c.path, "path", "...", Required).
type Option func(*Property)

// Required makes a property that must be set.
func Required(p *Property) { p.Required = true }

// Advanced makes a property that forms show on demand only.
func Advanced(p *Property) { p.Advanced = true }

// Verbatim lets a string or text hold "${", which is refused otherwise because
// such a property evaluates no expression.
func Verbatim(p *Property) { p.verbatim = true }

// Number is what Min and Max take.
type Number interface {
	~int | ~int64 | ~float64
}

// Min sets the least value of a number, duration or size, or the least count of
// entries of a list or map.
func Min[N Number](n N) Option {
	return func(p *Property) { v := float64(n); p.min, p.Min = &v, bound(p.Type, v) }
}

// Max sets the greatest value of a number, duration or size, or the greatest
// count of entries of a list or map.
func Max[N Number](n N) Option {
	return func(p *Property) { v := float64(n); p.max, p.Max = &v, bound(p.Type, v) }
}

// Example gives a value as it would stand in a flow file, without quotes for a
// text.
func Example(value string) Option { return func(p *Property) { p.Example = value } }

// DependsOn makes a property that applies only while the property key has one
// of the values, or any value when none is given.
func DependsOn(key string, values ...string) Option {
	return func(p *Property) { p.DependsOn = append(p.DependsOn, Dependency{key, values}) }
}

// Pattern wants texts to match a regular expression as a whole; words say what
// it wants, such as "a project id". It holds for each entry of a list.
func Pattern(re, words string) Option {
	return func(p *Property) {
		p.Pattern, p.patternOf = re, both(words)
		m, err := compilePattern(re)
		if err != nil {
			p.defects = append(p.defects, "pattern: "+err.Error())
			return
		}
		p.matches = m
	}
}

// bound renders a limit as it would stand in a flow file.
func bound(t Type, v float64) string {
	switch t {
	case TypeDuration:
		return renderDuration(time.Duration(v))
	case TypeBytes:
		return renderBytes(int64(v))
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// label makes "Null text" of "null_text".
func label(key string) string {
	words := strings.Split(key, "_")
	for i, w := range words {
		if up, ok := initialisms[w]; ok {
			words[i] = up
		} else if i == 0 && w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}

var initialisms = map[string]string{"url": "URL", "uri": "URI", "id": "ID", "ids": "IDs", "csv": "CSV", "json": "JSON",
	"ndjson": "NDJSON", "sql": "SQL", "http": "HTTP", "api": "API", "ga4": "GA4", "crlf": "CRLF", "bom": "BOM", "utf8": "UTF-8", "utc": "UTC"}
