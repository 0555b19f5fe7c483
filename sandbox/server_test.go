package sandbox

import (
	"strings"
	"testing"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
)

func TestWhatIsNotImplementedIsNamed(t *testing.T) {
	s := open(t, small)
	c := plain(t, s)
	ctx := t.Context()
	q := func(text string) error {
		req := new(pb.RunQueryRequest)
		if err := prototext.Unmarshal([]byte(text), req); err != nil {
			t.Fatal(err)
		}
		req.Parent = projectRoot
		st, err := c.RunQuery(ctx, req)
		if err == nil {
			_, err = st.Recv()
		}
		return err
	}
	recv := func(st interface{ RecvMsg(any) error }, err error, m any) error {
		if err != nil {
			return err
		}
		return st.RecvMsg(m)
	}
	calls := map[string]func() error{
		"PartitionQuery": func() error {
			_, err := c.PartitionQuery(ctx, &pb.PartitionQueryRequest{Parent: projectRoot})
			return err
		},
		"Listen": func() error {
			st, err := c.Listen(ctx)
			return recv(st, err, &pb.ListenResponse{})
		},
		"Write": func() error {
			st, err := c.Write(ctx)
			return recv(st, err, &pb.WriteResponse{})
		},
		"ExecutePipeline": func() error {
			st, err := c.ExecutePipeline(ctx, &pb.ExecutePipelineRequest{})
			return recv(st, err, &pb.ExecutePipelineResponse{})
		},
		"find_nearest": func() error {
			return q(`structured_query{from{collection_id:"a"} find_nearest{}}`)
		},
		"explain_options": func() error {
			return q(`structured_query{from{collection_id:"a"}} explain_options{analyze:true}`)
		},
		"empty collection_id": func() error {
			return q(`structured_query{from{all_descendants:true}}`)
		},
		"filter operator 99": func() error {
			return q(`structured_query{from{collection_id:"a"} where{field_filter{field{field_path:"a"} op:99 value{integer_value:1}}}}`)
		},
		"unary filter operator 99": func() error {
			return q(`structured_query{from{collection_id:"a"} where{unary_filter{field{field_path:"a"} op:99}}}`)
		},
		"composite filter operator 99": func() error {
			return q(`structured_query{from{collection_id:"a"} where{composite_filter{op:99 filters{unary_filter{field{field_path:"a"} op:IS_NULL}}}}}`)
		},
		"direction 99": func() error {
			return q(`structured_query{from{collection_id:"a"} order_by{field{field_path:"a"} direction:99}}`)
		},
		"order_by \"age\"": func() error {
			_, err := c.ListDocuments(ctx, &pb.ListDocumentsRequest{Parent: projectRoot, CollectionId: "a", OrderBy: "age"})
			return err
		},
		"without a collection_id": func() error {
			_, err := c.ListDocuments(ctx, &pb.ListDocumentsRequest{Parent: projectRoot})
			return err
		},
		"labels": func() error {
			_, err := c.BatchWrite(ctx, &pb.BatchWriteRequest{Database: strings.TrimSuffix(projectRoot, "/documents"), Labels: map[string]string{"a": "b"}})
			return err
		},
	}
	for name, call := range calls {
		err := call()
		if status.Code(err) != codes.Unimplemented || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if st := s.Stats(); st.Requests["PartitionQuery"] != 1 || st.Billed != 0 || st.Returned != 0 {
		t.Errorf("stats %+v", st)
	}
}

func TestOtherProjectsAndDatabasesAreRefused(t *testing.T) {
	s := open(t, small)
	c := plain(t, s)
	for root, want := range map[string]struct {
		code codes.Code
		text string
	}{
		"projects/other/databases/(default)/documents":          {codes.PermissionDenied, "Permission denied on resource project other."},
		"projects/calback-demo/databases/second/documents":      {codes.NotFound, "The database second does not exist for project calback-demo"},
		"projects/calback-demo/databases/(default)":             {codes.InvalidArgument, "documents"},
		"projects/calback-demo/databases/(default)/docs":        {codes.InvalidArgument, "documents"},
		"projects/calback-demo":                                 {codes.InvalidArgument, "databases"},
		"":                                                      {codes.InvalidArgument, "projects"},
		"projects/calback-demo/databases/(default)/documents/a": {codes.InvalidArgument, "odd"},
	} {
		st, err := c.RunQuery(t.Context(), runQuery(root, page(userCollection, "", 1)))
		if err == nil {
			_, err = st.Recv()
		}
		if status.Code(err) != want.code || !strings.Contains(err.Error(), want.text) {
			t.Errorf("query below %q: %v, want %v %q", root, err, want.code, want.text)
		}
	}
	_, err := c.GetDocument(t.Context(), &pb.GetDocumentRequest{Name: "projects/other/databases/(default)/documents/a/b"})
	wantCode(t, "get", err, codes.PermissionDenied)
	_, err = c.Commit(t.Context(), &pb.CommitRequest{Database: "projects/other/databases/(default)"})
	wantCode(t, "commit", err, codes.PermissionDenied)
}

func TestReadsAreBilledAsGoogleBillsThem(t *testing.T) {
	s := open(t, small)
	c := client(t, s.Addr(), s.Project())
	users := c.Collection(userCollection)
	billed := func(what string, want int64, f func() error) {
		t.Helper()
		before := s.Stats().Billed
		if err := f(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if got := s.Stats().Billed - before; got != want {
			t.Errorf("%s: %d reads billed, want %d", what, got, want)
		}
	}
	billed("limit", 10, func() error { _, err := users.Limit(10).Documents(t.Context()).GetAll(); return err })
	billed("offset", 30, func() error { _, err := users.Offset(20).Limit(10).Documents(t.Context()).GetAll(); return err })
	billed("nothing", 1, func() error { _, err := users.Where("uid", "==", "x").Documents(t.Context()).GetAll(); return err })
	billed("names only", 10, func() error { _, err := users.Select().Limit(10).Documents(t.Context()).GetAll(); return err })
	billed("count of 300", 1, func() error {
		_, err := users.NewAggregationQuery().WithCount("n").Get(t.Context())
		return err
	})
	billed("get", 1, func() error { _, err := users.Doc(s.Company().UserID(0)).Get(t.Context()); return err })
}

func TestCountOf1001IsBilledTwice(t *testing.T) {
	s := open(t, Config{Users: 1001, Meetings: -1, Date: day})
	c := client(t, s.Addr(), s.Project())
	r, err := c.Collection(userCollection).NewAggregationQuery().WithCount("n").Get(t.Context())
	if err != nil || r["n"].(*pb.Value).GetIntegerValue() != 1001 {
		t.Fatalf("%v, %v", r, err)
	}
	if got := s.Stats().Billed; got != 2 {
		t.Errorf("%d reads billed, want 2", got)
	}
}

func TestOpenSaysWhyItCannotListen(t *testing.T) {
	s := open(t, small)
	c := small
	c.Listen = s.Addr()
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), s.Addr()) {
		t.Errorf("listening twice: %v", err)
	}
}

func TestOffsetIsReported(t *testing.T) {
	s := open(t, small)
	_, last, err := receive(lowClient(t, s.Addr()), t, runQuery(projectRoot, query(t, `from{collection_id:"userCollection"} offset:297`)))
	if err != nil || last.GetSkippedResults() != 297 {
		t.Errorf("skipped %d, %v", last.GetSkippedResults(), err)
	}
}

func TestLateDateDoesNotHideTheCompany(t *testing.T) {
	c := small
	c.Now = func() time.Time { return day.AddDate(-3, 0, 0) } // the company's day has not come
	s := open(t, c)
	n, _ := count(t.Context(), plain(t, s), 1000)
	if n != 300 {
		t.Errorf("%d users are visible, want 300", n)
	}
}

func TestZeroConfigServesTheWholeCompany(t *testing.T) {
	s := open(t, Config{})
	c := client(t, s.Addr(), "calback-demo")
	for collection, least := range map[string]int64{userCollection: 30000, meetingCollection: 8000} {
		r, err := c.Collection(collection).NewAggregationQuery().WithCount("n").Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n := r["n"].(*pb.Value).GetIntegerValue(); n < least {
			t.Errorf("%s has %d documents, want at least %d", collection, n, least)
		}
	}
	if !strings.HasPrefix(s.Addr(), "127.0.0.1:") {
		t.Errorf("it listens on %s", s.Addr())
	}
}

func TestTransactionAbortsWhenWhatItReadHasChanged(t *testing.T) {
	s := open(t, empty)
	low := lowClient(t, s.Addr())
	db := strings.TrimSuffix(projectRoot, "/documents")
	reads := map[string]func(tx []byte) error{
		"a document": func(tx []byte) error {
			_, err := low.GetDocument(t.Context(), &pb.GetDocumentRequest{Name: projectRoot + "/a/x",
				ConsistencySelector: &pb.GetDocumentRequest_Transaction{Transaction: tx}})
			return err
		},
		"a query": func(tx []byte) error {
			r := runQuery(projectRoot, query(t, `from{collection_id:"a"}`))
			r.ConsistencySelector = &pb.RunQueryRequest_Transaction{Transaction: tx}
			_, _, err := receive(low, t, r)
			return err
		},
		"nothing": func([]byte) error { return nil },
	}
	for what, read := range reads {
		mustCommit(t, low, set0("a/x", map[string]*pb.Value{"n": intValue(1)}))
		tx, err := low.BeginTransaction(t.Context(), &pb.BeginTransactionRequest{Database: db})
		if err != nil {
			t.Fatal(err)
		}
		if err := read(tx.Transaction); err != nil {
			t.Fatal(err)
		}
		mustCommit(t, low, set0("a/x", map[string]*pb.Value{"n": intValue(2)}))
		_, err = low.Commit(t.Context(), &pb.CommitRequest{Database: db, Transaction: tx.Transaction,
			Writes: []*pb.Write{set0("a/x", map[string]*pb.Value{"n": intValue(3)})}})
		want, n := codes.Aborted, int64(2)
		if what == "nothing" {
			want, n = codes.OK, 3
		}
		wantCode(t, "commit after reading "+what, err, want)
		if got := getDoc(t, low, "a/x").Fields["n"].GetIntegerValue(); got != n {
			t.Errorf("after reading %s, n is %d, want %d", what, got, n)
		}
	}
	r := runQuery(projectRoot, query(t, `from{collection_id:"a"}`))
	r.ConsistencySelector = &pb.RunQueryRequest_NewTransaction{NewTransaction: &pb.TransactionOptions{}}
	st, err := low.RunQuery(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	first, err := st.Recv()
	if err != nil || len(first.GetTransaction()) == 0 {
		t.Errorf("the first response of a new transaction: %v, %v", first, err)
	}
}

func TestTransactionsExpire(t *testing.T) {
	now := &clock{t: day}
	c := empty
	c.Now = now.now
	s := open(t, c)
	low := lowClient(t, s.Addr())
	db := strings.TrimSuffix(projectRoot, "/documents")
	tx, err := low.BeginTransaction(t.Context(), &pb.BeginTransactionRequest{Database: db})
	if err != nil {
		t.Fatal(err)
	}
	now.advance(transactionLife + time.Second)
	_, err = low.Commit(t.Context(), &pb.CommitRequest{Database: db, Transaction: tx.Transaction})
	wantCode(t, "commit of an old transaction", err, codes.Aborted)
}
