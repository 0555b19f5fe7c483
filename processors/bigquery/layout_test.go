package bigquery

import (
	"slices"
	"strings"
	"testing"

	bq "cloud.google.com/go/bigquery"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/record"
)

func show(fields bq.Schema) string {
	var out []string
	for _, f := range fields {
		s := f.Name + " " + showField(f)
		if len(f.Schema) > 0 {
			s += "<" + show(f.Schema) + ">"
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

func TestTypesOfANewTable(t *testing.T) {
	s := record.MustSchema("b", "bool", "i", "int64", "d", "double", "n", "decimal(38,9)", "w", "decimal(38,10)", "huge", "decimal(76,38)",
		"s", "string", "y", "bytes", "t", "timestamp", "dt", "date", "j", "json", "l", "list<int64>", "r", "struct<x:string,y:list<struct<z:date>>>")
	l, differ := layoutOf(s, nil, false)
	if len(differ) > 0 {
		t.Fatal(differ)
	}
	const want = "b BOOLEAN, i INTEGER, d FLOAT, n NUMERIC, w BIGNUMERIC, huge BIGNUMERIC, s STRING, y BYTES, t TIMESTAMP, dt DATE, j JSON, " +
		"l REPEATED INTEGER, r RECORD<x STRING, y REPEATED RECORD<z DATE>>"
	if got := show(l.schema); got != want {
		t.Errorf("schema\n got %s\nwant %s", got, want)
	}
	if !l.hasJSON || l.special || len(l.added) > 0 {
		t.Errorf("layout %+v", l)
	}
}

func TestColumnsAreMatchedByName(t *testing.T) {
	table := bq.Schema{
		{Name: "Note", Type: "STRING"},
		{Name: "UID", Type: "STRING", Required: true},
		{Name: "n", Type: "INT64"},
		{Name: "r", Type: "STRUCT", Schema: bq.Schema{{Name: "x", Type: "FLOAT64"}}},
	}
	l, differ := layoutOf(record.MustSchema("n", "int64", "uid", "string", "r", "struct<x:double>"), table, false)
	if len(differ) > 0 {
		t.Fatal(differ)
	}
	if got, want := show(l.schema), "Note STRING, UID REQUIRED STRING, n INTEGER, r RECORD<x FLOAT>"; got != want {
		t.Errorf("schema %s, want %s", got, want)
	}
	b, err := l.appendRow(nil, []record.Value{record.Int64(7), record.String("u"), record.Struct(record.Double(1.5))}, partition{})
	if err != nil || string(b) != `{"n":7,"UID":"u","r":{"x":1.5}}`+"\n" {
		t.Errorf("row %s, %v", b, err)
	}
}

func TestDifferencesAreListed(t *testing.T) {
	table := bq.Schema{
		{Name: "uid", Type: "INTEGER"}, {Name: "must", Type: "STRING", Required: true}, {Name: "l", Type: "STRING"},
		{Name: "r", Type: "RECORD", Schema: bq.Schema{{Name: "x", Type: "DATE"}}}, {Name: "dec", Type: "NUMERIC"},
	}
	records := record.MustSchema("uid", "string", "l", "list<string>", "r", "struct<x:timestamp,y:bool>", "dec", "decimal(76,38)", "new", "int64")
	_, differ := layoutOf(records, table, false)
	want := []string{
		"Column uid is INTEGER in the table; the records have string, which is STRING.",
		"Column l is STRING in the table; the records have list<string>, which is REPEATED STRING.",
		"Column r.x is DATE in the table; the records have timestamp, which is TIMESTAMP.",
		"The table has no column r.y (bool).",
		"The table has no column new (int64).",
		"The table requires a column must (REQUIRED STRING), which the records have not.",
	}
	if !slices.Equal(differ, want) {
		t.Errorf("differences\n got %s\nwant %s", strings.Join(differ, "\n     "), strings.Join(want, "\n     "))
	}
	l, differ := layoutOf(record.MustSchema("must", "string", "r", "struct<y:bool>", "new", "int64"), table, true)
	if len(differ) > 0 || !slices.Equal(l.added, []string{"r.y", "new"}) {
		t.Errorf("added %q, differences %q", l.added, differ)
	}
	if got, want := show(l.schema), "uid INTEGER, must REQUIRED STRING, l STRING, r RECORD<x DATE, y BOOLEAN>, dec NUMERIC, new INTEGER"; got != want {
		t.Errorf("schema %s, want %s", got, want)
	}
	if len(table) != 5 || len(table[3].Schema) != 1 {
		t.Error("the table's own schema was changed")
	}
}

func decimal(t *testing.T, s string) record.Value {
	t.Helper()
	v, err := record.Decimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDigits(t *testing.T) {
	numeric, big := digitsOf(&bq.FieldSchema{Type: "NUMERIC"}), digitsOf(&bq.FieldSchema{Type: "BIGNUMERIC"})
	small := digitsOf(&bq.FieldSchema{Type: "NUMERIC", Precision: 5, Scale: 2})
	nines := func(n int) string { return strings.Repeat("9", n) }
	for _, c := range []struct {
		d    digits
		text string
		want bool
	}{
		{numeric, nines(29) + ".999999999", true},
		{numeric, "-" + nines(29) + ".999999999", true},
		{numeric, "1" + strings.Repeat("0", 29), false},
		{numeric, "0.0000000001", false},
		{big, nines(38) + "." + nines(38), true},
		{big, "578960446186580977117854925043439539265.9", true},
		{big, "578960446186580977117854925043439539267", false},
		{big, "600000000000000000000000000000000000000", false},
		{big, "0." + strings.Repeat("0", 38) + "1", false},
		{small, "999.99", true},
		{small, "1000", false},
		{small, "0.001", false},
		{digitsOf(&bq.FieldSchema{Type: "NUMERIC", Precision: 2, Scale: 2}), "0.25", true},
	} {
		if got := c.d.fits(decimal(t, c.text).Text()); got != c.want {
			t.Errorf("%s in %+v: %t, want %t", c.text, c.d, got, c.want)
		}
	}
}

func TestRowsAtFault(t *testing.T) {
	p, err := partitionOf(runOf(t, "day", "2026-11-20", "Asia/Seoul"), "dt")
	if err != nil {
		t.Fatal(err)
	}
	table := bq.Schema{
		{Name: "dt", Type: "DATE"}, {Name: "uid", Type: "STRING", Required: true, MaxLength: 3}, {Name: "n", Type: "NUMERIC"},
		{Name: "l", Type: "STRING", Repeated: true}, {Name: "y", Type: "BYTES", MaxLength: 2},
		{Name: "r", Type: "RECORD", Schema: bq.Schema{{Name: "x", Type: "INTEGER", Required: true}}},
	}
	s := record.MustSchema("dt", "date", "uid", "string", "n", "decimal(38,20)", "l", "list<string>", "y", "bytes", "r", "struct<x:int64>")
	l, differ := layoutOf(s, table, false)
	if len(differ) > 0 {
		t.Fatal(differ)
	}
	if err := l.decide(s, p); err != nil {
		t.Fatal(err)
	}
	in := record.Date(p.fromDay)
	uid, null := record.String("김민수"), record.Null
	for _, c := range []struct {
		name      string
		row       []record.Value
		code, col string
	}{
		{"good", []record.Value{in, uid, null, null, null, null}, "", ""},
		{"another slot", []record.Value{record.Date(p.toDay), uid, null, null, null, null}, "bigquery_row_slot", "dt"},
		{"no date", []record.Value{null, uid, null, null, null, null}, "bigquery_row_slot", "dt"},
		{"null", []record.Value{in, null, null, null, null, null}, "bigquery_row_null", "uid"},
		{"long text", []record.Value{in, record.String("abcd"), null, null, null, null}, "bigquery_row_text_long", "uid"},
		{"digits", []record.Value{in, uid, decimal(t, "0.0000000001"), null, null, null}, "bigquery_row_digits", "n"},
		{"null item", []record.Value{in, uid, null, record.List(record.String("a"), null), null, null}, "bigquery_row_null_item", "l"},
		{"long bytes", []record.Value{in, uid, null, null, record.Bytes([]byte("abc")), null}, "bigquery_row_text_long", "y"},
		{"null field", []record.Value{in, uid, null, null, null, record.Struct(null)}, "bigquery_row_null", "r.x"},
		{"bad UTF-8", []record.Value{in, record.String("\xff"), null, null, null, null}, "text_not_of_type", "uid"},
		{"too large", []record.Value{in, uid, null, record.List(record.String(strings.Repeat("x", longestRow))), null, null}, "bigquery_row_long", ""},
	} {
		b, err := l.appendRow([]byte("before"), c.row, p)
		if err == nil && c.code == "" {
			if string(b) != `before{"dt":"2026-11-20","uid":"김민수"}`+"\n" {
				t.Errorf("%s: %s", c.name, b)
			}
			continue
		}
		if string(b) != "before" {
			t.Errorf("%s: a rejected row left %d bytes behind", c.name, len(b)-6)
		}
		got := refusal(9, record.StructOf(s.Fields...), c.row, err)
		column := ""
		if !got[1].IsNull() {
			column = got[1].Text()
		}
		if fault.CodeOf(err) != c.code || column != c.col {
			t.Errorf("%s: %v (%s) for %q, want %s for %q", c.name, err, fault.CodeOf(err), column, c.code, c.col)
		}
	}
}
