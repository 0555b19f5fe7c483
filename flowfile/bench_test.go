package flowfile_test

import (
	"context"
	"testing"

	"github.com/weirflow/weir/flowfile"
)

// nowhere is a store that gives out one FlowFile for ever and commits for
// nothing, so that only the session is measured.
type nowhere struct {
	flowfile.Queues
	item flowfile.Item
	f    flowfile.FlowFile
}

func (n *nowhere) Take(_ []string, count int) ([]*flowfile.Item, error) {
	out := make([]*flowfile.Item, count)
	for i := range out {
		f := n.f
		item := n.item
		item.FlowFile = &f
		out[i] = &item
	}
	return out, nil
}

func BenchmarkSessionHop(b *testing.B) {
	n := &nowhere{item: flowfile.Item{Conn: "in", Token: 1}, f: flowfile.FlowFile{ID: 1, Run: 1, Rows: 1, Content: flowfile.Inline([]byte("x")),
		Attrs: flowfile.AttrsOf(map[string]string{"a": "1", "b": "2", "filename": "x"}), Origin: flowfile.SourceOrigin("up", 1)}}
	cfg := flowfile.Config{Flow: "f", Node: "n", Run: flowfile.Run{Number: 1}, Inputs: map[string][]string{"": {"in"}},
		Outputs: map[flowfile.Relationship]flowfile.Route{"success": {Conns: []string{"out"}, Class: flowfile.Out}}, Queues: n,
		Commit: func(context.Context, *flowfile.Delivery) (flowfile.Result, error) { return flowfile.Result{}, nil },
		NewID:  func() flowfile.ID { return 2 }}
	b.ReportAllocs()
	for b.Loop() {
		s := flowfile.NewSession(context.Background(), cfg)
		for _, f := range s.GetBatch(100) {
			s.Set(f, "b", "3")
			s.Transfer(f, "success")
		}
		if _, err := s.Commit(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/hop")
}
