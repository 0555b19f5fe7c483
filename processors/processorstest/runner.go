package processorstest

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flowfile/flowfiletest"
	"github.com/weirflow/weir/processors"
)

// node is the slug of the node under test.
const node = "node"

// maxSessions ends a node that never comes to rest.
const maxSessions = 100_000

// Runner is one node under test. Its methods fail the test themselves, and most
// return the Runner, so that calls can be chained.
type Runner struct {
	// Store is what the node works on.
	Store *flowfiletest.Memory
	// Conf is the node as Build made it.
	Conf *processors.Configured

	t       testing.TB
	cfg     *config
	proc    processors.Processor
	env     processors.Env
	inputs  map[string][]string
	outputs map[flowfile.Relationship]flowfile.Route
	started bool
	emitted uint64
	err     error
	asked   bool
}

// New returns a Runner over a node of a kind; settings that are not valid fail
// the test. An error of Run that the test never asks for fails it too.
func New(t testing.TB, kind string, settings Settings, options ...Option) *Runner {
	t.Helper()
	cfg := defaults()
	for _, o := range options {
		o(cfg)
	}
	conf, problems := Build(t, kind, settings, options...)
	for _, p := range problems {
		t.Errorf("%s: property %q: %v", kind, p.Property, p.Fault)
	}
	if len(problems) > 0 {
		t.FailNow()
	}
	r := &Runner{Store: flowfiletest.NewMemory(), Conf: conf, t: t, cfg: cfg, proc: conf.Processor,
		inputs: map[string][]string{}, outputs: map[flowfile.Relationship]flowfile.Route{}}
	if cfg.process != nil {
		r.proc = cfg.process(r.proc)
	}
	for _, in := range conf.Info.Inputs {
		r.inputs[in.Name] = []string{inConn(in.Name)}
	}
	for _, o := range conf.Outputs {
		route := flowfile.Route{Class: o.Class}
		if !cfg.unwired[string(o.Name)] {
			route.Conns = []string{outConn(string(o.Name))}
		}
		r.outputs[o.Name] = route
	}
	r.surround()
	t.Cleanup(r.end)
	return r
}

// Build builds a node of a kind as New does and returns what is wrong with its
// settings.
func Build(t testing.TB, kind string, settings Settings, options ...Option) (*processors.Configured, []processors.Problem) {
	t.Helper()
	cfg := defaults()
	for _, o := range options {
		o(cfg)
	}
	raw := map[string]json.RawMessage{}
	for k, v := range settings {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("setting %s: %v", k, err)
		}
		raw[k] = b
	}
	conf, problems := processors.Build(kind, raw, processors.BuildEnv{Params: cfg.params, Services: cfg.services,
		Secrets: cfg.secrets, Runs: !cfg.continuous})
	if conf == nil {
		t.Fatal(problems[0].Fault)
	}
	return conf, problems
}

func inConn(input string) string   { return "in:" + input }
func outConn(output string) string { return "out:" + output }

// surround makes what the processor finds around it.
func (r *Runner) surround() {
	dir := r.cfg.dir
	if dir == "" {
		dir = r.t.TempDir()
	}
	files, err := processors.OpenFiles(dir, processors.FilesOptions{Through: r.cfg.through})
	if err != nil {
		r.t.Fatal(err)
	}
	params := map[string]string{}
	for name, p := range r.cfg.params {
		params[name] = p.Value
	}
	if !r.cfg.run.IsZero() {
		r.cfg.run.Params = params
	}
	r.env = processors.Env{Flow: "test", Node: node, Store: "teststore", Run: r.cfg.run, Log: slog.New(slog.DiscardHandler), Files: files, Services: r.cfg.clients,
		Sandbox: r.cfg.sandbox, Scratch: r.t.TempDir(), Params: params, Now: r.now}
}

func (r *Runner) now() time.Time { return r.cfg.now }

// end stops the processor and looks at what must not be left over.
func (r *Runner) end() {
	if p, ok := r.proc.(processors.Stopper); ok && r.started {
		if err := p.Stop(context.WithoutCancel(r.cfg.ctx)); err != nil {
			r.t.Errorf("Stop: %v", err)
		}
	}
	if err := r.env.Files.Close(); err != nil {
		r.t.Errorf("close files: %v", err)
	}
	if n := r.Store.Content.OpenReaders(); n != 0 {
		r.t.Errorf("%d readers of content were not closed", n)
	}
	if r.err != nil && !r.asked {
		r.t.Errorf("Run: %v", r.err)
	}
}

// Start calls Start once; Run does so too.
func (r *Runner) start() error {
	if r.started {
		return nil
	}
	r.started = true
	if p, ok := r.proc.(processors.Starter); ok {
		return p.Start(r.cfg.ctx, r.env)
	}
	return nil
}

// Run calls Process, each time in a session of its own, until the node has
// nothing left to do or fails. After an error, which Err returns, the inputs are
// where they were and Run may be called again: that is the next try.
func (r *Runner) Run() *Runner {
	r.t.Helper()
	r.err, r.asked = nil, false
	if err := r.start(); err != nil {
		r.err = err
		return r
	}
	for i := 0; ; i++ {
		if i == maxSessions {
			r.t.Fatalf("the node did not come to rest in %d sessions", maxSessions)
		}
		more, err := r.session()
		if err != nil {
			r.err = err
			break
		}
		if !more {
			break
		}
	}
	r.checkLaw()
	return r
}

// RunParallel calls Process in several goroutines at once until there is nothing
// left to do.
func (r *Runner) RunParallel(goroutines int) *Runner {
	r.t.Helper()
	r.err, r.asked = r.start(), false
	if r.err != nil {
		return r
	}
	errs := make([]error, goroutines)
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			more := true
			for i := 0; more && errs[g] == nil && i < maxSessions; i++ {
				more, errs[g] = r.session()
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil && r.err == nil {
			r.err = err
		}
	}
	r.checkLaw()
	return r
}

// session runs one session and reports whether the node should be called again.
func (r *Runner) session() (bool, error) {
	info := r.Conf.Info
	acts := (info.Source || info.WholeRun) && !r.cfg.run.IsZero()
	if acts && r.Store.Notes(node).Done && !info.WholeRun {
		return false, nil
	}
	ctx, cancel := context.WithCancel(r.cfg.ctx)
	defer cancel()
	s := flowfile.NewSession(ctx, r.Store.Configure(flowfile.Config{Flow: "test", Node: node, Run: r.cfg.run,
		Fence: flowfile.Fence{Act: acts}, Inputs: r.inputs, WholeRun: info.WholeRun, Outputs: r.outputs,
		Now: r.now, Log: r.env.Log}))
	err := r.proc.Process(ctx, s)
	did := false
	if err == nil {
		did, err = s.Commit(ctx)
	}
	if err != nil {
		taken := s.Taken()
		s.Rollback()
		r.Store.Release(taken)
		return false, err
	}
	return did && !info.WholeRun && !(r.cfg.continuous && info.Source), nil
}

// Err returns the error that ended the last Run, or nil.
func (r *Runner) Err() error {
	r.asked = true
	return r.err
}

// Verify starts nothing and returns the steps of the node's Verifier.
func (r *Runner) Verify() []processors.Step {
	r.t.Helper()
	v, ok := r.proc.(processors.Verifier)
	if !ok {
		r.t.Fatalf("%T is no Verifier", r.proc)
	}
	return v.Verify(r.cfg.ctx, r.env)
}

// Env returns what the processor is given at Start.
func (r *Runner) Env() processors.Env { return r.env }

// Processor returns the processor under test.
func (r *Runner) Processor() processors.Processor { return r.proc }

// Notes returns what the store keeps of the node: cursor, state, receipts.
func (r *Runner) Notes() flowfiletest.Notes { return r.Store.Notes(node) }

// Facts returns what the node told of its work, by name.
func (r *Runner) Facts() map[string]string { return r.Store.Facts(node) }

// Witnesses returns how many rows others counted for the node, by who they are.
func (r *Runner) Witnesses() map[string]int64 { return r.Store.Witnesses(node) }

// Ledger returns what the node has counted.
func (r *Runner) Ledger() flowfile.Ledger { return r.Store.Ledger(node) }

// String names the kind under test.
func (r *Runner) String() string { return fmt.Sprintf("runner of %s", r.Conf.Info.Kind) }
