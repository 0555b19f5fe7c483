package record

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
)

func TestInferFromJSON(t *testing.T) {
	var n Inferrer
	for _, row := range []string{
		`{"id":1,"name":"a","mixed":"x","v":[0.5,1],"tags":[],"big":9007199254740993,"n":1,"gone":null,"when":"2024-05-31"}`,
		`{"id":2,"name":"b","mixed":3,"v":[],"tags":["x",null],"big":0.5,"n":-0,"obj":{"a":1},"nest":[[1]],"lm":[{"a":1}]}`,
		`{"id":3,"mixed":"y","v":null,"tags":[],"hetero":[1,"a"],"empty":[],"long":12345678901234567890,"fine":0.12345678901234567890123,"when":"x"}`,
	} {
		if err := n.ObserveJSON([]byte(row)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := n.Schema()
	if err != nil {
		t.Fatal(err)
	}
	want := MustSchema("id", "int64", "name", "string", "mixed", "json", "v", "list<double>", "tags", "list<string>", "big", "json", "n", "double",
		"gone", "json", "when", "string", "obj", "json", "nest", "json", "lm", "json", "hetero", "json", "empty", "json", "long", "json", "fine", "json")
	if !s.Equal(want) {
		t.Errorf("schema %s\nwant %s\n%s", s, want, want.Diff(s))
	}
	for _, r := range n.Report() {
		switch r.Field.Name {
		case "mixed":
			if got := r.String(); got != "string 67 %, int64 33 %" || !r.Conflict || r.Nulls != 0 {
				t.Errorf("report of mixed = %s %+v", got, r)
			}
		case "name":
			if got := r.String(); got != "string 100 %" || r.Conflict || r.Nulls != 1 {
				t.Errorf("report of name = %s %+v", got, r)
			}
		case "gone":
			if got := r.String(); got != "null only" || r.Nulls != 3 || r.Conflict {
				t.Errorf("report of gone = %s %+v", got, r)
			}
		case "n", "v", "tags":
			if r.Conflict {
				t.Errorf("report of %s = %+v: no conflict", r.Field.Name, r)
			}
		case "big":
			if !r.Conflict {
				t.Errorf("report of big = %+v: a conflict", r)
			}
		}
	}
}

func TestInferFromKindsAndValues(t *testing.T) {
	var n Inferrer
	for i := range 1000 {
		n.Row()
		if i == 7 {
			n.Observe("s", KindInt64)
		} else {
			n.Observe("s", KindString)
		}
		n.Observe("t", KindTimestamp)
		n.Observe("list", KindList)
		n.ObserveValue("vector", List(Double(0.5), Int64(2)))
		n.ObserveValue("mix", List(Double(0.5), Int64(1<<53)))
		n.ObserveValue("map", Struct(Null))
		n.ObserveValue("null", Null)
	}
	s, err := n.Schema()
	if err != nil {
		t.Fatal(err)
	}
	want := MustSchema("s", "json", "t", "timestamp", "list", "json", "vector", "list<double>", "mix", "json", "map", "json", "null", "json")
	if !s.Equal(want) {
		t.Errorf("schema %s, want %s", s, want)
	}
	if got := n.Report()[0].String(); got != "string over 99 %, int64 under 1 %" {
		t.Errorf("report = %s", got)
	}
}

func TestInferFromCSVKeepsEveryText(t *testing.T) {
	in := "id,code,price,flag,n,x,opt,q\n1,007,1.50,true,1,1,,1\n2,12,2,false,2.5,Infinity,5,\"2\"\n3,x,3,true,-3,NaN,,3\n"
	raw := rawRows(t, strings.NewReader(in), CSVOptions{})
	var n Inferrer
	for _, row := range raw[1:] {
		n.Row()
		for j, c := range row {
			n.ObserveCell(raw[0][j].Text, c, "")
		}
	}
	s, err := n.Schema()
	if err != nil {
		t.Fatal(err)
	}
	want := MustSchema("id", "int64", "code", "string", "price", "string", "flag", "bool", "n", "double", "x", "double", "opt", "int64", "q", "string")
	if !s.Equal(want) {
		t.Errorf("schema %s\nwant %s\n%s", s, want, want.Diff(s))
	}
	var out bytes.Buffer
	writeAll(t, NewCSVWriter(&out, s, CSVOptions{}), readAll(t, NewCSVReader(strings.NewReader(in), s, CSVOptions{})))
	if got, want := out.String(), strings.ReplaceAll(in, `"2"`, "2"); got != want {
		t.Errorf("written again:\n%s\nwant\n%s", got, want)
	}
}

// TestInferredSchemaHoldsItsSample says the one thing inference is for: every
// sampled row reads with the proposed schema, and json columns keep the value.
func TestInferredSchemaHoldsItsSample(t *testing.T) {
	for seed := range uint64(300) {
		r := random{rand.New(rand.NewPCG(seed, 3))}
		var n Inferrer
		var lines bytes.Buffer
		rows := 1 + r.IntN(6)
		for range rows {
			object := map[string]any{}
			for c := range 1 + r.IntN(5) {
				object["c"+strconv.Itoa(c)] = r.json(0)
			}
			b, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			if err := n.ObserveJSON(b); err != nil {
				t.Fatalf("seed %d: %s: %v", seed, b, err)
			}
			lines.Write(append(b, '\n'))
		}
		s, err := n.Schema()
		if err != nil {
			t.Fatal(err)
		}
		text := lines.String()
		if got := len(readAll(t, NewNDJSONReader(&lines, s, ReadOptions{}))); got != rows {
			t.Fatalf("seed %d: %d rows of\n%s", seed, got, text)
		}
	}
}

func TestInferRefusesWhatIsNoObject(t *testing.T) {
	for in, code := range map[string]string{
		`[1]`: "not_json_records", ``: "not_json_records", `{"a":1`: "row_bad_json", `{"a":1,"a":2}`: "row_duplicate_key", `{"a":1}x`: "row_bad_json", "{\"a\":\"\xff\"}": "row_bad_json",
	} {
		var n Inferrer
		if err := n.ObserveJSON([]byte(in)); fault.CodeOf(err) != code {
			t.Errorf("%q: %v, want %s", in, err, code)
		}
	}
	var n Inferrer
	if err := n.ObserveJSON([]byte(`{"":1}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Schema(); fault.CodeOf(err) != "schema_empty_name" {
		t.Errorf("empty key: %v", err)
	}
}
