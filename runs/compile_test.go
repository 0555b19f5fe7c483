package runs_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/weirflow/weir/runs"
)

func TestCompileRefuses(t *testing.T) {
	gate := runs.PlanNode{Kind: runs.Gate}
	after := func(n runs.PlanNode, after ...string) runs.PlanNode { n.After = after; return n }
	for _, c := range []struct {
		name, code string
		p          *runs.Plan
	}{
		{"sound", "", plan(nodes{"a": aSource, "m": aMap, "g": gate}, "a m", "m m", "m g")},
		{"loop upstream of a gate", "", plan(nodes{"a": aSource, "m": aMap, "n": aMap, "g": gate}, "a m", "m n", "n m", "n g")},
		{"gate on a cycle", "plan_gate_cycle", plan(nodes{"a": aSource, "m": aMap, "g": gate}, "a g", "g m", "m g")},
		{"gate to itself", "plan_gate_cycle", plan(nodes{"a": aSource, "g": gate}, "a g", "g g")},
		{"gate after its own output", "plan_gate_cycle", plan(nodes{"a": aSource, "m": aMap, "g": after(gate, "m")}, "a g", "g m")},
		{"gated source after its own output", "plan_gate_cycle", plan(nodes{"a": after(aSource, "m"), "m": aMap}, "a m")},
		{"gated sources after each other", "plan_gate_cycle", plan(nodes{"a": after(aSource, "b"), "b": after(aSource, "a")})},
		{"after on a map", "plan_after_map", plan(nodes{"a": aSource, "m": after(aMap, "a")}, "a m")},
		{"after nobody", "plan_unknown_after", plan(nodes{"g": after(gate, "nobody")})},
		{"from nobody", "plan_unknown_end", plan(nodes{"m": aMap}, "nobody m")},
		{"to nobody", "plan_unknown_end", plan(nodes{"m": aMap}, "m nobody")},
		{"into a source", "plan_source_input", plan(nodes{"m": aMap, "a": aSource}, "m a")},
		{"unknown kind", "plan_kind", plan(nodes{"m": {Kind: "sink"}})},
		{"unknown on_empty", "plan_on_empty", plan(nodes{"g": {Kind: runs.Gate, OnEmpty: map[string]string{"x": "stop"}}})},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &world{t: t}
			g, err := c.p.Compile()
			if c.code == "" {
				w.must(err)
				return
			}
			w.refuse(c.code, err)
			if g != nil {
				t.Error("a refused plan gave a graph")
			}
		})
	}
}

func TestUpAndAncestors(t *testing.T) {
	late := aSource
	late.After = []string{"m"}
	g, err := plan(nodes{"a": aSource, "b": aSource, "m": aMap, "late": late, "join": {Kind: runs.Gate}, "x": aMap, "sink": aSink},
		"a m", "m m", "m join", "b join", "late join", "join x", "x sink").Compile()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		got, want []string
	}{
		{"ancestors of join", g.Ancestors("join"), []string{"a", "b", "late", "m"}},
		{"up of join", g.Up("join"), []string{"a-m", "m-m"}},
		{"ancestors of late", g.Ancestors("late"), []string{"a", "m"}},
		{"up of late", g.Up("late"), []string{"a-m", "m-m"}},
		{"up of sink", g.Up("sink"), []string{"a-m", "b-join", "join-x", "late-join", "m-join", "m-m"}},
		{"ancestors of a map", g.Ancestors("m"), nil},
		{"gated", g.Gated(), []string{"late", "join", "sink"}},
		{"owners", g.Owners(), []string{"a", "b", "join", "late", "sink"}},
		{"in", g.In("join"), []string{"b-join", "late-join", "m-join"}},
		{"out", g.Out("m"), []string{"m-join", "m-m"}},
		{"nobody", g.In("nobody"), nil},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	if n, ok := g.Node("m"); !ok || n.MaxHops != runs.DefaultMaxHops {
		t.Errorf("node m: %+v %v", n, ok)
	}
	if c, ok := g.Conn("a-m"); !ok || c.To != "m" {
		t.Errorf("connection a-m: %+v %v", c, ok)
	}
}

func TestToleratedRejects(t *testing.T) {
	after := func(n runs.PlanNode, after ...string) runs.PlanNode { n.After = after; return n }
	for _, c := range []struct {
		name string
		p    *runs.Plan
		want bool // does gate g tolerate rejects of m
	}{
		{"reject file", plan(nodes{"m": aMap, "g": aSink}, "!m g"), true},
		{"by way of a map", plan(nodes{"m": aMap, "x": aMap, "g": aSink}, "!m x", "x g"), true},
		{"the good rows", plan(nodes{"m": aMap, "g": aSink}, "m g"), false},
		{"both", plan(nodes{"m": aMap, "x": aMap, "g": aSink}, "!m g", "m x", "x g"), false},
		{"good rows elsewhere", plan(nodes{"m": aMap, "h": aSink, "g": aSink}, "!m g", "m h"), true},
		{"a rejects loop back", plan(nodes{"m": aMap, "g": aSink}, "!m m", "m g"), false},
		{"gate after m", plan(nodes{"m": aMap, "g": after(aSink, "m")}, "!m g"), false},
		{"by way of a source after m", plan(nodes{"m": aMap, "s": after(aSource, "m"), "g": aSink}, "s g"), false},
		{"a source after m elsewhere", plan(nodes{"m": aMap, "s": after(aSource, "m"), "h": aSink, "g": aSink}, "!m g", "s h"), true},
	} {
		g, err := c.p.Compile()
		if err != nil {
			t.Fatal(err)
		}
		if got := g.Tolerates("g", "m"); got != c.want {
			t.Errorf("%s: tolerated %v, want %v", c.name, got, c.want)
		}
	}
}

// TestUpAgreesWithWalking compares with a walk over every path on random graphs.
func TestUpAgreesWithWalking(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	gates := 0
	for range soak(300) {
		n := 3 + rng.IntN(6)
		ns, conns := nodes{}, []string{}
		name := func(i int) string { return string(rune('a' + i)) }
		for i := range n {
			ns[name(i)] = aMap
			if i > 0 && rng.IntN(3) == 0 {
				ns[name(i)] = runs.PlanNode{Kind: runs.Gate}
			}
			for j := range n {
				if rng.IntN(4) == 0 && i != j {
					conns = append(conns, name(i)+" "+name(j))
				}
			}
		}
		p := plan(ns, conns...)
		// far[a][b]: is there a way from a to b.
		far := map[[2]string]bool{}
		for _, c := range p.Conns {
			far[[2]string{c.From, c.To}] = true
		}
		for range n {
			for x := range ns {
				for y := range ns {
					for z := range ns {
						if far[[2]string{x, y}] && far[[2]string{y, z}] {
							far[[2]string{x, z}] = true
						}
					}
				}
			}
		}
		cyclic := false
		for s, node := range ns {
			cyclic = cyclic || (node.Kind == runs.Gate && far[[2]string{s, s}])
		}
		g, err := p.Compile()
		if (err != nil) != cyclic {
			t.Fatalf("plan %v: error %v, gate on a cycle %v", conns, err, cyclic)
		}
		if err != nil {
			continue
		}
		seen := map[string]bool{}
		for _, gate := range g.Gated() {
			gates++
			for a := range ns {
				if far[[2]string{a, gate}] != slices.Contains(g.Ancestors(gate), a) {
					t.Fatalf("plan %v: ancestors of %s are %v", conns, gate, g.Ancestors(gate))
				}
				if far[[2]string{a, gate}] && ns[a].Kind == runs.Gate && !seen[a] {
					t.Fatalf("plan %v: gate %s comes before %s", conns, gate, a)
				}
			}
			for c, conn := range p.Conns {
				if far[[2]string{conn.To, gate}] != slices.Contains(g.Up(gate), c) {
					t.Fatalf("plan %v: up of %s is %v", conns, gate, g.Up(gate))
				}
			}
			seen[gate] = true
		}
	}
	if gates < 50 {
		t.Errorf("only %d gates were compared", gates)
	}
}
