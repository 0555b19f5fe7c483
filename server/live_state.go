package server

import (
	"github.com/weirflow/weir/engine"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// runState tells where a node stands in a run: one of the live states.
func runState(r *runs.Run, graph *runs.Graph, slug string, g *engine.Gauge) int {
	if r.State == runs.Queued {
		return liveWaiting
	}
	if r.State.Terminal() && r.Started.IsZero() {
		return liveSkipped // it never began
	}
	a := r.Acts[slug]
	state := liveWaiting
	if a != nil {
		state = actState(a.State)
	} else {
		state = passState(r, graph, slug, g)
	}
	if !r.State.Terminal() {
		return state
	}
	// Nothing goes on in a run that has ended; cancelling skips what is open.
	switch state {
	case liveWorking, liveRetry:
		return int(engine.NodeStopped)
	case liveSkipped:
		if r.State == runs.Cancelled && a.Attempt > 0 {
			return int(engine.NodeStopped)
		}
	case liveWaiting, liveReady:
		switch {
		case r.State == runs.Failed:
			return liveUpstreamFailed
		case a != nil && a.Attempt > 0 || r.Ledger[slug] != nil:
			return int(engine.NodeStopped)
		}
		return liveSkipped
	}
	return state
}

// actState tells how the activity of a source or a whole-run node stands.
func actState(s runs.ActState) int {
	switch s {
	case runs.ActReady:
		return liveReady
	case runs.ActRunning:
		return liveWorking
	case runs.ActRetryWait:
		return liveRetry
	case runs.ActBlocked:
		return liveUpstreamFailed
	case runs.ActDone:
		return liveDone
	case runs.ActFailed:
		return liveFailed
	case runs.ActSkipped:
		return liveSkipped
	}
	return liveWaiting
}

// passState tells how a node stands that only passes on what comes to it.
func passState(r *runs.Run, graph *runs.Graph, slug string, g *engine.Gauge) int {
	var queued, parked int64
	for _, c := range graph.In(slug) {
		if q := r.Queues[c]; q != nil {
			queued, parked = queued+q.Queued.N, parked+q.Parked.N
		}
	}
	open, bad := upstream(r, graph, slug)
	switch {
	case g.Tasks > 0:
		return liveWorking
	case parked > 0 && queued == 0:
		return liveFailed
	case g.Failed != "" && queued > 0:
		return liveRetry
	case queued > 0:
		return liveReady
	case bad:
		return liveUpstreamFailed
	case !open || r.State == runs.Success || r.State == runs.Partial:
		return liveDone
	}
	return liveWaiting
}

// upstream tells whether anything can still come to a node, and whether what
// should have come failed.
func upstream(r *runs.Run, graph *runs.Graph, slug string) (open, bad bool) {
	for _, up := range graph.Ancestors(slug) {
		a := r.Acts[up]
		open = open || a != nil && a.State.Open()
		bad = bad || a != nil && (a.State == runs.ActFailed || a.State == runs.ActBlocked)
		for _, c := range graph.In(up) {
			if q := r.Queues[c]; q != nil {
				open = open || q.Queued.N > 0 || q.Parked.N > 0
			}
		}
	}
	return open, bad
}

// passedOver is what was put on a connection in a run: FlowFiles, rows, or -1
// where not all are known, and bytes.
func passedOver(q *runs.Queue) (n, rows, bytes int64) {
	if q.Entered.Unknown > 0 {
		return q.Entered.N, -1, q.Entered.Bytes
	}
	return q.Entered.N, q.Entered.Rows, q.Entered.Bytes
}

// passedOn is what a node handed on in a run: what it wrote, where the word of
// that which it passed on has no rows of its own.
func passedOn(r *runs.Run, node string) flowfile.Tally {
	out := r.Counted(node, flowfile.Out)
	if out.Rows == 0 {
		if wrote := r.Counted(node, flowfile.Committed); !wrote.IsZero() {
			return wrote
		}
	}
	return out
}
