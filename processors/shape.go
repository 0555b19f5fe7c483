package processors

import (
	"context"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
)

// Shaper is a processor that knows the columns of its outputs before it runs,
// given those of its inputs.
type Shaper interface {
	// Shape returns the columns of the outputs for those of the inputs by name. It
	// is asked after Verify found nothing wrong, before Start, and changes nothing
	// outside. An output that is left out is not known; a nil map says that nothing
	// could be told, an empty one that the inputs are fine. An error is what the
	// run would fail with for these columns, whatever the rows.
	Shape(ctx context.Context, env Env, in map[string]*record.Schema) (map[flowfile.Relationship]*record.Schema, error)
}
