package crash

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/server"
	"github.com/weirflow/weir/web"
)

// program builds the program, once for all tests.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "weir-crash-")
	if err != nil {
		return "", err
	}
	built = dir
	bin := filepath.Join(dir, "weir")
	if out, err := exec.Command("go", "build", "-o", bin, "../cmd/weir").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return bin, nil
})

// built is the directory of the program, removed at the end.
var built string

// process is a running weir.
type process struct {
	cmd  *exec.Cmd
	out  bytes.Buffer // read it only once done is closed
	done chan struct{}
}

func command(bin string, args ...string) *exec.Cmd {
	cmd := exec.Command(bin, args...)
	cmd.Env = append(os.Environ(), "LANG=en_US.UTF-8", "LC_ALL=")
	return cmd
}

// start starts a program in a group of its own and calls heard for each line of
// its output.
func start(t *testing.T, cmd *exec.Cmd, heard func()) *process {
	t.Helper()
	p := &process{cmd: cmd, done: make(chan struct{})}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = &p.out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		for sc := bufio.NewScanner(pipe); sc.Scan(); {
			heard()
		}
		_ = cmd.Wait()
	}()
	return p
}

// launch starts a program and waits for its first line of output.
func launch(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	ready := make(chan struct{})
	p := start(t, cmd, sync.OnceFunc(func() { close(ready) }))
	select {
	case <-ready:
		return p
	case <-p.done:
	case <-time.After(time.Minute):
		p.kill()
	}
	t.Fatalf("%s was not ready within a minute, or ended:\n%s", cmd, &p.out)
	return nil
}

func (p *process) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
}

// weir runs a verb to its end and returns its output and exit code.
func (w *world) weir(args ...string) (string, int) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 5*time.Minute)
	defer cancel()
	cmd := command(w.bin, args...)
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	code := cmd.ProcessState.ExitCode()
	if err != nil && code < 0 {
		w.t.Fatalf("weir %s: %v\n%s%s", strings.Join(args, " "), err, &out, &errOut)
	}
	return out.String() + errOut.String(), code
}

func (w *world) must(args ...string) string {
	w.t.Helper()
	out, code := w.weir(args...)
	if code != 0 {
		w.t.Fatalf("weir %s: exit %d\n%s", strings.Join(args, " "), code, out)
	}
	return out
}

// serving is a server at work with a client of its control socket.
type serving struct {
	*process
	client *web.Client
}

// serve starts a server over a data directory.
func (w *world) serve(data string) *serving {
	w.t.Helper()
	p := launch(w.t, command(w.bin, "serve", "--data", data, "--sandbox", w.box.addr, "--listen", "127.0.0.1:0", "--no-schedule"))
	w.t.Cleanup(p.kill)
	h, held := server.HeldBy(data)
	if !held || h.Socket == "" {
		w.t.Fatalf("nobody serves %s: %+v", data, h)
	}
	return &serving{p, web.DialSocket(h.Socket)}
}

// last returns the newest run; no error of a test that is over.
func (s *serving) last(ctx context.Context) (*server.RunView, error) {
	var v server.RunView
	if err := s.client.Call(ctx, http.MethodGet, "/api/v1/runs/last", nil, &v); err != nil {
		return nil, err
	}
	return &v, nil
}

// errEnded is the error of a server that ended by itself.
var errEnded = errors.New("the server ended by itself")

// until looks at the newest run every moment until enough says so, or the run
// has ended.
func (s *serving) until(ctx context.Context, enough func(*server.RunView) bool) (*server.RunView, error) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		v, err := s.last(ctx)
		if err != nil || v.Run.State.Terminal() || enough(v) {
			return v, err
		}
		select {
		case <-tick.C:
		case <-s.done:
			return nil, errEnded
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// run returns a run as `weir run show` tells it.
func (w *world) run(data, id string) *runs.Run {
	w.t.Helper()
	var v server.RunView
	if err := json.Unmarshal([]byte(w.must("run", "show", id, "--json", "--data", data)), &v); err != nil {
		w.t.Fatal(err)
	}
	return v.Run
}
