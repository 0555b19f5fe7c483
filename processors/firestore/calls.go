package firestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/iterator"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
)

// calls are the ways of calling that tests change.
type calls struct {
	// wait waits between two tries.
	wait func(context.Context, time.Duration) error
	// silence is how long a stream may send nothing.
	silence time.Duration
	// patience is how long a call may wait in all without any progress.
	patience time.Duration
}

func newCalls() calls { return calls{wait: sleep, silence: silence, patience: keepTrying} }

// once keeps the client library from trying again by itself: it would do so
// without end, and not where a stream breaks.
var once = gax.WithRetry(func() gax.Retryer { return nil })

var asRaw = gax.WithGRPCOptions(grpc.ForceCodecV2(newCodec()))

// watch returns a context that ends with errSilent unless alive is called often
// enough; stop must be called.
func (r *ReadFirestore) watch(ctx context.Context) (_ context.Context, alive, stop func()) {
	ctx, cancel := context.WithCancelCause(r.client.Outgoing(ctx))
	t := time.AfterFunc(r.calls.silence, func() { cancel(errSilent) })
	return ctx, func() { t.Reset(r.calls.silence) }, func() { t.Stop(); cancel(nil) }
}

// cause returns errSilent in place of the error that it led to.
func cause(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), errSilent) {
		return errSilent
	}
	return err
}

// errEnough ends a query early.
var errEnough = errors.New("enough")

// query runs one query once and calls each with every document, which is only
// good until each returns. It counts as billed what Google bills: each document
// that came, at least one for a query that was answered.
func (r *ReadFirestore) query(ctx context.Context, q *pb.StructuredQuery, at time.Time, billed *int64, each func(*document) error) error {
	ctx, alive, stop := r.watch(ctx)
	defer stop()
	req := &pb.RunQueryRequest{Parent: r.place.above(r.client.Root()), QueryType: &pb.RunQueryRequest_StructuredQuery{StructuredQuery: q}}
	if !at.IsZero() {
		req.ConsistencySelector = &pb.RunQueryRequest_ReadTime{ReadTime: timestamppb.New(at)}
	}
	stream, err := r.client.Firestore.RunQuery(ctx, req, once, asRaw)
	if err != nil {
		return cause(ctx, err)
	}
	var doc document
	var documents int64
	defer func() { *billed += documents }()
	for {
		// RecvMsg instead of Recv, to take the response in wire form.
		var m raw
		err := stream.RecvMsg(&m)
		if err == io.EOF {
			documents = max(documents, 1)
			return nil
		}
		if err != nil {
			return cause(ctx, err)
		}
		alive()
		found, err := readResponse(m.b, &doc)
		if err != nil {
			return fmt.Errorf("read a document of %s: %w", r.place, err)
		}
		if !found {
			continue
		}
		documents++
		if err := each(&doc); err != nil {
			return err
		}
	}
}

// counted is the answer to a count.
type counted struct {
	documents int64
	at        time.Time
	billed    int64
}

// count counts the documents at a moment, or now when it is zero.
func (r *ReadFirestore) count(ctx context.Context, at time.Time) (counted, error) {
	p := patience{calls: r.calls}
	for {
		c, err := r.countOnce(ctx, at)
		if err == nil {
			return c, nil
		}
		if !p.again(ctx, err) {
			return c, r.blame(ctx, err, &p)
		}
	}
}

func (r *ReadFirestore) countOnce(ctx context.Context, at time.Time) (counted, error) {
	ctx, _, stop := r.watch(ctx)
	defer stop()
	const alias = "documents"
	req := &pb.RunAggregationQueryRequest{Parent: r.place.above(r.client.Root()),
		QueryType: &pb.RunAggregationQueryRequest_StructuredAggregationQuery{StructuredAggregationQuery: &pb.StructuredAggregationQuery{
			QueryType: &pb.StructuredAggregationQuery_StructuredQuery{StructuredQuery: r.place.query()},
			Aggregations: []*pb.StructuredAggregationQuery_Aggregation{{Alias: alias,
				Operator: &pb.StructuredAggregationQuery_Aggregation_Count_{Count: &pb.StructuredAggregationQuery_Aggregation_Count{}}}},
		}}}
	if !at.IsZero() {
		req.ConsistencySelector = &pb.RunAggregationQueryRequest_ReadTime{ReadTime: timestamppb.New(at)}
	}
	stream, err := r.client.Firestore.RunAggregationQuery(ctx, req, once)
	if err != nil {
		return counted{}, cause(ctx, err)
	}
	var out counted
	answered := false
	for {
		res, err := stream.Recv()
		if err == io.EOF {
			break
		}
		if err != nil {
			return counted{}, cause(ctx, err)
		}
		if v, ok := res.GetResult().GetAggregateFields()[alias].GetValueType().(*pb.Value_IntegerValue); ok {
			out.documents, answered = v.IntegerValue, true
		}
		if t := res.GetReadTime(); t != nil {
			out.at = t.AsTime().Truncate(time.Microsecond)
		}
	}
	if !answered || out.at.IsZero() {
		return counted{}, fmt.Errorf("count %s: the answer holds no count or no read time", r.place)
	}
	out.billed = max(1, (out.documents+999)/1000)
	return out, nil
}

// siblings returns the ids of the collections below the same parent, up to a
// number that suffices to name the nearest.
func (r *ReadFirestore) siblings(ctx context.Context) ([]string, error) {
	const most = 1000
	p := patience{calls: r.calls}
	for {
		ids, err := r.siblingsOnce(ctx, most)
		if err == nil {
			return ids, nil
		}
		if !p.again(ctx, err) {
			return nil, r.blame(ctx, err, &p)
		}
	}
}

func (r *ReadFirestore) siblingsOnce(ctx context.Context, most int) ([]string, error) {
	ctx, _, stop := r.watch(ctx)
	defer stop()
	it := r.client.Firestore.ListCollectionIds(ctx, &pb.ListCollectionIdsRequest{Parent: r.place.above(r.client.Root())}, once)
	var ids []string
	for len(ids) < most {
		id, err := it.Next()
		if err == iterator.Done {
			break
		}
		if err != nil {
			return nil, cause(ctx, err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}
