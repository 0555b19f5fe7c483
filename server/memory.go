package server

import (
	"bytes"
	"os"
	"strconv"
)

// residentBytes is the memory that the process holds, zero where the system does
// not tell it this way.
func residentBytes() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	parts := bytes.Fields(b)
	if len(parts) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(parts[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
