package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// cachedStep is how far apart the places lie at which cached looks.
const cachedStep = 1 << 20

// cached reports whether a file seems to be in memory. Reading at one place in
// each megabyte without waiting tells; when in doubt it is not.
func cached(f *os.File, size int64) bool {
	var b [1]byte
	for at := int64(0); at < size; at += cachedStep {
		n, err := unix.Preadv2(int(f.Fd()), [][]byte{b[:]}, at, unix.RWF_NOWAIT)
		if err != nil || n == 0 {
			return false
		}
	}
	return true
}

// giveBack tells the kernel that the mapped pages are not needed now. They are
// clean pages of a file: dropping them costs nothing but reading them again.
func giveBack(addr uintptr, size int64) error {
	if size <= 0 {
		return nil
	}
	if _, _, errno := unix.Syscall(unix.SYS_MADVISE, addr, uintptr(size), unix.MADV_DONTNEED); errno != 0 {
		return errno
	}
	return nil
}
