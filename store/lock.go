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

// acquire takes the lock of a data directory or says who has it.
func acquire(dir, socket string, now time.Time) (*lockFile, error) {
	path := lockPath(dir)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unwritable(dir, err)
	}
	if err := flock(f); err != nil {
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
