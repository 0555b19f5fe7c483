package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

type random struct{ *rand.Rand }

func (r random) text() string {
	alphabet := []rune("ab01 ,;\t\"'\\\r\n\x00=-+{}[]:ㄱ가힣é😀\u2028\ufeffN")
	out := make([]rune, r.IntN(12))
	for i := range out {
		out[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(out)
}

func (r random) typ(depth int) Type {
	k := Kind(1 + r.IntN(int(KindStruct)))
	if depth > 2 {
		k = Kind(1 + r.IntN(int(KindJSON)))
	}
	switch k {
	case KindDecimal:
		p := 1 + r.IntN(maxPrecision)
		return DecimalOf(p, r.IntN(p+1))
	case KindList:
		return ListOf(r.typ(depth + 1))
	case KindStruct:
		return StructOf(r.fields(1+r.IntN(4), depth+1)...)
	}
	return Of(k)
}

func (r random) fields(n, depth int) []Field {
	out := make([]Field, n)
	for i := range out {
		out[i] = Field{strconv.Itoa(i) + r.text(), r.typ(depth)}
	}
	return out
}

func (r random) json(depth int) any {
	switch r.IntN(7 - 2*min(depth/3, 1)) {
	case 0:
		return nil
	case 1:
		return r.IntN(2) == 0
	case 2:
		return json.Number(fmt.Sprintf("%d.%de%d", r.IntN(100), r.IntN(1000), r.IntN(500)))
	case 3, 4:
		return r.text()
	case 5:
		out := make([]any, r.IntN(4))
		for i := range out {
			out[i] = r.json(depth + 1)
		}
		return out
	}
	out := map[string]any{}
	for range r.IntN(4) {
		out[r.text()] = r.json(depth + 1)
	}
	return out
}

func (r random) value(t *Type) Value {
	if r.IntN(6) == 0 {
		return Null
	}
	between := func(low, high int64) int64 {
		return []int64{low, high, 0, -1, low + r.Int64N(high-low)}[r.IntN(5)]
	}
	switch t.Kind {
	case KindBool:
		return Bool(r.IntN(2) == 0)
	case KindInt64:
		return Int64([]int64{math.MinInt64, math.MaxInt64, 0, maxSafe, -maxSafe - 1, int64(r.Uint64())}[r.IntN(6)])
	case KindDouble:
		return Double([]float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), r.NormFloat64(), math.Float64frombits(r.Uint64())}[r.IntN(6)])
	case KindDecimal:
		whole, behind := r.IntN(t.Precision-t.Scale+1), r.IntN(t.Scale+1)
		s := []string{"", "-"}[r.IntN(2)] + "0"
		if whole > 0 {
			s = s[:len(s)-1] + strconv.Itoa(1+r.IntN(9))
			for range whole - 1 {
				s += strconv.Itoa(r.IntN(10))
			}
		}
		if behind > 0 {
			s += "." + strings.Repeat(strconv.Itoa(r.IntN(10)), behind)
		}
		v, err := Decimal(s)
		if err != nil {
			panic(err)
		}
		return v
	case KindString:
		return String(r.text())
	case KindBytes:
		b := make([]byte, r.IntN(8))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return Bytes(b)
	case KindTimestamp:
		return Timestamp(between(minMicros, maxMicros))
	case KindDate:
		return Date(between(minDay, maxDay))
	case KindJSON:
		b, err := json.Marshal(r.json(0))
		if err != nil {
			panic(err)
		}
		v, err := JSON(b)
		if err != nil {
			panic(fmt.Sprintf("%s: %v", b, err))
		}
		return v
	case KindList:
		items := make([]Value, r.IntN(5))
		for i := range items {
			items[i] = r.value(t.Elem)
		}
		return List(items...)
	}
	items := make([]Value, len(t.Fields))
	for i := range items {
		items[i] = r.value(&t.Fields[i].Type)
	}
	return Struct(items...)
}

func (r random) table(rows int) (*Schema, [][]Value) {
	s, err := NewSchema(r.fields(1+r.IntN(12), 0)...)
	if err != nil {
		panic(err)
	}
	out := make([][]Value, rows)
	for i := range out {
		out[i] = make([]Value, len(s.Fields))
		for j := range out[i] {
			out[i][j] = r.value(&s.Fields[j].Type)
		}
	}
	return s, out
}

func TestRandomTablesRoundTrip(t *testing.T) {
	n := 400
	if testing.Short() {
		n = 50
	}
	for seed := range uint64(n) {
		r := random{rand.New(rand.NewPCG(seed, 1))}
		s, rows := r.table(r.IntN(30))
		var again Schema
		if err := json.Unmarshal(s.canonical(), &again); err != nil || !again.Equal(s) || again.Hash() != s.Hash() {
			t.Fatalf("seed %d: schema %s read back as %s: %v", seed, s, &again, err)
		}
		odd := csvFormat("odd", CSVOptions{
			Delimiter: []rune{';', '|', ' ', '-', '0', 'N', '가', '\\', '\x00', '{'}[r.IntN(10)],
			Quote:     QuotePolicy(r.IntN(4)),
			Null:      []string{"", "null", "true", "1", "a"}[r.IntN(5)],
			NoHeader:  r.IntN(2) == 0, CRLF: r.IntN(2) == 0, BOM: r.IntN(2) == 0,
		})
		for _, f := range append([]format{odd}, formats...) {
			var b bytes.Buffer
			writeAll(t, f.write(&b, s), rows)
			whole := b.Bytes()
			if !utf8.Valid(whole) {
				t.Fatalf("seed %d: %s is not UTF-8", seed, f.name)
			}
			var in io.Reader = bytes.NewReader(slices.Clone(whole))
			if r.IntN(4) == 0 {
				in = iotest.OneByteReader(in)
			}
			got := readAll(t, f.read(in, s))
			if len(got) != len(rows) {
				t.Fatalf("seed %d, %s: %d rows, want %d", seed, f.name, len(got), len(rows))
			}
			for i := range rows {
				for j := range rows[i] {
					if !got[i][j].Equal(rows[i][j]) {
						t.Fatalf("seed %d, %s, row %d, %s %s = %v, want %v in\n%q", seed, f.name, i+1, s.Fields[j].Name, s.Fields[j].Type, got[i][j], rows[i][j], whole)
					}
				}
			}
		}
	}
}

func TestCutContentIsNeverWhole(t *testing.T) {
	for seed := range uint64(60) {
		r := random{rand.New(rand.NewPCG(seed, 2))}
		s, rows := r.table(5)
		var b bytes.Buffer
		writeAll(t, NewJSONWriter(&b, s), rows)
		cut := r.IntN(b.Len() - 2) // the last two bytes are the bracket and its line end
		rd := NewJSONReader(bytes.NewReader(b.Bytes()[:cut]), s, ReadOptions{})
		var err error
		for err == nil {
			_, err = rd.Next()
		}
		if err == io.EOF {
			t.Fatalf("seed %d: an array cut at %d of %d bytes is taken as whole", seed, cut, b.Len())
		}
	}
}
