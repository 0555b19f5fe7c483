package store

import "golang.org/x/sys/unix"

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
