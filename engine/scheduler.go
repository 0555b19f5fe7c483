package engine

import (
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
)

// onTime is how late a slot may fire and still count as on time; later, it was
// missed and the flow's policy decides.
const onTime = time.Minute

// longestSleep bounds how long the scheduler trusts its timer: a machine that
// slept, or a clock that was set, is noticed at the next look.
const longestSleep = time.Minute

// schedule makes the runs of enabled flows when their slots are due.
func (e *Engine) schedule() {
	t := time.NewTimer(0)
	defer t.Stop()
	for {
		select {
		case <-e.ctx.Done():
			return
		case <-t.C:
		case <-e.scheduler:
		}
		now := e.cfg.Now()
		next := now.Add(longestSleep)
		ids, err := e.store.FlowIDs()
		if err != nil {
			e.log.Error("list flows", "error", err)
		}
		for _, id := range ids {
			due, err := e.scheduleFlow(id, now)
			if err != nil {
				e.log.Error("schedule flow", "flow", id, "code", fault.CodeOf(err), "error", err)
				continue
			}
			if !due.IsZero() && due.Before(next) {
				next = due
			}
		}
		t.Reset(max(next.Sub(now), 0))
	}
}

// scheduleFlow fires what is due for one flow and returns when it is due next.
func (e *Engine) scheduleFlow(id string, now time.Time) (time.Time, error) {
	st, err := e.store.Schedule(id)
	if err != nil || !st.Enabled {
		return time.Time{}, err
	}
	v, err := e.store.Newest(id)
	if err != nil || v == 0 {
		return time.Time{}, err
	}
	f, err := e.readFlow(id, v)
	if err != nil || f.Schedule == nil || f.Mode != flows.ModeRuns {
		return time.Time{}, err
	}
	cal, err := f.Calendar()
	if err != nil {
		return time.Time{}, err
	}
	mark := runs.Mark{Enabled: st.Since, Seen: st.LastSeen}
	if !st.LastEnd.IsZero() {
		mark.Handled = cal.SlotAt(st.LastEnd.Add(-time.Nanosecond))
	}
	if st.CatchUp > 0 {
		if err := e.fire(f, cal.CatchUp(st.Since, st.CatchUp), "backfill"); err != nil {
			return time.Time{}, err
		}
		if err := e.store.UpdateSchedule(e.ctx, id, func(st *runs.FlowStatus) error {
			st.CatchUp = 0
			return nil
		}); err != nil {
			return time.Time{}, err
		}
	}
	look := cal.Look(mark, now, onTime)
	if look.SetBack > 0 {
		e.log.Warn("the clock was set back; no slot fires twice, none before the clock has caught up",
			"flow", id, "by", look.SetBack)
	}
	if n := look.PassedOver.Count(); n > 0 {
		e.log.Warn("slots were missed and left without a run", "flow", id, "count", n,
			"first", look.PassedOver.First.Key(), "last", look.PassedOver.Last.Key())
	}
	if err := e.fire(f, look.Fire, "scheduled"); err != nil {
		return time.Time{}, err
	}
	// The time seen is stored when a slot was handled, and else now and then: it
	// serves only to notice a clock that was set back.
	if look.Mark.Handled != mark.Handled || now.Sub(st.LastSeen) > time.Hour {
		if err := e.store.UpdateSchedule(e.ctx, id, func(st *runs.FlowStatus) error {
			st.LastSeen = look.Mark.Seen
			if look.Mark.Handled != mark.Handled {
				st.LastSlot, st.LastEnd = look.Mark.Handled.Key(), look.Mark.Handled.End()
			}
			return nil
		}); err != nil {
			return time.Time{}, err
		}
	}
	_, due := cal.NextDue(now)
	return due, nil
}

// fire makes a run for each slot of the range that has none. A slot that a
// person has started already is left alone, and so is one that a crash had kept
// from being noted as handled.
func (e *Engine) fire(f *flows.Flow, slots runs.SlotRange, kind string) error {
	if slots.Empty() {
		return nil
	}
	for s := range slots.All() {
		_, err := e.Start(e.ctx, Start{Flow: f.ID, Slot: s.Key(), Kind: kind, By: byScheduler, Fresh: true})
		switch {
		case fault.CodeOf(err) == "slot_has_run":
			e.log.Info("slot has a run already", "flow", f.ID, "slot", s.Key())
		case err != nil:
			return err
		default:
			e.log.Info("slot fired", "flow", f.ID, "slot", s.Key(), "kind", kind)
		}
	}
	return nil
}
