package server

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store"
)

// ListParked asks for a page of a run's parked FlowFiles.
type ListParked struct {
	Run   string `param:"run" json:"-"`
	After string `query:"after" json:"-"`
	Limit int    `query:"limit" json:"-"`
}

// ParkedView is one FlowFile that waits for a person.
type ParkedView struct {
	ID       string            `json:"id"`
	Conn     string            `json:"connection"`
	At       time.Time         `json:"at"`
	Code     string            `json:"code"`
	Cause    string            `json:"cause"`
	Note     *fault.Note       `json:"note,omitempty"`
	Attempts uint32            `json:"attempts"`
	Rows     int64             `json:"rows"`
	Size     int64             `json:"size"`
	Origin   string            `json:"origin"`
	Attrs    map[string]string `json:"attributes,omitempty"`
}

// ParkedList is a page of parked FlowFiles.
type ParkedList struct {
	Parked []ParkedView `json:"parked"`
	// More says that others come after these.
	More bool `json:"more"`
}

// ParkedRef names one parked FlowFile.
type ParkedRef struct {
	Run string `param:"run" json:"-"`
	ID  string `param:"id" json:"-"`
}

// SettleParked retries or discards parked FlowFiles: those named, or all.
type SettleParked struct {
	Run string   `param:"run" json:"-"`
	IDs []string `json:"ids,omitempty"`
	By  string   `json:"by,omitempty"`
}

func viewParked(p store.ParkedFile) ParkedView {
	f := p.FlowFile
	return ParkedView{ID: f.ID.String(), Conn: p.Conn, At: p.At, Code: p.Code, Cause: p.Cause, Note: p.Note, Attempts: f.Attempt + 1,
		Rows: f.Rows, Size: f.Size(), Origin: f.Origin.String(), Attrs: f.Attrs.Map()}
}

func (s *Server) listParked(_ context.Context, in *ListParked) (*ParkedList, error) {
	r, err := s.run(in.Run)
	if err != nil {
		return nil, err
	}
	after, err := fileID(in.After)
	if err != nil {
		return nil, err
	}
	if in.Limit <= 0 || in.Limit > 1000 {
		in.Limit = 100
	}
	list, err := s.store.Parked(r.Flow, r.Number, after, in.Limit+1)
	out := &ParkedList{Parked: []ParkedView{}, More: len(list) > in.Limit}
	list = list[:min(len(list), in.Limit)]
	for _, p := range list {
		out.Parked = append(out.Parked, viewParked(p))
	}
	return out, err
}

func fileID(text string) (flowfile.ID, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fault.New("flowfile_id_bad", "id", text).Permanent()
	}
	return flowfile.ID(n), nil
}

// one finds a parked FlowFile of a run.
func (s *Server) one(in *ParkedRef) (*runs.Run, *store.ParkedFile, error) {
	r, err := s.run(in.Run)
	if err != nil {
		return nil, nil, err
	}
	id, err := fileID(in.ID)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.store.ParkedOne(r.Flow, r.Number, id)
	if fault.CodeOf(err) == "parked_gone" {
		err = fault.New("parked_unknown", "id", in.ID, "run", r.ID).Permanent()
	}
	return r, p, err
}

func (s *Server) showParked(_ context.Context, in *ParkedRef) (*ParkedView, error) {
	_, p, err := s.one(in)
	if err != nil {
		return nil, err
	}
	v := viewParked(*p)
	return &v, nil
}

// retryParked puts parked FlowFiles back. A run that failed is resumed by it;
// those that are not named stay parked.
func (s *Server) retryParked(ctx context.Context, in *SettleParked) (*RunView, error) {
	r, err := s.run(in.Run)
	if err != nil {
		return nil, err
	}
	if r.State != runs.Failed {
		return s.settleParked(ctx, in, flowfile.OrderUnpark)
	}
	ids, err := in.ids()
	if err != nil {
		return nil, err
	}
	resume := &ResumeRun{Run: r.ID, By: in.By}
	if err := s.atHand(r, nil); err != nil {
		return nil, err
	}
	if err := s.resume(ctx, r, 0, resume, ids...); err != nil {
		return nil, err
	}
	return s.showRun(ctx, &RunRef{Run: r.ID})
}

// ids are the FlowFiles that are named, each once.
func (in *SettleParked) ids() (out []flowfile.ID, err error) {
	for _, t := range in.IDs {
		id, err := fileID(t)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func (s *Server) discardParked(ctx context.Context, in *SettleParked) (*RunView, error) {
	return s.settleParked(ctx, in, flowfile.OrderDiscard)
}

func (s *Server) settleParked(ctx context.Context, in *SettleParked, kind flowfile.OrderKind) (*RunView, error) {
	r, err := s.run(in.Run)
	if err != nil {
		return nil, err
	}
	ids, err := in.ids()
	if err != nil {
		return nil, err
	}
	o := &flowfile.Order{Kind: kind, At: s.cfg.Now(), By: orderer(ctx, in.By), Parked: ids}
	s.claim(r.Number)
	if _, err := s.engine.Commit(ctx, &flowfile.Delivery{Flow: r.Flow, Version: r.QueueVersion, Run: r.Number, Order: o}); err != nil {
		return nil, err
	}
	return s.showRun(ctx, &RunRef{Run: r.ID})
}
