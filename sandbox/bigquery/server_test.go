package bigquery

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	"google.golang.org/api/option"
)

// clock is a time in the summer of 2026.
var clock = time.Date(2026, 7, 1, 3, 30, 0, 0, time.UTC)

// world is a server on a socket and Google's own client of it.
type world struct {
	*testing.T
	s      *Server
	url    string
	client *bq.Client
	ctx    context.Context
}

func open(t *testing.T, c Config) *world {
	t.Helper()
	if c.Now == nil {
		c.Now = func() time.Time { return clock }
	}
	ctx := t.Context()
	s, err := New(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	client, err := bq.NewClient(ctx, s.Project(), option.WithEndpoint(h.URL+"/bigquery/v2/"), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	client.Location = "asia-northeast3"
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
		h.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		total := int64(0)
		for _, n := range s.Stats().Requests {
			total += n
		}
		t.Logf("the server saw %d requests: %v", total, s.Stats().Requests)
		if total == 0 {
			t.Error("the server saw no request")
		}
	})
	return &world{t, s, h.URL, client, ctx}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// dataset makes the dataset "calback".
func (w *world) dataset() *bq.Dataset {
	w.Helper()
	d := w.client.Dataset("calback")
	w.must(d.Create(w.ctx, &bq.DatasetMetadata{Location: "asia-northeast3"}))
	return d
}

// rows returns what Rows does as one text per row.
func (w *world) rows(table, partition string) []string {
	w.Helper()
	rows, err := w.s.Rows(w.ctx, "calback", table, partition)
	w.must(err)
	var out []string
	for _, r := range rows[1:] {
		out = append(out, fmt.Sprint(r))
	}
	return out
}

// call makes a request of its own and returns its status and body.
func (w *world) call(method, path, body string, header ...string) (*http.Response, string) {
	w.Helper()
	return send(w, method, w.url+path, body, header...)
}

func newReader(text string) *bufio.Reader { return bufio.NewReader(strings.NewReader(text)) }

func isEnd(err error) bool { return errors.Is(err, io.EOF) }
