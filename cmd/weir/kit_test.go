package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/sandbox"
)

func TestMain(m *testing.M) {
	home, err := os.MkdirTemp("", "weir-home-")
	if err != nil {
		panic(err)
	}
	for k, v := range map[string]string{"LC_ALL": "en_US.UTF-8", "HOME": home, "XDG_CONFIG_HOME": home, "WEIR_DATA": "", "WEIR_TOKEN": "", "WEIR_KEY_FILE": ""} {
		os.Setenv(k, v)
	}
	code := m.Run()
	os.RemoveAll(home)
	os.Exit(code)
}

// gen makes 200 records and writes them to a file; it needs nothing outside.
const gen = `{"weir": 1, "id": "gen", "mode": "runs", "schedule": {"every": "day", "at": "06:00", "zone": "Asia/Seoul"}, "policy": {"retries": 0},
 "parameters": {"note": {"type": "string", "default": "x"}},
 "nodes": {
  "gen": {"kind": "GenerateFlowFile", "settings": {"content": "records", "schema": [["id", "int64"], ["share", "double"]], "rows": 50, "count": 4}},
  "csv": {"kind": "WriteCSV", "settings": {"path": "out/dt=${run.date}/gen.csv"}, "terminate": ["success"]}},
 "connections": {"gen-csv": {"from": "gen", "output": "success", "to": "csv"}}}`

// users reads the sandbox's users.
const users = `{"weir": 1, "id": "users", "mode": "runs", "policy": {"retries": 0},
 "services": {"gcp": {"kind": "GoogleCloud", "settings": {"project": "calback-demo", "endpoint": "sandbox"}}},
 "nodes": {
  "users": {"kind": "ReadFirestore", "settings": {"service": "gcp", "collection": "userCollection", "schema": [["uid", "string"], ["name", "string"]]}, "terminate": ["rejected"]},
  "csv": {"kind": "WriteCSV", "settings": {"path": "users.csv"}, "terminate": ["success"]}},
 "connections": {"users-csv": {"from": "users", "output": "success", "to": "csv"}}}`

// result is what a call of the program gave.
type result struct {
	code     int
	out, err string
}

// weir runs the program.
func weir(t *testing.T, args ...string) result {
	t.Helper()
	return weirIn(t, "", args...)
}

func weirIn(t *testing.T, in string, args ...string) result {
	t.Helper()
	var out, errOut bytes.Buffer
	code := Main(t.Context(), args, strings.NewReader(in), &out, &errOut)
	return result{code, out.String(), errOut.String()}
}

// must runs the program, which has to succeed, and returns its output.
func must(t *testing.T, args ...string) string {
	t.Helper()
	r := weir(t, args...)
	if r.code != 0 {
		t.Fatalf("weir %s: exit %d\n%s%s", strings.Join(args, " "), r.code, r.out, r.err)
	}
	return r.out
}

// mustJSON runs the program with --json and decodes its answer.
func mustJSON[T any](t *testing.T, args ...string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(must(t, append(args, "--json")...)), &v); err != nil {
		t.Fatalf("weir %s: %v", strings.Join(args, " "), err)
	}
	return v
}

// errorCode is the code that the program failed with, of the last line.
func (r result) errorCode() string {
	lines := strings.Split(strings.TrimSpace(r.err), "\n")
	last := lines[len(lines)-1]
	i, j := strings.LastIndexByte(last, '['), strings.LastIndexByte(last, ']')
	if i < 0 || j < i {
		return ""
	}
	return last[i+1 : j]
}

type runView struct {
	Run   runs.Run       `json:"run"`
	Waits []runs.Blocker `json:"waits"`
}

type runList struct {
	Runs []runs.Run `json:"runs"`
}

// file writes a file of the test and returns its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// with replaces parts of a flow file, each of which must be there.
func with(t *testing.T, doc string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(doc, pairs[i]) {
			t.Fatalf("the flow has no %q", pairs[i])
		}
		doc = strings.ReplaceAll(doc, pairs[i], pairs[i+1])
	}
	return doc
}

// box opens a small sandbox.
func box(t *testing.T, faults ...sandbox.Fault) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Open(t.Context(), sandbox.Config{Users: 300, Meetings: 20, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return s
}

// process is a call of the program that goes on until it is told to stop.
type process struct {
	addr string
	stop func() result
}

// launch starts the program in the background and returns once a line of its
// output holds an address.
func launch(t *testing.T, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	pr, pw := io.Pipe()
	var out, errOut bytes.Buffer
	line := make(chan string, 1)
	code := make(chan int, 1)
	go func() {
		c := Main(ctx, args, strings.NewReader(""), pw, &errOut)
		pw.Close()
		code <- c
	}()
	read := make(chan struct{})
	go func() {
		defer close(read)
		b := make([]byte, 4096)
		for {
			n, err := pr.Read(b)
			out.Write(b[:n])
			if i := strings.Index(out.String(), "127.0.0.1:"); i >= 0 && strings.Contains(out.String()[i:], "\n") {
				select {
				case line <- strings.FieldsFunc(out.String()[i:], func(r rune) bool { return strings.ContainsRune(" \"',;/()\n", r) })[0]:
				default:
				}
			}
			if err != nil {
				close(line)
				return
			}
		}
	}()
	p := &process{}
	p.stop = sync.OnceValue(func() result {
		cancel()
		c := <-code
		<-read
		return result{c, out.String(), errOut.String()}
	})
	t.Cleanup(func() { p.stop() })
	addr, ok := <-line
	if !ok {
		t.Fatalf("weir %s ended: %s", strings.Join(args, " "), p.stop().err)
	}
	p.addr = addr
	return p
}

// inKorean runs the rest of the test in Korean.
func inKorean(t *testing.T) {
	t.Helper()
	t.Setenv("LC_ALL", "ko_KR.UTF-8")
	if fault.LangFromEnv() != fault.Korean {
		t.Fatal("the language is not Korean")
	}
}
