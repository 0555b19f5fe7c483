package server

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/weirflow/weir/engine"
	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/web"
)

// VerifyFlow asks whether a flow of the store, or a flow file, could do its
// work for a slot; nothing runs.
type VerifyFlow struct {
	Flow string          `json:"flow,omitempty"`
	Doc  json.RawMessage `json:"doc,omitempty"`
	// Node or Service names the one that is asked alone, with the services it
	// uses; what else is wrong with the flow does not hinder it.
	Node    string `json:"node,omitempty"`
	Service string `json:"service,omitempty"`
	// Slot is the slot's key; empty for the last complete one.
	Slot   string            `json:"slot,omitempty"`
	Params map[string]string `json:"params,omitempty"`
}

// Verified tells each step of a verification: services first, then nodes in the
// direction of the flow.
type Verified struct {
	Flow  string       `json:"flow"`
	Steps []VerifyStep `json:"steps"`
	// Failed counts the steps that failed.
	Failed int `json:"failed"`
}

// VerifyStep is one step: whose it is, what was tried and how it went.
type VerifyStep struct {
	// Node is the slug of a node, or of a service when Service is true.
	Node    string               `json:"node"`
	Service bool                 `json:"service,omitempty"`
	Kind    string               `json:"kind"`
	Step    *web.Failure         `json:"step"`
	State   processors.StepState `json:"state"`
	// Note tells what was found. Like Step it is words to be shown in any language.
	Note *web.Failure `json:"note,omitempty"`
	// Fault says what is wrong, and the remedy, when the step failed.
	Fault *web.Failure `json:"fault,omitempty"`
}

// flowOrDoc returns the flow of a document or, without one, the version of a
// stored flow that is in force, its draft when nothing is published.
func (s *Server) flowOrDoc(id string, doc json.RawMessage) (*flows.Flow, flows.Problems, error) {
	if len(doc) == 0 {
		if id == "" {
			return nil, nil, fault.New("flow_or_doc_missing").Permanent()
		}
		r, err := s.store.Flow(id)
		if err != nil {
			return nil, nil, err
		}
		doc = r.Draft
		if r.Newest > 0 {
			if doc, err = s.store.Doc(id, r.Newest); err != nil {
				return nil, nil, err
			}
		}
	}
	f, problems := flows.Check(doc)
	if f == nil {
		return nil, nil, problems.Err()
	}
	return f, problems, nil
}

// around is the part of a flow that is asked, the whole one without a name.
func (in *VerifyFlow) around(f *flows.Flow, problems flows.Problems) (*flows.Flow, error) {
	switch {
	case in.Node != "" && in.Service != "":
		return nil, fault.New("verify_two", "node", in.Node, "service", in.Service).Permanent()
	case in.Node != "":
		f, problems = f.AroundNode(in.Node, in.Params, problems)
	case in.Service != "":
		f, problems = f.AroundService(in.Service, problems)
	}
	return f, problems.Err()
}

func (s *Server) verifyFlow(ctx context.Context, in *VerifyFlow) (*Verified, error) {
	f, problems, err := s.flowOrDoc(in.Flow, in.Doc)
	if err != nil {
		return nil, err
	}
	whole := f
	if f, err = in.around(f, problems); err != nil {
		return nil, err
	}
	if in.Slot != "" && f.Mode != flows.ModeRuns {
		return nil, fault.New("flow_is_continuous", "flow", f.ID).Permanent()
	}
	given := maps.Clone(in.Params)
	maps.DeleteFunc(given, func(name, _ string) bool {
		_, of := f.Parameters[name]
		_, ofWhole := whole.Parameters[name]
		return ofWhole && !of
	})
	params, err := f.ResolveParams(given)
	if err != nil {
		return nil, err
	}
	checks, err := s.engine.Verify(ctx, f, engine.Verification{Node: in.Node, Service: in.Service, Slot: in.Slot, Params: params})
	if err != nil {
		return nil, err
	}
	out := &Verified{Flow: f.ID, Steps: []VerifyStep{}}
	for _, c := range checks {
		v := VerifyStep{Node: c.Node, Service: c.Service, Kind: c.Kind, Step: c.Name.Words(), State: c.State, Note: c.Note.Words()}
		if c.State == processors.StepFailed {
			_, note := web.Describe(c.Fault)
			v.Fault = &note
			out.Failed++
		}
		out.Steps = append(out.Steps, v)
	}
	return out, nil
}
