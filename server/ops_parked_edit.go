package server

import (
	"context"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/store"
	"github.com/weirflow/weir/web"
)

// maxAttributes bounds the names and values that one edit may bring, in bytes.
const maxAttributes = 64 << 10

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
	size := 0
	names := append([]string{}, in.Remove...)
	for n, v := range in.Set {
		names = append(names, n)
		size += len(n) + len(v)
	}
	for _, n := range names {
		// Which records it holds and which run it is of are no matter of opinion.
		if n == "" || n == flowfile.SchemaAttr || strings.HasPrefix(n, flowfile.RunPrefix) {
			return nil, fault.New("parked_attribute_reserved", "name", n).Permanent()
		}
	}
	if size > maxAttributes {
		return nil, fault.New("parked_attributes_large", "bytes", size, "limit", maxAttributes).Permanent()
	}
	p, err = s.store.EditParked(ctx, r.Flow, r.Number, p.FlowFile.ID, store.ParkedEdit{Set: in.Set, Remove: in.Remove, By: by(web.Actor(ctx))})
	if err != nil {
		return nil, err
	}
	v := viewParked(*p)
	return &v, nil
}
