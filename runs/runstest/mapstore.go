package runstest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// MapStore is a store in maps: the simplest Driver. Besides being one it checks
// Apply's promises to a store: a refused delivery leaves no trace, and a changed
// run is always put.
type MapStore struct {
	// Compile makes a graph of a published plan; nil for Plan.Compile.
	Compile func(*runs.Plan) (*runs.Graph, error)

	graphs map[version]*runs.Graph
	runs   map[runKey]*runs.Run
	slots  map[[2]string]runs.SlotRuns
	queues map[queueKey][]*entry
	parked map[runKey][]*entry
	out    map[uint64]*entry // by token
	last   flowfile.RunID
	seq    uint64
}

type version struct {
	flow string
	n    uint32
}

type runKey struct {
	flow string
	n    flowfile.RunID
}

type queueKey struct {
	runKey
	conn string
}

// entry is one FlowFile in a queue, or parked.
type entry struct {
	conn  string
	seq   uint64
	token uint64 // zero when not checked out
	file  flowfile.FlowFile
}

// NewMapStore returns an empty store.
func NewMapStore() *MapStore {
	return &MapStore{graphs: map[version]*runs.Graph{}, runs: map[runKey]*runs.Run{}, slots: map[[2]string]runs.SlotRuns{},
		queues: map[queueKey][]*entry{}, parked: map[runKey][]*entry{}, out: map[uint64]*entry{}}
}

// Publish compiles the plan and keeps the graph.
func (s *MapStore) Publish(flow string, n uint32, p *runs.Plan) error {
	compile := s.Compile
	if compile == nil {
		compile = (*runs.Plan).Compile
	}
	g, err := compile(p)
	if err == nil {
		s.graphs[version{flow, n}] = g
	}
	return err
}

// Run returns the stored run.
func (s *MapStore) Run(flow string, n flowfile.RunID) (*runs.Run, error) {
	r := s.runs[runKey{flow, n}]
	if r == nil {
		return nil, fmt.Errorf("no run %d", n)
	}
	return r, nil
}

// Queued lists what a run has on a connection.
func (s *MapStore) Queued(flow string, _ uint32, n flowfile.RunID, conn string) ([]flowfile.ID, error) {
	return ids(s.queues[queueKey{runKey{flow, n}, conn}]), nil
}

// Parked lists what a run has parked.
func (s *MapStore) Parked(flow string, n flowfile.RunID) ([]flowfile.ID, error) {
	return ids(s.parked[runKey{flow, n}]), nil
}

func ids(es []*entry) []flowfile.ID {
	out := make([]flowfile.ID, len(es))
	for i, e := range es {
		out[i] = e.file.ID
	}
	return out
}

// Take checks out what is not checked out yet.
func (s *MapStore) Take(flow string, _ uint32, n flowfile.RunID, conns []string, limit int) ([]*flowfile.Item, error) {
	var out []*flowfile.Item
	for _, c := range conns {
		for _, e := range s.queues[queueKey{runKey{flow, n}, c}] {
			if len(out) == limit {
				return out, nil
			}
			if e.token != 0 {
				continue
			}
			s.seq++
			e.token = s.seq
			s.out[e.token] = e
			f := e.file
			out = append(out, &flowfile.Item{Conn: c, Seq: e.seq, Token: e.token, FlowFile: &f})
		}
	}
	return out, nil
}

// Release gives items back.
func (s *MapStore) Release(items []*flowfile.Item) {
	for _, it := range items {
		if e := s.find(it); e != nil {
			s.back(e)
		}
	}
}

// find returns the entry of an item that is still checked out.
func (s *MapStore) find(it *flowfile.Item) *entry {
	if e := s.out[it.Token]; e != nil && e.seq == it.Seq {
		return e
	}
	return nil
}

// Crash forgets the check-outs.
func (s *MapStore) Crash() error {
	for _, e := range s.out {
		e.token = 0
	}
	clear(s.out)
	return nil
}

func (s *MapStore) back(e *entry) {
	delete(s.out, e.token)
	e.token = 0
}

// Commit applies a delivery.
func (s *MapStore) Commit(d *flowfile.Delivery) (runs.Effects, error) {
	var items []*flowfile.Item
	for _, r := range d.Remove {
		items = append(items, r.Item)
	}
	for _, p := range d.Park {
		items = append(items, p.Item)
	}
	for _, r := range d.Retry {
		items = append(items, r.Item)
	}
	for _, it := range items {
		if s.find(it) == nil {
			return runs.Effects{}, fault.New("stale_session", "node", d.Node, "run", d.Run)
		}
	}
	tx := &mapTx{s: s, seen: map[runKey]*runs.Run{}, put: map[runKey]bool{}, slots: map[[2]string]runs.SlotRuns{}}
	e, err := runs.Apply(tx, d)
	for k, r := range tx.seen {
		if err == nil && tx.put[k] {
			s.runs[k] = r
		} else if was := s.runs[k]; was != nil && !reflect.DeepEqual(was, r) {
			return e, fmt.Errorf("run %d was changed without being put (%v)", k.n, err)
		}
	}
	if err != nil {
		return e, err
	}
	for k, v := range tx.slots {
		s.slots[k] = v
	}
	s.move(d, e)
	return e, nil
}

// move changes the queues as the delivery and its effects say.
func (s *MapStore) move(d *flowfile.Delivery, e runs.Effects) {
	run := runKey{d.Flow, d.Run}
	for _, r := range d.Remove {
		s.remove(run, r.Item)
	}
	for _, t := range d.TakeAll {
		s.purge(queueKey{run, t.Conn})
	}
	for _, p := range d.Park {
		s.parked[run] = append(s.parked[run], s.remove(run, p.Item))
	}
	for _, r := range d.Retry {
		en := s.find(r.Item)
		s.back(en)
		if r.Spend {
			en.file.Attempt++
		}
	}
	for _, p := range d.Put {
		s.seq++
		k := queueKey{run, p.Conn}
		s.queues[k] = append(s.queues[k], &entry{conn: p.Conn, seq: s.seq, file: *p.FlowFile})
	}
	s.follow(d.Flow, &e)
}

// follow does what the effects ask for.
func (s *MapStore) follow(flow string, e *runs.Effects) {
	run := runKey{flow, e.Run}
	for _, c := range e.Purge {
		s.purge(queueKey{run, c})
	}
	var keep []*entry
	for _, p := range s.parked[run] {
		switch {
		case e.UnparkAll || slices.Contains(e.Unpark, p.file.ID):
			s.seq++
			p.seq, p.token = s.seq, 0
			k := queueKey{run, p.conn}
			s.queues[k] = append(s.queues[k], p)
		case e.DiscardAll || slices.Contains(e.Discard, p.file.ID):
		default:
			keep = append(keep, p)
		}
	}
	s.parked[run] = keep
	if e.Superseded != nil {
		s.follow(flow, e.Superseded)
	}
}

func (s *MapStore) remove(run runKey, it *flowfile.Item) *entry {
	k := queueKey{run, it.Conn}
	i := slices.IndexFunc(s.queues[k], func(e *entry) bool { return e.seq == it.Seq })
	e := s.queues[k][i]
	s.back(e)
	s.queues[k] = slices.Delete(s.queues[k], i, i+1)
	return e
}

func (s *MapStore) purge(k queueKey) {
	for _, e := range s.queues[k] {
		s.back(e)
	}
	delete(s.queues, k)
}

// mapTx gives Apply copies, so that what it changes before refusing is seen.
type mapTx struct {
	s     *MapStore
	seen  map[runKey]*runs.Run
	put   map[runKey]bool
	slots map[[2]string]runs.SlotRuns
}

func (t *mapTx) Run(flow string, n flowfile.RunID) (*runs.Run, error) {
	k := runKey{flow, n}
	if r := t.seen[k]; r != nil {
		return r, nil
	}
	r := t.s.runs[k]
	if r == nil {
		if n != 0 {
			return nil, fmt.Errorf("no run %d", n)
		}
		r = &runs.Run{Flow: flow}
	}
	t.seen[k] = r.Clone()
	return t.seen[k], nil
}

func (t *mapTx) PutRun(r *runs.Run) error {
	k := runKey{r.Flow, r.Number}
	t.seen[k], t.put[k] = r, true
	return nil
}

func (t *mapTx) Graph(flow string, n uint32) (*runs.Graph, error) {
	if g := t.s.graphs[version{flow, n}]; g != nil {
		return g, nil
	}
	return nil, fmt.Errorf("no version %d of %s", n, flow)
}

func (t *mapTx) Slot(flow, key string) (runs.SlotRuns, error) {
	if v, ok := t.slots[[2]string{flow, key}]; ok {
		return v, nil
	}
	return t.s.slots[[2]string{flow, key}], nil
}

func (t *mapTx) PutSlot(flow, key string, v runs.SlotRuns) error {
	t.slots[[2]string{flow, key}] = v
	return nil
}

func (t *mapTx) Parked(flow string, n flowfile.RunID, id flowfile.ID) (string, flowfile.Tally, error) {
	for _, p := range t.s.parked[runKey{flow, n}] {
		if p.file.ID == id {
			var c flowfile.Tally
			c.Add(p.file.Rows, p.file.Content.Size)
			return p.conn, c, nil
		}
	}
	return "", flowfile.Tally{}, fmt.Errorf("no parked FlowFile %d", id)
}

func (t *mapTx) NewRun() (flowfile.RunID, error) {
	t.s.last++
	return t.s.last, nil
}

// Fork returns a store with the same runs, whose changes stay its own. Its
// queues are empty: it is for orders that do not move FlowFiles.
func (s *MapStore) Fork() *MapStore {
	f := NewMapStore()
	f.graphs, f.last = s.graphs, s.last
	f.runs, f.slots = maps.Clone(s.runs), maps.Clone(s.slots)
	return f
}

// Tallies counts what a run has queued and parked, by connection.
func (s *MapStore) Tallies(flow string, n flowfile.RunID) (queued, parked map[string]flowfile.Tally) {
	queued, parked = map[string]flowfile.Tally{}, map[string]flowfile.Tally{}
	add := func(to map[string]flowfile.Tally, e *entry) {
		t := to[e.conn]
		t.Add(e.file.Rows, e.file.Content.Size)
		to[e.conn] = t
	}
	for k, q := range s.queues {
		for _, e := range q {
			if k.runKey == (runKey{flow, n}) {
				add(queued, e)
			}
		}
	}
	for _, e := range s.parked[runKey{flow, n}] {
		add(parked, e)
	}
	return queued, parked
}

// SlotRuns returns what is known of a slot.
func (s *MapStore) SlotRuns(flow, key string) runs.SlotRuns { return s.slots[[2]string{flow, key}] }

// SetSlotRuns changes what is known of a slot, for tests of what refuses it.
func (s *MapStore) SetSlotRuns(flow, key string, v runs.SlotRuns) {
	s.slots[[2]string{flow, key}] = v
}
