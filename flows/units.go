package flows

import (
	"time"

	"github.com/weirflow/weir/internal/bytesize"
	"github.com/weirflow/weir/processors"
)

// Duration is a length of time as it stands in a flow file, such as "5m",
// "1h30m" or "2d". Its text is kept; Value reads it.
type Duration string

// Value returns the duration, or fallback when it is absent. The text was
// checked by Validate; a bad one counts as absent.
func (d Duration) Value(fallback time.Duration) time.Duration {
	if d == "" {
		return fallback
	}
	v, err := processors.ParseDuration(string(d))
	if err != nil {
		return fallback
	}
	return v
}

// Size is a number of bytes as it stands in a flow file, such as "64 MB".
type Size string

// Value returns the size in bytes, or fallback when it is absent or bad.
func (s Size) Value(fallback int64) int64 {
	if s == "" {
		return fallback
	}
	v, err := bytesize.Parse(string(s))
	if err != nil {
		return fallback
	}
	return v
}
