package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/weirflow/weir/server"
)

const (
	liveCommand = "go run ./bench -only live"
	liveSettle  = 3 * time.Second // the pages' snapshots are sent by then
	liveSpan    = 20 * time.Second
)

// liveFlow is continuous: half of its nodes make two FlowFiles a second each, the
// other half take them.
func liveFlow(nodes int) string {
	var is, wires []string
	for i := range nodes / 2 {
		is = append(is, fmt.Sprintf(`"g%d": {"kind": "GenerateFlowFile", "settings": {"text": "x"}, "every": "500ms"}`, i),
			fmt.Sprintf(`"l%d": {"kind": "LogAttribute", "terminate": ["success", "failure"]}`, i))
		wires = append(wires, fmt.Sprintf(`"w%d": {"from": "g%d", "output": "success", "to": "l%d"}`, i, i, i))
	}
	return fmt.Sprintf(`{"weir": 1, "id": "wide", "mode": "continuous", "nodes": {%s}, "connections": {%s}}`, strings.Join(is, ","), strings.Join(wires, ","))
}

// liveCost measures what pages that watch a flow of 100 nodes, all of them
// moving, cost the server's process above what the flow itself does.
func liveCost(ctx context.Context, t *table, bin string) error {
	const nodes = 100
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return withServer(bin, filepath.Join(dir, "data"), func(s *served) error {
		if err := s.Call(ctx, "POST", "/api/v1/flows", server.ImportFlow{Doc: json.RawMessage(liveFlow(nodes))}, nil); err != nil {
			return err
		}
		if err := s.Call(ctx, "POST", "/api/v1/flows/wide/start", nil, nil); err != nil {
			return err
		}
		base, _, err := watched(ctx, s, 0)
		if err != nil {
			return err
		}
		t.add(fmt.Sprintf("flow of %d nodes that nobody watches", nodes), liveCommand, "%.2f %% of a core", base)
		for _, n := range []int{50, 200} {
			share, each, err := watched(ctx, s, n)
			if err != nil {
				return err
			}
			what := fmt.Sprintf("%d pages on it", n)
			if n == 50 {
				what += " (target < 2 %)"
			}
			t.add(what, liveCommand, "%.2f %% of a core above that, %.0f bytes/s to each", share-base, each)
		}
		return nil
	})
}

// watched lets n pages watch the flow and returns the share of a core, in
// percent, that the server takes meanwhile, and the bytes a second each gets.
func watched(ctx context.Context, s *served, n int) (share, each float64, err error) {
	d := websocket.Dialer{EnableCompression: true, NetDialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", s.socket)
	}}
	var got, lost atomic.Int64
	var pages []*websocket.Conn
	var wg sync.WaitGroup
	defer wg.Wait()
	var ending atomic.Bool
	defer func() {
		ending.Store(true)
		for _, c := range pages {
			c.Close()
		}
	}()
	for range n {
		c, _, err := d.DialContext(ctx, "ws://weir/api/v1/live", nil)
		if err != nil {
			return 0, 0, err
		}
		pages = append(pages, c)
		if err := c.WriteJSON(map[string]any{"type": "watch", "flow": "wide"}); err != nil {
			return 0, 0, err
		}
		// Bytes are counted as they come: unpacking them is the browsers' work.
		wg.Go(func() {
			b := make([]byte, 64<<10)
			for {
				k, err := c.NetConn().Read(b)
				got.Add(int64(k))
				if err != nil {
					if !ending.Load() {
						lost.Add(1)
					}
					return
				}
			}
		})
	}
	pause(ctx, liveSettle)
	before, used, at := got.Load(), s.cpu(), time.Now()
	pause(ctx, liveSpan)
	took := time.Since(at).Seconds()
	share = (s.cpu() - used).Seconds() / took * 100
	if n > 0 {
		each = float64(got.Load()-before) / took / float64(n)
		if each == 0 {
			return 0, 0, errors.New("the pages are told nothing")
		}
	}
	if l := lost.Load(); l > 0 {
		return 0, 0, fmt.Errorf("%d of %d pages lost their connection", l, n)
	}
	return share, each, ctx.Err()
}
