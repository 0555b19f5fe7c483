package expr

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"strings"

	"github.com/weirflow/weir/fault"
)

// coded is a function of text alone; a missing subject gives an empty text.
func coded(name, doc string, f func(string) string) spec {
	return spec{name: name, on: String, out: String, doc: doc, do: orEmpty(func(_ *call, s string) value { return text(f(s)) })}
}

var codeFunctions = []spec{
	{name: "urlEncode", on: String, out: String, doc: "The subject as it stands in a form's URL; a space becomes +.", do: onText(func(_ *call, s string) value { return text(urlEncode(s)) })},
	{name: "urlDecode", on: String, out: String, doc: "The text that a form's URL stands for.", do: onText(func(c *call, s string) value {
		out, ok := urlDecode(s)
		if !ok {
			return c.fail(badValue("urlDecode", s, "%XX"))
		}
		return text(out)
	})},
	{name: "base64Encode", on: String, out: String, doc: "The subject's UTF-8 bytes in base64 (RFC 4648).", do: onText(func(_ *call, s string) value { return text(base64.StdEncoding.EncodeToString([]byte(s))) })},
	{name: "base64Decode", on: String, out: String, doc: "The text whose UTF-8 bytes the subject gives in base64.", do: onText(func(c *call, s string) value {
		b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
		if err != nil || strings.ContainsAny(s, "\r\n") {
			return c.fail(badValue("base64Decode", s, "base64"))
		}
		return text(strings.ToValidUTF8(string(b), "�"))
	})},
	coded("escapeJson", "The subject as it stands within quotes in JSON, all of it ASCII.", escapeJSON),
	coded("unescapeJson", "The text that a JSON string without its quotes stands for.", unescapeJSON),
	coded("escapeCsv", "The subject as a field of a CSV file, in quotes where it needs them.", escapeCSV),
	coded("unescapeCsv", "The text that a field of a CSV file stands for.", unescapeCSV),
	coded("escapeXml", "The subject as text of XML 1.0.", escapeXML),
	coded("unescapeXml", "The text that text of XML stands for.", func(s string) string { return unescapeEntities(s, xmlEntities) }),
	coded("escapeHtml3", "The subject as text of HTML 3.", func(s string) string { return escapeHTML(s, html3Names()) }),
	coded("unescapeHtml3", "The text that text of HTML 3 stands for.", func(s string) string { return unescapeEntities(s, html3Runes()) }),
	coded("escapeHtml4", "The subject as text of HTML 4.", func(s string) string { return escapeHTML(s, html4Names()) }),
	coded("unescapeHtml4", "The text that text of HTML 4 stands for.", func(s string) string { return unescapeEntities(s, html4Runes()) }),
	{name: "isJson", on: String, out: Boolean, doc: "True where the subject is a JSON object or array.", do: func(c *call) value {
		s := trimSpace(c.sub().s)
		return truth(s != "" && (s[0] == '{' || s[0] == '[') && json.Valid([]byte(s)))
	}},
	{name: "hash", on: String, args: strs, min: 1, out: String, doc: "The hash of the subject's UTF-8 bytes in hexadecimal, by a name such as 'SHA-256'.", prepare: knownHash, do: onText(func(c *call, s string) value {
		name := c.str(0)
		h, err := newHash(name)
		if err != nil {
			return c.fail(err)
		}
		h.Write([]byte(s))
		return text(hex.EncodeToString(h.Sum(nil)))
	})},
	{name: "UUID3", on: String, args: strs, min: 1, out: String, doc: "The UUID of the subject in a namespace by MD5 (RFC 9562 version 3).", do: onText(func(c *call, s string) value { return nameUUID(c, s, md5.New(), 3) })},
	{name: "UUID5", on: String, args: strs, min: 1, out: String, doc: "The UUID of the subject in a namespace by SHA-1 (RFC 9562 version 5).", do: onText(func(c *call, s string) value { return nameUUID(c, s, sha1.New(), 5) })},
}

const hashNames = "MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512, SHA-512/224, SHA-512/256, SHA3-224, SHA3-256, SHA3-384, SHA3-512"

func newHash(name string) (hash.Hash, error) {
	switch strings.ToUpper(name) {
	case "MD5":
		return md5.New(), nil
	case "SHA", "SHA1", "SHA-1":
		return sha1.New(), nil
	case "SHA-224":
		return sha256.New224(), nil
	case "SHA-256":
		return sha256.New(), nil
	case "SHA-384":
		return sha512.New384(), nil
	case "SHA-512":
		return sha512.New(), nil
	case "SHA-512/224":
		return sha512.New512_224(), nil
	case "SHA-512/256":
		return sha512.New512_256(), nil
	case "SHA3-224":
		return sha3.New224(), nil
	case "SHA3-256":
		return sha3.New256(), nil
	case "SHA3-384":
		return sha3.New384(), nil
	case "SHA3-512":
		return sha3.New512(), nil
	}
	return nil, fault.New("expr_hash", "name", shorten(name), "known", hashNames).Permanent()
}

func knownHash(n *invocation) (any, error) {
	if v, ok := n.constArg(0); ok {
		if _, err := newHash(v.s); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// nameUUID hashes a namespace, which is a UUID or missing, and a name.
func nameUUID(c *call, s string, h hash.Hash, version byte) value {
	space := make([]byte, 16)
	if ns := c.arg(0); ns.ok && !blank(ns.s) {
		b, err := hex.DecodeString(strings.ReplaceAll(ns.s, "-", ""))
		if err != nil || len(b) != 16 || len(ns.s) != 36 {
			return c.fail(badValue(c.n.f.name, ns.s, "UUID"))
		}
		space = b
	}
	h.Write(space)
	h.Write([]byte(s))
	return text(formatUUID([16]byte(h.Sum(nil)), version))
}

func urlEncode(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '-', c == '*', c == '_':
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('+')
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func urlDecode(s string) (string, bool) {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '+':
			b = append(b, ' ')
		case '%':
			if i+3 > len(s) {
				return "", false
			}
			d, err := hex.DecodeString(s[i+1 : i+3])
			if err != nil {
				return "", false
			}
			b = append(b, d[0])
			i += 2
		default:
			b = append(b, c)
		}
	}
	return strings.ToValidUTF8(string(b), "�"), true
}
