package server

import (
	"context"
	"encoding/json"

	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/processors"
)

// SuggestValues asks a node of a flow of the store, or of a flow file, what one
// of its properties may be. Of a file, only the node and what it refers to need
// be there.
type SuggestValues struct {
	Flow     string            `json:"flow,omitempty"`
	Doc      json.RawMessage   `json:"doc,omitempty"`
	Node     string            `json:"node"`
	Property string            `json:"property"`
	Params   map[string]string `json:"params,omitempty"`
}

// Suggested are values that a property may have, in the order in which they are
// to be shown; none where the kind knows nothing about the property.
type Suggested struct {
	Node     string                  `json:"node"`
	Property string                  `json:"property"`
	Values   []processors.Suggestion `json:"values"`
}

func (s *Server) suggest(ctx context.Context, in *SuggestValues) (*Suggested, error) {
	f, err := s.draftOrDoc(in.Flow, in.Doc)
	if err != nil {
		return nil, err
	}
	params, err := f.ResolveParams(in.Params)
	if err != nil {
		return nil, err
	}
	values, err := s.engine.Suggest(ctx, f, in.Node, in.Property, params)
	if err != nil {
		return nil, err
	}
	out := &Suggested{Node: in.Node, Property: in.Property, Values: values}
	if values == nil {
		out.Values = []processors.Suggestion{}
	}
	return out, nil
}

// draftOrDoc returns a flow that may still be written: a document or, without
// one, the draft of a stored flow. It need be no more than well formed.
func (s *Server) draftOrDoc(id string, doc json.RawMessage) (*flows.Flow, error) {
	if len(doc) == 0 {
		r, err := s.store.Flow(id)
		if err != nil {
			return nil, err
		}
		if doc = r.Draft; len(doc) == 0 {
			if doc, err = s.store.Doc(id, r.Newest); err != nil {
				return nil, err
			}
		}
	}
	return flows.Parse(doc)
}
