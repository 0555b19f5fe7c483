package bigquery

import (
	"context"
	"database/sql"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Config says what a Server serves. The zero value serves an empty project
// "calback-demo" without billing from memory.
type Config struct {
	// Project is the one project that exists; empty means "calback-demo".
	Project string
	// Dir is where the database and the uploads under way are kept; they are
	// removed by Close. Empty means memory and the system's temporary directory.
	Dir string
	// Location is where datasets are made that name none; empty means
	// "asia-northeast3".
	Location string
	// Billing says that the project has a billing account. Without one, as in
	// Google's BigQuery sandbox, tables and partitions expire after 60 days and
	// DML and streaming inserts are refused.
	Billing bool
	// Delay is how long a job stays pending before it runs.
	Delay time.Duration
	// Log receives one line per request at level debug; nil discards them.
	Log *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	if c.Project == "" {
		c.Project = "calback-demo"
	}
	if c.Location == "" {
		c.Location = "asia-northeast3"
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Stats counts what a Server has answered since it was opened.
type Stats struct {
	// Requests counts the requests by method, e.g. "jobs.insert", refused ones
	// too. A resumable upload counts once per chunk.
	Requests map[string]int64
	// JobsAccepted counts the jobs made by jobs.insert and jobs.query.
	JobsAccepted int64
	// LoadsAccepted counts the load jobs among them.
	LoadsAccepted int64
	// RowsLoaded counts the rows that load jobs have committed.
	RowsLoaded int64
}

// Server answers BigQuery's REST API. Make one with New.
type Server struct {
	config Config
	db     *sql.DB
	dir    string // everything of ours on disk; removed by Close

	background context.Context // of jobs; cancelled by Close
	cancel     context.CancelFunc
	tasks      sync.WaitGroup

	// write is held by whatever changes rows or the shape of tables. It is
	// taken before mu.
	write sync.Mutex

	mu       sync.Mutex
	datasets map[string]*dataset
	jobs     map[jobKey]*job
	order    []*job // as they were made
	uploads  map[string]*upload
	faults   []jobFault
	serial   int64
	expired  time.Time // the hour of the clock up to which what expires was removed
	stats    Stats
}

// New opens the database. The Server runs until Close; ctx counts only while
// it opens.
func New(ctx context.Context, c Config) (*Server, error) {
	c = c.withDefaults()
	s := &Server{config: c, datasets: map[string]*dataset{}, jobs: map[jobKey]*job{}, uploads: map[string]*upload{}}
	s.stats.Requests = map[string]int64{}
	dir, err := os.MkdirTemp(c.Dir, "bigquery-")
	if err != nil {
		return nil, err
	}
	s.dir = dir
	if err := os.Mkdir(filepath.Join(dir, spoolName), 0o700); err != nil {
		return nil, err
	}
	if s.db, err = openDuck(ctx, dir, c.Dir != ""); err != nil {
		_ = os.RemoveAll(dir) // the error of opening tells more
		return nil, err
	}
	s.background, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return s, nil
}

// Close stops the jobs under way, waits for them and removes the data.
func (s *Server) Close() error {
	s.cancel()
	s.tasks.Wait()
	s.mu.Lock()
	for _, u := range s.uploads {
		u.abandon()
	}
	s.mu.Unlock()
	err := s.db.Close()
	if rm := os.RemoveAll(s.dir); err == nil {
		err = rm
	}
	return err
}

// Project returns the project that is served.
func (s *Server) Project() string { return s.config.Project }

// Stats returns what was answered so far.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stats
	st.Requests = maps.Clone(st.Requests)
	return st
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := newCall(r)
	start := time.Now()
	name := c.method
	if name == "" {
		name = "unknown"
	}
	s.mu.Lock()
	s.stats.Requests[name]++
	s.mu.Unlock()
	err := s.dispatch(w, c)
	if err != nil {
		asProblem(err).Write(w)
	}
	s.config.Log.Debug("bigquery call", "method", name, "path", r.URL.Path, "took", time.Since(start), "error", err)
}

// dispatch answers the request itself unless it returns an error.
func (s *Server) dispatch(w http.ResponseWriter, c *call) error {
	if c.method == "discovery" {
		return serveDiscovery(w, c)
	}
	if c.method == "" {
		return problem(ReasonNotFound, "The requested URL %s was not found on this server.", c.URL.Path)
	}
	if c.project != "" && c.project != s.config.Project {
		return problem(ReasonNotFound, "Not found: Project %s", c.project)
	}
	if c.upload && c.method == "jobs.insert" {
		return s.serveUpload(w, c)
	}
	h, ok := handlers[c.method]
	if !ok {
		return problem(ReasonNotImplemented, "%s is not supported by the sandbox.", c.method)
	}
	v, err := h(s, c)
	if err != nil {
		return err
	}
	if v == nil {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if e, ok := v.(interface{ etag() string }); ok {
		w.Header().Set("ETag", e.etag())
		if m := c.Header.Get("If-None-Match"); m != "" && m == e.etag() {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	answer(w, http.StatusOK, v)
	return nil
}
