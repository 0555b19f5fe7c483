package firestore

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/sandbox"
)

func TestPassingFaultsLoseNothing(t *testing.T) {
	for _, c := range []struct {
		fault string
		waits int
		least time.Duration // of the first wait
	}{
		{"cut-after=130,method=RunQuery", 1, firstWait},
		{"cut-after=0,method=RunQuery,times=3", 3, firstWait},
		{"cut-after=20,method=RunQuery,times=5", 5, firstWait},
		{"short-after=130,method=RunQuery", 0, 0},
		{"short-after=0,method=RunQuery,times=2", 2, firstWait},
		{"unavailable=4", 4, firstWait},
		{"unavailable=2,method=RunQuery", 2, firstWait},
		{"exhausted=2", 2, quotaWait},
		{"exhausted=1,method=RunQuery", 1, quotaWait},
	} {
		t.Run(c.fault, func(t *testing.T) {
			s := serve(t, company(300))
			f, err := sandbox.ParseFault(c.fault)
			if err != nil {
				t.Fatal(err)
			}
			s.Inject(f)
			var w waits
			r := node(t, s, reading("page_size", 70), hurry(&w)).Run()
			if got := ids(t, r); !slices.Equal(got, want(s.Company(), 300)) {
				t.Errorf("%d ids, not those of the 300 users in order", len(got))
			}
			if len(w) != c.waits || c.waits > 0 && w[0] < c.least {
				t.Errorf("waits %v, want %d of at least %v", w, c.waits, c.least)
			}
			if n := s.Stats().Returned; n != 300 {
				t.Errorf("the server sent %d documents, want each once", n)
			}
		})
	}
}

func TestCutStreamsShrinkPages(t *testing.T) {
	s := serve(t, company(900))
	s.Inject(sandbox.Fault{Kind: sandbox.CutStream, Method: "RunQuery", After: 150, Times: 1})
	var w waits
	r := node(t, s, reading("page_size", 400), hurry(&w)).Run()
	var pages []int64
	for _, f := range r.Output(success) {
		pages = append(pages, f.Rows)
	}
	if !slices.Equal(pages, []int64{400, 200, 300}) {
		t.Errorf("pages %v, want a smaller one behind the cut, then larger ones again", pages)
	}
}

func TestSilentStreamIsTakenUpAgain(t *testing.T) {
	s := serve(t, company(100))
	s.Inject(sandbox.Fault{Kind: sandbox.HangStream, Method: "RunQuery", After: 40})
	var w waits
	r := node(t, s, reading(), hurry(&w))
	r.Processor().(*ReadFirestore).calls.silence = 300 * time.Millisecond
	if got := ids(t, r.Run()); !slices.Equal(got, want(s.Company(), 100)) {
		t.Errorf("%d ids", len(got))
	}
	if len(w) != 1 {
		t.Errorf("waits %v", w)
	}
}

func TestPatienceEndsAfterTwoMinutes(t *testing.T) {
	for _, c := range []struct {
		fault, code string
		class       fault.Class
	}{
		{"unavailable", "firestore_unavailable", fault.Retryable},
		{"unavailable,method=RunQuery", "firestore_unavailable", fault.Retryable},
		{"exhausted,method=RunQuery", "firestore_exhausted", fault.After},
		{"short-after=0,method=RunQuery,times=1000", "firestore_short_read", fault.Retryable},
	} {
		t.Run(c.fault, func(t *testing.T) {
			s := serve(t, company(30))
			f, err := sandbox.ParseFault(c.fault)
			if err != nil {
				t.Fatal(err)
			}
			s.Inject(f)
			var w waits
			r := node(t, s, reading(), hurry(&w)).Run().WantErr(c.code)
			if class, _ := fault.ClassOf(r.Err()); class != c.class {
				t.Errorf("class %v, want %v", class, c.class)
			}
			if free := fault.IsFree(r.Err()); free != (c.class == fault.After) {
				t.Errorf("waiting costs no try: %t", free)
			}
			if d := w.total(); d < keepTrying || d > keepTrying+2*longestWait {
				t.Errorf("it waited %v in all: %v", d, w)
			}
			if len(r.Output(success)) != 0 {
				t.Error("something was published")
			}
		})
	}
}

func TestRefusalsAreNotTriedAgain(t *testing.T) {
	for _, c := range []struct {
		fault, project, code string
		names                []string
	}{
		{"denied", "", "firestore_denied", []string{"calback-demo", "(default)", "roles/datastore.viewer"}},
		{"denied,method=RunQuery", "", "firestore_denied", nil},
		{"no-database", "", "firestore_no_database", []string{"gcloud firestore databases list --project calback-demo"}},
		{"", "other-project", "firestore_denied", []string{"other-project"}},
	} {
		t.Run(c.fault+c.project, func(t *testing.T) {
			s := serve(t, company(30))
			if c.fault != "" {
				f, err := sandbox.ParseFault(c.fault)
				if err != nil {
					t.Fatal(err)
				}
				s.Inject(f)
			}
			project := s.Project()
			if c.project != "" {
				project = c.project
			}
			var w waits
			r := processorstest.New(t, "ReadFirestore", reading(), connect(t, s, project), hurry(&w)).Run().WantErr(c.code)
			if class, _ := fault.ClassOf(r.Err()); class != fault.Permanent || len(w) != 0 {
				t.Errorf("class %v after the waits %v, want permanent at once", class, w)
			}
			for _, n := range c.names {
				if !strings.Contains(r.Err().Error(), n) {
					t.Errorf("%q does not name %s", r.Err(), n)
				}
			}
		})
	}
}

func TestEmptyAndMissingCollections(t *testing.T) {
	c := company(30)
	c.Files = append(c.Files, documents(t, "ghosts/a/things", `{"a":1}`))
	s := serve(t, c)
	r := node(t, s, reading("collection", "usersCollection")).Run().WantErr("firestore_collection_missing")
	if !strings.Contains(r.Err().Error(), "The nearest are: userCollection.") {
		t.Errorf("%q does not name the nearest collection", r.Err())
	}
	node(t, s, reading("collection", "ghosts")).Run().WantErr("firestore_collection_empty")
	if n := s.Stats().Requests["RunQuery"]; n != 0 {
		t.Errorf("%d queries were run", n)
	}
	r = node(t, s, reading("collection", "nobody", "on_empty", "pass")).Run()
	if out := r.Output(success); len(out) != 1 || out[0].Rows != 0 || len(r.SchemaOf(out[0]).Fields) != len(users.Fields)+1 {
		t.Errorf("outputs %+v, want the columns without rows", out)
	}
	if !r.Notes().Done {
		t.Error("the activity is not done")
	}
}

func TestCancelledNodeEndsWithItsContext(t *testing.T) {
	s := serve(t, company(30))
	s.Inject(sandbox.Fault{Kind: sandbox.Hang})
	ctx, cancel := context.WithCancel(context.Background())
	r := node(t, s, reading(), processorstest.Context(ctx))
	done := make(chan error)
	go func() { done <- r.Run().Err() }()
	cancel()
	if err := <-done; err != context.Canceled {
		t.Errorf("error %v", err)
	}
}
