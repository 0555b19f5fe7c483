package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store"
)

// The kinds of these tests. What they do beyond moving data is steered by the
// knobs of the bench that runs them, found by the flow's slug.

type testSource struct {
	Count, Rows int64
	env         processors.Env
}

func (p *testSource) Define(s *processors.Spec) {
	s.Describe("TestSource", "Emits numbered records.")
	s.Int(&p.Count, "count", "How many FlowFiles to emit.", processors.Min(0))
	s.Int(&p.Rows, "rows", "How many rows each holds.", processors.Min(1))
	s.Output("success", "The numbers.")
}

func (p *testSource) Start(_ context.Context, env processors.Env) error {
	p.env = env
	return nil
}

func (p *testSource) Process(ctx context.Context, s *flowfile.Session) error {
	var at int64
	if _, err := s.Cursor().Load(&at); err != nil {
		return err
	}
	if err := knobs(p.env.Flow).strike(ctx, "source", fmt.Sprint(at)); err != nil {
		return err
	}
	if at < p.Count {
		f := s.Create()
		err := s.WriteRecords(f, []byte(`[["n","int64"]]`), func(w io.Writer) (int64, error) {
			for i := range p.Rows {
				if _, err := fmt.Fprintf(w, "{\"n\":%d}\n", at*p.Rows+i); err != nil {
					return 0, err
				}
			}
			return p.Rows, nil
		})
		if err != nil {
			return err
		}
		s.Read(p.Rows)
		s.Set(f, "number", fmt.Sprint(at))
		s.Transfer(f, "success")
		at++
		if err := s.Cursor().Save(at); err != nil {
			return err
		}
	}
	if at >= p.Count {
		s.Done()
	}
	return nil
}

type testMap struct {
	Batch int64
	env   processors.Env
}

func (p *testMap) Define(s *processors.Spec) {
	s.Describe("TestMap", "Passes FlowFiles on.")
	s.Int(&p.Batch, "batch", "How many FlowFiles a session takes.", processors.Min(1))
	s.Input("", "What is passed on.")
	s.Output("success", "What came.")
	s.Batching()
}

func (p *testMap) Start(ctx context.Context, env processors.Env) error {
	p.env = env
	return knobs(env.Flow).strike(ctx, "start", "")
}

func (p *testMap) Process(ctx context.Context, s *flowfile.Session) error {
	for _, f := range s.GetBatch(int(p.Batch)) {
		if err := knobs(p.env.Flow).strike(ctx, "map", f.Attr("number")); err != nil {
			return err
		}
		s.Transfer(f, "success")
	}
	return nil
}

type testSink struct {
	env processors.Env
}

func (p *testSink) Define(s *processors.Spec) {
	s.Describe("TestSink", "Keeps what a whole run has brought.")
	s.Input("", "What is kept.", processors.WholeRun)
}

func (p *testSink) Start(_ context.Context, env processors.Env) error {
	p.env = env
	return nil
}

func (p *testSink) Verify(ctx context.Context, env processors.Env) []processors.Step {
	if err := knobs(env.Flow).strike(ctx, "verify", ""); err != nil {
		return []processors.Step{processors.Failed(fault.New("Look around"), err)}
	}
	return nil
}

func (p *testSink) Process(ctx context.Context, s *flowfile.Session) error {
	b := knobs(p.env.Flow)
	if err := b.strike(ctx, "sink", ""); err != nil {
		return err
	}
	var got []string
	var rows int64
	for f, err := range s.All("") {
		if err != nil {
			return err
		}
		got = append(got, f.Attr("number"))
		rows += f.Rows
	}
	rows -= b.lose.Load()
	if err := b.strike(ctx, "read", ""); err != nil {
		return err
	}
	s.Receipt("kept", rows, 0)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept = append(b.kept, got)
	return nil
}

func init() {
	processors.Register(func() processors.Processor { return &testSource{Count: 3, Rows: 2} })
	processors.Register(func() processors.Processor { return &testMap{Batch: 1} })
	processors.Register(func() processors.Processor { return &testSink{} })
}

// bench is a store, an engine over it, and the knobs of the test kinds.
type bench struct {
	t      *testing.T
	dir    string
	flow   string
	store  *store.Store
	engine *Engine
	now    func() time.Time
	// free, when set, is the disk's free space; wrap lets a test come between
	// the engine and its store.
	free func(string) (int64, error)
	wrap func(Store) Store
	log  *slog.Logger // nil discards
	// finalize, when set, is the engine's Finalize.
	finalize func(context.Context, *runs.Run, *runs.Graph) error

	mu     sync.Mutex
	kept   [][]string
	faults map[string]func(ctx context.Context, nth int, what string) error
	struck map[string]int
	lose   atomic.Int64
}

var benches sync.Map

func knobs(flow string) *bench {
	b, _ := benches.Load(flow)
	return b.(*bench)
}

// strike counts a visit and returns the fault that the test has set for it.
func (b *bench) strike(ctx context.Context, where, what string) error {
	b.mu.Lock()
	b.struck[where]++
	n, f := b.struck[where], b.faults[where]
	b.mu.Unlock()
	if f == nil {
		return nil
	}
	return f(ctx, n, what)
}

func (b *bench) on(where string, f func(ctx context.Context, nth int, what string) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults[where] = f
}

func (b *bench) visits(where string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.struck[where]
}

func (b *bench) rounds() [][]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.kept
}

var benchCount atomic.Int64

// newBench opens a store and an engine in a fresh directory.
func newBench(t *testing.T, schedule bool) *bench {
	b := &bench{t: t, dir: t.TempDir(), flow: fmt.Sprintf("flow-%d", benchCount.Add(1)), now: time.Now,
		faults: map[string]func(context.Context, int, string) error{}, struck: map[string]int{}}
	benches.Store(b.flow, b)
	b.open(schedule)
	t.Cleanup(b.close)
	return b
}

func (b *bench) open(schedule bool) {
	b.t.Helper()
	ctx := context.Background()
	log := b.log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if os.Getenv("WEIR_TEST_LOG") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	s, err := store.Open(ctx, b.dir, store.Options{NoSync: true, Now: func() time.Time { return b.now() }, Log: log, Free: b.free})
	if err != nil {
		b.t.Fatal(err)
	}
	b.store = s
	var between Store = s
	if b.wrap != nil {
		between = b.wrap(s)
	}
	b.engine, err = Open(ctx, Config{Store: between, Schedule: schedule, idle: 10_000 * time.Hour, Now: func() time.Time { return b.now() }, Log: log,
		Queues:   func(f string, v uint32, r flowfile.RunID) View { return s.Queues(f, v, r) },
		Stage:    func() Stage { return s.NewStage() },
		Finalize: b.finalize,
		Env:      func() processors.Env { return processors.Env{} }})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) close() {
	if b.engine == nil {
		return
	}
	ctx := context.Background()
	if err := b.engine.Close(ctx); err != nil {
		b.t.Error(err)
	}
	if err := b.store.Close(ctx); err != nil {
		b.t.Error(err)
	}
	b.engine = nil
}

const straight = `{
  "weir": 1, "id": "%s", "mode": "runs", %s
  "nodes": {
    "src": {"kind": "TestSource", "settings": {"count": 5, "rows": 2}},
    "mid": {"kind": "TestMap", "settings": {"batch": %d}},
    "end": {"kind": "TestSink"}
  },
  "connections": {
    "src-mid": {"from": "src", "output": "success", "to": "mid"},
    "mid-end": {"from": "mid", "output": "success", "to": "end"}
  }
}`

// publish stores the straight flow with a policy and returns its version.
func (b *bench) publish(head string, batch int) uint32 {
	b.t.Helper()
	return b.publishText(fmt.Sprintf(straight, b.flow, head, batch))
}

func (b *bench) publishText(text string) uint32 {
	b.t.Helper()
	f, problems := flows.Check([]byte(text))
	if len(problems) > 0 {
		b.t.Fatal(problems.Text(fault.English))
	}
	plan, err := f.Plan()
	if err != nil {
		b.t.Fatal(err)
	}
	doc, err := f.Canonical()
	if err != nil {
		b.t.Fatal(err)
	}
	v, err := b.store.Publish(context.Background(), b.flow, store.Publication{Doc: doc, Plan: plan, Continuous: f.Mode == flows.ModeContinuous})
	if err != nil {
		b.t.Fatal(err)
	}
	b.engine.Changed(b.flow)
	return v
}

// run starts a run of yesterday's slot and waits for its end.
func (b *bench) run() *runs.Run {
	b.t.Helper()
	r, err := b.engine.Start(context.Background(), Start{Flow: b.flow, Kind: "manual", By: "test"})
	if err != nil {
		b.t.Fatal(err)
	}
	return b.wait(r.Number)
}

func (b *bench) wait(n flowfile.RunID) *runs.Run {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 24*time.Hour)
	defer cancel()
	r, err := b.engine.Wait(ctx, b.flow, n)
	if err != nil {
		j, _ := json.Marshal(r)
		b.t.Fatal(err, string(j))
	}
	return r
}

var errWorld = errors.New("the world is at fault")

func tally(n int64) flowfile.Tally { return flowfile.Tally{N: n, Rows: n} }
