package engine

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/processors"
)

// How long things take when nobody said otherwise.
const (
	hungGrace      = 10 * time.Second
	overtakenRest  = 100 * time.Millisecond
	defaultPenalty = 30 * time.Second
	defaultYield   = time.Second
	defaultEvery   = time.Minute
	defaultLimit   = 10_000
	defaultBytes   = 1_000_000_000
)

// node is one node of an instance with its workers.
type node struct {
	in   *instance
	slug string
	def  flows.Node
	conf *processors.Configured
	env  processors.Env
	log  *slog.Logger

	inputs  map[string][]string
	outputs map[flowfile.Relationship]flowfile.Route
	limits  []limit
	// outside are the incoming connections that are not part of a loop.
	outside map[string]bool
	// feeds is true when a connection leads out.
	feeds bool
	// acts is true for a source or a whole-run node: it owns an activity.
	acts   bool
	source bool
	whole  bool
	timer  *timer // when a source of continuous data acts
	// expires is true when an incoming connection drops what grows old.
	expires bool

	mu    sync.Mutex
	wakes []chan struct{}
	life  int // rises with each terminate; workers of an older life end
	proc  *starting
	tasks map[*task]bool
	solo  int // sessions left that take one FlowFile, after a failed batch
	seen  Seen
	// phase is what the workers are to do, crew how many there are; halt is closed
	// to let them end. Once lets one run a single session. Used says that workers
	// were there before, invalid that the settings did not hold when they were to
	// come.
	phase   phase
	crew    int
	halt    chan struct{}
	once    bool
	used    bool
	invalid bool
	meter   *meter
	// told is when the node's failure toldCode was last logged, on continuous data.
	told     time.Time
	toldCode string
}

// limit is the back pressure of one outgoing connection.
type limit struct {
	conn  string
	count int64
	bytes int64
	loop  bool // the connection leads back to its own source
}

func newNode(in *instance, slug string, def flows.Node, c *processors.Configured, env processors.Env) *node {
	n := &node{in: in, slug: slug, def: def, conf: c, env: env, log: in.log.With("node", slug),
		inputs: map[string][]string{}, outputs: map[flowfile.Relationship]flowfile.Route{},
		proc: newStarting(c.Processor), tasks: map[*task]bool{}}
	n.env.Node = slug
	n.source, n.whole = c.Info.Source, c.Info.WholeRun
	n.acts = n.source || n.whole
	for _, o := range c.Outputs {
		n.outputs[o.Name] = flowfile.Route{Class: o.Class}
	}
	for _, i := range c.Info.Inputs {
		n.inputs[i.Name] = nil
	}
	if n.source && in.run.IsZero() {
		n.timer = newSchedule(def)
	}
	n.meter = in.e.meterOf(in.key.flow, slug)
	if in.key.run != 0 {
		n.meter = &meter{up: n.meter}
	}
	return n
}

// leads notes an outgoing connection.
func (n *node) leads(conn string, c flows.Connection, to *node) {
	n.feeds = true
	for _, o := range c.Output {
		r := n.outputs[flowfile.Relationship(o)]
		r.Conns = append(r.Conns, conn)
		n.outputs[flowfile.Relationship(o)] = r
	}
	if to.whole && !n.in.run.IsZero() {
		return // what a gate waits for must be able to arrive
	}
	l := limit{conn: conn}
	l.count, l.bytes = Limits(c)
	n.limits = append(n.limits, l)
}

// Limits returns how many FlowFiles and bytes fill a connection.
func Limits(c flows.Connection) (count, bytes int64) {
	count, bytes = defaultLimit, defaultBytes
	if c.Limit != nil {
		if c.Limit.FlowFiles > 0 {
			count = c.Limit.FlowFiles
		}
		bytes = c.Limit.Bytes.Value(defaultBytes)
	}
	return count, bytes
}

// full returns the first outgoing connection that holds the node back.
func (n *node) full() (string, bool) {
	for _, l := range n.limits {
		if !l.loop && n.reached(l) {
			return l.conn, true
		}
	}
	return "", false
}

func (n *node) reached(l limit) bool {
	q := n.in.e.store.Depth(n.in.key.flow, n.in.key.run, l.conn)
	return q.N >= l.count || q.Bytes >= l.bytes
}

// shut returns the connections that the node may not take from for now. A full
// connection of a loop does not hold its node back, for the nodes of the loop
// would wait for each other without end; it keeps out what is not in the loop.
func (n *node) shut() map[string]bool {
	for _, l := range n.limits {
		if l.loop && n.reached(l) {
			return n.outside
		}
	}
	return nil
}

// poke wakes the node's workers.
func (n *node) poke() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, w := range n.wakes {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

func (n *node) workers() int {
	if n.once || n.acts || n.conf.Info.Single {
		return 1
	}
	return max(1, n.def.Workers)
}

func (n *node) startWorkers() {
	n.in.joining.Lock()
	defer n.in.joining.Unlock()
	if n.in.drained() {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.phase != phaseOn {
		if n.phase == phaseHalting && n.crew == 0 { // its last tasks were given up
			n.in.wg.Go(n.halted)
		}
		return
	}
	life, halt, once := n.life, n.halt, n.once
	for range n.workers() {
		w := make(chan struct{}, 1)
		w <- struct{}{}
		n.wakes = append(n.wakes, w)
		n.crew++
		n.in.wg.Go(func() {
			defer n.left(life)
			if once {
				n.step(life)
				return
			}
			n.work(w, halt, life)
		})
	}
}

// work is one worker: it steps until nothing is left to do, then sleeps until
// it is woken or its time has come.
func (n *node) work(wake, halt chan struct{}, life int) {
	t := time.NewTimer(n.in.e.cfg.idle)
	defer t.Stop()
	for {
		select {
		case <-n.in.quit:
			return
		case <-n.in.ctx.Done():
			return
		case <-halt:
			return
		case <-wake:
		case <-t.C:
		}
		for {
			if n.ending() || n.gone(life) {
				return
			}
			p := n.step(life)
			if p.again {
				continue
			}
			wait := n.in.e.cfg.idle
			if !p.at.IsZero() {
				wait = max(p.at.Sub(n.in.e.cfg.Now()), 0)
			}
			t.Reset(wait)
			break
		}
	}
}

func (n *node) ending() bool {
	select {
	case <-n.in.quit:
		return true
	case <-n.in.ctx.Done():
		return true
	default:
		return false
	}
}

// gone reports whether a worker of a life is to end after its session.
func (n *node) gone(life int) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.life != life || n.phase != phaseOn
}

func (n *node) haltNow() chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.halt
}

func (n *node) lifeNow() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.life
}

// environment is what the node's processor is given, services opened.
func (n *node) environment(ctx context.Context) (processors.Env, error) {
	env := n.env
	env.Log = n.log
	var err error
	env.Services, err = n.in.services.clients(ctx, n.conf.Services)
	return env, err
}

// starting is a processor that is started before its first session, by one of
// its workers while the others wait.
type starting struct {
	processors.Processor
	turn    chan struct{} // whoever has put something in has the turn
	begun   bool          // Start was called, and may have failed
	started bool
	phase   atomic.Int32 // procStarting while Start is under way
}

// procStarting is the phase of a processor whose Start is under way.
const procStarting = 1

func newStarting(p processors.Processor) *starting {
	return &starting{Processor: p, turn: make(chan struct{}, 1)}
}

// ready starts the processor once before its first session.
func (n *node) ready(ctx context.Context) (processors.Processor, error) {
	n.mu.Lock()
	p := n.proc
	n.mu.Unlock()
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-p.turn }()
	if p.started {
		return p.Processor, nil
	}
	env, err := n.environment(ctx)
	if err != nil {
		return nil, err
	}
	p.begun = true
	p.phase.Store(procStarting)
	defer p.phase.Store(0)
	if s, ok := p.Processor.(processors.Starter); ok {
		if err := n.caught(func() error { return s.Start(ctx, env) }); err != nil {
			return nil, err
		}
	}
	p.started = true
	return p.Processor, nil
}

func (n *node) stopProcessor(ctx context.Context) {
	n.mu.Lock()
	p := n.proc
	n.mu.Unlock()
	select {
	case p.turn <- struct{}{}:
	default:
		return // it hangs in its start, abandoned
	}
	defer func() { <-p.turn }()
	if s, ok := p.Processor.(processors.Stopper); ok && p.begun {
		if err := n.caught(func() error { return s.Stop(ctx) }); err != nil {
			n.log.Warn("stop processor", "error", err)
		}
	}
	p.begun, p.started = false, false
}

// caught calls into a processor and turns a panic into an error.
func (n *node) caught(call func() error) error { return n.in.caught(n.slug, n.def.Kind, call) }

// caught calls into the code of a kind and turns a panic into an error.
func (in *instance) caught(name, kind string, call func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			in.log.Error("processor panicked", "node", name, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			err = fault.New("processor_panic", "node", name, "kind", kind, "what", v)
		}
	}()
	return call()
}

// backoff doubles the delay with each attempt up to a cap, and spreads it by a
// tenth so that many do not return at once.
func backoff(base time.Duration, attempt int) time.Duration {
	const most = 10 * time.Minute
	d := base
	for range min(attempt, 16) {
		if d *= 2; d > most {
			d = max(base, most)
			break
		}
	}
	if d <= 0 {
		return 0
	}
	return d + time.Duration(rand.Int64N(int64(d)/10+1))
}

func (n *node) conns() []string {
	var all []string
	for _, c := range n.inputs {
		all = append(all, c...)
	}
	slices.Sort(all)
	return all
}
