package runs

import (
	"maps"
	"slices"
)

// Clone returns a copy that shares nothing which Apply changes.
func (r *Run) Clone() *Run {
	c := *r
	c.FlowVersions = slices.Clone(r.FlowVersions)
	c.Params = maps.Clone(r.Params)
	c.Breaches = slices.Clone(r.Breaches)
	c.Accepted = maps.Clone(r.Accepted)
	c.AsOf = maps.Clone(r.AsOf)
	c.Warnings = slices.Clone(r.Warnings)
	c.Receipts = slices.Clone(r.Receipts)
	c.Witnesses = slices.Clone(r.Witnesses)
	if c.Facts = maps.Clone(r.Facts); c.Facts != nil {
		for node, of := range c.Facts {
			c.Facts[node] = maps.Clone(of)
		}
	}
	c.MoreReceipts = maps.Clone(r.MoreReceipts)
	c.States = maps.Clone(r.States) // values are replaced, never changed
	c.Acts = cloneEach(r.Acts)
	for _, a := range c.Acts {
		a.Pending = slices.Clone(a.Pending)
	}
	c.Queues = cloneEach(r.Queues)
	c.Ledger = cloneEach(r.Ledger)
	return &c
}

func cloneEach[V any](m map[string]*V) map[string]*V {
	if m == nil {
		return nil
	}
	out := make(map[string]*V, len(m))
	all := make([]V, len(m)) // one allocation for all of them
	i := 0
	for k, v := range m {
		all[i] = *v
		out[k] = &all[i]
		i++
	}
	return out
}
