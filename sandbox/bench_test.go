package sandbox

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// page asks for n documents of a collection after the one named last.
func page(collection, last string, n int32) *pb.StructuredQuery {
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

func runQuery(parent string, q *pb.StructuredQuery) *pb.RunQueryRequest {
	return &pb.RunQueryRequest{Parent: parent, QueryType: &pb.RunQueryRequest_StructuredQuery{StructuredQuery: q}}
}

// skim is a client codec that does not decode what it receives, so that a
// benchmark shows the server and the socket, not protobuf.
type skim struct{ encoding.CodecV2 }

func (skim) Unmarshal(b mem.BufferSlice, v any) error {
	if r, ok := v.(*pb.RunQueryResponse); ok {
		r.SkippedResults = int32(b.Len())
		return nil
	}
	return encoding.GetCodecV2(proto.Name).Unmarshal(b, v)
}

// benchmarkPages reads pages of size documents, round and round.
func benchmarkPages(b *testing.B, s *Sandbox, collection string, size int32, opts ...grpc.CallOption) {
	conn, err := grpc.NewClient(s.Addr(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithInitialWindowSize(1<<20), grpc.WithInitialConnWindowSize(1<<20), grpc.WithDefaultCallOptions(opts...))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	low := pb.NewFirestoreClient(conn)
	b.ResetTimer()
	docs, size0, last := 0, 0, ""
	for b.Loop() {
		st, err := low.RunQuery(b.Context(), runQuery(s.service.names.root, page(collection, last, size)))
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
			docs++
			size0 += int(r.GetSkippedResults())
			last = r.GetDocument().GetName()
		}
	}
	b.ReportMetric(float64(docs)/b.Elapsed().Seconds(), "docs/s")
	if size0 > 0 {
		b.ReportMetric(float64(size0)/b.Elapsed().Seconds()/1e6, "MB/s")
	}
}

func BenchmarkPages(b *testing.B) {
	s := open(b, Config{Date: day})
	undecoded := grpc.ForceCodecV2(skim{encoding.GetCodecV2(proto.Name)})
	b.Run("users/decoded", func(b *testing.B) { benchmarkPages(b, s, userCollection, 3000) })
	b.Run("users/undecoded", func(b *testing.B) { benchmarkPages(b, s, userCollection, 3000, undecoded) })
	b.Run("meetings/decoded", func(b *testing.B) { benchmarkPages(b, s, meetingCollection, 3000) })
	b.Run("meetings/undecoded", func(b *testing.B) { benchmarkPages(b, s, meetingCollection, 3000, undecoded) })
}

// reviews is a file of 712,404 documents that lies beside the project.
func reviews(t testing.TB) File {
	path := filepath.Join("..", "..", "shared", "data", "korean", "nsmc_reviews.ndjson.gz")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no reviews to read: %v", err)
	}
	return File{Collection: "reviews", Path: path, IDField: "review_id"}
}

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}

func BenchmarkReviews(b *testing.B) {
	f := reviews(b)
	before := heap()
	s := open(b, Config{Users: -1, Meetings: -1, Files: []File{f}})
	held := heap() - before
	b.Run("decoded", func(b *testing.B) {
		benchmarkPages(b, s, "reviews", 3000)
		b.ReportMetric(held, "heap-MB")
	})
	b.Run("undecoded", func(b *testing.B) {
		benchmarkPages(b, s, "reviews", 3000, grpc.ForceCodecV2(skim{encoding.GetCodecV2(proto.Name)}))
	})
}

func BenchmarkLoadReviews(b *testing.B) {
	f := reviews(b)
	for b.Loop() {
		s := &service{names: newNames("p", "(default)"), db: newDatabase(Config{}.withDefaults().Now)}
		if err := s.loadFiles(b.Context(), []File{f}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSeed(b *testing.B) {
	for b.Loop() {
		s := &service{names: newNames("p", "(default)"), db: newDatabase(Config{}.withDefaults().Now)}
		if err := s.seed(b.Context(), NewCompany(1, day, defaultUsers, defaultMeetings)); err != nil {
			b.Fatal(err)
		}
	}
}
