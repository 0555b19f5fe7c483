package engine

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/runs"
)

// Config is what an engine is made of. Store, Queues, Stage and Env are
// required.
type Config struct {
	Store Store
	// Queues makes the view of one session of what a run has queued.
	Queues func(flow string, version uint32, run flowfile.RunID) View
	// Stage makes the content of one session.
	Stage func() Stage
	Log   *slog.Logger
	// RunLog returns the handler that keeps the log of one run, or nil.
	RunLog func(flow, runID string) slog.Handler
	// Env returns what processors may reach, without services, which the engine
	// opens itself.
	Env func() processors.Env
	// Secrets resolves the secrets of settings.
	Secrets processors.Secrets
	// Finalize, when set, does what must be there before a run ends well, such as
	// writing its receipts. The run is given as it will be then. It may be called
	// again for the same run, after a crash too, and must do the same. A fault that
	// is not permanent is tried again while the run stays FINALIZING; a permanent
	// one fails the run, which a resume brings back here.
	Finalize func(context.Context, *runs.Run, *runs.Graph) error
	// Now is the wall clock; nil means time.Now.
	Now func() time.Time
	// Tasks bounds the Process calls at work at once; zero means four for each
	// processor core, at least eight.
	Tasks int
	// Schedule lets the scheduler make runs of enabled flows.
	Schedule bool
	// Only, when set, is the one run that is admitted: a command that opens the
	// data directory itself works on its own run alone.
	Only func(flow string, n flowfile.RunID) bool

	// Changed, when set, hears that a run changed its state or that of a node;
	// Bulletin hears of what people should see. Both are called from where it
	// happens and must return at once.
	Changed  func(flow string, n flowfile.RunID)
	Bulletin func(Bulletin)

	// idle is how long a worker sleeps that nobody wakes; tests make it so long
	// that a wake-up which was forgotten shows.
	idle time.Duration
}

// Engine runs flows. Make one with Open; Close joins all it started.
type Engine struct {
	cfg   Config
	store Store
	log   *slog.Logger
	slots chan struct{} // one for each Process call at work
	// atWork counts those calls and the ones that were terminated but have not
	// returned.
	atWork atomic.Int64

	ctx    context.Context
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup

	// metering guards the map of meters, by flow and node.
	metering sync.Mutex
	meters   map[string]map[string]*meter

	// tracking lets one goroutine at a time follow a run into its backlog.
	tracking sync.Mutex

	mu       sync.Mutex
	backlogs map[string]*backlog
	// onces are nodes of continuous flows that are to run one session; invalid
	// names those whose settings did not hold when their flow was to start.
	onces     map[string]map[string]bool
	invalid   map[runKey]map[string]bool
	instances map[runKey]*instance
	tries     map[runKey]int // of the preflights that failed; a wait for a quota is none
	// preflights holds what is known of queued runs that were looked at.
	preflights map[runKey]preflight
	// finals holds what is known of finalizing runs that were looked at.
	finals map[runKey]*final
	// asking tells whose answers the preflights that are under way wait for.
	asking map[runKey]*asked
	// troubles tell what keeps a run from being at work.
	troubles  map[runKey]Trouble
	dirty     map[runKey]bool
	waiters   map[runKey][]chan struct{}
	closed    bool
	signal    chan struct{}
	scheduler chan struct{}
}

// runKey names a run; number zero is the flow's continuous data.
type runKey struct {
	flow string
	run  flowfile.RunID
}

// Open starts an engine: it takes up the runs that have not ended and, where
// asked, the schedule.
func Open(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.idle == 0 {
		cfg.idle = time.Hour
	}
	if cfg.Tasks == 0 {
		cfg.Tasks = max(8, 4*runtime.NumCPU())
	}
	e := &Engine{
		cfg: cfg, store: cfg.Store, log: cfg.Log,
		slots:      make(chan struct{}, cfg.Tasks),
		backlogs:   map[string]*backlog{},
		onces:      map[string]map[string]bool{},
		invalid:    map[runKey]map[string]bool{},
		meters:     map[string]map[string]*meter{},
		instances:  map[runKey]*instance{},
		tries:      map[runKey]int{},
		preflights: map[runKey]preflight{},
		finals:     map[runKey]*final{},
		asking:     map[runKey]*asked{},
		troubles:   map[runKey]Trouble{},
		dirty:      map[runKey]bool{},
		waiters:    map[runKey][]chan struct{}{},
		signal:     make(chan struct{}, 1),
		scheduler:  make(chan struct{}, 1),
	}
	e.ctx, e.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	if err := e.takeUp(); err != nil {
		e.cancel(err)
		return nil, err
	}
	e.wg.Go(e.direct)
	if cfg.Schedule {
		e.wg.Go(e.schedule)
	}
	return e, nil
}

// takeUp marks all that needs a look after a start.
func (e *Engine) takeUp() error {
	for _, r := range e.store.UnfinishedRuns() {
		e.backlogOf(r.Flow).note(r) // nobody else is here yet
		e.look(r.Flow, r.Number)
	}
	if e.cfg.Only != nil {
		return nil
	}
	ids, err := e.store.FlowIDs()
	if err != nil {
		return err
	}
	for _, id := range ids {
		st, err := e.store.Schedule(id)
		if err != nil {
			return err
		}
		if st.Started {
			e.look(id, 0)
		}
	}
	return nil
}

// Close stops all work: sessions finish or roll back, and every goroutine is
// joined. It waits until ctx ends for tasks that do not return; those are
// abandoned, their FlowFiles are back in their queues at the next start.
func (e *Engine) Close(ctx context.Context) error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	all := make([]*instance, 0, len(e.instances))
	for _, in := range e.instances {
		all = append(all, in)
	}
	e.mu.Unlock()
	for _, in := range all {
		in.drain()
	}
	joined := make(chan struct{})
	go func() {
		for _, in := range all {
			in.wg.Wait()
			in.close(ctx)
		}
		e.cancel(errClosed)
		e.wg.Wait()
		close(joined)
	}()
	select {
	case <-joined:
		return nil
	case <-ctx.Done():
	}
	e.cancel(errClosed) // no more patience: contexts of running tasks end
	grace := time.NewTimer(time.Second)
	defer grace.Stop()
	select {
	case <-joined:
		return nil
	case <-grace.C:
		for _, in := range all {
			in.revokeAll()
		}
		return fault.New("close_hung", "tasks", e.atWork.Load())
	}
}

// look asks the director to look at a run.
func (e *Engine) look(flow string, n flowfile.RunID) {
	e.mu.Lock()
	e.dirty[runKey{flow, n}] = true
	e.mu.Unlock()
	select {
	case e.signal <- struct{}{}:
	default:
	}
}

// commit applies a delivery and wakes whom it concerns.
func (e *Engine) commit(ctx context.Context, d *flowfile.Delivery) (runs.Effects, error) {
	eff, err := e.store.Commit(ctx, d)
	if err != nil {
		return eff, err
	}
	e.mu.Lock()
	in := e.instances[runKey{d.Flow, d.Run}]
	e.mu.Unlock()
	if in != nil {
		in.touched(d, eff)
	}
	if len(eff.Changes) > 0 {
		e.tell(d.Flow, eff)
		if e.cfg.Changed != nil {
			e.cfg.Changed(d.Flow, eff.Run)
		}
	}
	if eff.From != eff.To {
		e.track(d.Flow, eff.Run)
	}
	if eff.From != eff.To || d.Order != nil {
		e.look(d.Flow, eff.Run)
	}
	return eff, nil
}

// Commit applies a delivery of the server's making, such as an order about a
// queue, and wakes whom it concerns.
func (e *Engine) Commit(ctx context.Context, d *flowfile.Delivery) (runs.Effects, error) {
	return e.commit(ctx, d)
}

// direct is the director: it looks at each run that changed.
func (e *Engine) direct() {
	for {
		select {
		case <-e.ctx.Done():
			return
		case <-e.signal:
		}
		for {
			e.mu.Lock()
			var k runKey
			found := false
			for k = range e.dirty {
				delete(e.dirty, k)
				found = true
				break
			}
			closed := e.closed
			e.mu.Unlock()
			if !found || closed {
				break
			}
			e.reconcile(k)
		}
	}
}
