package firestore

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/weirflow/weir/processors/processorstest"
)

// ids returns the column __id of what a node emitted.
func ids(t testing.TB, r *processorstest.Runner) []string {
	t.Helper()
	var out []string
	for _, row := range r.Rows(success) {
		var v struct {
			ID string `json:"__id"`
		}
		if err := json.Unmarshal([]byte(row), &v); err != nil {
			t.Fatalf("%v: %s", err, row)
		}
		out = append(out, v.ID)
	}
	return out
}

// want are the ids of the first n users of a sandbox's company, in the order of
// names.
func want(s interface{ UserID(int) string }, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = s.UserID(i)
	}
	slices.Sort(out)
	return out
}

func TestWholeCollectionInPages(t *testing.T) {
	s := serve(t, company(300))
	r := node(t, s, reading("page_size", 70)).Run()
	if got := ids(t, r); !slices.Equal(got, want(s.Company(), 300)) {
		t.Errorf("%d ids, not those of the 300 users in order", len(got))
	}
	if n := len(r.Output(success)); n != 5 {
		t.Errorf("%d pages, want 5", n)
	}
	if n := len(r.Output(rejected)); n != 0 {
		t.Errorf("%d FlowFiles rejected", n)
	}
	// A count, 300 documents, and one for the empty page at the end.
	if st := s.Stats(); st.Billed != 302 || st.Requests["RunAggregationQuery"] != 1 || st.Requests["RunQuery"] != 6 {
		t.Errorf("stats %+v", st)
	}
	c := position(t, r)
	if c.Billed != 302 || c.Read != 300 || c.Count != 300 || !c.Done {
		t.Errorf("cursor %+v", c)
	}
	if got := r.Output(success)[4].Attr("firestore.billed_reads"); got != "302" {
		t.Errorf("billed reads on the last page = %s", got)
	}
	if !r.Notes().Done {
		t.Error("the activity is not done")
	}
	if w, f := r.Witnesses(), r.Facts(); len(w) != 1 || w["Firestore"] != 300 || f["reads"] != "302" || f["read_time"] != stamp(c.ReadTime) {
		t.Errorf("witnesses %v, facts %v", w, f)
	}
}

func TestConform(t *testing.T) {
	s := serve(t, company(60))
	processorstest.Conform(t, "ReadFirestore", reading("page_size", 25), nil, connect(t, s, s.Project()))
}

func TestMoreThanTheBudgetIsRefusedBeforeTheFirstPage(t *testing.T) {
	s := serve(t, company(50))
	r := node(t, s, reading("max_reads", 49)).Run().WantErr("firestore_too_many_reads")
	if n := s.Stats().Requests["RunQuery"]; n != 0 {
		t.Errorf("%d queries were run", n)
	}
	if got, want := r.Err().Error(), "The collection userCollection has 50 documents, more than max_reads allows (49). "+
		"Nothing was read. Set max_reads to at least 50 if that many billed reads are wanted."; got != want {
		t.Errorf("text %q", got)
	}
	node(t, s, reading("max_reads", 50)).Run().Err()
}

func TestGroupAndSubcollection(t *testing.T) {
	var lines string
	for i := range 3 {
		lines += fmt.Sprintf(`{"__id":"o%d","total":%d}`+"\n", i, i)
	}
	c := company(5)
	c.Files = append(c.Files, documents(t, "shops/a/orders", lines), documents(t, "shops/b/orders", lines),
		documents(t, "orders", lines), documents(t, "shops/a/orders/o1/orders", lines))
	s := serve(t, c)
	schema := json.RawMessage(`[["total","int64"]]`)
	set := func(path string, group bool) settings {
		return settings{"service": "gcp", "collection": path, "group": group, "schema": schema, "metadata": []string{"__path", "__parent_id"}}
	}
	node(t, s, set("shops/a/orders", false)).Run().WantRows(success,
		`{"__path":"shops/a/orders/o0","__parent_id":"a","total":0}`,
		`{"__path":"shops/a/orders/o1","__parent_id":"a","total":1}`,
		`{"__path":"shops/a/orders/o2","__parent_id":"a","total":2}`)
	if n := len(node(t, s, set("shops/a/orders", true)).Run().Rows(success)); n != 6 {
		t.Errorf("%d rows below shops/a, want 6", n)
	}
	rows := node(t, s, set("orders", true)).Run().Rows(success)
	if len(rows) != 12 || rows[0] != `{"__path":"orders/o0","__parent_id":null,"total":0}` {
		t.Errorf("%d rows of the group, first %s", len(rows), rows[0])
	}
}
