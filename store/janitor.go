package store

import (
	"context"
	"errors"
	"time"

	"github.com/weirflow/weir/store/segment"
)

// noteOrphans remembers since when segments are without a reference: as far as
// anyone knows since content was last appended to them.
func (s *Store) noteOrphans() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.seg.Segments() {
		if s.refs[st.Number] == 0 {
			s.orphans[st.Number] = st.Modified
		}
	}
}

// janitor deletes what nothing needs any more, now and then.
func (s *Store) janitor(ctx context.Context) {
	defer s.workers.Done()
	tick := time.NewTicker(s.opts.JanitorEvery)
	defer tick.Stop()
	for {
		// The first sweep is at once: a process that lives for a run alone would
		// never come to one else.
		if err := s.Sweep(); err != nil {
			s.log.Warn("sweep content", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Sweep deletes segments that nothing has referred to or staged content in for
// the time of retention, and events that are too old or too many. The janitor
// calls it; a caller who needs the space at once may too.
func (s *Store) Sweep() error {
	if err := s.Err(); err != nil {
		return err
	}
	now := s.now()
	keep := max(s.opts.ContentRetention, 0)
	var errs []error
	for _, st := range s.seg.Segments() {
		s.mu.Lock()
		if s.refs[st.Number] > 0 || st.Staged > 0 || st.Pins > 0 {
			delete(s.orphans, st.Number)
			s.mu.Unlock()
			continue
		}
		since, known := s.orphans[st.Number]
		if !known {
			since = now
			s.orphans[st.Number] = now
		}
		s.mu.Unlock()
		if !st.Sealed || now.Sub(since) < keep {
			continue
		}
		if err := s.seg.Remove(st.Number); err != nil {
			if !errors.Is(err, segment.ErrInUse) {
				errs = append(errs, err)
			}
			continue
		}
		s.mu.Lock()
		delete(s.orphans, st.Number)
		s.mu.Unlock()
	}
	if _, err := s.seg.Retain(s.opts.EventRetention, s.opts.EventBytes, now); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
