package bigquery

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	rest "google.golang.org/api/bigquery/v2"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/google"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
	sandbox "github.com/weirflow/weir/sandbox/bigquery"
)

const (
	project  = "calback-demo"
	location = "asia-northeast3"
	// today is the slot that most tests load; the clock stands half a day after.
	today = "2026-11-20"
)

var clock = time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC)

// world is BigQuery on a socket, with wires that can be cut.
type world struct {
	t      testing.TB
	server *sandbox.Server
	client *google.Client
	api    *rest.Service

	mu       sync.Mutex
	requests map[string]int
	// cut says what happens to the next calls of a method.
	cut map[string][]cut
	// over is closed at the end of the test.
	over chan struct{}
}

// cut is what happens to one call.
type cut int

const (
	lost    cut = iota // it never arrives
	dropped            // it is done, and the answer gets lost
	begun              // it is done, and no answer ever comes
	silent             // it is taken, and neither done nor answered
)

func newWorld(t testing.TB, c sandbox.Config) *world {
	t.Helper()
	if c.Now == nil {
		c.Now = func() time.Time { return clock }
	}
	s, err := sandbox.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, server: s, requests: map[string]int{}, cut: map[string][]cut{}, over: make(chan struct{})}
	h := httptest.NewServer(w)
	t.Cleanup(func() {
		close(w.over)
		h.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		n := 0
		for _, m := range w.requests {
			n += m
		}
		t.Logf("the sandbox saw %d requests: %v", n, w.requests)
		if n == 0 {
			t.Error("the sandbox saw no request")
		}
	})
	conf, problems := processors.BuildService(google.Kind, map[string]json.RawMessage{"project": json.RawMessage(`"` + project + `"`),
		"endpoint": json.RawMessage(`"sandbox"`)}, processors.BuildEnv{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	client, err := conf.Service.Open(t.Context(), processors.Env{Node: "gcp", Sandbox: strings.TrimPrefix(h.URL, "http://")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conf.Service.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	w.client = client.(*google.Client)
	options, err := w.client.Options(google.BigQuery)
	if err != nil {
		t.Fatal(err)
	}
	if w.api, err = rest.NewService(t.Context(), options...); err != nil {
		t.Fatal(err)
	}
	return w
}

// ServeHTTP passes requests on, unless their wire is cut.
func (w *world) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	method := sandbox.Method(r)
	w.mu.Lock()
	w.requests[method]++
	var what cut = -1
	if len(w.cut[method]) > 0 {
		what, w.cut[method] = w.cut[method][0], w.cut[method][1:]
	}
	w.mu.Unlock()
	switch what {
	case dropped:
		w.server.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case lost:
		panic(http.ErrAbortHandler)
	case begun:
		w.server.ServeHTTP(httptest.NewRecorder(), r)
		<-w.over
		panic(http.ErrAbortHandler)
	case silent:
		_, _ = io.Copy(io.Discard, r.Body)
		<-w.over
		panic(http.ErrAbortHandler)
	}
	w.server.ServeHTTP(out, r)
}

func (w *world) cuts(method string, what ...cut) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut[method] = what
}

func (w *world) seen(method string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.requests[method]
}

// makeDataset makes the dataset calback.
func (w *world) makeDataset() *world {
	w.t.Helper()
	d := &rest.Dataset{DatasetReference: &rest.DatasetReference{ProjectId: project, DatasetId: "calback"}, Location: location}
	if _, err := w.api.Datasets.Insert(project, d).Do(); err != nil {
		w.t.Fatal(err)
	}
	return w
}

func (w *world) makeTable(t *rest.Table) {
	w.t.Helper()
	t.TableReference = &rest.TableReference{ProjectId: project, DatasetId: "calback", TableId: "user_actions"}
	if _, err := w.api.Tables.Insert(project, "calback", t).Do(); err != nil {
		w.t.Fatal(err)
	}
}

func byDay(column string) *rest.TimePartitioning {
	return &rest.TimePartitioning{Type: "DAY", Field: column}
}

// settings of a node that loads calback.user_actions by the column dt, with
// changes.
func settings(changes ...any) processorstest.Settings {
	s := processorstest.Settings{"service": "gcp", "dataset": "calback", "table": "user_actions", "partition": "dt"}
	for i := 0; i < len(changes); i += 2 {
		s[changes[i].(string)] = changes[i+1]
	}
	for k, v := range maps.Clone(s) {
		if v == nil {
			delete(s, k)
		}
	}
	return s
}

// runner returns a node for the slot of today.
func (w *world) runner(s processorstest.Settings, options ...processorstest.Option) *processorstest.Runner {
	w.t.Helper()
	all := []processorstest.Option{processorstest.Date(today), processorstest.Now(clock), processorstest.Service("gcp", google.Kind, w.client)}
	r := processorstest.New(w.t, "LoadBigQuery", s, append(all, options...)...)
	hasten(r)
	return r
}

// hasten lets the node wait for next to nothing.
func hasten(r *processorstest.Runner) {
	r.Processor().(*LoadBigQuery).wait = func(ctx context.Context, d time.Duration) error {
		return sleep(ctx, min(d, 2*time.Millisecond))
	}
}

var errKilled = errors.New("killed")

// dieWaiting ends the node's patience at its first wait, as a kill would.
func dieWaiting(r *processorstest.Runner) {
	r.Processor().(*LoadBigQuery).wait = func(context.Context, time.Duration) error { return errKilled }
}

// withInput runs do in a session whose input is one FlowFile.
func withInput(t testing.TB, schema *record.Schema, lines []string, do func(*input)) {
	t.Helper()
	done := false
	r := processorstest.New(t, "LoadBigQuery", settings(), processorstest.Service("gcp", google.Kind, nil),
		processorstest.Wrap(func(processors.Processor) processors.Processor {
			return inside(func(in *input) { do(in); done = true })
		}))
	if err := r.PutRecords(schema, lines...).Run().Err(); err != errDone || !done {
		t.Fatalf("done %t, error %v", done, err)
	}
}

var errDone = errors.New("done")

// inside is a processor that shows the input of its session.
type inside func(*input)

func (inside) Define(*processors.Spec) {}

func (do inside) Process(_ context.Context, s *flowfile.Session) error {
	in, err := survey(s)
	if err != nil {
		return err
	}
	do(in)
	return errDone
}
