package expr

import (
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/weirflow/weir/fault"
)

// arithmetic is a function of two numbers; a missing one makes it missing.
func arithmetic(name, doc string, wholes func(c *call, a, b int64) value, decimals func(a, b float64) float64) spec {
	return spec{name: name, on: Number, args: []Type{Number}, min: 1, out: Number, doc: doc, do: func(c *call) value {
		a := c.sub()
		if !a.ok {
			return none(Number)
		}
		b := c.arg(0)
		switch {
		case !b.ok:
			return none(Number)
		case a.kind == Decimal || b.kind == Decimal:
			return decimal(decimals(a.float(), b.float()))
		}
		return wholes(c, a.i, b.i)
	}}
}

var numberFunctions = []spec{
	arithmetic("plus", "The sum of the subject and the argument.", func(c *call, a, b int64) value {
		if s := a + b; (s > a) == (b > 0) {
			return whole(s)
		}
		return c.fail(overflow("plus"))
	}, func(a, b float64) float64 { return a + b }),
	arithmetic("minus", "The subject less the argument.", func(c *call, a, b int64) value {
		if d := a - b; (d < a) == (b > 0) {
			return whole(d)
		}
		return c.fail(overflow("minus"))
	}, func(a, b float64) float64 { return a - b }),
	arithmetic("multiply", "The subject times the argument.", func(c *call, a, b int64) value {
		p, ok := product(a, b)
		if !ok {
			return c.fail(overflow("multiply"))
		}
		return whole(p)
	}, func(a, b float64) float64 { return a * b }),
	arithmetic("divide", "The subject divided by the argument; of two whole numbers without the remainder.", func(c *call, a, b int64) value {
		switch {
		case b == 0:
			return c.fail(fault.New("expr_divide_zero", "function", "divide", "value", a).Permanent())
		case a == math.MinInt64 && b == -1:
			return c.fail(overflow("divide"))
		}
		return whole(a / b)
	}, func(a, b float64) float64 { return a / b }),
	arithmetic("mod", "The remainder of the subject divided by the argument.", func(c *call, a, b int64) value {
		switch b {
		case 0:
			return c.fail(fault.New("expr_divide_zero", "function", "mod", "value", a).Permanent())
		case -1:
			return whole(0)
		}
		return whole(a % b)
	}, math.Mod),
	{name: "toNumber", on: WholeNumber, out: WholeNumber, doc: "The subject as a whole number; missing where it is none.", do: (*call).sub},
	{name: "toDecimal", on: Decimal, out: Decimal, doc: "The subject as a decimal; missing where it is none.", do: (*call).sub},
	{name: "toRadix", on: WholeNumber, args: []Type{WholeNumber, WholeNumber}, min: 1, out: String, prepare: knownBase, doc: "The subject written in a base from 2 to 36, filled up with zeros to a width.", do: toRadix},
	{name: "fromRadix", on: String, args: []Type{WholeNumber}, min: 1, out: WholeNumber, prepare: knownBase, doc: "The whole number that the subject writes in a base from 2 to 36.", do: fromRadix},
	{name: "math", on: Number, args: []Type{String, Number}, min: 1, out: Number, alone: true, clocked: true, doc: "A function of mathematics by name, such as 'abs', 'round' or 'pow', of the subject and the second argument; alone, 'random'.", do: mathematics, prepare: knownMath},
}

func product(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	switch negative := (a < 0) != (b < 0); {
	case hi != 0:
		return 0, false
	case negative && lo <= 1<<63:
		return -int64(lo), true
	case !negative && lo < 1<<63:
		return int64(lo), true
	}
	return 0, false
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

func knownBase(n *invocation) (any, error) {
	if v, ok := n.constArg(0); ok && v.ok && (v.i < 2 || v.i > 36) {
		return nil, badValue(n.f.name, v.text(nil), "2–36")
	}
	return nil, nil
}

func radix(c *call) (int, bool) {
	v := c.arg(0)
	if !v.ok {
		return 0, false
	}
	if v.i < 2 || v.i > 36 {
		c.fail(badValue(c.n.f.name, v.text(nil), "2–36"))
		return 0, false
	}
	return int(v.i), true
}

func toRadix(c *call) value {
	v := c.sub()
	base, ok := radix(c)
	if !v.ok || !ok {
		return none(String)
	}
	s := strconv.FormatInt(v.i, base)
	if c.has(1) {
		if w := c.arg(1); w.ok && w.i > int64(len(s)) {
			if w.i > maxText {
				return c.fail(tooLong("toRadix"))
			}
			s = strings.Repeat("0", int(w.i)-len(s)) + s
		}
	}
	return text(s)
}

func fromRadix(c *call) value {
	v := c.sub()
	base, ok := radix(c)
	if !v.ok || !ok {
		return none(WholeNumber)
	}
	n, err := strconv.ParseInt(v.s, base, 64)
	if err != nil {
		return c.fail(badValue("fromRadix", v.s, "0–"+strconv.FormatInt(int64(base-1), base)))
	}
	return whole(n)
}
