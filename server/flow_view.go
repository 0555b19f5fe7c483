package server

import (
	"bytes"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store"
)

// FlowView is a flow as a list shows it.
type FlowView struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	Doc  string `json:"doc,omitempty"`
	Mode string `json:"mode,omitempty"`
	// Version is the version in force, zero while nothing is published.
	Version uint32 `json:"version"`
	// Draft says that an edited draft differs from the version in force. Problems
	// is how many keep it from being published.
	Draft    bool            `json:"draft,omitempty"`
	Problems int             `json:"problems"`
	Schedule *runs.Schedule  `json:"schedule,omitempty"`
	Status   runs.FlowStatus `json:"status"`
	// Next is when the schedule fires next, for NextSlot.
	Next     time.Time `json:"next,omitzero"`
	NextSlot string    `json:"next_slot,omitempty"`
	// Running says that a run is at work, or that the continuous flow is started.
	Running bool `json:"running"`
	// Last are the newest runs, the newest first.
	Last []LastRun `json:"last"`
	// InRate and OutRate are FlowFiles a second of the last minute.
	InRate  float64 `json:"in_rate"`
	OutRate float64 `json:"out_rate"`
	// Queued and QueuedBytes are what lies on the connections, of all runs.
	Queued      int64 `json:"queued"`
	QueuedBytes int64 `json:"queued_bytes"`
}

// LastRun is a run as a dot.
type LastRun struct {
	Run   string     `json:"run"`
	State runs.State `json:"state"`
	Slot  string     `json:"slot,omitempty"`
}

// lastRuns is how many runs a list of flows shows of each.
const lastRuns = 10

// flowLook is what reading a document told, kept while the document is the same.
type flowLook struct {
	sum      [sha256.Size]byte
	flow     *flows.Flow
	problems int
}

// flowLooks keeps what was read of each flow's documents: a list of flows is
// asked for often and changes seldom.
type flowLooks struct {
	mu sync.Mutex
	of map[string]flowLook
}

// look reads a document, or remembers. The flow is nil when it cannot be read.
func (l *flowLooks) look(key string, doc []byte) (*flows.Flow, int) {
	sum := sha256.Sum256(doc)
	l.mu.Lock()
	had := l.of[key]
	l.mu.Unlock()
	if had.sum == sum {
		return had.flow, had.problems
	}
	f, problems := flows.Check(doc)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = map[string]flowLook{}
	}
	l.of[key] = flowLook{sum, f, len(problems)}
	return f, len(problems)
}

func (l *flowLooks) forget(flow string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.of, flow)
	delete(l.of, flow+" draft")
}

func (s *Server) viewFlow(r store.FlowRecord) (FlowView, error) {
	v := FlowView{ID: r.Flow, Version: r.Newest, Last: []LastRun{}}
	st, err := s.store.Schedule(r.Flow)
	if err != nil {
		return v, err
	}
	v.Status, v.Running = st, st.Started
	draft, err := s.draftDoc(&r)
	if err != nil {
		return v, err
	}
	f, problems := s.looks.look(r.Flow+" draft", draft)
	v.Problems = problems
	if r.Newest > 0 {
		doc, err := s.store.Doc(r.Flow, r.Newest)
		if err != nil {
			return v, err
		}
		if v.Draft = !bytes.Equal(doc, draft); v.Draft {
			f, _ = s.looks.look(r.Flow, doc)
		}
	}
	if err := s.viewData(&v); err != nil || f == nil {
		return v, err
	}
	v.Name, v.Doc, v.Mode, v.Schedule = f.Name, f.Doc, string(f.Mode), f.Schedule
	if st.Enabled && f.Schedule != nil {
		if cal, err := f.Calendar(); err == nil {
			slot, at := cal.NextDue(s.cfg.Now())
			v.Next, v.NextSlot = at, slot.Key()
		}
	}
	return v, nil
}

// viewData tells what a flow has at work and on its connections.
func (s *Server) viewData(v *FlowView) error {
	last, err := s.store.Runs(v.ID, lastRuns, 0)
	if err != nil {
		return err
	}
	for _, r := range last {
		v.Last = append(v.Last, LastRun{Run: r.ID, State: r.State, Slot: r.Slot})
	}
	stream, err := s.store.Run(v.ID, 0)
	if err != nil {
		return err
	}
	for _, r := range append(s.store.UnfinishedRuns(), stream) {
		if r.Flow != v.ID {
			continue
		}
		v.Running = v.Running || r.Number > 0
		for _, q := range r.Queues {
			v.Queued, v.QueuedBytes = v.Queued+q.Queued.N, v.QueuedBytes+q.Queued.Bytes
		}
	}
	if s.rates != nil {
		v.InRate, v.OutRate = s.rates(v.ID)
	}
	return nil
}
