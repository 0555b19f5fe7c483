package flowfile_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/weirflow/weir/flowfile"
)

func TestCursorIsStagedUntilTheCommit(t *testing.T) {
	r := newRig(t, source)
	s := r.session()
	type note struct{ Page int }
	var n note
	if ok, err := s.Cursor().Load(&n); ok || err != nil {
		t.Fatal(ok, err)
	}
	save := func(s *flowfile.Session, page int) {
		t.Helper()
		if err := s.Cursor().Save(note{page}); err != nil {
			t.Fatal(err)
		}
	}
	save(s, 1)
	if len(r.Notes("node").Cursor) != 0 {
		t.Error("the cursor is visible before the commit")
	}
	s.Transfer(s.Create(), "success")
	r.commit(s)
	// The same session goes on; what it rolls back to is what it committed.
	save(s, 2)
	s.Transfer(s.Create(), "success")
	s.Rollback()
	if ok, err := s.Cursor().Load(&n); !ok || err != nil || n.Page != 1 {
		t.Errorf("cursor after rollback = %+v, %v, %v", n, ok, err)
	}
	f := s.Create()
	if want := flowfile.SourceOrigin("node", 1); f.Origin != want {
		t.Errorf("origin after rollback = %s, want %s", f.Origin, want)
	}
	s.Rollback()
	save(s, 1)
	if did, err := s.Commit(context.Background()); did || err != nil {
		t.Errorf("saving an equal note committed something: %v, %v", did, err)
	}
	s = r.session()
	var other struct{ Other int }
	if _, err := s.Cursor().Load(&other); err == nil {
		t.Error("a note of another form is half understood")
	}
	if err := s.Cursor().Save(func() {}); err == nil {
		t.Error("a note that is no JSON is saved")
	}
}

func TestCursorOfContinuousDataIsItsState(t *testing.T) {
	r := newRig(t, source, continuous)
	s := r.session()
	if err := s.Cursor().Save(5); err != nil {
		t.Fatal(err)
	}
	s.Done()
	r.commit(s)
	n := r.Notes("node")
	if string(n.State) != "5" || len(n.Cursor) != 0 {
		t.Errorf("notes = %+v", n)
	}
	r2 := newRig(t, source)
	s = r2.session()
	if err := s.State().Save("seen"); err != nil {
		t.Fatal(err)
	}
	r2.commit(s)
	if n := r2.Notes("node"); string(n.State) != `"seen"` || len(n.Cursor) != 0 {
		t.Errorf("notes of a run = %+v", n)
	}
}

func TestDoneEndsOnlySources(t *testing.T) {
	for _, c := range []struct {
		name   string
		change []func(*flowfile.Config)
		want   bool
	}{{"source", []func(*flowfile.Config){source}, true}, {"map", nil, false}, {"continuous source", []func(*flowfile.Config){func(c *flowfile.Config) { c.Inputs = nil }, continuous}, false}} {
		r := newRig(t, c.change...)
		s := r.session()
		s.Done()
		did, err := s.Commit(context.Background())
		if err != nil || did != c.want || r.Notes("node").Done != c.want {
			t.Errorf("%s: committed %v, done %v, %v", c.name, did, r.Notes("node").Done, err)
		}
	}
}

func TestIdleSessionCommitsNothing(t *testing.T) {
	r := newRig(t)
	s := r.session()
	if s.Get() != nil || len(s.GetBatch(10)) != 0 {
		t.Error("an empty queue gives something")
	}
	if _, _, any := s.Work(); any {
		t.Error("an idle session worked")
	}
	if did, err := s.Commit(context.Background()); did || err != nil || r.Commits() != 0 {
		t.Errorf("idle session: %v, %v, %d commits", did, err, r.Commits())
	}
}

func TestIntentIsDurableAtOnceAndSettledByAReceipt(t *testing.T) {
	r := newRig(t, whole)
	s := r.session()
	for range s.All("") {
	}
	if err := s.Intent(context.Background(), "job-1", []byte("sha")); err != nil {
		t.Fatal(err)
	}
	if p := r.Notes("node").Pending; len(p) != 1 || p[0].Key != "job-1" || string(p[0].Payload) != "sha" || !p[0].At.Equal(at) {
		t.Fatalf("pending = %+v", p)
	}
	s.Rollback() // the try fails; the next one finds the intent
	s = r.session()
	if p := s.Pending(); len(p) != 1 || p[0].Key != "job-1" {
		t.Fatalf("pending in the next try = %+v", p)
	}
	for range s.All("") {
	}
	s.Receipt("job-1", 10, 100)
	r.commit(s)
	if n := r.Notes("node"); len(n.Pending) != 0 || len(n.Receipts) != 1 || n.Receipts[0].Rows != 10 {
		t.Errorf("notes = %+v", n)
	}
	if p := s.Pending(); len(p) != 0 {
		t.Errorf("pending after the receipt = %+v", p)
	}
}

func TestFirstReadTimeHoldsForTheRun(t *testing.T) {
	r := newRig(t, source)
	first, second := at.Add(time.Hour), at.Add(2*time.Hour)
	a, b := r.session(), r.session()
	if got, err := a.AsOf(context.Background(), "db", first); err != nil || !got.Equal(first) {
		t.Fatal(got, err)
	}
	for range 2 {
		if got, err := b.AsOf(context.Background(), "db", second); err != nil || !got.Equal(first) {
			t.Errorf("the second source reads as of %v, %v", got, err)
		}
	}
	if got, err := newRig(t, source, continuous).session().AsOf(context.Background(), "db", second); err != nil || !got.Equal(second) {
		t.Errorf("continuous: %v, %v", got, err)
	}
}

func TestSourceCountsWhatItRead(t *testing.T) {
	r := newRig(t, source)
	s := r.session()
	s.Read(3)
	s.Read(4)
	f := s.Create()
	s.Transfer(f, "both")
	in, out, any := s.Work()
	if !in.IsZero() || out.N != 1 || !any {
		t.Errorf("work = %+v, %+v, %v", in, out, any)
	}
	r.commit(s)
	r.wantLedger(map[flowfile.Class]flowfile.Tally{flowfile.Read: {Rows: 7}, flowfile.Out: {N: 1}})
	if e := r.Notes("node").Emitted; e != 1 {
		t.Errorf("emitted = %d", e)
	}
}

func TestRunAttributesComeFromTheRun(t *testing.T) {
	seoul, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	run := flowfile.Run{Number: 3, ID: "U", Flow: "f", Slot: "2026-11-21", Date: "2026-11-21", Zone: "Asia/Seoul", Generation: 2, Kind: "rerun",
		Start: time.Date(2026, 11, 21, 0, 0, 0, 0, seoul), End: time.Date(2026, 11, 22, 0, 0, 0, 0, seoul), Params: map[string]string{"p": "v"}}
	for name, want := range map[string]string{"id": "U", "flow": "f", "slot": "2026-11-21", "date": "2026-11-21", "zone": "Asia/Seoul",
		"generation": "2", "kind": "rerun", "start": "2026-11-21T00:00:00+09:00", "end": "2026-11-22T00:00:00+09:00", "params.p": "v"} {
		if got, ok := run.Attr(name); !ok || got != want {
			t.Errorf("run.%s = %q, %v, want %q", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "params.", "params.q", "day"} {
		if got, ok := run.Attr(name); ok {
			t.Errorf("run.%s = %q", name, got)
		}
	}
	r := newRig(t, func(c *flowfile.Config) { c.Run = run })
	r.put("in", "x", 1, "k", "v")
	s := r.session()
	f := s.Get()
	for _, c := range []struct {
		f          *flowfile.FlowFile
		name, want string
		ok         bool
	}{{f, "k", "v", true}, {f, "run.date", "2026-11-21", true}, {nil, "run.date", "2026-11-21", true}, {nil, "k", "", false}, {f, "run.x", "", false},
		{f, "fileSize", strconv.FormatInt(f.Content.Size, 10), true}, {f, "record.count", "1", true}, {f, "flowFileId", f.ID.String(), true},
		{f, "lineageStartDate", strconv.FormatInt(f.Entered.UnixMilli(), 10), true}, {nil, "fileSize", "", false}} {
		if got, ok := s.Lookup(c.f, c.name); got != c.want || ok != c.ok {
			t.Errorf("Lookup(%s) = %q, %v", c.name, got, ok)
		}
	}
	s.Set(f, "fileSize", "own")
	if got, _ := s.Lookup(f, "fileSize"); got != "own" {
		t.Errorf("an attribute of the name of a fact is %q", got)
	}
	if _, ok := (flowfile.Run{}).Attr("id"); ok {
		t.Error("continuous data has a run")
	}
	if (flowfile.Run{Zone: "No/Where"}).Location() != time.UTC {
		t.Error("an unknown zone is not UTC")
	}
}

func TestNamesReadBack(t *testing.T) {
	for c := flowfile.In; c <= flowfile.Parked; c++ {
		b, err := c.MarshalText()
		var d flowfile.Class
		if err != nil || d.UnmarshalText(b) != nil || d != c {
			t.Errorf("class %d reads %q and back %d", c, b, d)
		}
	}
	if s := flowfile.Class(200).String(); s != "unknown" {
		t.Errorf("class 200 = %q", s)
	}
	for e := flowfile.EventCreate; e <= flowfile.EventRetry; e++ {
		if e.String() == "" || e.String() == "unknown" {
			t.Errorf("event %d has no name", e)
		}
	}
	if s := flowfile.EventType(99).String(); s != "unknown" {
		t.Errorf("event 99 = %q", s)
	}
	var a, b flowfile.Tally
	a.Add(3, 10)
	a.Add(flowfile.UnknownRows, 5)
	b.Plus(a)
	b.Minus(a)
	if a != (flowfile.Tally{N: 2, Rows: 3, Unknown: 1, Bytes: 15}) || !b.IsZero() {
		t.Errorf("tallies %+v, %+v", a, b)
	}
}
