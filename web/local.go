package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// Local returns a client of a handler in the same process: the same operations
// without a server.
func Local(h http.Handler) *Client {
	return &Client{Base: "http://weir", HTTP: &http.Client{Transport: inProcess{h}}}
}

// inProcess is a transport that calls a handler.
type inProcess struct{ h http.Handler }

// RoundTrip serves the request by the handler, which goes on while the body is
// read and has returned once that is closed.
func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	body, w := io.Pipe()
	a := &answer{header: http.Header{}, body: w, begun: make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.body.CloseWithError(a.serve(p.h, r))
		a.WriteHeader(http.StatusOK) // of a handler that wrote nothing
	}()
	<-a.begun
	return &http.Response{
		Status: fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: a.sent, ContentLength: -1, Request: r,
		Body: &joined{body, done},
	}, nil
}

// answer is the response as the handler sees it.
type answer struct {
	header, sent http.Header
	body         *io.PipeWriter
	once         sync.Once
	status       int
	begun        chan struct{}
}

// errAborted is what a reader gets of an answer that its handler gave up.
var errAborted = errors.New("the answer broke off")

func (a *answer) serve(h http.Handler, r *http.Request) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = errAborted
			if v != http.ErrAbortHandler {
				err = fmt.Errorf("handler of %s %s panicked: %v", r.Method, r.URL.Path, v)
			}
		}
	}()
	h.ServeHTTP(a, r)
	return nil
}

// Header returns the headers that WriteHeader will send.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader begins the answer; later calls do nothing.
func (a *answer) WriteHeader(status int) {
	a.once.Do(func() {
		a.status, a.sent = status, a.header.Clone()
		close(a.begun)
	})
}

// Write hands bytes to the reader.
func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// Flush does nothing: every byte is with the reader at once.
func (a *answer) Flush() {}

// joined is a body whose Close waits for the handler.
type joined struct {
	*io.PipeReader
	done chan struct{}
}

// Close ends the handler's writing and returns once it has returned.
func (j *joined) Close() error {
	err := j.PipeReader.Close()
	<-j.done
	return err
}
