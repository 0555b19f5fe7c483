package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/weirflow/weir/fault"
)

// Holder says who holds a data directory, as its lock file tells.
type Holder struct {
	PID int `json:"pid"`
	// Socket is the path of the control socket, empty while there is none.
	Socket string    `json:"socket,omitempty"`
	Since  time.Time `json:"since"`
}

// lockFile is the lock on a data directory. The operating system drops it with
// the process, however that ends.
type lockFile struct {
	mu   sync.Mutex
	file *os.File
	who  Holder
}

func lockPath(dir string) string { return filepath.Join(dir, "lock") }

// How often, and how far apart, a lock is tried that nobody seems to hold.
const (
	lockTries = 50
	lockPause = 5 * time.Millisecond
)

func pause(d time.Duration) { <-time.After(d) }

// acquire takes the lock of a data directory or says who has it. Whoever looks
// at a directory with HeldBy has its lock for a moment, and a process that is
// starting has it before its line says so: so long as no living process is
// named, the lock is tried again, with waits in between.
func acquire(dir, socket string, now time.Time, wait func(time.Duration)) (*lockFile, error) {
	path := lockPath(dir)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unwritable(dir, err)
	}
	err = flock(f)
	for range lockTries - 1 {
		if !errors.Is(err, errLocked) {
			break
		}
		if h, held := HeldBy(dir); held && h.PID > 0 && alive(h.PID) {
			break
		}
		wait(lockPause)
		err = flock(f)
	}
	if err != nil {
		f.Close()
		if errors.Is(err, errLocked) {
			return nil, locked(dir)
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	l := &lockFile{file: f, who: Holder{PID: os.Getpid(), Socket: socket, Since: now.UTC()}}
	if err := l.write(); err != nil {
		f.Close()
		return nil, unwritable(dir, err)
	}
	return l, nil
}

func (l *lockFile) write() error {
	b, err := json.Marshal(l.who)
	if err != nil {
		return err
	}
	b = append(b, '\n')
	if _, err := l.file.WriteAt(b, 0); err != nil {
		return err
	}
	return l.file.Truncate(int64(len(b)))
}

// release gives the lock back. The file stays: removing it would let two
// processes lock two files of one name.
func (l *lockFile) release() error {
	terr := l.file.Truncate(0)
	return errors.Join(terr, l.file.Close())
}

// SetSocket notes the path of the control socket in the lock file, where
// other processes look for it.
func (s *Store) SetSocket(path string) error {
	s.lock.mu.Lock()
	defer s.lock.mu.Unlock()
	s.lock.who.Socket = path
	if err := s.lock.write(); err != nil {
		return fmt.Errorf("write %s: %w", lockPath(s.dir), err)
	}
	return nil
}

// HeldBy returns who holds a data directory, and false when nobody does.
func HeldBy(dir string) (Holder, bool) {
	f, err := os.Open(lockPath(dir))
	if err != nil {
		return Holder{}, false
	}
	defer f.Close()
	if err := flockShared(f); !errors.Is(err, errLocked) {
		return Holder{}, false
	}
	var h Holder
	if json.NewDecoder(f).Decode(&h) != nil {
		return Holder{}, true
	}
	return h, true
}

func locked(dir string) error {
	h, _ := HeldBy(dir)
	pid := "?"
	if h.PID != 0 {
		pid = fmt.Sprint(h.PID)
	}
	return fault.New("store_locked", "path", dir, "pid", pid).Permanent()
}

func unwritable(dir string, err error) error {
	if isDiskFull(err) {
		return diskFull(dir, err)
	}
	return fault.New("store_unwritable", "path", dir).Permanent().Because(err)
}
