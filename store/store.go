package store

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store/segment"
)

// Store is the durable side of one data directory. Its methods may be called by
// several goroutines at once.
type Store struct {
	dir      string
	opts     Options
	log      *slog.Logger
	now      func() time.Time
	dbMu     sync.RWMutex // held for reading by readers, for writing to close
	db       *bolt.DB
	seg      *segment.Log
	lock     *lockFile
	identity identity
	size     int64 // of weir.db at open, for the advice about its pages

	// The committer's own.
	count    counters
	schemas  map[string]bool
	events   []flowfile.Event // kept for its memory
	nextID   atomic.Uint64
	requests requestQueue
	tokens   atomic.Uint64
	turn     atomic.Uint64 // round robin between connections
	loaded   atomic.Int64  // FlowFiles decoded in memory

	mu      sync.RWMutex // guards what follows; taken before a queue's own
	runs    map[flowfile.RunID]*runs.Run
	streams map[string]*runs.Run
	refs    map[uint64]int64
	queues  map[queueKey]*queue

	published counters
	listeners map[uint64]func([]Committed)
	orphans   map[uint64]time.Time // unreferenced segments, since when

	graphMu sync.Mutex
	graphs  map[graphKey]*runs.Graph

	deadOnce sync.Once
	failed   chan struct{}
	ended    chan struct{}
	failure  error

	stop    context.CancelFunc
	workers sync.WaitGroup
	closing atomic.Bool
	stuck   atomic.Bool // a transaction could not be ended
	closed  sync.Once
	closeEr error
	backups sync.Mutex
}

// graphKey names a flow version; version zero is the newest published one.
type graphKey struct {
	flow    string
	version uint32
}

// ID returns the random id that the data directory got at its creation.
func (s *Store) ID() string { return s.identity.ID }

// Dir returns the data directory.
func (s *Store) Dir() string { return s.dir }

// Failed is closed when the store has died: a sync failed, and nothing can be
// promised any more. The server stops with the error of Err.
func (s *Store) Failed() <-chan struct{} { return s.failed }

// Ended yields a value soon after runs have ended; Endings tells which.
func (s *Store) Ended() <-chan struct{} { return s.ended }

// Err returns why the store died, or nil.
func (s *Store) Err() error {
	select {
	case <-s.failed:
		return s.failure
	default:
		return nil
	}
}

// die marks the store dead and returns the fault that every caller gets.
func (s *Store) die(err error) error {
	s.deadOnce.Do(func() {
		s.failure = fault.New("store_failed", "path", s.dir).Permanent().Because(err)
		s.log.Error("store failed", "dir", s.dir, "error", err)
		close(s.failed)
	})
	<-s.failed
	return s.failure
}

// usable says why nothing can be committed, if so.
func (s *Store) usable() error {
	if err := s.Err(); err != nil {
		return err
	}
	if s.closing.Load() {
		return fault.New("store_closed", "path", s.dir).Permanent()
	}
	return nil
}

// NewID returns a FlowFile id that was never returned before. Ids that no
// commit has used may return after a crash; nothing durable knows them.
func (s *Store) NewID() flowfile.ID { return flowfile.ID(s.nextID.Add(1)) }

// Committed is what one commit of the store changed, as subscribers see it.
// Neither part may be changed.
type Committed struct {
	// Commit is the number of the group commit.
	Commit   uint64
	Delivery *flowfile.Delivery
	Effects  runs.Effects
}

// Subscribe registers fn, which is called with the deliveries of each group
// commit once they are durable and visible, before their callers are answered.
// It runs in the committer: it must be quick and must not commit. The returned
// function ends the subscription.
func (s *Store) Subscribe(fn func([]Committed)) (cancel func()) {
	id := s.tokens.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listeners[id] = fn
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.listeners, id)
	}
}
