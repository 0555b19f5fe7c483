package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/runs"
)

// FlowRecord is what the store knows of a flow beside its documents.
type FlowRecord struct {
	Flow    string    `json:"flow"`
	Created time.Time `json:"created"`
	// Draft is the document being edited, as it was given; empty when there is
	// none. Drafted is when it was last put.
	Draft   []byte    `json:"draft,omitempty"`
	Drafted time.Time `json:"drafted,omitzero"`
	// Newest is the published version in force, zero when there is none. Last
	// is the highest number given, ad-hoc versions included.
	Newest uint32 `json:"newest,omitempty"`
	Last   uint32 `json:"last,omitempty"`
	// Rev numbers the states of the draft; each edit adds one. Authors made the
	// edits since a version was published.
	Rev     uint64   `json:"rev,omitempty"`
	Authors []string `json:"authors,omitempty"`
	// LogFrom is the revision of the oldest edit kept, above Rev when there is
	// none, and LogBytes what all that are kept take.
	LogFrom  uint64 `json:"log_from,omitempty"`
	LogBytes int64  `json:"log_bytes,omitempty"`
	// Deleted is when the flow was deleted; such a record keeps the numbers of
	// versions and is shown nowhere.
	Deleted time.Time `json:"deleted,omitzero"`
}

// FlowVersion is an immutable published version of a flow.
type FlowVersion struct {
	Flow   string `json:"flow"`
	Number uint32 `json:"number"`
	// Doc is the flow file in its canonical form, Hash its SHA-256 in hex.
	Doc  []byte    `json:"doc,omitempty"`
	Hash string    `json:"hash"`
	Plan runs.Plan `json:"plan"`
	// AdHoc marks a version made for one run from a file; schedules never use it.
	AdHoc     bool      `json:"ad_hoc,omitempty"`
	Published time.Time `json:"published"`
	// By published the version, Note is what they said of it.
	By   string `json:"by,omitempty"`
	Note string `json:"note,omitempty"`
}

func flowUnknown(flow string) error {
	return fault.New("flow_unknown", "flow", flow).Permanent()
}

// readFlow returns a flow's record, nil when there is none.
func readFlow(tx *bolt.Tx, flow string) (*FlowRecord, error) {
	b, err := get(tx, bucketFlows, []byte(flow))
	if b == nil || err != nil {
		return nil, err
	}
	r := &FlowRecord{}
	if err := json.Unmarshal(b, r); err != nil {
		return nil, damagedAt(bucketFlows, []byte(flow), err.Error())
	}
	return r, nil
}

func writeFlow(tx *bolt.Tx, r *FlowRecord) error {
	b, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode flow %s: %w", r.Flow, err)
	}
	return put(tx, bucketFlows, []byte(r.Flow), b)
}

func versionKey(flow string, version uint32) []byte {
	return flowKey(flow, binary.BigEndian.AppendUint32(nil, version)...)
}

func readVersion(tx *bolt.Tx, flow string, version uint32) (*FlowVersion, error) {
	key := versionKey(flow, version)
	b, err := get(tx, bucketVersions, key)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, fault.New("version_unknown", "flow", flow, "version", version).Permanent()
	}
	v := &FlowVersion{}
	if err := json.Unmarshal(b, v); err != nil {
		return nil, damagedAt(bucketVersions, key, err.Error())
	}
	return v, nil
}

// newFlow returns the record of a flow that is changed, made when missing.
func (g *group) newFlow(flow string) (*FlowRecord, error) {
	r, err := readFlow(g.tx, flow)
	switch {
	case err != nil:
	case r == nil:
		r = &FlowRecord{Flow: flow, Created: g.now.UTC()}
	case !r.Deleted.IsZero():
		r.Created, r.Deleted = g.now.UTC(), time.Time{}
	}
	return r, err
}

// Publication is what Publish makes a version of.
type Publication struct {
	// Doc is the flow file in its canonical form: equal flows, equal bytes.
	Doc  []byte
	Plan runs.Plan
	// Continuous says that the flow works on continuous data; else its
	// connections hold data of dated runs alone.
	Continuous bool
	AdHoc      bool
	// By is who publishes, Note what they say of the version.
	By   string
	Note string
	// Rev, unless zero, refuses to publish when the draft is of another revision.
	Rev uint64
}

// Publish stores an immutable version of a flow and returns its number. A
// document that was published before keeps its number; unless it is ad hoc it
// becomes the version in force. Publishing moves no data: a version that would
// never take what lies on a connection as continuous data, for want of the
// connection or because it works in runs, is refused with
// connection_holds_data.
func (s *Store) Publish(ctx context.Context, flow string, p Publication) (uint32, error) {
	if _, err := p.Plan.Compile(); err != nil {
		return 0, err
	}
	sum := sha256.Sum256(p.Doc)
	v := FlowVersion{Flow: flow, Doc: p.Doc, Hash: hex.EncodeToString(sum[:]), Plan: p.Plan, AdHoc: p.AdHoc, By: p.By, Note: p.Note}
	err := s.update(ctx, func(g *group) error { return g.publishVersion(&v, p) })
	return v.Number, err
}

func (g *group) publishVersion(v *FlowVersion, p Publication) error {
	r, err := g.newFlow(v.Flow)
	if err != nil {
		return err
	}
	if p.Rev != 0 && p.Rev != r.Rev {
		return draftStale(r, p.Rev)
	}
	same, err := versionByHash(g.tx, v.Flow, v.Hash)
	if err != nil {
		return err
	}
	if !v.AdHoc {
		if err := g.strands(v, p.Continuous); err != nil {
			return err
		}
	}
	switch {
	case same == nil:
		r.Last++
		v.Number, v.Published = r.Last, g.now.UTC()
	case v.AdHoc:
		v.Number = same.Number
		return nil
	default:
		v.Number, v.Published = same.Number, same.Published
		if same.AdHoc {
			v.Published = g.now.UTC()
		} else if p.Note == "" {
			v.By, v.Note = same.By, same.Note
		}
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode version %d of %s: %w", v.Number, v.Flow, err)
	}
	if err := put(g.tx, bucketVersions, versionKey(v.Flow, v.Number), b); err != nil {
		return err
	}
	if !v.AdHoc {
		r.Newest, r.Authors = v.Number, nil
	}
	// A group that failed may have left the graph of another document here.
	g.s.graphMu.Lock()
	delete(g.s.graphs, graphKey{v.Flow, v.Number})
	g.s.graphMu.Unlock()
	return writeFlow(g.tx, r)
}

// strands refuses a version that would leave data on a connection behind.
func (g *group) strands(v *FlowVersion, continuous bool) error {
	stream, err := g.Run(v.Flow, 0)
	if err != nil {
		return err
	}
	for _, conn := range slices.Sorted(maps.Keys(stream.Queues)) {
		_, kept := v.Plan.Conns[conn]
		if n := stream.Queues[conn].Queued.N; n > 0 && (!kept || !continuous) {
			return fault.New("connection_holds_data", "flow", v.Flow, "connection", conn, "count", n).Permanent()
		}
	}
	return nil
}

func versionByHash(tx *bolt.Tx, flow, hash string) (found *FlowVersion, err error) {
	err = eachVersion(tx, flow, func(v *FlowVersion) {
		if v.Hash == hash && found == nil {
			found = v
		}
	})
	return found, err
}

func eachVersion(tx *bolt.Tx, flow string, visit func(*FlowVersion)) error {
	prefix := flowKey(flow)
	c := tx.Bucket(bucketVersions).Cursor()
	for k, stored := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, stored = c.Next() {
		b, err := unseal(bucketVersions, k, stored)
		if err != nil {
			return err
		}
		v := &FlowVersion{}
		if err := json.Unmarshal(b, v); err != nil {
			return damagedAt(bucketVersions, k, err.Error())
		}
		visit(v)
	}
	return nil
}

// Draft returns the document being edited, nil when there is none.
func (s *Store) Draft(flow string) ([]byte, error) {
	r, err := s.Flow(flow)
	if err != nil {
		return nil, err
	}
	return r.Draft, nil
}

// Flow returns what is known of a flow. An unknown one is flow_unknown.
func (s *Store) Flow(flow string) (*FlowRecord, error) {
	var r *FlowRecord
	err := s.view(func(tx *bolt.Tx) (err error) {
		r, err = readFlow(tx, flow)
		return err
	})
	if err == nil && (r == nil || !r.Deleted.IsZero()) {
		return nil, flowUnknown(flow)
	}
	return r, err
}

// Flows returns all flows, sorted by slug.
func (s *Store) Flows() ([]FlowRecord, error) {
	var out []FlowRecord
	err := s.view(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketFlows).Cursor()
		for k, _ := c.First(); k != nil; k, _ = c.Next() {
			r, err := readFlow(tx, string(k))
			if err != nil {
				return err
			}
			if r == nil {
				return damagedAt(bucketFlows, k, "the flow is missing")
			}
			if r.Deleted.IsZero() {
				out = append(out, *r)
			}
		}
		return nil
	})
	return out, err
}

// Version returns a published version; number zero asks for the one in force.
func (s *Store) Version(flow string, number uint32) (*FlowVersion, error) {
	var v *FlowVersion
	err := s.view(func(tx *bolt.Tx) (err error) {
		if number == 0 {
			r, err := readFlow(tx, flow)
			switch {
			case err != nil:
				return err
			case r == nil || !r.Deleted.IsZero():
				return flowUnknown(flow)
			case r.Newest == 0:
				return fault.New("flow_unpublished", "flow", flow).Permanent()
			}
			number = r.Newest
		}
		v, err = readVersion(tx, flow, number)
		return err
	})
	return v, err
}

// Versions returns all versions of a flow in ascending order, without their
// documents.
func (s *Store) Versions(flow string) ([]FlowVersion, error) {
	var out []FlowVersion
	err := s.view(func(tx *bolt.Tx) error {
		return eachVersion(tx, flow, func(v *FlowVersion) {
			v.Doc = nil
			out = append(out, *v)
		})
	})
	return out, err
}

// Graph returns the compiled graph of a flow version; version zero asks for the
// one in force.
func (s *Store) Graph(flow string, version uint32) (*runs.Graph, error) {
	var g *runs.Graph
	err := s.view(func(tx *bolt.Tx) (err error) {
		g, err = s.graph(tx, flow, version)
		return err
	})
	return g, err
}
