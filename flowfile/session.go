package flowfile

import (
	"context"
	"io"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
)

// Queues gives a session the FlowFiles that wait for it. It is bound to one
// flow, version and run; connections are named by their slugs.
type Queues interface {
	// Take checks out up to n waiting FlowFiles of the connections, oldest first
	// within each, and returns none when nothing is ready.
	Take(conns []string, n int) ([]*Item, error)
	// Scan yields all FlowFiles of the connection in the order of their origin,
	// without taking them.
	Scan(ctx context.Context, conn string) iter.Seq2[*Item, error]
	// Release gives items back untouched.
	Release(items []*Item)
}

// Route says where an output leads.
type Route struct {
	// Conns are the connections that it feeds; several mean a copy to each.
	Conns []string
	// Class is Out for a forward output, Filtered or Rejected for the others.
	Class Class
}

// Config is what a session is made of. The engine fills it; tests of
// processors get one from processorstest.
type Config struct {
	Flow string
	Node string
	// Version is the queue version, zero for continuous data.
	Version uint32
	Run     Run
	Fence   Fence
	// Inputs maps each input's name to its connections. WholeRun inputs are read
	// with All, others with Get.
	Inputs   map[string][]string
	WholeRun bool
	Outputs  map[Relationship]Route

	Queues  Queues
	Content Content
	// Commit makes a delivery durable.
	Commit func(context.Context, *Delivery) (Result, error)
	// NewID returns a fresh FlowFile id.
	NewID func() ID
	// Schema returns the schema stored under a hash.
	Schema func(hash string) ([]byte, error)
	Now    func() time.Time

	// Emitted, Cursor, State and Pending are the node's durable notes as of
	// checkout.
	Emitted uint64
	Cursor  []byte
	State   []byte
	Pending []Intent
	Log     *slog.Logger
}

// Result is what a commit tells its session.
type Result struct {
	// AsOf is the read time that holds for the run after a Delivery.AsOf.
	AsOf time.Time
}

// Session is one unit of work of a processor: what it takes, makes and
// transfers becomes one commit. See the package comment.
type Session struct {
	cfg  Config
	ctx  context.Context
	d    *Delivery // checkpointed work
	open batch     // work since the last checkpoint
	err  error     // first misuse; the commit fails with it
	// scanned is what All saw of each connection of a whole-run input.
	scanned map[string]Tally
	// settled are those of its FlowFiles that were transferred or dropped: All may
	// yield them again.
	settled map[ID]bool
}

// batch is the work since the last checkpoint, undone as a whole by Rollback.
type batch struct {
	files     []*FlowFile
	items     []*Item
	ledger    Ledger
	emitted   uint64
	cursor    Cursor
	state     Cursor
	receipts  []Receipt
	warn      []*fault.Note
	facts     []Fact
	witnesses []Witness
	schemas   map[string][]byte
	done      bool
}

// NewSession returns a session over its configuration. ctx ends with the task.
func NewSession(ctx context.Context, cfg Config) *Session {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.Pending = slices.Clone(cfg.Pending)
	s := &Session{cfg: cfg, ctx: ctx}
	s.d = s.delivery()
	s.d.Emitted = cfg.Emitted
	s.open = batch{emitted: cfg.Emitted, cursor: Cursor{raw: cfg.Cursor}, state: Cursor{raw: cfg.State}}
	return s
}

func (s *Session) delivery() *Delivery {
	return &Delivery{Flow: s.cfg.Flow, Version: s.cfg.Version, Run: s.cfg.Run.Number, Node: s.cfg.Node, Fence: s.cfg.Fence}
}

// Run returns the run that the session works for; zero for continuous data.
func (s *Session) Run() Run { return s.cfg.Run }

// Node returns the slug of the node that the session belongs to.
func (s *Session) Node() string { return s.cfg.Node }

// Log returns a logger that names run, node and try.
func (s *Session) Log() *slog.Logger { return s.cfg.Log }

// Now returns the time by the engine's clock.
func (s *Session) Now() time.Time { return s.cfg.Now() }

// misuse keeps the first error of a call that has no error to return.
func (s *Session) misuse(err error) {
	if s.err == nil {
		s.err = err
	}
}

// own reports whether f is in this session's hands, and notes a misuse when it
// is not.
func (s *Session) own(f *FlowFile) bool {
	if err := s.foreign(f); err != nil {
		s.misuse(err)
		return false
	}
	return true
}

func (s *Session) foreign(f *FlowFile) error {
	switch {
	case f == nil:
		return fault.New("session_nil", "node", s.cfg.Node).Permanent()
	case f.hold == nil || f.hold.owner != s:
		return fault.New("session_foreign", "node", s.cfg.Node, "id", f.ID).Permanent()
	}
	return nil
}

// Get returns the next FlowFile of the default input, or nil when none waits.
func (s *Session) Get() *FlowFile { return s.GetFrom("") }

// GetFrom returns the next FlowFile of a named input, or nil when none waits.
func (s *Session) GetFrom(input string) *FlowFile {
	if fs := s.getBatch(input, 1); len(fs) == 1 {
		return fs[0]
	}
	return nil
}

// GetBatch returns up to n FlowFiles of the default input.
func (s *Session) GetBatch(n int) []*FlowFile { return s.getBatch("", n) }

func (s *Session) getBatch(input string, n int) []*FlowFile {
	conns, ok := s.cfg.Inputs[input]
	if !ok && (input != "" || len(s.cfg.Inputs) > 0) {
		s.misuse(fault.New("session_input", "node", s.cfg.Node, "input", input).Permanent())
		return nil
	}
	if s.cfg.WholeRun {
		s.misuse(fault.New("session_whole_run_get", "node", s.cfg.Node).Permanent())
		return nil
	}
	if len(conns) == 0 || s.err != nil {
		return nil
	}
	items, err := s.cfg.Queues.Take(conns, n)
	s.open.items = append(s.open.items, items...)
	if err != nil {
		s.misuse(err)
		return nil
	}
	out := make([]*FlowFile, len(items))
	holds := make([]hold, len(items)) // one allocation for all of them
	s.open.files = slices.Grow(s.open.files, len(items))
	for i, it := range items {
		f := it.FlowFile
		holds[i] = hold{owner: s, item: it, rows: f.Rows, size: f.Content.Size}
		f.hold = &holds[i]
		s.open.ledger[In].Add(f.Rows, f.Content.Size)
		s.open.files = append(s.open.files, f)
		out[i] = f
	}
	return out
}

// All yields every FlowFile of a whole-run input, by connection and origin,
// without taking it: the commit takes them all. It may be called again. A
// yielded FlowFile needs no Transfer or Drop; one that gets either leaves that
// way, all others count as merged, or committed where the session has a
// Receipt.
func (s *Session) All(input string) iter.Seq2[*FlowFile, error] {
	return func(yield func(*FlowFile, error) bool) {
		conns, ok := s.cfg.Inputs[input]
		if !s.cfg.WholeRun || (!ok && input != "") {
			yield(nil, fault.New("session_input", "node", s.cfg.Node, "input", input).Permanent())
			return
		}
		for _, c := range conns {
			var seen Tally
			for it, err := range s.cfg.Queues.Scan(s.ctx, c) {
				if err != nil {
					yield(nil, err)
					return
				}
				f := it.FlowFile
				f.hold = &hold{owner: s, item: it, whole: true, rows: f.Rows, size: f.Content.Size}
				seen.Add(f.Rows, f.Content.Size)
				if !yield(f, nil) {
					return
				}
			}
			if err := s.ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if s.scanned == nil {
				s.scanned = map[string]Tally{}
			}
			s.scanned[c] = seen
		}
	}
}

// Create makes a FlowFile. With one parent it inherits its attributes, with
// several those that all have alike; lineage and order follow the parents. In a
// source or a whole-run session it may have none.
func (s *Session) Create(parents ...*FlowFile) *FlowFile {
	f := &FlowFile{ID: s.cfg.NewID(), Run: s.cfg.Run.Number, hold: &hold{owner: s, event: EventCreate}}
	switch {
	case len(parents) > 0:
		s.inherit(f, parents)
	case !s.cfg.Run.IsZero() && !s.cfg.Fence.Act:
		s.misuse(fault.New("session_orphan", "node", s.cfg.Node).Permanent())
	}
	if len(parents) == 0 || s.cfg.WholeRun {
		f.Origin = SourceOrigin(s.cfg.Node, s.open.emitted)
		s.open.emitted++
	}
	if f.Entered.IsZero() {
		f.Entered = s.cfg.Now()
	}
	s.open.files = append(s.open.files, f)
	return f
}

func (s *Session) inherit(f *FlowFile, parents []*FlowFile) {
	first := parents[0]
	for _, p := range parents {
		if !s.own(p) {
			return
		}
	}
	f.Attrs, f.Entered, f.Hops = first.Attrs, first.Entered, first.Hops
	f.hold.event = EventFork
	if len(parents) > 1 {
		f.hold.event = EventJoin
	}
	origin := first
	for _, p := range parents {
		f.hold.parents = append(f.hold.parents, p.ID)
		if p.Entered.Before(f.Entered) {
			f.Entered = p.Entered
		}
		f.Hops = max(f.Hops, p.Hops)
		if p.Origin < origin.Origin {
			origin = p
		}
		if p == first {
			continue
		}
		for _, a := range f.Attrs {
			if v, ok := p.Attrs.Get(a.Name); !ok || v != a.Value {
				f.Attrs = f.Attrs.Without(a.Name)
			}
		}
	}
	f.Origin = origin.Origin.Child(origin.hold.children)
	origin.hold.children++
}

// Clone makes a copy with the same attributes and content for a further route.
// It is counted as cloned, so that a filter's rows balance.
func (s *Session) Clone(f *FlowFile) *FlowFile {
	c := s.Create(f)
	if s.err != nil {
		return c
	}
	c.Content, c.Rows = f.Content, f.Rows
	c.hold.event = EventClone
	s.open.ledger[Cloned].Add(c.Rows, c.Content.Size)
	return c
}

// Open reads a FlowFile's content. The reader must be closed.
func (s *Session) Open(f *FlowFile) (io.ReadCloser, error) {
	if err := s.foreign(f); err != nil {
		return nil, err
	}
	if f.Content.Size == 0 {
		return io.NopCloser(strings.NewReader("")), nil
	}
	return s.cfg.Content.Open(s.ctx, f.Content)
}

// Write replaces the content by what write writes. Its rows become unknown;
// records are written with WriteRecords.
func (s *Session) Write(f *FlowFile, write func(io.Writer) error) error {
	if err := s.foreign(f); err != nil {
		s.misuse(err)
		return err
	}
	c, err := s.cfg.Content.Append(s.ctx, write)
	if err != nil {
		return err
	}
	f.Content, f.Rows = c, UnknownRows
	if f.Attr(SchemaAttr) != "" {
		// It held records; the new bytes are what the kind says they are.
		f.Attrs = f.Attrs.Without(SchemaAttr)
		if f.Attr(MimeAttr) == NDJSON {
			f.Attrs = f.Attrs.Without(MimeAttr)
		}
	}
	f.hold.content = true
	return nil
}

// WriteRecords replaces the content by NDJSON records of the given schema (its
// canonical JSON); write returns how many it wrote. Package record's writers
// are the callers to use: the count must be true.
func (s *Session) WriteRecords(f *FlowFile, schema []byte, write func(io.Writer) (int64, error)) error {
	if err := s.foreign(f); err != nil {
		s.misuse(err)
		return err
	}
	var rows int64
	c, err := s.cfg.Content.Append(s.ctx, func(w io.Writer) (err error) {
		rows, err = write(w)
		return err
	})
	if err != nil {
		return err
	}
	hash := SchemaHash(schema)
	if s.open.schemas == nil {
		s.open.schemas = map[string][]byte{}
	}
	s.open.schemas[hash] = schema
	f.Content, f.Rows = c, rows
	f.Attrs = f.Attrs.With(SchemaAttr, hash).With(MimeAttr, NDJSON)
	f.hold.content = true
	return nil
}

// Schema returns the canonical JSON of the schema of a FlowFile's records. It
// fails with code not_records when the FlowFile holds none.
func (s *Session) Schema(f *FlowFile) ([]byte, error) {
	hash := f.Attr(SchemaAttr)
	if hash == "" {
		return nil, fault.New("not_records", "node", s.cfg.Node, "id", f.ID, "type", f.Attr(MimeAttr)).Permanent()
	}
	for _, m := range []map[string][]byte{s.open.schemas, s.d.Schemas} {
		if b, ok := m[hash]; ok {
			return b, nil
		}
	}
	return s.cfg.Schema(hash)
}

// Set sets an attribute. Names that begin with "run." and record.schema belong
// to Weir; setting one makes the commit fail.
func (s *Session) Set(f *FlowFile, name, value string) {
	if name == "" || name == SchemaAttr || strings.HasPrefix(name, RunPrefix) {
		s.misuse(fault.New("attribute_reserved", "node", s.cfg.Node, "name", name).Permanent())
		return
	}
	if s.own(f) {
		f.Attrs = f.Attrs.With(name, value)
		f.hold.attrs = true
	}
}

// Unset removes an attribute.
func (s *Session) Unset(f *FlowFile, name string) {
	if name == SchemaAttr {
		s.misuse(fault.New("attribute_reserved", "node", s.cfg.Node, "name", name).Permanent())
		return
	}
	if s.own(f) {
		f.Attrs = f.Attrs.Without(name)
		f.hold.attrs = true
	}
}

// Lookup returns an attribute as expressions see it: run.* from the run, the
// rest from the FlowFile, which may be nil: its attributes, and behind them its
// facts.
func (s *Session) Lookup(f *FlowFile, name string) (string, bool) {
	if rest, ok := strings.CutPrefix(name, RunPrefix); ok {
		return s.cfg.Run.Attr(rest)
	}
	if f == nil {
		return "", false
	}
	if v, ok := f.Attrs.Get(name); ok {
		return v, true
	}
	return f.fact(name)
}

// Transfer sends a FlowFile to an output. Each goes to one output; use Clone
// for more.
func (s *Session) Transfer(f *FlowFile, rel Relationship) {
	if _, ok := s.cfg.Outputs[rel]; !ok {
		s.misuse(fault.New("session_output", "node", s.cfg.Node, "output", rel).Permanent())
		return
	}
	s.settle(f, fate{known: true, rel: rel})
}

// Drop ends a FlowFile. The class is Merged when its content lives on in
// others, Committed when it is safe outside, Filtered or Rejected otherwise;
// why is shown in its lineage.
func (s *Session) Drop(f *FlowFile, c Class, why string) {
	switch c {
	case Merged, Committed, Filtered, Rejected:
		s.settle(f, fate{known: true, class: c, why: why})
	default:
		s.misuse(fault.New("session_drop_class", "node", s.cfg.Node, "class", c).Permanent())
	}
}

func (s *Session) settle(f *FlowFile, to fate) {
	switch {
	case !s.own(f):
	case f.hold.fate.known || f.hold.whole && s.settled[f.ID]:
		s.misuse(fault.New("session_twice", "node", s.cfg.Node, "id", f.ID).Permanent())
	default:
		if f.hold.whole {
			s.open.files = append(s.open.files, f)
			if s.settled == nil {
				s.settled = map[ID]bool{}
			}
			s.settled[f.ID] = true
		}
		f.hold.fate = to
	}
}
