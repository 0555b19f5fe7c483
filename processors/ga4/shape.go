package ga4

import (
	"context"
	"sync"
	"time"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

// learned is what a verification found out of the columns. The types of metrics
// come with a report, which costs tokens: Shape uses the one row of Verify.
type learned struct {
	mu     sync.Mutex
	schema *record.Schema
}

// learn keeps the columns that a report's headers tell.
func (r *ReadGA4) learn(res *report) {
	if len(res.MetricHeaders) != len(r.metrics) || len(r.cols) != len(r.dimensions)+len(r.metrics) {
		return
	}
	types := make([]string, len(r.cols))
	for i, c := range r.cols {
		if types[i] = c.typ; c.typ == "" {
			types[i] = typeOf(res.MetricHeaders[i-len(r.dimensions)].Type)
		}
	}
	if t, err := newTable(r.cols, types, time.UTC); err == nil {
		r.learned.mu.Lock()
		defer r.learned.mu.Unlock()
		r.learned.schema = t.schema
	}
}

// Shape tells the columns of the report that Verify tried.
func (r *ReadGA4) Shape(context.Context, processors.Env, map[string]*record.Schema) (map[flowfile.Relationship]*record.Schema, error) {
	r.learned.mu.Lock()
	defer r.learned.mu.Unlock()
	if r.learned.schema == nil {
		return nil, nil
	}
	return map[flowfile.Relationship]*record.Schema{success: r.learned.schema}, nil
}
