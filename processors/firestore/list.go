package firestore

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"github.com/weirflow/weir/fault"
)

// list fills the page from one answer of ListDocuments, the only call that also
// names documents that do not exist but have collections below them. Its place
// is a token of the server's.
func (r *ReadFirestore) list(ctx context.Context, c *cursor, p *page) error {
	patience := patience{calls: r.calls}
	for {
		docs, next, err := r.listOnce(ctx, c.Token, c.Size, c.ReadTime)
		if err == nil {
			there := int64(0)
			for _, d := range docs {
				if d.GetCreateTime() != nil {
					there++
				}
			}
			if next != "" || c.Read+there >= c.Count {
				p.token, p.end = next, next == ""
				c.Billed += int64(max(1, len(docs)))
				return r.takeListed(c, p, docs)
			}
			err = errShort
			p.short = c.Read + there
		}
		p.cuts++
		if !patience.again(ctx, err) {
			return r.blame(ctx, err, &patience)
		}
		p.log.Warn("list is asked for again", "collection", r.place.String(), "error", err)
	}
}

func (r *ReadFirestore) listOnce(ctx context.Context, token string, size int64, at time.Time) ([]*pb.Document, string, error) {
	ctx, _, stop := r.watch(ctx)
	defer stop()
	req := &pb.ListDocumentsRequest{Parent: r.place.above(r.client.Root()), CollectionId: r.place.id, ShowMissing: true,
		ConsistencySelector: &pb.ListDocumentsRequest_ReadTime{ReadTime: timestamppb.New(at)}}
	if mask := r.mask(); len(mask) > 0 {
		req.Mask = &pb.DocumentMask{FieldPaths: mask}
	}
	docs, next, err := r.client.Firestore.ListDocuments(ctx, req, once).InternalFetch(int(size), token)
	return docs, next, cause(ctx, err)
}

// takeListed takes documents that came as messages the way that all are taken.
func (r *ReadFirestore) takeListed(c *cursor, p *page, docs []*pb.Document) error {
	if c.Read+c.Missing+int64(len(docs)) > r.maxReads {
		return fault.New("firestore_too_many_missing", "collection", r.place.String(), "max_reads", r.maxReads).Permanent()
	}
	var d document
	for _, m := range docs {
		b, err := proto.Marshal(m)
		if err != nil {
			return fmt.Errorf("read a document of %s: %w", r.place, err)
		}
		d.reset()
		if err := d.read(b); err != nil {
			return fmt.Errorf("read a document of %s: %w", r.place, err)
		}
		if d.missing = m.GetCreateTime() == nil; d.missing {
			p.missing++
		}
		if err := r.take(p, &d); err != nil {
			return err
		}
	}
	return nil
}
