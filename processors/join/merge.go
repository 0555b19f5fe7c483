package join

import (
	"bytes"
	"context"
	"log/slog"
)

// tally is what a join counted, or ought to count.
type tally struct {
	// pairs are rows of the result that have both sides.
	pairs                     int64
	matchedLeft, matchedRight int64
	aloneLeft, aloneRight     int64
	// passed are right rows behind the first of a key that matched.
	passed int64
	fanOut int64
}

// merge joins the left rows as they come with the sorted right side.
type merge struct {
	ctx         context.Context
	kind        string
	first       bool
	left, right *side
	columns     []outColumn
	sorted      *sorted
	log         *slog.Logger

	success                       *blocks
	unmatchedLeft, unmatchedRight *spool
	rejectedLeft, rejectedRight   *spool

	tally
	rows    int64 // of the result
	e       entry
	queue   *groups
	group   group
	have    bool
	samples [2]int
	sorting func() // called when the first sorted row has come, or nil
}

// begin reads the first group of the right side.
func (m *merge) begin() (err error) {
	m.queue = m.sorted.groups()
	m.have, err = m.queue.next(&m.group)
	return err
}

// take joins left rows.
func (m *merge) take(texts []string) error {
	if m.sorting != nil {
		m.sorting()
		m.sorting = nil
	}
	for _, text := range texts {
		if err := m.e.parse(m.left, bytesOf(text)); err != nil {
			return err
		}
		if err := m.row(); err != nil {
			return err
		}
	}
	return m.ctx.Err()
}

func (m *merge) row() error {
	if m.e.flag() == flagReject {
		return m.rejectedLeft.reject(m.e.cells)
	}
	order := 1
	for m.have {
		order = bytes.Compare(m.e.key, m.group.key)
		if order == 0 && m.e.flag() == flagNever {
			order = -1 // nulls come left side first
		}
		if order <= 0 {
			break
		}
		if err := m.leave(); err != nil {
			return err
		}
	}
	if !m.have || order < 0 {
		return m.alone()
	}
	g := &m.group
	n := g.rows()
	if m.first {
		n = 1
	}
	if !g.matched {
		g.matched = true
		m.matchedRight += n
		m.passed += g.rows() - n
	}
	m.matchedLeft++
	m.pairs += n
	m.fanOut = max(m.fanOut, n)
	if m.first {
		return m.emit(m.e.cells, g.cells)
	}
	return g.each(m.sorted, func(cells [][]byte) error { return m.emit(m.e.cells, cells) })
}

// alone is a left row without a right one.
func (m *merge) alone() error {
	m.aloneLeft++
	m.sample(0, m.left, &m.e)
	if m.kind == kindInner {
		return m.unmatchedLeft.row(m.e.cells)
	}
	return m.emit(m.e.cells, nil)
}

// leave goes on to the next group of the right side.
func (m *merge) leave() (err error) {
	g := &m.group
	switch {
	case g.flag() == flagReject:
		err = m.rejectedRight.reject(g.cells)
	case g.matched && m.first && g.rows() > 1:
		first := true
		err = g.each(m.sorted, func(cells [][]byte) error {
			if first {
				first = false
				return nil
			}
			return m.unmatchedRight.row(cells)
		})
	case !g.matched:
		m.aloneRight += g.rows()
		m.sample(1, m.right, &g.entry)
		err = g.each(m.sorted, func(cells [][]byte) error {
			if m.kind == kindFull {
				return m.emit(nil, cells)
			}
			return m.unmatchedRight.row(cells)
		})
	}
	if err == nil {
		m.have, err = m.queue.next(&m.group)
	}
	return err
}

// finish takes what is left of the right side.
func (m *merge) finish() error {
	for n := 0; m.have; n++ {
		if err := m.leave(); err != nil {
			return err
		}
		if n&1023 == 0 && m.ctx.Err() != nil {
			return m.ctx.Err()
		}
	}
	return m.success.flush()
}

// emit writes a row of the result.
func (m *merge) emit(left, right [][]byte) error {
	m.rows++
	m.success.buf = appendRow(m.success.buf, m.columns, left, right)
	return m.success.row()
}

// sample shows the first few keys without a partner in the log. They may be
// personal, so they stand nowhere else.
func (m *merge) sample(i int, d *side, e *entry) {
	const most = 5
	if m.samples[i] >= most || !m.log.Enabled(m.ctx, slog.LevelDebug) {
		return
	}
	m.samples[i]++
	m.log.Debug("a key has no partner", "side", d.name, "key", d.show(e))
}
