package server

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/weirflow/weir/engine"
	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/web"
)

// Which slots of a range a backfill makes runs for.
const (
	// BackfillDefault is those that have no run, or one that did not end well.
	BackfillDefault = ""
	BackfillMissing = "missing"
	BackfillFailed  = "failed"
	BackfillAll     = "all"
)

// mostBackfill bounds the slots of one backfill: ten years of days.
const mostBackfill = 3660

// Backfill asks for a run of each slot from From to To, the oldest first.
type Backfill struct {
	Flow string `param:"flow" json:"-"`
	From string `json:"from"`
	// To is the last slot; empty for the last complete one.
	To string `json:"to,omitempty"`
	// Only is missing, failed or all; empty for the first two.
	Only string `json:"only,omitempty"`
	// Doc is a flow file to run as an ad-hoc version.
	Doc    json.RawMessage   `json:"doc,omitempty"`
	Params map[string]string `json:"params,omitempty"`
	// DryRun tells only which slots.
	DryRun bool   `json:"dry_run,omitempty"`
	By     string `json:"by,omitempty"`
}

// Backfilled tells the slots of a backfill.
type Backfilled struct {
	Flow string `json:"flow"`
	// Slots are those that get a run, LeftOut those of the range that do not.
	Slots   []BackfillSlot `json:"slots"`
	LeftOut []BackfillSlot `json:"left_out,omitempty"`
	// Estimate is what one run costs, by what an earlier one did.
	Estimate *Estimate `json:"estimate,omitempty"`
	// Failure is what kept the runs of later slots from being made.
	Failure *web.Failure `json:"failure,omitempty"`
}

// BackfillSlot is a slot, with the run that was made for it, or that it had.
type BackfillSlot struct {
	Slot string `json:"slot"`
	Run  string `json:"run,omitempty"`
	// State is that of the run which the slot had before.
	State runs.State `json:"state,omitempty"`
}

// Estimate is what a run of the flow read.
type Estimate struct {
	Run string `json:"run"`
	// Reads are those that a service bills, Tokens those of its quota; Rows what
	// all sources read, where a service said nothing of reads.
	Reads  int64 `json:"reads,omitempty"`
	Tokens int64 `json:"tokens,omitempty"`
	Rows   int64 `json:"rows,omitempty"`
}

func (s *Server) backfill(ctx context.Context, in *Backfill) (*Backfilled, error) {
	if !slices.Contains([]string{BackfillDefault, BackfillMissing, BackfillFailed, BackfillAll}, in.Only) {
		return nil, fault.New("request_bad_only", "only", strconv.Quote(in.Only)).Permanent()
	}
	f, err := s.backfillFlow(in)
	if err != nil {
		return nil, err
	}
	if _, err := f.ResolveParams(in.Params); err != nil {
		return nil, err
	}
	slots, err := s.slotsOf(f, in.From, in.To)
	if err != nil {
		return nil, err
	}
	out := &Backfilled{Flow: f.ID, Slots: []BackfillSlot{}}
	for slot := range slots.All() {
		had, err := s.hadRun(f.ID, slot.Key())
		if err != nil {
			return nil, err
		}
		if wanted(in.Only, had.State) {
			out.Slots = append(out.Slots, had)
		} else {
			out.LeftOut = append(out.LeftOut, had)
		}
	}
	if out.Estimate, err = s.estimate(f.ID); err != nil || in.DryRun || len(out.Slots) == 0 {
		return out, err
	}
	return out, s.fill(ctx, f, in, out)
}

// backfillFlow returns the flow of a backfill.
func (s *Server) backfillFlow(in *Backfill) (*flows.Flow, error) {
	var f *flows.Flow
	if len(in.Doc) > 0 {
		var problems flows.Problems
		if f, problems = flows.Check(in.Doc); len(problems) > 0 {
			return nil, problems.Err()
		}
		if f.ID != in.Flow {
			return nil, fault.New("request_other_flow", "flow", in.Flow, "given", f.ID).Permanent()
		}
	} else {
		v, err := s.store.Newest(in.Flow)
		if err != nil {
			return nil, err
		}
		if v == 0 {
			return nil, fault.New("flow_not_published_yet", "flow", in.Flow).Permanent()
		}
		if f, err = s.parsed(in.Flow, v); err != nil {
			return nil, err
		}
	}
	if f.Mode != flows.ModeRuns {
		return nil, fault.New("flow_is_continuous", "flow", f.ID).Permanent()
	}
	return f, nil
}

// slotsOf returns the slots of a range, all of which have ended.
func (s *Server) slotsOf(f *flows.Flow, from, to string) (runs.SlotRange, error) {
	cal, err := f.Calendar()
	if err != nil {
		return runs.SlotRange{}, err
	}
	now := s.cfg.Now()
	first, err := cal.Parse(from)
	if err != nil {
		return runs.SlotRange{}, err
	}
	last := cal.LastComplete(now)
	if to != "" {
		if last, err = cal.Parse(to); err != nil {
			return runs.SlotRange{}, err
		}
	}
	if err := last.CheckEnded(now); err != nil {
		return runs.SlotRange{}, err
	}
	slots, err := runs.SlotsBetween(first, last)
	if err == nil && slots.Count() > mostBackfill {
		err = fault.New("slot_range_long", "first", first.Key(), "last", last.Key(), "count", slots.Count(), "most", mostBackfill).Permanent()
	}
	return slots, err
}

// hadRun tells the newest run of a slot, if any.
func (s *Server) hadRun(flow, slot string) (BackfillSlot, error) {
	out := BackfillSlot{Slot: slot}
	had, err := s.store.Slot(flow, slot)
	if err != nil || had.Newest == 0 {
		return out, err
	}
	r, err := s.store.Run(flow, had.Newest)
	if err != nil {
		return out, err
	}
	out.Run, out.State = r.ID, r.State
	return out, nil
}

// wanted reports whether a backfill makes a run for a slot whose newest run is
// in that state, empty for none. One that has not ended is left to end.
func wanted(only string, state runs.State) bool {
	switch {
	case state == "":
		return only != BackfillFailed
	case !state.Terminal():
		return false
	case only == BackfillAll:
		return true
	case state == runs.Failed || state == runs.Cancelled:
		return only != BackfillMissing
	}
	return false
}

// estimate tells what the newest run of the flow that ended well has read.
func (s *Server) estimate(flow string) (*Estimate, error) {
	list, err := s.store.Runs(flow, 100, 0)
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		if r.State != runs.Success && r.State != runs.Partial {
			continue
		}
		e := &Estimate{Run: r.ID}
		for _, of := range r.Facts {
			e.Reads += number(of["reads"])
			e.Tokens += number(of["tokens"])
		}
		for _, l := range r.Ledger {
			e.Rows += l[flowfile.Read].Rows
		}
		return e, nil
	}
	return nil, nil
}

// number reads a fact that is a number; another counts as none.
func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// fill makes the runs. A slot that somebody else has started meanwhile is left
// out; any other failure ends it, is told, and the runs made so far stand.
func (s *Server) fill(ctx context.Context, f *flows.Flow, in *Backfill, out *Backfilled) error {
	if err := s.roomAlone(f.ID); err != nil {
		return err
	}
	st := engine.Start{Flow: f.ID, Params: in.Params, Kind: "backfill", By: orderer(ctx, in.By)}
	if len(in.Doc) > 0 {
		v, err := s.storeVersion(ctx, f, true)
		if err != nil {
			return err
		}
		st.Version = v
	}
	made := make([]BackfillSlot, 0, len(out.Slots))
	for _, slot := range out.Slots {
		st.Slot = slot.Slot
		r, err := s.engine.Start(ctx, st)
		if fault.CodeOf(err) == "slot_busy" {
			out.LeftOut = append(out.LeftOut, slot)
			continue
		}
		if err != nil {
			_, note := web.Describe(err)
			out.Failure = &note
			break
		}
		s.claim(r.Number)
		made = append(made, BackfillSlot{Slot: r.Slot, Run: r.ID, State: slot.State})
	}
	out.Slots = made
	s.engine.Changed(f.ID)
	return nil
}
