package firestore

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/sandbox"
)

// odd are documents of which some differ from the schema a string, n int64,
// profile struct<city:string>.
const odd = `{"__id":"d1","a":"x","n":1,"profile":{"city":"서울"}}
{"__id":"d2","a":"y","n":2,"new":true,"profile":{"city":"부산","zip":"48058"}}
{"__id":"d3","a":3,"n":3}
{"__id":"d4","n":4.5,"new":[1,{"z":1,"y":2}]}
{"__id":"d5","a":null}
`

func oddities(t *testing.T) *sandbox.Sandbox {
	return serve(t, sandbox.Config{Users: -1, Meetings: -1, Now: now, Files: []sandbox.File{documents(t, "odd", odd)}})
}

func oddly(pairs ...any) settings {
	s := settings{"service": "gcp", "collection": "odd",
		"schema": json.RawMessage(`[["a","string"],["n","int64"],["profile","struct<city:string>"]]`)}
	for i := 0; i < len(pairs); i += 2 {
		s[pairs[i].(string)] = pairs[i+1]
	}
	return s
}

func TestDocumentsThatDoNotFitAreRejectedWhole(t *testing.T) {
	r := node(t, oddities(t), oddly()).Run().WantRows(success,
		`{"__id":"d1","a":"x","n":1,"profile":{"city":"서울"}}`,
		`{"__id":"d2","a":"y","n":2,"profile":{"city":"부산"}}`,
		`{"__id":"d5","a":null,"n":null,"profile":null}`)
	r.WantRows(rejected,
		`{"__path":"odd/d3","field":"a","reason":"In the document odd/d3 the field a is integer 3, which a column of type string cannot hold without loss. `+
			`Correct the document, make the column json, or set on_mismatch to null.","document":{"a":3,"n":3}}`,
		`{"__path":"odd/d4","field":"n","reason":"In the document odd/d4 the field n is double 4.5, which a column of type int64 cannot hold without loss. `+
			`Correct the document, make the column json, or set on_mismatch to null.","document":{"n":4.5,"new":[1,{"y":2,"z":1}]}}`)
	r.WantAttr(rejected, "reject.code", "firestore_value_mismatch")
	l := r.Ledger()
	if l[flowfile.Read].Rows != 5 || l[flowfile.Out].Rows != 3 || l[flowfile.Rejected].Rows != 2 {
		t.Errorf("read %d, out %d, rejected %d", l[flowfile.Read].Rows, l[flowfile.Out].Rows, l[flowfile.Rejected].Rows)
	}
	if c := position(t, r); c.Rejected != 2 || c.Read != 5 {
		t.Errorf("cursor %+v", c)
	}
	want := "The documents of odd have fields that the schema does not name, with the number of documents: new (1), profile.zip (1)."
	rejects := "2 documents of odd do not fit the schema and were rejected, by field: a (1), n (1). The first: In the document odd/d3 the field a is integer 3"
	if w := r.Store.Warnings(); len(w) != 2 || !strings.HasPrefix(w[0], rejects) || !strings.HasPrefix(w[1], want) {
		t.Errorf("warnings %q, want %q and %q", w, rejects, want)
	}
}

func TestMismatchAsNull(t *testing.T) {
	r := node(t, oddities(t), oddly("on_mismatch", "null", "on_drift", "unread")).Run().WantRows(success,
		`{"__id":"d1","a":"x","n":1,"profile":{"city":"서울"}}`,
		`{"__id":"d2","a":"y","n":2,"profile":{"city":"부산"}}`,
		`{"__id":"d3","a":null,"n":3,"profile":null}`,
		`{"__id":"d4","a":null,"n":null,"profile":null}`,
		`{"__id":"d5","a":null,"n":null,"profile":null}`).WantRows(rejected)
	if w := r.Store.Warnings(); len(w) != 1 || !strings.Contains(w[0], "a (1), n (1)") {
		t.Errorf("warnings %q", w)
	}
}

func TestMismatchFails(t *testing.T) {
	r := node(t, oddities(t), oddly("on_mismatch", "fail")).Run().WantErr("firestore_value_mismatch")
	if len(r.Output(success)) != 0 {
		t.Error("something was published")
	}
}

func TestDriftFails(t *testing.T) {
	r := node(t, oddities(t), oddly("on_drift", "fail", "fields", []string{"a", "new"}, "on_mismatch", "null")).Run().WantErr("firestore_field_unknown")
	if !strings.Contains(r.Err().Error(), "The document odd/d2 has the field new (boolean)") {
		t.Errorf("%q", r.Err())
	}
}

func TestDriftOverflows(t *testing.T) {
	r := node(t, oddities(t), oddly("on_drift", "overflow", "on_mismatch", "null")).Run().WantRows(success,
		`{"__id":"d1","a":"x","n":1,"profile":{"city":"서울"},"__extra":null}`,
		`{"__id":"d2","a":"y","n":2,"profile":{"city":"부산"},"__extra":{"new":true,"profile.zip":"48058"}}`,
		`{"__id":"d3","a":null,"n":3,"profile":null,"__extra":null}`,
		`{"__id":"d4","a":null,"n":null,"profile":null,"__extra":{"new":[1,{"y":2,"z":1}]}}`,
		`{"__id":"d5","a":null,"n":null,"profile":null,"__extra":null}`)
	for _, w := range r.Store.Warnings() {
		if strings.Contains(w, "left out") {
			t.Errorf("warning %q, but nothing was left out", w)
		}
	}
}

func TestFieldMask(t *testing.T) {
	node(t, oddities(t), oddly("fields", []string{"n", "profile.city"}, "on_mismatch", "null", "on_drift", "fail")).Run().WantRows(success,
		`{"__id":"d1","a":null,"n":1,"profile":{"city":"서울"}}`,
		`{"__id":"d2","a":null,"n":2,"profile":{"city":"부산"}}`,
		`{"__id":"d3","a":null,"n":3,"profile":null}`,
		`{"__id":"d4","a":null,"n":null,"profile":null}`,
		`{"__id":"d5","a":null,"n":null,"profile":null}`)
}

func TestOddNamesAreQuotedInTheMask(t *testing.T) {
	s := serve(t, sandbox.Config{Users: -1, Meetings: -1, Now: now, Files: []sandbox.File{
		documents(t, "odd", "{\"__id\":\"d\",\"이름\":\"ㄱ\",\"a.b\":1,\"back`tick\\\\\":2,\"0\":3}\n")}})
	node(t, s, settings{"service": "gcp", "collection": "odd", "on_drift": "unread", "metadata": []string{},
		"schema": json.RawMessage("[[\"이름\",\"string\"],[\"a.b\",\"int64\"],[\"back`tick\\\\\",\"int64\"],[\"0\",\"int64\"]]")}).Run().
		WantRows(success, "{\"이름\":\"ㄱ\",\"a.b\":1,\"back`tick\\\\\":2,\"0\":3}")
}

func TestMetadataColumns(t *testing.T) {
	s := serve(t, sandbox.Config{Users: -1, Meetings: -1, Now: now, Files: []sandbox.File{documents(t, "a/b/c", `{"__id":"d","x":1}`)}})
	node(t, s, settings{"service": "gcp", "collection": "a/b/c", "schema": json.RawMessage(`[["x","int64"]]`),
		"metadata": []string{"__read_time", "__create_time", "__update_time", "__parent_id", "__path", "__id"}}).Run().
		WantRows(success, `{"__read_time":"2026-11-21T21:00:00.000000Z","__create_time":"2026-11-21T21:00:00.000000Z",`+
			`"__update_time":"2026-11-21T21:00:00.000000Z","__parent_id":"b","__path":"a/b/c/d","__id":"d","x":1}`)
}

func TestSettingsAreValidated(t *testing.T) {
	service := processorstest.Service("gcp", "GoogleCloud", nil)
	for _, c := range []struct {
		settings   settings
		key, code  string
		continuous bool
	}{
		{oddly(), "", "", false},
		{oddly(), "", "firestore_runs_only", true},
		{oddly("collection", "users/abc"), "collection", "firestore_collection_path", false},
		{oddly("collection", "/users"), "collection", "firestore_collection_path", false},
		{oddly("collection", "__all__"), "collection", "firestore_collection_path", false},
		{oddly("metadata", []string{"__ID"}), "metadata", "firestore_metadata_unknown", false},
		{oddly("metadata", []string{"__id", "__id"}), "metadata", "firestore_metadata_twice", false},
		{oddly("schema", json.RawMessage(`[["__id","string"]]`)), "metadata", "firestore_metadata_twice", false},
		{oddly("metadata", []string{"__missing"}, "group", true), "metadata", "firestore_missing_group", false},
		{settings{"service": "gcp", "collection": "odd"}, "schema", "setting_missing", false},
		{oddly("max_reads", 0), "max_reads", "setting_too_small", false},
		{oddly("on_drift", "add"), "on_drift", "setting_not_a_choice", false},
	} {
		options := []processorstest.Option{service}
		if c.continuous {
			options = append(options, processorstest.Continuous())
		}
		_, problems := processorstest.Build(t, "ReadFirestore", c.settings, options...)
		var got []string
		for _, p := range problems {
			got = append(got, p.Property+" "+p.Fault.Code)
			if p.Property == "schema" && !strings.Contains(p.Fault.Error(), "`weir flow infer FLOW.json NODE --write`") {
				t.Errorf("%q names no command", p.Fault)
			}
		}
		var want []string
		if c.code != "" {
			want = []string{c.key + " " + c.code}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v: problems %q, want %q", c.settings, got, want)
		}
	}
}

func TestNeedsNameTheCollection(t *testing.T) {
	conf, _ := processorstest.Build(t, "ReadFirestore", oddly(), processorstest.Service("gcp", "GoogleCloud", nil))
	var got []string
	for _, n := range conf.Needs() {
		got = append(got, string(n.Kind)+" "+n.Value)
	}
	want := []string{"api firestore.googleapis.com", "role roles/datastore.viewer", "scope https://www.googleapis.com/auth/datastore",
		"host firestore.googleapis.com:443", "resource odd"}
	if !slices.Equal(got, want) {
		t.Errorf("needs %q, want %q", got, want)
	}
}

// TestRowsDoNotDependOnTheOrderOfFields decodes one document with its fields in
// every order: Firestore promises none.
func TestRowsDoNotDependOnTheOrderOfFields(t *testing.T) {
	s := oddities(t)
	for _, set := range []settings{oddly(), oddly("on_drift", "overflow"), oddly("on_mismatch", "null")} {
		r := node(t, s, set).Run()
		read := r.Processor().(*ReadFirestore)
		l := read.layout
		fields := []field{
			{"a", value{kind: kindInteger, num: 1}}, {"n", value{kind: kindBool}}, {"z", value{kind: kindNull}}, {"y", value{kind: kindNull}},
		}
		first := ""
		for i := range 24 {
			order := slices.Clone(fields)
			for k := range order { // the i-th permutation
				j := k + i%(len(order)-k)
				i /= len(order) - k
				order[k], order[j] = order[j], order[k]
			}
			var drift, nulled tally
			l.drift, l.nulled = &drift, &nulled
			d := document{name: l.root + "odd/d", fields: order}
			row, v, err := l.fill(&d)
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprint(row, drift, nulled)
			if v == refused {
				got = fmt.Sprint(l.refusal(&d, l.reason))
			}
			if first == "" {
				first = got
			}
			if got != first {
				t.Errorf("%v:\n%s\n%s", set, got, first)
			}
		}
	}
}

// phantoms are a collection of which b and d do not exist but have collections
// below them.
func phantoms(t *testing.T) *sandbox.Sandbox {
	one := `{"x":1}`
	return serve(t, sandbox.Config{Users: -1, Meetings: -1, Now: now, Files: []sandbox.File{
		documents(t, "p", `{"__id":"a","n":1}`+"\n"+`{"__id":"c","n":"three"}`+"\n"+`{"__id":"e","n":5,"m":6}`),
		documents(t, "p/b/below", one), documents(t, "p/d/below", one), documents(t, "only/x/below", one)}})
}

func TestMissingDocumentsAreListed(t *testing.T) {
	for _, page := range []int{1, 2, 5, 100} {
		s := phantoms(t)
		set := settings{"service": "gcp", "collection": "p", "schema": json.RawMessage(`[["n","int64"]]`), "page_size": page,
			"metadata": []string{"__id", "__missing", "__create_time"}}
		s.Inject(sandbox.Fault{Kind: sandbox.Unavailable, Method: "ListDocuments", Times: 2})
		s.Inject(sandbox.Fault{Kind: sandbox.ShortStream, Method: "ListDocuments", After: 1, Times: 1})
		r := node(t, s, set, hurry(new(waits))).Run().WantRows(success,
			`{"__id":"a","__missing":false,"__create_time":"2026-11-21T21:00:00.000000Z","n":1}`,
			`{"__id":"b","__missing":true,"__create_time":null,"n":null}`,
			`{"__id":"d","__missing":true,"__create_time":null,"n":null}`,
			`{"__id":"e","__missing":false,"__create_time":"2026-11-21T21:00:00.000000Z","n":5}`)
		if n := len(r.Rows(rejected)); n != 1 {
			t.Errorf("%d rejected", n)
		}
		if c := position(t, r); c.Read != 3 || c.Missing != 2 || c.Count != 3 || !c.Done {
			t.Errorf("cursor %+v", c)
		}
	}
}

func TestMissingDocumentsKeepToTheBudget(t *testing.T) {
	s := phantoms(t)
	set := settings{"service": "gcp", "collection": "p", "schema": json.RawMessage(`[["n","json"]]`), "max_reads": 4, "metadata": []string{"__missing"}}
	node(t, s, set).Run().WantErr("firestore_too_many_missing")
	set["collection"] = "only"
	node(t, s, set).Run().WantRows(success, `{"__missing":true,"n":null}`)
	set["collection"] = "none"
	node(t, s, set).Run().WantErr("firestore_collection_missing")
	set["on_empty"] = "pass"
	node(t, s, set).Run().WantRows(success)
}

func TestLostListingIsNoticed(t *testing.T) {
	s := phantoms(t)
	s.Inject(sandbox.Fault{Kind: sandbox.ShortStream, Method: "ListDocuments", After: 2, Times: 1000})
	set := settings{"service": "gcp", "collection": "p", "schema": json.RawMessage(`[["n","json"]]`), "metadata": []string{"__missing"}}
	r := node(t, s, set, hurry(new(waits))).Run().WantErr("firestore_short_read")
	if !strings.Contains(r.Err().Error(), "Only 1 of the 3") {
		t.Errorf("%q", r.Err())
	}
}
