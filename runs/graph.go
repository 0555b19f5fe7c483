package runs

import "github.com/weirflow/weir/flowfile"

// NodeKind says how the protocol treats a node.
type NodeKind string

// The kinds of nodes.
const (
	// Source acts without input; with After edges it is a gated source.
	Source NodeKind = "source"
	// Map takes FlowFiles as they come.
	Map NodeKind = "map"
	// Gate is a whole-run node: it fires once, when its run is all there.
	Gate NodeKind = "gate"
)

// Law names the row law of a node.
type Law string

// The laws, each an equation over the node's ledger.
const (
	// LawSource is read = out + filtered + rejected.
	LawSource Law = "source"
	// LawMap is in = out + rejected, in FlowFiles and rows.
	LawMap Law = "map"
	// LawFilter is in + cloned = out + filtered + rejected.
	LawFilter Law = "filter"
	// LawSplit and LawMerge are rows in = rows out + rejected.
	LawSplit Law = "split"
	LawMerge Law = "merge"
	// LawSink is in = committed + rejected.
	LawSink Law = "sink"
	// LawJoin is rows in = used + filtered + rejected: every row of the inputs
	// took part or was counted out. How many rows that makes is the join's to say.
	LawJoin Law = "join"
	// LawNone checks nothing: the kind cannot say what becomes of its rows.
	LawNone Law = "none"
)

// Plan is what a flow version looks like to the protocol. It is stored beside
// the version; Compile makes a Graph of it.
type Plan struct {
	Nodes map[string]PlanNode `json:"nodes"`
	Conns map[string]PlanConn `json:"conns"`
}

// PlanNode is one node of a plan.
type PlanNode struct {
	Kind NodeKind `json:"kind"`
	Law  Law      `json:"law"`
	// After are completion edges: the node waits until those have nothing left
	// to do. Only for sources and gates.
	After []string `json:"after,omitempty"`
	// OnEmpty says, for each input of a gate, what happens when it is empty:
	// "fail", "skip" or "pass"; unlisted inputs pass.
	OnEmpty map[string]string `json:"on_empty,omitempty"`
	// MaxHops parks a FlowFile that passed more connections; zero means 100.
	MaxHops uint32 `json:"max_hops,omitempty"`
}

// PlanConn is one connection of a plan.
type PlanConn struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Input string `json:"input,omitempty"`
	// Class is the class of the outputs that feed it: Out, Filtered, or Rejected
	// when all of them are reject outputs.
	Class flowfile.Class `json:"class"`
}
