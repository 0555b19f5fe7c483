package expr

import "strings"

// list is a function of a delimited list and its delimiter.
func list(name, doc string, f func(parts []string) []string) spec {
	return spec{name: name, on: String, args: strs, min: 1, out: String, doc: doc, do: orEmpty(func(c *call, s string) value {
		sep := c.str(0)
		if sep == "" {
			return text(s)
		}
		return text(strings.Join(f(strings.Split(s, sep)), sep))
	})}
}

var listFunctions = []spec{
	list("unique", "The list without repetitions, in the order of first occurrence.", func(parts []string) []string {
		seen := make(map[string]bool, len(parts))
		out := parts[:0]
		for _, p := range parts {
			if !seen[p] {
				seen[p] = true
				out = append(out, p)
			}
		}
		return out
	}),
	list("compactDelimitedList", "The list without empty parts.", func(parts []string) []string {
		out := parts[:0]
		for _, p := range parts {
			if p != "" {
				out = append(out, p)
			}
		}
		return out
	}),
	list("trimDelimitedList", "The list without empty parts at its ends.", func(parts []string) []string {
		for len(parts) > 0 && parts[0] == "" {
			parts = parts[1:]
		}
		for len(parts) > 0 && parts[len(parts)-1] == "" {
			parts = parts[:len(parts)-1]
		}
		return parts
	}),
}
