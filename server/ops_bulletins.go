package server

import (
	"context"

	"github.com/weirflow/weir/live"
)

// ListBulletins asks for bulletins after a number, of a flow and node where they
// are named.
type ListBulletins struct {
	Flow  string `query:"flow" json:"-"`
	Node  string `query:"node" json:"-"`
	After int64  `query:"after" json:"-"`
	Limit int    `query:"limit" json:"-"`
}

// BulletinList is bulletins, the oldest first; Next is what to ask after.
type BulletinList struct {
	Bulletins []live.Bulletin `json:"bulletins"`
	Next      uint64          `json:"next"`
}

func (s *Server) listBulletins(_ context.Context, in *ListBulletins) (*BulletinList, error) {
	if in.Limit <= 0 || in.Limit > 1000 {
		in.Limit = 200
	}
	after := uint64(max(in.After, 0))
	out := &BulletinList{Bulletins: s.bulletins.List(in.Flow, in.Node, after, in.Limit), Next: after}
	if n := len(out.Bulletins); n > 0 {
		out.Next = out.Bulletins[n-1].Seq
	}
	return out, nil
}
