package sandbox

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// Collections of the company.
const (
	userCollection    = "userCollection"
	meetingCollection = "meetingCollection"
	deviceCollection  = "devices"
)

// seed loads the company's documents. Their create and update times belong to
// the company too, so that another sandbox of the same seed has the same.
func (s *service) seed(ctx context.Context, c *Company) error {
	now := s.db.now()
	users := s.generate(ctx, c.Users(), func(g *generator, i int) {
		u := c.User(i)
		last := u.CreatedAt
		if u.LastLogin.After(last) {
			last = u.LastLogin
		}
		g.add(child("", userCollection, u.ID), u.CreatedAt, last, func(w *fieldWriter) { u.write(w, s.names.root) })
	}, now)
	devices := s.generate(ctx, c.Users(), func(g *generator, i int) {
		for _, v := range c.Devices(i) {
			g.add(child("", userCollection, c.UserID(i), deviceCollection, v.ID), v.SeenAt, v.SeenAt, v.write)
		}
	}, now)
	meetings := s.generate(ctx, c.Meetings(), func(g *generator, i int) {
		m := c.Meeting(i)
		last := m.StartedAt
		if m.EndedAt.After(last) {
			last = m.EndedAt
		}
		g.add(child("", meetingCollection, m.ID), m.StartedAt, last, m.write)
	}, now)
	if err := ctx.Err(); err != nil {
		return err
	}
	s.db.load(userCollection, users)
	s.db.load(deviceCollection, devices)
	s.db.load(meetingCollection, meetings)
	return nil
}

// generator collects documents. Fields are cut from large blocks, which spares
// the garbage collector an object for each.
type generator struct {
	now     time.Time
	block   []byte
	entries []entry
	w       fieldWriter
}

const blockSize = 1 << 20

func (g *generator) add(k key, created, updated time.Time, write func(*fieldWriter)) {
	g.w = fieldWriter{b: g.w.b[:0], num: documentFields}
	write(&g.w)
	if updated.After(g.now) {
		updated = g.now // a company of a later day than today
	}
	if created.After(updated) {
		created = updated
	}
	g.entries = append(g.entries, entry{k, &version{fields: g.keep(g.w.b), created: created.UnixMicro(), updated: updated.UnixMicro()}})
}

// keep copies b into the current block.
func (g *generator) keep(b []byte) []byte {
	if len(g.block)+len(b) > cap(g.block) {
		g.block = make([]byte, 0, max(blockSize, len(b)))
	}
	at := len(g.block)
	g.block = append(g.block, b...)
	return g.block[at:len(g.block):len(g.block)]
}

// generate makes n things on all processors and returns their documents sorted.
func (s *service) generate(ctx context.Context, n int, one func(*generator, int), now time.Time) []entry {
	workers := runtime.GOMAXPROCS(0)
	parts := slices.Repeat([]generator{{now: now}}, workers)
	var wg sync.WaitGroup
	for p := range parts {
		wg.Go(func() {
			for i := p * n / workers; i < (p+1)*n/workers && ctx.Err() == nil; i++ {
				one(&parts[p], i)
			}
		})
	}
	wg.Wait()
	var all []entry
	for _, g := range parts {
		all = append(all, g.entries...)
	}
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	return all
}
