package server

import (
	"context"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
)

func (s *Server) resumeRun(ctx context.Context, in *ResumeRun) (*RunView, error) {
	r, err := s.run(in.Run)
	if err != nil {
		return nil, err
	}
	adopts, fixed, err := s.adoption(r, in)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		v, err := s.view(r)
		if err == nil {
			v.Adopts = adopts
		}
		return v, err
	}
	if err := s.atHand(r, fixed); err != nil {
		return nil, err
	}
	version := uint32(0)
	if adopts != nil {
		if version = adopts.Version; version == 0 { // a file has none yet
			if version, err = s.storeVersion(ctx, fixed, true); err != nil {
				return nil, err
			}
			adopts.Version = version
		}
	}
	if err := s.resume(ctx, r, version, in); err != nil {
		return nil, err
	}
	v, err := s.showRun(ctx, &RunRef{Run: r.ID})
	if err == nil {
		v.Adopts = adopts
	}
	return v, err
}

// resume orders it while nobody can delete the flow: a run of a deleted flow has
// ended for good. Parked are the FlowFiles to try again, none for all.
func (s *Server) resume(ctx context.Context, r *runs.Run, version uint32, in *ResumeRun, parked ...flowfile.ID) error {
	s.editing.Lock()
	defer s.editing.Unlock()
	if _, err := s.store.Flow(r.Flow); err != nil {
		return err
	}
	s.claim(r.Number)
	return s.engine.Resume(ctx, r.Flow, r.Number, version, in.AcceptRejects, orderer(ctx, in.By), parked...)
}

// adoption finds the version that a resume asks for, nil for the one that the
// run has. What is done, and what led to it, must be the same in both.
func (s *Server) adoption(r *runs.Run, in *ResumeRun) (*Adoption, *flows.Flow, error) {
	now := r.FlowVersions[len(r.FlowVersions)-1]
	var version uint32
	var fixed *flows.Flow
	switch {
	case len(in.Doc) > 0:
		var problems flows.Problems
		if fixed, problems = flows.Check(in.Doc); len(problems) > 0 {
			return nil, nil, problems.Err()
		}
		if fixed.ID != r.Flow {
			return nil, nil, fault.New("resume_other_flow", "run", r.ID, "flow", r.Flow, "given", fixed.ID).Permanent()
		}
	case in.Latest:
		var err error
		if version, err = s.store.Newest(r.Flow); err != nil {
			return nil, nil, err
		}
		if version == now || version == 0 {
			return nil, nil, nil
		}
		if fixed, err = s.parsed(r.Flow, version); err != nil {
			return nil, nil, err
		}
	default:
		return nil, nil, nil
	}
	old, err := s.parsed(r.Flow, now)
	if err != nil {
		return nil, nil, err
	}
	var done []string
	for node, a := range r.Acts {
		if a.State == runs.ActDone {
			done = append(done, node)
		}
	}
	if conflicts := flows.ResumeConflicts(old, fixed, done); len(conflicts) > 0 {
		return nil, nil, fault.New("resume_conflict", "run", r.ID, "version", orWord(version),
			"flow", r.Flow, "slot", r.Slot, "change", conflicts[0].Text(fault.English)).Permanent()
	}
	changed := flows.Diff(old, fixed)
	if len(changed) == 0 {
		return nil, nil, nil
	}
	return &Adoption{version, changed}, fixed, nil
}

// orWord names a version in a text; a file has none yet.
func orWord(version uint32) any {
	if version == 0 {
		return "(file)"
	}
	return version
}
