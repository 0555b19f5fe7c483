// Package sandboxtest carries Google's hosts to a sandbox in tests.
//
// Code under test talks to https://firestore.googleapis.com and the like as it
// does in earnest, with tokens and certificates, and arrives at a sandbox: see
// Google. It is for tests alone; nothing that a person can set leads here.
package sandboxtest

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirflow/weir/sandbox"
)

// Dial makes a connection to a host and port, as the field Dial of
// processors.Env does.
type Dial = func(ctx context.Context, network, address string) (net.Conn, error)

// Google returns what carries the hosts of googleapis.com, and the metadata
// server of a machine at Google, to a sandbox, and the authorities that
// certificates are to be checked with. A connection to any other host is refused
// and fails the test.
func Google(t testing.TB, s *sandbox.Sandbox) (Dial, *x509.CertPool) {
	t.Helper()
	f := Front(t, s.Addr())
	t.Cleanup(func() {
		if strange := f.Strange(); len(strange) > 0 {
			t.Errorf("connections were asked for hosts that are not Google's: %q", strange)
		}
	})
	return f.Dial, f.Roots
}

// GoogleFront stands between a client and a sandbox.
type GoogleFront struct {
	// Roots has the authority of the front's certificate.
	Roots *x509.CertPool

	to     string
	config *tls.Config
	tasks  sync.WaitGroup

	mu      sync.Mutex
	dialled []string
	strange []string
	open    map[net.Conn]struct{}
	closed  bool
}

// Front returns a front before the sandbox at an address; it is closed with the
// test. Unlike with Google, a strange host is only remembered.
func Front(t testing.TB, address string) *GoogleFront {
	t.Helper()
	der, key, err := certificate()
	if err != nil {
		t.Fatal(err)
	}
	own, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	f := &GoogleFront{to: address, Roots: x509.NewCertPool(), open: map[net.Conn]struct{}{}, config: speaking("http/1.1", der, key)}
	rpc := speaking("h2", der, key)
	f.config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if slices.Contains(hello.SupportedProtos, "h2") && !slices.Contains(hello.SupportedProtos, "http/1.1") {
			return rpc, nil
		}
		return nil, nil // the same
	}
	f.Roots.AddCert(own)
	t.Cleanup(f.close)
	return f
}

// speaking returns the configuration of a front that speaks one protocol. The
// sandbox takes all of HTTP/2 for gRPC, so that a client which could speak
// either is made to speak HTTP/1.1.
func speaking(protocol string, der []byte, key *rsa.PrivateKey) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		NextProtos: []string{protocol}, MinVersion: tls.VersionTLS12}
}

// certificate makes a key and its certificate, once: they prove nothing outside
// a test.
var certificate = onceCertificate()

func onceCertificate() func() ([]byte, *rsa.PrivateKey, error) {
	type made struct {
		der []byte
		key *rsa.PrivateKey
		err error
	}
	get := sync.OnceValue(func() made {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return made{err: err}
		}
		template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sandboxtest"},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
			DNSNames: []string{"*.googleapis.com"}, IsCA: true, BasicConstraintsValid: true}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		return made{der, key, err}
	})
	return func() ([]byte, *rsa.PrivateKey, error) {
		m := get()
		return m.der, m.key, m.err
	}
}

// Dialled returns the addresses that were dialled, each once, sorted.
func (f *GoogleFront) Dialled() []string { return f.list(&f.dialled) }

// Strange returns the addresses that were refused, each once, sorted.
func (f *GoogleFront) Strange() []string { return f.list(&f.strange) }

func (f *GoogleFront) list(of *[]string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := slices.Clone(*of)
	slices.Sort(out)
	return slices.Compact(out)
}

// Dial makes a connection to one of Google's hosts.
func (f *GoogleFront) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", address, err)
	}
	machine := port == "80" && (host == "169.254.169.254" || host == "metadata.google.internal")
	google := port == "443" && strings.HasSuffix(host, ".googleapis.com") && strings.Count(host, ".") == 2
	f.mu.Lock()
	if machine || google {
		f.dialled = append(f.dialled, address)
	} else {
		f.strange = append(f.strange, address)
	}
	f.mu.Unlock()
	if !machine && !google {
		return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("%s is not Google's", address)}
	}
	back, err := new(net.Dialer).DialContext(ctx, "tcp", f.to)
	if err != nil {
		return nil, fmt.Errorf("dial the sandbox: %w", err)
	}
	if machine {
		return back, nil
	}
	client, server := net.Pipe()
	if !f.keep(back, server) {
		return nil, net.ErrClosed
	}
	f.tasks.Go(func() {
		f.carry(tls.Server(server, f.config), back)
		f.drop(back, server)
	})
	return client, nil
}

// carry copies both ways until one side ends.
func (f *GoogleFront) carry(front *tls.Conn, back net.Conn) {
	var both sync.WaitGroup
	both.Go(func() {
		_, _ = io.Copy(back, front) // an end is an end
		_ = back.Close()
	})
	_, _ = io.Copy(front, back)
	_ = front.Close()
	both.Wait()
}

func (f *GoogleFront) keep(conns ...net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range conns {
		if f.closed {
			_ = c.Close() // nothing was sent on it
			continue
		}
		f.open[c] = struct{}{}
	}
	return !f.closed
}

func (f *GoogleFront) drop(conns ...net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range conns {
		delete(f.open, c)
	}
}

// close cuts what is open and waits for its end.
func (f *GoogleFront) close() {
	f.mu.Lock()
	f.closed = true
	for c := range f.open {
		_ = c.Close() // the test is over
	}
	f.mu.Unlock()
	f.tasks.Wait()
}
