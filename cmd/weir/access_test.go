package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/server"
)

// TestVerbsOverTCP calls a server by --server with a token, and opens the link
// that it prints.
func TestVerbsOverTCP(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	token := strings.TrimSpace(must(t, "token", "create", "ci", "--data", data)) // before any server
	srv := launch(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	at := "http://" + srv.addr
	if got := mustJSON[runList](t, "run", "ls", "--server", at, "--token", token); len(got.Runs) != 0 {
		t.Errorf("runs %+v", got)
	}
	t.Setenv("WEIR_TOKEN", token)
	if got := mustJSON[server.TokenList](t, "token", "ls", "--server", at); len(got.Tokens) != 1 || got.Tokens[0].Name != "ci" {
		t.Errorf("tokens %+v", got)
	}
	t.Setenv("WEIR_TOKEN", "")
	if r := weir(t, "run", "ls", "--server", at, "--token", "weir_wrong"); r.code != exitFailed || r.errorCode() != "token_refused" {
		t.Errorf("a wrong token: exit %d, %s", r.code, r.err)
	}
	link := strings.TrimSpace(must(t, "url", "--data", data))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	if err != nil || !strings.HasPrefix(link, at+"/?token=") {
		t.Fatalf("link %q, %v", link, err)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusSeeOther || len(resp.Cookies()) != 1 {
		t.Errorf("the link answers %d with %v", resp.StatusCode, resp.Cookies())
	}
	must(t, "token", "rm", "ci", "--data", data)
	if r := weir(t, "run", "ls", "--server", at, "--token", token); r.errorCode() != "token_refused" {
		t.Errorf("a removed token: exit %d, %s", r.code, r.err)
	}
	if r := srv.stop(); !strings.Contains(r.out, at+"/?token=") {
		t.Errorf("serve printed no link: %s", r.out)
	}
	if r := weir(t, "url", "--data", data); r.code != exitFailed || r.errorCode() != "server_listens_nowhere" {
		t.Errorf("url without a server: exit %d, %s", r.code, r.err)
	}
}

func TestServeRefusesAnUnsafeAddress(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	if r := weir(t, "serve", "--data", data, "--listen", "0.0.0.0:0"); r.code != exitInvalid || r.errorCode() != "listen_needs_tls" || !strings.Contains(r.err, "--tls-cert") {
		t.Errorf("without anything: exit %d, %s", r.code, r.err)
	}
	if r := weir(t, "serve", "--data", data, "--listen", "0.0.0.0:0", "--behind-proxy"); r.code != exitInvalid || r.errorCode() != "listen_needs_password" || !strings.Contains(r.err, "weir password set --data "+data) {
		t.Errorf("without a password: exit %d, %s", r.code, r.err)
	}
	if r := weirIn(t, "correct horse battery\n", "password", "set", "--data", data); r.code != 0 {
		t.Fatalf("password set: exit %d, %s", r.code, r.err)
	}
	if r := weirIn(t, "short\n", "password", "set", "--data", data); r.code != exitInvalid || r.errorCode() != "password_short" {
		t.Errorf("a short password: exit %d, %s", r.code, r.err)
	}
	srv := launch(t, "serve", "--json", "--data", data, "--listen", "127.0.0.1:0", "--behind-proxy", "--public-host", "weir.example")
	if r := weir(t, "password", "rm", "--data", data); r.code != exitFailed || r.errorCode() != "password_needed" {
		t.Errorf("rm beside an open server: exit %d, %s", r.code, r.err)
	}
	if link := must(t, "url", "--data", data); !strings.HasPrefix(link, "https://weir.example/?token=") {
		t.Errorf("link %q", link)
	}
	srv.stop()
}
