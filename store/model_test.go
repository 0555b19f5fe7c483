package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// modelFile is a FlowFile as the model knows it.
type modelFile struct {
	id      flowfile.ID
	due     time.Time
	attempt uint32
	holder  int // which open session has it; zero for none
}

// modelSession is a session with items in its hands.
type modelSession struct {
	n       int
	view    *View
	conn    string
	items   []*flowfile.Item
	revoked bool
}

// model is the store's queues as lists, and random operations over both.
type model struct {
	t        *testing.T
	rng      *rand.Rand
	s        *Store
	dir      string
	opts     Options
	now      time.Time
	clock    sync.Mutex // of now, which the store reads beside the test
	queues   map[string][]*modelFile
	sessions []*modelSession
	count    int
	listed   []Queued // some time ago, by drop
}

var modelConns = []string{"c0", "c1", "c2"}

func (m *model) find(conn string, id flowfile.ID) (int, *modelFile) {
	i := slices.IndexFunc(m.queues[conn], func(f *modelFile) bool { return f.id == id })
	if i < 0 {
		return i, nil
	}
	return i, m.queues[conn][i]
}

func (m *model) put(conn string, n int) {
	d := &flowfile.Delivery{Flow: "stream", Node: "src"}
	for range n {
		f := &flowfile.FlowFile{ID: m.s.NewID(), Rows: 1, Entered: at, Content: flowfile.Inline([]byte("x"))}
		d.Put = append(d.Put, flowfile.Put{Conn: conn, FlowFile: f})
		m.queues[conn] = append(m.queues[conn], &modelFile{id: f.ID})
	}
	commit(m.t, m.s, d)
}

// take checks that what a session gets is what lies first and is due.
func (m *model) take(conn string, n int) {
	m.count++
	x := &modelSession{n: m.count, view: m.s.Queues("stream", 0, 0), conn: conn}
	items, err := x.view.Take([]string{conn}, n)
	if err != nil {
		m.t.Fatalf("take from %s: %v", conn, err)
	}
	var want []flowfile.ID
	for _, f := range m.queues[conn] {
		if f.holder == 0 && !f.due.After(m.now) && len(want) < n {
			want = append(want, f.id)
			f.holder = x.n
		}
	}
	got := make([]flowfile.ID, len(items))
	for i, it := range items {
		got[i] = it.FlowFile.ID
		if _, f := m.find(conn, got[i]); f == nil || f.attempt != it.FlowFile.Attempt {
			m.t.Fatalf("FlowFile %d has attempt %d, the model says %+v", got[i], it.FlowFile.Attempt, f)
		}
	}
	if !slices.Equal(got, want) {
		m.t.Fatalf("take %d from %s gave %v, want %v", n, conn, got, want)
	}
	if x.items = items; len(items) > 0 {
		m.sessions = append(m.sessions, x)
	}
}

// end commits a session: each item moves on, is retried, or is dropped.
func (m *model) end(x *modelSession) {
	d := &flowfile.Delivery{Flow: "stream", Node: "m1"}
	var after []func()
	drop := func(it *flowfile.Item) {
		i, _ := m.find(x.conn, it.FlowFile.ID)
		m.queues[x.conn] = slices.Delete(m.queues[x.conn], i, i+1)
	}
	for _, it := range x.items {
		switch m.rng.IntN(4) {
		case 0:
			due := m.now.Add(time.Duration(m.rng.IntN(4)) * time.Minute)
			spend := m.rng.IntN(2) == 0
			d.Retry = append(d.Retry, flowfile.Retry{Item: it, NotBefore: due, Spend: spend})
			after = append(after, func() {
				_, f := m.find(x.conn, it.FlowFile.ID)
				f.holder, f.due = 0, due
				if spend {
					f.attempt++
				}
			})
		case 1:
			d.Remove = append(d.Remove, flowfile.Removal{Item: it, Class: flowfile.Filtered})
			after = append(after, func() { drop(it) })
		default:
			to := modelConns[m.rng.IntN(3)]
			ff := *it.FlowFile
			ff.Attempt, ff.NotBefore = 0, time.Time{}
			d.Remove = append(d.Remove, flowfile.Removal{Item: it, Class: flowfile.Forwarded})
			d.Put = append(d.Put, flowfile.Put{Conn: to, FlowFile: &ff})
			after = append(after, func() { drop(it) })
		}
	}
	_, err := m.s.Commit(context.Background(), d)
	if x.revoked {
		if fault.CodeOf(err) != "stale_session" {
			m.t.Fatalf("commit of a revoked session: %v", err)
		}
		return
	}
	if err != nil {
		m.t.Fatalf("commit: %v", err)
	}
	for _, fn := range after {
		fn()
	}
	for _, p := range d.Put {
		m.queues[p.Conn] = append(m.queues[p.Conn], &modelFile{id: p.FlowFile.ID})
	}
}

func (m *model) free(x *modelSession) {
	for _, it := range x.items {
		if _, f := m.find(x.conn, it.FlowFile.ID); f != nil && f.holder == x.n {
			f.holder = 0
		}
	}
}

// verify compares every queue with the model, page by page.
func (m *model) verify() {
	for _, conn := range modelConns {
		var got []flowfile.ID
		after := Place{}
		for {
			page, err := m.s.Peek("stream", 0, conn, 0, after, 7)
			if err != nil {
				m.t.Fatalf("peek %s: %v", conn, err)
			}
			if len(page) == 0 {
				break
			}
			for _, q := range page {
				got = append(got, q.FlowFile.ID)
				if _, f := m.find(conn, q.FlowFile.ID); f == nil || q.Taken != (f.holder != 0) {
					m.t.Fatalf("%s: FlowFile %d taken=%v, the model says %+v", conn, q.FlowFile.ID, q.Taken, f)
				}
			}
			after = page[len(page)-1].Place
		}
		var want []flowfile.ID
		for _, f := range m.queues[conn] {
			want = append(want, f.id)
		}
		if !slices.Equal(got, want) {
			m.t.Fatalf("%s holds %v, want %v", conn, got, want)
		}
		if n := m.s.Depth("stream", 0, conn).N; n != int64(len(want)) {
			m.t.Fatalf("depth of %s = %d, want %d", conn, n, len(want))
		}
	}
}

func (m *model) restart(clean bool) {
	if clean {
		closeStore(m.t, m.s)
	} else if err := crash(m.s); err != nil {
		m.t.Fatal(err)
	}
	m.s = openStore(m.t, m.dir, m.opts)
	m.sessions = nil
	for _, q := range m.queues {
		for _, f := range q {
			f.holder = 0
		}
	}
}

func (m *model) step() {
	conn := modelConns[m.rng.IntN(3)]
	var x *modelSession
	if n := len(m.sessions); n > 0 {
		i := m.rng.IntN(n)
		x = m.sessions[i]
		if m.rng.IntN(2) == 0 {
			m.sessions = slices.Delete(m.sessions, i, i+1)
		} else {
			x = nil
		}
	}
	switch k := m.rng.IntN(100); {
	case x != nil && k < 60:
		m.end(x)
	case x != nil && k < 80:
		x.view.Release(x.items)
		m.free(x)
	case x != nil:
		x.view.Revoke()
		m.free(x)
		x.revoked = true
		m.end(x)
		x.view.Release(x.items) // of no effect
	case k < 30:
		m.put(conn, 1+m.rng.IntN(30))
	case k < 40:
		m.drop(conn, 1+m.rng.IntN(4))
	case k < 80:
		m.take(conn, 1+m.rng.IntN(12))
	case k < 97:
		m.clock.Lock() // the janitor looks at it, too
		m.now = m.now.Add(time.Duration(m.rng.IntN(90)) * time.Second)
		m.clock.Unlock()
	default:
		m.restart(k == 97)
	}
}

// TestQueuesAgreeWithAModel plays random sessions, delays, revocations and
// restarts with windows from tiny to ample.
func TestQueuesAgreeWithAModel(t *testing.T) {
	for seed := range soak(12, 400) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			m := &model{t: t, rng: rand.New(rand.NewPCG(uint64(seed), 9)), dir: t.TempDir(), now: at, queues: map[string][]*modelFile{}}
			m.opts = testOptions()
			m.opts.Now = func() time.Time {
				m.clock.Lock()
				defer m.clock.Unlock()
				return m.now
			}
			m.opts.Window = []int{1, 5, 20, 10_000}[seed%4]
			m.opts.DiskReserve = -1
			m.s = openStore(t, m.dir, m.opts)
			publish(t, m.s, "stream", streamPlan(2))
			for range 250 {
				m.step()
			}
			m.verify()
			for _, x := range m.sessions {
				x.view.Release(x.items)
				m.free(x)
			}
			m.verify()
			if loaded := m.s.loaded.Load(); loaded < 0 || int(loaded) > m.opts.Window+4*12*len(modelConns) {
				t.Errorf("%d FlowFiles count as loaded with a window of %d", loaded, m.opts.Window)
			}
			m.restart(true)
			m.verify()
			closeStore(t, m.s)
			checkClean(t, m.dir)
		})
	}
}

// TestDueTellsWhenToLookAgain covers the timer of delayed FlowFiles.
func TestDueTellsWhenToLookAgain(t *testing.T) {
	now := at
	opts := testOptions()
	var clock sync.Mutex // of now, which the store reads beside the test
	opts.Now = func() time.Time {
		clock.Lock()
		defer clock.Unlock()
		return now
	}
	s := openStore(t, t.TempDir(), opts)
	publish(t, s, "stream", streamPlan(1))
	feed(t, s, "stream", "c0", 3)
	v := s.Queues("stream", 0, 0)
	if _, any := v.Due([]string{"c0"}); any {
		t.Error("something is due though nothing is delayed")
	}
	items, err := v.Take([]string{"c0"}, 3)
	if err != nil || len(items) != 3 {
		t.Fatal(items, err)
	}
	d := &flowfile.Delivery{Flow: "stream", Node: "m1"}
	for i, it := range items {
		d.Retry = append(d.Retry, flowfile.Retry{Item: it, NotBefore: now.Add(time.Duration(3-i) * time.Minute), Spend: true})
	}
	commit(t, s, d)
	for i := range 3 {
		due, any := v.Due([]string{"c1", "c0"})
		if want := at.Add(time.Duration(i+1) * time.Minute); !any || !due.Equal(want) {
			t.Fatalf("due = %v %v, want %v", due, any, want)
		}
		if early, err := v.Take([]string{"c0"}, 3); err != nil || len(early) != 0 {
			t.Fatalf("took %d before their time, %v", len(early), err)
		}
		clock.Lock()
		now = due
		clock.Unlock()
		if got, err := v.Take([]string{"c0"}, 3); err != nil || len(got) != 1 || got[0].FlowFile.Attempt != 1 {
			t.Fatalf("took %v, %v", got, err)
		}
	}
}

// TestTakeIsFairBetweenConnections: each of several inputs has its turn.
func TestTakeIsFairBetweenConnections(t *testing.T) {
	s := openStore(t, t.TempDir(), testOptions())
	publish(t, s, "stream", streamPlan(2))
	conns := []string{"c0", "c1", "c2"}
	for _, c := range conns {
		feed(t, s, "stream", c, 20)
	}
	v := s.Queues("stream", 0, 0)
	got := map[string]int{}
	for range 9 {
		items, err := v.Take(conns, 1)
		if err != nil || len(items) != 1 {
			t.Fatal(items, err)
		}
		got[items[0].Conn]++
	}
	items, err := v.Take(conns, 12)
	if err != nil || len(items) != 12 {
		t.Fatal(items, err)
	}
	for _, it := range items {
		got[it.Conn]++
	}
	for _, c := range conns {
		if got[c] != 7 {
			t.Errorf("taken: %v", got)
		}
	}
}

// TestManySessionsAtOnce moves FlowFiles through a chain by many goroutines;
// under -race it also proves the locking.
func TestManySessionsAtOnce(t *testing.T) {
	opts := testOptions()
	opts.Window = 50
	dir := t.TempDir()
	s := openStore(t, dir, opts)
	publish(t, s, "stream", streamPlan(2))
	r := &runs.Run{Flow: "stream"}
	const total = 400
	var mu sync.Mutex
	commits, last := 0, uint64(0)
	s.Subscribe(func(cs []Committed) {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range cs {
			if c.Commit < last {
				t.Errorf("commit %d after %d", c.Commit, last)
			}
			last = c.Commit
			commits++
		}
	})
	var wg sync.WaitGroup
	done := make(chan struct{})
	seen := map[flowfile.ID]int{}
	nodes := []struct{ node, from, to string }{{"m1", "c0", "c1"}, {"m2", "c1", "c2"}, {"sink", "c2", ""}}
	for _, n := range nodes {
		for w := range 3 {
			wg.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					var to []string
					if n.to != "" {
						to = []string{n.to}
					}
					x, v, g := session(s, r, n.node, flowfile.Fence{}, []string{n.from}, to...)
					files := x.GetBatch(1 + w*5)
					if w == 1 && len(files) > 2 { // gives up now and then
						v.Release(x.Rollback())
						files = x.GetBatch(1)
					}
					for _, f := range files {
						if n.to == "" {
							x.Drop(f, flowfile.Committed, "")
						} else {
							x.Transfer(f, "success")
						}
					}
					if _, err := x.Commit(context.Background()); err != nil {
						t.Errorf("commit of %s: %v", n.node, err)
						return
					}
					g.Close()
					if n.to == "" {
						mu.Lock()
						for _, f := range files {
							seen[f.ID]++
						}
						if len(seen) == total {
							select {
							case <-done:
							default:
								close(done)
							}
						}
						mu.Unlock()
					}
				}
			})
		}
	}
	wg.Go(func() { // a reader meanwhile
		for {
			select {
			case <-done:
				return
			default:
			}
			if _, err := s.Counts("stream", 0); err != nil {
				t.Errorf("counts: %v", err)
			}
			if _, err := s.Peek("stream", 0, "c1", 0, Place{}, 20); err != nil {
				t.Errorf("peek: %v", err)
			}
		}
	})
	for range total / 20 {
		feed(t, s, "stream", "c0", 20)
	}
	wg.Wait()
	for id, n := range seen {
		if n != 1 {
			t.Errorf("FlowFile %d arrived %d times", id, n)
		}
	}
	if commits < total/20 {
		t.Errorf("subscribers saw %d deliveries", commits)
	}
	closeStore(t, s)
	if rep := checkClean(t, dir); rep.Entries != 0 {
		t.Errorf("%d entries left", rep.Entries)
	}
}

// TestJanitorDeletesWhatNothingNeeds runs on fake time.
func TestJanitorDeletesWhatNothingNeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opts := testOptions()
		opts.Now = nil
		opts.JanitorEvery = time.Minute
		opts.ContentRetention = time.Hour
		dir := t.TempDir()
		s := openStore(t, dir, opts)
		publish(t, s, "stream", streamPlan(1))
		feed(t, s, "stream", "c0", 2) // the second has content in a segment
		closeStore(t, s)
		s = openStore(t, dir, opts) // seals it
		if n := len(s.seg.Segments()); n != 1 {
			t.Fatalf("%d segments", n)
		}
		<-time.After(3 * time.Hour)
		synctest.Wait()
		if n := len(s.seg.Segments()); n != 1 {
			t.Fatalf("a segment that is referred to was deleted")
		}
		x, _, g := session(s, &runs.Run{Flow: "stream"}, "m1", flowfile.Fence{}, []string{"c0"}, "c1")
		for _, f := range x.GetBatch(2) {
			x.Drop(f, flowfile.Filtered, "")
		}
		end(t, x, g)
		<-time.After(30 * time.Minute)
		synctest.Wait()
		if n := len(s.seg.Segments()); n != 1 {
			t.Fatalf("deleted before its time")
		}
		<-time.After(2 * time.Hour)
		synctest.Wait()
		if n := len(s.seg.Segments()); n != 0 {
			t.Errorf("%d segments left", n)
		}
		closeStore(t, s)
	})
}
