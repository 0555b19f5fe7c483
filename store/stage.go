package store

import (
	"context"
	"io"
	"slices"
	"sync"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/store/segment"
)

var _ flowfile.Content = (*Stage)(nil)

// Stage is the content that one session writes. What it appends stays in its
// segment until Close; from then on only FlowFiles that a commit has stored
// keep it. Close it when the session has ended, however that was: content of
// work that was not committed is then free to go.
type Stage struct {
	log    *segment.Log
	mu     sync.Mutex
	claims []flowfile.Claim
}

// NewStage returns the content of one session.
func (s *Store) NewStage() *Stage { return &Stage{log: s.seg} }

// Append stores what write writes. It is part of flowfile.Content.
func (g *Stage) Append(ctx context.Context, write func(io.Writer) error) (flowfile.Claim, error) {
	c, err := g.log.Append(ctx, write)
	if err == nil && c.Segment != 0 {
		g.mu.Lock()
		g.claims = append(g.claims, c)
		g.mu.Unlock()
	}
	return c, err
}

// Open returns the bytes of a claim. It is part of flowfile.Content.
func (g *Stage) Open(ctx context.Context, c flowfile.Claim) (io.ReadCloser, error) {
	return g.log.OpenClaim(ctx, c)
}

// Close ends the staging of all that was appended.
func (g *Stage) Close() {
	g.mu.Lock()
	claims := slices.Clone(g.claims)
	g.claims = nil
	g.mu.Unlock()
	for _, c := range claims {
		g.log.Release(c)
	}
}

// Content returns access to content outside of sessions: for reading what is
// queued. What is appended through it stays staged while the process lives.
func (s *Store) Content() flowfile.Content { return &Stage{log: s.seg} }

// OpenContent returns the bytes of a claim from one of them on, without reading
// what lies before; Close must be called.
func (s *Store) OpenContent(ctx context.Context, c flowfile.Claim, from int64) (io.ReadCloser, error) {
	return s.seg.OpenClaimAt(ctx, c, from)
}
