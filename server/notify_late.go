package server

import (
	"context"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
)

// late looks which slots should have had a run that ended well by now, and tells
// of each once; what an address refuses for good is given up. That a slot was told of is noted after it was, so that a crash
// makes the notice come twice at worst.
func (n *notifier) late(ctx context.Context) {
	if !n.s.cfg.Schedule {
		return
	}
	ids, err := n.s.store.FlowIDs()
	if err != nil {
		n.s.log.Error("list flows", "error", err)
		return
	}
	for _, id := range ids {
		if err := n.lateFlow(ctx, id); err != nil && ctx.Err() == nil {
			n.s.log.Warn("a notice of a late slot failed", "flow", id, "error", err)
		}
	}
}

func (n *notifier) lateFlow(ctx context.Context, id string) error {
	st, err := n.s.store.Schedule(id)
	if err != nil || !st.Enabled {
		return err
	}
	v, err := n.s.store.Newest(id)
	if err != nil || v == 0 {
		return err
	}
	doc, err := n.s.store.Doc(id, v)
	if err != nil {
		return err
	}
	f, err := flows.Parse(doc)
	if err != nil {
		return err
	}
	after := f.Notify.LateAfter()
	if after == 0 || f.Schedule == nil {
		return nil
	}
	cal, err := f.Calendar()
	if err != nil {
		return err
	}
	slot := cal.LastDue(n.s.cfg.Now().Add(-after))
	due := cal.Due(slot)
	if !due.After(st.Since) || slot.Key() == st.LateSlot {
		return nil // before the flow was enabled, or told of
	}
	have, err := n.s.store.Slot(id, slot.Key())
	if err != nil {
		return err
	}
	if have.Current == 0 {
		m := &notice{Event: flows.OnLate, Flow: id, Name: f.Name, Slot: slot.Key(), At: n.s.cfg.Now().UTC(),
			fault: fault.New("notice_late", "flow", id, "slot", slot.Key(), "due", due.In(cal.Location()).Format("2006-01-02 15:04 MST"), "state", n.stateOf(id, have))}
		err := n.send(ctx, f.Notify.Webhook.Secret, m)
		class, _ := fault.ClassOf(err)
		switch {
		case err == nil:
			n.s.log.Info("told of a late slot", "flow", id, "slot", slot.Key())
		case class == fault.Permanent:
			n.s.log.Error("a notice of a late slot is given up", "flow", id, "slot", slot.Key(), "secret", f.Notify.Webhook.Secret, "error", err)
		default:
			return err
		}
	}
	return n.s.store.UpdateSchedule(ctx, id, func(st *runs.FlowStatus) error {
		st.LateSlot = slot.Key()
		return nil
	})
}

// stateOf is the state of a slot's newest run, or a dash.
func (n *notifier) stateOf(flow string, have runs.SlotRuns) string {
	if have.Newest == 0 {
		return "-"
	}
	r, err := n.s.store.Run(flow, have.Newest)
	if err != nil {
		return "-"
	}
	return string(r.State)
}

// stamp is when a notice is about.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
