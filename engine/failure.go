package engine

import (
	"context"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// takes is the queue view of one session. It can be narrowed to one FlowFile,
// so that a batch that failed is tried again one by one and only the FlowFile
// that fails alone spends a try.
type takes struct {
	View
	ctx  context.Context
	most int // zero for no bound
	// taken counts what the session took.
	taken int
	// shut are connections that the session may not take from.
	shut map[string]bool
	// expire removes what is too old from what was taken; nil keeps all.
	expire func([]*flowfile.Item) ([]*flowfile.Item, error)
}

// Take checks out items within the bound.
func (q *takes) Take(conns []string, n int) ([]*flowfile.Item, error) {
	if q.most > 0 {
		n = min(n, q.most-q.taken)
	}
	conns = q.open(conns)
	if n <= 0 {
		return nil, nil
	}
	for {
		items, err := q.View.Take(conns, n)
		some := len(items) > 0
		if err == nil && q.expire != nil {
			items, err = q.expire(items)
		}
		if err == nil && some && len(items) == 0 {
			continue // all of them were too old; those behind may not be
		}
		q.taken += len(items)
		return items, err
	}
}

// open leaves out the connections that are shut.
func (q *takes) open(conns []string) []string {
	if len(q.shut) == 0 {
		return conns
	}
	var out []string
	for _, c := range conns {
		if !q.shut[c] {
			out = append(out, c)
		}
	}
	return out
}

// expired removes items that are older than their connection allows, in a
// commit of its own, and returns the others. Like NiFi it looks when FlowFiles
// are taken, so what nobody takes expires late.
func (n *node) expired(items []*flowfile.Item) ([]*flowfile.Item, error) {
	now := n.in.e.cfg.Now()
	d := &flowfile.Delivery{Flow: n.in.key.flow, Version: n.in.version, Run: n.in.key.run, Node: n.slug,
		Order: &flowfile.Order{Kind: flowfile.OrderExpire, At: now, By: "engine"}}
	var keep []*flowfile.Item
	for _, it := range items {
		age := n.in.flow.Connections[it.Conn].Expire.Value(0)
		if age == 0 || now.Sub(it.FlowFile.Entered) < age {
			keep = append(keep, it)
			continue
		}
		d.Remove = append(d.Remove, flowfile.Removal{Item: it, Class: flowfile.Expired})
		d.Events = append(d.Events, flowfile.Event{Type: flowfile.EventExpire, ID: it.FlowFile.ID, Node: n.slug,
			Class: flowfile.Expired, Rows: it.FlowFile.Rows, Size: it.FlowFile.Content.Size, Time: now})
	}
	if len(d.Remove) == 0 {
		return items, nil
	}
	if _, err := n.in.e.commit(context.WithoutCancel(n.in.ctx), d); err != nil {
		return items, err
	}
	return keep, nil
}

// stopped reports whether the node is being stopped. A session that fails then
// is rolled back and spends nothing, whatever its error says: many clients wrap
// the end of their context in words of their own.
func (n *node) stopped() bool { return n.in.ctx.Err() != nil }

// stale reports whether the store refused a session that had lost its rights.
func stale(err error) bool { return fault.CodeOf(err) == "stale_session" }

// unstored reports whether the store could not take what was made, through no
// fault of the FlowFiles or their node.
func unstored(err error) bool {
	switch fault.CodeOf(err) {
	case "disk_full", "store_failed", "store_closed":
		return true
	}
	return false
}

// overtaken says how a node goes on after a session that was refused as stale.
// Either the whole instance was overtaken, which the director sees to, or only
// what this session held, because a person emptied a queue: then what it gave
// back waits and nobody else would wake the node.
func (n *node) overtaken() pace {
	e := n.in.e
	if n.stopped() {
		return pace{}
	}
	if n.in.key.run != 0 {
		r, err := e.store.Run(n.in.key.flow, n.in.key.run)
		if err != nil {
			return n.rest(err)
		}
		if r.State != runs.Running || r.Epoch != n.in.epoch {
			e.look(n.in.key.flow, n.in.key.run)
			return pace{}
		}
	}
	return pace{at: e.cfg.Now().Add(overtakenRest)}
}

// mapFailed deals with a session that took FlowFiles and failed.
func (n *node) mapFailed(t *task, failed []*flowfile.Item, err error) pace {
	switch {
	case n.stopped() || t.lost():
		t.queues.Release(failed)
		return pace{}
	case stale(err):
		t.queues.Release(failed)
		return n.overtaken()
	case unstored(err):
		t.queues.Release(failed)
		return n.rest(err)
	}
	if len(failed) == 0 {
		// It failed before it took anything: the first waiting FlowFile answers
		// for it, so that tries are counted and the run cannot hang in silence.
		t.queues.most = 0
		var terr error
		if failed, terr = t.queues.Take(n.conns(), 1); terr != nil || len(failed) == 0 {
			return n.rest(err)
		}
	}
	n.failed(err)
	if len(failed) > 1 {
		n.mu.Lock()
		n.solo = len(failed)
		n.mu.Unlock()
		t.queues.Release(failed)
		return pace{again: true}
	}
	d := &flowfile.Delivery{Flow: n.in.key.flow, Version: n.in.version, Run: n.in.key.run, Node: n.slug,
		Fence: flowfile.Fence{Epoch: n.in.epoch}}
	for _, it := range failed {
		n.decide(d, it, err)
	}
	if _, cerr := n.in.e.commit(context.WithoutCancel(n.in.ctx), d); cerr != nil {
		t.queues.Release(failed)
		return n.refused(cerr)
	}
	if len(d.Retry) > 0 {
		n.note(func(s *Seen) { s.Until = d.Retry[0].NotBefore })
	}
	return pace{again: true}
}

// decide adds one failed item to the delivery: to be tried later, or parked.
func (n *node) decide(d *flowfile.Delivery, it *flowfile.Item, err error) {
	code, cause := fault.CodeOf(err), err.Error()
	class, wait := fault.ClassOf(err)
	now := n.in.e.cfg.Now()
	attempt := int(it.FlowFile.Attempt)
	if n.in.key.run == 0 {
		if class != fault.After {
			wait = backoff(n.def.Penalty.Value(defaultPenalty), 0)
		}
		n.tellStream(err, wait)
		d.Retry = append(d.Retry, flowfile.Retry{Item: it, NotBefore: now.Add(wait), Code: code, Cause: cause, Spend: true})
		return
	}
	if class == fault.Permanent || attempt >= n.in.retries {
		n.log.Error("FlowFile parked", "id", it.FlowFile.ID, "code", code, "error", cause, "tries", attempt+1)
		n.bulletin("error", err)
		d.Park = append(d.Park, flowfile.Park{Item: it, Code: code, Cause: cause, Note: fault.NoteOf(err)})
		return
	}
	if class != fault.After {
		wait = backoff(n.in.flow.RetryDelay(), attempt)
	}
	n.log.Warn("FlowFile waits for a retry", "id", it.FlowFile.ID, "code", code, "error", cause, "try", attempt+1, "wait", wait.String())
	n.bulletin("warning", err)
	d.Retry = append(d.Retry, flowfile.Retry{Item: it, NotBefore: now.Add(wait), Code: code, Cause: cause, Spend: true})
}

// activityFailed deals with a failed try of a source or whole-run node.
func (n *node) activityFailed(t *task, act *runs.Activity, err error) pace {
	switch {
	case n.stopped() || t.lost():
		return pace{}
	case stale(err):
		return n.overtaken()
	case unstored(err):
		return n.rest(err)
	}
	n.failed(err)
	class, wait := fault.ClassOf(err)
	free := fault.IsFree(err)
	final := class == fault.Permanent || !free && act.Tries >= n.in.retries
	if class != fault.After {
		wait = backoff(n.in.flow.RetryDelay(), act.Tries)
	}
	at := n.in.e.cfg.Now().Add(wait)
	if final {
		n.log.Error("activity failed", "code", fault.CodeOf(err), "error", err, "tries", act.Tries+1)
		n.bulletin("error", err)
	} else {
		n.log.Warn("activity waits for a retry", "code", fault.CodeOf(err), "error", err, "tries", act.Tries+1, "wait", wait.String())
		n.bulletin("warning", err)
	}
	d := &flowfile.Delivery{Flow: n.in.key.flow, Run: n.in.key.run, Node: n.slug,
		Fence: flowfile.Fence{Epoch: n.in.epoch, Act: true, ActEpoch: act.Epoch},
		Order: &flowfile.Order{Kind: flowfile.OrderFailAct, At: n.in.e.cfg.Now(), By: "engine", NotBefore: at,
			Spend: !free, Final: final, Code: fault.CodeOf(err), Why: err.Error(), Note: fault.NoteOf(err)}}
	if _, cerr := n.in.e.commit(context.WithoutCancel(n.in.ctx), d); cerr != nil {
		return n.refused(cerr)
	}
	if final {
		return pace{}
	}
	return pace{at: at}
}

// refused deals with a commit of the engine's own that the store refused.
func (n *node) refused(err error) pace {
	if stale(err) {
		return n.overtaken()
	}
	return n.rest(err)
}

// rest lets the node sleep for its yield after an error that nobody answers
// for, such as a store that is out of space.
func (n *node) rest(err error) pace {
	if n.stopped() {
		return pace{}
	}
	n.failed(err)
	n.log.Warn("node rests", "code", fault.CodeOf(err), "error", err)
	n.bulletin("warning", err)
	wait := n.def.Yield.Value(defaultYield)
	if class, d := fault.ClassOf(err); class == fault.After {
		wait = d
	}
	return pace{at: n.in.e.cfg.Now().Add(max(wait, 10*time.Millisecond))}
}
