package bigquery

import (
	"fmt"
	"strconv"
	"strings"
)

// fieldOf returns the column that BigQuery would have for one of DuckDB with
// the type as it is written, e.g. STRUCT(a BIGINT, b VARCHAR[])[].
func fieldOf(name, duck string) (*Field, error) {
	p := &typeParser{rest: strings.TrimSpace(duck)}
	f, err := p.field(name)
	if err == nil && p.rest != "" {
		err = fmt.Errorf("%q is left", p.rest)
	}
	if err != nil {
		return nil, fmt.Errorf("read the type %s of column %s: %w", duck, name, err)
	}
	return f, nil
}

// typeParser reads a type from the front of rest.
type typeParser struct{ rest string }

func (p *typeParser) take(s string) bool {
	rest, ok := strings.CutPrefix(p.rest, s)
	if ok {
		p.rest = strings.TrimLeft(rest, " ")
	}
	return ok
}

func (p *typeParser) field(name string) (*Field, error) {
	f := &Field{Name: name, Mode: "NULLABLE"}
	if p.take("STRUCT(") {
		f.Type = "RECORD"
		for {
			sub, err := p.name()
			if err != nil {
				return nil, err
			}
			g, err := p.field(sub)
			if err != nil {
				return nil, err
			}
			f.Fields = append(f.Fields, g)
			if p.take(")") {
				break
			}
			if !p.take(",") {
				return nil, fmt.Errorf("expected a comma before %q", p.rest)
			}
		}
	} else if err := p.scalar(f); err != nil {
		return nil, err
	}
	for {
		if !p.take("[") {
			return f, nil
		}
		for p.rest != "" && p.rest[0] != ']' {
			p.rest = p.rest[1:] // of an array of fixed size
		}
		if !p.take("]") {
			return nil, fmt.Errorf("a bracket does not end")
		}
		if f.repeated() {
			return nil, fmt.Errorf("an array of arrays has no type in BigQuery")
		}
		f.Mode = "REPEATED"
	}
}

// name reads a name of a struct's field, quoted or not.
func (p *typeParser) name() (string, error) {
	if !strings.HasPrefix(p.rest, `"`) {
		name, rest, ok := strings.Cut(p.rest, " ")
		if !ok {
			return "", fmt.Errorf("expected a name before %q", p.rest)
		}
		p.rest = rest
		return name, nil
	}
	var name strings.Builder
	for i := 1; i < len(p.rest); i++ {
		if p.rest[i] != '"' {
			name.WriteByte(p.rest[i])
			continue
		}
		if i+1 < len(p.rest) && p.rest[i+1] == '"' {
			name.WriteByte('"')
			i++
			continue
		}
		p.rest = strings.TrimLeft(p.rest[i+1:], " ")
		return name.String(), nil
	}
	return "", fmt.Errorf("a quote does not end")
}

// scalars are DuckDB's types, longer names before their beginnings.
var scalars = []struct{ duck, kind string }{
	{"TIMESTAMP WITH TIME ZONE", "TIMESTAMP"}, {"TIMESTAMPTZ", "TIMESTAMP"},
	{"TIMESTAMP_NS", "DATETIME"}, {"TIMESTAMP_MS", "DATETIME"}, {"TIMESTAMP_S", "DATETIME"}, {"TIMESTAMP", "DATETIME"},
	{"TIME WITH TIME ZONE", "TIME"}, {"TIME_NS", "TIME"}, {"TIME", "TIME"},
	{"DATE", "DATE"}, {"BOOLEAN", "BOOLEAN"}, {"VARCHAR", "STRING"}, {"JSON", "JSON"},
	{"BLOB", "BYTES"}, {"DOUBLE", "FLOAT"}, {"FLOAT", "FLOAT"},
	{"UHUGEINT", "BIGNUMERIC"}, {"HUGEINT", "INTEGER"}, {"UBIGINT", "INTEGER"}, {"BIGINT", "INTEGER"},
	{"UINTEGER", "INTEGER"}, {"INTEGER", "INTEGER"}, {"USMALLINT", "INTEGER"}, {"SMALLINT", "INTEGER"},
	{"UTINYINT", "INTEGER"}, {"TINYINT", "INTEGER"}, {"INTERVAL", "STRING"}, {"UUID", "STRING"},
	{`"NULL"`, "INTEGER"}, {"NULL", "INTEGER"},
}

func (p *typeParser) scalar(f *Field) error {
	if p.take("DECIMAL(") || p.take("NUMERIC(") {
		args, rest, _ := strings.Cut(p.rest, ")")
		p.rest = strings.TrimLeft(rest, " ")
		width, scale, _ := strings.Cut(args, ",")
		w, err := strconv.Atoi(strings.TrimSpace(width))
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(strings.TrimSpace(scale))
		if err != nil {
			return err
		}
		f.Type = "NUMERIC"
		if n > 9 || w-n > 29 && w != 38 {
			f.Type = "BIGNUMERIC"
		}
		return nil
	}
	if p.take("ENUM(") {
		f.Type = "STRING"
		_, p.rest, _ = strings.Cut(p.rest, ")")
		return nil
	}
	for _, s := range scalars {
		if p.take(s.duck) {
			f.Type = s.kind
			return nil
		}
	}
	return fmt.Errorf("%q has no type in BigQuery", p.rest)
}
