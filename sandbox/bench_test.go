package sandbox

import (
	"io"
	"testing"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// page asks for n documents of a collection after the one named last.
func page(parent, collection, last string, n int32) *pb.StructuredQuery {
	q := &pb.StructuredQuery{
		From:    []*pb.StructuredQuery_CollectionSelector{{CollectionId: collection}},
		OrderBy: []*pb.StructuredQuery_Order{{Field: &pb.StructuredQuery_FieldReference{FieldPath: "__name__"}}},
		Limit:   wrapperspb.Int32(n),
	}
	if last != "" {
		q.StartAt = &pb.Cursor{Values: []*pb.Value{referenceValue(last)}}
	}
	return q
}

func benchmarkPages(b *testing.B, c Config, collection string, size int32) {
	s := open(b, c)
	low := lowClient(b, s.Addr())
	parent := s.service.names.root
	b.ResetTimer()
	docs, last := 0, ""
	for b.Loop() {
		st, err := low.RunQuery(b.Context(), &pb.RunQueryRequest{Parent: parent,
			QueryType: &pb.RunQueryRequest_StructuredQuery{StructuredQuery: page(parent, collection, last, size)}})
		if err != nil {
			b.Fatal(err)
		}
		last = ""
		for {
			r, err := st.Recv()
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			if r.GetDocument() != nil {
				docs++
				last = r.GetDocument().GetName()
			}
		}
	}
	b.ReportMetric(float64(docs)/b.Elapsed().Seconds(), "docs/s")
}

func BenchmarkPagesOfUsers(b *testing.B) {
	benchmarkPages(b, Config{Date: day}, userCollection, 3000)
}

func BenchmarkPagesOfMeetings(b *testing.B) {
	benchmarkPages(b, Config{Date: day}, meetingCollection, 3000)
}

func BenchmarkSeed(b *testing.B) {
	for b.Loop() {
		s := &service{names: newNames("p", "(default)"), db: newDatabase(Config{}.withDefaults().Now)}
		if err := s.seed(b.Context(), NewCompany(1, day, defaultUsers, defaultMeetings)); err != nil {
			b.Fatal(err)
		}
	}
}
