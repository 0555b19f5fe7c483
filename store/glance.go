package store

import (
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// Glance returns a run's state as of the last commit without copying it, for
// those who look often: nothing of it may be changed. It is nil for a run that
// has ended, and for continuous data that has moved nothing yet.
func (s *Store) Glance(flow string, n flowfile.RunID) *runs.Run {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r := s.runs[n]
	if n == 0 {
		r = s.streams[flow]
	}
	if r == nil || r.Flow != flow {
		return nil
	}
	return r
}
