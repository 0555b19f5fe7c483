package flows_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
)

// randomFlow wires nodes at random: whatever else is wrong with it, every end
// and output exists.
func randomFlow(r *rand.Rand) *flows.Flow {
	f := &flows.Flow{Weir: 1, ID: "random", Mode: flows.ModeRuns, Nodes: map[string]flows.Node{}, Connections: map[string]flows.Connection{}}
	kinds := []string{"TestEmit", "TestTag", "TestTag", "TestNumber", "TestKeep", "TestMeet", "TestSend"}
	outputs := map[string][]string{"TestEmit": {"success"}, "TestTag": {"success", "failure"}, "TestNumber": {"success"}, "TestKeep": {"success"},
		"TestMeet": {"success", "unmatched"}, "TestSend": {"failure"}}
	var slugs []string
	for i := range 2 + r.IntN(7) {
		slugs = append(slugs, fmt.Sprintf("n%d", i))
		f.Nodes[slugs[i]] = flows.Node{Kind: kinds[r.IntN(len(kinds))]}
	}
	pick := func() string { return slugs[r.IntN(len(slugs))] }
	for i := range r.IntN(2 * len(slugs)) {
		from, to := pick(), pick()
		names := outputs[f.Nodes[from].Kind]
		c := flows.Connection{From: from, Output: flows.Outputs{names[r.IntN(len(names))]}, To: to}
		switch f.Nodes[to].Kind {
		case "TestEmit":
			continue
		case "TestMeet":
			c.Input = []string{"left", "right"}[r.IntN(2)]
		}
		f.Connections[fmt.Sprintf("c%d", i)] = c
	}
	for _, slug := range slugs {
		n := f.Nodes[slug]
		for _, o := range outputs[n.Kind] {
			wired := false
			for _, c := range f.Connections {
				wired = wired || c.From == slug && c.Output[0] == o
			}
			if !wired && r.IntN(2) == 0 {
				n.Terminate = append(n.Terminate, o)
			}
		}
		f.Nodes[slug] = n
	}
	for range r.IntN(3) {
		slug := pick()
		if n := f.Nodes[slug]; slices.Contains([]string{"TestEmit", "TestKeep", "TestMeet"}, n.Kind) {
			n.After = append(n.After, pick())
			f.Nodes[slug] = n
		}
	}
	return f
}

// TestCyclesAgreeWithTheProtocol compares, over random graphs, what Validate
// says about gates on cycles with what the run protocol refuses, and what it
// says about sinks with a search written another way.
func TestCyclesAgreeWithTheProtocol(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	cyclic, lost := 0, 0
	for i := range 1000 {
		f := randomFlow(r)
		plan, err := f.Plan()
		if err != nil {
			t.Fatal(err)
		}
		_, err = plan.Compile()
		refused := fault.CodeOf(err) == "plan_gate_cycle"
		if err != nil && !refused {
			t.Fatal(err)
		}
		told := false
		unreached := map[string]bool{}
		for _, p := range f.Validate() {
			switch p.Fault.Code {
			case "node_gate_on_cycle":
				told = true
				checkCycle(t, f, p.Fault.Args["cycle"])
			case "node_reaches_no_sink":
				unreached[p.Node] = true
			}
		}
		if told != refused {
			t.Fatalf("flow %d: Validate tells a cycle: %v, the protocol refuses: %v", i, told, refused)
		}
		if refused {
			cyclic++
		}
		reach := reaching(f)
		for slug, n := range f.Nodes {
			if n.Kind == "TestEmit" && unreached[slug] == reach[slug] {
				t.Fatalf("flow %d: node %s reaches a sink: %v, told that it does not: %v", i, slug, reach[slug], unreached[slug])
			}
		}
		lost += len(unreached)
	}
	if cyclic < 100 || lost < 100 {
		t.Errorf("only %d cycles and %d lost sources: the graphs prove little", cyclic, lost)
	}
}

// checkCycle wants each step of a told cycle to be a wire of the flow.
func checkCycle(t *testing.T, f *flows.Flow, cycle string) {
	t.Helper()
	way := strings.Split(cycle, " > ")
	if len(way) < 2 || way[0] != way[len(way)-1] {
		t.Fatalf("%q is no cycle", cycle)
	}
	for i := range way[1:] {
		step := slices.Contains(f.Nodes[way[i+1]].After, way[i])
		for _, c := range f.Connections {
			step = step || c.From == way[i] && c.To == way[i+1]
		}
		if !step {
			t.Fatalf("%q: nothing leads from %s to %s", cycle, way[i], way[i+1])
		}
	}
}

// reaching grows the set of nodes whose data, rejects apart, ends in a sink or
// at an output that is not wired yet nor ended, until it grows no more.
func reaching(f *flows.Flow) map[string]bool {
	rejects := map[string][]string{"TestTag": {"failure"}, "TestSend": {"failure"}}
	outputs := map[string][]string{"TestEmit": {"success"}, "TestTag": {"success"}, "TestNumber": {"success"}, "TestMeet": {"success", "unmatched"}}
	in := map[string]bool{}
	for grew := true; grew; {
		grew = false
		for slug, n := range f.Nodes {
			good := n.Kind == "TestKeep" || n.Kind == "TestSend"
			wired := map[string]bool{}
			for _, c := range f.Connections {
				if c.From == slug && !slices.Contains(rejects[n.Kind], c.Output[0]) {
					wired[c.Output[0]] = true
					good = good || in[c.To]
				}
			}
			for _, o := range outputs[n.Kind] {
				good = good || !wired[o] && !slices.Contains(n.Terminate, o)
			}
			if good && !in[slug] {
				in[slug], grew = true, true
			}
		}
	}
	return in
}
