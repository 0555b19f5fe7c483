package engine

import (
	"context"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
)

// lost reports whether the task was terminated: its node went on without it.
func (t *task) lost() bool { return t.n.lifeNow() != t.life }

// Terminate gives up the tasks of a node that do not return: their sessions are
// revoked, whatever they still do is refused, and fresh workers with a fresh
// processor take over. The FlowFiles are back in their queues at once.
func (e *Engine) Terminate(ctx context.Context, flow string, run flowfile.RunID, slug string) error {
	in := e.instance(runKey{flow, run})
	if in == nil || in.nodes[slug] == nil {
		return fault.New("node_not_at_work", "flow", flow, "node", slug).Permanent()
	}
	n := in.nodes[slug]
	conf, problems := in.flow.ConfigureNode(slug, in.values())
	if len(problems) > 0 {
		return problems.Err()
	}
	n.mu.Lock()
	n.life++
	n.proc, n.wakes, n.crew = newStarting(conf.Processor), nil, 0
	n.mu.Unlock()
	n.revokeAll()
	defer n.startWorkers() // whatever else fails: the old ones are gone
	if !n.acts || run == 0 {
		return nil
	}
	r, err := e.store.Run(flow, run)
	if err != nil {
		return err
	}
	a := r.Acts[slug]
	if a == nil || a.State != runs.ActRunning {
		return nil // no try is under way that could be fenced
	}
	_, err = e.commit(context.WithoutCancel(ctx), &flowfile.Delivery{Flow: flow, Run: run, Node: slug,
		Fence: flowfile.Fence{Epoch: in.epoch, Act: true, ActEpoch: a.Epoch},
		Order: &flowfile.Order{Kind: flowfile.OrderFence, At: e.cfg.Now(), By: "cli", Code: "terminated"}})
	if fault.CodeOf(err) == "activity_state" {
		return nil // the try ended before it could be fenced
	}
	return err
}

// revokeAll makes the checkouts of all tasks at work void and ends their
// contexts.
func (n *node) revokeAll() {
	n.mu.Lock()
	tasks := make([]*task, 0, len(n.tasks))
	for t := range n.tasks {
		tasks = append(tasks, t)
	}
	n.mu.Unlock()
	for _, t := range tasks {
		t.revoke()
	}
}

// values are what the instance's flow was configured with.
func (in *instance) values() flows.Values {
	return flows.Values{Params: in.run.Params, Secrets: in.e.cfg.Secrets}
}
