package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store/segment"
)

// CheckReport is what Check found.
type CheckReport struct {
	ID     string `json:"id"`
	Format uint32 `json:"format"`
	Commit uint64 `json:"commit"`
	// Clean says whether the last stop was a clean one. After an unclean one
	// counters may lag behind; the next start repairs them.
	Clean    bool  `json:"clean"`
	Runs     int   `json:"runs"`
	Entries  int64 `json:"entries"`
	Values   int64 `json:"values"`
	Segments int   `json:"segments"`
	// Claims is how many contents in segments were read and verified, Bytes what
	// they hold.
	Claims int64 `json:"claims"`
	Bytes  int64 `json:"bytes"`
	Events int64 `json:"events"`
	// Problems are faults, each naming a place. None means that all is well.
	Problems []error `json:"-"`
}

// problemLimit bounds the problems that are listed one by one.
const problemLimit = 1000

func (r *CheckReport) problem(err error) {
	if err != nil && len(r.Problems) < problemLimit {
		r.Problems = append(r.Problems, err)
	}
}

// Check reads everything in a data directory that no process has open: the
// pages of weir.db, every value's checksum, counters against entries, references
// against claims, every content and every event. It changes nothing. Problems
// stand in the report; the error says only why the check could not be made.
func Check(ctx context.Context, dir string) (*CheckReport, error) {
	o, err := openOffline(dir)
	if err != nil {
		return nil, err
	}
	defer o.close()
	r := &CheckReport{Clean: o.clean}
	if o.bad != nil {
		r.problem(o.bad)
		return r, nil
	}
	err = guard(boltFile, func() error {
		return o.db.View(func(tx *bolt.Tx) error { return o.check(ctx, tx, r) })
	})
	if f := fault.As(err); f != nil && f.Code == "store_damaged" {
		r.problem(err)
		err = nil
	}
	if err != nil {
		return nil, err
	}
	return r, o.checkSegments(ctx, r)
}

// offline is a data directory opened for looking only.
type offline struct {
	dir    string
	lock   *lockFile
	db     *bolt.DB
	seg    *segment.Log
	clean  bool
	format uint32 // the version of weir.db; an older one is read as it is
	bad    error  // why weir.db cannot be opened
	claims []flowfile.Claim
}

func openOffline(dir string) (*offline, error) {
	path := filepath.Join(dir, boltFile)
	if fi, err := os.Stat(dir); err == nil && !fi.IsDir() {
		return nil, fault.New("store_not_directory", "path", dir).Permanent()
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fault.New("store_absent", "path", dir).Permanent().Because(err)
	}
	lock, err := acquire(dir, "", time.Now(), pause)
	if err != nil {
		return nil, err
	}
	o := &offline{dir: dir, lock: lock}
	mark, clean := readMark(dir)
	o.clean = clean
	if o.bad = inspect(path, mark, clean); o.bad != nil {
		return o, nil
	}
	err = guard(boltFile, func() (err error) {
		o.db, err = bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: time.Second, FreelistType: bolt.FreelistMapType})
		return err
	})
	if err != nil {
		o.bad = fault.New("store_damaged", "place", path, "what", err).Permanent()
		return o, nil
	}
	var count counters
	o.bad = guard(boltFile, func() error {
		return o.db.View(func(tx *bolt.Tx) (err error) {
			have, err := readFormat(tx)
			o.format = have
			if err == nil && have > formatVersion {
				err = fault.New("store_newer", "path", path, "found", have, "known", formatVersion).Permanent()
			}
			if err == nil {
				count, err = readCounters(tx)
			}
			return err
		})
	})
	if o.bad != nil {
		return o, nil
	}
	o.seg, err = segment.Open(segment.OS(), dir, segment.Options{LastCommit: count.commit, FirstSegment: count.segment, ReadOnly: true})
	if err != nil {
		return nil, errors.Join(err, o.close())
	}
	return o, nil
}

func (o *offline) close() error {
	var errs []error
	if o.seg != nil {
		errs = append(errs, o.seg.Close())
	}
	if o.db != nil {
		errs = append(errs, o.db.Close())
	}
	return errors.Join(append(errs, o.lock.release())...)
}

func (o *offline) check(ctx context.Context, tx *bolt.Tx, r *CheckReport) error {
	for err := range tx.Check() {
		r.problem(fault.New("store_damaged", "place", boltFile, "what", err).Permanent())
	}
	id, err := readIdentity(tx)
	if err != nil {
		return err
	}
	count, err := readCounters(tx)
	if err != nil {
		return err
	}
	r.ID, r.Format, r.Commit = id.ID, o.format, count.commit
	for _, name := range bucketsOf(o.format) {
		if string(name) == string(bucketQueues) {
			continue
		}
		if err := o.checkValues(tx, name, r); err != nil {
			return err
		}
	}
	t := newTallies()
	t.claims = []flowfile.Claim{}
	err = countAll(ctx, tx, t, func(err error) error {
		r.problem(err)
		return nil
	})
	if err != nil {
		return err
	}
	r.Entries = t.entries
	if err := checkCounters(tx, t, count, r); err != nil {
		return err
	}
	stored := map[uint64]int64{}
	err = eachValue(tx, bucketRefs, func(k, v []byte) error {
		if len(k) == 8 && len(v) == 8 {
			stored[be64(k)] = int64(be64(v))
		}
		return nil
	})
	for seg, n := range t.refs {
		if stored[seg] != n {
			r.problem(fault.New("check_references", "segment", seg, "stored", stored[seg], "counted", n).Permanent())
		}
		delete(stored, seg)
	}
	for seg, n := range stored {
		r.problem(fault.New("check_references", "segment", seg, "stored", n, "counted", 0).Permanent())
	}
	o.claims = t.claims
	if err == nil && o.format >= 3 {
		err = r.checkEdits(tx)
	}
	return err
}

// checkValues verifies the values of a top-level bucket one by one.
func (o *offline) checkValues(tx *bolt.Tx, name []byte, r *CheckReport) error {
	b := tx.Bucket(name)
	if b == nil {
		return damagedAt(name, nil, "the bucket is missing")
	}
	c := b.Cursor()
	for k, stored := c.First(); k != nil; k, stored = c.Next() {
		r.Values++
		if _, err := unseal(name, k, stored); err != nil {
			r.problem(err)
		}
	}
	return nil
}

// checkCounters compares what runs say with what was counted, and sees that no
// run is missing.
func checkCounters(tx *bolt.Tx, t *tallies, count counters, r *CheckReport) error {
	look := func(o owner, run *runs.Run) {
		before := run.Clone()
		for _, conn := range run.Recount(t.queued[o], t.parked[o]) {
			var was runs.Queue
			if q := before.Queues[conn]; q != nil {
				was = *q
			}
			now := run.Queues[conn]
			r.problem(fault.New("check_counter", "flow", o.flow, "run", o.run, "connection", conn,
				"stored", fmt.Sprintf("%d+%d", was.Queued.N, was.Parked.N), "counted", fmt.Sprintf("%d+%d", now.Queued.N, now.Parked.N)).Permanent())
		}
		for v := range t.versions[o] {
			if v != run.QueueVersion {
				r.problem(fault.New("store_damaged", "place", fmt.Sprintf("queue %s v%d", o.flow, v), "what",
					fmt.Sprintf("run %d keeps its queues under version %d", o.run, run.QueueVersion)).Permanent())
			}
		}
		delete(t.queued, o)
		delete(t.parked, o)
	}
	for n := uint64(1); n <= count.run; n++ {
		run, err := readRun(tx, flowfile.RunID(n))
		switch {
		case err != nil:
			r.problem(err)
		case run == nil:
			r.problem(damagedAt(bucketRuns, key64(n), "the run is missing"))
		default:
			r.Runs++
			look(owner{run.Flow, run.Number}, run)
		}
	}
	err := eachValue(tx, bucketStream, func(k, v []byte) error {
		run, err := decodeStream(k, v)
		if err == nil {
			look(owner{run.Flow, 0}, run)
		}
		return err
	})
	for _, m := range []map[owner]map[string]flowfile.Tally{t.queued, t.parked} {
		for o := range m {
			r.problem(fault.New("store_damaged", "place", fmt.Sprintf("queues of %s", o.flow), "what",
				fmt.Sprintf("FlowFiles of run %d, which does not exist", o.run)).Permanent())
		}
	}
	return err
}

// checkSegments reads every content that a FlowFile refers to, and all events.
func (o *offline) checkSegments(ctx context.Context, r *CheckReport) error {
	if o.seg == nil {
		return nil
	}
	r.Segments = len(o.seg.Segments())
	slices.SortFunc(o.claims, func(a, b flowfile.Claim) int {
		if a.Segment != b.Segment {
			return int(int64(a.Segment - b.Segment))
		}
		return int(a.Offset - b.Offset)
	})
	for i, c := range o.claims {
		if i > 0 && c == o.claims[i-1] {
			continue // copies share one content
		}
		n, err := o.readClaim(ctx, c)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			r.problem(err)
			continue
		}
		r.Claims++
		r.Bytes += n
	}
	err := o.seg.WalkEvents(ctx, r.Commit, func(segment.Recorded) error {
		r.Events++
		return nil
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.problem(err)
	return nil
}

func (o *offline) readClaim(ctx context.Context, c flowfile.Claim) (int64, error) {
	rc, err := o.seg.OpenClaim(ctx, c)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(io.Discard, rc)
	if cerr := rc.Close(); err == nil {
		err = cerr
	}
	return n, err
}
