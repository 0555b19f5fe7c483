package server

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/weirflow/weir/fault"
)

// TestHTTPSStays has browsers come back by https where this server speaks it, and
// only there.
func TestHTTPSStays(t *testing.T) {
	cert, key, roots := pair(t, "weir.example")
	s := open(t, Config{Data: t.TempDir(), Listen: "127.0.0.1:0", TLSCert: cert, TLSKey: key})
	b := browse(t, s)
	b.http.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	for _, path := range []string{"/healthz", "/", "/api/v1/session", "/metrics"} {
		if resp, _ := b.ask("GET", path, ""); !strings.HasPrefix(resp.Header.Get("Strict-Transport-Security"), "max-age=") {
			t.Errorf("%s: %s, Strict-Transport-Security %q", path, resp.Status, resp.Header.Get("Strict-Transport-Security"))
		}
	}
	plain := browse(t, open(t, Config{Data: t.TempDir(), Listen: "127.0.0.1:0"}))
	if resp, _ := plain.ask("GET", "/healthz", ""); resp.Header.Get("Strict-Transport-Security") != "" {
		t.Error("plain http says that https stays")
	}
}

// TestConnectionsAreBounded opens one connection more than the listener bears: it
// is served once another ends, and not before.
func TestConnectionsAreBounded(t *testing.T) {
	s := open(t, Config{Data: t.TempDir(), Listen: "127.0.0.1:0", connsMost: 2})
	dial := func() (net.Conn, *bufio.Reader) {
		c, err := net.Dial("tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if _, err := io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: "+s.Addr()+"\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		return c, bufio.NewReader(c)
	}
	served := func(c net.Conn, r *bufio.Reader, within time.Duration) bool {
		_ = c.SetReadDeadline(time.Now().Add(within))
		line, err := r.ReadString('\n')
		return err == nil && strings.HasPrefix(line, "HTTP/1.1 200")
	}
	first, fr := dial()
	second, sr := dial()
	if !served(first, fr, 10*time.Second) || !served(second, sr, 10*time.Second) {
		t.Fatal("two connections are not served")
	}
	third, tr := dial()
	if served(third, tr, 200*time.Millisecond) {
		t.Fatal("a third connection is served beside two")
	}
	first.Close()
	if !served(third, tr, 10*time.Second) {
		t.Error("the third connection is not served after the first has ended")
	}
}

// TestSlowHeadIsCutOff begins a request and does not end its head.
func TestSlowHeadIsCutOff(t *testing.T) {
	s := open(t, Config{Data: t.TempDir(), Listen: "127.0.0.1:0", headerWithin: 50 * time.Millisecond})
	c, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: "); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.Copy(io.Discard, c); err != nil {
		t.Errorf("the connection is not cut off: %v", err)
	}
	for _, h := range s.http {
		if h.IdleTimeout <= 0 || h.ReadHeaderTimeout <= 0 || h.MaxHeaderBytes <= 0 {
			t.Errorf("a server waits without end: %+v", h)
		}
	}
}

// TestLivePagesAreBounded opens as many live sockets as one session may have. One
// more is refused with what to do; another session has its own.
func TestLivePagesAreBounded(t *testing.T) {
	s := open(t, Config{Data: t.TempDir(), Listen: "127.0.0.1:0"})
	dial := func(b *browser) (*websocket.Conn, *http.Response, error) {
		u, err := url.Parse(s.URL())
		if err != nil {
			t.Fatal(err)
		}
		c, resp, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+u.Host+"/api/v1/live",
			http.Header{"Origin": {s.URL()}, "Cookie": {b.cookie.Name + "=" + b.cookie.Value}})
		if err == nil {
			t.Cleanup(func() { c.Close() })
		}
		return c, resp, err
	}
	one, other := browse(t, s), browse(t, s)
	one.signIn(s)
	other.signIn(s)
	for range livePagesMost {
		if _, _, err := dial(one); err != nil {
			t.Fatal(err)
		}
	}
	_, resp, err := dial(one)
	if err == nil {
		t.Fatal("one page more is let in")
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusTooManyRequests || !strings.Contains(string(text), "live_pages_many") || resp.Header.Get("Retry-After") == "" {
		t.Errorf("refused as %s, Retry-After %q: %s", resp.Status, resp.Header.Get("Retry-After"), text)
	}
	if _, _, err := dial(other); err != nil {
		t.Errorf("another session: %v", err)
	}
	var counts livePages
	for range livePagesMost {
		if _, err := counts.enter("a"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := counts.enter("a"); fault.CodeOf(err) != "live_pages_many" {
		t.Errorf("one more: %v", err)
	}
	leave, err := counts.enter("b")
	if err != nil {
		t.Fatal(err)
	}
	leave()
	if _, there := counts.open["b"]; there {
		t.Error("what has left is still counted")
	}
}
