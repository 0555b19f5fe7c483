package processorstest

import (
	"slices"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/runs"
)

// Output returns the FlowFiles on an output, in the order of their origin.
func (r *Runner) Output(rel string) []flowfile.FlowFile {
	r.t.Helper()
	if _, ok := r.outputs[flowfile.Relationship(rel)]; !ok {
		r.t.Fatalf("%s has no output %q", r.Conf.Info.Kind, rel)
	}
	return r.Store.Queue(outConn(rel))
}

// Content returns the content of a FlowFile as text.
func (r *Runner) Content(f flowfile.FlowFile) string {
	r.t.Helper()
	b, err := r.Store.Bytes(f.Content)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}

// Want compares the contents on an output with those given, in order; none
// means that the output must be empty. An error of Run fails the test.
func (r *Runner) Want(rel string, contents ...string) *Runner {
	r.t.Helper()
	if r.err != nil {
		r.asked = true
		r.t.Fatalf("Run: %v", r.err)
	}
	got := []string{}
	for _, f := range r.Output(rel) {
		got = append(got, r.Content(f))
	}
	if !slices.Equal(got, contents) {
		r.t.Errorf("output %s:\n got %q\nwant %q", rel, got, contents)
	}
	return r
}

// WantAttr compares one attribute of every FlowFile on an output, in order.
func (r *Runner) WantAttr(rel, name string, values ...string) *Runner {
	r.t.Helper()
	got := []string{}
	for _, f := range r.Output(rel) {
		got = append(got, f.Attr(name))
	}
	if !slices.Equal(got, values) {
		r.t.Errorf("attribute %s on output %s:\n got %q\nwant %q", name, rel, got, values)
	}
	return r
}

// WantErr wants the last Run to have failed with a fault of that code.
func (r *Runner) WantErr(code string) *Runner {
	r.t.Helper()
	if err := r.Err(); fault.CodeOf(err) != code {
		r.t.Errorf("Run: error = %v (code %q), want code %q", err, fault.CodeOf(err), code)
	}
	return r
}

// Rows returns the records on an output, one JSON object each, of all its
// FlowFiles in order. It checks them against their schema and count.
func (r *Runner) Rows(rel string) []string {
	r.t.Helper()
	var out []string
	for _, f := range r.Output(rel) {
		text := r.Content(f)
		rows := lines([]byte(text))
		if f.Rows != int64(len(rows)) {
			r.t.Errorf("output %s: FlowFile %s says %d rows and holds %d", rel, f.ID, f.Rows, len(rows))
		}
		r.SchemaOf(f)
		out = append(out, rows...)
	}
	return out
}

// WantRows compares the records on an output with those given, as JSON text.
func (r *Runner) WantRows(rel string, rows ...string) *Runner {
	r.t.Helper()
	if r.err != nil {
		r.asked = true
		r.t.Fatalf("Run: %v", r.err)
	}
	if got := r.Rows(rel); !slices.Equal(got, rows) {
		r.t.Errorf("rows on output %s:\n got %q\nwant %q", rel, got, rows)
	}
	return r
}

// SchemaOf returns the schema of a FlowFile of records.
func (r *Runner) SchemaOf(f flowfile.FlowFile) *record.Schema {
	r.t.Helper()
	text, err := r.Store.Schema(f.Attr(flowfile.SchemaAttr))
	if err != nil {
		r.t.Fatalf("FlowFile %s holds no records: %v", f.ID, err)
	}
	s, err := record.ParseSchema(text)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// checkLaw holds what the node counted against the law of its kind, as a run
// does before it ends.
func (r *Runner) checkLaw() {
	r.t.Helper()
	for _, b := range r.breaches() {
		r.t.Errorf("the rows do not balance: %s", b)
	}
	if n := r.Store.CheckedOut(); n != 0 {
		r.t.Errorf("%d FlowFiles are still checked out", n)
	}
}

func (r *Runner) breaches() []runs.Breach {
	r.t.Helper()
	info := r.Conf.Info
	plan := runs.Plan{Nodes: map[string]runs.PlanNode{
		node:     {Kind: info.NodeKind(), Law: info.Law},
		upstream: {Kind: runs.Source, Law: runs.LawNone},
	}, Conns: map[string]runs.PlanConn{}}
	for _, in := range info.Inputs {
		plan.Conns[inConn(in.Name)] = runs.PlanConn{From: upstream, To: node, Input: in.Name, Class: flowfile.Out}
	}
	g, err := plan.Compile()
	if err != nil {
		r.t.Fatal(err)
	}
	ledger := runs.NodeLedger(r.Ledger())
	breaches, _ := runs.Balance(&runs.Run{Ledger: map[string]*runs.NodeLedger{node: &ledger}}, g)
	return breaches
}
