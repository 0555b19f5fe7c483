package record

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
)

func TestCalendarAgreesWithTheStandardLibrary(t *testing.T) {
	check := func(day int64) {
		want := time.Unix(day*86400, 0).UTC()
		if got := string(appendDate(nil, day)); got != want.Format(time.DateOnly) {
			t.Fatalf("day %d = %s, want %s", day, got, want.Format(time.DateOnly))
		}
		if back, v := parseDate(want.Format(time.DateOnly)); v != fits || back != day {
			t.Fatalf("%s = day %d (%d), want %d", want.Format(time.DateOnly), back, v, day)
		}
	}
	for day := int64(minDay); day <= maxDay; day += 17 {
		check(day)
	}
	for day := dayOf(1896, 1, 1); day < dayOf(2008, 1, 1); day++ {
		check(day)
	}
	check(minDay)
	check(maxDay)
	const form = "2006-01-02T15:04:05.000000Z"
	r := rand.New(rand.NewPCG(1, 1))
	for range 20000 {
		us := minMicros + r.Int64N(maxMicros-minMicros+1)
		want := time.UnixMicro(us).UTC()
		if got := string(appendTimestamp(nil, us)); got != want.Format(form) {
			t.Fatalf("%d = %s, want %s", us, got, want.Format(form))
		}
		there := want.In(time.FixedZone("", (r.IntN(23*120)-23*60)*60))
		if there.Year() < 1 || there.Year() > 9999 {
			continue
		}
		if back, v := parseTimestamp(there.Format(time.RFC3339Nano)); v != fits || back != us {
			t.Fatalf("%s = %d (%d), want %d", there.Format(time.RFC3339Nano), back, v, us)
		}
		if TimestampOf(there.Add(999)).Micros() != us || !Timestamp(us).Time().Equal(want) {
			t.Fatalf("time %s does not pass through a value", there)
		}
	}
}

// TestDecimalAgreesWithBigRat checks values and verdicts against exact rational
// arithmetic.
func TestDecimalAgreesWithBigRat(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	digits := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte("00123456789"[r.IntN(11)])
		}
		return b.String()
	}
	seen := map[verdict]int{}
	for range 20000 {
		whole := strings.TrimLeft(digits(r.IntN(6)), "0")
		if whole == "" {
			whole = "0"
		}
		s := []string{"", "-"}[r.IntN(2)] + whole
		if r.IntN(2) == 0 {
			s += "." + digits(1+r.IntN(5))
		}
		if r.IntN(2) == 0 {
			s += fmt.Sprintf("%c%s%d", "eE"[r.IntN(2)], []string{"", "+", "-"}[r.IntN(3)], r.IntN(7))
		}
		precision := 1 + r.IntN(8)
		scale := r.IntN(precision + 1)
		want, ok := new(big.Rat).SetString(s)
		if !ok {
			t.Fatalf("the judge does not read %q", s)
		}
		power := func(n int) *big.Rat {
			return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil))
		}
		got, v := parseDecimal(s, precision, scale)
		seen[v]++
		tooBig := new(big.Rat).Abs(want).Cmp(power(precision-scale)) >= 0
		tooFine := !new(big.Rat).Mul(want, power(scale)).IsInt()
		if v != fits {
			if v == outOfRange && !tooBig || v == wouldLose && !tooFine || v == notOfType {
				t.Fatalf("%s as decimal(%d,%d) is refused: %d", s, precision, scale, v)
			}
			continue
		}
		if tooBig || tooFine {
			t.Fatalf("%s as decimal(%d,%d) = %s is accepted", s, precision, scale, got)
		}
		back, ok := new(big.Rat).SetString(got)
		if !ok || back.Cmp(want) != 0 {
			t.Fatalf("%s = %s", s, got)
		}
		if again, v := parseDecimal(got, precision, scale); v != fits || again != got || strings.ContainsAny(got, "eE+") {
			t.Fatalf("%s is not canonical: %s", got, again)
		}
	}
	for _, v := range []verdict{fits, outOfRange, wouldLose} {
		if seen[v] < 1000 {
			t.Errorf("verdict %d came up only %d times", v, seen[v])
		}
	}
}

func TestDoublesReadBackBitByBit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	try := func(f float64) {
		s := string(appendDouble(nil, f))
		got, v := parseDouble(s)
		if v != fits || math.Float64bits(got) != math.Float64bits(f) && f == f {
			t.Fatalf("%x = %s = %x (%d)", math.Float64bits(f), s, math.Float64bits(got), v)
		}
	}
	for range 20000 {
		try(math.Float64frombits(r.Uint64()))
		try(float64(r.Int64N(1<<54)) / 8)
	}
	for _, f := range []float64{0, math.Copysign(0, -1), 1e21, 1e-6, 1e-7, 999999999999999900000, math.Pi, 5e-324} {
		try(f)
	}
}

func TestValueAccessorsRefuseOtherKinds(t *testing.T) {
	for name, f := range map[string]func(){
		"Bool": func() { Int64(1).Bool() }, "Int64": func() { Null.Int64() }, "Double": func() { Int64(1).Double() },
		"Text": func() { Bytes(nil).Text() }, "Bytes": func() { String("").Bytes() }, "Micros": func() { Date(1).Micros() },
		"Days": func() { Timestamp(1).Days() }, "Items": func() { String("ab").Items() }, "Time": func() { Null.Time() },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s gave a value of another kind", name)
				}
			}()
			f()
		}()
	}
}

func TestCloneSharesNothing(t *testing.T) {
	b := []byte("weir")
	v := List(Bytes(b), Struct(String(share(b)), Int64(1)), Null)
	c := v.Clone()
	if !c.Equal(v) {
		t.Fatalf("clone %v of %v", c, v)
	}
	b[0] = 'W'
	if got, want := c.String(), `[d2Vpcg== ("weir" 1) null]`; got != want {
		t.Errorf("clone = %s, want %s", got, want)
	}
}

func TestParseReadsWhatACellHolds(t *testing.T) {
	for seed := range uint64(500) {
		r := random{rand.New(rand.NewPCG(seed, 4))}
		typ := r.typ(0)
		v := r.value(&typ)
		b, err := typ.appendCell(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		if v.IsNull() {
			if len(b) > 0 {
				t.Fatalf("null is %q", b)
			}
			continue
		}
		got, err := Parse(typ, string(b))
		if err != nil || !got.Equal(v) {
			t.Fatalf("seed %d: %s %q = %v, %v; want %v", seed, typ, b, got, err, v)
		}
	}
	if _, err := Parse(Of(KindDate), "yesterday"); err == nil || !strings.Contains(err.Error(), "yesterday is not a value of type date (such as 2024-05-31)") {
		t.Errorf("yesterday as a date: %v", err)
	}
	for typ, in := range map[string]string{"json": `{"a":1,"a":2}`, "list<int64>": "[1", "struct<a:int64>": `{"b":1}`, "struct<a:string>": "{\"a\":\"\xff\"}", "decimal(3,1)": "1.23"} {
		if _, err := Parse(MustParseType(typ), in); fault.CodeOf(err) != "text_not_of_type" || !strings.Contains(err.Error(), typ) {
			t.Errorf("%s as %s: %v", in, typ, err)
		}
	}
	if _, err := JSON([]byte("{")); fault.CodeOf(err) != "text_not_of_type" {
		t.Errorf("{ as json: %v", err)
	}
	date := Of(KindDate)
	if _, err := date.appendCell(nil, Int64(1)); err == nil {
		t.Error("an int64 was written as a date")
	}
}

func TestCompactJSONIsWhatJSONMakesOfTheSameText(t *testing.T) {
	for _, text := range []string{`{}`, `[1,"a",null]`, `"\u0000"`, `1e3`} {
		checked, err := JSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if v := CompactJSON(text); !v.Equal(checked) || v.Text() != text {
			t.Errorf("CompactJSON(%s) = %v, JSON gives %v", text, v, checked)
		}
	}
}
