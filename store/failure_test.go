package store

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store/segment/segmenttest"
)

// put1 tries to put one FlowFile on c0 of the flow "stream".
func put1(s *Store) error {
	_, err := s.Commit(context.Background(), &flowfile.Delivery{Flow: "stream", Node: "src", Put: []flowfile.Put{{Conn: "c0",
		FlowFile: &flowfile.FlowFile{ID: s.NewID(), Rows: 1, Entered: at, Content: flowfile.Inline(make([]byte, 400))}}},
		Events: []flowfile.Event{{Type: flowfile.EventCreate, ID: 1, Time: at}}})
	return err
}

func TestFullDiskChangesNothingAndPasses(t *testing.T) {
	var free atomic.Int64
	free.Store(1 << 40)
	dir := t.TempDir()
	opts := testOptions()
	opts.Free = func(string) (int64, error) { return free.Load(), nil }
	s := openStore(t, dir, opts)
	publish(t, s, "stream", streamPlan(1))
	feed(t, s, "stream", "c0", 5)
	free.Store(1 << 20)
	err := put1(s)
	if f := fault.As(err); f == nil || f.Code != "disk_full" || f.Class != fault.Retryable || !strings.Contains(err.Error(), dir) {
		t.Errorf("put on a full disk: %v", err)
	}
	// What is queued can be read, moved nowhere, and removed.
	r := &runs.Run{Flow: "stream"}
	x, v, g := session(s, r, "m1", flowfile.Fence{}, []string{"c0"}, "c1")
	for _, f := range x.GetBatch(2) {
		x.Transfer(f, "success")
	}
	if _, err := x.Commit(context.Background()); fault.CodeOf(err) != "disk_full" {
		t.Errorf("move on a full disk: %v", err)
	}
	v.Release(x.Taken())
	g.Close()
	x, _, g = session(s, r, "m1", flowfile.Fence{}, []string{"c0"}, "c1")
	for _, f := range x.GetBatch(2) {
		x.Drop(f, flowfile.Filtered, "test")
	}
	end(t, x, g)
	if n := s.Depth("stream", 0, "c0").N; n != 3 {
		t.Errorf("depth = %d", n)
	}
	free.Store(1 << 40)
	if err := put1(s); err != nil {
		t.Errorf("put when there is room again: %v", err)
	}
	closeStore(t, s)
	if rep := checkClean(t, dir); rep.Entries != 4 {
		t.Errorf("%d entries", rep.Entries)
	}
}

func TestDatabaseThatCannotGrowIsAFullDisk(t *testing.T) {
	dir := t.TempDir()
	opts := testOptions()
	opts.InitialMmapSize = 1 << 15
	opts.hooks.maxSize = 1 << 20
	s := openStore(t, dir, opts)
	publish(t, s, "stream", streamPlan(1))
	var err error
	n := 0
	for ; err == nil && n < 10_000; n++ {
		err = put1(s)
	}
	if fault.CodeOf(err) != "disk_full" {
		t.Fatalf("after %d puts: %v", n, err)
	}
	if got := s.Depth("stream", 0, "c0").N; got != int64(n-1) {
		t.Errorf("%d queued after %d puts", got, n-1)
	}
	r := &runs.Run{Flow: "stream"}
	for range 10 {
		x, _, g := session(s, r, "m1", flowfile.Fence{}, []string{"c0"}, "c1")
		for _, f := range x.GetBatch(n / 20) {
			x.Drop(f, flowfile.Filtered, "test")
		}
		if _, err := x.Commit(context.Background()); err != nil {
			t.Logf("drop: %v", err)
		}
		g.Close()
	}
	if err := put1(s); err != nil {
		t.Errorf("put after half was dropped: %v", err)
	}
	closeStore(t, s)
	checkClean(t, dir)
}

func TestFullDiskUnderSegments(t *testing.T) {
	fsys := segmenttest.New()
	opts := testOptions()
	opts.FS = fsys
	s := openStore(t, t.TempDir(), opts)
	publish(t, s, "stream", streamPlan(1))
	fsys.SetSpace(0)
	if err := put1(s); fault.CodeOf(err) != "disk_full" {
		t.Errorf("put without room for events: %v", err)
	}
	fsys.SetSpace(1 << 30)
	if err := put1(s); err != nil {
		t.Errorf("put when there is room again: %v", err)
	}
	if n := s.Depth("stream", 0, "c0").N; n != 1 {
		t.Errorf("depth = %d", n)
	}
	if ev, err := s.Events(1, 10); err != nil || len(ev) != 1 {
		t.Errorf("events = %v, %v", ev, err)
	}
}

// TestFailedSyncKillsTheStore: after it nothing is claimed, and a restart finds
// what was.
func TestFailedSyncKillsTheStore(t *testing.T) {
	boom := errors.New("input/output error")
	for name, arm := range map[string]func(*Options, *segmenttest.FS) (fire func()){
		"segments": func(o *Options, f *segmenttest.FS) func() {
			return func() { f.FailNext(segmenttest.OpSync, 0, syscall.EIO) }
		},
		"weir.db": func(o *Options, _ *segmenttest.FS) func() {
			var armed atomic.Bool
			o.hooks.beforeCommit = func() error {
				if armed.Load() {
					return boom
				}
				return nil
			}
			return func() { armed.Store(true) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			opts := testOptions()
			fsys := segmenttest.New()
			opts.FS = fsys
			fire := arm(&opts, fsys)
			s := openStore(t, dir, opts)
			publish(t, s, "stream", streamPlan(1))
			if err := put1(s); err != nil {
				t.Fatal(err)
			}
			fire()
			if err := put1(s); fault.CodeOf(err) != "store_failed" || !strings.Contains(err.Error(), "input/output error") {
				t.Fatalf("put with a failing sync: %v", err)
			}
			<-s.Failed()
			if n := s.Depth("stream", 0, "c0").N; n != 1 {
				t.Errorf("depth = %d", n)
			}
			if err := put1(s); fault.CodeOf(err) != "store_failed" {
				t.Errorf("put after that: %v", err)
			}
			if _, err := s.Queues("stream", 0, 0).Take([]string{"c0"}, 1); fault.CodeOf(err) != "store_failed" {
				t.Errorf("take after that: %v", err)
			}
			if err := s.Close(context.Background()); fault.CodeOf(err) != "store_failed" {
				t.Errorf("close: %v", err)
			}
			if _, clean := readMark(dir); clean {
				t.Error("a dead store calls its end clean")
			}
			opts.hooks = hooks{}
			s = openStore(t, dir, opts)
			if n := s.Depth("stream", 0, "c0").N; n != 1 {
				t.Errorf("depth after a restart = %d", n)
			}
			if err := put1(s); err != nil {
				t.Errorf("put after a restart: %v", err)
			}
		})
	}
}

// TestDeliveryOfAnotherVersionIsRefused: its FlowFiles would lie where nobody
// looks for them.
func TestDeliveryOfAnotherVersionIsRefused(t *testing.T) {
	s := openStore(t, t.TempDir(), testOptions())
	publish(t, s, "stream", streamPlan(1))
	_, err := s.Commit(context.Background(), &flowfile.Delivery{Flow: "stream", Version: 1, Node: "src",
		Put: []flowfile.Put{{Conn: "c0", FlowFile: &flowfile.FlowFile{ID: s.NewID()}}}})
	if fault.CodeOf(err) != "internal" {
		t.Errorf("commit: %v", err)
	}
}

// TestEventLogThatFailsKillsTheStore: many events go to their log while the
// transaction is open, so its failure must not pass for a refused delivery.
func TestEventLogThatFailsKillsTheStore(t *testing.T) {
	for _, c := range []struct {
		err  error
		code string
	}{{syscall.EIO, "store_failed"}, {syscall.ENOSPC, "disk_full"}} {
		fsys := segmenttest.New()
		opts := testOptions()
		opts.FS = fsys
		s := openStore(t, t.TempDir(), opts)
		publish(t, s, "stream", streamPlan(1))
		if err := put1(s); err != nil {
			t.Fatal(err)
		}
		fsys.FailNext(segmenttest.OpWrite, 0, c.err)
		d := &flowfile.Delivery{Flow: "stream", Node: "src", Events: make([]flowfile.Event, 2*eventBatch),
			Put: []flowfile.Put{{Conn: "c0", FlowFile: &flowfile.FlowFile{ID: s.NewID()}}}}
		for i := range d.Events {
			d.Events[i] = flowfile.Event{Type: flowfile.EventCreate, ID: s.NewID(), Time: at}
		}
		if _, err := s.Commit(context.Background(), d); fault.CodeOf(err) != c.code {
			t.Errorf("commit with %v: %v", c.err, err)
		}
		if n := s.Depth("stream", 0, "c0").N; n != 1 {
			t.Errorf("depth = %d", n)
		}
		if err := put1(s); (err == nil) != (c.code == "disk_full") {
			t.Errorf("put after %v: %v", c.err, err)
		}
	}
}

func TestNewerFormatIsRefused(t *testing.T) {
	dir := t.TempDir()
	closeStore(t, openStore(t, dir, testOptions()))
	edit(t, dir, func(tx *bolt.Tx) error {
		return put(tx, bucketMeta, keyFormat, binary.BigEndian.AppendUint32(nil, formatVersion+1))
	})
	before, err := os.ReadFile(filepath.Join(dir, boltFile))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err := Open(context.Background(), dir, testOptions())
		if f := fault.As(err); f == nil || f.Code != "store_newer" || f.Args["found"] != strconv.Itoa(formatVersion+1) || f.Args["known"] != strconv.Itoa(formatVersion) {
			t.Errorf("open: %v", err)
		}
	}
	after, err := os.ReadFile(filepath.Join(dir, boltFile))
	if err != nil || string(before) != string(after) {
		t.Errorf("the newer file was changed: %v", err)
	}
}

func TestUpgradeRunsEachStep(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, testOptions())
	var done []uint32
	steps := map[uint32]func(*bolt.Tx) error{}
	for v := uint32(formatVersion); v < formatVersion+3; v++ {
		steps[v] = func(tx *bolt.Tx) error {
			done = append(done, v)
			return put(tx, bucketSettings, []byte{byte('0' + v)}, []byte("{}"))
		}
	}
	err := s.db.Update(func(tx *bolt.Tx) error {
		changed, err := prepare(tx, "weir.db", at, steps, formatVersion+2)
		if err == nil && !changed {
			err = errors.New("nothing was upgraded")
		}
		return err
	})
	if err != nil || len(done) != 2 || done[0] != formatVersion || done[1] != formatVersion+1 {
		t.Errorf("steps %v, %v", done, err)
	}
	err = s.db.View(func(tx *bolt.Tx) error {
		have, err := readFormat(tx)
		if have != formatVersion+2 {
			t.Errorf("format = %d", have)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.db.Update(func(tx *bolt.Tx) error {
		_, err := prepare(tx, "weir.db", at, nil, formatVersion+4)
		return err
	})
	if fault.CodeOf(err) != "store_too_old" {
		t.Errorf("an upgrade without a step: %v", err)
	}
}

// TestFirstFormatIsReadAndUpgraded takes a file back to the first version, which
// knew no endings: it is checked and dumped as it is, and upgraded by a start.
func TestFirstFormatIsReadAndUpgraded(t *testing.T) {
	dir := t.TempDir()
	closeStore(t, openStore(t, dir, testOptions()))
	edit(t, dir, func(tx *bolt.Tx) error {
		if err := tx.DeleteBucket(bucketEndings); err != nil {
			return err
		}
		return put(tx, bucketMeta, keyFormat, binary.BigEndian.AppendUint32(nil, 1))
	})
	r, err := Check(context.Background(), dir)
	if err != nil || len(r.Problems) > 0 || r.Format != 1 {
		t.Fatalf("check %+v, %v", r, err)
	}
	var out strings.Builder
	if err := Dump(context.Background(), &out, dir, "summary"); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, dir, testOptions())
	if _, err := s.Endings(Ending{}, 1); err != nil {
		t.Error(err)
	}
	closeStore(t, s)
	if r, err = Check(context.Background(), dir); err != nil || len(r.Problems) > 0 || r.Format != formatVersion {
		t.Errorf("check after the upgrade %+v, %v", r, err)
	}
}

func TestCancelledCommitIsAllOrNothing(t *testing.T) {
	s := openStore(t, t.TempDir(), testOptions())
	publish(t, s, "stream", streamPlan(1))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	d := &flowfile.Delivery{Flow: "stream", Node: "src", Put: []flowfile.Put{{Conn: "c0", FlowFile: &flowfile.FlowFile{ID: s.NewID()}}}}
	if _, err := s.Commit(ctx, d); !errors.Is(err, context.Canceled) {
		t.Errorf("commit: %v", err)
	}
	if n := s.Depth("stream", 0, "c0").N; n != 0 {
		t.Errorf("depth = %d", n)
	}
}

func TestPublishKeepsDataAndNumbers(t *testing.T) {
	s := openStore(t, t.TempDir(), testOptions())
	ctx := context.Background()
	one := publish(t, s, "stream", streamPlan(1))
	feed(t, s, "stream", "c1", 2)
	if again := publish(t, s, "stream", streamPlan(1)); again != one {
		t.Errorf("the same document became version %d", again)
	}
	lacks := streamPlan(1)
	delete(lacks.Conns, "c1")
	if _, err := s.Publish(ctx, "stream", Publication{Doc: []byte("lacks"), Plan: lacks, Continuous: true}); fault.CodeOf(err) != "connection_holds_data" {
		t.Errorf("publish without a connection that holds data: %v", err)
	}
	_, err := s.Publish(ctx, "stream", Publication{Doc: []byte("dated"), Plan: streamPlan(1)})
	if f := fault.As(err); f == nil || f.Code != "connection_holds_data" || f.Args["connection"] != "c1" || f.Args["count"] != "2" {
		t.Errorf("publish as a flow of runs, which would never take continuous data: %v", err)
	}
	adhoc, err := s.Publish(ctx, "stream", Publication{Doc: []byte("adhoc"), Plan: lacks, AdHoc: true})
	if err != nil || adhoc != 2 {
		t.Errorf("ad hoc: %d, %v", adhoc, err)
	}
	if v, err := s.Version("stream", 0); err != nil || v.Number != one {
		t.Errorf("in force: %+v, %v", v, err)
	}
	two := publish(t, s, "stream", streamPlan(2))
	if two != 3 {
		t.Errorf("version %d", two)
	}
	if back := publish(t, s, "stream", streamPlan(1)); back != one {
		t.Errorf("going back gave version %d", back)
	}
	if v, err := s.Version("stream", 0); err != nil || v.Number != one {
		t.Errorf("in force: %+v, %v", v, err)
	}
	if vs, err := s.Versions("stream"); err != nil || len(vs) != 3 || !vs[1].AdHoc {
		t.Errorf("versions: %+v, %v", vs, err)
	}
	for _, err := range []error{second(s.Version("stream", 9)), second(s.Version("none", 0)), second(s.Draft("none"))} {
		if c := fault.CodeOf(err); c != "version_unknown" && c != "flow_unknown" {
			t.Errorf("unknown: %v", err)
		}
	}
}
