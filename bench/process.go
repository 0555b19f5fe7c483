package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a running weir that printed its address.
type process struct {
	cmd  *exec.Cmd
	addr string
}

// launch starts weir and returns once a line of its output holds an address.
func launch(bin string, args ...string) (*process, error) {
	cmd := exec.Command(bin, args...)
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	sc := bufio.NewScanner(out)
	for sc.Scan() {
		for _, w := range strings.FieldsFunc(sc.Text(), func(r rune) bool { return strings.ContainsRune(" \"',;/()", r) }) {
			if strings.HasPrefix(w, "127.0.0.1:") {
				go func() {
					for sc.Scan() {
					}
				}()
				return &process{cmd, w}, nil
			}
		}
	}
	_ = cmd.Wait()
	return nil, fmt.Errorf("weir %s ended: %s", strings.Join(args, " "), &errOut)
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
}

// rss returns the process's resident memory in bytes.
func (p *process) rss() int64 { return status(p.cmd.Process.Pid, "VmRSS:") }

// own returns how much of it holds what the process has made; the rest are pages
// of the program's file, which the kernel can take back.
func (p *process) own() int64 { return status(p.cmd.Process.Pid, "RssAnon:") }

// peak returns the most that was ever resident.
func (p *process) peak() int64 { return status(p.cmd.Process.Pid, "VmHWM:") }

// cpu returns the processor time that the process has used so far.
func (p *process) cpu() time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	// The name, the second field, is in parentheses and may hold spaces.
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	const utime, stime = 11, 12 // fields 14 and 15, counted from 1
	if len(f) <= stime {
		return 0
	}
	user, _ := strconv.ParseInt(f[utime], 10, 64)
	system, _ := strconv.ParseInt(f[stime], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond // a tick
}

func status(pid int, key string) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for l := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(l, key); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n << 10
		}
	}
	return 0
}

// start measures a server without work: until it answers, and idle memory.
func start(ctx context.Context, t *table, bin string) error {
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	const rounds = 5
	var best [2]time.Duration // fresh and existing data directory
	var idle, own int64
	for i := range rounds {
		for j, data := range []string{filepath.Join(dir, strconv.Itoa(i)), filepath.Join(dir, "0")} {
			began := time.Now()
			p, err := launch(bin, "serve", "--data", data, "--listen", "127.0.0.1:0")
			if err != nil {
				return err
			}
			if err := healthy(ctx, p.addr); err != nil {
				p.stop()
				return err
			}
			if took := time.Since(began); best[j] == 0 || took < best[j] {
				best[j] = took
			}
			if i == 0 && j == 0 {
				pause(ctx, 2*time.Second)
				idle, own = p.rss(), p.own()
			}
			p.stop()
		}
	}
	const command = "make bench (weir serve, GET /healthz)"
	t.add("start to serving, fresh data directory (target < 300 ms)", command, "%d ms", best[0].Milliseconds())
	t.add("start to serving, existing data directory", command, "%d ms", best[1].Milliseconds())
	t.add("idle memory, VmRSS (target < 60 MB)", command, "%.1f MB, %.1f MB without pages of the program's file", float64(idle)/1e6, float64(own)/1e6)
	for _, verb := range [][]string{{"version"}, {"flow", "validate", dailyFlow}} {
		var best time.Duration
		for range rounds {
			began := time.Now()
			if out, err := exec.CommandContext(ctx, bin, verb...).CombinedOutput(); err != nil {
				return fmt.Errorf("weir %s: %w: %s", strings.Join(verb, " "), err, out)
			}
			if took := time.Since(began); best == 0 || took < best {
				best = took
			}
		}
		t.add("weir "+strings.Join(verb, " "), "make bench (the best of 5)", "%d ms", best.Milliseconds())
	}
	return nil
}

func healthy(ctx context.Context, addr string) error {
	for range 1000 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/healthz", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		pause(ctx, time.Millisecond)
	}
	return fmt.Errorf("%s is not healthy", addr)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// ended is what the bench reads of a run.
type ended struct {
	Run struct {
		State   string `json:"state"`
		Balance string `json:"balance"`
		Why     string `json:"why"`
	} `json:"run"`
}

// waitFor runs weir run wait and returns the run.
func waitFor(ctx context.Context, bin, data, id string) (*ended, error) {
	cmd := exec.CommandContext(ctx, bin, "run", "wait", id, "--json", "--data", data)
	out, _ := cmd.Output()
	var e ended
	if err := json.Unmarshal(out, &e); err != nil {
		return nil, fmt.Errorf("run wait: %w: %s", err, out)
	}
	if e.Run.State != "SUCCESS" || e.Run.Balance != "balanced" {
		return &e, fmt.Errorf("run ended %s, %s: %s", e.Run.State, e.Run.Balance, e.Run.Why)
	}
	return &e, nil
}
