package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/server"
	"github.com/weirflow/weir/store"
	"github.com/weirflow/weir/web"
)

// listingFlow is continuous and not started: what lies in its queue stays.
const listingFlow = `{"weir": 1, "id": "listing", "mode": "continuous",
 "nodes": {"gen": {"kind": "GenerateFlowFile", "settings": {"text": "x"}, "discard": true}, "log": {"kind": "LogAttribute", "terminate": ["success", "failure"]}},
 "connections": {"gen-log": {"from": "gen", "output": "success", "to": "log"}}}`

const listingQueue = "/api/v1/flows/listing/connections/gen-log/queue"

// listing measures how soon a page of a long queue is there, through the control
// socket of a running program: the first, others, filtered ones, and the first
// again while the queue is being emptied.
func listing(ctx context.Context, t *table, bin string, n int) error {
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	data := filepath.Join(dir, "data")
	if err := withServer(bin, data, func(s *served) error {
		return s.Call(ctx, "POST", "/api/v1/flows", server.ImportFlow{Doc: json.RawMessage(listingFlow)}, nil)
	}); err != nil {
		return err
	}
	if err := fillQueue(ctx, data, n); err != nil {
		return err
	}
	return withServer(bin, data, func(s *served) error { return pages(ctx, t, s.Client, n) })
}

// served is a program that serves a data directory, and a client of its socket.
type served struct {
	*process
	*web.Client
	socket string
}

// withServer runs something against a program that serves a data directory.
func withServer(bin, data string, do func(*served) error) error {
	p, err := launch(bin, "serve", "--data", data, "--listen", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer p.stop()
	h, held := server.HeldBy(data)
	if !held {
		return fmt.Errorf("nobody serves %s", data)
	}
	return do(&served{p, web.DialSocket(h.Socket), h.Socket})
}

// fillQueue lays FlowFiles with a few attributes on the connection.
func fillQueue(ctx context.Context, data string, n int) error {
	s, err := store.Open(ctx, data, store.Options{})
	if err != nil {
		return err
	}
	for i := 0; i < n && err == nil; {
		d := &flowfile.Delivery{Flow: "listing", Node: "gen"}
		for range min(10_000, n-i) {
			i++
			id := s.NewID()
			d.Put = append(d.Put, flowfile.Put{Conn: "gen-log", FlowFile: &flowfile.FlowFile{ID: id, Rows: 1, Entered: time.Now(),
				Content: flowfile.Inline([]byte(`{"uid":"u1"}`)), Origin: flowfile.SourceOrigin("gen", uint64(i)),
				Attrs: flowfile.AttrsOf(map[string]string{"filename": fmt.Sprintf("part-%d.ndjson", i), "도시": "서울", flowfile.MimeAttr: flowfile.NDJSON})}})
		}
		_, err = s.Commit(ctx, d)
	}
	if cerr := s.Close(ctx); err == nil {
		err = cerr
	}
	return err
}

// pages measures the pages of the queue.
func pages(ctx context.Context, t *table, c *web.Client, n int) error {
	ask := func(query string) (time.Duration, *server.QueuePage, error) {
		out := &server.QueuePage{}
		began := time.Now()
		err := c.Call(ctx, "GET", listingQueue+"?limit=100&"+query, nil, out)
		return time.Since(began), out, err
	}
	cold, page, err := ask("")
	if err != nil {
		return err
	}
	if page.Count != int64(n) || len(page.Items) != 100 {
		return fmt.Errorf("the queue counts %d of %d, the page has %d", page.Count, n, len(page.Items))
	}
	what := fmt.Sprintf("page of 100 of %d queued FlowFiles, over HTTP", n)
	t.add("first "+what+", first call after the start", "go run ./bench -only listing", "%.1f ms", ms(cold))
	for _, q := range []struct{ name, query string }{
		{"first " + what, ""}, {"middle " + what, "percent=50"}, {"last " + what, "percent=100"},
		{"step of a filter that finds nothing, 2,000 looked at", "q=" + url.QueryEscape("도시=부산")},
	} {
		took := make([]time.Duration, 200)
		for i := range took {
			if took[i], _, err = ask(q.query); err != nil {
				return err
			}
		}
		slices.Sort(took)
		t.add(q.name, "go run ./bench -only listing", "median %.1f ms, p99 %.1f ms", ms(took[100]), ms(took[197]))
	}
	return emptied(ctx, t, c, n, func() (time.Duration, error) {
		d, _, err := ask("")
		return d, err
	})
}

// emptied measures how long a job needs for the queue, and the first page
// meanwhile.
func emptied(ctx context.Context, t *table, c *web.Client, n int, first func() (time.Duration, error)) error {
	began, job := time.Now(), &server.Job{}
	if err := c.Call(ctx, "POST", listingQueue+"/empty", server.EmptyQueue{}, job); err != nil {
		return err
	}
	var took []time.Duration
	for job.State == "going" {
		d, err := first()
		if err != nil {
			return err
		}
		took = append(took, d)
		next := &server.Job{}
		if err := c.Call(ctx, "GET", "/api/v1/jobs/"+job.ID, nil, next); err != nil {
			return err
		}
		job = next
	}
	if job.State != "done" || job.Done != int64(n) {
		return fmt.Errorf("the job ended as %+v", job)
	}
	slices.Sort(took)
	t.add(fmt.Sprintf("emptying a queue of %d FlowFiles", n), "go run ./bench -only listing", "%.1f s; the first page meanwhile: median %.1f ms, p99 %.1f ms",
		time.Since(began).Seconds(), ms(took[len(took)/2]), ms(took[len(took)*99/100]))
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
