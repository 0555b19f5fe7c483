package expr

import (
	"crypto/rand"
	"encoding/hex"
	random "math/rand/v2"

	"github.com/weirflow/weir/fault"
)

// aloneFunctions are subjects themselves.
var aloneFunctions = []spec{
	{name: "literal", args: strs, min: 1, out: String, alone: true, doc: "The argument as text, so that functions may be called on it.", do: func(c *call) value { return c.arg(0) }},
	{name: "now", out: Date, alone: true, clocked: true, doc: "The present time.", do: func(c *call) value { return date(c.st.env.now()) }},
	{name: "UUID", out: String, alone: true, clocked: true, doc: "A new random UUID (RFC 9562 version 4).", do: func(*call) value {
		var b [16]byte
		_, _ = rand.Read(b[:]) // never fails, by its documentation
		return text(formatUUID(b, 4))
	}},
	{name: "random", out: WholeNumber, alone: true, clocked: true, doc: "A random whole number that is not negative.", do: func(*call) value { return whole(random.Int64()) }},
}

func formatUUID(b [16]byte, version byte) string {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

var evaluateEL = &spec{do: evaluateText, name: "evaluateELString", on: String, out: String, doc: "The subject's own ${...} expanded, without parameters; the one function that expands a value."}

func evaluateText(c *call) value {
	s := c.sub()
	if !s.ok {
		return none(String)
	}
	if c.st.expand >= maxExpand {
		return c.fail(fault.New("expr_too_deep", "position", 1, "limit", maxExpand).Permanent())
	}
	t, err := c.st.parse(s.s)
	if err != nil {
		return c.fail(err)
	}
	env := *c.st.env
	env.Parameter = nil
	out, err := t.render(&state{env: &env, parse: c.st.parse, expand: c.st.expand + 1})
	if err != nil {
		return c.fail(err)
	}
	return text(out)
}
