package processors

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/internal/bytesize"
	"github.com/weirflow/weir/record"
)

type stringField struct{ binding[string] }

func (f *stringField) text() string { return *f.to }
func (f *stringField) decode(b *build, raw []byte) {
	s, ok := b.string(&f.prop, raw)
	if !ok || f.prop.Type != TypeChoice && !b.plain(&f.prop, s) {
		return
	}
	s, known := b.substitute(&f.prop, s)
	if !known {
		return
	}
	if f.prop.Type == TypeChoice {
		if !slices.ContainsFunc(f.prop.Choices, func(c ChoiceInfo) bool { return c.Value == s }) {
			b.problem(notChoice(&f.prop, s))
			return
		}
	} else if !b.match(&f.prop, s) {
		return
	}
	*f.to = s
}

type intField struct{ binding[int64] }

func (f *intField) text() string { return strconv.FormatInt(*f.to, 10) }
func (f *intField) decode(b *build, raw []byte) {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		// 1e3 and 5.0 are whole numbers in JSON.
		v, ferr := strconv.ParseFloat(string(raw), 64)
		if ferr != nil || v != math.Trunc(v) || math.Abs(v) > 1<<53 {
			b.problem(wrongType(&f.prop, raw))
			return
		}
		n = int64(v)
	}
	if b.within(&f.prop, float64(n), string(raw)) {
		*f.to = n
	}
}

type floatField struct{ binding[float64] }

func renderFloat(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func (f *floatField) text() string { return renderFloat(*f.to) }
func (f *floatField) decode(b *build, raw []byte) {
	var v float64
	if json.Unmarshal(raw, &v) != nil {
		b.problem(wrongType(&f.prop, raw))
		return
	}
	if b.within(&f.prop, v, string(raw)) {
		*f.to = v
	}
}

type boolField struct{ binding[bool] }

func (f *boolField) text() string { return strconv.FormatBool(*f.to) }
func (f *boolField) decode(b *build, raw []byte) {
	switch string(raw) {
	case "true", "false":
		*f.to = raw[0] == 't'
	default:
		b.problem(wrongType(&f.prop, raw))
	}
}

type runeField struct{ binding[rune] }

func (f *runeField) text() string {
	switch *f.to {
	case 0:
		return ""
	case '\t':
		return `\t`
	}
	return string(*f.to)
}
func (f *runeField) decode(b *build, raw []byte) {
	s, ok := b.string(&f.prop, raw)
	if !ok {
		return
	}
	if s == `\t` {
		s = "\t"
	}
	r, n := utf8.DecodeRuneInString(s)
	if n != len(s) || n == 0 || r == utf8.RuneError {
		b.problem(fault.New("setting_not_one_character", "property", f.prop.Key, "value", clip(s)).Permanent())
		return
	}
	*f.to = r
}

type durationField struct{ binding[time.Duration] }

func (f *durationField) text() string { return renderDuration(*f.to) }
func (f *durationField) decode(b *build, raw []byte) {
	s, ok := b.string(&f.prop, raw)
	if !ok {
		return
	}
	d, err := ParseDuration(s)
	if err != nil {
		b.problem(fault.New("setting_bad_duration", "property", f.prop.Key, "value", clip(s)).Permanent())
		return
	}
	if b.within(&f.prop, float64(d), s) {
		*f.to = d
	}
}

type bytesField struct{ binding[int64] }

func renderBytes(n int64) string {
	for _, u := range []struct {
		size int64
		name string
	}{{1 << 30, " GiB"}, {1e9, " GB"}, {1 << 20, " MiB"}, {1e6, " MB"}, {1 << 10, " KiB"}, {1e3, " KB"}} {
		if n != 0 && n%u.size == 0 {
			return strconv.FormatInt(n/u.size, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10) + " B"
}

func (f *bytesField) text() string { return renderBytes(*f.to) }
func (f *bytesField) decode(b *build, raw []byte) {
	s := string(raw)
	if raw[0] == '"' {
		var ok bool
		if s, ok = b.string(&f.prop, raw); !ok {
			return
		}
	}
	n, err := bytesize.Parse(s)
	if err != nil {
		b.problem(fault.New("setting_bad_size", "property", f.prop.Key, "value", clip(s)).Permanent())
		return
	}
	if b.within(&f.prop, float64(n), s) {
		*f.to = n
	}
}

type listField struct{ binding[[]string] }

func (f *listField) text() string {
	if len(*f.to) == 0 {
		return ""
	}
	return compact(*f.to)
}
func (f *listField) decode(b *build, raw []byte) {
	var entries []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &entries) != nil {
		b.problem(wrongType(&f.prop, raw))
		return
	}
	if !b.within(&f.prop, float64(len(entries)), strconv.Itoa(len(entries))) {
		return
	}
	out := make([]string, 0, len(entries))
	for _, e := range entries {
		s, ok := b.string(&f.prop, e)
		if !ok || !b.plain(&f.prop, s) {
			return
		}
		s, known := b.substitute(&f.prop, s)
		if known && !b.match(&f.prop, s) {
			return
		}
		out = append(out, s)
	}
	*f.to = out
}

type mapField struct{ binding[map[string]string] }

func (f *mapField) keys() []string { return slices.Sorted(maps.Keys(*f.to)) }
func (f *mapField) text() string {
	if len(*f.to) == 0 {
		return ""
	}
	return compact(*f.to)
}
func (f *mapField) decode(b *build, raw []byte) {
	entries, ok := b.object(&f.prop, raw)
	if !ok {
		return
	}
	out := make(map[string]string, len(entries))
	for _, k := range slices.Sorted(maps.Keys(entries)) {
		s, ok := b.string(&f.prop, entries[k])
		if !ok || !b.plain(&f.prop, s) {
			return
		}
		s, known := b.substitute(&f.prop, s)
		if known && !b.match(&f.prop, s) {
			return
		}
		out[k] = s
	}
	*f.to = out
}

type secretField struct{ binding[Secret] }

func (f *secretField) text() string { return f.to.name }
func (f *secretField) decode(b *build, raw []byte) {
	var ref struct {
		Secret string `json:"secret"`
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if raw[0] != '{' || d.Decode(&ref) != nil || ref.Secret == "" {
		b.problem(fault.New("setting_secret_form", "property", f.prop.Key).Permanent())
		return
	}
	if b.env.Secrets != nil && !b.env.Secrets.Has(ref.Secret) {
		b.problem(fault.New("setting_secret_unknown", "property", f.prop.Key, "name", ref.Secret).Permanent())
		return
	}
	b.secrets = append(b.secrets, ref.Secret)
	*f.to = Secret{name: ref.Secret, from: b.env.Secrets}
}

type serviceField struct{ binding[ServiceRef] }

func (f *serviceField) text() string { return f.to.name }
func (f *serviceField) decode(b *build, raw []byte) {
	s, ok := b.string(&f.prop, raw)
	if !ok {
		return
	}
	kind, ok := b.env.Services[s]
	switch {
	case !ok:
		b.problem(fault.New("setting_service_unknown", "property", f.prop.Key, "name", s, "kind", f.prop.Service,
			"have", orNone(slices.Sorted(maps.Keys(b.env.Services)))).Permanent())
	case kind != f.prop.Service:
		b.problem(fault.New("setting_service_kind", "property", f.prop.Key, "name", s, "kind", kind, "wanted", f.prop.Service).Permanent())
	default:
		*f.to = ServiceRef{name: s}
		b.services = append(b.services, s)
	}
}

type schemaField struct{ binding[*record.Schema] }

func (f *schemaField) text() string {
	if *f.to == nil {
		return ""
	}
	return (*f.to).String()
}
func (f *schemaField) decode(b *build, raw []byte) {
	s, err := record.ParseSchema(raw)
	if err != nil {
		b.problem(fault.New("setting_bad_schema", "property", f.prop.Key).Because(err).Permanent())
		return
	}
	if len(s.Fields) == 0 && f.prop.Required {
		b.problem(missing(&f.prop))
		return
	}
	*f.to = s
}

// compact renders v as JSON in one line.
func compact(v any) string {
	var w strings.Builder
	e := json.NewEncoder(&w)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return ""
	}
	return strings.TrimSpace(w.String())
}
