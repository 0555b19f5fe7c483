package sandbox

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/weirflow/weir/sandbox/bigquery"
)

// warehouse is the BigQuery of a sandbox. Its engine starts with the first call.
type warehouse struct {
	config bigquery.Config

	mu     sync.Mutex
	server *bigquery.Server
	closed bool
}

// mountBigQuery serves BigQuery.
func (s *Sandbox) mountBigQuery(c Config) {
	b := c.BigQuery
	b.Project, b.Log, b.Now = c.Project, c.Log, c.Now
	s.bq = &warehouse{config: b}
	for _, p := range append([]string{"/projects/", "/bigquery/v2/projects"}, bigquery.Prefixes...) {
		s.mount(p, BigQuery, bigqueryMethod, s.bq)
	}
}

// BigQuery returns the warehouse, for its Stats and faults.
func (s *Sandbox) BigQuery() (*bigquery.Server, error) { return s.bq.open() }

func (w *warehouse) open() (*bigquery.Server, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, errors.New("sandbox: BigQuery is closed")
	}
	if w.server == nil {
		s, err := bigquery.New(context.Background(), w.config)
		if err != nil {
			return nil, err
		}
		w.server = s
	}
	return w.server, nil
}

// ServeHTTP answers one request.
func (w *warehouse) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	s, err := w.open()
	if err != nil {
		refuse("INTERNAL", err.Error()).write(to, BigQuery)
		return
	}
	s.ServeHTTP(to, r)
}

func (w *warehouse) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	if w.server == nil {
		return nil
	}
	return w.server.Close()
}
