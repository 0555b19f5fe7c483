//go:build !linux

package duck

// defaultMemory is what a machine of today can spare.
func defaultMemory() int64 { return mostMemory / 2 }
