package server

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/weirflow/weir/engine"
	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/web"
)

// StartRun asks for a run of a flow of the store, or of a flow file.
type StartRun struct {
	Flow string `json:"flow,omitempty"`
	// Doc is a flow file to run as an ad-hoc version, which schedules never use.
	Doc    json.RawMessage   `json:"doc,omitempty"`
	Slot   string            `json:"slot,omitempty"`
	Params map[string]string `json:"params,omitempty"`
	// Kind is manual unless it says rerun or backfill.
	Kind string `json:"kind,omitempty"`
	By   string `json:"by,omitempty"`
}

// RunRef names a run by its id; a beginning or end of it that is unambiguous is
// enough, or the word last.
type RunRef struct {
	Run string `param:"run" json:"-"`
}

// RunView is a run with all that a person asks about it.
type RunView struct {
	Run *runs.Run `json:"run"`
	// Balance is one line for each node, in the direction of the data.
	Balance []runs.BalanceRow `json:"balance,omitempty"`
	// Reconciled are counts of the same rows by different parties, once all data
	// of the run is there.
	Reconciled []runs.Line `json:"reconciled,omitempty"`
	// Waits is what an unfinished run waits for.
	Waits []runs.Blocker `json:"waits,omitempty"`
	// Trouble is what keeps the run from being at work: its preflight failed, or
	// a restart cannot bring it up; it is tried again.
	Trouble *web.Failure `json:"trouble,omitempty"`
	// TroubleUntil is when that is tried again.
	TroubleUntil time.Time `json:"trouble_until,omitzero"`
	// Nodes is what the workers do now; empty when the run is not at work.
	Nodes map[string]engine.Seen `json:"nodes,omitempty"`
	// Overwrites are the receipts of the slot's run before, whose output this
	// one replaces.
	Overwrites []Overwrite `json:"overwrites,omitempty"`
	// Adopts is the version that a resume adopts.
	Adopts *Adoption `json:"adopts,omitempty"`
}

// Overwrite is an output of an earlier run that a new one replaces.
type Overwrite struct {
	Run  string `json:"run"`
	Key  string `json:"key"`
	Rows int64  `json:"rows"`
	// Maybe says that the flow has changed since, so that the new run may write
	// elsewhere and leave this output as it is.
	Maybe bool `json:"maybe,omitempty"`
}

// ListRuns asks for runs, newest first; Flow may be empty for all flows.
type ListRuns struct {
	Flow  string `query:"flow" json:"-"`
	Limit int    `query:"limit" json:"-"`
}

// RunList is a list of runs.
type RunList struct {
	Runs []*runs.Run `json:"runs"`
}

// ResumeRun takes a failed run up again.
type ResumeRun struct {
	Run           string `param:"run" json:"-"`
	AcceptRejects bool   `json:"accept_rejects,omitempty"`
	// Latest adopts the flow's version in force, if all that is done is the same;
	// Doc a flow file, as an ad-hoc version, in its place.
	Latest bool            `json:"latest,omitempty"`
	Doc    json.RawMessage `json:"doc,omitempty"`
	// DryRun tells only what would be adopted.
	DryRun bool   `json:"dry_run,omitempty"`
	By     string `json:"by,omitempty"`
}

// Adoption is a version that a run adopts when it is resumed, and how it
// differs from the one before.
type Adoption struct {
	Version uint32         `json:"version"`
	Changed []flows.Change `json:"changed"`
}

// ByWhom names a run and who orders something about it.
type ByWhom struct {
	Run string `param:"run" json:"-"`
	By  string `json:"by,omitempty"`
}

// WaitRun waits for a run's end for at most Seconds.
type WaitRun struct {
	Run     string `param:"run" json:"-"`
	Seconds int    `query:"seconds" json:"-"`
}

// TerminateNode gives up the hung tasks of a node.
type TerminateNode struct {
	Run  string `param:"run" json:"-"`
	Node string `param:"node" json:"-"`
}

func (s *Server) startRun(ctx context.Context, in *StartRun) (*RunView, error) {
	st := engine.Start{Flow: in.Flow, Slot: in.Slot, Params: in.Params, Kind: in.Kind, By: in.By}
	if st.Kind == "" {
		st.Kind = "manual"
	}
	if st.Kind != "manual" && st.Kind != "rerun" && st.Kind != "backfill" {
		return nil, fault.New("run_kind_unknown", "kind", strconv.Quote(st.Kind)).Permanent()
	}
	st.By = orderer(ctx, in.By)
	if len(in.Doc) > 0 {
		f, problems := flows.Check(in.Doc)
		if len(problems) > 0 {
			return nil, problems.Err()
		}
		v, err := s.storeVersion(ctx, f, true)
		if err != nil {
			return nil, err
		}
		st.Flow, st.Version = f.ID, v
	}
	return s.begin(ctx, st)
}

// begin makes a run and lets it be admitted.
func (s *Server) begin(ctx context.Context, st engine.Start) (*RunView, error) {
	if err := s.roomAlone(st.Flow); err != nil {
		return nil, err
	}
	r, err := s.engine.Start(ctx, st)
	if err != nil {
		return nil, err
	}
	s.claim(r.Number)
	s.engine.Changed(r.Flow)
	v, err := s.view(r)
	if err != nil {
		return nil, err
	}
	v.Overwrites, err = s.overwrites(r)
	return v, err
}

// roomAlone refuses a run that could not begin before another has ended on
// which nobody works: this process admits only its own.
func (s *Server) roomAlone(flow string) error {
	if !s.cfg.Alone {
		return nil
	}
	for _, r := range s.store.UnfinishedRuns() {
		if r.Flow == flow && r.State != runs.Queued && !s.isOwn(r.Flow, r.Number) {
			return fault.New("run_unfinished", "flow", flow, "run", r.ID, "state", r.State).Permanent()
		}
	}
	return nil
}

// overwrites finds what the newest earlier run of the slot has committed.
func (s *Server) overwrites(r *runs.Run) ([]Overwrite, error) {
	if r.Generation < 2 {
		return nil, nil
	}
	slot, err := s.store.Slot(r.Flow, r.Slot)
	if err != nil || slot.Current == 0 || slot.Current == r.Number {
		return nil, err
	}
	old, err := s.store.Run(r.Flow, slot.Current)
	if err != nil {
		return nil, err
	}
	var out []Overwrite
	// Another version may write elsewhere: then what it replaces is not known.
	changed := old.FlowVersions[len(old.FlowVersions)-1] != r.FlowVersions[len(r.FlowVersions)-1]
	for _, c := range old.Receipts {
		out = append(out, Overwrite{Run: old.ID, Key: c.Key, Rows: c.Rows, Maybe: changed})
	}
	return out, nil
}

func (s *Server) view(r *runs.Run) (*RunView, error) {
	v := &RunView{Run: r}
	if t, ok := s.engine.Trouble(r.Flow, r.Number); ok && !r.State.Terminal() {
		_, f := web.Describe(t.Fault)
		v.Trouble, v.TroubleUntil = &f, t.Until
	}
	if r.State == runs.Queued {
		return v, nil
	}
	g, err := s.store.Graph(r.Flow, r.QueueVersion)
	if err != nil {
		return nil, err
	}
	v.Balance = runs.Table(r, g)
	switch {
	case r.State == runs.Success, r.State == runs.Partial, r.State == runs.Finalizing, r.Code == "witness_differs":
		v.Reconciled = runs.Reconcile(r, g)
	}
	if !r.State.Terminal() || r.State == runs.Failed {
		v.Waits = runs.Why(r, g, s.cfg.Now())
	}
	v.Nodes = s.engine.Watch(r.Flow, r.Number)
	return v, nil
}

func (s *Server) listRuns(_ context.Context, in *ListRuns) (*RunList, error) {
	if in.Limit <= 0 || in.Limit > 1000 {
		in.Limit = 50
	}
	list, err := s.newest(in.Flow, in.Limit)
	return &RunList{Runs: list}, err
}

// newest returns runs of a flow, or of all, the newest first.
func (s *Server) newest(flow string, limit int) ([]*runs.Run, error) {
	ids := []string{flow}
	if flow == "" {
		var err error
		if ids, err = s.store.FlowIDs(); err != nil {
			return nil, err
		}
	} else if _, err := s.store.Flow(flow); err != nil {
		return nil, err
	}
	list := []*runs.Run{}
	for _, id := range ids {
		of, err := s.store.Runs(id, limit, 0)
		if err != nil {
			return nil, err
		}
		list = append(list, of...)
	}
	slices.SortFunc(list, func(a, b *runs.Run) int { return cmp.Compare(b.Number, a.Number) })
	return list[:min(limit, len(list))], nil
}

// idLength is how long a run's id is.
const idLength = 26

// run finds a run by its id, by what no other recent run's id begins or ends
// with, or by the word last.
func (s *Server) run(id string) (*runs.Run, error) {
	if len(id) == idLength {
		return s.store.RunByID(strings.ToUpper(id))
	}
	recent, err := s.newest("", 1000)
	if err != nil {
		return nil, err
	}
	if id == "last" && len(recent) > 0 {
		return recent[0], nil
	}
	const enough = 4
	var found *runs.Run
	part := strings.ToUpper(id)
	for _, r := range recent {
		if len(part) < enough || !(strings.HasPrefix(r.ID, part) || strings.HasSuffix(r.ID, part)) {
			continue
		}
		if found != nil {
			return nil, fault.New("run_id_ambiguous", "run", id, "one", found.ID, "two", r.ID).Permanent()
		}
		found = r
	}
	if found == nil {
		return s.store.RunByID(id) // which says that there is none
	}
	return found, nil
}

func (s *Server) showRun(_ context.Context, in *RunRef) (*RunView, error) {
	r, err := s.run(in.Run)
	if err != nil {
		return nil, err
	}
	return s.view(r)
}

// History is the transitions of a run, oldest first.
type History struct {
	Changes []runs.Change `json:"changes"`
}

func (s *Server) runHistory(_ context.Context, in *RunRef) (*History, error) {
	r, err := s.run(in.Run)
	if err != nil {
		return nil, err
	}
	h, err := s.store.History(r.Number)
	return &History{Changes: h}, err
}

func (s *Server) cancelRun(ctx context.Context, in *ByWhom) (*RunView, error) {
	r, err := s.run(in.Run)
	if err != nil {
		return nil, err
	}
	s.claim(r.Number)
	if err := s.engine.Cancel(ctx, r.Flow, r.Number, orderer(ctx, in.By)); err != nil {
		return nil, err
	}
	return s.showRun(ctx, &RunRef{Run: r.ID})
}

// orderer is who orders something: over TCP the one who signed in, whatever the
// input says; on the control socket the one that the input names.
func orderer(ctx context.Context, said string) string {
	if who := web.ActorOf(ctx); who.Way != "socket" {
		return by(who.User)
	}
	return by(said)
}

// by is who orders something, as text that may be printed on a terminal.
func by(who string) string {
	who = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, who)
	if who == "" {
		return "cli"
	}
	if r := []rune(who); len(r) > 64 {
		who = string(r[:64])
	}
	return who
}

func (s *Server) rerunRun(ctx context.Context, in *ByWhom) (*RunView, error) {
	r, err := s.run(in.Run)
	if err != nil {
		return nil, err
	}
	start := engine.Start{Flow: r.Flow, Slot: r.Slot, Params: r.Params, Kind: "rerun", By: orderer(ctx, in.By)}
	// The run of a flow file is run again as that file; any other takes the
	// version in force.
	last := r.FlowVersions[len(r.FlowVersions)-1]
	if v, err := s.store.Version(r.Flow, last); err != nil {
		return nil, err
	} else if v.AdHoc {
		start.Version = last
	}
	return s.begin(ctx, start)
}

func (s *Server) waitRun(ctx context.Context, in *WaitRun) (*RunView, error) {
	r, err := s.run(in.Run)
	if err != nil {
		return nil, err
	}
	if in.Seconds > 0 && !r.State.Terminal() {
		if err := s.atHand(r, nil); err != nil {
			return nil, err
		}
		s.claim(r.Number) // a process that works alone finishes what it waits for
		short, cancel := context.WithTimeout(ctx, time.Duration(min(in.Seconds, 60))*time.Second)
		defer cancel()
		if _, err := s.engine.Wait(short, r.Flow, r.Number); err != nil && short.Err() == nil {
			return nil, err
		}
	}
	return s.showRun(ctx, &RunRef{Run: r.ID})
}

func (s *Server) terminateNode(ctx context.Context, in *TerminateNode) (*RunView, error) {
	r, err := s.run(in.Run)
	if err != nil {
		return nil, err
	}
	if err := s.engine.Terminate(ctx, r.Flow, r.Number, in.Node); err != nil {
		return nil, err
	}
	return s.showRun(ctx, &RunRef{Run: r.ID})
}
