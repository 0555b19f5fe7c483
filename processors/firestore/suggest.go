package firestore

import (
	"context"
	"slices"

	"github.com/weirflow/weir/processors"
)

// Suggest lists the collections at the root of the database, without a count of
// each: listing is billed as one read, whatever they hold.
func (r *ReadFirestore) Suggest(ctx context.Context, env processors.Env, property string) ([]processors.Suggestion, error) {
	if property != "collection" {
		return nil, nil
	}
	v := *r                            // a run may be using r
	v.collection, v.group = "-", false // any: its siblings are all at the root
	v.calls.patience = tryBriefly
	if err := v.connect(env); err != nil {
		return nil, err
	}
	ids, err := v.siblings(ctx)
	if err != nil {
		return nil, err
	}
	slices.Sort(ids)
	out := make([]processors.Suggestion, len(ids))
	for i, id := range ids {
		out[i] = processors.Suggestion{Value: id}
	}
	return out, nil
}
