package segment

// OpenHandles counts the files kept open for reading.
func OpenHandles(l *Log) int {
	l.handles.mu.Lock()
	defer l.handles.mu.Unlock()
	return len(l.handles.kept)
}
