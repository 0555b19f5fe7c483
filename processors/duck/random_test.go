package duck_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/weirflow/weir/processors/duck"
	"github.com/weirflow/weir/record"
)

// dice makes types and values at random, edges more often than anything else.
type dice struct{ *rand.Rand }

func (d dice) typ(depth int) record.Type {
	kinds := []record.Kind{record.KindBool, record.KindInt64, record.KindDouble, record.KindDecimal, record.KindString, record.KindBytes,
		record.KindTimestamp, record.KindDate, record.KindJSON}
	if depth < 3 {
		kinds = append(kinds, record.KindList, record.KindStruct)
	}
	switch k := kinds[d.IntN(len(kinds))]; k {
	case record.KindDecimal:
		p := 1 + d.IntN(38)
		return record.DecimalOf(p, d.IntN(p+1))
	case record.KindList:
		return record.ListOf(d.typ(depth + 1))
	case record.KindStruct:
		return record.StructOf(d.fields(depth + 1)...)
	default:
		return record.Of(k)
	}
}

func (d dice) fields(depth int) []record.Field {
	out := make([]record.Field, 1+d.IntN(4))
	for i := range out {
		out[i] = record.Field{Name: []string{"a", "이름", `q"uo'te`, "order", "a b", "x.y", "?", "$n"}[d.IntN(8)] + fmt.Sprint(i), Type: d.typ(depth)}
	}
	return out
}

func (d dice) value(t record.Type) record.Value {
	if d.IntN(6) == 0 {
		return record.Null
	}
	switch t.Kind {
	case record.KindBool:
		return record.Bool(d.IntN(2) == 0)
	case record.KindInt64:
		return record.Int64([]int64{0, -1, 1 << 53, 1<<53 - 1, -1 << 53, math.MaxInt64, math.MinInt64, int64(d.Uint64())}[d.IntN(8)])
	case record.KindDouble:
		return record.Double([]float64{0, 1, -1.5, 0.1, 1e21, 1e-7, math.MaxFloat64, math.SmallestNonzeroFloat64, math.NaN(), math.Inf(1), math.Inf(-1), d.NormFloat64()}[d.IntN(12)])
	case record.KindDecimal:
		return d.decimal(t)
	case record.KindString:
		return record.String(d.text())
	case record.KindBytes:
		b := make([]byte, d.IntN(6))
		for i := range b {
			b[i] = byte(d.Uint32())
		}
		return record.Bytes(b)
	case record.KindTimestamp:
		return record.Timestamp([]int64{0, -1, -62135596800000000, 253402300799999999, d.Int64N(4e15)}[d.IntN(5)])
	case record.KindDate:
		return record.Date([]int64{0, -1, -719162, 2932896, d.Int64N(40000)}[d.IntN(5)])
	case record.KindJSON:
		j, err := record.JSON([]byte([]string{`1`, `1.10`, `12345678901234567890123`, `"a"`, `{"b":1,"a":[null,1e3]}`, `[]`, `true`, `"\u0000한"`}[d.IntN(8)]))
		if err != nil {
			panic(err)
		}
		return j
	case record.KindList:
		items := make([]record.Value, d.IntN(4))
		for i := range items {
			items[i] = d.value(*t.Elem)
		}
		return record.List(items...)
	}
	items := make([]record.Value, len(t.Fields))
	for i := range items {
		items[i] = d.value(t.Fields[i].Type)
	}
	return record.Struct(items...)
}

func (d dice) decimal(t record.Type) record.Value {
	digits := make([]byte, d.IntN(t.Precision)+1)
	for i := range digits {
		digits[i] = byte('0' + d.IntN(10))
	}
	s := string(digits)
	if len(s) <= t.Scale {
		s = strings.Repeat("0", t.Scale-len(s)+1) + s
	}
	whole, part := strings.TrimLeft(s[:len(s)-t.Scale], "0"), s[len(s)-t.Scale:]
	if s = whole; s == "" {
		s = "0"
	}
	if part != "" {
		s += "." + part
	}
	v, err := record.Decimal([]string{"", "-"}[d.IntN(2)] + s)
	if err != nil {
		panic(err)
	}
	return v
}

func (d dice) text() string {
	var b strings.Builder
	for range d.IntN(8) {
		b.WriteString([]string{"a", "한글", "😀", `"`, `\`, "\n", "\x00", "'", "{", base64.StdEncoding.EncodeToString([]byte{byte(d.Uint32())}), "null", "NaN", " "}[d.IntN(13)])
	}
	return b.String()
}

// TestRandomRecordsComeBack loads records of random schemas and wants the same
// bytes back.
func TestRandomRecordsComeBack(t *testing.T) {
	db := open(t, duck.Options{Threads: 1})
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	for seed := range rounds {
		d := dice{rand.New(rand.NewPCG(uint64(seed), 7))}
		schema := &record.Schema{Fields: d.fields(0)}
		var b bytes.Buffer
		w := record.NewNDJSONWriter(&b, schema)
		n := 1 + d.IntN(30)
		for range n {
			row := make([]record.Value, len(schema.Fields))
			for i := range row {
				row[i] = d.value(schema.Fields[i].Type)
			}
			if err := w.Write(row); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		table := fmt.Sprintf("t%d", seed)
		load(t, db, table, schema, strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")...)
		have, got := out(t, db, "SELECT * FROM "+table)
		if !have.Equal(schema) {
			t.Fatalf("seed %d: schema %v, want %v", seed, have, schema)
		}
		if got != b.String() {
			x, y := strings.Split(got, "\n"), strings.Split(b.String(), "\n")
			for i := range y {
				if i >= len(x) || x[i] != y[i] {
					t.Fatalf("seed %d, %v\ngot  %s\nwant %s", seed, schema, x[min(i, len(x)-1)], y[i])
				}
			}
		}
	}
}
