package server

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/store"
	"github.com/weirflow/weir/web"
)

// EditParked changes attributes of a parked FlowFile before its next try.
type EditParked struct {
	Run    string            `param:"run" json:"-"`
	ID     string            `param:"id" json:"-"`
	Set    map[string]string `json:"set,omitempty"`
	Remove []string          `json:"remove,omitempty"`
}

func (s *Server) editParked(ctx context.Context, in *EditParked) (*ParkedView, error) {
	r, p, err := s.one(&ParkedRef{Run: in.Run, ID: in.ID})
	if err != nil {
		return nil, err
	}
	names := slices.AppendSeq(slices.Clone(in.Remove), maps.Keys(in.Set))
	for _, n := range names {
		// Which records it holds and which run it is of are no matter of opinion.
		if n == "" || n == flowfile.SchemaAttr || strings.HasPrefix(n, flowfile.RunPrefix) {
			return nil, fault.New("parked_attribute_reserved", "name", n).Permanent()
		}
	}
	p, err = s.store.EditParked(ctx, r.Flow, r.Number, p.FlowFile.ID, store.ParkedEdit{Set: in.Set, Remove: in.Remove, By: by(web.Actor(ctx))})
	if err != nil {
		return nil, err
	}
	v := viewParked(*p)
	return &v, nil
}
