package server

import (
	"context"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows/examples"
)

// exampleFlow is the example that a first visit opens.
const exampleFlow = "calback-daily"

// loadExamples imports the example flows; they work on the sandbox, so there
// must be one. A flow of the same id that stands already is left as it is.
func (s *Server) loadExamples(ctx context.Context, _ *struct{}) (*Published, error) {
	if s.cfg.Sandbox == "" && s.sandbox == nil {
		return nil, fault.New("examples_need_sandbox").Permanent()
	}
	out := &Published{Flow: exampleFlow}
	for _, id := range examples.Examples() {
		if v, err := s.store.Newest(id); err == nil && v > 0 {
			continue
		}
		doc, err := examples.Read(id)
		if err != nil {
			return nil, err
		}
		p, err := s.importFlow(ctx, &ImportFlow{Doc: doc})
		if err != nil {
			return nil, err
		}
		if id == exampleFlow {
			out = p
		}
	}
	return out, nil
}
