package server

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store"
	"github.com/weirflow/weir/web"
)

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
	// New refuses to replace a flow that there is.
	New bool `json:"new,omitempty"`
	// Client names the page or program that imports, as edits do.
	Client string `json:"client,omitempty"`
}

// PublishFlow makes the draft the version in force.
type PublishFlow struct {
	Flow string `param:"flow" json:"-"`
	// Rev, unless zero, is the revision of the draft that is meant; another is
	// refused.
	Rev uint64 `json:"rev,omitempty"`
	// Note is what to say of the version.
	Note string `json:"note,omitempty"`
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
	// Back asks what going from To back to From would change.
	Back bool `query:"back" json:"-"`
}

// Changes is a list of differences.
type Changes struct {
	Changes []flows.Change `json:"changes"`
	// Rev is the revision of the draft that was compared; zero between versions.
	Rev uint64 `json:"rev,omitempty"`
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

func (s *Server) getFlow(_ context.Context, in *FlowRef) (*FlowDoc, error) {
	r, err := s.store.Flow(in.Flow)
	if err != nil {
		return nil, err
	}
	doc, err := s.docOf(r, in)
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
	if err := s.replaceDraft(ctx, f.ID, doc, in.New, whose{in.Client, "import"}); err != nil {
		return nil, err
	}
	if in.Draft {
		return &Published{Flow: f.ID}, nil
	}
	return s.publish(ctx, f, 0, "")
}

// longestNote bounds what is said of a version, in bytes.
const longestNote = 4000

func (s *Server) publishFlow(ctx context.Context, in *PublishFlow) (*Published, error) {
	if len(in.Note) > longestNote {
		return nil, fault.New("version_note_long", "size", len(in.Note), "limit", longestNote).Permanent()
	}
	r, err := s.store.Flow(in.Flow)
	if err != nil {
		return nil, err
	}
	if in.Rev != 0 && in.Rev != r.Rev {
		return nil, fault.New("draft_stale", "flow", in.Flow, "base", in.Rev, "rev", r.Rev).Permanent()
	}
	doc, err := s.draftDoc(r)
	if err != nil {
		return nil, err
	}
	f, problems := flows.Check(doc)
	if len(problems) > 0 {
		return nil, problems.Err()
	}
	return s.publish(ctx, f, r.Rev, in.Note)
}

// publish makes a sound flow the version in force. Rev, unless zero, is that of
// the draft, which must still be it.
func (s *Server) publish(ctx context.Context, f *flows.Flow, rev uint64, note string) (*Published, error) {
	out := &Published{Flow: f.ID, Access: AccessOf(f, paramsOf(f, nil))}
	if before, err := s.store.Newest(f.ID); err == nil && before > 0 {
		old, err := s.parsed(f.ID, before)
		if err != nil {
			return nil, err
		}
		out.Changed = flows.Diff(old, f)
	}
	p, err := publication(f)
	if err != nil {
		return nil, err
	}
	p.By, p.Note, p.Rev = web.Actor(ctx), note, rev
	if out.Version, err = s.store.Publish(ctx, f.ID, p); err != nil {
		return nil, err
	}
	s.engine.Changed(f.ID)
	s.changes.tell(change{kind: changePublished, flow: f.ID, version: out.Version})
	return out, nil
}

// publication is what a flow looks like to the store.
func publication(f *flows.Flow) (p store.Publication, err error) {
	p.Continuous = f.Mode == flows.ModeContinuous
	if p.Plan, err = f.Plan(); err != nil {
		return p, err
	}
	p.Doc, err = f.Canonical()
	return p, err
}

func (s *Server) storeVersion(ctx context.Context, f *flows.Flow, adHoc bool) (uint32, error) {
	p, err := publication(f)
	if err != nil {
		return 0, err
	}
	p.AdHoc, p.By = adHoc, web.Actor(ctx)
	return s.store.Publish(ctx, f.ID, p)
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
	if err == nil {
		_, err = s.store.Flow(in.Flow)
	}
	slices.Reverse(v)
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
	out := &Changes{}
	var now *flows.Flow
	if in.To > 0 {
		now, err = s.parsed(in.Flow, in.To)
	} else {
		now, out.Rev, err = s.draftFlow(in.Flow)
	}
	if err != nil {
		return nil, err
	}
	if in.Back {
		old, now = now, old
	}
	out.Changes = flows.Diff(old, now)
	return out, nil
}

// mostCatchUp bounds the slots that one enable may ask for.
const mostCatchUp = 1000

// switchFlow returns an operation that changes what is noted about a flow.
func (s *Server) switchFlow(alter func(*runs.FlowStatus, *SwitchFlow, time.Time)) func(context.Context, *SwitchFlow) (*Switched, error) {
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
				alter(st, in, now)
				return nil
			}); err != nil {
				return nil, err
			}
			s.engine.Changed(in.Flow)
			s.changes.tell(change{kind: changeFlow, flow: in.Flow})
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
	s.changes.tell(change{kind: changeFlow, flow: flow})
	r, err := s.store.Flow(flow)
	if err != nil {
		return nil, err
	}
	v, err := s.viewFlow(*r)
	return &Switched{Flow: v}, err
}
