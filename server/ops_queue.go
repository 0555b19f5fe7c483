package server

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/internal/near"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store"
	"github.com/weirflow/weir/web"
)

// Bounds of looking into a queue.
const (
	queuePage   = 100    // FlowFiles a page where nothing is said
	queueMost   = 500    // and at most
	queueScan   = 2000   // looked at by one filtered call
	queueSeek   = 50_000 // entries from the head in which an id is looked for
	queueEvents = 200    // of one FlowFile
	attrCut     = 256    // characters of an attribute in a list
	attrMost    = 100    // attributes of a FlowFile in a list
)

// ListQueue asks for a page of what lies on a connection.
type ListQueue struct {
	Flow string `param:"flow" json:"-"`
	Conn string `param:"conn" json:"-"`
	// Run is a run's id, empty for continuous data.
	Run string `query:"run" json:"-"`
	// After is where the page begins: behind this place, which "next" and each
	// item's "at" give.
	After string `query:"after" json:"-"`
	// Percent begins the page about that far into the queue, where After is empty.
	Percent int `query:"percent" json:"-"`
	Limit   int `query:"limit" json:"-"`
	// Q filters by attributes: name=value, name~part, or a word that any
	// attribute has.
	Q string `query:"q" json:"-"`
}

// Queued is a FlowFile as it lies in a queue.
type Queued struct {
	ID string `json:"id"`
	// At is its place in the queue: it names the FlowFile in the other operations
	// and is a position to list from.
	At string `json:"at"`
	// Entered is when its oldest ancestor entered the flow.
	Entered time.Time `json:"entered,omitzero"`
	Size    int64     `json:"size"`
	// Rows is how many records it holds, -1 where nobody has counted.
	Rows  int64  `json:"rows"`
	Run   string `json:"run,omitempty"`
	Tries uint32 `json:"tries"`
	// Held is true while a session has it in its hands; Due is when its next try
	// may begin.
	Held bool      `json:"held"`
	Due  time.Time `json:"due,omitzero"`
	Mime string    `json:"mime,omitempty"`
	// Schema is the hash of its records' schema.
	Schema string `json:"schema,omitempty"`
	// Origin places it in the order of its run; Hops counts the connections that
	// it and its ancestors have passed.
	Origin     string            `json:"origin,omitempty"`
	Hops       uint32            `json:"hops"`
	Attributes map[string]string `json:"attributes"`
	// Cut is true when attributes were left out or shortened.
	Cut bool `json:"cut,omitempty"`
}

// QueuePage is a page of a queue.
type QueuePage struct {
	// Count and Bytes are those of the whole queue.
	Count int64    `json:"count"`
	Bytes int64    `json:"bytes"`
	Items []Queued `json:"items"`
	// Next is where the next page begins, empty at the end; More tells the same.
	Next string `json:"next"`
	// Scanned is how many FlowFiles were looked at.
	Scanned int  `json:"scanned"`
	More    bool `json:"more"`
}

// lane finds a connection's queue: of a run, or of continuous data.
func (s *Server) lane(flow, conn, run string) (l store.Lane, r *runs.Run, err error) {
	version := uint32(0)
	if run != "" {
		if r, err = s.run(run); err != nil {
			return l, nil, err
		}
		if r.Flow != flow {
			return l, nil, fault.New("run_unknown", "flow", flow, "run", run).Permanent()
		}
		l = store.Lane{Version: r.QueueVersion, Run: r.Number}
		version = r.Version()
	} else if r, err = s.store.Run(flow, 0); err != nil {
		return l, nil, err
	}
	l.Flow, l.Conn = flow, conn
	if r.Queues[conn] != nil {
		return l, r, nil
	}
	v, err := s.store.Version(flow, version)
	if err != nil {
		return l, nil, err
	}
	if _, ok := v.Plan.Conns[conn]; !ok {
		return l, nil, unknownConnection(flow, conn, v.Plan.Conns)
	}
	return l, r, nil
}

func unknownConnection(flow, conn string, have map[string]runs.PlanConn) error {
	like := near.Nearest(conn, slices.Collect(maps.Keys(have)), 3)
	if len(like) == 0 {
		like = slices.Sorted(maps.Keys(have))
	}
	return fault.New("connection_unknown", "flow", flow, "connection", conn, "nearest", strings.Join(like, ", ")).Permanent()
}

func (s *Server) listQueue(_ context.Context, in *ListQueue) (*QueuePage, error) {
	l, r, err := s.lane(in.Flow, in.Conn, in.Run)
	if err != nil {
		return nil, err
	}
	look := store.Look{Limit: in.Limit, Scan: queueScan, Match: filter(in.Q)}
	if look.Limit <= 0 {
		look.Limit = queuePage
	}
	look.Limit = min(look.Limit, queueMost)
	switch {
	case in.After != "":
		look.After, err = parsePlace(in.After)
	case in.Percent > 0:
		look.After, err = s.along(l, min(in.Percent, 100))
	}
	if err != nil {
		return nil, err
	}
	p, err := s.store.Browse(l, look)
	if err != nil {
		return nil, err
	}
	out := &QueuePage{Items: make([]Queued, len(p.Items)), Scanned: p.Scanned, More: p.More}
	if q := r.Queues[in.Conn]; q != nil {
		out.Count, out.Bytes = q.Queued.N, q.Queued.Bytes
	}
	for i := range p.Items {
		out.Items[i] = viewQueued(&p.Items[i], in.Run, true)
	}
	if p.More {
		out.Next = placeText(p.Next)
	}
	return out, nil
}

// along is a place about so many hundredths into a queue, found from its ends
// alone.
func (s *Server) along(l store.Lane, percent int) (store.Place, error) {
	first, last, ok, err := s.store.Ends(l)
	if err != nil || !ok || first.Prio != last.Prio {
		return store.Place{}, err
	}
	at := first
	at.Seq += uint64(float64(last.Seq-first.Seq) * float64(percent) / 100)
	if at.Seq > 0 {
		at.Seq--
	}
	return at, nil
}

func viewQueued(q *store.Queued, run string, cut bool) Queued {
	f := q.FlowFile
	v := Queued{ID: f.ID.String(), At: placeText(q.Place), Entered: f.Entered, Size: f.Size(), Rows: f.Rows, Run: run, Tries: f.Attempt,
		Held: q.Taken, Due: f.NotBefore, Mime: f.Attr(flowfile.MimeAttr), Schema: f.Attr(flowfile.SchemaAttr),
		Origin: f.Origin.String(), Hops: f.Hops}
	if !cut {
		v.Attributes = f.Attrs.Map()
		return v
	}
	v.Attributes = make(map[string]string, min(len(f.Attrs), attrMost))
	for i, a := range f.Attrs {
		if i == attrMost {
			v.Cut = true
			break
		}
		text, short := shorten(a.Value, attrCut)
		v.Attributes[a.Name] = text
		v.Cut = v.Cut || short
	}
	return v
}

// shorten cuts a text to so many characters.
func shorten(s string, most int) (string, bool) {
	if len(s) <= most || utf8.RuneCountInString(s) <= most {
		return s, false
	}
	n := 0
	for i := range s {
		if n == most {
			return s[:i], true
		}
		n++
	}
	return s, false
}

// placeText writes a place as it stands on the wire.
func placeText(p store.Place) string {
	return strconv.Itoa(int(p.Prio)) + "." + strconv.FormatUint(p.Seq, 10)
}

func parsePlace(text string) (store.Place, error) {
	prio, seq, ok := strings.Cut(text, ".")
	p, perr := strconv.ParseUint(prio, 10, 8)
	n, serr := strconv.ParseUint(seq, 10, 64)
	if !ok || perr != nil || serr != nil {
		return store.Place{}, fault.New("queue_place_bad", "place", text).Permanent()
	}
	return store.Place{Prio: uint8(p), Seq: n}, nil
}

// filter reads what a list is filtered by; nil takes all.
func filter(q string) func(*flowfile.FlowFile) bool {
	if q = strings.TrimSpace(q); q == "" {
		return nil
	}
	if i := strings.IndexAny(q, "=~"); i > 0 {
		name, value := strings.TrimSpace(q[:i]), strings.TrimSpace(q[i+1:])
		if q[i] == '=' {
			return func(f *flowfile.FlowFile) bool {
				v, ok := f.Attrs.Get(name)
				return ok && v == value
			}
		}
		value = strings.ToLower(value)
		return func(f *flowfile.FlowFile) bool {
			v, ok := f.Attrs.Get(name)
			return ok && strings.Contains(strings.ToLower(v), value)
		}
	}
	word := strings.ToLower(q)
	return func(f *flowfile.FlowFile) bool {
		return f.ID.String() == q || slices.ContainsFunc(f.Attrs, func(a flowfile.Attr) bool {
			return strings.Contains(strings.ToLower(a.Value), word) || strings.Contains(strings.ToLower(a.Name), word)
		})
	}
}

// QueueRef names one FlowFile of a queue: by its place, which is found at once,
// or by its id, which is looked for near the head.
type QueueRef struct {
	Flow string `param:"flow" json:"-"`
	Conn string `param:"conn" json:"-"`
	ID   string `param:"id" json:"-"`
	Run  string `query:"run" json:"-"`
}

// FlowFileView is a FlowFile with all that is known of it.
type FlowFileView struct {
	Item Queued `json:"item"`
	// Events are what happened to it and what was made of it, oldest first.
	Events []FlowFileEvent `json:"events"`
	// Incomplete is why events may be missing.
	Incomplete *web.Failure `json:"incomplete,omitempty"`
}

// FlowFileEvent is one line of a FlowFile's lineage.
type FlowFileEvent struct {
	At   time.Time `json:"at"`
	Node string    `json:"node,omitempty"`
	Type string    `json:"type"`
	// ID is the FlowFile that it happened to: this one, or one made from it.
	ID      string   `json:"id"`
	Parents []string `json:"parents,omitempty"`
	// Output is where it was transferred to, Class how it left.
	Output string `json:"output,omitempty"`
	Class  string `json:"class,omitempty"`
	Why    string `json:"why,omitempty"`
	Rows   int64  `json:"rows"`
	Size   int64  `json:"size"`
}

// queued finds one FlowFile of a queue.
func (s *Server) queued(in *QueueRef) (store.Lane, *store.Queued, error) {
	l, _, err := s.lane(in.Flow, in.Conn, in.Run)
	if err != nil {
		return l, nil, err
	}
	q, err := s.queuedIn(l, in.ID)
	return l, q, err
}

func (s *Server) queuedIn(l store.Lane, text string) (*store.Queued, error) {
	var at store.Place
	var err error
	if strings.Contains(text, ".") {
		at, err = parsePlace(text)
	} else {
		var id flowfile.ID
		if id, err = fileID(text); err == nil {
			at, _, err = s.store.Seek(l, id, queueSeek)
		}
	}
	if err != nil {
		return nil, err
	}
	q, err := s.store.Lies(l, at)
	if err == nil && q == nil {
		err = fault.New("queued_unknown", "id", text, "connection", l.Conn).Permanent()
	}
	return q, err
}

func (s *Server) showQueued(_ context.Context, in *QueueRef) (*FlowFileView, error) {
	_, q, err := s.queued(in)
	if err != nil {
		return nil, err
	}
	out := &FlowFileView{Item: viewQueued(q, in.Run, false)}
	out.Events, out.Incomplete, err = s.eventsOf(q.FlowFile.ID)
	return out, err
}

// eventsOf returns what the store has recorded about a FlowFile. Damaged places
// of the record are told beside what could be read.
func (s *Server) eventsOf(id flowfile.ID) ([]FlowFileEvent, *web.Failure, error) {
	all, err := s.store.Events(id, queueEvents)
	if err != nil && fault.CodeOf(err) != "events_damaged" {
		return nil, nil, err
	}
	out := make([]FlowFileEvent, 0, len(all))
	for _, e := range slices.Backward(all) {
		v := FlowFileEvent{At: e.Time, Node: e.Node, Type: e.Type.String(), ID: e.ID.String(), Output: string(e.Rel), Why: e.Why, Rows: e.Rows, Size: e.Size}
		if e.Class != flowfile.NoClass {
			v.Class = e.Class.String()
		}
		for _, p := range e.Parents {
			v.Parents = append(v.Parents, p.String())
		}
		out = append(out, v)
	}
	return out, fault.NoteOf(err), nil
}
