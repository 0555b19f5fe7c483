package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store"
)

// chaosFlow makes a random flow: sources, maps that do this and that, loops,
// perhaps a gate half way, and a sink that takes whole runs.
type chaosFlow struct {
	rng    *rand.Rand
	nodes  map[string]map[string]any
	conns  map[string]map[string]any
	open   [][2]string // outputs that lead nowhere yet
	merges bool
}

func (c *chaosFlow) node(slug, kind string, settings map[string]any) map[string]any {
	n := map[string]any{"kind": kind}
	if settings != nil {
		n["settings"] = settings
	}
	c.nodes[slug] = n
	return n
}

func (c *chaosFlow) wire(from [2]string, to string) {
	conn := map[string]any{"from": from[0], "output": from[1], "to": to}
	if c.rng.IntN(5) < 3 {
		conn["limit"] = map[string]any{"flowfiles": 1 + c.rng.IntN(3)}
	}
	c.conns[fmt.Sprintf("c%d", len(c.conns))] = conn
}

// feed wires some of the open outputs, at least one, to a node.
func (c *chaosFlow) feed(to string, most int) {
	for i := range 1 + c.rng.IntN(most) {
		if i > 0 && len(c.open) == 0 {
			return
		}
		at := c.rng.IntN(len(c.open))
		c.wire(c.open[at], to)
		c.open = slices.Delete(c.open, at, at+1)
	}
}

func makeChaos(seed uint64, id string) (text string, merges bool) {
	c := &chaosFlow{rng: rand.New(rand.NewPCG(seed, 1)), nodes: map[string]map[string]any{}, conns: map[string]map[string]any{}}
	for i := range 1 + c.rng.IntN(2) {
		s := fmt.Sprintf("s%d", i)
		c.node(s, "ChaosSource", map[string]any{"count": c.rng.IntN(6)})
		c.open = append(c.open, [2]string{s, "a"})
	}
	maps := 1 + c.rng.IntN(4)
	gate := c.rng.IntN(2 * maps)
	for i := range maps {
		m := fmt.Sprintf("m%d", i)
		do := []string{"pass", "route", "clone", "split", "merge", "loop"}[c.rng.IntN(6)]
		if do == "route" && c.merges {
			do = "pass" // the way of what was merged would be left to chance
		}
		n := c.node(m, "ChaosMap", map[string]any{"do": do, "batch": 1 + c.rng.IntN(4)})
		n["workers"] = 1 + c.rng.IntN(3)
		if c.rng.IntN(3) == 0 {
			n["run_duration"] = "25ms"
		}
		c.feed(m, 2)
		c.open = append(c.open, [2]string{m, "a"})
		switch do {
		case "route", "clone":
			c.open = append(c.open, [2]string{m, "b"})
		case "loop":
			h := m + "-back"
			c.node(h, "ChaosMap", map[string]any{"do": "pass", "batch": 1 + c.rng.IntN(2)})["terminate"] = []string{"b"}
			c.wire([2]string{m, "b"}, h)
			c.wire([2]string{h, "a"}, m)
		default:
			n["terminate"] = []string{"b"}
		}
		c.merges = c.merges || do == "merge"
		if i == gate {
			c.node("gate", "ChaosGate", nil)
			c.feed("gate", 3)
			c.open = append(c.open, [2]string{"gate", "a"})
		}
	}
	if c.rng.IntN(3) == 0 {
		c.node("late", "ChaosSource", map[string]any{"count": c.rng.IntN(4)})["after"] = []string{"m0"}
		c.open = append(c.open, [2]string{"late", "a"})
	}
	c.node("sink", "ChaosSink", nil)["inputs"] = map[string]any{"": map[string]any{"on_empty": "pass"}}
	for _, o := range c.open {
		c.wire(o, "sink")
	}
	b, err := json.Marshal(map[string]any{"weir": 1, "id": id, "mode": "runs", "nodes": c.nodes, "connections": c.conns,
		"policy": map[string]any{"retries": c.rng.IntN(3), "retry_delay": "1m", "max_active_runs": 1 + c.rng.IntN(3)}})
	if err != nil {
		panic(err)
	}
	return string(b), c.merges
}

// chaosStrike makes the faults of a seed. What a visit meets depends on the
// seed, the node and the number of the visit alone.
func chaosStrike(seed uint64, left *atomic.Int64) func(string) func(context.Context, int, string) error {
	return func(where string) func(context.Context, int, string) error {
		return func(ctx context.Context, nth int, _ string) error {
			x := hashOf(seed, "/", where, "/", nth)
			if x%100 >= 30 || left.Add(-1) < 0 {
				return nil
			}
			switch x = x / 100; x % 9 {
			case 0, 1:
				return errWorld
			case 2:
				return fault.New("internal", "what", "chaos").Permanent()
			case 3:
				return fault.New("internal", "what", "chaos").RetryAfter(time.Duration(x%90) * time.Second)
			case 4:
				panic("chaos")
			case 5: // slow and deaf
				<-time.After(time.Duration(x%20) * time.Second)
			default: // slow
				select {
				case <-time.After(time.Duration(x%300) * time.Second):
				case <-ctx.Done():
					if x%2 == 0 {
						return errWorld
					}
					return ctx.Err()
				}
			}
			return nil
		}
	}
}

// fullAtTimes is a store whose disk is full at times.
type fullAtTimes struct {
	Store
	seed uint64
	nth  *atomic.Int64
	left *atomic.Int64
}

func (f *fullAtTimes) Commit(ctx context.Context, d *flowfile.Delivery) (runs.Effects, error) {
	if hashOf(f.seed, "disk", f.nth.Add(1))%40 == 0 && f.left.Add(-1) >= 0 && !(d.Order != nil && d.Order.By == "test") {
		return runs.Effects{}, fault.New("disk_full", "path", "here")
	}
	return f.Store.Commit(ctx, d)
}

// kill copies the data directory as it is at this moment and goes on from the
// copy; what the old engine still does is lost.
func (b *bench) kill(next string) {
	b.t.Helper()
	synctest.Wait() // no commit is under way
	if err := os.MkdirAll(next, 0o700); err != nil {
		b.t.Fatal(err)
	}
	err := filepath.WalkDir(b.dir, func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(next, strings.TrimPrefix(p, b.dir))
		if d.IsDir() {
			return os.MkdirAll(to, 0o700)
		}
		if d.Name() == "lock" {
			return nil
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		return os.WriteFile(to, data, 0o600)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.shut()
	b.dir = next
	b.open(false)
}

// shut closes the engine with little patience and the store with it.
func (b *bench) shut() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := b.engine.Close(ctx); err != nil && fault.CodeOf(err) != "close_hung" {
		b.t.Fatal(err)
	}
	if err := b.store.Close(context.Background()); err != nil {
		b.t.Fatal(err)
	}
}

// chaosRun executes the flow of a seed for some slots, with or without faults,
// and returns what the sink received in each.
func chaosRun(t *testing.T, seed uint64, slots int, wild bool) (got [][]string, merges bool) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		rng := rand.New(rand.NewPCG(seed, 2))
		left, full := &atomic.Int64{}, &atomic.Int64{}
		if wild {
			b.close()
			left.Store(int64(rng.IntN(25)))
			full.Store(int64(rng.IntN(6)))
			nth := &atomic.Int64{}
			b.wrap = func(s Store) Store { return &fullAtTimes{Store: s, seed: seed, nth: nth, left: full} }
			b.open(false)
		}
		text, m := makeChaos(seed, b.flow)
		merges = m
		began := time.Now()
		b.publishText(text)
		var flow struct {
			Nodes map[string]json.RawMessage `json:"nodes"`
		}
		if err := json.Unmarshal([]byte(text), &flow); err != nil {
			t.Fatal(err)
		}
		var slugs []string
		for s := range flow.Nodes {
			slugs = append(slugs, s)
			b.on(s, chaosStrike(seed, left)(s))
		}
		slices.Sort(slugs)
		var numbers []flowfile.RunID
		for i := range slots {
			var r *runs.Run
			var err error
			for range 20 { // a start may meet the full disk
				if r, err = b.engine.Start(t.Context(), Start{Flow: b.flow, Slot: fmt.Sprintf("1999-12-%02d", 10+i), Kind: "manual", By: "test"}); err == nil {
					break
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, r.Number)
		}
		if wild {
			b.disturb(rng, slugs, numbers)
		}
		for _, n := range numbers {
			r := b.waitLong(n)
			for i := 0; r.State == runs.Failed && i < 60; i++ {
				if err := b.engine.Resume(t.Context(), b.flow, n, 0, false, "test"); err != nil && fault.CodeOf(err) != "disk_full" {
					t.Fatalf("resume of a run that failed with %s (%s): %v", r.Code, r.Why, err)
				}
				r = b.waitLong(n)
			}
			if r.State == runs.Cancelled && r.Live().N == 0 && r.ParkedNow().N == 0 && wild {
				got = append(got, nil)
				continue
			}
			if r.State != runs.Success || r.Balance != "balanced" || r.Live().N != 0 || len(r.Receipts) != 1 || len(r.Warnings) != 0 {
				t.Fatalf("run %d ended %s, balance %q, %d queued, receipts %v, warnings %v: %s\n%s",
					n, r.State, r.Balance, r.Live().N, r.Receipts, r.Warnings, r.Why, text)
			}
			at, err := strconv.Atoi(r.Receipts[0].Key)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, append([]string{}, b.rounds()[at]...))
		}
		if !wild {
			soon(t, began, time.Minute)
		}
		b.shut()
		b.engine = nil
		<-time.After(time.Hour) // tasks that were abandoned return; none may be left then
		rep, err := store.Check(t.Context(), b.dir)
		if err != nil || len(rep.Problems) > 0 || rep.Entries != 0 {
			t.Fatalf("check: %v, %d entries left, problems %v", err, rep.Entries, rep.Problems)
		}
	})
	return got, merges
}

func (b *bench) waitLong(n flowfile.RunID) *runs.Run {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 9000*time.Hour)
	defer cancel()
	r, err := b.engine.Wait(ctx, b.flow, n)
	if err != nil {
		r, _ = b.store.Run(b.flow, n)
		j, _ := json.MarshalIndent(r, "", " ")
		b.t.Fatalf("run %d does not end: %v\n%s\n%+v", n, err, j, b.engine.Watch(b.flow, n))
	}
	return r
}

// disturb terminates nodes, cancels runs, restarts the engine and kills it, at random times.
func (b *bench) disturb(rng *rand.Rand, slugs []string, numbers []flowfile.RunID) {
	for range rng.IntN(6) {
		<-time.After(time.Duration(rng.IntN(200_000)) * time.Millisecond)
		switch rng.IntN(8) {
		case 0:
			b.shut()
			b.open(false)
		case 1:
			n := numbers[rng.IntN(len(numbers))]
			if r, err := b.store.Run(b.flow, n); rng.IntN(3) > 0 || err != nil || r.State.Terminal() {
				continue
			}
			if err := b.engine.Cancel(b.t.Context(), b.flow, n, "test"); err != nil {
				if code := fault.CodeOf(err); code != "run_state" && code != "disk_full" {
					b.t.Fatalf("cancel: %v", err)
				}
			}
		case 2, 3:
			b.kill(b.t.TempDir())
		default:
			err := b.engine.Terminate(b.t.Context(), b.flow, numbers[rng.IntN(len(numbers))], slugs[rng.IntN(len(slugs))])
			if code := fault.CodeOf(err); err != nil && code != "node_not_at_work" && code != "disk_full" {
				b.t.Fatalf("terminate: %v", err)
			}
		}
	}
}

// TestChaosEndsAsIfNothingHappened plays random flows twice: in peace, and among
// faults, full disks, cancels, terminates, restarts and crashes, where failed runs are
// resumed. What arrives must be the same. WEIR_CHAOS_SEED replays one seed; the
// order in which goroutines meet is not part of it, so it may take a few tries
// with -count. WEIR_SOAK=1 plays seeds for WEIR_SOAK_TIME, ten minutes unless
// it says otherwise.
func TestChaosEndsAsIfNothingHappened(t *testing.T) {
	first, n, until := uint64(1), uint64(60), time.Now().Add(365*24*time.Hour)
	if s := os.Getenv("WEIR_CHAOS_SEED"); s != "" {
		v, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		first, n = v, 1
	} else if os.Getenv("WEIR_SOAK") != "" {
		long, err := time.ParseDuration(os.Getenv("WEIR_SOAK_TIME"))
		if err != nil {
			long = 10 * time.Minute
		}
		first, n, until = uint64(time.Now().UnixNano())%1e9, 1e9, time.Now().Add(long)
	}
	played := 0
	for seed := first; seed < first+n && time.Now().Before(until) && !t.Failed(); seed++ {
		ok := t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			slots := 1 + int(seed%3)
			want, merges := chaosRun(t, seed, slots, false)
			got, _ := chaosRun(t, seed, slots, true)
			for i := range want {
				if got[i] == nil { // cancelled
					continue
				}
				if merges { // what is merged with what is left to chance
					slices.Sort(want[i])
					slices.Sort(got[i])
				}
				if !slices.Equal(got[i], want[i]) {
					t.Errorf("run %d brought\n%q, in peace\n%q", i, got[i], want[i])
				}
			}
		})
		if !ok {
			t.Errorf("replay with WEIR_CHAOS_SEED=%d", seed)
		}
		played++
	}
	t.Logf("%d seeds", played)
}
