package sandboxtest

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"slices"
	"testing"

	"github.com/weirflow/weir/sandbox"
)

// TestFrontCarriesGoogleAlone dials what is Google's and what only looks so.
func TestFrontCarriesGoogleAlone(t *testing.T) {
	s, err := sandbox.Open(t.Context(), sandbox.Config{Users: 1, Meetings: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(context.Background()) })
	f := Front(t, s.Addr())
	client := &http.Client{Transport: &http.Transport{DialContext: f.Dial, TLSClientConfig: &tls.Config{RootCAs: f.Roots}, ForceAttemptHTTP2: true}}
	t.Cleanup(client.CloseIdleConnections)
	for _, address := range []string{"https://analyticsdata.googleapis.com/v1beta/properties/412345678/metadata",
		"http://169.254.169.254/computeMetadata/v1/project/project-id"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
		if res.ProtoMajor != 1 {
			t.Errorf("%s came by %s", address, res.Proto)
		}
	}
	strange := []string{"evil.example:443", "firestore.googleapis.com.evil.example:443", "googleapis.com:443", "firestore.googleapis.com:80",
		"a.b.googleapis.com:443", "127.0.0.1:443", "metadata.google.internal:443"}
	for _, address := range strange {
		conn, err := f.Dial(t.Context(), "tcp", address)
		if err == nil {
			conn.Close()
			t.Errorf("%s was dialled", address)
		}
	}
	slices.Sort(strange)
	if got := f.Strange(); !slices.Equal(got, strange) {
		t.Errorf("strange hosts %q, want %q", got, strange)
	}
	if got := f.Dialled(); !slices.Equal(got, []string{"169.254.169.254:80", "analyticsdata.googleapis.com:443"}) {
		t.Errorf("dialled %q", got)
	}
}

// TestFrontSpeaksForGRPC offers HTTP/2 alone, as a gRPC client does.
func TestFrontSpeaksForGRPC(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	f := Front(t, l.Addr().String())
	raw, err := f.Dial(t.Context(), "tcp", "firestore.googleapis.com:443")
	if err != nil {
		t.Fatal(err)
	}
	conn := tls.Client(raw, &tls.Config{RootCAs: f.Roots, ServerName: "firestore.googleapis.com", NextProtos: []string{"h2"}})
	if err := conn.HandshakeContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := conn.ConnectionState().NegotiatedProtocol; got != "h2" {
		t.Errorf("protocol %q", got)
	}
	conn.Close()
}
