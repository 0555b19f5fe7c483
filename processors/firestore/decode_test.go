package firestore

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/genproto/googleapis/type/latlng"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/weirflow/weir/record"
)

func pbInt(i int64) *pb.Value { return &pb.Value{ValueType: &pb.Value_IntegerValue{IntegerValue: i}} }
func pbDouble(f float64) *pb.Value {
	return &pb.Value{ValueType: &pb.Value_DoubleValue{DoubleValue: f}}
}
func pbString(s string) *pb.Value { return &pb.Value{ValueType: &pb.Value_StringValue{StringValue: s}} }
func pbBool(b bool) *pb.Value     { return &pb.Value{ValueType: &pb.Value_BooleanValue{BooleanValue: b}} }
func pbNull() *pb.Value           { return &pb.Value{ValueType: &pb.Value_NullValue{}} }
func pbBytes(b ...byte) *pb.Value { return &pb.Value{ValueType: &pb.Value_BytesValue{BytesValue: b}} }
func pbRef(s string) *pb.Value {
	return &pb.Value{ValueType: &pb.Value_ReferenceValue{ReferenceValue: s}}
}
func pbTime(t time.Time) *pb.Value {
	return &pb.Value{ValueType: &pb.Value_TimestampValue{TimestampValue: timestamppb.New(t)}}
}
func pbGeo(lat, lng float64) *pb.Value {
	return &pb.Value{ValueType: &pb.Value_GeoPointValue{GeoPointValue: &latlng.LatLng{Latitude: lat, Longitude: lng}}}
}
func pbArray(v ...*pb.Value) *pb.Value {
	return &pb.Value{ValueType: &pb.Value_ArrayValue{ArrayValue: &pb.ArrayValue{Values: v}}}
}
func pbMap(pairs ...any) *pb.Value {
	m := map[string]*pb.Value{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1].(*pb.Value)
	}
	return &pb.Value{ValueType: &pb.Value_MapValue{MapValue: &pb.MapValue{Fields: m}}}
}
func pbVector(f ...float64) *pb.Value {
	var v []*pb.Value
	for _, x := range f {
		v = append(v, pbDouble(x))
	}
	return pbMap("__type__", pbString("__vector__"), "value", pbArray(v...))
}

// decoded sends a value through its wire form into a column of a type and back
// to the JSON of a row.
func decoded(t testing.TB, v *pb.Value, typ string) (string, error) {
	t.Helper()
	b, err := proto.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	w, err := readValue(b)
	if err != nil {
		t.Fatal(err)
	}
	want := record.MustParseType(typ)
	var c converter
	got, err := c.to(&want, w, 0)
	if err != nil {
		return "", err
	}
	out, err := record.AppendJSON(nil, want, got)
	if err != nil {
		t.Fatal(err)
	}
	return string(out), nil
}

const aPath = "projects/p/databases/(default)/documents/users/ann"

// golden is every type of value, in the columns that hold it and in json.
var golden = []struct {
	name  string
	v     *pb.Value
	typ   string
	want  string // empty: no column of this type holds it
	asAny string // in a json column
}{
	{"null", pbNull(), "string", "null", "null"},
	{"true", pbBool(true), "bool", "true", "true"},
	{"false", pbBool(false), "bool", "false", "false"},
	{"zero", pbInt(0), "int64", "0", "0"},
	{"largest safe", pbInt(1<<53 - 1), "int64", "9007199254740991", "9007199254740991"},
	{"beyond safe", pbInt(1 << 53), "int64", `"9007199254740992"`, `"9007199254740992"`},
	{"largest", pbInt(math.MaxInt64), "int64", `"9223372036854775807"`, `"9223372036854775807"`},
	{"least", pbInt(math.MinInt64), "int64", `"-9223372036854775808"`, `"-9223372036854775808"`},
	{"integer as double", pbInt(3), "double", "3", "3"},
	{"2^53 as double", pbInt(1 << 53), "double", "9007199254740992", `"9007199254740992"`},
	{"2^53+1 as double", pbInt(1<<53 + 1), "double", "", `"9007199254740993"`},
	{"largest as double", pbInt(math.MaxInt64), "double", "", `"9223372036854775807"`},
	{"least as double", pbInt(math.MinInt64), "double", "-9223372036854776000", `"-9223372036854775808"`},
	{"integer as decimal", pbInt(-12), "decimal(4,2)", `"-12"`, "-12"},
	{"integer too wide for decimal", pbInt(1000), "decimal(4,2)", "", "1000"},
	{"integer as string", pbInt(1), "string", "", "1"},
	{"double", pbDouble(0.1), "double", "0.1", "0.1"},
	{"minus zero", pbDouble(math.Copysign(0, -1)), "double", "-0", "-0"},
	{"NaN", pbDouble(math.NaN()), "double", `"NaN"`, `"NaN"`},
	{"infinity", pbDouble(math.Inf(1)), "double", `"Infinity"`, `"Infinity"`},
	{"minus infinity", pbDouble(math.Inf(-1)), "double", `"-Infinity"`, `"-Infinity"`},
	{"whole double as integer", pbDouble(3), "int64", "", "3"},
	{"double as decimal", pbDouble(1.5), "decimal(4,2)", "", "1.5"},
	{"text", pbString("김\n\"\\\x00"), "string", `"김\n\"\\\u0000"`, `"김\n\"\\\u0000"`},
	{"digits as integer", pbString("7"), "int64", "", `"7"`},
	{"text as date", pbString("2024-05-31"), "date", "", `"2024-05-31"`},
	{"year 0001", pbTime(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)), "timestamp", `"0001-01-01T00:00:00.000000Z"`, `"0001-01-01T00:00:00.000000Z"`},
	{"year 9999", pbTime(time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)), "timestamp", `"9999-12-31T23:59:59.999999Z"`, `"9999-12-31T23:59:59.999999Z"`},
	{"microseconds", pbTime(time.Date(1969, 12, 31, 23, 59, 59, 123456789, time.UTC)), "timestamp", `"1969-12-31T23:59:59.123456Z"`, `"1969-12-31T23:59:59.123456Z"`},
	{"bytes", pbBytes(0, 255), "bytes", `"AP8="`, `"AP8="`},
	{"no bytes", pbBytes(), "bytes", `""`, `""`},
	{"reference", pbRef(aPath), "string", `"` + aPath + `"`, `"` + aPath + `"`},
	{"reference to a collection", pbRef(aPath + "/orders"), "string", `"` + aPath + `/orders"`, `"` + aPath + `/orders"`},
	{"geopoint", pbGeo(37.5, -127), "struct<lat:double,lng:double>", `{"lat":37.5,"lng":-127}`, `{"lat":37.5,"lng":-127}`},
	{"geopoint turned", pbGeo(37.5, 127), "struct<lng:double,lat:double>", `{"lng":127,"lat":37.5}`, `{"lat":37.5,"lng":127}`},
	{"geopoint as half", pbGeo(37.5, 127), "struct<lat:double>", "", `{"lat":37.5,"lng":127}`},
	{"geopoint at zero", pbGeo(0, 0), "struct<lat:double,lng:double>", `{"lat":0,"lng":0}`, `{"lat":0,"lng":0}`},
	{"array", pbArray(pbInt(1), pbNull(), pbInt(2)), "list<int64>", "[1,null,2]", "[1,null,2]"},
	{"empty array", pbArray(), "list<string>", "[]", "[]"},
	{"mixed array", pbArray(pbInt(1), pbString("a")), "list<int64>", "", `[1,"a"]`},
	{"nested arrays", pbArray(pbArray(pbInt(1)), pbArray()), "list<list<int64>>", "[[1],[]]", "[[1],[]]"},
	{"map", pbMap("b", pbInt(1), "a", pbString("x")), "struct<a:string,b:int64,c:bool>", `{"a":"x","b":1,"c":null}`, `{"a":"x","b":1}`},
	{"empty map", pbMap(), "struct<a:string>", `{"a":null}`, "{}"},
	{"map of another type", pbMap("a", pbInt(1)), "struct<a:string>", "", `{"a":1}`},
	{"vector", pbVector(0.5, -1), "list<double>", "[0.5,-1]", "[0.5,-1]"},
	{"a map named __type__", pbMap("__type__", pbString("mine"), "value", pbArray(pbInt(1))), "list<int64>", "", `{"__type__":"mine","value":[1]}`},
	{"half a vector", pbMap("__type__", pbString("__vector__")), "list<double>", "", `{"__type__":"__vector__"}`},
	{"deep", pbMap("a", pbArray(pbMap("b", pbGeo(1, 2)))), "list<json>", "", `{"a":[{"b":{"lat":1,"lng":2}}]}`},
}

func TestEveryTypeOfValue(t *testing.T) {
	for _, c := range golden {
		got, err := decoded(t, c.v, c.typ)
		var m *misfit
		switch {
		case c.want == "" && !errors.As(err, &m):
			t.Errorf("%s as %s gives %q, %v; want a misfit", c.name, c.typ, got, err)
		case c.want != "" && (err != nil || got != c.want):
			t.Errorf("%s as %s gives %q, %v; want %q", c.name, c.typ, got, err, c.want)
		}
		if got, err := decoded(t, c.v, "json"); err != nil || got != c.asAny {
			t.Errorf("%s as json gives %q, %v; want %q", c.name, got, err, c.asAny)
		}
	}
}

func TestMisfitNamesThePlace(t *testing.T) {
	for _, c := range []struct {
		v         *pb.Value
		typ, want string
	}{
		{pbString(strings.Repeat("가", 100)), "bool", " is string \"" + strings.Repeat("가", 59) + "…\", not bool"},
		{pbArray(pbInt(1), pbDouble(2.5)), "list<int64>", "[1] is double 2.5, not int64"},
		{pbMap("a", pbArray(pbMap("b", pbInt(7)))), "struct<a:list<struct<b:string>>>", "a[0].b is integer 7, not string"},
		{&pb.Value{ValueType: &pb.Value_FieldReferenceValue{FieldReferenceValue: "x"}}, "json", " is of an unknown type, not json"},
		{pbArray(pbMap("a", &pb.Value{})), "json", "[0].a is of an unknown type, not json"},
	} {
		if _, err := decoded(t, c.v, c.typ); err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// TestWireAgreesWithGeneratedCode compares what is read from the wire form with
// what the generated messages hold, over random values.
func TestWireAgreesWithGeneratedCode(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		v := randomValue(r, 0)
		got, err := decoded(t, v, "json")
		if err != nil {
			t.Fatalf("%v: %v", v, err)
		}
		want, err := json.Marshal(reference(v))
		if err != nil {
			t.Fatal(err)
		}
		var a, b any
		if json.Unmarshal([]byte(got), &a) != nil || json.Unmarshal(want, &b) != nil {
			t.Fatalf("not JSON: %s", got)
		}
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		if string(x) != string(y) {
			t.Fatalf("%v:\n got %s\nwant %s", v, x, y)
		}
	}
}

func randomValue(r *rand.Rand, depth int) *pb.Value {
	n := r.IntN(11)
	if depth > 3 {
		n = r.IntN(9)
	}
	switch n {
	case 0:
		return pbNull()
	case 1:
		return pbBool(r.IntN(2) == 0)
	case 2:
		return pbInt(r.Int64N(1<<40) - 1<<39)
	case 3:
		return pbDouble(r.NormFloat64())
	case 4:
		return pbString(strings.Repeat("열 \"1\"\t", r.IntN(4)))
	case 5:
		return pbTime(time.UnixMicro(r.Int64N(1<<51) - 1<<50))
	case 6:
		return pbBytes([]byte(strings.Repeat("\xff\x00a", r.IntN(5)))...)
	case 7:
		return pbRef(aPath)
	case 8:
		return pbGeo(r.Float64(), r.Float64())
	case 9:
		var items []*pb.Value
		for range r.IntN(5) {
			items = append(items, randomValue(r, depth+1))
		}
		return pbArray(items...)
	}
	m := pbMap()
	for range r.IntN(5) {
		m.GetMapValue().Fields[string(rune('a'+r.IntN(26)))] = randomValue(r, depth+1)
	}
	return m
}

// reference is what a value is in JSON, from the generated messages.
func reference(v *pb.Value) any {
	switch x := v.ValueType.(type) {
	case *pb.Value_BooleanValue:
		return x.BooleanValue
	case *pb.Value_IntegerValue:
		return x.IntegerValue
	case *pb.Value_DoubleValue:
		return x.DoubleValue
	case *pb.Value_StringValue:
		return x.StringValue
	case *pb.Value_BytesValue:
		return append([]byte{}, x.BytesValue...)
	case *pb.Value_ReferenceValue:
		return x.ReferenceValue
	case *pb.Value_TimestampValue:
		return x.TimestampValue.AsTime().Format("2006-01-02T15:04:05.000000Z")
	case *pb.Value_GeoPointValue:
		return map[string]float64{"lat": x.GeoPointValue.GetLatitude(), "lng": x.GeoPointValue.GetLongitude()}
	case *pb.Value_ArrayValue:
		out := []any{}
		for _, e := range x.ArrayValue.GetValues() {
			out = append(out, reference(e))
		}
		return out
	case *pb.Value_MapValue:
		out := map[string]any{}
		for k, e := range x.MapValue.GetFields() {
			out[k] = reference(e)
		}
		return out
	}
	return nil
}

// FuzzResponse wants no response to bring the decoder down.
func FuzzResponse(f *testing.F) {
	for _, g := range golden {
		b, err := proto.Marshal(&pb.RunQueryResponse{Document: &pb.Document{Name: aPath, Fields: map[string]*pb.Value{"a": g.v},
			CreateTime: timestamppb.New(day), UpdateTime: timestamppb.New(day)}, ReadTime: timestamppb.New(day)})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	kinds := []record.Type{record.MustParseType("json"), record.MustParseType("list<double>"), record.MustParseType("struct<lat:double,lng:double>"),
		record.MustParseType("timestamp"), record.MustParseType("string")}
	f.Fuzz(func(t *testing.T, b []byte) {
		var d document
		if _, err := readResponse(b, &d); err != nil {
			return
		}
		var c converter
		for _, fd := range d.fields {
			for i := range kinds {
				if v, err := c.to(&kinds[i], fd.v, 0); err == nil && kinds[i].Kind == record.KindJSON && !v.IsNull() && !json.Valid([]byte(v.Text())) {
					t.Errorf("not JSON: %q", v.Text())
				}
			}
		}
	})
}

func TestKeyThatComesTwiceHasItsLastValue(t *testing.T) {
	one, err := proto.Marshal(pbMap("a", pbInt(1)).GetMapValue())
	if err != nil {
		t.Fatal(err)
	}
	two, err := proto.Marshal(pbMap("a", pbInt(2)).GetMapValue())
	if err != nil {
		t.Fatal(err)
	}
	b, err := appendJSON(nil, value{kind: kindMap, b: append(one, two...)}, 0)
	if err != nil || string(b) != `{"a":2}` {
		t.Errorf("%s, %v", b, err)
	}
}
