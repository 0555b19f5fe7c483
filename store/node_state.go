package store

import "context"

// ClearNodeState removes the published state of a node and reports whether there
// was one.
func (s *Store) ClearNodeState(ctx context.Context, flow, node string) (had bool, err error) {
	key := flowKey(flow, []byte(node)...)
	err = s.update(ctx, func(g *group) error {
		b, err := get(g.tx, bucketStates, key)
		if err != nil {
			return err
		}
		if had = b != nil; !had {
			return nil
		}
		return g.tx.Bucket(bucketStates).Delete(key)
	})
	return had, err
}
