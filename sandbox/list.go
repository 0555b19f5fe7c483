package sandbox

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
)

// Page sizes of the listing calls.
const (
	defaultPage = 100
	maxPage     = 5000
)

func pageSize(asked int32) (int, error) {
	switch {
	case asked < 0:
		return 0, invalid("page_size is negative.")
	case asked == 0:
		return defaultPage, nil
	}
	return min(int(asked), maxPage), nil
}

// A page token is the last name of the page before.
func pageToken(last string) string { return base64.RawURLEncoding.EncodeToString([]byte(last)) }

func readPageToken(token string) (string, error) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", invalid("page_token %q is none of this server.", token)
	}
	return string(b), nil
}

// ListDocuments lists a collection in the order of __name__.
func (s *service) ListDocuments(ctx context.Context, r *pb.ListDocumentsRequest) (*pb.ListDocumentsResponse, error) {
	parent, err := s.names.parent(r.GetParent())
	if err != nil {
		return nil, err
	}
	if r.GetCollectionId() == "" {
		return nil, unimplemented("ListDocuments without a collection_id")
	}
	if err := checkSegment(r.GetCollectionId()); err != nil {
		return nil, err
	}
	if order := strings.ToLower(strings.Join(strings.Fields(r.GetOrderBy()), " ")); order != "" {
		if r.GetShowMissing() {
			return nil, invalid("show_missing cannot be combined with order_by.")
		}
		if order != nameField && order != nameField+" asc" {
			return nil, unimplemented("order_by %q of ListDocuments", r.GetOrderBy())
		}
	}
	m, err := documentMask(r.GetMask())
	if err != nil {
		return nil, err
	}
	size, err := pageSize(r.GetPageSize())
	if err != nil {
		return nil, err
	}
	after, err := readPageToken(r.GetPageToken())
	if err != nil {
		return nil, err
	}
	when, err := s.when(r, nil)
	if err != nil {
		return nil, err
	}
	when.tx.readRange(r.GetCollectionId())

	hits := s.list(child(parent, r.GetCollectionId()), after, r.GetShowMissing(), when.time, size+1)
	res := &pb.ListDocumentsResponse{}
	if len(hits) > size {
		hits = hits[:size]
		res.NextPageToken = pageToken(hits[size-1].key)
	}
	allowed, stop := s.faults.documents("ListDocuments", len(hits))
	if stop != nil {
		if err := endEarly(ctx, stop); err != nil {
			return nil, err
		}
		hits, res.NextPageToken = hits[:allowed], ""
	}
	for _, h := range hits {
		if h.version == nil {
			res.Documents = append(res.Documents, &pb.Document{Name: s.names.resource(h.key)})
			continue
		}
		res.Documents = append(res.Documents, s.document(h, m))
	}
	s.meter.read(len(hits), len(hits))
	return res, nil
}

// list returns up to n documents of a collection whose key lies behind after.
// With missing it includes, without a version, those that do not exist but
// have documents below them.
func (s *service) list(coll key, after key, missing bool, t int64, n int) []hit {
	id := coll[strings.LastIndex(coll, sep)+1:]
	own := span{id: id, prefix: below(coll), depth: depth(coll) + 1}
	if after != "" {
		own.atLeast(after, true)
	}
	var hits []hit
	for done := false; !done && len(hits) < n; {
		hits, done = s.db.scan(&own, t, hits)
	}
	if !missing {
		return hits[:min(n, len(hits))]
	}
	from := ""
	if after != "" {
		from = after[len(own.prefix):] + "\x01"
	}
	have := map[key]bool{}
	for _, h := range hits {
		have[h.key] = true
	}
	for _, id := range s.db.ids() {
		found := 0
		s.db.childNames(id, own.prefix, from, t, func(seg string) bool {
			if k := own.prefix + seg; !have[k] {
				have[k] = true
				hits = append(hits, hit{key: k, version: s.db.get(k, t)})
			}
			found++
			return found < n
		})
	}
	slices.SortFunc(hits, func(a, b hit) int { return strings.Compare(a.key, b.key) })
	return hits[:min(n, len(hits))]
}

// ListCollectionIds lists the collections right below a document or the root.
func (s *service) ListCollectionIds(_ context.Context, r *pb.ListCollectionIdsRequest) (*pb.ListCollectionIdsResponse, error) {
	parent, err := s.names.parent(r.GetParent())
	if err != nil {
		return nil, err
	}
	size, err := pageSize(r.GetPageSize())
	if err != nil {
		return nil, err
	}
	after, err := readPageToken(r.GetPageToken())
	if err != nil {
		return nil, err
	}
	t := s.db.readNow()
	if r.GetReadTime() != nil {
		if t, err = s.db.readAt(r.GetReadTime().GetSeconds(), r.GetReadTime().GetNanos()); err != nil {
			return nil, err
		}
	}
	var ids []string
	for _, id := range s.db.ids() {
		s.db.childNames(id, below(parent), "", t, func(seg string) bool {
			if seg > after {
				ids = append(ids, seg)
			}
			return true
		})
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	res := &pb.ListCollectionIdsResponse{CollectionIds: ids}
	if len(ids) > size {
		res.CollectionIds = ids[:size]
		res.NextPageToken = pageToken(ids[size-1])
	}
	s.meter.read(0, 0)
	return res, nil
}
