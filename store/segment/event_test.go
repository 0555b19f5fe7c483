package segment_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/store/segment"
	"github.com/weirflow/weir/store/segment/segmenttest"
)

var epoch = time.Date(2026, 3, 1, 6, 0, 0, 123000, time.UTC)

// lineage returns the events of one session of a busy flow: n FlowFiles taken,
// changed and routed.
func lineage(r *rand.Rand, first uint64, n int, at time.Time) []flowfile.Event {
	var out []flowfile.Event
	for i := range n {
		id := flowfile.ID(first + uint64(i))
		at = at.Add(time.Duration(r.IntN(900)) * time.Microsecond)
		ev := flowfile.Event{ID: id, Type: flowfile.EventRoute, Node: "join-users", Rel: "success",
			Rows: int64(r.IntN(5000)), Size: int64(r.IntN(1 << 20)), Time: at}
		switch r.IntN(4) {
		case 0:
			ev.Type, ev.Class, ev.Rel = flowfile.EventDrop, flowfile.Rejected, ""
			ev.Why = fmt.Sprintf("row %d has no key", r.IntN(100))
		case 1:
			ev.Type = flowfile.EventFork
			for k := range 1 + r.IntN(3) {
				ev.Parents = append(ev.Parents, flowfile.ID(first)-flowfile.ID(1+k*7))
			}
			ev.Rows = flowfile.UnknownRows
		}
		out = append(out, ev)
	}
	return out
}

// history is the model: all events in the order of their commits.
type history []segment.Recorded

func (h history) of(id flowfile.ID, last uint64, limit int) []segment.Recorded {
	var out []segment.Recorded
	for _, r := range slices.Backward(h) {
		if len(out) < limit && r.Commit <= last && (r.ID == id || slices.Contains(r.Parents, id)) {
			out = append(out, r)
		}
	}
	return out
}

func TestEventsAgainstModel(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	fsys := segmenttest.New()
	opts := segment.Options{EventFileSize: 100 << 10}
	l := open(t, fsys, opts)
	var model history
	id, at := uint64(1000), epoch
	check := func(commit uint64) {
		t.Helper()
		for range 60 {
			x := flowfile.ID(900 + r.Uint64N(id-900+50))
			last := commit - r.Uint64N(min(commit, 3)+1)
			limit := []int{0, 1, 2, 100}[r.IntN(4)]
			got, err := l.Events(x, last, limit)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(model.of(x, last, limit), got); d != "" {
				t.Fatalf("events of %d up to commit %d: %s", x, last, d)
			}
		}
	}
	for commit := uint64(1); commit <= 300; commit++ {
		n := r.IntN(120)
		if commit%100 == 0 {
			n = 9000
		}
		evs := lineage(r, id, n, at)
		id += uint64(n)
		at = at.Add(time.Second)
		for half := range 2 {
			if err := l.AppendEvents(commit, evs[half*n/2:(half+1)*n/2]); err != nil {
				t.Fatal(err)
			}
		}
		if commit%40 == 7 {
			if err := l.DropEvents(commit); err != nil {
				t.Fatal(err)
			}
			if err := l.AppendEvents(commit, evs); err != nil {
				t.Fatal(err)
			}
		}
		for _, e := range evs {
			model = append(model, segment.Recorded{Commit: commit, Event: e})
		}
		if err := l.Sync(); err != nil {
			t.Fatal(err)
		}
		switch {
		case commit%90 == 0:
			l.Close()
			opts.LastCommit = commit
			l = open(t, fsys, opts)
			check(commit)
		case commit%70 == 0:
			fsys = fsys.Crash(r)
			opts.LastCommit = commit
			l = open(t, fsys, opts)
			check(commit)
		case commit%50 == 0:
			check(commit)
		}
	}
	if n := len(l.EventFiles()); n < 4 {
		t.Fatalf("%d files: the test wants several", n)
	}
	var got history
	if err := l.WalkEvents(t.Context(), 300, func(r segment.Recorded) error { got = append(got, r); return nil }); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(model, got); d != "" {
		t.Fatal(d)
	}
	stop := errors.New("enough")
	if err := l.WalkEvents(t.Context(), 300, func(segment.Recorded) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("WalkEvents = %v", err)
	}
	if err := l.AppendEvents(299, model[:1].events()); err == nil {
		t.Error("an older commit was appended")
	}
}

func (h history) events() []flowfile.Event {
	var out []flowfile.Event
	for _, r := range h {
		out = append(out, r.Event)
	}
	return out
}

func TestEventsWithExtremeFields(t *testing.T) {
	l := open(t, segmenttest.New(), segment.Options{})
	parents := make([]flowfile.ID, 200_000)
	for i := range parents {
		parents[i] = flowfile.ID(i * 3)
	}
	evs := []flowfile.Event{
		{},
		{ID: ^flowfile.ID(0), Rows: -1 << 63, Size: 1<<63 - 1, Type: 255, Class: 255, Node: strings.Repeat("n", 4<<10)},
		{ID: 7, Why: strings.Repeat("가", 3000), Time: epoch},
		{ID: 9, Type: flowfile.EventJoin, Parents: parents, Time: epoch},
	}
	if err := l.AppendEvents(1, evs); err != nil {
		t.Fatal(err)
	}
	got, err := l.Events(0, 1, 10)
	if err != nil || len(got) != 2 || !got[1].Time.Equal(time.Time{}) {
		t.Errorf("events of 0 = %d, %v", len(got), err)
	}
	got, err = l.Events(^flowfile.ID(0), 1, 10)
	if err != nil || len(got) != 1 {
		t.Fatalf("events of the last id: %v, %v", got, err)
	}
	evs[1].Time = got[0].Time
	if d := cmp.Diff(evs[1], got[0].Event); d != "" || !got[0].Time.IsZero() {
		t.Error(d)
	}
	got, err = l.Events(7, 1, 10)
	if err != nil || len(got) != 1 || got[0].Why != strings.Repeat("가", 4096/3) {
		t.Errorf("a long reason: %d bytes, %v", len(got[0].Why), err)
	}
	for _, id := range []flowfile.ID{3 * 199_999, 3 * 70_000, 3} {
		if got, err := l.Events(id, 1, 10); err != nil || len(got) != 1 || got[0].ID != 9 {
			t.Errorf("events of parent %d: %d, %v", id, len(got), err)
		}
	}
	var all []flowfile.ID
	got, _ = l.Events(9, 1, 10)
	for _, r := range slices.Backward(got) {
		all = append(all, r.Parents...)
	}
	if !slices.Equal(all, parents) {
		t.Errorf("%d parents came back of %d", len(all), len(parents))
	}
}

// TestGhostsOfLostCommitsStayAway writes events for a commit that never
// happens, whose number is then given to another one.
func TestGhostsOfLostCommitsStayAway(t *testing.T) {
	ghost := []flowfile.Event{{ID: 1, Why: "ghost", Time: epoch}}
	real := []flowfile.Event{{ID: 2, Why: "real", Time: epoch}}
	for _, clean := range []bool{false, true} {
		fsys := segmenttest.New()
		l := open(t, fsys, segment.Options{})
		for c := uint64(1); c <= 3; c++ {
			if err := l.AppendEvents(c, ghost); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Sync(); err != nil {
			t.Fatal(err)
		}
		if clean {
			l.Close()
		}
		l = open(t, fsys.Crash(nil), segment.Options{LastCommit: 1})
		if err := l.AppendEvents(3, real); err != nil {
			t.Fatal(err)
		}
		if got, err := l.Events(1, 9, 9); err != nil || len(got) != 1 || got[0].Commit != 1 {
			t.Errorf("clean %v: %v, %v", clean, got, err)
		}
		if got, err := l.Events(2, 9, 9); err != nil || len(got) != 1 {
			t.Errorf("clean %v: %v, %v", clean, got, err)
		}
		l = open(t, fsys.Crash(nil), segment.Options{LastCommit: 0})
		if n := len(l.EventFiles()); n != 0 {
			t.Errorf("clean %v: %d files of nothing but ghosts", clean, n)
		}
	}
}

func TestDamagedEvents(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	step, flips := 12, 250
	if soak {
		step, flips = 1, 5000
	}
	for _, sealed := range []bool{true, false} {
		fsys := segmenttest.New()
		l := open(t, fsys, segment.Options{})
		var model history
		for c := uint64(1); c <= 20; c++ {
			evs := lineage(r, 1000+c*10, 10, epoch)
			if err := l.AppendEvents(c, evs); err != nil {
				t.Fatal(err)
			}
			for _, e := range evs {
				model = append(model, segment.Recorded{Commit: c, Event: e})
			}
		}
		if err := l.Sync(); err != nil {
			t.Fatal(err)
		}
		if sealed {
			l.Close()
		}
		const name = "data/events/00000001.evt"
		b, err := fsys.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range flips {
			d := bytes.Clone(b)
			at := i
			if i > 100 {
				at = r.IntN(len(b))
			}
			d[at] ^= byte(1 + r.IntN(255))
			dfs := segmenttest.New()
			dfs.MkdirAll("data/events", 0)
			dfs.WriteFile(name, d)
			l := open(t, dfs, segment.Options{LastCommit: 20})
			missing, reported := 0, false
			for id := flowfile.ID(1005 + i%step); id < 1215; id += flowfile.ID(step) {
				got, err := l.Events(id, 20, 100)
				if err != nil {
					if e := fault.As(err); e == nil || e.Code != "events_damaged" || e.Args["path"] != name {
						t.Fatalf("byte %d: %v", at, err)
					}
					reported = true
				}
				want := model.of(id, 20, 100)
				missing += len(want) - len(got)
				for _, g := range got {
					if !slices.ContainsFunc(want, func(w segment.Recorded) bool { return cmp.Equal(w, g) }) {
						t.Fatalf("byte %d: a wrong event %+v", at, g)
					}
				}
			}
			// Without an index a damaged end cannot be told from a torn write.
			if missing > 0 && !reported && (sealed || at < len(b)*9/10) {
				t.Fatalf("sealed %v, byte %d: %d events are missing without a word", sealed, at, missing)
			}
			l.Close()
		}
	}
}

func TestRetain(t *testing.T) {
	fsys := segmenttest.New()
	l := open(t, fsys, segment.Options{EventFileSize: 1})
	for c := uint64(1); c <= 10; c++ {
		ev := flowfile.Event{ID: flowfile.ID(c), Time: epoch.Add(time.Duration(c) * time.Hour)}
		if err := l.AppendEvents(c, []flowfile.Event{ev}); err != nil {
			t.Fatal(err)
		}
	}
	now := epoch.Add(10 * time.Hour)
	if n, err := l.Retain(time.Hour, 1, now); err != nil || n != 0 {
		t.Errorf("removed %d files that are not synced, %v", n, err)
	}
	if err := l.Sync(); err != nil {
		t.Fatal(err)
	}
	if n, err := l.Retain(0, 0, now); err != nil || n != 0 {
		t.Errorf("without bounds: %d, %v", n, err)
	}
	if n, err := l.Retain(7*time.Hour, 0, now); err != nil || n != 2 {
		t.Errorf("older than 7 hours: %d, %v", n, err)
	}
	files := l.EventFiles()
	if n, err := l.Retain(0, 3*files[0].Size, now); err != nil || n != 5 {
		t.Errorf("larger than three files: %d, %v (%d of %d bytes)", n, err, len(files), files[0].Size)
	}
	fsys.FailNext(segmenttest.OpRemove, 0, syscall.EIO)
	if n, err := l.Retain(0, 1, now); fault.CodeOf(err) != "content_write" || n != 0 {
		t.Errorf("a removal that fails: %d, %v", n, err)
	}
	if n, err := l.Retain(0, 1, now); err != nil || n != 2 {
		t.Errorf("all but the one written to: %d, %v", n, err)
	}
	if got, err := l.Events(10, 10, 10); err != nil || len(got) != 1 {
		t.Errorf("the newest event: %v, %v", got, err)
	}
	if s := l.EventFiles(); len(s) != 1 || s[0].Sealed || !s[0].To.Equal(epoch.Add(10*time.Hour)) || s[0].MinCommit != 10 {
		t.Errorf("EventFiles = %+v", s)
	}
}

func TestEventsOnAFullDisk(t *testing.T) {
	for room := int64(0); room < 1300; room += 37 {
		fsys := segmenttest.New()
		l := open(t, fsys, segment.Options{EventFileSize: 500})
		fsys.SetSpace(room)
		kept := uint64(0)
		full := false
		for c := uint64(1); c <= 40; c++ {
			err := l.AppendEvents(c, []flowfile.Event{{ID: flowfile.ID(c), Node: "a-node", Time: epoch}})
			if err != nil {
				if fault.CodeOf(err) != "disk_full" {
					t.Fatal(err)
				}
				full = true
				fsys.SetSpace(1 << 30)
				if err := l.AppendEvents(c, []flowfile.Event{{ID: flowfile.ID(c), Node: "a-node", Time: epoch}}); err != nil {
					t.Fatal(err)
				}
			}
			kept = c
		}
		if !full {
			t.Errorf("room %d was enough", room)
		}
		if err := l.Sync(); err != nil {
			t.Fatal(err)
		}
		crashed := fsys.Crash(nil)
		crashed.SetSpace(0) // no room for an index either
		l = open(t, crashed, segment.Options{LastCommit: kept})
		for c := uint64(1); c <= kept; c++ {
			if got, err := l.Events(flowfile.ID(c), kept, 9); err != nil || len(got) != 1 {
				t.Fatalf("room %d: events of %d: %v, %v", room, c, got, err)
			}
		}
	}
}

func TestEventsWhileOthersAppend(t *testing.T) {
	l := open(t, segmenttest.New(), segment.Options{EventFileSize: 20 << 10})
	var last atomic.Uint64
	done := make(chan struct{})
	var wg sync.WaitGroup
	for g := range 2 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(g), 8))
			for {
				select {
				case <-done:
					return
				default:
				}
				commit := last.Load()
				id := flowfile.ID(1 + r.Uint64N(commit+1))
				got, err := l.Events(id, commit, 100)
				if err != nil {
					t.Error(err)
					return
				}
				if uint64(id) <= commit && len(got) != 1 {
					t.Errorf("FlowFile %d has %d events at commit %d", id, len(got), commit)
					return
				}
			}
		})
	}
	for c := uint64(1); c <= 1500; c++ {
		ev := []flowfile.Event{{ID: flowfile.ID(c), Node: "node", Why: strings.Repeat("y", int(c%50)), Time: epoch}}
		if c%3 == 0 {
			// A commit that fails, whose number is used again.
			if err := l.AppendEvents(c, []flowfile.Event{{ID: flowfile.ID(c), Why: strings.Repeat("n", 77)}}); err != nil {
				t.Fatal(err)
			}
			if err := l.DropEvents(c); err != nil {
				t.Fatal(err)
			}
		}
		err := l.AppendEvents(c, ev)
		if err == nil {
			err = l.Sync()
		}
		if err != nil {
			t.Fatal(err)
		}
		last.Store(c)
	}
	close(done)
	wg.Wait()
}
