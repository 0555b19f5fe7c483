package store

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// drop lets a person delete what was listed, now or a while ago: all of it goes,
// or nothing when some has gone on or is in a session's hands.
func (m *model) drop(conn string, n int) {
	lane := Lane{Flow: "stream", Conn: conn}
	var after Place
	if len(m.listed) > 0 && m.rng.IntN(2) == 0 {
		after = m.listed[m.rng.IntN(len(m.listed))].Place
	}
	page, err := m.s.Browse(lane, Look{After: after, Limit: n, Scan: 100})
	if err != nil {
		m.t.Fatalf("browse %s: %v", conn, err)
	}
	list := page.Items
	if len(m.listed) > 0 && m.rng.IntN(4) == 0 {
		list = append(list[:0:0], m.listed...)
	}
	m.listed = page.Items
	if len(list) == 0 {
		return
	}
	d := &flowfile.Delivery{Flow: "stream", Order: &flowfile.Order{Kind: flowfile.OrderDropQueue, Conn: conn, At: m.now, By: "test"}}
	want := ""
	for _, q := range list {
		d.Remove = append(d.Remove, flowfile.Removal{Class: flowfile.DroppedUser,
			Item: &flowfile.Item{Conn: conn, Prio: q.Place.Prio, Seq: q.Place.Seq, FlowFile: q.FlowFile}})
		at, err := m.s.Lies(lane, q.Place)
		if err != nil {
			m.t.Fatal(err)
		}
		switch {
		case at == nil:
			want = "queued_unknown"
		case at.Taken && want == "":
			want = "stale_session"
		}
	}
	if _, err = m.s.Commit(context.Background(), d); fault.CodeOf(err) != want {
		m.t.Fatalf("drop of %d from %s: %v, want %q", len(list), conn, err, want)
	}
	if want != "" {
		return
	}
	for _, q := range list {
		i, f := m.find(conn, q.FlowFile.ID)
		if f == nil {
			m.t.Fatalf("dropped FlowFile %d, which the model lacks", q.FlowFile.ID)
		}
		m.queues[conn] = slices.Delete(m.queues[conn], i, i+1)
	}
}

// TestBrowseStaysTrueWhileTheQueueMoves reads a queue page by page while it
// grows and shrinks: nothing comes twice, and nothing that stayed is missed.
func TestBrowseStaysTrueWhileTheQueueMoves(t *testing.T) {
	for seed := range soak(8, 200) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(seed), 77))
			s := openStore(t, t.TempDir(), testOptions())
			publish(t, s, "stream", streamPlan(1))
			lane := Lane{Flow: "stream", Conn: "c0"}
			v := s.Queues("stream", 0, 0)
			add := func(n int) (ids []flowfile.ID) {
				d := &flowfile.Delivery{Flow: "stream", Node: "src"}
				for range n {
					id := s.NewID()
					ids = append(ids, id)
					d.Put = append(d.Put, flowfile.Put{Conn: "c0", FlowFile: &flowfile.FlowFile{ID: id, Rows: 1,
						Attrs: flowfile.AttrsOf(map[string]string{"parity": fmt.Sprint(id % 3)})}})
				}
				commit(t, s, d)
				return ids
			}
			stayed := map[flowfile.ID]bool{}
			for _, id := range add(200 + rng.IntN(400)) {
				stayed[id] = true
			}
			match := func(f *flowfile.FlowFile) bool { return f.Attr("parity") == "1" }
			if seed%2 == 0 {
				match = nil
			}
			seen := map[flowfile.ID]bool{}
			var after Place
			for {
				p, err := s.Browse(lane, Look{After: after, Limit: 1 + rng.IntN(20), Scan: 1 + rng.IntN(40), Match: match})
				if err != nil {
					t.Fatal(err)
				}
				for _, q := range p.Items {
					if seen[q.FlowFile.ID] {
						t.Fatalf("FlowFile %d came twice", q.FlowFile.ID)
					}
					seen[q.FlowFile.ID] = true
				}
				if !p.More {
					break
				}
				if !after.Before(p.Next) {
					t.Fatalf("page after %v goes on at %v", after, p.Next)
				}
				after = p.Next
				add(rng.IntN(3))
				items, err := v.Take([]string{"c0"}, rng.IntN(12))
				if err != nil {
					t.Fatal(err)
				}
				d := &flowfile.Delivery{Flow: "stream", Node: "m1"}
				for i, it := range items {
					if i%2 == 0 {
						delete(stayed, it.FlowFile.ID)
						d.Remove = append(d.Remove, flowfile.Removal{Item: it, Class: flowfile.Filtered})
					} else {
						v.Release(items[i : i+1])
					}
				}
				commit(t, s, d)
			}
			for id := range stayed {
				if !seen[id] && (match == nil || id%3 == 1) {
					t.Errorf("FlowFile %d stayed and was missed", id)
				}
			}
		})
	}
}

// TestDroppingOneKeepsTheLawThroughACrash deletes single FlowFiles of a run and
// of continuous data, kills the store, and lets the run end: every law holds and
// the run says that something was given up.
func TestDroppingOneKeepsTheLawThroughACrash(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, testOptions())
	version := publish(t, s, "runs", chainPlan(1))
	publish(t, s, "stream", streamPlan(1))
	feed(t, s, "stream", "c0", 10)
	r := startRun(t, s, "runs", version)
	emit(t, s, r, "c0", 10, contents)
	lanes := []Lane{{Flow: "stream", Conn: "c0"}, {Flow: "runs", Version: r.QueueVersion, Conn: "c0", Run: r.Number}}
	for _, l := range lanes {
		p, err := s.Browse(l, Look{Limit: 4, Scan: 4})
		if err != nil || len(p.Items) != 4 || !p.More {
			t.Fatalf("%+v: %+v, %v", l, p, err)
		}
		q := p.Items[3]
		d := &flowfile.Delivery{Flow: l.Flow, Version: l.Version, Run: l.Run,
			Order: &flowfile.Order{Kind: flowfile.OrderDropQueue, Conn: "c0", At: at, By: "test"}, Remove: []flowfile.Removal{
				{Class: flowfile.DroppedUser, Item: &flowfile.Item{Conn: "c0", Prio: q.Place.Prio, Seq: q.Place.Seq, FlowFile: q.FlowFile}}}}
		commit(t, s, d)
		if _, err := s.Commit(context.Background(), d); fault.CodeOf(err) != "queued_unknown" {
			t.Errorf("dropped twice: %v", err)
		}
		if at, found, err := s.Seek(l, q.FlowFile.ID, 100); found || err != nil {
			t.Errorf("the dropped one lies at %v, %v", at, err)
		}
	}
	if err := crash(s); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, dir, testOptions())
	for _, l := range lanes {
		got := getRun(t, s, l.Flow, l.Run)
		if q := got.Queues["c0"]; q.Entered.N != 10 || q.Queued.N != 9 || q.Dropped.N != 1 ||
			l.Run != 0 && got.Counted("m1", flowfile.DroppedUser).N != 1 {
			t.Errorf("%+v: %+v", l, q)
		}
	}
	r = getRun(t, s, "runs", r.Number)
	if n := move(t, s, r, "m1", "c0", "c1", 100); n != 9 {
		t.Errorf("%d went on", n)
	}
	if n := len(drain(t, s, r, "c1")); n != 9 {
		t.Errorf("%d arrived", n)
	}
	finish(t, s, r)
	if r = getRun(t, s, "runs", r.Number); r.State != runs.Partial || r.Balance != runs.Balanced {
		t.Errorf("the run ended %s, %s: %v", r.State, r.Balance, r.Breaches)
	}
	closeStore(t, s)
	checkClean(t, dir)
}

// TestAttributesOfAParkedFlowFileAreEditedForGood edits before a retry, kills
// the store, and takes the FlowFile as it was edited.
func TestAttributesOfAParkedFlowFileAreEditedForGood(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, testOptions())
	version := publish(t, s, "runs", chainPlan(1))
	r := startRun(t, s, "runs", version)
	emit(t, s, r, "c0", 2, contents)
	items, err := s.Queues("runs", r.QueueVersion, r.Number).Take([]string{"c0"}, 1)
	if err != nil || len(items) != 1 {
		t.Fatal(items, err)
	}
	id := items[0].FlowFile.ID
	commit(t, s, &flowfile.Delivery{Flow: "runs", Version: version, Run: r.Number, Node: "m1", Fence: flowfile.Fence{Epoch: r.Epoch},
		Park: []flowfile.Park{{Item: items[0], Code: "x", Cause: "broken"}}})
	before, err := s.History(r.Number)
	if err != nil {
		t.Fatal(err)
	}
	edit := ParkedEdit{Set: map[string]string{"이름": "값", "i": "9"}, Remove: []string{"none"}, By: "kim"}
	for range 2 { // the second changes nothing and leaves no trace
		if _, err := s.EditParked(t.Context(), "runs", r.Number, id, edit); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.EditParked(t.Context(), "runs", r.Number, id+1000, edit); fault.CodeOf(err) != "parked_gone" {
		t.Errorf("one that is not there: %v", err)
	}
	if err := crash(s); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, dir, testOptions())
	h, err := s.History(r.Number)
	if err != nil || len(h) != len(before)+1 || h[len(h)-1].By != "kim" || h[len(h)-1].Code != "parked_edited" {
		t.Fatalf("history: %+v, %v", h, err)
	}
	events, err := s.Events(id, 10)
	if err != nil || len(events) == 0 || events[0].Type != flowfile.EventAttributes {
		t.Errorf("events: %+v, %v", events, err)
	}
	commit(t, s, &flowfile.Delivery{Flow: "runs", Version: version, Run: r.Number,
		Order: &flowfile.Order{Kind: flowfile.OrderUnpark, At: at, Parked: []flowfile.ID{id}}})
	p, err := s.Browse(Lane{Flow: "runs", Version: version, Conn: "c0", Run: r.Number}, Look{Limit: 9, Scan: 9})
	if err != nil || len(p.Items) != 2 {
		t.Fatal(p, err)
	}
	if f := p.Items[1].FlowFile; f.ID != id || f.Attr("이름") != "값" || f.Attr("i") != "9" || f.Attr(flowfile.SchemaAttr) == "" {
		t.Errorf("it went back as %+v", f)
	}
	closeStore(t, s)
	checkClean(t, dir)
}

// TestContentIsReadFromAnyByte compares reading from a place with reading all.
func TestContentIsReadFromAnyByte(t *testing.T) {
	s := openStore(t, t.TempDir(), testOptions())
	rng := rand.New(rand.NewPCG(4, 4))
	for _, size := range []int{0, 1, 512, 513, 65_535, 65_536, 65_537, 131_072, 300_001} {
		want := make([]byte, size)
		for i := range want {
			want[i] = byte(rng.Uint32())
		}
		c, err := s.Content().Append(t.Context(), func(w io.Writer) error { _, err := w.Write(want); return err })
		if err != nil {
			t.Fatal(err)
		}
		places := []int{0, 1, size - 1, size, size + 5, 65_536, 65_535, 131_072}
		for range 20 {
			places = append(places, rng.IntN(size+1))
		}
		for _, from := range places {
			if from < 0 {
				continue
			}
			r, err := s.OpenContent(t.Context(), c, int64(from))
			if err != nil {
				t.Fatalf("%d bytes from %d: %v", size, from, err)
			}
			got, err := io.ReadAll(r)
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			if err != nil || !bytes.Equal(got, want[min(from, size):]) {
				t.Errorf("%d bytes from %d: got %d, %v", size, from, len(got), err)
			}
		}
	}
}
