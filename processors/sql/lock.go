package sql

import (
	"context"
	"path/filepath"
	"sync"
)

// writing lets one run of this process at a time have a database file open. The
// lock that DuckDB takes on the file holds against other processes alone, and
// two openings of one file would destroy it.
var writing fileLocks

// fileLocks are locks by path.
type fileLocks struct {
	mu   sync.Mutex
	held map[string]chan struct{}
}

// lock waits for the path and returns what frees it.
func (l *fileLocks) lock(ctx context.Context, path string) (unlock func(), err error) {
	for {
		l.mu.Lock()
		other, busy := l.held[path]
		if !busy {
			mine := make(chan struct{})
			if l.held == nil {
				l.held = map[string]chan struct{}{}
			}
			l.held[path] = mine
			l.mu.Unlock()
			return func() {
				l.mu.Lock()
				delete(l.held, path)
				l.mu.Unlock()
				close(mine)
			}, nil
		}
		l.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// realPath is the one path of a file that has several by way of links. What of it
// is missing has no links.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	dir := filepath.Dir(path)
	if dir == path {
		return path
	}
	return filepath.Join(realPath(dir), filepath.Base(path))
}
