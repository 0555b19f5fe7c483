package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/sandbox"
	"github.com/weirflow/weir/web"
)

// gen is a flow that makes records and writes them to a file.
const gen = `{"weir": 1, "id": "gen", "mode": "runs", "schedule": {"every": "day", "at": "06:00", "zone": "Asia/Seoul"},
 "parameters": {"note": {"type": "string", "default": "x"}},
 "nodes": {
  "gen": {"kind": "GenerateFlowFile", "settings": {"content": "records", "schema": [["id", "int64"], ["name", "string"]], "rows": 50, "count": 4}},
  "csv": {"kind": "WriteCSV", "settings": {"path": "out/${run.date}/gen.csv"}, "terminate": ["success"]}},
 "connections": {"gen-csv": {"from": "gen", "output": "success", "to": "csv"}}}`

// hung is a flow that reads from a sandbox; with one that never answers its
// runs stay at work.
const hung = `{"weir": 1, "id": "hung", "mode": "runs", "policy": {"retry_delay": "0s"},
 "services": {"gcp": {"kind": "GoogleCloud", "settings": {"project": "calback-demo", "endpoint": "sandbox"}}},
 "nodes": {
  "users": {"kind": "ReadFirestore", "settings": {"service": "gcp", "collection": "userCollection", "schema": [["uid", "string"]]}, "terminate": ["rejected"]},
  "csv": {"kind": "WriteCSV", "settings": {"path": "hung.csv"}, "terminate": ["success"]}},
 "connections": {"users-csv": {"from": "users", "output": "success", "to": "csv"}}}`

// open opens a server and closes it with the test.
func open(t *testing.T, cfg Config) *Server {
	t.Helper()
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.engine == nil {
			return
		}
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func call[Out any](t *testing.T, c *web.Client, method, path string, in any) *Out {
	t.Helper()
	out, body := new(Out), json.RawMessage{}
	if err := c.Call(t.Context(), method, "/api/v1"+path, in, &body); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	asDescribed(t, method, "/api/v1"+path, http.StatusOK, body)
	if err := json.Unmarshal(body, out); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return out
}

// codeOf is the code that an operation fails with.
func codeOf(t *testing.T, c *web.Client, method, path string, in any) string {
	t.Helper()
	return fault.CodeOf(c.Call(t.Context(), method, "/api/v1"+path, in, nil))
}

func TestControlSocketIsForThisUserAlone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Control: true})
	h, held := HeldBy(dir)
	if !held || h.Socket != filepath.Join(dir, "control.sock") || h.PID != os.Getpid() {
		t.Fatalf("held %v by %+v", held, h)
	}
	st, err := os.Stat(h.Socket)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v, %v", st.Mode(), err)
	}
	if st, err := os.Stat(dir); err != nil || st.Mode().Perm()&0o077 != 0 {
		t.Logf("the directory existed before: %v", st.Mode())
	}
	a := call[About](t, web.DialSocket(h.Socket), "GET", "/about", nil)
	if a.Data != dir || a.PID != os.Getpid() || a.Store == "" {
		t.Errorf("about: %+v", a)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	s.engine = nil
	if _, held := HeldBy(dir); held {
		t.Error("the directory is still held")
	}
	if _, err := os.Stat(h.Socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestALongPathPutsTheSocketElsewhere(t *testing.T) {
	run := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", run)
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 40))
	s := open(t, Config{Data: dir, Control: true})
	h, _ := HeldBy(dir)
	if !strings.HasPrefix(h.Socket, run) {
		t.Fatalf("the socket is %s", h.Socket)
	}
	if st, err := os.Stat(filepath.Dir(h.Socket)); err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("its directory: %v, %v", st.Mode(), err)
	}
	call[About](t, web.DialSocket(h.Socket), "GET", "/about", nil)
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	s.engine = nil
	if left, err := os.ReadDir(run); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestOpenSaysWhatIsInTheWayAndLeavesNothingBehind(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	held := t.TempDir()
	open(t, Config{Data: held})
	for _, c := range []struct {
		code string
		cfg  Config
	}{
		{"port_in_use", Config{Data: t.TempDir(), Control: true, Listen: l.Addr().String()}},
		{"listen_address", Config{Data: t.TempDir(), Listen: "nowhere.invalid:1"}},
		{"files_dir_unusable", Config{Data: t.TempDir(), Files: filepath.Join(file, "files")}},
		{"store_not_directory", Config{Data: file}},
		{"store_locked", Config{Data: held}},
		{"sandbox_listen", Config{Data: t.TempDir(), Embedded: &sandbox.Config{Listen: l.Addr().String(), Users: -1, Meetings: -1}}},
	} {
		t.Run(c.code, func(t *testing.T) {
			before := runtime.NumGoroutine()
			s, err := Open(t.Context(), c.cfg)
			if fault.CodeOf(err) != c.code || s != nil {
				t.Fatalf("%v, server %v", err, s)
			}
			settled(t, before)
			if c.cfg.Data == held || c.cfg.Data == file {
				return
			}
			if _, is := HeldBy(c.cfg.Data); is {
				t.Error("the data directory is still held")
			}
		})
	}
}

// settled waits until no more goroutines run than before.
func settled(t *testing.T, before int) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			b := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, b[:runtime.Stack(b, true)])
		}
		runtime.Gosched()
	}
}

func TestCloseRightAfterOpenReturns(t *testing.T) {
	dir := t.TempDir()
	for range 50 {
		s, err := Open(t.Context(), Config{Data: dir, Alone: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCloseJoinsAllAndTellsThoseWhoWait(t *testing.T) {
	before := runtime.NumGoroutine()
	box := &sandbox.Config{Users: 5, Meetings: -1, Faults: []sandbox.Fault{{Kind: sandbox.HangStream, After: 2}}}
	cfg := Config{Data: t.TempDir(), Control: true, Listen: "127.0.0.1:0", Schedule: true, Embedded: box}
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	h, _ := HeldBy(cfg.Data)
	c := web.DialSocket(h.Socket)
	v := call[RunView](t, c, "POST", "/runs", StartRun{Doc: json.RawMessage(hung)})
	type answer struct {
		v   RunView
		err error
	}
	waiting := make(chan answer, 1)
	go func() {
		var a answer
		a.err = c.Call(context.Background(), "GET", "/api/v1/runs/"+v.Run.ID+"/wait?seconds=60", nil, &a.v)
		waiting <- a
	}()
	for call[RunView](t, c, "GET", "/runs/"+v.Run.ID, nil).Run.State == runs.Queued {
		call[RunView](t, c, "GET", "/runs/"+v.Run.ID+"/wait?seconds=1", nil)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second) // for a session that hangs
	defer cancel()
	began := time.Now()
	if err := s.Close(ctx); err != nil {
		t.Error(err)
	}
	if d := time.Since(began); d > 10*time.Second {
		t.Errorf("Close took %v", d)
	}
	if a := <-waiting; a.err != nil || a.v.Run.State.Terminal() {
		t.Errorf("who waits was told %v, %v", a.v.Run, a.err)
	}
	c.HTTP.CloseIdleConnections()
	http.DefaultClient.CloseIdleConnections()
	settled(t, before)

	// What was at work goes on in the next life, and only where it is asked for.
	box.Faults = nil
	cfg.Alone, cfg.Control, cfg.Listen, cfg.Schedule = true, false, "", false
	again := open(t, cfg)
	lc := again.Client()
	if got := call[RunView](t, lc, "GET", "/runs/"+v.Run.ID, nil).Run.State; got != runs.Running {
		t.Fatalf("the run is %s", got)
	}
	if got := codeOf(t, lc, "POST", "/runs", StartRun{Doc: json.RawMessage(hung), Slot: "2026-01-01"}); got != "run_unfinished" {
		t.Errorf("another run of the flow beside it: %s", got)
	}
	end := call[RunView](t, lc, "GET", "/runs/"+v.Run.ID+"/wait?seconds=30", nil)
	if end.Run.State != runs.Success || end.Run.Balance != runs.Balanced {
		t.Errorf("it ended %s: %s", end.Run.State, end.Run.Why)
	}
}

func TestARunWaitsForAFullDiskAndSaysSo(t *testing.T) {
	var full atomic.Bool
	s := open(t, Config{Data: t.TempDir(), Free: func(string) (int64, error) {
		if full.Load() {
			return 0, nil
		}
		return 1 << 40, nil
	}})
	c := s.Client()
	doc := json.RawMessage(strings.Replace(gen, `"mode": "runs",`, `"mode": "runs", "policy": {"retries": 0},`, 1))
	call[Published](t, c, "POST", "/flows", ImportFlow{Doc: doc})
	full.Store(true)
	if got := codeOf(t, c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(hung)}); got != "disk_full" {
		t.Errorf("an import on a full disk: %s", got)
	}
	v := call[RunView](t, c, "POST", "/runs", StartRun{Flow: "gen"})
	for v.Nodes["gen"].Code != "disk_full" {
		if v.Run.State.Terminal() {
			t.Fatalf("on a full disk the run is %s: %s", v.Run.State, v.Run.Why)
		}
		v = call[RunView](t, c, "GET", "/runs/"+v.Run.ID+"/wait?seconds=1", nil)
	}
	full.Store(false)
	v = call[RunView](t, c, "GET", "/runs/"+v.Run.ID+"/wait?seconds=30", nil)
	if v.Run.State != runs.Success || v.Run.Receipts[0].Rows != 200 {
		t.Errorf("once there is room, it ended %s: %s", v.Run.State, v.Run.Why)
	}
	select {
	case err := <-s.Failed():
		t.Errorf("a full disk stopped the server: %v", err)
	default:
	}
}

func TestClockSetBackFiresNothingTwice(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	dir := t.TempDir()
	life := func(at time.Time, f func(*web.Client, *logWatch)) {
		w := &logWatch{lines: make(chan string, 100)}
		s, err := Open(t.Context(), Config{Data: dir, Schedule: true, Now: func() time.Time { return at }, Log: slog.New(slog.NewTextHandler(w, nil))})
		if err != nil {
			t.Fatal(err)
		}
		f(s.Client(), w)
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
	made := func(c *web.Client) []*runs.Run { return call[RunList](t, c, "GET", "/runs", nil).Runs }
	life(now.Add(-48*time.Hour), func(c *web.Client, _ *logWatch) {
		call[Published](t, c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(gen)})
		call[Switched](t, c, "POST", "/flows/gen/enable", SwitchFlow{})
	})
	var fired string
	life(now, func(c *web.Client, w *logWatch) {
		w.want(t, "slot fired")
		fired = made(c)[0].ID
		call[RunView](t, c, "GET", "/runs/"+fired+"/wait?seconds=10", nil)
	})
	life(now.Add(-36*time.Hour), func(_ *web.Client, w *logWatch) { w.want(t, "the clock was set back") })
	life(now.Add(time.Minute), func(c *web.Client, _ *logWatch) {
		if list := made(c); len(list) != 1 || list[0].ID != fired || list[0].State != runs.Success {
			t.Errorf("after the clock was set back there are %d runs", len(list))
		}
	})
}

// logWatch passes lines of a log on.
type logWatch struct{ lines chan string }

func (w *logWatch) Write(b []byte) (int, error) {
	select {
	case w.lines <- string(b):
	default:
	}
	return len(b), nil
}

// want waits for a line that holds the words.
func (w *logWatch) want(t *testing.T, words string) {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case l := <-w.lines:
			if strings.Contains(l, words) {
				return
			}
		case <-late:
			t.Fatalf("the log does not say %q", words)
		}
	}
}

func TestRunLogsAreBounded(t *testing.T) {
	l, err := openRunLogs(filepath.Join(t.TempDir(), "logs"))
	if err != nil {
		t.Fatal(err)
	}
	id := func(i int) string { return fmt.Sprintf("%026d", i) }
	big := slog.New(l.handler("f", id(0)))
	long := strings.Repeat("x", 1<<20)
	for range 20 {
		big.Info(long)
	}
	var b strings.Builder
	if err := l.read(id(0), &b); err != nil {
		t.Fatal(err)
	}
	if n := b.Len(); n < logLimit || n > logLimit+2<<20 {
		t.Errorf("the log has %d bytes", n)
	}
	if !strings.HasSuffix(b.String(), "only\"}\n") || strings.Count(b.String(), "is full") != 1 {
		t.Errorf("it does not say that it is full, once: %q", b.String()[b.Len()-100:])
	}
	// Many logs at once, in turns, with a bound on those that are open.
	const many = 3 * openLogs
	logs := make([]*slog.Logger, many)
	for i := range logs {
		logs[i] = slog.New(l.handler("f", id(i+1)))
	}
	for round := range 3 {
		for i, log := range logs {
			log.Info("line", "round", round, "run", i)
		}
		if n := l.order.Len(); n > openLogs {
			t.Fatalf("%d logs are open", n)
		}
	}
	for i := range logs {
		b.Reset()
		if err := l.read(id(i+1), &b); err != nil || strings.Count(b.String(), "\n") != 3 {
			t.Errorf("log %d: %q, %v", i, b.String(), err)
		}
	}
	b.Reset()
	if err := l.read(id(many+1), &b); err != nil || b.Len() != 0 {
		t.Errorf("a log that was never written: %q, %v", b.String(), err)
	}
	if err := l.read("../../lock", &b); fault.CodeOf(err) != "run_unknown" {
		t.Errorf("a path for an id: %v", err)
	}
	if err := l.close(); err != nil {
		t.Error(err)
	}
}
