package sandbox

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"github.com/weirflow/weir/fault"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// plain is a client that does not try again by itself.
func plain(t *testing.T, s *Sandbox) pb.FirestoreClient {
	t.Helper()
	conn, err := grpc.NewClient(s.Addr(), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDisableRetry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return pb.NewFirestoreClient(conn)
}

// count reads a stream and returns how many documents came before its end.
func count(ctx context.Context, c pb.FirestoreClient, limit int32) (int, error) {
	st, err := c.RunQuery(ctx, runQuery(projectRoot, page(userCollection, "", limit)))
	if err != nil {
		return 0, err
	}
	for n := 0; ; {
		r, err := st.Recv()
		if err != nil {
			return n, err
		}
		if r.GetDocument() != nil {
			n++
		}
	}
}

func TestFaultsHappenOnDemand(t *testing.T) {
	const eof = codes.Code(99) // the stream ended with OK
	type step struct {
		docs int
		code codes.Code
		text string
	}
	whole := step{100, eof, ""}
	for _, c := range []struct {
		faults string
		steps  []step // each reads 100 documents
	}{
		{"cut-after=30", []step{{30, codes.Unavailable, "temporarily unavailable"}, whole}},
		{"cut-after=250", []step{whole, whole, {50, codes.Unavailable, ""}, whole}},
		{"cut-after=100", []step{{100, codes.Unavailable, ""}, whole}},
		{"cut-after=0,times=2", []step{{0, codes.Unavailable, ""}, {0, codes.Unavailable, ""}, whole}},
		{"short-after=20,times=2", []step{{20, eof, ""}, {20, eof, ""}, whole}},
		{"short-after=20;cut-after=50", []step{{20, eof, ""}, {30, codes.Unavailable, ""}, whole}},
		{"unavailable=3", []step{{0, codes.Unavailable, ""}, {0, codes.Unavailable, ""}, {0, codes.Unavailable, ""}, whole}},
		{"exhausted=1", []step{{0, codes.ResourceExhausted, "Quota exceeded"}, whole}},
		{"exhausted;unavailable=1", []step{{0, codes.ResourceExhausted, ""}, {0, codes.ResourceExhausted, ""}}},
		{"denied", []step{{0, codes.PermissionDenied, "Missing or insufficient permissions."}, {0, codes.PermissionDenied, ""}}},
		{"no-database,times=1", []step{{0, codes.NotFound, "The database (default) does not exist for project calback-demo"}, whole}},
		{"latency=1ms", []step{whole, whole}},
		{"denied,method=ListDocuments", []step{whole}},
		{"cut-after=5,method=BatchGetDocuments", []step{whole}},
		{"cut-after=5,method=RunQuery", []step{{5, codes.Unavailable, ""}}},
	} {
		cfg := small
		for text := range strings.SplitSeq(c.faults, ";") {
			f, err := ParseFault(text)
			if err != nil {
				t.Fatal(err)
			}
			cfg.Faults = append(cfg.Faults, f)
		}
		s := open(t, cfg)
		for i, want := range c.steps {
			n, err := count(t.Context(), plain(t, s), 100)
			if n != want.docs || want.code == eof && status.Code(err) != codes.Unknown || want.code != eof && status.Code(err) != want.code ||
				!strings.Contains(err.Error(), want.text) {
				t.Errorf("%s, call %d: %d documents and %v, want %d and %v %q", c.faults, i+1, n, err, want.docs, want.code, want.text)
			}
		}
	}
}

func TestHangEndsWithTheCallersPatience(t *testing.T) {
	for _, text := range []string{"hang", "hang-after=10"} {
		s := open(t, small)
		f, err := ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		s.Inject(f)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		n, err := count(ctx, plain(t, s), 100)
		cancel()
		if n != f.After || status.Code(err) != codes.DeadlineExceeded {
			t.Errorf("%s: %d documents, %v", text, n, err)
		}
	}
}

func TestLatencyDelaysAndIsCutByTheCaller(t *testing.T) {
	s := open(t, small)
	s.Inject(Fault{Kind: Latency, Delay: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if n, err := count(ctx, plain(t, s), 1); n != 0 || status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("%d documents, %v", n, err)
	}
}

func TestCloseCutsHangingCalls(t *testing.T) {
	s, err := Open(t.Context(), small)
	if err != nil {
		t.Fatal(err)
	}
	s.Inject(Fault{Kind: HangStream, After: 10})
	st, err := plain(t, s).RunQuery(t.Context(), runQuery(projectRoot, page(userCollection, "", 100)))
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := st.Recv(); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
	if _, err := st.Recv(); status.Code(err) != codes.Unavailable && status.Code(err) != codes.Canceled {
		t.Errorf("the cut call ends with %v", err)
	}
}

func TestFaultsConcernUnaryAndGetCalls(t *testing.T) {
	s := open(t, small)
	c := client(t, s.Addr(), s.Project())
	s.Inject(Fault{Kind: ShortStream, Method: "ListDocuments", After: 40})
	refs, err := c.Collection(userCollection).DocumentRefs(t.Context()).GetAll()
	if err != nil || len(refs) != 40 {
		t.Errorf("%d references, %v; want a short list of 40", len(refs), err)
	}
	s.Inject(Fault{Kind: CutStream, Method: "BatchGetDocuments", After: 1})
	st, err := plain(t, s).BatchGetDocuments(t.Context(), &pb.BatchGetDocumentsRequest{
		Database: strings.TrimSuffix(projectRoot, "/documents"), Documents: []string{projectRoot + "/a/1", projectRoot + "/a/2"}})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := st.Recv(); err != nil || r.GetMissing() == "" {
		t.Errorf("the first of a cut get: %v, %v", r, err)
	}
	_, err = st.Recv()
	wantCode(t, "cut of a get", err, codes.Unavailable)
	s.Inject(Fault{Kind: Denied, Method: "Commit", Times: 1})
	_, err = c.Doc("a/1").Set(t.Context(), map[string]any{})
	wantCode(t, "denied commit", err, codes.PermissionDenied)
	if _, err = c.Doc("a/1").Set(t.Context(), map[string]any{}); err != nil {
		t.Error(err)
	}
}

func TestParseFault(t *testing.T) {
	for text, want := range map[string]Fault{
		"cut-after=5000":                 {Kind: CutStream, After: 5000},
		"short-after=2000,times=3":       {Kind: ShortStream, After: 2000, Times: 3},
		"unavailable=3, method=RunQuery": {Kind: Unavailable, Times: 3, Method: "RunQuery"},
		"latency=5ms":                    {Kind: Latency, Delay: 5 * time.Millisecond},
		"denied":                         {Kind: Denied},
		"method=Commit,hang":             {Kind: Hang, Method: "Commit"},
		"disabled,api=analytics":         {Kind: Disabled, API: Analytics},
		"no-scope=2,method=runReport":    {Kind: NoScope, Times: 2, Method: "runReport"},
		"drop-answer,method=jobs.insert": {Kind: DropAnswer, Method: "jobs.insert"},
		"datastore-mode":                 {Kind: DatastoreMode},
	} {
		if got, err := ParseFault(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for text, code := range map[string]string{
		"":                      "sandbox_fault_unknown",
		"explode":               "sandbox_fault_unknown",
		"cut-after":             "sandbox_fault_number",
		"cut-after=-1":          "sandbox_fault_number",
		"unavailable=0":         "sandbox_fault_number",
		"denied,times=0":        "sandbox_fault_number",
		"latency=5":             "sandbox_fault_duration",
		"latency=-5s":           "sandbox_fault_duration",
		"denied,method=RunAway": "sandbox_fault_method",
		"denied,hang":           "sandbox_fault_twice",
		"denied,api=gmail":      "sandbox_fault_api",

		"denied,api=bigquery,method=runReport": "sandbox_fault_method",
		"cut-after=3,api=analytics":            "sandbox_fault_firestore",
		"datastore-mode,method=jobs.insert":    "sandbox_fault_firestore",

		"method=RunQuery": "sandbox_fault_unknown",
	} {
		_, err := ParseFault(text)
		if !errors.Is(err, fault.New(code)) {
			t.Errorf("%q: %v, want %s", text, err, code)
		}
		if class, _ := fault.ClassOf(err); class != fault.Permanent {
			t.Errorf("%q: class %v", text, class)
		}
	}
}
