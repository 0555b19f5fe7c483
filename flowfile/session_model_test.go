package flowfile_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/weirflow/weir/flowfile"
)

// TestNothingIsLostWhateverASessionDoes drives sessions at random, with
// checkpoints, rollbacks, misuse and refused commits, and holds the store
// against a model: each input either waits or left exactly once, each output has
// the FlowFiles that committed work sent there, and the ledger says the same.
func TestNothingIsLostWhateverASessionDoes(t *testing.T) {
	for seed := range uint64(300) {
		m := &model{rig: newRig(t), r: rand.New(rand.NewPCG(seed, 2)), seed: seed, sent: map[string]int{}, tally: map[flowfile.Class]int64{}}
		inputs := 5 + m.r.IntN(20)
		for i := range inputs {
			m.put("in", fmt.Sprintf("input %d", i), 1)
		}
		for range 12 {
			m.play()
		}
		m.check(inputs)
	}
}

type model struct {
	*rig
	r    *rand.Rand
	seed uint64
	// left, sent and tally are what committed work did; the others what is open
	// and what is checkpointed.
	left  int
	sent  map[string]int
	tally map[flowfile.Class]int64
	open  []func()
	kept  []func()
}

// play runs one session to its end.
func (m *model) play() {
	cfg := m.Configure(m.cfg)
	commit := cfg.Commit
	refused := errors.New("refused")
	cfg.Commit = func(ctx context.Context, d *flowfile.Delivery) (flowfile.Result, error) {
		if m.r.IntN(5) == 0 {
			return flowfile.Result{}, refused
		}
		return commit(ctx, d)
	}
	s := flowfile.NewSession(context.Background(), cfg)
	m.open, m.kept = nil, nil
	for range 1 + m.r.IntN(4) {
		bad := m.work(s)
		if m.r.IntN(4) == 0 {
			m.Release(s.Rollback())
			m.open = nil
			continue
		}
		if err := s.Checkpoint(); (err != nil) != bad {
			m.t.Fatalf("seed %d: Checkpoint = %v, misused %v", m.seed, err, bad)
		} else if err != nil {
			m.Release(s.Rollback())
			m.open = nil
			continue
		}
		m.kept, m.open = append(m.kept, m.open...), nil
	}
	_, err := s.CommitCheckpoints(context.Background())
	switch {
	case errors.Is(err, refused):
		m.Release(s.Taken())
	case err != nil:
		m.t.Fatalf("seed %d: %v", m.seed, err)
	default:
		for _, f := range m.kept {
			f()
		}
	}
}

// work does something with what waits and reports whether it was a misuse.
func (m *model) work(s *flowfile.Session) (bad bool) {
	then := func(f func()) { m.open = append(m.open, f) }
	count := func(c flowfile.Class) func() { return func() { m.tally[c]++ } }
	send := func(conn string) func() { return func() { m.sent[conn]++ } }
	for _, f := range s.GetBatch(m.r.IntN(4)) {
		then(func() { m.left++ })
		then(count(flowfile.In))
		for m.r.IntN(3) == 0 {
			s.Transfer(s.Clone(f), "success")
			then(count(flowfile.Cloned))
			then(count(flowfile.Out))
			then(send("out"))
		}
		switch m.r.IntN(12) {
		case 0, 1, 2:
			s.Transfer(f, "success")
			then(count(flowfile.Out))
			then(send("out"))
		case 3, 4:
			s.Transfer(f, "both")
			then(count(flowfile.Out))
			then(send("out"))
			then(send("out2"))
		case 5:
			s.Transfer(f, "end")
			then(count(flowfile.Out))
			then(count(flowfile.Terminated))
		case 6:
			s.Transfer(f, "failure")
			then(count(flowfile.Rejected))
			then(send("bad"))
		case 7:
			s.Transfer(f, "dropped")
			then(count(flowfile.Filtered))
		case 8:
			s.Drop(f, flowfile.Rejected, "bad")
			then(count(flowfile.Rejected))
		case 9:
			c := s.Create(f)
			s.Drop(f, flowfile.Merged, "split")
			s.Transfer(c, "success")
			then(count(flowfile.Out))
			then(send("out"))
		case 10:
			bad = true // forgotten
		case 11:
			s.Transfer(f, "no_such_output")
			bad = true
		}
	}
	return bad
}

func (m *model) check(inputs int) {
	m.t.Helper()
	if n := len(m.Queue("in")); n+m.left != inputs || m.CheckedOut() != 0 {
		m.t.Errorf("seed %d: %d inputs wait and %d left of %d; %d are checked out", m.seed, n, m.left, inputs, m.CheckedOut())
	}
	seen := map[flowfile.Origin]bool{}
	for _, conn := range []string{"out", "out2", "bad"} {
		q := m.Queue(conn)
		if len(q) != m.sent[conn] {
			m.t.Errorf("seed %d: %d on %s, want %d", m.seed, len(q), conn, m.sent[conn])
		}
		for _, f := range q {
			if seen[f.Origin] {
				m.t.Errorf("seed %d: two FlowFiles have the origin %s", m.seed, f.Origin)
			}
			seen[f.Origin] = true
		}
	}
	for c, got := range m.Ledger("node") {
		if want := m.tally[flowfile.Class(c)]; got.N != want {
			m.t.Errorf("seed %d: %s counts %d, want %d", m.seed, flowfile.Class(c), got.N, want)
		}
	}
}
