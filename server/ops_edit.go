package server

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/store"
	"github.com/weirflow/weir/web"
)

// Draft is a flow as it is being edited.
type Draft struct {
	Flow string `json:"flow"`
	// Rev numbers the states of the draft; an edit says of which it was made.
	Rev      uint64          `json:"rev"`
	Doc      json.RawMessage `json:"doc"`
	Problems []Problem       `json:"problems"`
	// Version is the version in force, zero when there is none; Differs says that
	// the draft is not the same.
	Version uint32 `json:"version"`
	Differs bool   `json:"differs"`
	// Authors are those who edited since a version was published.
	Authors []string `json:"authors"`
}

// Edit is a numbered change of a draft.
type Edit struct {
	Rev    uint64     `json:"rev"`
	Ops    []flows.Op `json:"ops"`
	Client string     `json:"client"`
	Who    string     `json:"who"`
	Label  string     `json:"label"`
	At     time.Time  `json:"at"`
}

// EditFlow changes a draft by operations.
type EditFlow struct {
	Flow string `param:"flow" json:"-"`
	// BaseRev is the revision that the operations were made of.
	BaseRev uint64 `json:"base_rev"`
	// Client names the page or program; Label says what was done.
	Client string     `json:"client"`
	Label  string     `json:"label"`
	Ops    []flows.Op `json:"ops"`
}

// RollBack makes an earlier version the draft.
type RollBack struct {
	Flow    string `param:"flow" json:"-"`
	Version uint32 `json:"version"`
	Client  string `json:"client,omitempty"`
}

// Edited tells what an edit came to. With the status 409 nothing was changed,
// since the draft has moved on: Missed are the edits that the caller does not
// know, or Doc is the draft when they are not kept any more.
type Edited struct {
	Rev      uint64          `json:"rev"`
	Problems []Problem       `json:"problems"`
	Version  uint32          `json:"version"`
	Differs  bool            `json:"differs"`
	Moved    bool            `json:"moved,omitempty"`
	Missed   []Edit          `json:"missed,omitempty"`
	Doc      json.RawMessage `json:"doc,omitempty"`
}

// Status is the HTTP status of the answer.
func (e *Edited) Status() int {
	if e.Moved {
		return http.StatusConflict
	}
	return http.StatusOK
}

// longestLabel bounds the names of clients and edits, in bytes.
const longestLabel = 200

// whose is who edits, beside the user that the transport knows: with which page
// or program, and to do what.
type whose struct{ client, label string }

func (w whose) check() error {
	if len(w.client) > longestLabel || len(w.label) > longestLabel {
		return fault.New("edit_label_long", "limit", longestLabel).Permanent()
	}
	return nil
}

// draftDoc is the draft of a flow, the version in force when there is none.
func (s *Server) draftDoc(r *store.FlowRecord) ([]byte, error) {
	if len(r.Draft) > 0 || r.Newest == 0 {
		return r.Draft, nil
	}
	return s.store.Doc(r.Flow, r.Newest)
}

// draftFlow returns the draft of a flow, and its revision.
func (s *Server) draftFlow(flow string) (*flows.Flow, uint64, error) {
	r, err := s.store.Flow(flow)
	if err != nil {
		return nil, 0, err
	}
	doc, err := s.draftDoc(r)
	if err != nil {
		return nil, 0, err
	}
	f, err := flows.Parse(doc)
	return f, r.Rev, err
}

func (s *Server) differs(r *store.FlowRecord, draft []byte) (bool, error) {
	if r.Newest == 0 {
		return true, nil
	}
	doc, err := s.store.Doc(r.Flow, r.Newest)
	return !bytes.Equal(doc, draft), err
}

func (s *Server) getDraft(_ context.Context, in *FlowRef) (*Draft, error) {
	r, err := s.store.Flow(in.Flow)
	if err != nil {
		return nil, err
	}
	doc, err := s.draftDoc(r)
	if err != nil {
		return nil, err
	}
	_, problems := flows.Check(doc)
	out := &Draft{Flow: in.Flow, Rev: r.Rev, Doc: doc, Problems: viewProblems(problems), Version: r.Newest, Authors: r.Authors}
	if out.Authors == nil {
		out.Authors = []string{}
	}
	out.Differs, err = s.differs(r, doc)
	return out, err
}

func (s *Server) editFlow(ctx context.Context, in *EditFlow) (*Edited, error) {
	w := whose{in.Client, in.Label}
	if err := w.check(); err != nil {
		return nil, err
	}
	s.editing.Lock()
	defer s.editing.Unlock()
	r, err := s.store.Flow(in.Flow)
	if err != nil {
		return nil, err
	}
	if r.Rev != in.BaseRev {
		return s.moved(r, in.BaseRev)
	}
	doc, err := s.draftDoc(r)
	if err != nil {
		return nil, err
	}
	now, _, err := flows.Apply(doc, in.Ops)
	if err != nil {
		return nil, err
	}
	return s.edit(ctx, r, now, in.Ops, w)
}

// moved tells a caller who knows an older draft what has happened to it.
func (s *Server) moved(r *store.FlowRecord, base uint64) (*Edited, error) {
	out := &Edited{Moved: true, Rev: r.Rev, Problems: []Problem{}, Version: r.Newest}
	missed, whole, err := s.store.Edits(r.Flow, base)
	if err != nil {
		return nil, err
	}
	doc, err := s.draftDoc(r)
	if err != nil {
		return nil, err
	}
	if out.Differs, err = s.differs(r, doc); err != nil {
		return nil, err
	}
	if !whole {
		out.Doc = doc
		return out, nil
	}
	for _, e := range missed {
		v, err := viewEdit(e)
		if err != nil {
			return nil, err
		}
		out.Missed = append(out.Missed, v)
	}
	return out, nil
}

func viewEdit(e store.Edit) (Edit, error) {
	v := Edit{Rev: e.Rev, Client: e.Client, Who: e.Who, Label: e.Label, At: e.At}
	err := json.Unmarshal(e.Ops, &v.Ops)
	return v, err
}

// edit makes doc the draft of a flow and tells who has it open. The caller holds
// the lock of edits, so that they are told in the order of their revisions.
func (s *Server) edit(ctx context.Context, r *store.FlowRecord, doc []byte, ops []flows.Op, w whose) (*Edited, error) {
	raw, err := json.Marshal(ops)
	if err != nil {
		return nil, err
	}
	made, err := s.store.EditDraft(ctx, r.Flow, r.Rev, doc, store.Edit{Ops: raw, Client: w.client, Who: web.Actor(ctx), Label: w.label})
	if err != nil {
		return nil, err
	}
	told, err := viewEdit(made)
	if err != nil {
		return nil, err
	}
	s.changes.tell(change{kind: changeEdit, flow: r.Flow, edit: &told})
	_, problems := flows.Check(doc)
	out := &Edited{Rev: made.Rev, Problems: viewProblems(problems), Version: r.Newest}
	out.Differs, err = s.differs(r, doc)
	return out, err
}

// replaceDraft makes a document the draft, as one edit of what is there.
func (s *Server) replaceDraft(ctx context.Context, flow string, doc []byte, fresh bool, w whose) error {
	if err := w.check(); err != nil {
		return err
	}
	s.editing.Lock()
	defer s.editing.Unlock()
	r, err := s.store.Flow(flow)
	switch {
	case fault.CodeOf(err) == "flow_unknown", err == nil && len(r.Draft) == 0 && r.Newest == 0: // or one of files that were run
		return s.firstDraft(ctx, flow, doc, w)
	case err != nil:
		return err
	case fresh:
		return fault.New("flow_id_taken", "flow", flow).Permanent()
	}
	_, err = s.become(ctx, r, doc, w)
	return err
}

func (s *Server) firstDraft(ctx context.Context, flow string, doc []byte, w whose) error {
	_, err := s.store.EditDraft(ctx, flow, 0, doc, store.Edit{Ops: json.RawMessage("[]"), Client: w.client, Who: web.Actor(ctx), Label: w.label})
	if err == nil {
		s.changes.tell(change{kind: changeFlow, flow: flow})
	}
	return err
}

// become is an edit that makes the draft another document; one that is it
// already changes nothing.
func (s *Server) become(ctx context.Context, r *store.FlowRecord, doc []byte, w whose) (*Edited, error) {
	old, err := s.draftDoc(r)
	if err != nil {
		return nil, err
	}
	ops, err := flows.Ops(old, doc)
	if err != nil {
		return nil, err
	}
	if len(ops) == 0 && len(r.Draft) > 0 {
		_, problems := flows.Check(doc)
		out := &Edited{Rev: r.Rev, Problems: viewProblems(problems), Version: r.Newest}
		out.Differs, err = s.differs(r, doc)
		return out, err
	}
	return s.edit(ctx, r, doc, ops, w)
}

func (s *Server) rollBack(ctx context.Context, in *RollBack) (*Edited, error) {
	w := whose{in.Client, "rollback"}
	if err := w.check(); err != nil {
		return nil, err
	}
	s.editing.Lock()
	defer s.editing.Unlock()
	r, err := s.store.Flow(in.Flow)
	if err != nil {
		return nil, err
	}
	v := in.Version
	if v == 0 {
		v = r.Newest
	}
	doc, err := s.store.Doc(in.Flow, v)
	if err != nil {
		return nil, err
	}
	return s.become(ctx, r, doc, w)
}
