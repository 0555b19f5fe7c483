package runstest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// Options choose a schedule. The zero Options are a schedule without crashes.
type Options struct {
	// Seed makes the flow and every choice; equal Options play alike.
	Seed uint64
	// Runs is how many runs are interleaved; zero means 3.
	Runs int
	// Crashes lets the store crash at random commits.
	Crashes bool
	// CrashAt, when above zero, crashes at this commit, before it or after it.
	CrashAt    int
	CrashAfter bool
	// Sabotage breaks the protocol from outside; only tests of the tests do.
	Sabotage Sabotage
	// Listing compares the store's queue listings after each commit; otherwise
	// they are compared when a run ends and after a crash.
	Listing bool
}

// Sabotage is a way to break the protocol that needs no change of Apply.
type Sabotage uint8

// The ways. A sound Apply refuses them; with its guards off, the damage shows.
const (
	// NoSabotage plays by the rules.
	NoSabotage Sabotage = iota
	// CountAtCheckout takes a FlowFile out of the counters when a session takes
	// it, instead of at the commit.
	CountAtCheckout
	// EarlyToken ends a source's activity one commit before its last output.
	EarlyToken
)

// Report is what a schedule came to.
type Report struct {
	Commits, Crashes, Refused, Resumes, Stuck int
	// Ended counts the runs by their last state.
	Ended map[runs.State]int
	// Violations tell the damage, in the order in which it was seen.
	Violations []string
}

const flowName = "model"

// player plays one schedule.
type player struct {
	rng   *rand.Rand
	o     Options
	drv   Driver
	flow  *flow
	runs  []*ghost
	work  []*session
	now   time.Time
	ids   flowfile.ID
	rep   Report
	calm  bool // nothing fails any more, so that every run ends
	steps int
}

// session is a unit of work in somebody's hands.
type session struct {
	g     *ghost
	node  string
	items []*flowfile.Item // of a map
	taken map[string]int64 // of a gate, what it read
	fence flowfile.Fence
	// revoked sessions must be refused, disturbed ones may be.
	revoked, disturbed bool
}

// Play plays one schedule to its end. The error is the store's own failure;
// damage is in the report.
func Play(d Driver, o Options) (Report, error) {
	if o.Runs == 0 {
		o.Runs = 3
	}
	p := &player{rng: rand.New(rand.NewPCG(o.Seed, 0x5eed)), o: o, drv: d,
		now: time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC), rep: Report{Ended: map[runs.State]int{}}}
	p.flow = randomFlow(p.rng)
	if err := d.Publish(flowName, 1, &p.flow.plan); err != nil {
		return p.rep, err
	}
	for i := range o.Runs {
		if err := p.create(i); err != nil {
			return p.rep, err
		}
	}
	for len(p.rep.Violations) < 20 {
		p.calm = p.steps > 400
		if p.steps > 5000 || (o.Sabotage != NoSabotage && p.steps > 600) {
			p.violate("endless: runs do not end")
			break
		}
		more, err := p.step()
		if err != nil {
			return p.rep, err
		}
		if !more {
			break
		}
		p.steps++
	}
	for _, g := range p.runs {
		if err := p.verifyEnd(g); err != nil {
			return p.rep, err
		}
	}
	return p.rep, nil
}

func (p *player) violate(format string, args ...any) {
	p.rep.Violations = append(p.rep.Violations, fmt.Sprintf(format, args...))
}

func (p *player) chance(percent int) bool { return p.rng.IntN(1000) < percent*10 }

// order returns a control order for a run.
func (p *player) order(g *ghost, kind flowfile.OrderKind) *flowfile.Delivery {
	return &flowfile.Delivery{Flow: flowName, Version: 1, Run: g.n, Order: &flowfile.Order{Kind: kind, At: p.now, By: "model"}}
}

// create starts a run, on a slot of its own or, after a failure, on the old one.
func (p *player) create(i int) error {
	d := &flowfile.Delivery{Flow: flowName, Version: 1, Order: &flowfile.Order{Kind: flowfile.OrderCreate, At: p.now,
		Create: &flowfile.CreateRun{ULID: fmt.Sprintf("run-%d-%d", i, p.rep.Commits), Slot: fmt.Sprintf("2026-11-%02d", i+1),
			Kind: "manual", FlowVersion: 1, Retries: 1}}}
	p.rep.Commits++
	e, err := p.drv.Commit(d)
	if err != nil {
		return err
	}
	g := newGhost(p, e.Run)
	if e.Superseded != nil {
		p.runs[i].follow(p, e.Superseded)
		p.rep.Ended[runs.Superseded]++
		p.revoke(p.runs[i])
		p.runs[i] = g
	} else {
		p.runs = append(p.runs, g)
	}
	_, err = p.commit(g, p.order(g, flowfile.OrderAdmit), nil)
	return err
}

// commit makes a delivery durable, crashing before or after it where the
// options say so, and compares the store with the ghost.
func (p *player) commit(g *ghost, d *flowfile.Delivery, s *session) (ok bool, err error) {
	p.rep.Commits++
	p.now = p.now.Add(time.Second)
	d.At = p.now
	crash, after := p.rep.Commits == p.o.CrashAt, p.o.CrashAfter
	if p.o.Crashes && !crash && p.rng.IntN(30) == 0 {
		crash, after = true, p.rng.IntN(2) == 0
	}
	if crash && !after {
		return false, p.crash()
	}
	e, err := p.drv.Commit(d)
	if err != nil {
		if fault.CodeOf(err) == "stale_session" && s != nil && (s.revoked || s.disturbed) {
			p.rep.Refused++
			return false, nil
		}
		if fault.As(err) == nil {
			return false, err
		}
		p.violate("refused: %v", err)
		return false, nil
	}
	if s != nil && s.revoked {
		p.violate("zombie: a revoked session of %s was let through", s.node)
	}
	g.apply(p, d, &e)
	if err := p.verify(g); err != nil {
		return true, err
	}
	if crash {
		return true, p.crash()
	}
	return true, nil
}

// crash loses every session and recovers.
func (p *player) crash() error {
	p.rep.Crashes++
	p.work = nil
	if err := p.drv.Crash(); err != nil {
		return err
	}
	for _, g := range p.runs {
		if _, err := p.drv.Commit(p.order(g, flowfile.OrderRecover)); err != nil {
			return fmt.Errorf("recover: %w", err)
		}
		if err := p.list(g); err != nil {
			return err
		}
		if err := p.verify(g); err != nil {
			return err
		}
	}
	return nil
}

// revoke marks the run's sessions as overtaken; some are let try to commit.
func (p *player) revoke(g *ghost) {
	var keep []*session
	for _, s := range p.work {
		if s.g == g {
			s.revoked = true
			if p.rng.IntN(2) == 0 {
				p.drv.Release(s.items)
				continue
			}
		}
		keep = append(keep, s)
	}
	p.work = keep
}

// drop takes a session off the table.
func (p *player) drop(s *session) {
	for i, o := range p.work {
		if o == s {
			p.work = append(p.work[:i], p.work[i+1:]...)
			return
		}
	}
}

func (p *player) newFile(g *ghost, rows int64) *flowfile.FlowFile {
	p.ids++
	return &flowfile.FlowFile{ID: p.ids, Run: g.n, Rows: rows, Origin: flowfile.SourceOrigin("m", uint64(p.ids)),
		Content: flowfile.Inline([]byte(strconv.FormatInt(rows, 10)))}
}
