package processors

import (
	"time"

	"github.com/weirflow/weir/record"
)

// field is a property bound to a field of a processor.
type field interface {
	property() *Property
	// pointer is the address of the bound field.
	pointer() any
	// decode reads a setting into the field.
	decode(b *build, raw []byte)
	// text renders the field's present value; empty when it is empty.
	text() string
}

// mapKeys is a field whose keys can name outputs.
type mapKeys interface{ keys() []string }

// binding is the part that all fields share.
type binding[T any] struct {
	prop Property
	to   *T
}

func (f *binding[T]) property() *Property { return &f.prop }
func (f *binding[T]) pointer() any        { return f.to }

func bindTo[T any](s *Spec, t Type, to *T, key, doc string, options []Option) binding[T] {
	b := binding[T]{Property{Key: key, Type: t, Doc: both(doc)}, to}
	if !slug.MatchString(key) {
		s.defect("property key %q is not lower_snake", key)
	}
	s.sentence("property "+key, doc)
	if to == nil {
		s.defect("property %s is bound to nil", key)
		b.to = new(T)
	}
	for _, o := range options {
		o(&b.prop)
	}
	for _, f := range s.fields {
		if f.pointer() == any(b.to) {
			s.defect("properties %s and %s are bound to one field", f.property().Key, key)
		}
	}
	return b
}

func (s *Spec) add(f field) {
	p := f.property()
	if _, twice := s.byKey[p.Key]; twice {
		s.defect("property %s is defined twice", p.Key)
	}
	p.Default = f.text()
	s.byKey[p.Key] = f
	s.fields = append(s.fields, f)
}

// String binds a text of one line.
func (s *Spec) String(to *string, key, doc string, options ...Option) {
	s.add(&stringField{bindTo(s, TypeString, to, key, doc, options)})
}

// Text binds a text of many lines, such as a query.
func (s *Spec) Text(to *string, key, doc string, options ...Option) {
	s.add(&stringField{bindTo(s, TypeText, to, key, doc, options)})
}

// Choice binds a text that is one of some values.
func (s *Spec) Choice(to *string, key, doc string, values []ChoiceValue, options ...Option) {
	f := &stringField{bindTo(s, TypeChoice, to, key, doc, options)}
	found := *f.to == ""
	for _, v := range values {
		s.sentence("choice "+key+"="+v.Value, v.Doc)
		f.prop.Choices = append(f.prop.Choices, ChoiceInfo{v.Value, both(v.Doc)})
		found = found || v.Value == *f.to
	}
	if !found || len(values) == 0 {
		s.defect("property %s: the default %q is no choice", key, *f.to)
	}
	s.add(f)
}

// Int binds a whole number.
func (s *Spec) Int(to *int64, key, doc string, options ...Option) {
	s.add(&intField{bindTo(s, TypeInt, to, key, doc, options)})
}

// Float binds a number.
func (s *Spec) Float(to *float64, key, doc string, options ...Option) {
	s.add(&floatField{bindTo(s, TypeFloat, to, key, doc, options)})
}

// Bool binds a truth.
func (s *Spec) Bool(to *bool, key, doc string, options ...Option) {
	s.add(&boolField{bindTo(s, TypeBool, to, key, doc, options)})
}

// Rune binds one character; a flow file may write \t for a tab.
func (s *Spec) Rune(to *rune, key, doc string, options ...Option) {
	s.add(&runeField{bindTo(s, TypeRune, to, key, doc, options)})
}

// Duration binds a time span, such as "5m" or "1d12h".
func (s *Spec) Duration(to *time.Duration, key, doc string, options ...Option) {
	s.add(&durationField{bindTo(s, TypeDuration, to, key, doc, options)})
}

// Bytes binds a size in bytes, such as "64 MB".
func (s *Spec) Bytes(to *int64, key, doc string, options ...Option) {
	s.add(&bytesField{bindTo(s, TypeBytes, to, key, doc, options)})
}

// List binds a list of texts.
func (s *Spec) List(to *[]string, key, doc string, options ...Option) {
	s.add(&listField{bindTo(s, TypeList, to, key, doc, options)})
}

// Map binds texts by name.
func (s *Spec) Map(to *map[string]string, key, doc string, options ...Option) {
	s.add(&mapField{bindTo(s, TypeMap, to, key, doc, options)})
}

// Expr binds a text that is evaluated per FlowFile.
func (s *Spec) Expr(to *Expr, key, doc string, options ...Option) {
	s.add(&exprField{bindTo(s, TypeExpr, to, key, doc, options)})
}

// ExprMap binds texts by name, each evaluated per FlowFile.
func (s *Spec) ExprMap(to *map[string]Expr, key, doc string, options ...Option) {
	s.add(&exprMapField{bindTo(s, TypeExprMap, to, key, doc, options)})
}

// Secret binds a secret, which a flow file only ever names:
// {"secret": "gcp-key"}.
func (s *Spec) Secret(to *Secret, key, doc string, options ...Option) {
	s.add(&secretField{bindTo(s, TypeSecret, to, key, doc, options)})
}

// Service binds the name of a service of the flow; it must be of the kind. The
// client comes from Client at Start.
func (s *Spec) Service(to *ServiceRef, key, kind, doc string, options ...Option) {
	f := &serviceField{bindTo(s, TypeService, to, key, doc, options)}
	f.prop.Service = kind
	if !kindName.MatchString(kind) {
		s.defect("property %s: service kind %q is not CamelCase", key, kind)
	}
	s.add(f)
}

// Schema binds the columns of records, [["uid","string"], ...] in a flow file.
func (s *Spec) Schema(to **record.Schema, key, doc string, options ...Option) {
	s.add(&schemaField{bindTo(s, TypeSchema, to, key, doc, options)})
}
