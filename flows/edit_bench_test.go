package flows_test

import (
	"fmt"
	"testing"

	"github.com/weirflow/weir/flows"
)

// wide is a flow of n nodes in chains of ten.
func wide(n int) *flows.Flow {
	f := &flows.Flow{Weir: 1, ID: "wide", Mode: flows.ModeContinuous, Nodes: map[string]flows.Node{}, Connections: map[string]flows.Connection{},
		Layout: map[string][2]float64{}}
	for i := range n {
		slug, last := fmt.Sprintf("n%d", i), fmt.Sprintf("n%d", i-1)
		f.Layout[slug] = [2]float64{float64(i % 10 * 280), float64(i / 10 * 160)}
		node := flows.Node{Kind: "Funnel"}
		if i%10 == 9 || i == n-1 {
			node.Terminate = []string{"success"}
		}
		if i%10 == 0 {
			node = flows.Node{Kind: "GenerateFlowFile"}
		} else {
			f.Connections[last+"-"+slug] = flows.Connection{From: last, Output: flows.Outputs{"success"}, To: slug}
		}
		f.Nodes[slug] = node
	}
	return f
}

// BenchmarkEdit moves one node of a large flow, and tells what is wrong with it.
func BenchmarkEdit(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			doc, err := wide(n).Canonical()
			if err != nil {
				b.Fatal(err)
			}
			for i := 0; b.Loop(); i++ {
				now, _, err := flows.Apply(doc, []flows.Op{op(fmt.Sprintf("[%d, 0]", i), "layout", "n3")})
				if err != nil {
					b.Fatal(err)
				}
				if _, problems := flows.Check(now); len(problems) > 0 {
					b.Fatal(problems)
				}
			}
		})
	}
}
