package live

import (
	"sync"
	"time"

	"github.com/weirflow/weir/fault"
)

// How many bulletins are kept, in all and of one node, and how long the same one
// of the same place is not told again.
const (
	bulletinsKept = 1000
	perNode       = 20
	silence       = time.Minute
)

// Bulletin tells people what happened to a node, run or flow.
type Bulletin struct {
	Seq   uint64    `json:"seq"`
	At    time.Time `json:"at"`
	Flow  string    `json:"flow"`
	Run   string    `json:"run,omitempty"`
	Node  string    `json:"node,omitempty"`
	Level string    `json:"level" jsonschema:"enum=info,enum=warning,enum=error"`
	Code  string    `json:"code"`
	// Args are those of the code; Note is the whole message, causes included.
	Args fault.Args  `json:"args,omitempty"`
	Note *fault.Note `json:"note,omitempty"`
}

type place struct{ flow, node string }

type said struct {
	place
	run, code string
}

// Bulletins is a bounded ring of them, the newest ones of the program and of
// each node.
type Bulletins struct {
	mu   sync.Mutex
	seq  uint64
	all  []Bulletin
	node map[place][]Bulletin
	told map[said]time.Time
}

// NewBulletins returns an empty ring.
func NewBulletins() *Bulletins {
	return &Bulletins{node: map[place][]Bulletin{}, told: map[said]time.Time{}}
}

// Add keeps a bulletin, numbers it and returns it; false when the same was told
// a moment ago.
func (r *Bulletins) Add(b Bulletin) (Bulletin, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := said{place{b.Flow, b.Node}, b.Run, b.Code}
	if at, ok := r.told[k]; ok && b.At.Sub(at) < silence && b.At.Sub(at) >= 0 {
		return b, false
	}
	if len(r.told) >= bulletinsKept {
		for o, at := range r.told {
			if b.At.Sub(at) >= silence {
				delete(r.told, o)
			}
		}
		if len(r.told) >= bulletinsKept {
			clear(r.told)
		}
	}
	r.told[k] = b.At
	r.seq++
	b.Seq = r.seq
	r.all = keep(r.all, b, bulletinsKept)
	r.node[k.place] = keep(r.node[k.place], b, perNode)
	if len(r.node) > bulletinsKept { // nodes come and go with their flows
		r.prune()
	}
	return b, true
}

// prune drops the node whose last bulletin is the oldest.
func (r *Bulletins) prune() {
	var oldest place
	seq := uint64(0)
	for p, of := range r.node {
		if last := of[len(of)-1].Seq; seq == 0 || last < seq {
			oldest, seq = p, last
		}
	}
	delete(r.node, oldest)
}

func keep(of []Bulletin, b Bulletin, most int) []Bulletin {
	if len(of) == most {
		copy(of, of[1:])
		of[most-1] = b
		return of
	}
	return append(of, b)
}

// List returns bulletins with numbers above after, oldest first, of a flow and
// node where they are named, at most limit of the newest.
func (r *Bulletins) List(flow, node string, after uint64, limit int) []Bulletin {
	r.mu.Lock()
	defer r.mu.Unlock()
	from := r.all
	if flow != "" && node != "" {
		from = r.node[place{flow, node}]
	}
	out := []Bulletin{}
	for i := len(from) - 1; i >= 0 && len(out) < limit && from[i].Seq > after; i-- {
		if b := from[i]; (flow == "" || b.Flow == flow) && (node == "" || b.Node == node) {
			out = append(out, b)
		}
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// Counts returns how many bulletins each node of a flow has had since a time.
func (r *Bulletins) Counts(flow string, nodes []string, since time.Time, into []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, slug := range nodes {
		into[i] = 0
		of := r.node[place{flow, slug}]
		for k := len(of) - 1; k >= 0 && of[k].At.After(since); k-- {
			into[i]++
		}
	}
}

// Forget drops the bulletins of a flow that is gone.
func (r *Bulletins) Forget(flow string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := r.all[:0]
	for _, b := range r.all {
		if b.Flow != flow {
			kept = append(kept, b)
		}
	}
	r.all = kept
	for p := range r.node {
		if p.flow == flow {
			delete(r.node, p)
		}
	}
}
