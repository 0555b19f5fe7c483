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

	content := func() (string, error) {
		for _, f := range work {
			if err := f.w.Sync(); err != nil {
				return l.path(f.number), err
			}
		}
		if dir {
			if err := l.fs.SyncDir(l.dir); err != nil {
				return l.dir, err
			}
		}
		return "", nil
	}
	if err := l.both(len(work) > 0 || dir, content, l.events.sync); err != nil {
		return err
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

// both makes content and events durable, side by side when there is content:
// file systems write one journal entry for both. The functions name the file
// that failed.
func (l *Log) both(hasContent bool, content, events func() (string, error)) error {
	if !hasContent {
		if path, err := events(); err != nil {
			return l.fail(path, err)
		}
		return nil
	}
	type result struct {
		path string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		path, err := events()
		done <- result{path, err}
	}()
	path, err := content()
	other := <-done
	if err != nil {
		return l.fail(path, err)
	}
	if other.err != nil {
		return l.fail(other.path, other.err)
	}
	return nil
}
