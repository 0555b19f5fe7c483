package engine

import (
	"cmp"
	"slices"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// backlog is a flow's runs that have not ended, so that the end of one finds
// the next without a look at all of them: a backfill queues thousands.
type backlog struct {
	// queued are those that wait to be admitted, by number.
	queued []waiting
	// active are those that are past that.
	active map[flowfile.RunID]bool
}

// waiting is a queued run: its number and who ordered it.
type waiting struct {
	run flowfile.RunID
	by  string
}

func (b *backlog) find(n flowfile.RunID) (int, bool) {
	return slices.BinarySearchFunc(b.queued, n, func(w waiting, n flowfile.RunID) int { return cmp.Compare(w.run, n) })
}

// note keeps what state a run is in now.
func (b *backlog) note(r *runs.Run) {
	i, have := b.find(r.Number)
	switch {
	case r.State == runs.Queued && !have:
		b.queued = slices.Insert(b.queued, i, waiting{r.Number, r.By})
	case r.State != runs.Queued && have:
		b.queued = slices.Delete(b.queued, i, i+1)
	}
	if r.State == runs.Queued || r.State.Terminal() {
		delete(b.active, r.Number)
	} else {
		b.active[r.Number] = true
	}
}

// track notes the state of a run after a commit that changed it. It reads the
// state anew while nobody else tracks, so that the last one to come sees the
// newest, in whatever order commits return.
func (e *Engine) track(flow string, n flowfile.RunID) {
	if n == 0 {
		return
	}
	e.tracking.Lock()
	defer e.tracking.Unlock()
	r, err := e.store.Run(flow, n)
	if err != nil {
		e.log.Error("read run", "flow", flow, "run_number", n, "error", err)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.backlogOf(flow).note(r)
}

// backlogOf returns the backlog of a flow; mu is held.
func (e *Engine) backlogOf(flow string) *backlog {
	b := e.backlogs[flow]
	if b == nil {
		b = &backlog{active: map[flowfile.RunID]bool{}}
		e.backlogs[flow] = b
	}
	return b
}

// mayStart reports whether the flow may have one more run at work, of most.
// Older queued runs go first, except those that something holds.
func (e *Engine) mayStart(k runKey, most int, held func(by string) bool) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	b := e.backlogOf(k.flow)
	before := len(b.active)
	if b.active[k.run] {
		before--
	}
	for _, w := range b.queued {
		if before >= most || w.run >= k.run {
			break
		}
		if e.eligible(k.flow, w, held) {
			before++
		}
	}
	return before < most
}

// eligible reports whether a queued run could be admitted if there were room;
// one that waits for a retry of its preflight holds up nobody. mu is held.
func (e *Engine) eligible(flow string, w waiting, held func(by string) bool) bool {
	_, again := e.tries[runKey{flow, w.run}]
	return !again && !held(w.by) && (e.cfg.Only == nil || e.cfg.Only(flow, w.run))
}

// room reports whether a run that is past admission may be brought up: one that
// was resumed counts like any other.
func (e *Engine) room(k runKey, most int) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := 0
	for o := range e.instances {
		if o.flow == k.flow && o.run != 0 && o.run != k.run {
			n++
		}
	}
	return n < most
}

// wakeAtOnce bounds how many queued runs are looked at when room comes up. One
// that is admitted has those behind it looked at in turn.
const wakeAtOnce = 4

// wakeQueued has the director look at the runs of a flow that could begin now:
// the oldest that are queued, and those that were resumed and found no room.
func (e *Engine) wakeQueued(flow string) {
	st, err := e.store.Schedule(flow)
	if err != nil {
		e.log.Error("read flow status", "flow", flow, "error", err)
		return
	}
	held := holds(st)
	var found []flowfile.RunID
	e.mu.Lock()
	b := e.backlogOf(flow)
	for n := range b.active {
		if e.instances[runKey{flow, n}] == nil {
			found = append(found, n)
		}
	}
	queued := 0
	for _, w := range b.queued {
		if queued == wakeAtOnce {
			break
		}
		if e.eligible(flow, w, held) {
			found = append(found, w.run)
			queued++
		}
	}
	e.mu.Unlock()
	slices.Sort(found)
	for _, n := range found {
		e.look(flow, n)
	}
}

// holds tells whose queued runs the state of a flow keeps from being admitted.
func holds(st runs.FlowStatus) func(by string) bool {
	return func(by string) bool { return st.Paused && by == byScheduler }
}
