package basic

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/weirflow/weir/record"
)

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// words are what random texts are made of; some need quotes or an encoding that
// knows Korean.
var words = []string{"amber", "birch", "cedar", "delta", "ember", "fjord", "가나", "서울", "강물", "하늘 길", "quote \"q\"",
	"comma, here", "it's", "naïve", "x", "0042", "two\nlines"}

// dice gives random values. Only the generator's raw numbers are used, whose
// algorithm is fixed, so that a seed means the same content for ever.
type dice struct{ pcg *rand.PCG }

func newDice(seed, index int64) *dice { return &dice{rand.NewPCG(uint64(seed), uint64(index))} }

// below returns a number from 0 to n-1.
func (d *dice) below(n uint64) uint64 { return d.pcg.Uint64() % n }

// share reports true for that share of the calls.
func (d *dice) share(p float64) bool { return p > 0 && float64(d.pcg.Uint64()>>11)/(1<<53) < p }

// cell returns the value of a column in the row of a number.
func (d *dice) cell(f *record.Field, number int64, nulls float64) record.Value {
	if f.Name == "id" {
		switch f.Type.Kind {
		case record.KindInt64:
			return record.Int64(number)
		case record.KindString:
			return record.String(fmt.Sprintf("id-%08d", number))
		}
	}
	if d.share(nulls) {
		return record.Null
	}
	return d.value(&f.Type)
}

// Moments lie between these, in seconds and days since 1970: the years 2000 to
// 2030.
const (
	firstSecond = 946_684_800
	seconds     = 31 * 365 * 86_400
	firstDay    = firstSecond / 86_400
	days        = seconds / 86_400
)

func (d *dice) value(t *record.Type) record.Value {
	switch t.Kind {
	case record.KindBool:
		return record.Bool(d.below(2) == 1)
	case record.KindInt64:
		return record.Int64(int64(d.below(2_000_001)) - 1_000_000)
	case record.KindDouble:
		return record.Double(float64(int64(d.below(2_000_001))-1_000_000) / 64)
	case record.KindDecimal:
		return d.decimal(t)
	case record.KindString:
		return record.String(d.text())
	case record.KindBytes:
		b := make([]byte, d.below(12))
		for i := range b {
			b[i] = byte(d.below(256))
		}
		return record.Bytes(b)
	case record.KindTimestamp:
		return record.Timestamp((firstSecond+int64(d.below(seconds)))*1_000_000 + int64(d.below(1_000_000)))
	case record.KindDate:
		return record.Date(firstDay + int64(d.below(days)))
	case record.KindList:
		items := make([]record.Value, d.below(4))
		for i := range items {
			items[i] = d.value(t.Elem)
		}
		return record.List(items...)
	case record.KindStruct:
		fields := make([]record.Value, len(t.Fields))
		for i := range fields {
			fields[i] = d.value(&t.Fields[i].Type)
		}
		return record.Struct(fields...)
	case record.KindJSON:
		v, err := record.JSON(fmt.Appendf(nil, `{"n":%d,"ok":%t}`, d.below(1000), d.below(2) == 1))
		if err != nil {
			return record.Null // not reached: the text is JSON
		}
		return v
	}
	return record.Null
}

// decimal returns a number with at most the digits of its type.
func (d *dice) decimal(t *record.Type) record.Value {
	var b strings.Builder
	if d.below(2) == 1 {
		b.WriteByte('-')
	}
	whole := min(t.Precision-t.Scale, 9)
	b.WriteByte('0' + byte(d.below(2))*min(byte(whole), 1))
	for range max(whole-1, 0) {
		if b.String()[b.Len()-1] == '0' {
			break // no number begins with a zero
		}
		b.WriteByte('0' + byte(d.below(10)))
	}
	if t.Scale > 0 {
		b.WriteByte('.')
		for range t.Scale {
			b.WriteByte('0' + byte(d.below(10)))
		}
	}
	v, err := record.Decimal(b.String())
	if err != nil {
		return record.Null // not reached: the text is a number
	}
	return v
}

func (d *dice) text() string {
	n := 1 + int(d.below(4))
	parts := make([]string, n)
	for i := range parts {
		parts[i] = words[d.below(uint64(len(words)))]
	}
	return strings.Join(parts, " ")
}
