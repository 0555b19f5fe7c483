package flowfiletest

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// Memory is a store in memory for one run, or for continuous data. Its methods
// may be called by many goroutines at once.
type Memory struct {
	// Content holds the bytes.
	Content Content

	mu       sync.Mutex
	lastID   flowfile.ID
	seq      uint64
	token    uint64
	queues   map[string][]*entry
	schemas  map[string][]byte
	ledgers  map[string]*flowfile.Ledger
	notes    map[string]*Notes
	asOf     map[string]time.Time
	events   []flowfile.Event
	warnings []string
	facts    map[string]map[string]string
	counts   map[string]map[string]int64
	commits  int
}

// Notes are what the store keeps of one node.
type Notes struct {
	Emitted  uint64
	Done     bool
	Cursor   []byte
	State    []byte
	Pending  []flowfile.Intent
	Receipts []flowfile.Receipt
}

// entry is one FlowFile in a queue; token is not zero while it is checked out.
type entry struct {
	seq   uint64
	token uint64
	f     flowfile.FlowFile
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{queues: map[string][]*entry{}, schemas: map[string][]byte{}, ledgers: map[string]*flowfile.Ledger{},
		notes: map[string]*Notes{}, asOf: map[string]time.Time{}}
}

// Configure completes a configuration with this store's parts and with what it
// keeps of the node.
func (m *Memory) Configure(cfg flowfile.Config) flowfile.Config {
	cfg.Queues, cfg.Content, cfg.Commit, cfg.NewID, cfg.Schema = m, &m.Content, m.Commit, m.NewID, m.Schema
	n := m.Notes(cfg.Node)
	cfg.Emitted, cfg.Cursor, cfg.State, cfg.Pending = n.Emitted, n.Cursor, n.State, n.Pending
	m.mu.Lock()
	defer m.mu.Unlock()
	cfg.Run.AsOf = map[string]time.Time{}
	for k, v := range m.asOf {
		cfg.Run.AsOf[k] = v
	}
	return cfg
}

// NewID returns a fresh id.
func (m *Memory) NewID() flowfile.ID {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lastID++
	return m.lastID
}

// Put queues a FlowFile on a connection. It gets an id when it has none.
func (m *Memory) Put(conn string, f flowfile.FlowFile) flowfile.FlowFile {
	if f.ID == 0 {
		f.ID = m.NewID()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.push(conn, f)
	return f
}

func (m *Memory) push(conn string, f flowfile.FlowFile) {
	m.seq++
	m.queues[conn] = append(m.queues[conn], &entry{seq: m.seq, f: f})
}

// Take checks out up to n FlowFiles, oldest first within each connection.
func (m *Memory) Take(conns []string, n int) ([]*flowfile.Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []*flowfile.Item
	for _, c := range conns {
		for _, e := range m.queues[c] {
			if len(out) < n && e.token == 0 {
				m.token++
				e.token = m.token
				out = append(out, e.item(c))
			}
		}
	}
	return out, nil
}

func (e *entry) item(conn string) *flowfile.Item {
	f := e.f
	return &flowfile.Item{Conn: conn, Seq: e.seq, Token: e.token, FlowFile: &f}
}

// Scan yields what waits on a connection by origin, then by place.
func (m *Memory) Scan(ctx context.Context, conn string) iter.Seq2[*flowfile.Item, error] {
	return func(yield func(*flowfile.Item, error) bool) {
		m.mu.Lock()
		all := slices.Clone(m.queues[conn])
		m.mu.Unlock()
		slices.SortFunc(all, byOrigin)
		for _, e := range all {
			if ctx.Err() != nil {
				yield(nil, context.Cause(ctx))
				return
			}
			if !yield(e.item(conn), nil) {
				return
			}
		}
	}
}

func byOrigin(a, b *entry) int {
	return cmp.Or(cmp.Compare(a.f.Origin, b.f.Origin), cmp.Compare(a.seq, b.seq))
}

// Release gives items back untouched.
func (m *Memory) Release(items []*flowfile.Item) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, it := range items {
		if _, e := m.find(it); e != nil {
			e.token = 0
		}
	}
}

func (m *Memory) find(it *flowfile.Item) (int, *entry) {
	for i, e := range m.queues[it.Conn] {
		if e.seq == it.Seq && e.token == it.Token {
			return i, e
		}
	}
	return -1, nil
}

// Commit applies a delivery as a whole, or refuses it and changes nothing.
func (m *Memory) Commit(ctx context.Context, d *flowfile.Delivery) (flowfile.Result, error) {
	if err := ctx.Err(); err != nil {
		return flowfile.Result{}, context.Cause(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.check(d); err != nil {
		return flowfile.Result{}, err
	}
	m.commits++
	for _, r := range d.Remove {
		i, _ := m.find(r.Item)
		m.queues[r.Item.Conn] = slices.Delete(m.queues[r.Item.Conn], i, i+1)
	}
	for _, t := range d.TakeAll {
		delete(m.queues, t.Conn)
	}
	for h, s := range d.Schemas {
		m.schemas[h] = s
	}
	for _, p := range d.Put {
		m.push(p.Conn, *p.FlowFile)
	}
	m.events = append(m.events, d.Events...)
	for _, w := range d.Warn {
		m.warnings = append(m.warnings, w.Text(fault.English))
	}
	for _, f := range d.Facts {
		put(&m.facts, f.Node, f.Name, f.Value)
	}
	for _, w := range d.Witnesses {
		put(&m.counts, w.Node, w.Who, w.Rows)
	}
	return m.settle(d), nil
}

// check refuses a delivery that does not fit the queues.
func (m *Memory) check(d *flowfile.Delivery) error {
	if d.Order != nil || len(d.Retry)+len(d.Park) > 0 {
		return fmt.Errorf("a store in memory takes only what sessions deliver")
	}
	seen := map[uint64]bool{}
	for _, r := range d.Remove {
		if _, e := m.find(r.Item); e == nil || r.Item.Token == 0 || seen[e.seq] {
			return fmt.Errorf("FlowFile %s is not checked out on %s", r.Item.FlowFile.ID, r.Item.Conn)
		}
		if r.Class == flowfile.NoClass {
			return fmt.Errorf("FlowFile %s leaves %s without a class", r.Item.FlowFile.ID, r.Item.Conn)
		}
		seen[r.Item.Seq] = true
	}
	for _, t := range d.TakeAll {
		if have := int64(len(m.queues[t.Conn])); have != t.N {
			return fmt.Errorf("%d FlowFiles on %s were seen, %d are there", t.N, t.Conn, have)
		}
	}
	ids := map[flowfile.ID]bool{}
	for _, p := range d.Put {
		f := p.FlowFile
		if f.ID == 0 || ids[f.ID] {
			return fmt.Errorf("FlowFile id %s is put twice or is zero", f.ID)
		}
		ids[f.ID] = true
		if h := f.Attr(flowfile.SchemaAttr); h != "" && m.schemas[h] == nil && d.Schemas[h] == nil {
			return fmt.Errorf("FlowFile %s names the unknown schema %s", f.ID, h)
		}
	}
	return nil
}

// settle books what a delivery counted and noted.
func (m *Memory) settle(d *flowfile.Delivery) flowfile.Result {
	l := m.ledgers[d.Node]
	if l == nil {
		l = new(flowfile.Ledger)
		m.ledgers[d.Node] = l
	}
	for c, t := range d.Ledger {
		l[c].Plus(t)
	}
	n := m.note(d.Node)
	n.Emitted = max(n.Emitted, d.Emitted)
	n.Done = n.Done || d.Done
	if d.HasCursor {
		n.Cursor = d.Cursor
	}
	if d.HasState {
		n.State = d.State
	}
	if d.Intent != nil {
		n.Pending = append(n.Pending, *d.Intent)
	}
	if d.Forget {
		n.Pending = nil
	}
	n.Receipts = append(n.Receipts, d.Receipts...)
	var r flowfile.Result
	if a := d.AsOf; a != nil {
		if _, ok := m.asOf[a.Service]; !ok {
			m.asOf[a.Service] = a.Time
		}
		r.AsOf = m.asOf[a.Service]
	}
	return r
}

func (m *Memory) note(node string) *Notes {
	if m.notes[node] == nil {
		m.notes[node] = &Notes{}
	}
	return m.notes[node]
}

// Schema returns a schema by its hash.
func (m *Memory) Schema(hash string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.schemas[hash]; ok {
		return s, nil
	}
	return nil, fmt.Errorf("no schema %s", hash)
}

// PutSchema keeps a schema and returns its hash.
func (m *Memory) PutSchema(schema []byte) string {
	h := flowfile.SchemaHash(schema)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.schemas[h] = schema
	return h
}

// Queue returns what lies on a connection, checked out or not, by origin.
func (m *Memory) Queue(conn string) []flowfile.FlowFile {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := slices.Clone(m.queues[conn])
	slices.SortFunc(all, byOrigin)
	out := make([]flowfile.FlowFile, len(all))
	for i, e := range all {
		out[i] = e.f
	}
	return out
}

// CheckedOut returns how many FlowFiles are checked out.
func (m *Memory) CheckedOut() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, q := range m.queues {
		for _, e := range q {
			if e.token != 0 {
				n++
			}
		}
	}
	return n
}

// Bytes returns the content of a claim.
func (m *Memory) Bytes(c flowfile.Claim) ([]byte, error) {
	r, err := m.Content.Open(context.Background(), c)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	return b, err
}

// Ledger returns what a node has counted.
func (m *Memory) Ledger(node string) flowfile.Ledger {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l := m.ledgers[node]; l != nil {
		return *l
	}
	return flowfile.Ledger{}
}

// Notes returns what is kept of a node.
func (m *Memory) Notes(node string) Notes {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := *m.note(node)
	n.Pending, n.Receipts = slices.Clone(n.Pending), slices.Clone(n.Receipts)
	return n
}

// Events returns all events so far.
func (m *Memory) Events() []flowfile.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.events)
}

// Warnings returns the notes for the run's page, in English.
func (m *Memory) Warnings() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.warnings)
}

// Facts returns what is known of a node's work, by name.
func (m *Memory) Facts(node string) map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.facts[node])
}

// Witnesses returns how many rows others counted for a node, by who they are.
func (m *Memory) Witnesses(node string) map[string]int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.counts[node])
}

func put[V any](to *map[string]map[string]V, node, name string, v V) {
	if *to == nil {
		*to = map[string]map[string]V{}
	}
	if (*to)[node] == nil {
		(*to)[node] = map[string]V{}
	}
	(*to)[node][name] = v
}

// Commits returns how many deliveries were applied.
func (m *Memory) Commits() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.commits
}
