package firestore

import (
	"io"
	"testing"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"github.com/weirflow/weir/record"
)

// responses are the company's users in wire form.
func responses(b *testing.B, n int) (*ReadFirestore, [][]byte) {
	s := serve(b, company(n))
	r := node(b, s, reading()).Processor().(*ReadFirestore)
	if err := r.connect(node(b, s, reading()).Env()); err != nil {
		b.Fatal(err)
	}
	stream, err := r.client.Firestore.RunQuery(b.Context(), &pb.RunQueryRequest{Parent: r.client.Root(),
		QueryType: &pb.RunQueryRequest_StructuredQuery{StructuredQuery: r.place.query()}}, once, asRaw)
	if err != nil {
		b.Fatal(err)
	}
	var out [][]byte
	for {
		var m raw
		if err := stream.RecvMsg(&m); err == io.EOF {
			return r, out
		} else if err != nil {
			b.Fatal(err)
		}
		out = append(out, m.b)
	}
}

// BenchmarkDecode turns documents of 17 fields into NDJSON.
func BenchmarkDecode(b *testing.B) {
	r, all := responses(b, 2000)
	out, err := r.columns()
	if err != nil {
		b.Fatal(err)
	}
	l := newLayout(r, out)
	var drift, nulled tally
	l.drift, l.nulled = &drift, &nulled
	w := record.NewNDJSONWriter(io.Discard, out)
	size := 0
	for _, m := range all {
		size += len(m)
	}
	b.SetBytes(int64(size / len(all)))
	b.ReportAllocs()
	var d document
	i := 0
	for b.Loop() {
		if _, err := readResponse(all[i%len(all)], &d); err != nil {
			b.Fatal(err)
		}
		i++
		row, v, err := l.fill(&d)
		if err != nil || v != taken {
			b.Fatal(v, err)
		}
		if err := w.Write(row); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "docs/s")
}

// BenchmarkCollection reads a collection through the sandbox's socket.
func BenchmarkCollection(b *testing.B) {
	const n = 30_000
	s := serve(b, company(n))
	for b.Loop() {
		r := node(b, s, reading())
		if err := r.Run().Err(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "docs/s")
}
