package segment

// Sync makes all content and events durable whose append returned before the
// call. Appends go on meanwhile. It costs one fdatasync for each file that has
// something new, mostly one or two, a directory sync after a new file, and
// nothing when nothing is new. An error is final: see log_poisoned.
func (l *Log) Sync() error {
	l.syncMu.Lock()
	defer l.syncMu.Unlock()
	l.mu.Lock()
	if err := l.usable(); err != nil {
		l.mu.Unlock()
		return err
	}
	work, dir := l.dirty, l.newFiles
	l.dirty, l.newFiles = nil, false
	ends := make([]int64, len(work))
	for i, f := range work {
		ends[i] = f.size
	}
	l.mu.Unlock()

	for _, f := range work {
		if err := f.w.Sync(); err != nil {
			return l.fail(l.path(f.number), err)
		}
	}
	if dir {
		if err := l.fs.SyncDir(l.dir); err != nil {
			return l.fail(l.dir, err)
		}
	}
	if path, err := l.events.sync(); err != nil {
		return l.fail(path, err)
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	for i, f := range work {
		f.synced = ends[i]
		if f.synced < f.size {
			l.dirty = append(l.dirty, f)
			continue
		}
		f.queued = false
		if f.sealed {
			f.w.Close()
			f.w = nil
		}
	}
	return nil
}
