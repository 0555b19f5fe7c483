package sandbox

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	apiv1 "cloud.google.com/go/firestore/apiv1"
	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// alike are checks that a server passes which holds the documents of fillTable,
// be it the sandbox or Google's emulator. They leave those as they are.
var alike = map[string]func(t *testing.T, c *firestore.Client, low *apiv1.Client){
	"values come back as they were":  checkValues,
	"preconditions":                  checkPreconditions,
	"masks of updates":               checkMasks,
	"transforms":                     checkTransforms,
	"bad writes":                     checkBadWrites,
	"a commit is all or nothing":     checkAtomic,
	"batch writes fail one by one":   checkBatchWrite,
	"create, update, delete":         checkDocumentCalls,
	"transactions":                   checkTransactions,
	"a conflict aborts":              checkConflict,
	"selected fields":                checkSelect,
	"lists with missing documents":   checkLists,
	"collection ids":                 checkCollectionIDs,
	"aggregations":                   checkAggregations,
	"an old version at its readtime": checkReadTime,
	"an empty result has a readtime": checkEmpty,
	"an unchanged write":             checkUnchanged,
}

func TestServerCalls(t *testing.T) {
	s := open(t, empty)
	c := client(t, s.Addr(), s.Project())
	fillTable(t, c)
	for name, check := range alike {
		t.Run(name, func(t *testing.T) { check(t, c, lowClient(t, s.Addr())) })
	}
}

func fields(t *testing.T, text string) map[string]*pb.Value {
	t.Helper()
	d := new(pb.Document)
	if err := prototext.Unmarshal([]byte(text), d); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return d.Fields
}

func set0(name string, f map[string]*pb.Value) *pb.Write {
	return &pb.Write{Operation: &pb.Write_Update{Update: &pb.Document{Name: projectRoot + "/" + name, Fields: f}}}
}

func commit(t *testing.T, low *apiv1.Client, writes ...*pb.Write) (*pb.CommitResponse, error) {
	t.Helper()
	return low.Commit(t.Context(), &pb.CommitRequest{Database: strings.TrimSuffix(projectRoot, "/documents"), Writes: writes})
}

func mustCommit(t *testing.T, low *apiv1.Client, writes ...*pb.Write) *pb.CommitResponse {
	t.Helper()
	r, err := commit(t, low, writes...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func getDoc(t *testing.T, low *apiv1.Client, name string) *pb.Document {
	t.Helper()
	d, err := low.GetDocument(t.Context(), &pb.GetDocumentRequest{Name: projectRoot + "/" + name})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func wantCode(t *testing.T, what string, err error, code codes.Code) {
	t.Helper()
	if status.Code(err) != code {
		t.Errorf("%s: %v, want code %v", what, err, code)
	}
}

func wantFields(t *testing.T, low *apiv1.Client, name, text string) {
	t.Helper()
	want := fields(t, text)
	if want == nil {
		want = map[string]*pb.Value{}
	}
	got := getDoc(t, low, name).Fields
	if got == nil {
		got = map[string]*pb.Value{}
	}
	if d := cmp.Diff(want, got, protocmp.Transform()); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

func checkValues(t *testing.T, c *firestore.Client, low *apiv1.Client) {
	f := fields(t, `fields{key:"null" value{null_value:NULL_VALUE}} fields{key:"bool" value{boolean_value:false}}
		fields{key:"int" value{integer_value:-9223372036854775808}} fields{key:"double" value{double_value:-0.0}}
		fields{key:"inf" value{double_value:-inf}} fields{key:"text" value{string_value:"가\n\"\\\u0000"}}
		fields{key:"bytes" value{bytes_value:"\x00\xff"}} fields{key:"empty" value{bytes_value:""}}
		fields{key:"time" value{timestamp_value{seconds:-1 nanos:123456789}}}
		fields{key:"early" value{timestamp_value{seconds:-62135596800}}}
		fields{key:"ref" value{reference_value:"`+projectRoot+`/a/b"}}
		fields{key:"geo" value{geo_point_value{latitude:-90 longitude:180}}}
		fields{key:"array" value{array_value{values{map_value{fields{key:"x" value{array_value{}}}}} values{integer_value:1}}}}
		fields{key:"none" value{array_value{}}} fields{key:"map" value{map_value{}}}
		fields{key:"가 나.다" value{map_value{fields{key:"`+"`"+`" value{integer_value:0}}}}}`)
	sent := proto.CloneOf(&pb.Document{Fields: f})
	mustCommit(t, low, set0("values/all", sent.Fields))
	f["time"].GetTimestampValue().Nanos = 123456000
	got := getDoc(t, low, "values/all")
	if d := cmp.Diff(f, got.Fields, protocmp.Transform()); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if !math.Signbit(got.Fields["double"].GetDoubleValue()) {
		t.Error("-0 lost its sign")
	}
	if n := got.UpdateTime.GetNanos(); n%1000 != 0 || !proto.Equal(got.UpdateTime, got.CreateTime) {
		t.Errorf("created %v, updated %v", got.CreateTime, got.UpdateTime)
	}
	mustCommit(t, low, set0("values/empty", nil))
	wantFields(t, low, "values/empty", ``)
}

func checkPreconditions(t *testing.T, c *firestore.Client, low *apiv1.Client) {
	one := fields(t, `fields{key:"a" value{integer_value:1}}`)
	with := func(w *pb.Write, p *pb.Precondition) *pb.Write {
		w.CurrentDocument = p
		return w
	}
	exists := func(b bool) *pb.Precondition {
		return &pb.Precondition{ConditionType: &pb.Precondition_Exists{Exists: b}}
	}
	at := func(ts *timestamppb.Timestamp) *pb.Precondition {
		return &pb.Precondition{ConditionType: &pb.Precondition_UpdateTime{UpdateTime: ts}}
	}
	del := func(name string) *pb.Write {
		return &pb.Write{Operation: &pb.Write_Delete{Delete: projectRoot + "/" + name}}
	}
	_, err := commit(t, low, with(set0("pre/x", one), exists(true)))
	wantCode(t, "update of nothing", err, codes.NotFound)
	_, err = commit(t, low, with(del("pre/x"), exists(true)))
	wantCode(t, "delete of nothing", err, codes.NotFound)
	r := mustCommit(t, low, with(set0("pre/x", one), exists(false)))
	_, err = commit(t, low, with(set0("pre/x", one), exists(false)))
	wantCode(t, "create again", err, codes.AlreadyExists)
	stale := timestamppb.New(r.CommitTime.AsTime().Add(-time.Second))
	_, err = commit(t, low, with(set0("pre/x", one), at(stale)))
	wantCode(t, "update of an older version", err, codes.FailedPrecondition)
	mustCommit(t, low, with(del("pre/x"), at(r.WriteResults[0].UpdateTime)))
	_, err = commit(t, low, with(set0("pre/x", one), at(stale)))
	wantCode(t, "update of a deleted version", err, codes.FailedPrecondition)
	mustCommit(t, low, del("pre/x")) // deleting nothing is fine
}

func checkMasks(t *testing.T, c *firestore.Client, low *apiv1.Client) {
	put := func(mask []string, text string) {
		w := set0("masks/m", fields(t, text))
		if mask != nil {
			w.UpdateMask = &pb.DocumentMask{FieldPaths: mask}
		}
		mustCommit(t, low, w)
	}
	put(nil, `fields{key:"a" value{integer_value:1}} fields{key:"b" value{map_value{fields{key:"c" value{integer_value:2}} fields{key:"d e" value{integer_value:3}}}}}`)
	put([]string{"b.c", "a"}, `fields{key:"b" value{map_value{fields{key:"c" value{string_value:"new"}} fields{key:"z" value{integer_value:9}}}}}`)
	wantFields(t, low, "masks/m", `fields{key:"b" value{map_value{fields{key:"c" value{string_value:"new"}} fields{key:"d e" value{integer_value:3}}}}}`)
	put([]string{"b.`d e`"}, ``)
	wantFields(t, low, "masks/m", `fields{key:"b" value{map_value{fields{key:"c" value{string_value:"new"}}}}}`)
	put([]string{"b.c"}, ``)
	wantFields(t, low, "masks/m", `fields{key:"b" value{map_value{}}}`)
	put([]string{"x.y.z"}, `fields{key:"x" value{map_value{fields{key:"y" value{map_value{fields{key:"z" value{integer_value:1}}}}}}}}`)
	put([]string{"b.q.r"}, ``)
	put([]string{"x.y.z.w"}, `fields{key:"x" value{map_value{fields{key:"y" value{map_value{fields{key:"z" value{map_value{fields{key:"w" value{integer_value:1}}}}}}}}}}}`)
	wantFields(t, low, "masks/m", `fields{key:"b" value{map_value{}}} fields{key:"x" value{map_value{fields{key:"y" value{map_value{fields{key:"z" value{map_value{fields{key:"w" value{integer_value:1}}}}}}}}}}}`)
	put([]string{}, `fields{key:"ignored" value{integer_value:1}}`)
	put([]string{"new"}, ``)
	if n := len(getDoc(t, low, "masks/m").Fields); n != 2 {
		t.Errorf("an empty mask left %d fields, want 2", n)
	}
}

func checkTransforms(t *testing.T, c *firestore.Client, low *apiv1.Client) {
	mustCommit(t, low, set0("transforms/t", fields(t, `fields{key:"i" value{integer_value:40}} fields{key:"d" value{double_value:1.5}}
		fields{key:"max" value{integer_value:9223372036854775806}} fields{key:"s" value{string_value:"x"}}
		fields{key:"l" value{array_value{values{integer_value:1} values{string_value:"a"} values{integer_value:1}}}}
		fields{key:"hi" value{integer_value:3}} fields{key:"lo" value{integer_value:3}}`)))
	w := set0("transforms/t", nil)
	w.UpdateMask = &pb.DocumentMask{}
	for _, text := range []string{
		`field_path:"i" increment{integer_value:2}`,
		`field_path:"d" increment{integer_value:2}`,
		`field_path:"max" increment{integer_value:5}`,
		`field_path:"s" increment{integer_value:5}`,
		`field_path:"l" append_missing_elements{values{double_value:1} values{string_value:"b"} values{string_value:"b"}}`,
		`field_path:"l2" append_missing_elements{values{null_value:NULL_VALUE}}`,
		`field_path:"l" remove_all_from_array{values{double_value:1}}`,
		`field_path:"l3" remove_all_from_array{values{double_value:1}}`,
		`field_path:"hi" maximum{double_value:3}`,
		`field_path:"hi2" maximum{integer_value:7}`,
		`field_path:"lo" minimum{double_value:2.5}`,
		`field_path:"n.now" set_to_server_value:REQUEST_TIME`,
	} {
		f := new(pb.DocumentTransform_FieldTransform)
		if err := prototext.Unmarshal([]byte(text), f); err != nil {
			t.Fatal(err)
		}
		w.UpdateTransforms = append(w.UpdateTransforms, f)
	}
	r := mustCommit(t, low, w)
	got := r.WriteResults[0].TransformResults
	now := got[11].GetTimestampValue()
	if now.GetNanos()%1e6 != 0 || now.AsTime().After(r.CommitTime.AsTime().Add(time.Millisecond)) {
		t.Errorf("server time %v, commit time %v", now, r.CommitTime)
	}
	want := `fields{key:"i" value{integer_value:42}} fields{key:"d" value{double_value:3.5}}
		fields{key:"max" value{integer_value:9223372036854775807}} fields{key:"s" value{integer_value:5}}
		fields{key:"l" value{array_value{values{string_value:"a"} values{string_value:"b"}}}}
		fields{key:"l2" value{array_value{values{null_value:NULL_VALUE}}}} fields{key:"l3" value{array_value{}}}
		fields{key:"hi" value{integer_value:3}} fields{key:"hi2" value{integer_value:7}} fields{key:"lo" value{double_value:2.5}}`
	doc := getDoc(t, low, "transforms/t")
	if !proto.Equal(doc.Fields["n"].GetMapValue().GetFields()["now"].GetTimestampValue(), now) {
		t.Errorf("stored %v, result %v", doc.Fields["n"], now)
	}
	delete(doc.Fields, "n")
	if d := cmp.Diff(fields(t, want), doc.Fields, protocmp.Transform()); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if got[0].GetIntegerValue() != 42 || classOf(got[4]) != classNull {
		t.Errorf("results %v", got)
	}
}

func checkBadWrites(t *testing.T, c *firestore.Client, low *apiv1.Client) {
	for what, w := range map[string]*pb.Write{
		"array in array":    set0("bad/x", fields(t, `fields{key:"a" value{array_value{values{array_value{}}}}}`)),
		"reserved field":    set0("bad/x", fields(t, `fields{key:"__a__" value{integer_value:1}}`)),
		"value of no type":  set0("bad/x", fields(t, `fields{key:"a" value{}}`)),
		"reserved id":       set0("bad/__x__", nil),
		"collection's name": set0("bad", nil),
		"empty id":          set0("bad//x/y", nil),
		"dot":               set0("bad/.", nil),
		"too large":         set0("bad/x", map[string]*pb.Value{"a": {ValueType: &pb.Value_BytesValue{BytesValue: make([]byte, 1<<20)}}}),
		"no operation":      {},
		"bad mask": {Operation: set0("bad/x", nil).Operation,
			UpdateMask: &pb.DocumentMask{FieldPaths: []string{"a..b"}}},
	} {
		_, err := commit(t, low, w)
		wantCode(t, what, err, codes.InvalidArgument)
	}
}

func checkAtomic(t *testing.T, c *firestore.Client, low *apiv1.Client) {
	bad := set0("atomic/b", nil)
	bad.CurrentDocument = &pb.Precondition{ConditionType: &pb.Precondition_Exists{Exists: true}}
	_, err := commit(t, low, set0("atomic/a", nil), bad)
	wantCode(t, "commit", err, codes.NotFound)
	_, err = low.GetDocument(t.Context(), &pb.GetDocumentRequest{Name: projectRoot + "/atomic/a"})
	wantCode(t, "get of what was not committed", err, codes.NotFound)

	one := set0("atomic/c", fields(t, `fields{key:"n" value{integer_value:1}}`))
	two := set0("atomic/c", fields(t, `fields{key:"m" value{integer_value:2}}`))
	two.UpdateMask = &pb.DocumentMask{FieldPaths: []string{"m"}}
	r := mustCommit(t, low, one, two)
	wantFields(t, low, "atomic/c", `fields{key:"n" value{integer_value:1}} fields{key:"m" value{integer_value:2}}`)
	if !proto.Equal(r.WriteResults[0].UpdateTime, r.WriteResults[1].UpdateTime) {
		t.Errorf("one commit has the times %v", r.WriteResults)
	}
}

func checkBatchWrite(t *testing.T, c *firestore.Client, low *apiv1.Client) {
	bad := set0("batch/b", nil)
	bad.CurrentDocument = &pb.Precondition{ConditionType: &pb.Precondition_Exists{Exists: true}}
	r, err := low.BatchWrite(t.Context(), &pb.BatchWriteRequest{Database: strings.TrimSuffix(projectRoot, "/documents"),
		Writes: []*pb.Write{set0("batch/a", nil), bad, set0("batch/c", nil)}})
	if err != nil {
		t.Fatal(err)
	}
	var got []codes.Code
	for _, s := range r.Status {
		got = append(got, codes.Code(s.GetCode()))
	}
	if want := []codes.Code{0, codes.NotFound, 0}; !slices.Equal(got, want) {
		t.Errorf("codes %v, want %v", got, want)
	}
	getDoc(t, low, "batch/c")
	_, err = low.BatchWrite(t.Context(), &pb.BatchWriteRequest{Database: strings.TrimSuffix(projectRoot, "/documents"),
		Writes: []*pb.Write{set0("batch/a", nil), set0("batch/a", nil)}})
	wantCode(t, "one document twice", err, codes.InvalidArgument)
}

func checkDocumentCalls(t *testing.T, c *firestore.Client, low *apiv1.Client) {
	ctx := t.Context()
	f := fields(t, `fields{key:"a" value{integer_value:1}} fields{key:"b" value{integer_value:2}}`)
	d, err := low.CreateDocument(ctx, &pb.CreateDocumentRequest{Parent: projectRoot, CollectionId: "calls", DocumentId: "x",
		Document: &pb.Document{Fields: f}, Mask: &pb.DocumentMask{FieldPaths: []string{"a"}}})
	if err != nil || len(d.Fields) != 1 || lastSegment(d.Name) != "x" {
		t.Fatalf("create: %v, %v", d, err)
	}
	_, err = low.CreateDocument(ctx, &pb.CreateDocumentRequest{Parent: projectRoot, CollectionId: "calls", DocumentId: "x", Document: &pb.Document{}})
	wantCode(t, "create again", err, codes.AlreadyExists)
	d, err = low.CreateDocument(ctx, &pb.CreateDocumentRequest{Parent: projectRoot, CollectionId: "calls", Document: &pb.Document{}})
	if err != nil || len(lastSegment(d.GetName())) != 20 {
		t.Errorf("create without an id: %v, %v", d, err)
	}
	d, err = low.UpdateDocument(ctx, &pb.UpdateDocumentRequest{UpdateMask: &pb.DocumentMask{FieldPaths: []string{"b"}},
		Document: &pb.Document{Name: projectRoot + "/calls/x"}})
	if err != nil || len(d.Fields) != 1 {
		t.Errorf("update: %v, %v", d, err)
	}
	if err := low.DeleteDocument(ctx, &pb.DeleteDocumentRequest{Name: projectRoot + "/calls/x"}); err != nil {
		t.Error(err)
	}
	_, err = low.GetDocument(ctx, &pb.GetDocumentRequest{Name: projectRoot + "/calls/x"})
	wantCode(t, "get of the deleted", err, codes.NotFound)
	snap, err := c.Doc("calls/x").Get(ctx)
	wantCode(t, "snapshot of the deleted", err, codes.NotFound)
	if snap.Exists() || snap.ReadTime.IsZero() {
		t.Errorf("snapshot of the deleted: exists %v at %v", snap.Exists(), snap.ReadTime)
	}
	all, err := c.GetAll(ctx, []*firestore.DocumentRef{c.Doc("people/bob"), c.Doc("calls/x"), c.Doc("people/ann"), c.Doc("people/bob")})
	if err != nil {
		t.Fatal(err)
	}
	var got []bool
	for _, s := range all {
		got = append(got, s.Exists())
	}
	if want := []bool{true, false, true, true}; !slices.Equal(got, want) {
		t.Errorf("exist %v, want %v", got, want)
	}
}

func checkTransactions(t *testing.T, c *firestore.Client, low *apiv1.Client) {
	ctx := t.Context()
	ref := c.Doc("counters/n")
	if _, err := ref.Set(ctx, map[string]any{"n": 0}); err != nil {
		t.Fatal(err)
	}
	const writers, each = 3, 4
	errs := make(chan error, writers)
	for range writers {
		go func() {
			for range each {
				err := c.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
					d, err := tx.Get(ref)
					if err != nil {
						return err
					}
					return tx.Update(ref, []firestore.Update{{Path: "n", Value: d.Data()["n"].(int64) + 1}})
				}, firestore.MaxAttempts(50))
				if err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range writers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	d, err := ref.Get(ctx)
	if err != nil || d.Data()["n"] != int64(writers*each) {
		t.Errorf("counted %v, %v; want %d", d.Data(), err, writers*each)
	}
	stop := errors.New("stop")
	err = c.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		if err := tx.Set(ref, map[string]any{"n": -1}); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Errorf("abandoned transaction: %v", err)
	}
	wantFields(t, low, "counters/n", `fields{key:"n" value{integer_value:12}}`)
}

func checkConflict(t *testing.T, c *firestore.Client, low *apiv1.Client) {
	db := strings.TrimSuffix(projectRoot, "/documents")
	_, err := low.Commit(t.Context(), &pb.CommitRequest{Database: db, Transaction: []byte("nonsense")})
	wantCode(t, "commit of no transaction", err, codes.InvalidArgument)
	ro, err := low.BeginTransaction(t.Context(), &pb.BeginTransactionRequest{Database: db,
		Options: &pb.TransactionOptions{Mode: &pb.TransactionOptions_ReadOnly_{ReadOnly: &pb.TransactionOptions_ReadOnly{}}}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = low.Commit(t.Context(), &pb.CommitRequest{Database: db, Transaction: ro.Transaction, Writes: []*pb.Write{set0("ro/x", nil)}})
	wantCode(t, "write in a read-only transaction", err, codes.InvalidArgument)
	rw, err := low.BeginTransaction(t.Context(), &pb.BeginTransactionRequest{Database: db})
	if err != nil {
		t.Fatal(err)
	}
	if err := low.Rollback(t.Context(), &pb.RollbackRequest{Database: db, Transaction: rw.Transaction}); err != nil {
		t.Error(err)
	}
}

func checkSelect(t *testing.T, c *firestore.Client, low *apiv1.Client) {
	for paths, want := range map[string]string{
		"city":             `fields{key:"city" value{string_value:"서울"}}`,
		"p.x":              `fields{key:"p" value{map_value{fields{key:"x" value{integer_value:1}}}}}`,
		"p.`y q`,p.x,city": `fields{key:"city" value{string_value:"서울"}} fields{key:"p" value{map_value{fields{key:"x" value{integer_value:1}} fields{key:"y q" value{string_value:"u"}}}}}`,
		"p.x,p,nothing":    `fields{key:"p" value{map_value{fields{key:"x" value{integer_value:1}} fields{key:"y q" value{string_value:"u"}}}}}`,
		"p.nothing":        ``,
		"city.nothing":     ``,
		"__name__":         ``,
	} {
		var sel pb.StructuredQuery_Projection
		for p := range strings.SplitSeq(paths, ",") {
			sel.Fields = append(sel.Fields, &pb.StructuredQuery_FieldReference{FieldPath: p})
		}
		q := &pb.StructuredQuery{From: []*pb.StructuredQuery_CollectionSelector{{CollectionId: "people"}},
			Limit: wrapperspb.Int32(1), Select: &sel}
		docs, _, err := receive(low, t, runQuery(projectRoot, q))
		if err != nil || len(docs) != 1 {
			t.Errorf("select %s: %d documents, %v", paths, len(docs), err)
			continue
		}
		if d := cmp.Diff(&pb.Document{Fields: fields(t, want)}, &pb.Document{Fields: docs[0].Fields}, protocmp.Transform()); d != "" {
			t.Errorf("select %s (-want +got):\n%s", paths, d)
		}
		if docs[0].CreateTime == nil || docs[0].UpdateTime == nil {
			t.Errorf("select %s: no times", paths)
		}
	}
}

func listAll(t *testing.T, low *apiv1.Client, r *pb.ListDocumentsRequest) []string {
	t.Helper()
	var got []string
	it := low.ListDocuments(t.Context(), r)
	for {
		d, err := it.Next()
		if err == iterator.Done {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		id := lastSegment(d.Name)
		if d.CreateTime == nil {
			id += "?"
		}
		got = append(got, id)
	}
}

func checkLists(t *testing.T, c *firestore.Client, low *apiv1.Client) {
	people := []string{"ann", "bob", "cho", "dan", "eun", "fay", "gil", "han"}
	missing := []string{"ann", "bob", "cho", "dan", "eun", "fay", "ghost?", "ghost2?", "gil", "han"}
	for _, size := range []int32{0, 1, 3, 8, 100} {
		r := &pb.ListDocumentsRequest{Parent: projectRoot, CollectionId: "people", PageSize: size}
		if got := listAll(t, low, r); !slices.Equal(got, people) {
			t.Errorf("pages of %d: %v", size, got)
		}
		r.ShowMissing = true
		if got := listAll(t, low, r); !slices.Equal(got, missing) {
			t.Errorf("pages of %d with missing: %v", size, got)
		}
	}
	got := listAll(t, low, &pb.ListDocumentsRequest{Parent: projectRoot, CollectionId: "lost", ShowMissing: true})
	if !slices.Equal(got, []string{"x?"}) {
		t.Errorf("only missing: %v", got)
	}
	got = listAll(t, low, &pb.ListDocumentsRequest{Parent: projectRoot + "/people/ann", CollectionId: "notes", OrderBy: "__name__"})
	if !slices.Equal(got, []string{"n1", "n2"}) {
		t.Errorf("subcollection: %v", got)
	}
	_, err := low.ListDocuments(t.Context(), &pb.ListDocumentsRequest{Parent: projectRoot, CollectionId: "people", ShowMissing: true, OrderBy: "age"}).Next()
	wantCode(t, "missing and ordered", err, codes.InvalidArgument)
	refs, err := c.Collection("people").DocumentRefs(t.Context()).GetAll()
	if err != nil || len(refs) != len(missing) {
		t.Errorf("references: %d, %v", len(refs), err)
	}
}

func checkCollectionIDs(t *testing.T, c *firestore.Client, low *apiv1.Client) {
	for parent, want := range map[string][]string{
		"/people/ann": {"notes"}, "/people/ghost2": {"other"}, "/people/cho": nil, "/people/nobody": nil, "/notes/top": {"notes"},
	} {
		for _, size := range []int32{0, 1} {
			var got []string
			it := low.ListCollectionIds(t.Context(), &pb.ListCollectionIdsRequest{Parent: projectRoot + parent, PageSize: size})
			for id, err := it.Next(); err != iterator.Done; id, err = it.Next() {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, id)
			}
			if !slices.Equal(got, want) {
				t.Errorf("below %s: %v, want %v", parent, got, want)
			}
		}
	}
	cols, err := c.Collections(t.Context()).GetAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range cols {
		got = append(got, c.ID)
	}
	for _, want := range []string{"people", "notes", "lost", "things"} {
		if !slices.Contains(got, want) {
			t.Errorf("the root's collections %v lack %s", got, want)
		}
	}
	if slices.Contains(got, "other") {
		t.Error("a nested collection is listed at the root")
	}
}
