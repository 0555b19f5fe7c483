package firestore

import (
	"context"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

// Shape tells the columns that the flow froze, with those beside them.
func (r *ReadFirestore) Shape(context.Context, processors.Env, map[string]*record.Schema) (map[flowfile.Relationship]*record.Schema, error) {
	out, err := r.columns()
	if err != nil {
		return nil, err
	}
	return map[flowfile.Relationship]*record.Schema{success: out, rejected: rejects}, nil
}
