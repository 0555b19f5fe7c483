package expr

import (
	"math"
	"math/rand/v2"

	"github.com/weirflow/weir/fault"
)

// The functions that math() knows by name, for the types they take.
var (
	mathOfDecimal = map[string]func(float64) value{
		"abs": real1(math.Abs), "acos": real1(math.Acos), "asin": real1(math.Asin), "atan": real1(math.Atan),
		"cbrt": real1(math.Cbrt), "ceil": real1(math.Ceil), "cos": real1(math.Cos), "cosh": real1(math.Cosh),
		"exp": real1(math.Exp), "expm1": real1(math.Expm1), "floor": real1(math.Floor), "log": real1(math.Log),
		"log10": real1(math.Log10), "log1p": real1(math.Log1p), "rint": real1(math.RoundToEven),
		"signum": real1(signum), "sin": real1(math.Sin), "sinh": real1(math.Sinh), "sqrt": real1(math.Sqrt),
		"tan": real1(math.Tan), "tanh": real1(math.Tanh),
		"toDegrees": real1(func(f float64) float64 { return f * (180 / math.Pi) }),
		"toRadians": real1(func(f float64) float64 { return f * (math.Pi / 180) }),
		"round":     func(f float64) value { return whole(roundHalfUp(f)) },
		"getExponent": func(f float64) value {
			switch {
			case math.IsNaN(f) || math.IsInf(f, 0):
				return whole(1024)
			case math.Abs(f) < 0x1p-1022:
				return whole(-1023)
			}
			return whole(int64(math.Ilogb(f)))
		},
		"nextUp":   real1(func(f float64) float64 { return math.Nextafter(f, math.Inf(1)) }),
		"nextDown": real1(func(f float64) float64 { return math.Nextafter(f, math.Inf(-1)) }),
	}
	mathOfWhole = map[string]func(*call, int64) value{
		"abs": func(c *call, i int64) value {
			if i == math.MinInt64 {
				return c.fail(overflow("abs"))
			}
			return whole(max(i, -i))
		},
		"negateExact": func(c *call, i int64) value {
			if i == math.MinInt64 {
				return c.fail(overflow("negateExact"))
			}
			return whole(-i)
		},
	}
	mathOfDecimals = map[string]func(a, b float64) float64{
		"atan2": math.Atan2, "copySign": math.Copysign, "hypot": math.Hypot, "pow": math.Pow,
		"max": math.Max, "min": math.Min, "IEEEremainder": math.Remainder, "nextAfter": math.Nextafter,
	}
	mathOfWholes = map[string]func(a, b int64) int64{
		"max": func(a, b int64) int64 { return max(a, b) },
		"min": func(a, b int64) int64 { return min(a, b) },
	}
	// A decimal and a whole number.
	mathMixed = map[string]func(a float64, b int) float64{
		"scalb": math.Ldexp,
	}
)

func real1(f func(float64) float64) func(float64) value {
	return func(a float64) value { return decimal(f(a)) }
}

func signum(f float64) float64 {
	if f == 0 || math.IsNaN(f) {
		return f
	}
	return math.Copysign(1, f)
}

// roundHalfUp rounds to the nearest whole number, a half upwards.
func roundHalfUp(f float64) int64 {
	r := math.Floor(f)
	if f-r >= 0.5 {
		r++
	}
	return toWhole(r)
}

func unknownMath(name, types string) error {
	return fault.New("expr_unknown_math", "name", shorten(name), "types", "("+types+")").Permanent()
}

// knownMath refuses a constant name that no type has.
func knownMath(n *invocation) (any, error) {
	name, ok := n.constArg(0)
	switch {
	case !ok || !name.ok:
	case n.subject == nil:
		if name.s != "random" {
			return nil, unknownMath(name.s, "")
		}
	case len(n.args) == 1:
		if mathOfDecimal[name.s] == nil && mathOfWhole[name.s] == nil {
			return nil, unknownMath(name.s, "NUMBER")
		}
	case mathOfDecimals[name.s] == nil && mathOfWholes[name.s] == nil && mathMixed[name.s] == nil:
		return nil, unknownMath(name.s, "NUMBER, NUMBER")
	}
	return nil, nil
}

// mathematics picks the function by its name and by whether the numbers are
// whole.
func mathematics(c *call) value {
	name := c.arg(0)
	if !name.ok {
		return none(Number)
	}
	if c.n.subject == nil {
		if name.s != "random" {
			return c.fail(unknownMath(name.s, ""))
		}
		return decimal(rand.Float64())
	}
	a := c.sub()
	if !a.ok {
		return none(Number)
	}
	if !c.has(1) {
		if a.kind == Decimal {
			if f := mathOfDecimal[name.s]; f != nil {
				return f(a.f)
			}
		} else if f := mathOfWhole[name.s]; f != nil {
			return f(c, a.i)
		}
		return c.fail(unknownMath(name.s, a.kind.String()))
	}
	b := c.arg(1)
	if !b.ok {
		return none(Number)
	}
	switch {
	case a.kind == Decimal && b.kind == Decimal:
		if f := mathOfDecimals[name.s]; f != nil {
			return decimal(f(a.f, b.f))
		}
	case a.kind == WholeNumber && b.kind == WholeNumber:
		if f := mathOfWholes[name.s]; f != nil {
			return whole(f(a.i, b.i))
		}
	case a.kind == Decimal:
		if f := mathMixed[name.s]; f != nil {
			return decimal(f(a.f, int(max(min(b.i, 1<<20), -1<<20))))
		}
	}
	return c.fail(unknownMath(name.s, a.kind.String()+", "+b.kind.String()))
}
