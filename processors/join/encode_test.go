package join_test

import (
	"bytes"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/weirflow/weir/processors/join"
	"github.com/weirflow/weir/record"
)

// TestKeysOrderAsTheirValues compares the encoded forms of values with the values.
func TestKeysOrderAsTheirValues(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	text := func() string {
		b := make([]rune, r.IntN(5))
		for i := range b {
			b[i] = []rune{0, 1, 2, 3, 0x11, 'a', 'b', '한', '글', '\U0001F600'}[r.IntN(10)]
		}
		return string(b)
	}
	number := func() int64 {
		return []int64{0, 1, -1, math.MaxInt64, math.MinInt64, r.Int64() - r.Int64(), int64(r.IntN(100)) - 50}[r.IntN(7)]
	}
	double := func() float64 {
		return []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), 5e-324, -5e-324, r.NormFloat64(), r.NormFloat64() * 1e300}[r.IntN(8)]
	}
	decimals := []string{"0", "-0.5", "0.5", "0.55", "-0.55", "1", "10", "9.99", "-9.99", "-10", "123456789012345678901234567890", "-123456789012345678901234567890.1", "0.05"}
	for range 200_000 {
		var a, b record.Value
		var want int
		switch r.IntN(4) {
		case 0:
			x, y := text(), text()
			a, b, want = record.String(x), record.String(y), bytes.Compare([]byte(x), []byte(y))
		case 1:
			x, y := number(), number()
			a, b = record.Int64(x), record.Int64(y)
			want = big.NewInt(x).Cmp(big.NewInt(y))
		case 2:
			x, y := double(), double()
			a, b = record.Double(x), record.Double(y)
			want = map[bool]int{true: 1}[x > y] - map[bool]int{true: 1}[x < y]
		case 3:
			x, y := decimals[r.IntN(len(decimals))], decimals[r.IntN(len(decimals))]
			a, b = decimal(t, x), decimal(t, y)
			m, _ := new(big.Rat).SetString(x)
			n, _ := new(big.Rat).SetString(y)
			want = m.Cmp(n)
		}
		// Another column follows: what ends a value must not change the order.
		x, y := append(join.Key(nil, a), 1, 2), append(join.Key(nil, b), 1, 2)
		if got := bytes.Compare(x, y); got != want {
			t.Fatalf("%v and %v compare as %d, their keys %q and %q as %d", a, b, want, x, y, got)
		}
		if !utf8.Valid(x) || bytes.IndexByte(x, 0) >= 0 || bytes.Count(x, []byte{1}) != 1 {
			t.Fatalf("the key of %v is %q", a, x)
		}
	}
	if nan := join.Key(nil, record.Double(math.NaN())); bytes.Compare(nan, join.Key(nil, record.Double(math.Inf(1)))) <= 0 {
		t.Error("NaN is not behind Infinity")
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

func TestCasts(t *testing.T) {
	seoul, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, value, to, want string }{
		{"string", "12", "int64", "12"}, {"string", "007", "int64", ""}, {"string", "1.5", "int64", ""}, {"string", "", "int64", ""},
		{"string", " 1", "int64", ""}, {"string", "9223372036854775808", "int64", ""}, {"double", "2", "int64", "2"}, {"double", "2.5", "int64", ""},
		{"double", "1e300", "int64", ""}, {"double", "NaN", "int64", ""}, {"double", "9007199254740992", "int64", ""}, {"int64", "9007199254740993", "double", ""},
		{"int64", "42", "double", "42"}, {"int64", "42", "string", "42"}, {"double", "0.1", "string", "0.1"}, {"decimal(9,2)", "1.50", "string", "1.5"},
		{"decimal(9,2)", "3.00", "int64", "3"}, {"decimal(9,2)", "3.10", "int64", ""}, {"string", "1.25", "decimal(9,1)", ""}, {"string", "1.2", "decimal(9,1)", "1.2"},
		{"bool", "true", "string", "true"}, {"string", "true", "bool", "true"}, {"string", "yes", "bool", ""}, {"string", "2026-11-21", "date", "2026-11-21"},
		{"string", "2026-02-30", "date", ""}, {"date", "2026-11-21", "string", "2026-11-21"},
		{"timestamp", "2026-11-20T15:00:00.000000Z", "date", "2026-11-21"}, {"timestamp", "2026-11-20T14:59:59.999999Z", "date", "2026-11-20"},
		{"timestamp", "1969-12-31T14:00:00.000000Z", "date", "1969-12-31"},
	} {
		from, to := record.MustParseType(c.from), record.MustParseType(c.to)
		v, err := record.Parse(from, c.value)
		if err != nil {
			t.Fatalf("%s %q: %v", c.from, c.value, err)
		}
		got, ok := join.Cast(v, from, to, seoul)
		if ok != (c.want != "") {
			t.Errorf("%s %q as %s: %v, %t, want %q", c.from, c.value, c.to, got, ok, c.want)
			continue
		}
		if ok {
			want, err := record.Parse(to, c.want)
			if err != nil || !got.Equal(want) {
				t.Errorf("%s %q as %s is %v, want %v", c.from, c.value, c.to, got, want)
			}
		}
	}
}
