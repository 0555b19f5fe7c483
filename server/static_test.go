package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func TestPagesAreServedAsTheyWereBuilt(t *testing.T) {
	srv := httptest.NewServer(static{fstest.MapFS{
		"index.html":            {Data: []byte("<title>canvas</title>")},
		"assets/app-1a2b.js":    {Data: []byte("plain()")},
		"assets/app-1a2b.js.gz": {Data: []byte("zipped")},
		"assets/icon-3c.svg":    {Data: []byte("<svg/>")},
	}})
	defer srv.Close()
	for _, c := range []struct {
		path, accept string
		status       int
		says, kind   string
		cache, coded string
	}{
		{"/", "", 200, "canvas", "text/html", "no-cache", ""},
		{"/flows/daily", "", 200, "canvas", "text/html", "no-cache", ""},
		{"/assets/app-1a2b.js", "br", 200, "plain()", "text/javascript", "immutable", ""},
		{"/assets/app-1a2b.js", "br, gzip;q=0.8", 200, "zipped", "text/javascript", "immutable", "gzip"},
		{"/assets/app-1a2b.js", "gzip;q=0", 200, "plain()", "text/javascript", "immutable", ""},
		{"/assets/icon-3c.svg", "gzip", 200, "<svg/>", "image/svg+xml", "immutable", ""},
		{"/assets/gone.js", "", 404, "", "", "", ""},
		{"/../../etc/passwd.txt", "", 404, "", "", "", ""},
		{"/assets", "", 200, "canvas", "text/html", "no-cache", ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", c.accept) // set by hand, so the client unpacks nothing
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body := make([]byte, 100)
		n, _ := resp.Body.Read(body)
		resp.Body.Close()
		h := resp.Header
		if resp.StatusCode != c.status || !strings.Contains(string(body[:n]), c.says) || !strings.HasPrefix(h.Get("Content-Type"), c.kind) ||
			!strings.Contains(h.Get("Cache-Control"), c.cache) || h.Get("Content-Encoding") != c.coded {
			t.Errorf("%s for %q: %d %q %v", c.path, c.accept, resp.StatusCode, body[:n], h)
		}
	}
}
