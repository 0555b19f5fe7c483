package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store/segment"
)

// boltFile is the name of the database within a data directory.
const boltFile = "weir.db"

// Open opens the store of a data directory, which is made when missing, and
// returns it running. After an unclean stop everything queued is counted again
// and running activities are made ready once more.
//
// Faults: store_locked names the process that has the directory, store_newer
// the version that is not understood, store_damaged a place that is not as it
// was written, store_unwritable and store_not_directory a path that is of no use.
// A directory that others may look into is closed to them; one that is not ours
// to close is store_open_to_others.
func Open(ctx context.Context, dir string, opts Options) (*Store, error) {
	opts.fill()
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	lock, err := acquire(dir, opts.Socket, opts.Now(), pause)
	if err != nil {
		return nil, err
	}
	s := &Store{
		dir: dir, opts: opts, log: opts.Log, now: opts.Now, lock: lock, schemas: map[string]bool{},
		requests: requestQueue{wake: make(chan struct{}, 1)},
		runs:     map[flowfile.RunID]*runs.Run{}, streams: map[string]*runs.Run{}, refs: map[uint64]int64{},
		queues: map[queueKey]*queue{}, graphs: map[graphKey]*runs.Graph{}, listeners: map[uint64]func([]Committed){},
		orphans: map[uint64]time.Time{}, failed: make(chan struct{}), ended: make(chan struct{}, 1),
	}
	if err := s.open(ctx); err != nil {
		err = errors.Join(err, s.abandon())
		if f := fault.As(err); f != nil {
			return nil, f
		}
		return nil, err
	}
	return s, nil
}

func makeDir(dir string) error {
	switch fi, err := os.Stat(dir); {
	case err == nil && !fi.IsDir():
		return fault.New("store_not_directory", "path", dir).Permanent()
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return unwritable(dir, err)
	case err != nil:
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return unwritable(dir, err)
		}
	default:
		return closeToOthers(dir, fi)
	}
	return nil
}

// closeToOthers takes the rights of group and others off a directory that was
// made with more: FlowFiles hold what their sources would show to few. One that
// others keep things in too, such as /tmp, is not ours to close.
func closeToOthers(dir string, fi fs.FileInfo) error {
	const others = 0o077
	if fi.Mode()&others == 0 {
		return nil
	}
	if !owned(fi) || fi.Mode()&fs.ModeSticky != 0 {
		return fault.New("store_open_to_others", "path", dir).Permanent()
	}
	if err := os.Chmod(dir, fi.Mode()&^others); err != nil {
		return fault.New("store_open_to_others", "path", dir).Permanent().Because(err)
	}
	return nil
}

// open does what Open promises, once the lock is taken.
func (s *Store) open(ctx context.Context) error {
	mark, clean := readMark(s.dir)
	if err := s.openBolt(mark, clean); err != nil {
		return err
	}
	if err := guard(boltFile, func() error { return s.db.View(s.load) }); err != nil {
		return err
	}
	s.published = s.count
	var err error
	s.seg, err = segment.Open(s.opts.FS, s.dir, segment.Options{
		LastCommit: s.count.commit, FirstSegment: s.count.segment, Now: s.opts.Now,
	})
	if err != nil {
		return err
	}
	if err := removeMark(s.dir, !s.opts.NoSync); err != nil {
		return unwritable(s.dir, err)
	}
	if !clean || s.size <= wholeLook {
		if err := s.recount(ctx, clean); err != nil {
			return err
		}
	}
	if err := giveBack(s.db.Info().Data, s.size); err != nil {
		s.log.Debug("give back mapped pages", "error", err)
	}
	s.nextID.Store(s.count.idMark)
	s.noteOrphans()
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.workers.Add(2)
	go s.commitLoop(run)
	go s.janitor(run)
	return s.recover(ctx, clean)
}

// openBolt opens the database, after looking whether it can be trusted.
func (s *Store) openBolt(mark cleanMark, clean bool) error {
	path := filepath.Join(s.dir, boltFile)
	if err := inspect(path, mark, clean); err != nil {
		return err
	}
	err := guard(boltFile, func() (err error) {
		s.db, err = bolt.Open(path, 0o600, &bolt.Options{
			Timeout:         time.Second,
			NoFreelistSync:  true,
			FreelistType:    bolt.FreelistMapType,
			InitialMmapSize: s.opts.InitialMmapSize,
			MaxSize:         s.opts.hooks.maxSize,
			NoSync:          s.opts.NoSync,
			NoStatistics:    true,
		})
		return err
	})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return locked(s.dir)
	case errors.Is(err, fs.ErrPermission):
		return unwritable(s.dir, err)
	case err != nil && isDiskFull(err):
		return diskFull(s.dir, err)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return fault.New("store_damaged", "place", path, "what", err).Permanent()
	case err != nil && fault.As(err) == nil:
		return fmt.Errorf("open %s: %w", path, err)
	case err != nil:
		return err
	}
	if fi, err := os.Stat(path); err == nil {
		s.size = fi.Size()
	}
	return guard(boltFile, func() error {
		tx, err := s.db.Begin(true)
		if err != nil {
			return err
		}
		changed, err := prepare(tx, path, s.now(), upgrades, formatVersion)
		if err == nil && changed {
			return tx.Commit()
		}
		return errors.Join(err, tx.Rollback())
	})
}

// load reads what is kept in memory.
func (s *Store) load(tx *bolt.Tx) (err error) {
	if s.identity, err = readIdentity(tx); err != nil {
		return err
	}
	if s.count, err = readCounters(tx); err != nil {
		return err
	}
	err = eachValue(tx, bucketActive, func(k, _ []byte) error {
		if len(k) != 8 {
			return damagedAt(bucketActive, k, "the key has a wrong length")
		}
		n := flowfile.RunID(be64(k))
		r, err := readRun(tx, n)
		if err == nil && r == nil {
			err = damagedAt(bucketRuns, k, "the run is missing")
		}
		s.runs[n] = r
		return err
	})
	if err != nil {
		return err
	}
	err = eachValue(tx, bucketStream, func(k, v []byte) error {
		r, err := decodeStream(k, v)
		s.streams[string(k)] = r
		return err
	})
	if err != nil {
		return err
	}
	return eachValue(tx, bucketRefs, func(k, v []byte) error {
		if len(k) != 8 || len(v) != 8 {
			return damagedAt(bucketRefs, k, "the count has a wrong length")
		}
		s.refs[be64(k)] = int64(be64(v))
		return nil
	})
}

// eachValue visits the checked values of a top-level bucket. They point into
// the transaction.
func eachValue(tx *bolt.Tx, bucket []byte, visit func(k, v []byte) error) error {
	b := tx.Bucket(bucket)
	if b == nil {
		return damagedAt(bucket, nil, "the bucket is missing")
	}
	c := b.Cursor()
	for k, stored := c.First(); k != nil; k, stored = c.Next() {
		v, err := unseal(bucket, k, stored)
		if err != nil {
			return err
		}
		if err := visit(k, v); err != nil {
			return err
		}
	}
	return nil
}

// Close finishes the commits that wait, writes what makes the next start quick
// and gives the data directory back. Later calls of the store get store_closed.
// It waits for everything the store has started; ctx does not cut that short,
// because the lock may not be dropped before the committer has ended.
func (s *Store) Close(ctx context.Context) error {
	s.closed.Do(func() {
		s.closing.Store(true)
		s.backups.Lock()
		defer s.backups.Unlock()
		s.stop()
		s.workers.Wait()
		s.closeEr = s.shut()
	})
	return s.closeEr
}

// shut closes the files, in the order that lets the clean mark be true.
func (s *Store) shut() error {
	segErr := s.seg.Close()
	if err := s.Err(); err != nil || segErr != nil {
		return errors.Join(err, segErr, s.abandon())
	}
	// With the freelist in the file the next open need not walk all pages.
	s.db.NoFreelistSync = false
	err := guard(boltFile, func() error {
		return s.db.Update(func(tx *bolt.Tx) error {
			return put(tx, bucketMeta, keyCounters, s.count.encode())
		})
	})
	if cerr := s.closeBolt(); err == nil {
		err = cerr
	}
	if err == nil {
		err = writeMark(s.dir)
	}
	return errors.Join(err, s.abandon())
}

// abandon closes what is open without claiming anything.
func (s *Store) abandon() error {
	var errs []error
	if s.stop != nil {
		s.closing.Store(true)
		s.stop()
		s.workers.Wait()
	}
	if s.seg != nil {
		errs = append(errs, s.seg.Close())
	}
	errs = append(errs, s.closeBolt())
	return errors.Join(append(errs, s.lock.release())...)
}

// closeBolt closes the database when its last reader has ended.
func (s *Store) closeBolt() error {
	s.dbMu.Lock()
	defer s.dbMu.Unlock()
	db := s.db
	s.db = nil
	if db == nil || s.stuck.Load() {
		return nil // the operating system closes it with the process
	}
	return guard(boltFile, db.Close)
}
