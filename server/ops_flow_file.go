package server

import (
	"bytes"
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/store"
)

// PreviewFlow asks what importing a file would do.
type PreviewFlow struct {
	Doc json.RawMessage `json:"doc"`
}

// Preview tells what importing a file would do.
type Preview struct {
	Flow string `json:"flow"`
	Name string `json:"name,omitempty"`
	// Exists says that a flow of the id stands already; Version is its version in
	// force and Changes what its draft would lose and gain.
	Exists   bool           `json:"exists"`
	Version  uint32         `json:"version"`
	Changes  []flows.Change `json:"changes"`
	Problems []Problem      `json:"problems"`
	// Access tells what the flow may touch, unless problems hide it.
	Access *Access `json:"access,omitempty"`
}

// DuplicateFlow makes a new flow of the draft of another.
type DuplicateFlow struct {
	Flow string `param:"flow" json:"-"`
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// docOf is a document of a flow: of a version, or the draft.
func (s *Server) docOf(r *store.FlowRecord, in *FlowRef) ([]byte, error) {
	if in.Draft || in.Version == 0 && r.Newest == 0 {
		return s.draftDoc(r)
	}
	v := in.Version
	if v == 0 {
		v = r.Newest
	}
	return s.store.Doc(r.Flow, v)
}

// flowFile writes a flow's file as it would stand on a disk.
func (s *Server) flowFile(_ context.Context, in *FlowRef, w http.ResponseWriter, r *http.Request) error {
	rec, err := s.store.Flow(in.Flow)
	if err != nil {
		return err
	}
	doc, err := s.docOf(rec, in)
	if err != nil {
		return err
	}
	name := in.Flow
	if in.Version > 0 {
		name += ".v" + strconv.Itoa(int(in.Version))
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name + ".json"}))
	h.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", rec.Drafted, bytes.NewReader(doc))
	return nil
}

func (s *Server) previewFlow(_ context.Context, in *PreviewFlow) (*Preview, error) {
	f, problems := flows.Check(in.Doc)
	if f == nil {
		return nil, problems.Err()
	}
	out := &Preview{Flow: f.ID, Name: f.Name, Changes: []flows.Change{}, Problems: viewProblems(problems)}
	if len(problems) == 0 {
		out.Access = AccessOf(f, paramsOf(f, nil))
	}
	r, err := s.store.Flow(f.ID)
	switch {
	case fault.CodeOf(err) == "flow_unknown":
		return out, nil
	case err != nil:
		return nil, err
	}
	out.Exists, out.Version = true, r.Newest
	old, _, err := s.draftFlow(f.ID)
	if err != nil {
		return nil, err
	}
	out.Changes = append(out.Changes, flows.Diff(old, f)...)
	return out, nil
}

func (s *Server) duplicateFlow(ctx context.Context, in *DuplicateFlow) (*Published, error) {
	f, _, err := s.draftFlow(in.Flow)
	if err != nil {
		return nil, err
	}
	f.ID = in.ID
	if in.Name != "" {
		f.Name = in.Name
	}
	for _, p := range f.Validate() {
		if p.Path == "id" {
			return nil, flows.Problems{p}
		}
	}
	doc, err := f.Canonical()
	if err != nil {
		return nil, err
	}
	return &Published{Flow: f.ID}, s.replaceDraft(ctx, f.ID, doc, true, whose{label: "duplicate"})
}
