package firestore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/sandbox"
)

// around calls before and after each Process, numbered from zero; an error of
// after takes the place of the session's commit, as a crash would.
type around struct {
	*ReadFirestore
	calls         int
	before, after func(call int) error
}

func (a *around) Process(ctx context.Context, s *flowfile.Session) error {
	n := a.calls
	a.calls++
	for _, f := range []func() error{
		func() error {
			if a.before == nil {
				return nil
			}
			return a.before(n)
		},
		func() error { return a.ReadFirestore.Process(ctx, s) },
		func() error {
			if a.after == nil {
				return nil
			}
			return a.after(n)
		},
	} {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

func wrapped(before, after func(int) error) processorstest.Option {
	return processorstest.Wrap(func(p processors.Processor) processors.Processor {
		return &around{ReadFirestore: p.(*ReadFirestore), before: before, after: after}
	})
}

func TestOneMomentWhateverIsWrittenMeanwhile(t *testing.T) {
	s := serve(t, company(120))
	still := node(t, s, reading("page_size", 25)).Run().Rows(success)
	var r *processorstest.Runner
	write := func(n int) error {
		if n == 0 {
			return nil // before the count
		}
		client := r.Processor().(*around).client
		name := func(id string) string { return client.Root() + "/userCollection/" + id }
		set := func(id string) *pb.Write {
			return &pb.Write{Operation: &pb.Write_Update{Update: &pb.Document{Name: name(id),
				Fields: map[string]*pb.Value{"uid": {ValueType: &pb.Value_StringValue{StringValue: "new"}}}}}}
		}
		_, err := client.Firestore.Commit(t.Context(), &pb.CommitRequest{Database: client.DatabasePath(), Writes: []*pb.Write{
			set(fmt.Sprintf("!%d", n)), set(fmt.Sprintf("~%d", n)), set(s.Company().UserID(n)),
			{Operation: &pb.Write_Delete{Delete: name(s.Company().UserID(50 + n))}},
		}})
		return err
	}
	r = node(t, s, reading("page_size", 25), wrapped(write, nil))
	if got := r.Run().Rows(success); !slices.Equal(got, still) {
		t.Errorf("%d rows, other than the %d of an undisturbed read", len(got), len(still))
	}
	if s.Stats().Written < 20 {
		t.Errorf("only %d writes", s.Stats().Written)
	}
}

func TestACrashReadsAtMostOnePageAgain(t *testing.T) {
	const page = 40
	for _, at := range []int{0, 1, 2, 5, 8} {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			s := serve(t, company(300))
			crash := errors.New("crash")
			r := node(t, s, reading("page_size", page), wrapped(nil, func(n int) error {
				if n == at {
					return crash
				}
				return nil
			})).Run()
			if !errors.Is(r.Err(), crash) {
				t.Fatalf("error %v", r.Err())
			}
			again := node(t, s, reading("page_size", page))
			again.Store = r.Store
			if got := ids(t, again.Run()); !slices.Equal(got, want(s.Company(), 300)) {
				t.Errorf("%d ids, not those of the 300 users in order", len(got))
			}
			if n := s.Stats().Returned; n > 300+page {
				t.Errorf("%d documents were sent for 300", n)
			}
			if n := s.Stats().Requests["RunAggregationQuery"]; at > 0 && n != 1 {
				t.Errorf("%d counts", n)
			}
		})
	}
}

// clock is a sandbox's clock that a test moves.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return now().Add(time.Duration(c.ahead.Load())) }

func TestReadTimeOfAnotherSourceIsAdopted(t *testing.T) {
	var clk clock
	c := company(40)
	c.Now = clk.now
	s := serve(t, c)
	r := node(t, s, reading())
	then := now().Add(-10 * time.Minute)
	if _, err := r.Store.Commit(t.Context(), &flowfile.Delivery{Flow: "test", Run: 1, Node: "other",
		AsOf: &flowfile.AsOf{Service: "gcp", Time: then}}); err != nil {
		t.Fatal(err)
	}
	r.Run().WantAttr(success, "firestore.read_time", stamp(then))
	if got := position(t, r).ReadTime; !got.Equal(then) {
		t.Errorf("read time %v", got)
	}
}

func TestExpiredReadTimeBeforeAnythingIsPublished(t *testing.T) {
	s := serve(t, company(40))
	r := node(t, s, reading())
	then := now().Add(-3 * time.Hour)
	if _, err := r.Store.Commit(t.Context(), &flowfile.Delivery{Flow: "test", Run: 1, Node: "other",
		AsOf: &flowfile.AsOf{Service: "gcp", Time: then}}); err != nil {
		t.Fatal(err)
	}
	r.Run().WantAttr(success, "firestore.read_time", stamp(now()))
	if w := r.Store.Warnings(); len(w) != 1 || !strings.Contains(w[0], stamp(then)) || !strings.Contains(w[0], stamp(now())) {
		t.Errorf("warnings %q, want one that names both moments", w)
	}
}

func TestExpiredReadTimeWithCountAlone(t *testing.T) {
	var clk clock
	c := company(40)
	c.Now = clk.now
	s := serve(t, c)
	r := node(t, s, reading(), wrapped(func(n int) error {
		if n == 1 {
			clk.ahead.Store(int64(2 * time.Hour))
		}
		return nil
	}, nil)).Run()
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	r.WantAttr(success, "firestore.read_time", stamp(clk.now()))
	if len(r.Store.Warnings()) != 1 {
		t.Errorf("warnings %q", r.Store.Warnings())
	}
}

func TestExpiredReadTimeWithPagesPublished(t *testing.T) {
	var clk clock
	c := company(40)
	c.Now = clk.now
	s := serve(t, c)
	r := node(t, s, reading("page_size", 10), wrapped(func(n int) error {
		if n == 3 {
			clk.ahead.Store(int64(2 * time.Hour))
		}
		return nil
	}, nil)).Run().WantErr("read_time_expired")
	if !strings.Contains(r.Err().Error(), "20 of them are already published") {
		t.Errorf("%q", r.Err())
	}
}

func TestOtherSettingsDoNotGoOnFromHere(t *testing.T) {
	s := serve(t, company(40))
	stop := errors.New("stop")
	r := node(t, s, reading("page_size", 10), wrapped(nil, func(n int) error {
		if n == 3 {
			return stop
		}
		return nil
	})).Run()
	if !errors.Is(r.Err(), stop) {
		t.Fatal(r.Err())
	}
	other := node(t, s, reading("collection", "meetingCollection"))
	other.Store = r.Store
	other.Run().WantErr("firestore_settings_changed")
	// More reads allowed, smaller pages: the same documents, so it goes on.
	same := node(t, s, reading("page_size", 7, "max_reads", 1000))
	same.Store = r.Store
	if got := ids(t, same.Run()); !slices.Equal(got, want(s.Company(), 40)) {
		t.Errorf("%d ids", len(got))
	}
}

func TestLostDocumentIsNoticed(t *testing.T) {
	s := serve(t, company(40))
	r := node(t, s, reading("page_size", 10), processorstest.Wrap(func(p processors.Processor) processors.Processor {
		read := p.(*ReadFirestore)
		read.calls.wait = new(waits).wait
		return &around{ReadFirestore: read, before: func(n int) error {
			if n == 2 {
				s.Inject(sandbox.Fault{Kind: sandbox.ShortStream, Method: "RunQuery", After: 0, Times: 1000})
			}
			return nil
		}}
	})).Run().WantErr("firestore_short_read")
	if !strings.Contains(r.Err().Error(), "Only 10 of the 40 documents") {
		t.Errorf("%q", r.Err())
	}
	if r.Notes().Done {
		t.Error("the activity is done with documents missing")
	}
}

// TestReadTimeOfAFasterSourceHolds lets another source propose its read time
// while this one counts, and a document be added in between.
func TestReadTimeOfAFasterSourceHolds(t *testing.T) {
	var clk clock
	c := company(40)
	c.Now = clk.now
	s := serve(t, c)
	var r *processorstest.Runner
	r = node(t, s, reading(), processorstest.Wrap(func(p processors.Processor) processors.Processor {
		read := p.(*ReadFirestore)
		read.calls.wait = func(ctx context.Context, _ time.Duration) error {
			if _, err := r.Store.Commit(ctx, &flowfile.Delivery{Flow: "test", Run: 1, Node: "other",
				AsOf: &flowfile.AsOf{Service: "gcp", Time: now()}}); err != nil {
				return err
			}
			clk.ahead.Store(int64(time.Minute))
			_, err := read.client.Firestore.Commit(ctx, &pb.CommitRequest{Database: read.client.DatabasePath(), Writes: []*pb.Write{
				{Operation: &pb.Write_Update{Update: &pb.Document{Name: read.client.Root() + "/userCollection/late"}}}}})
			return err
		}
		return read
	}))
	s.Inject(sandbox.Fault{Kind: sandbox.Unavailable, Method: "RunAggregationQuery", Times: 1})
	r.Run().WantAttr(success, "firestore.read_time", stamp(now()))
	if c := position(t, r); c.Count != 40 || c.Read != 40 || !c.Done {
		t.Errorf("cursor %+v", c)
	}
}
