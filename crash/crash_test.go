// Package crash kills the real program at random points of a run and compares
// what comes out with an undisturbed run, byte by byte.
//
// SIGKILL proves that no step depends on the process's end; it does not prove
// power loss, since the page cache survives it. The page-subset tests of package
// store do that.
package crash

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// size is how much one matrix does.
type size struct {
	users, kills int
}

func matrix(t *testing.T) size {
	if os.Getenv("WEIR_SOAK") != "" {
		return size{30_000, 400}
	}
	if testing.Short() {
		return size{1_000, 8}
	}
	return size{3_000, 50}
}

const flow = `{
  "weir": 1, "id": "crash", "mode": "runs",
  "schedule": {"every": "day", "zone": "Asia/Seoul"},
  "policy": {"retries": 3, "retry_delay": "0s"},
  "services": {"gcp": {"kind": "GoogleCloud", "settings": {"project": "calback-demo", "endpoint": "sandbox"}}},
  "nodes": {
    "users": {"kind": "ReadFirestore", "settings": {"service": "gcp", "collection": "userCollection", "page_size": 100,
      "schema": [["uid", "string"], ["name", "string"], ["profile", "json"], ["tags", "json"], ["balance", "double"]],
      "on_mismatch": "null", "on_drift": "ignore"}, "terminate": ["rejected"]},
    "mark": {"kind": "UpdateAttribute", "settings": {"set": {"seen": "${run.date}"}}, "terminate": ["failure"]},
    "csv": {"kind": "WriteCSV", "settings": {"path": "out/dt=${run.date}/users.csv"}, "terminate": ["success"]}
  },
  "connections": {
    "users-mark": {"from": "users", "output": "success", "to": "mark"},
    "mark-csv": {"from": "mark", "output": "success", "to": "csv"}
  }
}`

const slot = "2026-11-20"

// program builds the program once for the test.
func program(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "weir")
	out, err := exec.Command("go", "build", "-o", bin, "../cmd/weir").CombinedOutput()
	if err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// process is a running weir.
type process struct {
	cmd  *exec.Cmd
	out  *bytes.Buffer
	done chan struct{}
}

// launch starts weir and waits for a line of its output that holds ready.
func launch(t *testing.T, bin, ready string, args ...string) (*process, string) {
	t.Helper()
	p := &process{cmd: exec.Command(bin, args...), out: &bytes.Buffer{}, done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), "LANG=en_US.UTF-8", "LC_ALL=")
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errOut bytes.Buffer
	p.cmd.Stderr = &errOut
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make(chan string, 1)
	go func() {
		defer close(p.done)
		sc := bufio.NewScanner(pipe)
		for sc.Scan() {
			fmt.Fprintln(p.out, sc.Text())
			if strings.Contains(sc.Text(), ready) {
				select {
				case line <- sc.Text():
				default:
				}
			}
		}
		_ = p.cmd.Wait()
	}()
	select {
	case l := <-line:
		return p, l
	case <-p.done:
		t.Fatalf("weir %s ended before it was ready:\n%s%s", strings.Join(args, " "), p.out, &errOut)
	case <-time.After(time.Minute):
		p.kill()
		t.Fatalf("weir %s is not ready after a minute:\n%s%s", strings.Join(args, " "), p.out, &errOut)
	}
	return nil, ""
}

func (p *process) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
}

// weir runs a verb to its end and returns its output and exit code.
func weir(t *testing.T, bin string, args ...string) (string, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, args...)
	cmd.Env = append(os.Environ(), "LANG=en_US.UTF-8", "LC_ALL=")
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	code := cmd.ProcessState.ExitCode()
	if err != nil && code < 0 {
		t.Fatalf("weir %s: %v\n%s%s", strings.Join(args, " "), err, &out, &errOut)
	}
	return out.String() + errOut.String(), code
}

func must(t *testing.T, bin string, args ...string) string {
	t.Helper()
	out, code := weir(t, bin, args...)
	if code != 0 {
		t.Fatalf("weir %s: exit %d\n%s", strings.Join(args, " "), code, out)
	}
	return out
}

// address finds HOST:PORT in a line.
func address(t *testing.T, line string) string {
	t.Helper()
	for _, w := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \"',;/()", r) }) {
		if i := strings.LastIndexByte(w, ':'); i > 0 && len(w) > i+1 && strings.Trim(w[i+1:], "0123456789") == "" {
			return w
		}
	}
	t.Fatalf("no address in %q", line)
	return ""
}

// runOf returns the state of the newest run and its id.
func runOf(t *testing.T, bin, data string) (id, state, balance string) {
	t.Helper()
	out, code := weir(t, bin, "run", "ls", "--json", "--data", data)
	if code != 0 {
		return "", "", ""
	}
	var list struct {
		Runs []struct {
			ID      string `json:"id"`
			State   string `json:"state"`
			Balance string `json:"balance"`
		} `json:"runs"`
	}
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list.Runs) == 0 {
		t.Fatalf("run ls: %v\n%s", err, out)
	}
	r := list.Runs[0]
	return r.ID, r.State, r.Balance
}

// undisturbed runs the slot without any kill and returns the CSV and how long
// the run took.
func undisturbed(t *testing.T, bin, sandbox, file string) ([]byte, time.Duration) {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	began := time.Now()
	must(t, bin, "run", "start", "--file", file, "--slot", slot, "--data", data, "--sandbox", sandbox)
	return csv(t, data), time.Since(began)
}

func csv(t *testing.T, data string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(data, "files", "out", "dt="+slot, "users.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestKilledRunsWriteTheSameBytes(t *testing.T) {
	size := matrix(t)
	bin := program(t)
	box, line := launch(t, bin, "127.0.0.1:", "sandbox", "--listen", "127.0.0.1:0", "--users", fmt.Sprint(size.users), "--date", "2026-11-21")
	defer box.kill()
	sandbox := address(t, line)
	file := filepath.Join(t.TempDir(), "crash.json")
	if err := os.WriteFile(file, []byte(flow), 0o600); err != nil {
		t.Fatal(err)
	}
	want, took := undisturbed(t, bin, sandbox, file)
	if n := bytes.Count(want, []byte("\n")); n < size.users {
		t.Fatalf("the undisturbed run wrote %d lines, want more than %d", n, size.users)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d, an undisturbed run takes %v", seed, took)
	rng := rand.New(rand.NewPCG(seed, 1))

	kills, midway, rounds := 0, 0, 0
	for kills < size.kills {
		rounds++
		k, m := round(t, bin, sandbox, file, want, rng, took, min(10, size.kills-kills))
		kills, midway = kills+k, midway+m
	}
	t.Logf("%d SIGKILLs over %d runs, %d of them amid a run, every CSV the same %d bytes", kills, rounds, midway, len(want))
	if midway < kills/4 {
		t.Errorf("only %d of %d kills hit a run at work: the matrix proves too little", midway, kills)
	}
}

// round starts one run and kills the server up to most times on its way. It
// returns how many kills there were and how many left the run unfinished.
func round(t *testing.T, bin, sandbox, file string, want []byte, rng *rand.Rand, took time.Duration, most int) (kills, midway int) {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	serve := func() *process {
		p, _ := launch(t, bin, "127.0.0.1:", "serve", "--data", data, "--sandbox", sandbox, "--listen", "127.0.0.1:0")
		return p
	}
	p := serve()
	must(t, bin, "run", "start", "--file", file, "--slot", slot, "--data", data, "--no-wait")
	for kills < most {
		// Most kills fall into the run, some right after the start.
		wait := time.NewTimer(time.Duration(rng.Int64N(int64(took)/2 + 1)))
		select {
		case <-wait.C:
		case <-p.done:
			wait.Stop()
			t.Fatalf("the server ended by itself:\n%s", p.out)
		}
		p.kill()
		kills++
		p = serve()
		// The server has just come up again: a run that had not ended before the
		// kill is at most a few sessions further.
		if _, state, _ := runOf(t, bin, data); state == "SUCCESS" {
			break
		}
		midway++
	}
	id, _, _ := runOf(t, bin, data)
	out, code := weir(t, bin, "run", "wait", id, "--data", data)
	if code != 0 {
		p.kill()
		t.Fatalf("after %d kills the run ended with exit %d:\n%s", kills, code, out)
	}
	if _, state, balance := runOf(t, bin, data); state != "SUCCESS" || balance != "balanced" {
		t.Errorf("after %d kills the run is %s, %s", kills, state, balance)
	}
	if got := csv(t, data); !bytes.Equal(got, want) {
		t.Errorf("after %d kills the CSV differs: %d bytes, want %d", kills, len(got), len(want))
	}
	p.kill()
	if out, code := weir(t, bin, "check", "--data", data); code != 0 {
		t.Errorf("weir check after the kills: exit %d\n%s", code, out)
	}
	return kills, midway
}
