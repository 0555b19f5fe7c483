package server

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store"
)

// FlowView is a flow as a list shows it.
type FlowView struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	Mode string `json:"mode,omitempty"`
	// Version is the version in force, zero while nothing is published.
	Version uint32 `json:"version"`
	// Draft says that an edited draft differs from the version in force.
	Draft    bool            `json:"draft,omitempty"`
	Schedule *runs.Schedule  `json:"schedule,omitempty"`
	Status   runs.FlowStatus `json:"status"`
	// Next is when the schedule fires next, for NextSlot.
	Next     time.Time `json:"next,omitzero"`
	NextSlot string    `json:"next_slot,omitempty"`
}

// FlowList is a list of flows.
type FlowList struct {
	Flows []FlowView `json:"flows"`
}

// FlowRef names a flow, and a version where it matters: zero is the one in
// force, Draft asks for the draft.
type FlowRef struct {
	Flow    string `param:"flow" json:"-"`
	Version uint32 `query:"version" json:"-"`
	Draft   bool   `query:"draft" json:"-"`
}

// FlowDoc is a flow file.
type FlowDoc struct {
	Doc json.RawMessage `json:"doc"`
}

// ImportFlow stores a flow file as the draft and, unless Draft, publishes it.
type ImportFlow struct {
	Doc   json.RawMessage `json:"doc"`
	Draft bool            `json:"draft,omitempty"`
}

// Published tells what came of an import or publish.
type Published struct {
	Flow    string `json:"flow"`
	Version uint32 `json:"version"`
	// Changed tells, in words, what differs from the version before.
	Changed []flows.Change `json:"changed,omitempty"`
	// Access tells what the flow may touch.
	Access *Access `json:"access,omitempty"`
}

// VersionList is the versions of a flow, the newest first.
type VersionList struct {
	Versions []store.FlowVersion `json:"versions"`
}

// DiffFlow asks what changed between two versions; zero for To is the draft.
type DiffFlow struct {
	Flow string `param:"flow" json:"-"`
	From uint32 `query:"from" json:"-"`
	To   uint32 `query:"to" json:"-"`
}

// Changes is a list of differences.
type Changes struct {
	Changes []flows.Change `json:"changes"`
}

// SwitchFlow changes what is noted about a flow.
type SwitchFlow struct {
	Flow string `param:"flow" json:"-"`
	// CatchUp makes runs for that many slots before now when a schedule is
	// enabled; DryRun only tells which.
	CatchUp int  `json:"catch_up,omitempty"`
	DryRun  bool `json:"dry_run,omitempty"`
}

// Switched tells the flow as it is now.
type Switched struct {
	Flow FlowView `json:"flow"`
	// Slots are those that a catch-up makes runs for.
	Slots []string `json:"slots,omitempty"`
}

func (s *Server) listFlows(context.Context, *struct{}) (*FlowList, error) {
	all, err := s.store.Flows()
	if err != nil {
		return nil, err
	}
	out := &FlowList{Flows: []FlowView{}}
	for _, r := range all {
		v, err := s.viewFlow(r)
		if err != nil {
			return nil, err
		}
		out.Flows = append(out.Flows, v)
	}
	return out, nil
}

func (s *Server) viewFlow(r store.FlowRecord) (FlowView, error) {
	v := FlowView{ID: r.Flow, Version: r.Newest}
	st, err := s.store.Schedule(r.Flow)
	if err != nil {
		return v, err
	}
	v.Status = st
	doc := r.Draft
	if r.Newest > 0 {
		if doc, err = s.store.Doc(r.Flow, r.Newest); err != nil {
			return v, err
		}
		v.Draft = len(r.Draft) > 0 && !bytes.Equal(doc, r.Draft)
	}
	f, err := flows.Parse(doc)
	if err != nil {
		return v, nil // a draft may be half a flow
	}
	v.Name, v.Mode, v.Schedule = f.Name, string(f.Mode), f.Schedule
	if st.Enabled && f.Schedule != nil {
		if cal, err := f.Calendar(); err == nil {
			slot, at := cal.NextDue(s.cfg.Now())
			v.Next, v.NextSlot = at, slot.Key()
		}
	}
	return v, nil
}

func (s *Server) getFlow(_ context.Context, in *FlowRef) (*FlowDoc, error) {
	r, err := s.store.Flow(in.Flow)
	if err != nil {
		return nil, err
	}
	v := in.Version
	if v == 0 {
		v = r.Newest
	}
	if in.Draft || v == 0 {
		return &FlowDoc{Doc: r.Draft}, nil
	}
	doc, err := s.store.Doc(in.Flow, v)
	return &FlowDoc{Doc: doc}, err
}

func (s *Server) importFlow(ctx context.Context, in *ImportFlow) (*Published, error) {
	f, problems := flows.Check(in.Doc)
	if f == nil || (len(problems) > 0 && !in.Draft) {
		return nil, problems.Err()
	}
	doc, err := f.Canonical()
	if err != nil {
		return nil, err
	}
	if err := s.store.PutDraft(ctx, f.ID, doc); err != nil {
		return nil, err
	}
	if in.Draft {
		return &Published{Flow: f.ID}, nil
	}
	return s.publish(ctx, f)
}

func (s *Server) publishFlow(ctx context.Context, in *FlowRef) (*Published, error) {
	draft, err := s.store.Draft(in.Flow)
	if err != nil {
		return nil, err
	}
	f, problems := flows.Check(draft)
	if len(problems) > 0 {
		return nil, problems.Err()
	}
	return s.publish(ctx, f)
}

// publish makes a sound flow the version in force.
func (s *Server) publish(ctx context.Context, f *flows.Flow) (*Published, error) {
	out := &Published{Flow: f.ID, Access: AccessOf(f, paramsOf(f, nil))}
	if before, err := s.store.Newest(f.ID); err == nil && before > 0 {
		old, err := s.parsed(f.ID, before)
		if err != nil {
			return nil, err
		}
		out.Changed = flows.Diff(old, f)
	}
	v, err := s.storeVersion(ctx, f, false)
	if err != nil {
		return nil, err
	}
	out.Version = v
	s.engine.Changed(f.ID)
	return out, nil
}

func (s *Server) storeVersion(ctx context.Context, f *flows.Flow, adHoc bool) (uint32, error) {
	plan, err := f.Plan()
	if err != nil {
		return 0, err
	}
	doc, err := f.Canonical()
	if err != nil {
		return 0, err
	}
	return s.store.Publish(ctx, f.ID, store.Publication{Doc: doc, Plan: plan, Continuous: f.Mode == flows.ModeContinuous, AdHoc: adHoc})
}

func (s *Server) parsed(flow string, version uint32) (*flows.Flow, error) {
	doc, err := s.store.Doc(flow, version)
	if err != nil {
		return nil, err
	}
	return flows.Parse(doc)
}

func (s *Server) listVersions(_ context.Context, in *FlowRef) (*VersionList, error) {
	v, err := s.store.Versions(in.Flow)
	return &VersionList{Versions: v}, err
}

func (s *Server) diffFlow(_ context.Context, in *DiffFlow) (*Changes, error) {
	if in.From == 0 {
		v, err := s.store.Newest(in.Flow)
		if err != nil {
			return nil, err
		}
		if v == 0 {
			return nil, fault.New("flow_not_published_yet", "flow", in.Flow).Permanent()
		}
		in.From = v
	}
	old, err := s.parsed(in.Flow, in.From)
	if err != nil {
		return nil, err
	}
	var now *flows.Flow
	if in.To > 0 {
		now, err = s.parsed(in.Flow, in.To)
	} else {
		var draft []byte
		if draft, err = s.store.Draft(in.Flow); err == nil {
			now, err = flows.Parse(draft)
		}
	}
	if err != nil {
		return nil, err
	}
	return &Changes{Changes: flows.Diff(old, now)}, nil
}

// mostCatchUp bounds the slots that one enable may ask for.
const mostCatchUp = 1000

// switchFlow returns an operation that changes what is noted about a flow.
func (s *Server) switchFlow(change func(*runs.FlowStatus, *SwitchFlow, time.Time)) func(context.Context, *SwitchFlow) (*Switched, error) {
	return func(ctx context.Context, in *SwitchFlow) (*Switched, error) {
		v, err := s.store.Newest(in.Flow)
		if err != nil {
			return nil, err
		}
		if v == 0 {
			return nil, fault.New("flow_not_published_yet", "flow", in.Flow).Permanent()
		}
		f, err := s.parsed(in.Flow, v)
		if err != nil {
			return nil, err
		}
		now := s.cfg.Now()
		out := &Switched{}
		if in.CatchUp < 0 || in.CatchUp > mostCatchUp {
			return nil, fault.New("catch_up_range", "count", in.CatchUp, "most", mostCatchUp).Permanent()
		}
		if in.CatchUp > 0 {
			cal, err := f.Calendar()
			if err != nil {
				return nil, err
			}
			for slot := range cal.CatchUp(now, in.CatchUp).All() {
				had, err := s.store.Slot(in.Flow, slot.Key())
				if err != nil {
					return nil, err
				}
				if had.Generation == 0 { // the schedule makes the first run of a slot only
					out.Slots = append(out.Slots, slot.Key())
				}
			}
		}
		if !in.DryRun {
			if err := s.store.UpdateSchedule(ctx, in.Flow, func(st *runs.FlowStatus) error {
				change(st, in, now)
				return nil
			}); err != nil {
				return nil, err
			}
			s.engine.Changed(in.Flow)
		}
		r, err := s.store.Flow(in.Flow)
		if err != nil {
			return nil, err
		}
		out.Flow, err = s.viewFlow(*r)
		return out, err
	}
}

func (s *Server) enableFlow(ctx context.Context, in *SwitchFlow) (*Switched, error) {
	v, err := s.store.Newest(in.Flow)
	if err != nil {
		return nil, err
	}
	if v > 0 {
		f, err := s.parsed(in.Flow, v)
		if err != nil {
			return nil, err
		}
		if f.Schedule == nil {
			return nil, fault.New("flow_has_no_schedule", "flow", in.Flow).Permanent()
		}
	}
	return s.switchFlow(func(st *runs.FlowStatus, in *SwitchFlow, now time.Time) {
		if !st.Enabled {
			st.Enabled, st.Since = true, now
		}
		st.CatchUp = max(st.CatchUp, in.CatchUp)
	})(ctx, in)
}

func (s *Server) startFlow(ctx context.Context, in *FlowRef) (*Switched, error) {
	return s.onOff(ctx, in.Flow, s.engine.StartFlow)
}

func (s *Server) stopFlow(ctx context.Context, in *FlowRef) (*Switched, error) {
	return s.onOff(ctx, in.Flow, s.engine.StopFlow)
}

func (s *Server) onOff(ctx context.Context, flow string, do func(context.Context, string) error) (*Switched, error) {
	if err := do(ctx, flow); err != nil {
		return nil, err
	}
	r, err := s.store.Flow(flow)
	if err != nil {
		return nil, err
	}
	v, err := s.viewFlow(*r)
	return &Switched{Flow: v}, err
}
