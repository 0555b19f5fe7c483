package store

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// fillStore puts something of everything into a store: a run with queued,
// delayed and parked FlowFiles, a finished one, continuous data, documents,
// schedules, settings and a secret. The secret's key lies in config.
func fillStore(t testing.TB, s *Store) {
	t.Helper()
	ctx := context.Background()
	v := publish(t, s, "users", chainPlan(2))
	done := startRun(t, s, "users", v)
	emit(t, s, done, "c0", 3, contents)
	move(t, s, done, "m1", "c0", "c1", 10)
	move(t, s, done, "m2", "c1", "c2", 10)
	drain(t, s, done, "c2")
	finish(t, s, done)

	r := startRun(t, s, "users", v)
	emit(t, s, r, "c0", 120, contents)
	move(t, s, r, "m1", "c0", "c1", 40)
	move(t, s, r, "m2", "c1", "c2", 10)
	view := s.Queues("users", r.QueueVersion, r.Number)
	items, err := view.Take([]string{"c1"}, 4)
	if err != nil || len(items) != 4 {
		t.Fatalf("take: %d items, %v", len(items), err)
	}
	commit(t, s, &flowfile.Delivery{Flow: "users", Version: v, Run: r.Number, Node: "m2", Fence: flowfile.Fence{Epoch: r.Epoch},
		Park:  []flowfile.Park{{Item: items[0], Code: "x", Cause: "broken"}, {Item: items[1], Code: "x", Cause: "broken too"}},
		Retry: []flowfile.Retry{{Item: items[2], NotBefore: at.Add(time.Hour), Code: "y", Cause: "busy", Spend: true}}})
	view.Release(items[3:])

	stream := publish(t, s, "stream", streamPlan(1))
	feed(t, s, "stream", "c0", 30)
	if err := s.PutDraft(ctx, "stream", []byte(`{"weir":1}`)); err != nil {
		t.Fatal(err)
	}
	status := runs.FlowStatus{Enabled: true, Since: at, LastSlot: "2026-11-20"}
	if err := s.UpdateSchedule(ctx, "stream", func(st *runs.FlowStatus) error { *st = status; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := s.PutSetting(ctx, "theme", stream); err != nil {
		t.Fatal(err)
	}
	if err := s.SetSecret(ctx, "gcp-key", "hush"); err != nil {
		t.Fatal(err)
	}
}

// feed puts n FlowFiles of continuous data on a connection.
func feed(t testing.TB, s *Store, flow, conn string, n int) {
	t.Helper()
	r := &runs.Run{Flow: flow}
	x, _, g := session(s, r, "src", flowfile.Fence{}, nil, conn)
	for i := range n {
		f := x.Create()
		if err := x.Write(f, func(w io.Writer) error { _, err := io.WriteString(w, contents(i)); return err }); err != nil {
			t.Fatal(err)
		}
		x.Set(f, "i", fmt.Sprint(i))
		x.Transfer(f, "success")
	}
	if err := x.State().Save(n); err != nil {
		t.Fatal(err)
	}
	end(t, x, g)
}

// sampleOptions are testOptions with the key of secrets outside of dir.
func sampleOptions(t testing.TB) Options {
	opts := testOptions()
	opts.KeyFile = filepath.Join(t.TempDir(), "key")
	opts.DiskReserve = -1
	return opts
}

// reader collects what a store says, one answer a key. An error is kept in
// place of the answer.
type reader struct {
	answers map[string]string
	errs    map[string]error
}

func (r *reader) add(key string, v any, err error) {
	if err != nil {
		r.errs[key] = err
		return
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	r.answers[key] = string(b)
}

// readAll asks a store everything that can be asked.
func readAll(s *Store) *reader {
	ctx := context.Background()
	r := &reader{answers: map[string]string{}, errs: map[string]error{}}
	flows, err := s.Flows()
	r.add("flows", flows, err)
	for _, flow := range []string{"users", "stream"} {
		d, err := s.Draft(flow)
		r.add("draft "+flow, d, err)
		vs, err := s.Versions(flow)
		r.add("versions "+flow, vs, err)
		v, err := s.Version(flow, 0)
		r.add("version "+flow, v, err)
		st, err := s.Schedule(flow)
		r.add("schedule "+flow, st, err)
		state, err := s.NodeState(flow, "src")
		r.add("state "+flow, state, err)
		rs, err := s.Runs(flow, 10, 0)
		r.add("runs "+flow, plainRuns(rs...), err)
	}
	for n := range flowfile.RunID(3) {
		flow := "users"
		if n == 0 {
			flow = "stream"
		}
		run, err := s.Run(flow, n)
		if err == nil {
			r.add(fmt.Sprintf("run %d", n), plainRuns(run), nil)
			byID, err := s.RunByID(run.ID)
			if n > 0 {
				r.add(fmt.Sprintf("run id %d", n), plainRuns(byID), err)
			}
		} else {
			r.add(fmt.Sprintf("run %d", n), nil, err)
		}
		h, err := s.History(n)
		r.add(fmt.Sprintf("history %d", n), len(h) > 0, err)
		p, err := s.Parked(flow, n, 0, 100)
		r.add(fmt.Sprintf("parked %d", n), p, err)
		for _, conn := range []string{"c0", "c1", "c2"} {
			key := fmt.Sprintf("queue %d %s", n, conn)
			version := uint32(0)
			if n > 0 {
				version = 1
			}
			page, err := s.Peek(flow, version, conn, n, Place{}, 1000)
			var files []*flowfile.FlowFile
			for _, q := range page {
				files = append(files, q.FlowFile)
				rc, oerr := s.Content().Open(ctx, q.FlowFile.Content)
				if oerr == nil {
					var b []byte
					b, oerr = io.ReadAll(rc)
					rc.Close()
					r.add(fmt.Sprintf("content %d %s %d", n, conn, q.Place.Seq), b, oerr)
				}
			}
			r.add(key, files, err)
			items, err := s.Queues(flow, version, n).Take([]string{conn}, 1000)
			taken := make([]flowfile.ID, len(items))
			for i, it := range items {
				taken[i] = it.FlowFile.ID
			}
			r.add("take"+key, taken, err)
		}
	}
	var theme int
	ok, err := s.Setting("theme", &theme)
	r.add("setting", []any{ok, theme}, err)
	secret, err := s.Secret("gcp-key")
	r.add("secret", secret, err)
	schema, err := s.Schema(flowfile.SchemaHash([]byte(`[["v","string"]]`)))
	r.add("schema", schema, err)
	return r
}

// plainRuns leaves out what the recovery after a crash changes.
func plainRuns(rs ...*runs.Run) []*runs.Run {
	for i, r := range rs {
		if r != nil {
			c := r.Clone()
			c.Epoch, c.Warnings = 0, nil
			rs[i] = c
		}
	}
	return rs
}
