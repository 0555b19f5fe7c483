package sandbox

import (
	"context"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"google.golang.org/api/iterator"
)

// TestOnePortServesBoth talks gRPC and HTTP/1.1 to one address at once.
func TestOnePortServesBoth(t *testing.T) {
	s := open(t, small)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			c := client(t, s.Addr(), s.Project())
			n := 0
			for it := c.Collection(userCollection).Documents(t.Context()); ; n++ {
				if _, err := it.Next(); err == iterator.Done {
					break
				} else if err != nil {
					t.Error(err)
					return
				}
			}
			if n != small.Users {
				t.Errorf("%d users, want %d", n, small.Users)
			}
		})
		wg.Go(func() {
			for range 50 {
				res, err := http.Get("http://" + s.Addr() + "/nothing")
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(res.Body)
				res.Body.Close()
				if err != nil || res.StatusCode != http.StatusNotFound || !strings.Contains(string(body), `"NOT_FOUND"`) {
					t.Errorf("%s: %s %v", res.Status, body, err)
				}
			}
		})
	}
	wg.Wait()
	if n := s.Stats().Requests["RunQuery"]; n != 4 {
		t.Errorf("%d queries seen, want 4", n)
	}
}

// TestFirstBytesInPieces sends the beginning of a request byte by byte, and a
// beginning that is almost HTTP/2's.
func TestFirstBytesInPieces(t *testing.T) {
	s := open(t, empty)
	for _, verb := range []string{"GET", "PRI"} {
		c, err := net.Dial("tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for _, b := range []byte(verb + " * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") {
			if _, err := c.Write([]byte{b}); err != nil {
				t.Fatal(err)
			}
		}
		answer, err := io.ReadAll(c)
		if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 4") {
			t.Errorf("%s: %q, %v", verb, answer, err)
		}
	}
}

// TestCloseDoesNotWaitForSilence closes a sandbox to which somebody connected
// who says nothing, and one who hangs in a call.
func TestCloseDoesNotWaitForSilence(t *testing.T) {
	s, err := Open(t.Context(), Config{Users: -1, Meetings: -1, Faults: []Fault{{Kind: Hang, API: BigQuery}}})
	if err != nil {
		t.Fatal(err)
	}
	silent, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	hung, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer hung.Close()
	if _, err := io.WriteString(hung, "GET /bigquery/v2/projects HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	for s.Stats().Calls[BigQuery] == 0 {
		if t.Context().Err() != nil {
			t.Fatal("the call never came")
		}
		runtime.Gosched()
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Close(ctx); err != nil {
		t.Fatal(err)
	}
	for _, c := range []net.Conn{silent, hung} {
		if b, err := io.ReadAll(c); len(b) > 0 {
			t.Errorf("%q, %v", b, err)
		}
	}
}
