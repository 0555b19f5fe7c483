package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/runs"
)

const (
	// verifyTimeout bounds what one node or service may take for its steps, and
	// verifyGrace what it may take after that to say how far it came.
	verifyTimeout = 30 * time.Second
	verifyGrace   = time.Second
	// verifyAtOnce bounds how many are asked at once: each may bring a query.
	verifyAtOnce = 8
)

// The steps that the engine takes itself, for any kind.
var (
	stepSettings = fault.New("step_settings")
	stepOpen     = fault.New("step_open")
	stepSelf     = fault.New("step_self")
)

// Check is one step of the verification of a flow: whose it is, and how it
// went.
type Check struct {
	// Node is the slug of a node, or of a service when Service is true.
	Node    string
	Service bool
	// Kind is the kind of either.
	Kind string
	processors.Step
}

// Checks are the steps of a verification: those of services by name, then
// those of nodes in the direction of the flow.
type Checks []Check

// Err returns what keeps a run of the flow from being admitted: the first step
// that failed for good, else the first that failed, with its place in front; nil
// when none did.
func (cs Checks) Err() error {
	var first error
	for _, c := range cs {
		if c.State != processors.StepFailed {
			continue
		}
		err := fmt.Errorf("%s: %w", c.Node, fault.In(c.Name, c.Fault))
		if class, _ := fault.ClassOf(c.Fault); class == fault.Permanent {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// Verification tells what of a flow is to be verified.
type Verification struct {
	// Node or Service is the slug of the one that is asked alone, a node with the
	// services it uses; without either all are asked.
	Node, Service string
	// Slot is the slot's key, empty for the last complete one.
	Slot string
	// Params are the values of the flow's parameters.
	Params map[string]string
}

// Verify asks everything that a flow consists of, or one part, whether it could
// do its work for a slot. The flow need not be published. An error is for what
// cannot be asked at all, such as a slot that there is not.
func (e *Engine) Verify(ctx context.Context, f *flows.Flow, v Verification) (Checks, error) {
	r := &runs.Run{Flow: f.ID, Params: v.Params}
	shown := flowfile.Run{}
	if f.Mode == flows.ModeRuns {
		c := &flowfile.CreateRun{}
		now := e.cfg.Now()
		if err := slotOf(f, v.Slot, now, c); err != nil {
			return nil, err
		}
		id, err := ulid.New(ulid.Timestamp(now), rand.Reader)
		if err != nil {
			return nil, err
		}
		shown = flowfile.Run{Number: ^flowfile.RunID(0), ID: id.String(), Flow: f.ID, Slot: c.Slot, Date: c.Date, Start: c.Start,
			End: c.End, Zone: c.Zone, Generation: 1, Kind: "manual", Try: 1, Params: v.Params}
	}
	in, err := e.build(f, r)
	var problems flows.Problems
	if _, ok := f.Nodes[v.Node]; ok && errors.As(err, &problems) {
		// What is above the node gives its columns, but does not hinder it.
		f = f.Alone(v.Node)
		in, err = e.build(f, r)
	}
	if err != nil {
		if !errors.As(err, &problems) {
			return nil, err
		}
		return unbound(f, problems).of(v, slices.Collect(maps.Keys(f.Services))), nil
	}
	defer in.close(context.WithoutCancel(ctx))
	in.services.env.Run = shown
	for _, n := range in.nodes {
		n.env.Run = shown
	}
	return in.verify(ctx, v, nil), ctx.Err()
}

// asks tells whether a node or service is asked; uses are the services that the
// node of a verification uses.
func (v Verification) asks(name string, service bool, uses []string) bool {
	switch {
	case v.Service != "":
		return service && name == v.Service
	case v.Node != "":
		return !service && name == v.Node || service && slices.Contains(uses, name)
	}
	return true
}

// of leaves the checks of those who are asked.
func (cs Checks) of(v Verification, uses []string) Checks {
	return slices.DeleteFunc(cs, func(c Check) bool { return !v.asks(c.Node, c.Service, uses) })
}

// unbound are the checks of a flow whose settings are not good: all others
// could not be tried.
func unbound(f *flows.Flow, problems flows.Problems) Checks {
	var out Checks
	bad := map[string]bool{}
	for _, p := range problems {
		c := Check{Node: p.Node, Kind: f.Nodes[p.Node].Kind, Step: processors.Failed(stepSettings, p.Fault)}
		if p.Service != "" {
			c.Node, c.Service, c.Kind = p.Service, true, f.Services[p.Service].Kind
		}
		bad[c.Node] = true
		out = append(out, c)
	}
	for _, slug := range slices.Sorted(maps.Keys(f.Nodes)) {
		if !bad[slug] {
			out = append(out, Check{Node: slug, Kind: f.Nodes[slug].Kind, Step: processors.Skipped(stepSelf, fault.New("note_settings_elsewhere"))})
		}
	}
	return out
}

// asked tells whose answers a verification waits for.
type asked struct {
	mu   sync.Mutex
	open map[string]time.Time
}

func (a *asked) begin(node string, at time.Time) {
	if a != nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.open[node] = at
	}
}

func (a *asked) end(node string) {
	if a != nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.open, node)
	}
}

// waits returns those that have not answered yet, and since when.
func (a *asked) waits() (nodes []string, since time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for node, at := range a.open {
		nodes = append(nodes, node)
		if since.IsZero() || at.Before(since) {
			since = at
		}
	}
	slices.Sort(nodes)
	return nodes, since
}

// verify asks services first, since nodes use them, then all nodes, each as many
// at once as is decent, and then follows the columns from node to node, also
// through those above one that is asked alone.
func (in *instance) verify(ctx context.Context, v Verification, a *asked) Checks {
	var uses []string
	if n := in.nodes[v.Node]; n != nil {
		uses = n.conf.Services
	}
	var all []func() Checks
	broken := map[string]bool{}
	var mu sync.Mutex
	for _, name := range slices.Sorted(maps.Keys(in.services.conf)) {
		if !v.asks(name, true, uses) {
			continue
		}
		all = append(all, func() Checks {
			a.begin(name, in.e.cfg.Now())
			defer a.end(name)
			steps, opened := in.verifyService(ctx, name)
			if !opened {
				mu.Lock()
				broken[name] = true
				mu.Unlock()
			}
			return checks(name, in.services.conf[name], steps)
		})
	}
	out := slices.Concat(together(all)...)
	all = nil
	nodes := in.downstream()
	for _, slug := range nodes {
		n := in.nodes[slug]
		all = append(all, func() Checks {
			if !v.asks(slug, false, nil) {
				return nil
			}
			for _, s := range n.conf.Services {
				if broken[s] {
					return checks(slug, n.conf, []processors.Step{processors.Skipped(stepSelf, fault.New("note_service_closed", "service", s))})
				}
			}
			a.begin(slug, in.e.cfg.Now())
			defer a.end(slug)
			return checks(slug, n.conf, n.verify(ctx))
		})
	}
	steps := together(all)
	in.shape(ctx, a, steps, nodes)
	return Checks(slices.Concat(append([]Checks{out}, steps...)...)).of(v, uses)
}

// downstream returns the nodes in the direction of the flow.
func (in *instance) downstream() []string {
	if plan, err := in.flow.Plan(); err == nil {
		if g, err := plan.Compile(); err == nil {
			return g.Downstream()
		}
	}
	return slices.Sorted(maps.Keys(in.nodes))
}

func checks(name string, conf *processors.Configured, steps []processors.Step) Checks {
	out := make(Checks, len(steps))
	for i, s := range steps {
		if s.State == processors.StepFailed && s.Fault == nil {
			s.Fault = errors.New(s.Name.Error())
		}
		out[i] = Check{Node: name, Service: conf.Service != nil, Kind: conf.Info.Kind, Step: s}
	}
	return out
}

// together calls all, a bounded number at once, and returns their answers in
// their order.
func together(all []func() Checks) []Checks {
	answers := make([]Checks, len(all))
	room := make(chan struct{}, verifyAtOnce)
	var wg sync.WaitGroup
	for i, f := range all {
		room <- struct{}{}
		wg.Go(func() {
			defer func() { <-room }()
			answers[i] = f()
		})
	}
	wg.Wait()
	return answers
}

// verifyService opens a service and, where it can, has it try itself.
func (in *instance) verifyService(ctx context.Context, name string) ([]processors.Step, bool) {
	conf := in.services.conf[name]
	env := in.services.env
	env.Node = name
	var opened atomic.Bool // a service that is given up may still open
	steps := timed(ctx, name, func(ctx context.Context) []processors.Step {
		clients, err := in.services.clients(ctx, []string{name})
		if err != nil {
			return []processors.Step{processors.Failed(stepOpen, err)}
		}
		opened.Store(true)
		v, ok := conf.Service.(processors.Verifier)
		if !ok {
			return []processors.Step{processors.Passed(stepOpen, nil)}
		}
		env.Services = clients
		var more []processors.Step
		if err := in.caught(name, conf.Info.Kind, func() error { more = v.Verify(ctx, env); return nil }); err != nil {
			more = append(more, processors.Failed(stepSelf, err))
		}
		return append([]processors.Step{processors.Passed(stepOpen, nil)}, more...)
	})
	return steps, opened.Load()
}

// verify has a node try its settings; a kind that cannot is tried as far as
// that goes without it.
func (n *node) verify(ctx context.Context) []processors.Step {
	return timed(ctx, n.slug, func(ctx context.Context) []processors.Step {
		env, err := n.environment(ctx)
		if err != nil {
			return []processors.Step{processors.Failed(stepOpen, err)}
		}
		v, ok := n.conf.Processor.(processors.Verifier)
		if !ok {
			return []processors.Step{processors.Passed(stepSettings, nil)}
		}
		var steps []processors.Step
		if err := n.caught(func() error { steps = v.Verify(ctx, env); return nil }); err != nil {
			steps = append(steps, processors.Failed(stepSelf, err))
		}
		return steps
	})
}

// timed calls what tries a node's or service's settings and ends it when its
// time is up; one that then does not come back is given up.
func timed(ctx context.Context, name string, try func(context.Context) []processors.Step) []processors.Step {
	short, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	answer := make(chan []processors.Step, 1)
	go func() { answer <- try(short) }()
	late := fault.New("preflight_timeout", "node", name, "limit", verifyTimeout)
	var steps []processors.Step
	select {
	case steps = <-answer:
	case <-short.Done():
		grace := time.NewTimer(verifyGrace)
		defer grace.Stop()
		select {
		case steps = <-answer:
		case <-grace.C:
			return []processors.Step{processors.Failed(stepSelf, late)}
		}
	}
	if short.Err() == nil {
		return steps
	}
	for i, s := range steps {
		if s.State == processors.StepFailed && fault.As(s.Fault) == nil {
			steps[i].Fault = late.Because(s.Fault)
		}
	}
	return steps
}
