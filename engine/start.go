package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
)

// Who orders things, for the audit trail.
const (
	byScheduler = "scheduler"
)

// Start asks for a run of a flow.
type Start struct {
	Flow string
	// Version is the published version to execute; zero for the newest.
	Version uint32
	// Slot is the slot's key; empty for the last complete one.
	Slot string
	// Params are given values, by name, as text.
	Params map[string]string
	// Kind is manual, scheduled, backfill or rerun; By who asks.
	Kind, By string
	// Fresh refuses a slot that has had a run.
	Fresh bool
}

// Start makes a run, QUEUED, and returns it. The slot must have ended and have
// no run that is queued or at work; all parameters must be known.
func (e *Engine) Start(ctx context.Context, s Start) (*runs.Run, error) {
	version, err := e.versionOf(s.Flow, s.Version)
	if err != nil {
		return nil, err
	}
	f, err := e.readFlow(s.Flow, version)
	if err != nil {
		return nil, err
	}
	if f.Mode != flows.ModeRuns {
		return nil, fault.New("flow_is_continuous", "flow", s.Flow).Permanent()
	}
	params, err := f.ResolveParams(s.Params)
	if err != nil {
		return nil, err
	}
	now := e.cfg.Now()
	c := &flowfile.CreateRun{Kind: s.Kind, FlowVersion: version, Params: params, Fresh: s.Fresh,
		Retries: f.Retries(), RetryDelay: f.RetryDelay()}
	if err := slotOf(f, s.Slot, now, c); err != nil {
		return nil, err
	}
	id, err := ulid.New(ulid.Timestamp(now), rand.Reader)
	if err != nil {
		return nil, err
	}
	c.ULID = id.String()
	eff, err := e.commit(ctx, &flowfile.Delivery{Flow: s.Flow, Version: version,
		Order: &flowfile.Order{Kind: flowfile.OrderCreate, At: now, By: s.By, Create: c}})
	if err != nil {
		return nil, err
	}
	return e.store.Run(s.Flow, eff.Run)
}

func (e *Engine) versionOf(flow string, want uint32) (uint32, error) {
	if want > 0 {
		return want, nil
	}
	v, err := e.store.Newest(flow)
	if err != nil {
		return 0, err
	}
	if v == 0 {
		return 0, fault.New("flow_not_published", "flow", flow).Permanent()
	}
	return v, nil
}

// slotOf fills in the slot of a new run. A flow without a schedule has daily
// slots in UTC.
func slotOf(f *flows.Flow, key string, now time.Time, c *flowfile.CreateRun) error {
	cal, err := f.Calendar()
	if err != nil {
		return err
	}
	slot := cal.LastComplete(now)
	if key != "" {
		if slot, err = cal.Parse(key); err != nil {
			return err
		}
		if err := slot.CheckEnded(now); err != nil {
			return err
		}
	}
	c.Slot, c.Date, c.Zone = slot.Key(), slot.Date(), cal.Location().String()
	c.Start, c.End = slot.Interval()
	return nil
}

// Cancel stops a run; what lies in its queues is dropped, and counted so.
func (e *Engine) Cancel(ctx context.Context, flow string, n flowfile.RunID, by string) error {
	why := fault.New("cancelled", "by", by)
	_, err := e.commit(ctx, &flowfile.Delivery{Flow: flow, Run: n,
		Order: &flowfile.Order{Kind: flowfile.OrderCancel, At: e.cfg.Now(), By: by, Code: why.Code, Why: why.Error(), Note: fault.NoteOf(why)}})
	return err
}

// Resume takes a failed run up again where it stopped. Version, when above
// zero, is a version with a fix that the run adopts: the caller has checked
// that nothing which is done already differs. Of its parked FlowFiles those named
// are tried again, all when none is.
func (e *Engine) Resume(ctx context.Context, flow string, n flowfile.RunID, version uint32, acceptRejects bool, by string, parked ...flowfile.ID) error {
	_, err := e.commit(ctx, &flowfile.Delivery{Flow: flow, Run: n,
		Order: &flowfile.Order{Kind: flowfile.OrderResume, At: e.cfg.Now(), By: by, FlowVersion: version, AcceptRejects: acceptRejects, Parked: parked}})
	return err
}

// StartFlow keeps a continuous flow at work, from now and over restarts.
func (e *Engine) StartFlow(ctx context.Context, flow string) error {
	return e.switchFlow(ctx, flow, true)
}

// StopFlow ends it: sessions finish, what is queued stays.
func (e *Engine) StopFlow(ctx context.Context, flow string) error {
	return e.switchFlow(ctx, flow, false)
}

func (e *Engine) switchFlow(ctx context.Context, flow string, on bool) error {
	if _, err := e.continuous(flow); err != nil {
		return err
	}
	err := e.store.UpdateSchedule(ctx, flow, func(st *runs.FlowStatus) error {
		st.Started, st.Nodes = on, onlyDisabled(st.Nodes)
		return nil
	})
	if err != nil {
		return err
	}
	e.look(flow, 0)
	return nil
}

// Changed tells the engine that a flow was published or switched.
func (e *Engine) Changed(flow string) {
	e.look(flow, 0)
	e.wakeQueued(flow)
	select {
	case e.scheduler <- struct{}{}:
	default:
	}
}

// reconcileContinuous starts, stops or renews the continuous data of a flow.
func (e *Engine) reconcileContinuous(k runKey) {
	st, err := e.store.Schedule(k.flow)
	if err != nil {
		e.log.Error("read flow status", "flow", k.flow, "error", err)
		return
	}
	v, err := e.store.Newest(k.flow)
	if err != nil || v == 0 {
		return
	}
	in := e.instance(k)
	if in != nil && in.stopping.Load() {
		return // its end brings us back here
	}
	if in != nil && in.flowVersion != v {
		e.stopGently(in)
		return
	}
	once := e.takeOnces(k.flow)
	switch {
	case in != nil:
		in.apply(st, once)
		if !st.Started && !in.busy() {
			e.stopGently(in)
		}
	case st.Started || len(once) > 0:
		e.startContinuous(k, v, st, once)
	default:
		e.mu.Lock()
		delete(e.troubles, k)
		delete(e.invalid, k)
		e.mu.Unlock()
	}
}

// startContinuous brings up a flow's continuous data. What cannot be brought up
// is tried again: a secret may be missing.
func (e *Engine) startContinuous(k runKey, v uint32, st runs.FlowStatus, once map[string]bool) {
	f, err := e.readFlow(k.flow, v)
	if err == nil && f.Mode != flows.ModeContinuous {
		return
	}
	var in *instance
	if err == nil {
		e.Forget(k.flow, func(slug string) bool { _, ok := f.Nodes[slug]; return ok })
		in, err = e.build(f, &runs.Run{Flow: k.flow})
	}
	if err != nil {
		e.log.Error("start flow", "flow", k.flow, "code", fault.CodeOf(err), "error", err)
		e.bulletin(k.flow, "", "", "error", err)
		e.mu.Lock()
		again := e.troubles[k].Until.After(e.cfg.Now()) // somebody comes back already
		e.invalid[k] = invalidOf(err)
		e.mu.Unlock()
		if !again {
			e.trouble(k, err, buildRest)
			e.after(buildRest, func() { e.look(k.flow, 0) })
		}
		return
	}
	e.mu.Lock()
	delete(e.troubles, k)
	delete(e.invalid, k)
	if e.closed {
		e.mu.Unlock()
		in.close(e.ctx)
		return
	}
	in.flowVersion = v
	e.instances[k] = in
	e.mu.Unlock()
	in.apply(st, once)
	if !st.Started && !in.busy() { // nothing could run
		e.look(k.flow, 0)
	}
}

// invalidOf names the nodes whose settings do not hold.
func invalidOf(err error) map[string]bool {
	out := map[string]bool{}
	var problems flows.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			if p.Node != "" {
				out[p.Node] = true
			}
		}
	}
	return out
}
