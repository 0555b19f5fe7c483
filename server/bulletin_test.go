package server

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirflow/weir/engine"
	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
)

// grumbling is a node that fails for each FlowFile, until calmed.
type grumbling struct{}

var calmed atomic.Bool

func init() { processors.Register(func() processors.Processor { return &grumbling{} }) }

// Define tells of the node.
func (*grumbling) Define(s *processors.Spec) {
	s.Describe("TestGrumbling", "Fails for each FlowFile.")
	s.Input("", "FlowFiles.")
	s.Output("success", "What came when it was calm.")
}

// Process fails.
func (*grumbling) Process(_ context.Context, s *flowfile.Session) error {
	f := s.Get()
	if f == nil {
		return nil
	}
	if !calmed.Load() {
		return fault.New("file_io", "path", "어딘가/파일.csv")
	}
	s.Transfer(f, "success")
	return nil
}

// TestAFailingNodeIsToldInBulletins: what a node of a continuous flow returns comes
// to who watches the flow, to the count at the node and to the list, with its node
// and level, once while it goes on.
func TestAFailingNodeIsToldInBulletins(t *testing.T) {
	calmed.Store(false)
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Control: true, liveStep: 20 * time.Millisecond})
	p := openPage(t, dir)
	doc := strings.NewReplacer(`"id": "ever"`, `"id": "grumbles"`, `"kind": "LogAttribute", "terminate": ["success", "failure"]`, `"kind": "TestGrumbling", "terminate": ["success"]`,
		`{"text": "x"}`, `{"text": "x", "count": 2}`).Replace(ever)
	must[Published](p, "POST", "/flows", ImportFlow{Doc: json.RawMessage(doc)})
	w := watchOn(t, dir, map[string]any{"type": "watch", "flow": "grumbles"})
	other := watchOn(t, dir, map[string]any{"type": "watch", "flow": "none"})
	w.until("a snapshot", func(f *liveFrame) bool { return f.Type == "snapshot" })
	must[Switched](p, "POST", "/flows/grumbles/start", nil)
	w.until("the bulletin", func(f *liveFrame) bool {
		b := f.Bulletin
		if b == nil {
			return false
		}
		if b.Flow != "grumbles" || b.Node != "log" || b.Level != "warning" || b.Code != "file_io" || b.Args["path"] != "어딘가/파일.csv" || b.Run != "" || b.At.IsZero() {
			t.Errorf("told %+v", b)
		}
		return true
	})
	w.until("the count at the node", func(*liveFrame) bool { row := w.nodes["log"]; return row != nil && row[8] == 1 })
	list := must[BulletinList](p, "GET", "/bulletins?flow=grumbles&node=log", nil)
	if len(list.Bulletins) != 1 || list.Next != list.Bulletins[0].Seq {
		t.Fatalf("listed: %+v", list)
	}
	if b := list.Bulletins[0]; b.Node != "log" || b.Level != "warning" || b.Code != "file_io" || b.Note == nil || !strings.Contains(b.Note.Text(fault.Korean), "어딘가/파일.csv") {
		t.Errorf("listed: %+v", b)
	}
	for _, query := range []string{"?flow=grumbles&node=gen", "?flow=none", fmt.Sprint("?after=", list.Next)} {
		if got := must[BulletinList](p, "GET", "/bulletins"+query, nil); len(got.Bulletins) != 0 {
			t.Errorf("%s: %+v", query, got)
		}
	}
	s.bulletin(engine.Bulletin{At: time.Now(), Flow: "none", Node: "x", Level: "info", Fault: fault.New("file_io", "path", "x")})
	other.until("its own bulletin alone", func(f *liveFrame) bool {
		if f.Bulletin != nil && f.Bulletin.Flow != "none" {
			t.Errorf("told of another flow: %+v", f.Bulletin)
		}
		return f.Type == "error" || f.Bulletin != nil // a flow that is not there cannot be watched
	})
	calmed.Store(true)
	must[Deleted](p, "DELETE", "/flows/grumbles?drop=true", nil)
	if got := must[BulletinList](p, "GET", "/bulletins?flow=grumbles", nil); len(got.Bulletins) != 0 {
		t.Errorf("of a deleted flow: %+v", got)
	}
}

// TestBulletinsAreARing: the oldest go when there are more than are kept, of one
// node and in all.
func TestBulletinsAreARing(t *testing.T) {
	const kept, ofNode = 1000, 20
	s := open(t, Config{Data: t.TempDir()})
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	const all = kept + 5*ofNode
	for i := range all {
		at = at.Add(2 * time.Minute)
		s.bulletin(engine.Bulletin{At: at, Flow: "f", Node: fmt.Sprint("n", i%5), Level: "error", Fault: fault.New("file_io", "path", i)})
	}
	list := call[BulletinList](t, s.Client(), "GET", "/bulletins?limit=1000", nil)
	if len(list.Bulletins) != kept || list.Bulletins[0].Seq != all-kept+1 || list.Next != all {
		t.Fatalf("%d are kept, from %d to %d", len(list.Bulletins), list.Bulletins[0].Seq, list.Next)
	}
	for i, b := range list.Bulletins {
		if want := fmt.Sprint(all - kept + i); b.Args["path"] != want || b.Seq != uint64(all-kept+i+1) {
			t.Fatalf("bulletin %d is %s with %d", i, b.Args["path"], b.Seq)
		}
	}
	node := call[BulletinList](t, s.Client(), "GET", "/bulletins?flow=f&node=n3", nil)
	if len(node.Bulletins) != ofNode || node.Bulletins[ofNode-1].Args["path"] != fmt.Sprint(all-2) {
		t.Errorf("%d of a node, the last is %+v", len(node.Bulletins), node.Bulletins[len(node.Bulletins)-1])
	}
	if newest := call[BulletinList](t, s.Client(), "GET", "/bulletins?limit=3", nil); len(newest.Bulletins) != 3 || newest.Bulletins[2].Seq != all {
		t.Errorf("the newest: %+v", newest)
	}
}
