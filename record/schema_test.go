package record

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
)

func TestTypeText(t *testing.T) {
	for in, want := range map[string]string{
		"int64":                     "int64",
		" list < list<string> > ":   "list<list<string>>",
		"decimal":                   "decimal(38,9)",
		"decimal( 76 , 38 )":        "decimal(76,38)",
		"decimal(5)":                "decimal(5,0)",
		`struct<"a":int64, b:json>`: "struct<a:int64,b:json>",
		`struct<"l n g":double,"이름":struct<x:date>,"1":bool,"\"":bytes>`: `struct<"l n g":double,"이름":struct<x:date>,"1":bool,"\"":bytes>`,
	} {
		typ, err := ParseType(in)
		if err != nil || typ.String() != want {
			t.Errorf("%q = %s, %v; want %s", in, typ, err, want)
		}
		if again, err := ParseType(want); err != nil || !again.Equal(typ) {
			t.Errorf("%q read back = %s, %v", want, again, err)
		}
	}
}

func TestTypeFaults(t *testing.T) {
	for _, c := range []struct{ in, code, says string }{
		{"int46", "type_unknown", "Did you mean int64?"},
		{"list<sting>", "type_unknown", "(character 6 of \"list<sting>\"). Did you mean string?"},
		{"Int64", "type_unknown", "Did you mean int64?"},
		{"varchar", "type_unknown", "Did you mean string?"},
		{"map", "type_unknown", "Did you mean json?"},
		{"null", "type_unknown", "no type null"},
		{"lst", "type_unknown", "Did you mean list<string>?"},
		{"structs", "type_unknown", "Did you mean struct<name:string>?"},
		{"", "type_unfinished", ""},
		{"list", "type_unfinished", "list"},
		{"list<string", "type_unfinished", ""},
		{"struct<", "type_unfinished", ""},
		{"int64 x", "type_syntax", "from character 7 on: x"},
		{"struct<>", "type_syntax", "from character 8 on: >"},
		{"struct<a int64>", "type_syntax", "from character 10 on"},
		{`struct<"가":int64,"나:int64>`, "type_syntax", "from character 18 on"},
		{"decimal(x)", "type_syntax", "from character 9"},
		{"decimal(0,0)", "type_decimal", "1 to 76 digits"},
		{"decimal(77,1)", "type_decimal", "decimal(77,1)"},
		{"decimal(5,6)", "type_decimal", ""},
		{"struct<a:int64,a:date>", "schema_duplicate_name", "name a stands twice"},
		{`struct<"":int64>`, "schema_empty_name", ""},
		{strings.Repeat("list<", 40) + "int64" + strings.Repeat(">", 40), "type_too_deep", "32"},
	} {
		_, err := ParseType(c.in)
		if fault.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v (%s), want %s saying %q", c.in, err, fault.CodeOf(err), c.code, c.says)
		}
	}
}

func TestSchemaJSON(t *testing.T) {
	const text = `[["uid","string"],["태그 <\"x\">","list<string>"],["price","decimal(38,9)"]]`
	s, err := ParseSchema([]byte(` [ ["uid", "string"], ["태그 <\"x\">", "list< string >"],["price","decimal"]]`))
	if err != nil {
		t.Fatal(err)
	}
	if s.String() != text {
		t.Errorf("canonical = %s, want %s", s, text)
	}
	// The standard library escapes < and > of what it marshals; it is the same JSON.
	b, err := json.Marshal(map[string]*Schema{"schema": s})
	if err != nil {
		t.Fatal(err)
	}
	var back struct{ Schema *Schema }
	if err := json.Unmarshal(b, &back); err != nil || !back.Schema.Equal(s) {
		t.Errorf("%s read back = %s, %v", b, back.Schema, err)
	}
	if got, want := MustSchema("uid", "string").Hash(), "ebef27045b4f832c284754a72920a878efc1c8e17b9a6fed04cc419304ea99dc"; got != want {
		t.Errorf("Hash = %s, want %s", got, want)
	}
	if s.Hash() == MustSchema("uid", "string").Hash() {
		t.Error("two schemas have one hash")
	}
	if s.Index("price") != 2 || s.Index("Price") != -1 {
		t.Error("Index does not compare exactly")
	}
}

func TestSchemaFaults(t *testing.T) {
	for _, c := range []struct{ in, code, says string }{
		{`{"uid":"string"}`, "schema_not_pairs", `{"uid":"string"}`},
		{`null`, "schema_not_pairs", ""},
		{`"uid"`, "schema_not_pairs", ""},
		{"[[\"\xff\",\"string\"]]", "schema_not_pairs", ""},
		{`[["uid"]]`, "schema_bad_column", `Column 1 of the schema is ["uid"]`},
		{`[["a","bool"],["uid","string","x"]]`, "schema_bad_column", "Column 2"},
		{`[["uid",null]]`, "schema_bad_column", ""},
		{`[["uid",5]]`, "schema_bad_column", ""},
		{`[["","string"]]`, "schema_empty_name", "Column 1"},
		{`[["a","string"],["b","string"],["a","int64"]]`, "schema_duplicate_name", "positions 1 and 3"},
		{`[["a","strin"]]`, "type_unknown", `column "a": There is no type strin`},
	} {
		_, err := ParseSchema([]byte(c.in))
		if fault.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v (%s), want %s saying %q", c.in, err, fault.CodeOf(err), c.code, c.says)
		}
	}
	for _, f := range []Field{{"a", Type{}}, {"a", Type{Kind: KindList}}, {"a", Type{Kind: KindStruct}}, {"a", DecimalOf(0, 0)}, {"a\xff", Of(KindBool)}, {"a", Type{Kind: 99}}} {
		if s, err := NewSchema(f); err == nil {
			t.Errorf("schema %s was accepted", s)
		}
	}
}

func TestSchemaDiff(t *testing.T) {
	a := MustSchema("x", "int64", "y", "string", "z", "date")
	b := MustSchema("y", "json", "x", "int64", "w", "bool")
	want := "Column y was string and is json.\nColumn z (date) is gone.\nColumn w (bool) is new.\n"
	if got := a.Diff(b); got != want {
		t.Errorf("Diff = %q, want %q", got, want)
	}
	if got := a.Diff(a); got != "" {
		t.Errorf("Diff with itself = %q", got)
	}
	if got := MustSchema("x", "date", "y", "date").Diff(MustSchema("y", "date", "x", "date")); got != "The columns stand in another order: y, x.\n" {
		t.Errorf("Diff of another order = %q", got)
	}
}
