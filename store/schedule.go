package store

import (
	"context"
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/runs"
)

// Schedule returns what is noted about a flow: whether it is enabled, paused or
// started, and where the scheduler stands. It is the zero value when nothing is.
func (s *Store) Schedule(flow string) (status runs.FlowStatus, err error) {
	err = s.view(func(tx *bolt.Tx) (err error) {
		status, err = readSchedule(tx, flow)
		return err
	})
	return status, err
}

func readSchedule(tx *bolt.Tx, flow string) (status runs.FlowStatus, err error) {
	b, err := get(tx, bucketPlans, []byte(flow))
	if b == nil || err != nil {
		return status, err
	}
	if err := json.Unmarshal(b, &status); err != nil {
		return status, damagedAt(bucketPlans, []byte(flow), err.Error())
	}
	return status, nil
}

// UpdateSchedule changes what is noted about a flow. An error of change leaves
// all as it is. It may be called again when other changes of the same commit
// are refused, so it must depend on nothing but its argument. A flow that is not
// there, or no more, is refused with flow_unknown.
func (s *Store) UpdateSchedule(ctx context.Context, flow string, change func(*runs.FlowStatus) error) error {
	return s.update(ctx, func(g *group) error {
		if r, err := readFlow(g.tx, flow); err != nil {
			return err
		} else if r == nil || !r.Deleted.IsZero() {
			return flowUnknown(flow)
		}
		status, err := readSchedule(g.tx, flow)
		if err != nil {
			return err
		}
		if err := change(&status); err != nil {
			return err
		}
		b, err := json.Marshal(status)
		if err != nil {
			return fmt.Errorf("encode schedule of %s: %w", flow, err)
		}
		return put(g.tx, bucketPlans, []byte(flow), b)
	})
}

// Setting decodes a setting into v and reports whether there was one.
func (s *Store) Setting(name string, v any) (bool, error) {
	var b []byte
	err := s.view(func(tx *bolt.Tx) (err error) {
		b, err = get(tx, bucketSettings, []byte(name))
		return err
	})
	if b == nil || err != nil {
		return false, err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return false, fmt.Errorf("decode setting %s: %w", name, err)
	}
	return true, nil
}

// PutSetting stores a setting as JSON.
func (s *Store) PutSetting(ctx context.Context, name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode setting %s: %w", name, err)
	}
	return s.update(ctx, func(g *group) error { return put(g.tx, bucketSettings, []byte(name), b) })
}
