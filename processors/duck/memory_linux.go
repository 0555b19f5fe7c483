package duck

import "golang.org/x/sys/unix"

// defaultMemory is a quarter of the machine's memory within the limits.
func defaultMemory() int64 {
	var s unix.Sysinfo_t
	if err := unix.Sysinfo(&s); err != nil {
		return mostMemory / 2
	}
	return min(mostMemory, max(leastMemory, int64(uint64(s.Totalram)*uint64(s.Unit)/4)))
}
