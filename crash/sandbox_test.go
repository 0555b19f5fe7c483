package crash

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	bq "google.golang.org/api/bigquery/v2"
	"google.golang.org/api/option"

	"github.com/weirflow/weir/sandbox"
	"github.com/weirflow/weir/sandbox/bigquery"
)

// slot is the day of the tests; the company is as of the day after.
const slot = "2026-11-20"

const (
	project = "calback-demo"
	dataset = "calback"
	table   = "user_actions"
)

// asSandbox is the variable that makes this program a sandbox instead of tests,
// so that it is a process of its own, that no kill reaches and that can be told
// what to do wrong, and asked what it has done, at any moment.
const asSandbox = "WEIR_CRASH_SANDBOX"

func TestMain(m *testing.M) {
	if size := os.Getenv(asSandbox); size != "" {
		if err := beSandbox(size); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(code)
}

// told is an answer of the sandbox's process.
type told struct {
	Addr     string
	Sandbox  sandbox.Stats
	BigQuery bigquery.Stats
	Err      string
}

// beSandbox serves until the standard input ends. Each line of it is a fault to
// inject, or empty, and is answered by what was done until then.
func beSandbox(size string) error {
	cfg := sandbox.Config{Date: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)}
	if _, err := fmt.Sscan(size, &cfg.Users, &cfg.Meetings, &cfg.Events); err != nil {
		return err
	}
	box, err := sandbox.Open(context.Background(), cfg)
	if err != nil {
		return err
	}
	warehouse, err := box.BigQuery()
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(told{Addr: box.Addr()}); err != nil {
		return err
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var a told
		if text := in.Text(); text != "" {
			f, err := sandbox.ParseFault(text)
			if err != nil {
				a.Err = err.Error()
			} else {
				box.Inject(f)
			}
		}
		a.Sandbox, a.BigQuery = box.Stats(), warehouse.Stats()
		if err := out.Encode(a); err != nil {
			return err
		}
	}
	return nil // calls that hang end with the process
}

// box is a sandbox in a process of its own.
type box struct {
	addr string
	in   io.WriteCloser
	out  *json.Decoder
}

// company is how large a sandbox's company is.
type company struct{ users, meetings, events int }

// world is the program, a sandbox and a client of its BigQuery.
type world struct {
	t    *testing.T
	bin  string
	box  *box
	bq   *bq.Service
	file string // the main flow
}

func newWorld(t *testing.T, c company) *world {
	t.Helper()
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := command(self)
	cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d %d %d", asSandbox, c.users, c.meetings, c.events))
	w := &world{t: t, bin: bin, box: &box{}}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if w.box.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = w.box.in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the sandbox ended: %v", err)
		}
	})
	w.box.out = json.NewDecoder(out)
	w.box.addr = w.heard().Addr
	if w.bq, err = bq.NewService(t.Context(), option.WithEndpoint("http://"+w.box.addr+"/bigquery/v2/"), option.WithoutAuthentication()); err != nil {
		t.Fatal(err)
	}
	w.file = w.flow("daily.json", nil)
	return w
}

func (w *world) heard() told {
	w.t.Helper()
	var a told
	if err := w.box.out.Decode(&a); err != nil || a.Err != "" {
		w.t.Fatalf("the sandbox says %q: %v", a.Err, err)
	}
	return a
}

// stats returns what the sandbox has answered so far.
func (w *world) stats() told { return w.inject("") }

// inject makes a fault happen from now on.
func (w *world) inject(fault string) told {
	w.t.Helper()
	if _, err := fmt.Fprintln(w.box.in, fault); err != nil {
		w.t.Fatal(err)
	}
	return w.heard()
}

// loads returns the load jobs ever made, by id. That two have one id fails.
func (w *world) loads() map[string]*bq.JobListJobs {
	w.t.Helper()
	jobs := map[string]*bq.JobListJobs{}
	err := w.bq.Jobs.List(project).AllUsers(true).Projection("full").Pages(w.t.Context(), func(l *bq.JobList) error {
		for _, j := range l.Jobs {
			if j.Configuration == nil || j.Configuration.Load == nil {
				continue
			}
			id := j.JobReference.JobId
			if jobs[id] != nil {
				w.t.Errorf("two jobs have the id %s", id)
			}
			jobs[id] = j
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if n := w.stats().BigQuery.LoadsAccepted; n != int64(len(jobs)) {
		w.t.Errorf("jobs.insert was accepted for %d loads, but there are %d jobs", n, len(jobs))
	}
	return jobs
}

// partition returns the rows of the slot's partition, each as JSON, sorted.
func (w *world) partition() []string {
	w.t.Helper()
	var rows []string
	at := table + "$" + strings.ReplaceAll(slot, "-", "")
	call := w.bq.Tabledata.List(project, dataset, at).MaxResults(10_000)
	for {
		page, err := call.Do()
		if err != nil {
			w.t.Fatal(err)
		}
		for _, r := range page.Rows {
			b, err := json.Marshal(r)
			if err != nil {
				w.t.Fatal(err)
			}
			rows = append(rows, string(b))
		}
		if page.PageToken == "" {
			break
		}
		call.PageToken(page.PageToken)
	}
	slices.Sort(rows)
	return rows
}

// forget removes the dataset, so that the next run has to make it.
func (w *world) forget() {
	w.t.Helper()
	if err := w.bq.Datasets.Delete(project, dataset).DeleteContents(true).Do(); err != nil {
		w.t.Fatal(err)
	}
}

// dir returns a new data directory.
func (w *world) dir() string { return filepath.Join(w.t.TempDir(), "data") }
