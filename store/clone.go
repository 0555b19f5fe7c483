package store

import (
	"maps"
	"slices"

	"github.com/weirflow/weir/runs"
)

// cloneRun returns a copy that shares nothing that is ever changed in place.
// Byte slices and texts are replaced, never written to, and so are shared.
func cloneRun(r *runs.Run) *runs.Run {
	c := *r
	c.FlowVersions = slices.Clone(r.FlowVersions)
	c.Params = maps.Clone(r.Params)
	c.Breaches = slices.Clone(r.Breaches)
	c.AsOf = maps.Clone(r.AsOf)
	c.Warnings = slices.Clone(r.Warnings)
	c.Receipts = slices.Clone(r.Receipts)
	c.States = maps.Clone(r.States)
	c.Acts = cloneEach(r.Acts)
	for _, a := range c.Acts {
		a.Pending = slices.Clone(a.Pending)
	}
	c.Queues = cloneEach(r.Queues)
	c.Ledger = cloneEach(r.Ledger)
	return &c
}

// cloneEach copies a map of pointers, in one allocation for all values.
func cloneEach[V any](m map[string]*V) map[string]*V {
	if m == nil {
		return nil
	}
	out := make(map[string]*V, len(m))
	all := make([]V, 0, len(m))
	for k, v := range m {
		all = append(all, *v)
		out[k] = &all[len(all)-1]
	}
	return out
}
