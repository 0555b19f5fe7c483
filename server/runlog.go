package server

import (
	"bytes"
	"container/list"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"github.com/weirflow/weir/fault"
)

const (
	// openLogs is how many run logs are kept open at once.
	openLogs = 32
	// logLimit bounds the log of one run, in bytes; a line says where it ends.
	logLimit = 16 << 20
)

// runLogs are the logs of runs: one file of JSON lines each, named by the run's
// id, in a directory.
type runLogs struct {
	dir string

	mu    sync.Mutex
	files map[string]*runLog
	order *list.List // most recently used first
}

type runLog struct {
	id   string
	logs *runLogs
	at   *list.Element
	file *os.File // nil while it is not open
	size int64
}

func openRunLogs(dir string) (*runLogs, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return &runLogs{dir: dir, files: map[string]*runLog{}, order: list.New()}, nil
}

var runID = regexp.MustCompile(`^[0-9A-Z]{26}$`)

func (l *runLogs) path(id string) string { return filepath.Join(l.dir, id+".ndjson") }

// handler returns the log handler of a run.
func (l *runLogs) handler(_, id string) slog.Handler {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, ok := l.files[id]
	if !ok {
		f = &runLog{id: id, logs: l}
		l.files[id] = f
	}
	return slog.NewJSONHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug})
}

// Write appends one line.
func (f *runLog) Write(b []byte) (int, error) {
	l := f.logs
	l.mu.Lock()
	defer l.mu.Unlock()
	if f.file == nil {
		file, err := os.OpenFile(l.path(f.id), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return 0, err
		}
		st, err := file.Stat()
		if err != nil {
			file.Close()
			return 0, err
		}
		f.file, f.size, f.at = file, st.Size(), l.order.PushFront(f)
		for l.order.Len() > openLogs {
			old := l.order.Back().Value.(*runLog)
			old.file.Close()
			old.file = nil
			l.order.Remove(old.at)
			if l.files[old.id] == old {
				delete(l.files, old.id)
			}
		}
	} else {
		l.order.MoveToFront(f.at)
	}
	if f.size > logLimit {
		return len(b), nil
	}
	n, err := f.file.Write(b)
	if f.size += int64(n); err == nil && f.size > logLimit {
		_, err = f.file.WriteString(`{"msg":"the log of this run is full; later lines stand in the server's log only"}` + "\n")
	}
	return n, err
}

// read copies a run's log to w.
func (l *runLogs) read(id string, w io.Writer) error {
	if !runID.MatchString(id) {
		return fault.New("run_unknown", "flow", "-", "run", id).Permanent()
	}
	f, err := os.Open(l.path(id))
	if errors.Is(err, os.ErrNotExist) {
		return nil // it has logged nothing yet
	}
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

// page returns whole lines of a run's log from a position on, of at most limit
// bytes unless the first is longer, with the position behind them and the log's
// size. A position out of range counts as the nearest.
func (l *runLogs) page(id string, from int64, limit int) (text []byte, next, size int64, err error) {
	if !runID.MatchString(id) {
		return nil, 0, 0, fault.New("run_unknown", "flow", "-", "run", id).Permanent()
	}
	f, err := os.Open(l.path(id))
	if errors.Is(err, os.ErrNotExist) {
		return nil, 0, 0, nil // it has logged nothing yet
	}
	if err != nil {
		return nil, 0, 0, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, 0, 0, err
	}
	size = st.Size()
	from = min(max(from, 0), size)
	for n := min(int64(limit), size-from); n > 0; n = min(2*n, size-from) {
		text = make([]byte, n)
		if _, err := f.ReadAt(text, from); err != nil {
			return nil, 0, 0, err
		}
		if end := bytes.LastIndexByte(text, '\n') + 1; end > 0 {
			return text[:end], from + int64(end), size, nil
		}
		if n == size-from {
			break // its last line is being written
		}
	}
	return nil, from, size, nil
}

func (l *runLogs) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for e := l.order.Front(); e != nil; e = e.Next() {
		f := e.Value.(*runLog)
		errs = append(errs, f.file.Close())
		f.file = nil
	}
	l.order.Init()
	return errors.Join(errs...)
}
