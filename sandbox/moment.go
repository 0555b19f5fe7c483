package sandbox

import (
	"crypto/rand"
	"sync"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// transactionLife is how long a transaction may last.
const transactionLife = 270 * time.Second

// transaction reads at one time. What it read must not have changed when it
// commits; collections are watched as a whole, so a conflict may be reported
// where a finer lock would see none, which clients answer by trying again.
type transaction struct {
	time     int64
	readOnly bool

	mu     sync.Mutex
	docs   map[key]bool
	ranges map[string]bool // collection ids queried
}

func (x *transaction) readDocument(k key) {
	if x == nil {
		return
	}
	x.mu.Lock()
	x.docs[k] = true
	x.mu.Unlock()
}

func (x *transaction) readRange(id string) {
	if x == nil {
		return
	}
	x.mu.Lock()
	x.ranges[id] = true
	x.mu.Unlock()
}

// stale reports whether something that the transaction read has changed. The
// caller holds d.mu.
func (x *transaction) stale(d *database) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	for k := range x.docs {
		if g := d.groups[collectionOf(k)]; g != nil {
			if e := g.index.get(k); e != nil && e.head.updated > x.time {
				return true
			}
		}
	}
	for id := range x.ranges {
		if d.changedSince(id, x.time) {
			return true
		}
	}
	return false
}

// transactions are those that have begun and not ended.
type transactions struct {
	mu   sync.Mutex
	open map[string]*transaction
}

func (ts *transactions) begin(d *database, o *pb.TransactionOptions) ([]byte, *transaction, error) {
	x := &transaction{time: d.readNow(), docs: map[key]bool{}, ranges: map[string]bool{}}
	if ro := o.GetReadOnly(); ro != nil {
		x.readOnly = true
		if ts := ro.GetReadTime(); ts != nil {
			var err error
			if x.time, err = d.readAt(ts.GetSeconds(), ts.GetNanos()); err != nil {
				return nil, nil, err
			}
		}
	}
	id := []byte(rand.Text())
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for old, y := range ts.open {
		if y.time < d.now().Add(-history).UnixMicro() {
			delete(ts.open, old)
		}
	}
	ts.open[string(id)] = x
	return id, x, nil
}

// get returns an open transaction; end also closes it.
func (ts *transactions) get(d *database, id []byte) (*transaction, error) {
	return ts.take(d, id, false)
}
func (ts *transactions) end(d *database, id []byte) (*transaction, error) {
	return ts.take(d, id, true)
}

func (ts *transactions) take(d *database, id []byte, end bool) (*transaction, error) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	x := ts.open[string(id)]
	if x == nil {
		return nil, status.Error(codes.InvalidArgument, "The referenced transaction has expired or is no longer valid.")
	}
	if end {
		delete(ts.open, string(id))
	}
	if !x.readOnly && x.time < d.now().Add(-transactionLife).UnixMicro() {
		delete(ts.open, string(id))
		return nil, status.Error(codes.Aborted, "The referenced transaction has expired or is no longer valid.")
	}
	return x, nil
}

// moment is when a request reads.
type moment struct {
	time    int64
	tx      *transaction // nil outside of a transaction
	started []byte       // id of a transaction begun by this request
}

func (m moment) stamp() *timestamppb.Timestamp { return stamp(m.time) }

func stamp(us int64) *timestamppb.Timestamp { return timestamppb.New(time.UnixMicro(us)) }

// selector is what read requests have in common.
type selector interface {
	GetTransaction() []byte
	GetReadTime() *timestamppb.Timestamp
}

// when reads a request's consistency selector.
func (s *service) when(r selector, begin *pb.TransactionOptions) (moment, error) {
	switch {
	case r.GetReadTime() != nil:
		t, err := s.db.readAt(r.GetReadTime().GetSeconds(), r.GetReadTime().GetNanos())
		return moment{time: t}, err
	case len(r.GetTransaction()) > 0:
		x, err := s.open.get(s.db, r.GetTransaction())
		if err != nil {
			return moment{}, err
		}
		return moment{time: x.time, tx: x}, nil
	case begin != nil:
		id, x, err := s.open.begin(s.db, begin)
		if err != nil {
			return moment{}, err
		}
		return moment{time: x.time, tx: x, started: id}, nil
	}
	return moment{time: s.db.readNow()}, nil
}
