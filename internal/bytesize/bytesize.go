// Package bytesize reads sizes such as "64 MB". Units are decimal
// (KB is 1,000 bytes) and binary (KiB is 1,024 bytes), in any case.
package bytesize

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

var units = []struct {
	name string
	size float64
}{
	{"", 1}, {"b", 1},
	{"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12},
	{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40},
}

// Parse reads a size: a number, optionally with a fraction, and a unit.
func Parse(s string) (int64, error) {
	t := strings.TrimSpace(s)
	i := strings.LastIndexAny(t, "0123456789.") + 1
	n, err := strconv.ParseFloat(strings.ReplaceAll(t[:i], "_", ""), 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is no size; write for example 64 MB", s)
	}
	unit := strings.ToLower(strings.TrimSpace(t[i:]))
	for _, u := range units {
		if u.name == unit {
			if v := n * u.size; v < math.MaxInt64 {
				return int64(v), nil
			}
			return 0, fmt.Errorf("%q is too large", s)
		}
	}
	return 0, fmt.Errorf("%q has the unknown unit %q; use B, KB, MB, GB, TB, KiB, MiB, GiB or TiB", s, t[i:])
}
