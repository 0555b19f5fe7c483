package bigquery

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	"google.golang.org/api/option"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors/google"
	"github.com/weirflow/weir/processors/processorstest"
	sandbox "github.com/weirflow/weir/sandbox/bigquery"
)

// answers is a network of which each request gets the same answer.
type answers struct {
	status int
	body   string
	err    error
	cut    bool // the body breaks off
	seen   int
	agents []string
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	a.seen++
	a.agents = append(a.agents, r.UserAgent())
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	if a.err != nil {
		return nil, a.err
	}
	body := io.Reader(strings.NewReader(a.body))
	if a.cut {
		body = io.MultiReader(body, brokenOff{})
	}
	return &http.Response{StatusCode: a.status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(body), Request: r}, nil
}

type brokenOff struct{}

func (brokenOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func saying(status int, reason string) string {
	return `{"error":{"code":` + strconv.Itoa(status) + `,"message":"said so","errors":[{"reason":"` + reason + `","message":"said so"}]}}`
}

// TestOnlyTheNodeTriesAgain counts requests and waits: the client library, which
// would wait for seconds by itself, adds none.
func TestOnlyTheNodeTriesAgain(t *testing.T) {
	client := newWorld(t, sandbox.Config{}).makeDataset().client
	refused := &net.OpError{Op: "dial", Err: errors.New("connect: connection refused")}
	for _, c := range []struct {
		name    string
		network answers
		code    string
		says    string
		again   bool
	}{
		{"backend error", answers{status: 503, body: saying(503, "backendError")}, "bigquery_unavailable", "said so", true},
		{"no reason", answers{status: 500, body: "<html>"}, "bigquery_unavailable", "", true},
		{"rate", answers{status: 403, body: saying(403, "rateLimitExceeded")}, "bigquery_rate", "said so", true},
		{"quota", answers{status: 403, body: saying(403, "quotaExceeded")}, "bigquery_quota", "said so", false},
		{"invalid", answers{status: 400, body: saying(400, "invalid")}, "bigquery_refused", "said so", false},
		{"connection refused", answers{err: refused}, "google_unreachable", "connection refused", true},
		{"the answer breaks off", answers{status: 200, body: `{"kind"`, cut: true}, "bigquery_unreachable", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			network := c.network
			waits := 0
			var waited time.Duration
			w := &warehouse{client: client, project: project, dataset: "calback", wait: func(_ context.Context, d time.Duration) error {
				waits++
				waited += d
				return nil
			}}
			var err error
			w.api, err = bq.NewClient(t.Context(), project, option.WithEndpoint("http://bigquery.test/bigquery/v2/"),
				option.WithHTTPClient(&http.Client{Transport: attempts{&network}}))
			if err != nil {
				t.Fatal(err)
			}
			calls := map[string]func() error{
				"datasets.get":  func() error { _, err := w.getDataset(t.Context()); return err },
				"tables.get":    func() error { _, err := w.getTable(t.Context(), "user_actions"); return err },
				"tables.insert": func() error { _, err := w.makeTable(t.Context(), "user_actions", &bq.TableMetadata{}); return err },
				"jobs.get":      func() error { _, err := w.getJob(t.Context(), project, firstJob, location); return err },
				"dry run":       func() error { return w.tryJob(t.Context(), location) },
			}
			for name, call := range calls {
				network.seen, waits, waited = 0, 0, 0
				start := time.Now()
				err := call()
				if fault.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %v, want %s", name, err, c.code)
				}
				if network.seen != waits+1 || (waits > 0) != c.again {
					t.Errorf("%s: %d requests and %d waits", name, network.seen, waits)
				}
				if c.again && (waited < keepTrying || waited > keepTrying+2*longestWait) {
					t.Errorf("%s: waited for %s, want about %s", name, waited, keepTrying)
				}
				if took := time.Since(start); took > 5*time.Second {
					t.Errorf("%s took %s", name, took)
				}
			}
			if i := slices.IndexFunc(network.agents, func(a string) bool { return !strings.HasSuffix(a, " weir") }); i >= 0 {
				t.Errorf("a request says that it is of %q", network.agents[i])
			}
		})
	}
}

func TestACallEndsWithItsContext(t *testing.T) {
	why := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	network := &answers{status: 503, body: saying(503, "backendError")}
	w := &warehouse{client: &google.Client{}, project: project, dataset: "calback", wait: func(ctx context.Context, _ time.Duration) error {
		cancel(why)
		return context.Cause(ctx)
	}}
	var err error
	w.api, err = bq.NewClient(t.Context(), project, option.WithEndpoint("http://bigquery.test/bigquery/v2/"),
		option.WithHTTPClient(&http.Client{Transport: attempts{network}}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.getDataset(ctx); err != why || network.seen != 1 {
		t.Errorf("error %v after %d requests", err, network.seen)
	}
}

// A table that is replaced as a whole keeps its clustering, whether the settings
// name it or not.
func TestAWholeTableKeepsItsClustering(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	whole := []any{"partition", nil, "write", "overwrite_table"}
	for i, s := range [][]any{append(whole, "cluster", []string{"uid"}), whole} {
		run := runOf(t, "day", today, "Asia/Seoul")
		run.Generation = uint32(i + 1)
		r := w.runner(settings(s...), processorstest.Run(run)).PutRecords(actions, three...).Run()
		if err := r.Err(); err != nil {
			t.Fatal(err)
		}
		job, err := w.api.Jobs.Get(project, fact(r, "job")).Location(location).Do()
		if err != nil {
			t.Fatal(err)
		}
		if c := job.Configuration.Load.Clustering; c == nil || !slices.Equal(c.Fields, []string{"uid"}) {
			t.Errorf("load %d is clustered %+v", i, c)
		}
	}
	w.wantTable("user_actions", actions, three...)
}
