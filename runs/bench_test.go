package runs_test

import (
	"fmt"
	"testing"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// benchTx is one run in a variable: what Apply itself costs.
type benchTx struct {
	runs.Tx
	run   *runs.Run
	graph *runs.Graph
}

func (t *benchTx) Run(string, flowfile.RunID) (*runs.Run, error) { return t.run, nil }
func (t *benchTx) PutRun(*runs.Run) error                        { return nil }
func (t *benchTx) Graph(string, uint32) (*runs.Graph, error)     { return t.graph, nil }
func (t *benchTx) Slot(string, string) (runs.SlotRuns, error)    { return runs.SlotRuns{}, nil }
func (t *benchTx) PutSlot(string, string, runs.SlotRuns) error   { return nil }

// chain is a source, three maps and a gate.
func chain(b *testing.B) *runs.Graph {
	p := runs.Plan{Nodes: map[string]runs.PlanNode{"n0": {Kind: runs.Source, Law: runs.LawSource}, "n4": {Kind: runs.Gate, Law: runs.LawSink}},
		Conns: map[string]runs.PlanConn{}}
	for i := range 4 {
		if i > 0 {
			p.Nodes[fmt.Sprintf("n%d", i)] = runs.PlanNode{Kind: runs.Map, Law: runs.LawMap}
		}
		p.Conns[fmt.Sprintf("c%d", i)] = runs.PlanConn{From: fmt.Sprintf("n%d", i), To: fmt.Sprintf("n%d", i+1), Class: flowfile.Out}
	}
	g, err := p.Compile()
	if err != nil {
		b.Fatal(err)
	}
	return g
}

// hop moves k FlowFiles from c1 to c2 and back, so that it can be repeated.
func hop(run flowfile.RunID, k int, from, to, node string) *flowfile.Delivery {
	d := &flowfile.Delivery{Flow: "f", Run: run, Node: node, Fence: flowfile.Fence{Epoch: 1}}
	for i := range k {
		f := &flowfile.FlowFile{ID: flowfile.ID(i), Run: run, Rows: 1}
		d.Remove = append(d.Remove, flowfile.Removal{Item: &flowfile.Item{Conn: from, FlowFile: f}, Class: flowfile.Forwarded})
		d.Put = append(d.Put, flowfile.Put{Conn: to, FlowFile: f})
		d.Ledger[flowfile.In].Add(1, 0)
		d.Ledger[flowfile.Out].Add(1, 0)
	}
	return d
}

func BenchmarkApply(b *testing.B) {
	for _, k := range []int{1, 10, 100} {
		for _, run := range []flowfile.RunID{0, 1} {
			name := fmt.Sprintf("continuous/%d", k)
			if run > 0 {
				name = fmt.Sprintf("run/%d", k)
			}
			b.Run(name, func(b *testing.B) {
				start := flowfile.Tally{N: 1e12, Rows: 1e12}
				tx := &benchTx{graph: chain(b), run: &runs.Run{Flow: "f", Number: run, FlowVersions: []uint32{1}, State: runs.Running, Epoch: 1,
					Queues: map[string]*runs.Queue{"c1": {Queued: start, Entered: start}},
					Acts:   map[string]*runs.Activity{"n0": {State: runs.ActDone}, "n4": {State: runs.ActWait}}}}
				d := hop(run, k, "c1", "c2", "n2")
				b.ReportAllocs()
				for b.Loop() {
					if _, err := runs.Apply(tx, d); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N*k)/b.Elapsed().Seconds(), "hops/s")
			})
		}
	}
}
