package sandbox

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// readPages reads a whole collection by name at a time, in pages.
func readPages(ctx context.Context, s *Sandbox, t testing.TB, collection string, at *timestamppb.Timestamp, size int32) []*pb.Document {
	t.Helper()
	low := lowClient(t, s.Addr())
	var all []*pb.Document
	last := ""
	for {
		r := runQuery(s.service.names.root, page(collection, last, size))
		r.ConsistencySelector = &pb.RunQueryRequest_ReadTime{ReadTime: at}
		st, err := low.RunQuery(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		n := len(all)
		for {
			res, err := st.Recv()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := res.GetDocument(); d != nil {
				all = append(all, d)
				last = d.GetName()
			}
		}
		if len(all) == n {
			return all
		}
	}
}

func TestOneReadTimeIsOneSnapshotUnderChurn(t *testing.T) {
	c := small
	c.Churn = 50 * time.Microsecond
	s := open(t, c)
	at := stamp(s.service.db.readNow())
	first := readPages(t.Context(), s, t, userCollection, at, 50)
	writes := s.Stats().Written
	second := readPages(t.Context(), s, t, userCollection, at, 7)
	if s.Stats().Written == writes {
		t.Fatal("nothing was written meanwhile")
	}
	if len(first) == 0 || !slices.EqualFunc(first, second, func(a, b *pb.Document) bool { return proto.Equal(a, b) }) {
		t.Errorf("the same read time gave %d and then %d documents, or others", len(first), len(second))
	}
	now := readPages(t.Context(), s, t, userCollection, stamp(s.service.db.readNow()), 50)
	if slices.EqualFunc(first, now, func(a, b *pb.Document) bool { return proto.Equal(a, b) }) {
		t.Error("the churn changed nothing")
	}
}

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func TestReadTimeHasBounds(t *testing.T) {
	now := &clock{t: day}
	c := empty
	c.Now = now.now
	s := open(t, c)
	low := lowClient(t, s.Addr())
	mustCommit(t, low, set0("a/x", fields(t, `fields{key:"n" value{integer_value:1}}`)))
	get := func(at time.Time, nanos int32) (*pb.Document, error) {
		ts := timestamppb.New(at)
		ts.Nanos += nanos
		return low.GetDocument(t.Context(), &pb.GetDocumentRequest{Name: projectRoot + "/a/x",
			ConsistencySelector: &pb.GetDocumentRequest_ReadTime{ReadTime: ts}})
	}
	_, err := get(day.Add(time.Second), 0)
	wantCode(t, "the future", err, codes.InvalidArgument)
	_, err = get(day, 500)
	wantCode(t, "half a microsecond", err, codes.InvalidArgument)
	now.advance(time.Hour)
	if _, err := get(day.Add(time.Microsecond), 0); err != nil {
		t.Errorf("an hour ago: %v", err)
	}
	now.advance(time.Second)
	_, err = get(day.Add(time.Microsecond), 0)
	wantCode(t, "more than an hour ago", err, codes.FailedPrecondition)
	if !strings.Contains(err.Error(), "read_time is too old") {
		t.Errorf("text %q", err)
	}
	if _, err := get(day.Add(time.Second), 0); err != nil {
		t.Errorf("an hour ago: %v", err)
	}
}

func TestVersionsOlderThanAnHourAreForgotten(t *testing.T) {
	now := &clock{t: day}
	c := empty
	c.Now = now.now
	s := open(t, c)
	low := lowClient(t, s.Addr())
	del := &pb.Write{Operation: &pb.Write_Delete{Delete: projectRoot + "/a/gone"}}
	for i := range 200 {
		mustCommit(t, low, set0("a/x", map[string]*pb.Value{"n": intValue(int64(i))}), set0("a/gone", map[string]*pb.Value{"n": intValue(int64(i))}))
		mustCommit(t, low, del)
		now.advance(time.Minute)
	}
	depth := 0
	for v := s.service.db.groups["a"].index.get("a\x00x").head; v != nil; v = v.prev {
		depth++
	}
	if depth < 60 || depth > 63 {
		t.Errorf("%d versions are kept of one a minute, want those of an hour and one before", depth)
	}
	now.advance(2 * time.Hour)
	mustCommit(t, low, set0("a/x", nil))
	if n := s.service.db.groups["a"].index.count; n != 1 || len(s.service.db.graves) != 0 {
		t.Errorf("%d documents and %d graves are held, want 1 and 0", n, len(s.service.db.graves))
	}
}

// TestDatabaseMatchesModel applies random commits to the database and to plain
// maps, one per point in time, and compares scans of both, forwards and
// backwards, at random times and bounds.
func TestDatabaseMatchesModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	now := &clock{t: day}
	d := newDatabase(now.now)
	type state map[key]int64 // key to update time
	times, states := []int64{d.readNow()}, []state{{}}
	newKey := func() key {
		return fmt.Sprintf("c%d\x00%03d", rng.IntN(2), rng.IntN(700)) + strings.Repeat("\x00c1\x00x", rng.IntN(8)/7)
	}
	for range 3000 {
		next := state{}
		for k, v := range states[len(states)-1] {
			next[k] = v
		}
		d.mu.Lock()
		at := d.writeTime()
		var changes []change
		for range 1 + rng.IntN(3) {
			k := newKey()
			if slices.ContainsFunc(changes, func(c change) bool { return c.key == k }) {
				continue
			}
			if rng.IntN(4) == 0 {
				changes = append(changes, change{key: k})
				delete(next, k)
			} else {
				changes = append(changes, change{key: k, fields: []byte{}})
				next[k] = at
			}
		}
		d.apply(at, changes)
		d.mu.Unlock()
		times, states = append(times, at), append(states, next)
	}
	for range 400 {
		i := rng.IntN(len(times))
		s := collection("", fmt.Sprintf("c%d", rng.IntN(2)))
		if rng.IntN(3) == 0 {
			s = descendants("", "c1")
		}
		s.desc = rng.IntN(2) == 0
		if rng.IntN(2) == 0 {
			s.atLeast(newKey(), rng.IntN(2) == 0)
		}
		if rng.IntN(2) == 0 {
			s.atMost(newKey(), rng.IntN(2) == 0)
		}
		var want []key
		for k := range states[i] {
			in := collectionOf(k) == s.id && strings.HasPrefix(k, s.prefix) && (s.depth == 0 || depth(k) == s.depth)
			in = in && (k > s.low || k == s.low && !s.lowOpen) && (s.high == "" || k < s.high || k == s.high && s.highIn)
			if in {
				want = append(want, k)
			}
		}
		slices.Sort(want)
		if s.desc {
			slices.Reverse(want)
		}
		asked := s
		var got []key
		var hits []hit
		for done := false; !done; {
			hits, done = d.scan(&s, times[i], hits[:0])
			for _, h := range hits {
				got = append(got, h.key)
				if h.updated != states[i][h.key] {
					t.Fatalf("%q at %d is of %d, want %d", h.key, times[i], h.updated, states[i][h.key])
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%+v at %d:\n got %q\nwant %q", asked, times[i], got, want)
		}
	}
}

func TestIndexStaysSortedAndChunked(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var x index
	model := map[key]bool{}
	for range 20000 {
		k := fmt.Sprint(rng.IntN(9000))
		if model[k] && rng.IntN(3) > 0 {
			x.remove(k)
			delete(model, k)
		} else if !model[k] {
			x.insert(&entry{key: k})
			model[k] = true
		}
		if x.get(k) != nil != model[k] {
			t.Fatalf("%s is there: %v, want %v", k, !model[k], model[k])
		}
	}
	x.remove("absent")
	n, last := 0, ""
	for _, ch := range x.chunks {
		if len(ch) == 0 || len(ch) > chunkSize {
			t.Fatalf("a chunk of %d", len(ch))
		}
		for _, e := range ch {
			if !model[e.key] || e.key <= last {
				t.Fatalf("%s follows %s, known: %v", e.key, last, model[e.key])
			}
			last = e.key
			n++
		}
	}
	if n != len(model) || x.count != n {
		t.Errorf("%d entries, count %d, want %d", n, x.count, len(model))
	}
}
