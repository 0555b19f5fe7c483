package bigquery

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/record"
)

func deep(n int) record.Type {
	if n == 0 {
		return record.Of(record.KindString)
	}
	return record.StructOf(record.Field{Name: "x", Type: deep(n - 1)})
}

func TestColumnNames(t *testing.T) {
	text := record.Of(record.KindString)
	one := func(name string) []record.Field { return []record.Field{{Name: name, Type: text}} }
	many := make([]record.Field, 10_001)
	for i := range many {
		many[i] = record.Field{Name: "c" + strings.Repeat("x", i%3) + string(rune('a'+i%26)), Type: text}
	}
	for _, c := range []struct {
		name   string
		fields []record.Field
		code   string
	}{
		{"plain", one("user_id"), ""},
		{"Korean", one("이용자 번호"), ""},
		{"flexible", one("a-b % = + : ' < > # |"), ""},
		{"a digit first", one("2026"), ""},
		{"300 letters", one(strings.Repeat("가", 300)), ""},
		{"301 letters", one(strings.Repeat("가", 301)), "bigquery_name_long"},
		{"a dot", one("a.b"), "bigquery_name_character"},
		{"a bracket", one("sum(x)"), "bigquery_name_character"},
		{"a line feed", one("a\nb"), "bigquery_name_character"},
		{"reserved", one("_TABLE_SUFFIX"), "bigquery_name_reserved"},
		{"reserved in small letters", one("_partitiontime"), "bigquery_name_reserved"},
		{"only beginning alike", one("_parti"), ""},
		{"twice but for case", []record.Field{{Name: "Uid", Type: text}, {Name: "uid", Type: text}}, "bigquery_name_twice"},
		{"inside a list of structs", []record.Field{{Name: "a", Type: record.ListOf(record.StructOf(one("x.y")...))}}, "bigquery_name_character"},
		{"a list of lists", []record.Field{{Name: "a", Type: record.ListOf(record.ListOf(text))}}, "bigquery_list_of_lists"},
		{"an empty struct", []record.Field{{Name: "a", Type: record.StructOf()}}, "bigquery_struct_empty"},
		{"14 structs deep", []record.Field{{Name: "a", Type: deep(14)}}, ""},
		{"15 structs deep", []record.Field{{Name: "a", Type: deep(15)}}, "bigquery_too_deep"},
		{"too many", many, "bigquery_too_many_columns"},
	} {
		if err := checkNames(c.fields, "", 1); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want code %q", c.name, err, c.code)
		}
	}
}

func TestClassicNames(t *testing.T) {
	for name, want := range map[string]bool{"uid": true, "_x9": true, "A1": true, "9a": false, "a b": false, "가": false, "": false, "a-b": false} {
		if classic(name) != want {
			t.Errorf("classic(%q) = %t", name, !want)
		}
	}
}
