package engine

import (
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// buildRest is how long a run that cannot be brought up again waits for the next
// try: what it has stays queued meanwhile.
const buildRest = 30 * time.Second

// streamSilence is how long the same failure of a node of continuous data is not
// logged again: such a node may fail for every FlowFile, for days.
const streamSilence = time.Minute

// Trouble is what keeps a run that is not at work from being so.
type Trouble struct {
	// Fault is what failed: a preflight, or the bringing up of a run that a
	// restart found at work.
	Fault error
	// Until is when it is tried again; zero while it is being tried,
	// and where another run's end decides.
	Until time.Time
}

// Trouble returns what keeps a run from being at work, if anything does: a
// preflight that waits for an answer, or what is tried again later.
func (e *Engine) Trouble(flow string, run flowfile.RunID) (Trouble, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	k := runKey{flow, run}
	if a := e.asking[k]; a != nil {
		if nodes, since := a.waits(); len(nodes) > 0 {
			return Trouble{Fault: fault.New("preflight_under_way", "nodes", strings.Join(nodes, ", "),
				"for", e.cfg.Now().Sub(since).Round(time.Second))}, true
		}
	}
	t, ok := e.troubles[k]
	return t, ok
}

// bulletin tells people of a failure of the node.
func (n *node) bulletin(level string, err error) {
	n.in.e.bulletin(n.in.key.flow, n.in.run.ID, n.slug, level, err)
}

func (e *Engine) trouble(k runKey, err error, wait time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := Trouble{Fault: err}
	if wait > 0 {
		t.Until = e.cfg.Now().Add(wait)
	}
	e.troubles[k] = t
}

// tellStream logs a failure of a node of continuous data, the same one not more
// than once in a while.
func (n *node) tellStream(err error, wait time.Duration) {
	now, code := n.in.e.cfg.Now(), fault.CodeOf(err)
	n.mu.Lock()
	again := n.toldCode == code && now.Sub(n.told) < streamSilence
	if !again {
		n.told, n.toldCode = now, code
	}
	n.mu.Unlock()
	if !again {
		n.log.Warn("FlowFile waits for a retry", "code", code, "error", err, "wait", wait.String())
		n.bulletin("warning", err)
	}
}
