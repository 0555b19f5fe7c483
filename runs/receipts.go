package runs

import "github.com/weirflow/weir/flowfile"

// MostReceipts is how many receipts of each node a run keeps. The run is read
// and written whole at each commit, so a sink of one output per FlowFile would
// otherwise make each commit dearer than the one before.
const MostReceipts = 100

// keepReceipts keeps the receipts while their nodes have room and counts those
// that come later.
func (r *Run) keepReceipts(all []flowfile.Receipt) {
	for _, c := range all {
		if _, full := r.MoreReceipts[c.Node]; !full && r.receiptsOf(c.Node) < MostReceipts {
			r.Receipts = append(r.Receipts, c)
			continue
		}
		if r.MoreReceipts == nil {
			r.MoreReceipts = map[string]flowfile.Tally{}
		}
		t := r.MoreReceipts[c.Node]
		t.Add(c.Rows, c.Bytes)
		r.MoreReceipts[c.Node] = t
	}
}

func (r *Run) receiptsOf(node string) int {
	n := 0
	for i := range r.Receipts {
		if r.Receipts[i].Node == node {
			n++
		}
	}
	return n
}

// Committed returns what the run's nodes have committed outside in all.
func (r *Run) Committed() flowfile.Tally {
	var t flowfile.Tally
	for _, l := range r.Ledger {
		t.Plus(l[flowfile.Committed])
	}
	return t
}
