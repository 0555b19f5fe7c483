package sandbox

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// route is a handler for the paths with a prefix.
type route struct {
	prefix  string
	api     API
	method  func(*http.Request) string // names the call for the meter and faults
	handler http.Handler
}

// mount serves the paths that begin with a prefix, and, where the prefix ends
// in no slash, that path alone. Each request passes the meter, then the
// injected faults, then the credentials' check, then h. To be called before the
// sandbox serves.
func (s *Sandbox) mount(prefix string, api API, method func(*http.Request) string, h http.Handler) {
	s.routes = append(s.routes, route{prefix, api, method, h})
}

// mountAll says what is served where.
func (s *Sandbox) mountAll(c Config, log eventLog) {
	s.mountDatabases()
	s.mountAnalytics(c, log)
	s.mountOAuth(c)
	s.mountBigQuery(c)
}

// routeOf returns the route with the longest prefix of a path, or nil.
func (s *Sandbox) routeOf(path string) *route {
	var best *route
	for i, r := range s.routes {
		if (path == r.prefix || strings.HasSuffix(r.prefix, "/") && strings.HasPrefix(path, r.prefix)) &&
			(best == nil || len(r.prefix) > len(best.prefix)) {
			best = &s.routes[i]
		}
	}
	return best
}

// ServeHTTP answers a request of HTTP/1.1.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.calls.enter() {
		panic(http.ErrAbortHandler) // closed while the request was read
	}
	defer s.calls.leave()
	start := time.Now()
	rt := s.routeOf(r.URL.Path)
	if rt == nil {
		s.service.log.LogAttrs(r.Context(), slog.LevelDebug, "http call", slog.String("path", r.URL.Path), slog.Int("code", http.StatusNotFound))
		refuse("NOT_FOUND", "The sandbox serves nothing at "+r.URL.Path+".").write(w, Analytics)
		return
	}
	method := rt.method(r)
	s.service.meter.call(rt.api, method)
	seen := &observed{ResponseWriter: w}
	defer func() {
		if rt.api == Analytics && (seen.code == http.StatusInternalServerError || seen.code == http.StatusServiceUnavailable) {
			s.analytics.purse.failed()
		}
		s.service.log.LogAttrs(r.Context(), slog.LevelDebug, "http call", slog.String("api", string(rt.api)),
			slog.String("method", method), slog.Int("code", seen.code), slog.Duration("took", time.Since(start)))
	}()
	if s.service.faults.pending(rt.api, method) {
		// The server notices that a caller gave up only once the body is read.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // the caller is gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	drop, err := s.service.faults.before(r.Context(), rt.api, method)
	if err != nil {
		if r.Context().Err() != nil {
			panic(http.ErrAbortHandler) // it hung until the caller gave up
		}
		s.injected(rt.api, err).write(seen, rt.api)
		return
	}
	if no := s.authorizeHTTP(rt.api, method, r); no != nil {
		no.write(seen, rt.api)
		return
	}
	if !drop {
		rt.handler.ServeHTTP(seen, r)
		return
	}
	rt.handler.ServeHTTP(&swallowed{head: http.Header{}}, r)
	panic(http.ErrAbortHandler)
}

// injected turns the error of a fault into what an API answers over HTTP.
func (s *Sandbox) injected(api API, err error) *refusal {
	st, _ := status.FromError(err)
	name := map[codes.Code]string{codes.Unavailable: "UNAVAILABLE", codes.ResourceExhausted: "RESOURCE_EXHAUSTED",
		codes.PermissionDenied: "PERMISSION_DENIED", codes.NotFound: "NOT_FOUND", codes.FailedPrecondition: "FAILED_PRECONDITION"}[st.Code()]
	if name == "" {
		name = "INTERNAL"
	}
	r := refuse(name, st.Message())
	r.Details = detailsOf(st)
	return r
}

// observed remembers the code of an answer.
type observed struct {
	http.ResponseWriter
	code int
}

func (o *observed) WriteHeader(code int) {
	if o.code == 0 {
		o.code = code
	}
	o.ResponseWriter.WriteHeader(code)
}

func (o *observed) Write(b []byte) (int, error) {
	if o.code == 0 {
		o.code = http.StatusOK
	}
	return o.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (o *observed) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// swallowed takes an answer that nobody gets.
type swallowed struct{ head http.Header }

func (s *swallowed) Header() http.Header         { return s.head }
func (s *swallowed) WriteHeader(int)             {}
func (s *swallowed) Write(b []byte) (int, error) { return len(b), nil }

// turnstile counts the calls being answered and lets one wait for their end.
type turnstile struct {
	mu     sync.Mutex
	inside int
	closed bool
	empty  chan struct{}
}

func (t *turnstile) enter() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	t.inside++
	return true
}

func (t *turnstile) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.inside--; t.closed && t.inside == 0 {
		close(t.empty)
	}
}

// wait admits no more calls and returns once none is inside.
func (t *turnstile) wait() {
	t.mu.Lock()
	t.closed = true
	t.empty = make(chan struct{})
	if t.inside == 0 {
		close(t.empty)
	}
	t.mu.Unlock()
	<-t.empty
}

// stopHTTP lets running calls end until ctx is done, then cuts them off.
func (s *Sandbox) stopHTTP(ctx context.Context) error {
	err := s.web.Shutdown(ctx)
	if err != nil {
		s.abort()
		err = s.web.Close()
	}
	s.calls.wait()
	return err
}
