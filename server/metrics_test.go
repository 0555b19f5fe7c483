package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// scrape asks for the metrics as Prometheus does and reads the answer as it does.
func scrape(t *testing.T, s *Server) (map[string]*dto.MetricFamily, string) {
	t.Helper()
	rec := httptest.NewRecorder()
	s.metrics.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if rec.Code != http.StatusOK || !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Fatalf("%d, %s: %s", rec.Code, rec.Header().Get("Content-Type"), rec.Body)
	}
	text := rec.Body.String()
	p := expfmt.NewTextParser(model.LegacyValidation)
	families, err := p.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return families, text
}

// series are the lines of an answer without their numbers.
func series(text string) []string {
	var all []string
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); !strings.HasPrefix(l, "#") {
			l = l[:strings.LastIndexByte(l, ' ')]
		}
		all = append(all, l)
	}
	return all
}

// TestMetricsAreWellFormed reads the answer with Prometheus' own parser and has
// its linter look at it: flow and node are labels, each metric says what it is,
// and the order is the same each time.
func TestMetricsAreWellFormed(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Control: true, liveStep: 20 * time.Millisecond})
	c := s.Client()
	call[Published](t, c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(stream)})
	call[Switched](t, c, "POST", "/flows/stream/start", nil)
	w := watchOn(t, dir, watching("stream"))
	w.until("something moves", func(*liveFrame) bool { return w.nodes["log"] != nil && w.nodes["log"][2] > 0 })
	call[Switched](t, c, "POST", "/flows/stream/stop", nil)

	families, text := scrape(t, s)
	problems, err := promlint.New(bytes.NewBufferString(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v %v", problems, err)
	}
	labels := func(m *dto.Metric) (names, values []string) {
		for _, l := range m.GetLabel() {
			names, values = append(names, l.GetName()), append(values, l.GetValue())
		}
		return names, values
	}
	for name, f := range families {
		if !strings.HasPrefix(name, "weir_") || f.GetHelp() == "" {
			t.Errorf("%s: help %q", name, f.GetHelp())
		}
		if total := strings.HasSuffix(name, "_total"); total != (f.GetType() == dto.MetricType_COUNTER) {
			t.Errorf("%s is a %s", name, f.GetType())
		}
		if len(f.Metric) > mostSeries {
			t.Errorf("%s has %d series", name, len(f.Metric))
		}
		if strings.HasPrefix(name, "weir_node_") {
			var nodes []string
			for _, m := range f.Metric {
				names, values := labels(m)
				if !slices.Equal(names, []string{"flow", "node"}) || values[0] != "stream" {
					t.Errorf("%s has labels %v %v", name, names, values)
					continue
				}
				nodes = append(nodes, values[1])
			}
			if !slices.Equal(nodes, []string{"gen", "log"}) {
				t.Errorf("%s tells of nodes %v", name, nodes)
			}
		}
	}
	if len(families) < len(nodeMetrics)+8 {
		t.Errorf("%d metrics: %s", len(families), text)
	}
	if f := families["weir_node_flowfiles_out_total"]; f == nil || f.Metric[0].GetCounter().GetValue() < 1 {
		t.Errorf("nothing went out of gen: %v", f)
	}
	if q := families["weir_connection_queued_flowfiles"]; q == nil || len(q.Metric) != 1 {
		t.Errorf("queues: %v", q)
	} else if names, values := labels(q.Metric[0]); !slices.Equal(names, []string{"connection", "flow"}) || !slices.Equal(values, []string{"gen-log", "stream"}) {
		t.Errorf("the queue has labels %v %v", names, values)
	}
	for range 5 {
		if _, again := scrape(t, s); !slices.Equal(series(again), series(text)) {
			t.Fatalf("the order changes:\n%s\n%s", text, again)
		}
	}
}
