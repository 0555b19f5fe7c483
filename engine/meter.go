package engine

import (
	"math/bits"
	"sync"
	"time"

	"github.com/weirflow/weir/flowfile"
)

// How far back a meter remembers.
const (
	secondsKept = 64      // of the 1-second ring; a minute of it is shown
	windowStep  = 5       // seconds in one part of the window
	windowParts = 60      // five minutes
	minutesKept = 24 * 60 // of history
	p95Turn     = 150     // seconds after which the older half of the durations goes
)

// Point is what a node did in one minute.
type Point struct {
	// Minute counts minutes since 1970.
	Minute  int64
	In, Out int64
	P95     time.Duration
}

// meter counts what the sessions of a node do, for people to watch. It is
// written once for each session; nothing of it is computed before somebody asks.
type meter struct {
	mu       sync.Mutex
	up       *meter // the flow's own, of a node of a run
	in, out  flowfile.Tally
	sessions int64
	busy     time.Duration
	failures int64
	seconds  [secondsKept]second
	parts    [windowParts + 1]part
	spans    [2]spans // the newer half and the older
	turned   int64
	now      Point // the minute under way
	nowSpans spans
	past     []Point // only minutes in which something was done, oldest first
}

// second is one second of a meter, part one part of its window.
type second struct{ at, in, out int64 }
type part struct{ at, in, out, rowsIn, rowsOut int64 }

func (m *meter) add(in, out flowfile.Tally, busy time.Duration, at time.Time) {
	unix := at.Unix()
	m.mu.Lock()
	m.in.Plus(in)
	m.out.Plus(out)
	m.sessions++
	m.busy += busy
	s := &m.seconds[uint64(unix)%secondsKept]
	if s.at != unix {
		*s = second{at: unix}
	}
	s.in += in.N
	s.out += out.N
	p := &m.parts[uint64(unix/windowStep)%(windowParts+1)]
	if p.at != unix/windowStep {
		*p = part{at: unix / windowStep}
	}
	p.in += in.N
	p.out += out.N
	p.rowsIn += in.Rows
	p.rowsOut += out.Rows
	m.turn(unix)
	k := spanOf(busy)
	m.spans[0][k]++
	m.minute(unix / 60)
	m.now.In += in.N
	m.now.Out += out.N
	m.nowSpans[k]++
	up := m.up
	m.mu.Unlock()
	if up != nil {
		up.add(in, out, busy, at)
	}
}

func (m *meter) fail() {
	m.mu.Lock()
	m.failures++
	up := m.up
	m.mu.Unlock()
	if up != nil {
		up.fail()
	}
}

// turn lets durations go that are too old.
func (m *meter) turn(unix int64) {
	if unix-m.turned < p95Turn {
		return
	}
	m.spans[1] = m.spans[0]
	if unix-m.turned >= 2*p95Turn {
		m.spans[1] = spans{}
	}
	m.spans[0] = spans{}
	m.turned = unix
}

// minute puts the minute under way into the past when it is over.
func (m *meter) minute(now int64) {
	if m.now.Minute == now {
		return
	}
	if m.now.In != 0 || m.now.Out != 0 || m.nowSpans != (spans{}) {
		m.now.P95 = m.nowSpans.p95(spans{})
		if len(m.past) == minutesKept {
			m.past = append(m.past[:0], m.past[1:]...)
		}
		m.past = append(m.past, m.now)
	}
	m.now, m.nowSpans = Point{Minute: now}, spans{}
}

// read fills in what the meter says at a time.
func (m *meter) read(g *Gauge, at time.Time) {
	unix := at.Unix()
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.parts {
		if p := &m.parts[i]; p.at > unix/windowStep-windowParts && p.at <= unix/windowStep {
			g.In += p.in
			g.Out += p.out
			g.RowsIn += p.rowsIn
			g.RowsOut += p.rowsOut
		}
	}
	g.InRate, g.OutRate = m.rates(unix)
	m.turn(unix)
	g.P95 = m.spans[0].p95(m.spans[1])
	g.Failures, g.Sessions, g.Busy, g.TotalIn, g.TotalOut = m.failures, m.sessions, m.busy, m.in, m.out
}

// rateSpan is over how many whole seconds a rate is taken.
const rateSpan = 5

// rates returns FlowFiles a second over the last whole seconds.
func (m *meter) rates(unix int64) (in, out float64) {
	for at := unix - rateSpan; at < unix; at++ {
		if s := &m.seconds[uint64(at)%secondsKept]; s.at == at {
			in += float64(s.in)
			out += float64(s.out)
		}
	}
	return in / rateSpan, out / rateSpan
}

// history returns the minutes since one in which something was done.
func (m *meter) history(since, now int64) []Point {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.minute(now)
	var out []Point
	for _, p := range m.past {
		if p.Minute >= since && p.Minute > now-minutesKept {
			out = append(out, p)
		}
	}
	return out
}

// recent returns what came out in each of the last sixty whole seconds.
func (m *meter) recent(unix int64) []int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]int64, 60)
	for i := range out {
		at := unix - 60 + int64(i)
		if s := &m.seconds[uint64(at)%secondsKept]; s.at == at {
			out[i] = s.out
		}
	}
	return out
}

// spans counts durations in classes, four to each power of two of microseconds.
type spans [112]uint32

func spanOf(d time.Duration) int {
	us := uint64(max(d.Microseconds(), 0))
	if us < 4 {
		return int(us)
	}
	e := bits.Len64(us) - 3 // us>>e lies between 4 and 7
	return min(4*e+int(us>>e), len(spans{})-1)
}

// spanEnd is the longest duration of a class.
func spanEnd(k int) time.Duration {
	if k < 4 {
		return time.Duration(k) * time.Microsecond
	}
	e := k/4 - 1
	return time.Duration((uint64(4+k%4)+1)<<e-1) * time.Microsecond
}

// p95 returns the duration that 95 of 100 of both did not exceed, within a fifth.
func (s *spans) p95(older spans) time.Duration {
	var n uint64
	for k := range s {
		n += uint64(s[k]) + uint64(older[k])
	}
	if n == 0 {
		return 0
	}
	rest := n - (n*95+99)/100
	for k := len(s) - 1; k >= 0; k-- {
		c := uint64(s[k]) + uint64(older[k])
		if c > rest {
			return spanEnd(k)
		}
		rest -= c
	}
	return 0
}
