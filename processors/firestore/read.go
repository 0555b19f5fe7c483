package firestore

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/google"
	"github.com/weirflow/weir/record"
)

func init() {
	processors.Register(func() processors.Processor { return newReadFirestore() })
}

// What the properties on_drift, on_mismatch and on_empty may be.
const (
	ignoreDrift   = "ignore"
	unreadDrift   = "unread"
	overflowDrift = "overflow"
	fail          = "fail"
	reject        = "reject"
	null          = "null"
	pass          = "pass"
)

// The outputs.
const (
	success  = "success"
	rejected = "rejected"
)

// The metadata columns.
const (
	columnID      = "__id"
	columnPath    = "__path"
	columnParent  = "__parent_id"
	columnCreated = "__create_time"
	columnUpdated = "__update_time"
	columnRead    = "__read_time"
	columnMissing = "__missing"
	columnExtra   = "__extra"
)

var metadataTypes = []record.Field{
	{Name: columnID, Type: record.Of(record.KindString)},
	{Name: columnPath, Type: record.Of(record.KindString)},
	{Name: columnParent, Type: record.Of(record.KindString)},
	{Name: columnCreated, Type: record.Of(record.KindTimestamp)},
	{Name: columnUpdated, Type: record.Of(record.KindTimestamp)},
	{Name: columnRead, Type: record.Of(record.KindTimestamp)},
	{Name: columnMissing, Type: record.Of(record.KindBool)},
}

// ReadFirestore reads a collection as it was at one moment.
type ReadFirestore struct {
	service                      processors.ServiceRef
	collection                   string
	group                        bool
	fields, metadata             []string
	schema                       *record.Schema
	onDrift, onMismatch, onEmpty string
	pageSize, maxReads           int64

	client *google.Client
	place  place
	layout *layout
	calls  calls
	// page and refused hold a page's rows until it is complete: what waits for
	// the network must not hold the store's files open.
	page, refused bytes.Buffer
}

func newReadFirestore() *ReadFirestore {
	return &ReadFirestore{metadata: []string{columnID}, onDrift: ignoreDrift, onMismatch: reject, onEmpty: fail,
		pageSize: 2000, maxReads: 100_000, calls: newCalls()}
}

// Define describes the kind.
func (r *ReadFirestore) Define(s *processors.Spec) {
	s.Describe("ReadFirestore", "Reads a Cloud Firestore collection as it was at one moment, as records.",
		"google", "firestore", "firebase", "collection", "documents", "source")
	s.Output(success, "Records, one FlowFile a page, in the order of the documents' names.")
	s.Output(rejected, "Documents that do not fit the schema: path, field, reason and the whole document as JSON.", processors.Reject)
	s.Service(&r.service, "service", google.Kind, "The project to read from.", processors.Required)
	s.String(&r.collection, "collection", "The collection's id, or its path, such as users/abc/orders.",
		processors.Required, processors.Example("users"))
	s.Bool(&r.group, "group", "Whether to read all collections of that id, wherever they are nested below the path.")
	s.Schema(&r.schema, "schema", "The columns, frozen in the flow; `weir flow infer FLOW.json NODE --write` samples the collection and writes them.",
		processors.Required)
	s.List(&r.fields, "fields", "The only fields to fetch, such as name or profile.city; empty means all, or those of the schema when on_drift is unread.",
		processors.Advanced)
	s.List(&r.metadata, "metadata", "Columns that come before those of the schema: __id, __path, __parent_id, __create_time, __update_time, __read_time, __missing; the last one adds a row for each document that does not exist but has collections below it.")
	s.Choice(&r.onDrift, "on_drift", "What to do with fields that the schema does not name.", []processors.ChoiceValue{
		{Value: ignoreDrift, Doc: "Leave them out; the run says which and how many there were."},
		{Value: unreadDrift, Doc: "Do not fetch them: the least traffic, but a new field goes unnoticed."},
		{Value: overflowDrift, Doc: "Collect them as JSON in the column __extra."},
		{Value: fail, Doc: "Fail the run."},
	})
	s.Choice(&r.onMismatch, "on_mismatch", "What to do with a value that its column cannot hold without loss.", []processors.ChoiceValue{
		{Value: reject, Doc: "Send the whole document to the output rejected."},
		{Value: null, Doc: "Write null; the run says in which columns and how often."},
		{Value: fail, Doc: "Fail the run."},
	})
	s.Choice(&r.onEmpty, "on_empty", "What to do when the collection has no documents.", []processors.ChoiceValue{
		{Value: fail, Doc: "Fail the run, naming the collections that there are."},
		{Value: pass, Doc: "Go on with no rows."},
	})
	s.Int(&r.maxReads, "max_reads", "The most documents that one run may read; more are refused before the first is read.", processors.Min(1))
	s.Int(&r.pageSize, "page_size", "How many documents make a page; pages shrink where streams are cut or documents are large.",
		processors.Min(1), processors.Max(10_000), processors.Advanced)
	s.Single()
	s.Needs(
		processors.Need{Kind: processors.NeedAPI, Value: "firestore.googleapis.com", Why: "Firestore answers there."},
		processors.Need{Kind: processors.NeedRole, Value: role, Why: "Documents and collections are read, nothing is written."},
		processors.Need{Kind: processors.NeedScope, Value: google.Scope, Why: "Tokens are asked for Firestore alone."},
		processors.Need{Kind: processors.NeedHost, Value: "firestore.googleapis.com:443", Why: "Firestore answers there."},
		processors.Need{Kind: processors.NeedResource, Value: &r.collection, Why: "The collection that is read."})
}

// role is what an account needs to read.
const role = "roles/datastore.viewer"

// Validate checks what depends on each other.
func (r *ReadFirestore) Validate(p *processors.Report) {
	if !p.Runs {
		p.Problem("", fault.New("firestore_runs_only").Permanent())
	}
	if p.Known("collection") {
		if _, err := parsePlace(r.collection, r.group); err != nil {
			p.Problem("collection", err)
		}
	}
	if !p.Known("metadata", "schema", "on_drift") {
		return
	}
	known := make([]string, len(metadataTypes))
	for i, f := range metadataTypes {
		known[i] = f.Name
	}
	for _, m := range r.metadata {
		if !slices.Contains(known, m) {
			p.Problem("metadata", fault.New("firestore_metadata_unknown", "name", clip(m), "known", strings.Join(known, ", ")).Permanent())
			return
		}
	}
	if r.listing() && r.group {
		p.Problem("metadata", fault.New("firestore_missing_group").Permanent())
	}
	if r.schema == nil {
		return
	}
	if _, err := r.columns(); err != nil {
		p.Problem("metadata", fault.New("firestore_metadata_twice").Permanent().Because(err))
	}
}

// listing reports whether documents that do not exist are wanted too.
func (r *ReadFirestore) listing() bool { return slices.Contains(r.metadata, columnMissing) }

// columns returns the schema of what is emitted.
func (r *ReadFirestore) columns() (*record.Schema, error) {
	var out []record.Field
	for _, m := range r.metadata {
		for _, f := range metadataTypes {
			if f.Name == m {
				out = append(out, f)
			}
		}
	}
	out = append(out, r.schema.Fields...)
	if r.onDrift == overflowDrift {
		out = append(out, record.Field{Name: columnExtra, Type: record.Of(record.KindJSON)})
	}
	return record.NewSchema(out...)
}

// Start finds the client and lays out the columns.
func (r *ReadFirestore) Start(_ context.Context, env processors.Env) error {
	if err := r.connect(env); err != nil {
		return err
	}
	out, err := r.columns()
	if err != nil {
		return err
	}
	r.layout = newLayout(r, out)
	return nil
}

// connect finds the client; it is all that Verify and Infer need.
func (r *ReadFirestore) connect(env processors.Env) (err error) {
	if r.client, err = processors.Client[*google.Client](env, r.service); err != nil {
		return err
	}
	p, bad := parsePlace(r.collection, r.group)
	if bad != nil {
		return bad
	}
	r.place = p
	return nil
}

// mask returns the fields to fetch, none for all.
func (r *ReadFirestore) mask() []string {
	if len(r.fields) > 0 || r.onDrift != unreadDrift {
		return r.fields
	}
	out := make([]string, len(r.schema.Fields))
	for i, f := range r.schema.Fields {
		out[i] = quoteSegment(f.Name)
	}
	return out
}

// cursor is how far a run has read.
type cursor struct {
	// Query tells what is read and as what, so that no other settings go on from
	// here.
	Query string `json:"query"`
	// ReadTime is the moment whose documents are read.
	ReadTime time.Time `json:"read_time"`
	// Count is how many there were at that moment.
	Count int64 `json:"count"`
	// Last is the path of the last document read.
	Last string `json:"last,omitempty"`
	// Token is the server's name for that place where documents are listed.
	Token string `json:"token,omitempty"`
	// Read, Rejected and Billed count documents read, documents rejected, and
	// reads as Google bills them.
	Read     int64 `json:"read"`
	Rejected int64 `json:"rejected,omitempty"`
	// Missing counts rows for documents that do not exist.
	Missing int64 `json:"missing,omitempty"`
	Billed  int64 `json:"billed"`
	// Size is how many documents the next page asks for.
	Size int64 `json:"size"`
	// Drift and Nulled count by field, for the run's page.
	Drift tally `json:"drift,omitempty"`
	// Refused counts rejected documents by the field that was to blame, Why is the
	// reason of the first.
	Refused tally       `json:"refused,omitempty"`
	Why     *fault.Note `json:"why,omitempty"`
	Nulled  tally       `json:"nulled,omitempty"`
	Done    bool        `json:"done,omitempty"`
}

// tally counts by field; beyond a number of names all others are counted as one.
type tally map[string]int64

const (
	maxTally = 40
	others   = "(others)"
)

func (t *tally) add(name string, n int64) {
	if *t == nil {
		*t = tally{}
	}
	if _, ok := (*t)[name]; !ok && len(*t) >= maxTally {
		name = others
	}
	(*t)[name] += n
}

// String lists the names with their counts, the most frequent first.
func (t tally) String() string {
	names := make([]string, 0, len(t))
	for n := range t {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b string) int {
		if t[a] != t[b] {
			return int(t[b] - t[a])
		}
		return strings.Compare(a, b)
	})
	for i, n := range names {
		names[i] = fmt.Sprintf("%s (%d)", n, t[n])
	}
	return strings.Join(names, ", ")
}
