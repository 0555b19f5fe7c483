package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/weirflow/weir/fault"
)

// socketMost is the longest path that a unix socket may have on every system.
const socketMost = 100

// control offers the operations on a socket that only the same user can open.
func (s *Server) control() error {
	dir, err := filepath.Abs(s.cfg.Data)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "control.sock")
	if len(path) > socketMost {
		run := os.Getenv("XDG_RUNTIME_DIR")
		if run == "" {
			run = os.TempDir()
		}
		own, err := os.MkdirTemp(run, "weir-") // 0700
		if err != nil {
			return err
		}
		s.socketDir = own
		path = filepath.Join(own, "control.sock")
	}
	// The lock says that no other process serves this directory, so a socket
	// that lies here is a dead one's.
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return err
	}
	s.socket = path
	s.serve(l, s.table.Handler())
	return s.store.SetSocket(path)
}

// listen opens the TCP address, behind the gate. One that others than this
// machine can reach is refused unless it is safe.
func (s *Server) listen() error {
	l, err := net.Listen("tcp", s.cfg.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fault.New("port_in_use", "address", s.cfg.Listen).Permanent()
	}
	if err != nil {
		return fault.New("listen_address", "address", s.cfg.Listen).Because(err).Permanent()
	}
	g := &gate{s: s, proxied: s.cfg.BehindProxy, api: s.table.Handler(), public: map[string]bool{}, static: s.pages(), docs: apiDocs()}
	for _, r := range s.table.Routes() {
		if r.Public {
			g.public[r.Method+" "+r.Path] = true
		}
	}
	beyond := !l.Addr().(*net.TCPAddr).IP.IsLoopback()
	cert, err := s.certificate()
	if err == nil {
		g.exposed = beyond || g.proxied
		g.secure = cert != nil || g.proxied
		err = s.safe(beyond, g)
	}
	if err != nil {
		return errors.Join(err, l.Close())
	}
	s.gate, s.addr = g, l.Addr().String()
	l = s.limited(l)
	if cert != nil {
		g.named = cert.names
		l = tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, GetCertificate: cert.get})
	}
	s.serve(l, g)
	return nil
}

// safe refuses a listener that others can reach without what keeps strangers out.
func (s *Server) safe(beyond bool, g *gate) error {
	if beyond && !g.secure {
		return fault.New("listen_needs_tls", "address", s.cfg.Listen).Permanent()
	}
	if g.exposed && !s.access.HasPassword() {
		return fault.New("listen_needs_password", "address", s.cfg.Listen, "data", s.cfg.Data).Permanent()
	}
	return nil
}

// certificate is the listener's, read again when its file changes, so that one
// that was renewed needs no restart.
type certificate struct {
	certFile, keyFile string

	mu      sync.Mutex
	pair    *tls.Certificate
	written time.Time
	looked  time.Time
}

// certLook is how often the file is looked at.
const certLook = 10 * time.Second

// certificate reads the files of --tls-cert and --tls-key; nil without them.
func (s *Server) certificate() (*certificate, error) {
	if s.cfg.TLSCert == "" && s.cfg.TLSKey == "" {
		return nil, nil
	}
	c := &certificate{certFile: s.cfg.TLSCert, keyFile: s.cfg.TLSKey}
	if _, err := c.get(nil); err != nil {
		return nil, fault.New("tls_files", "cert", c.certFile, "key", c.keyFile).Because(err).Permanent()
	}
	return c, nil
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pair != nil && time.Since(c.looked) < certLook {
		return c.pair, nil
	}
	c.looked = time.Now()
	st, err := os.Stat(c.certFile)
	if err == nil && c.pair != nil && st.ModTime().Equal(c.written) {
		return c.pair, nil
	}
	var pair tls.Certificate
	if err == nil {
		pair, err = tls.LoadX509KeyPair(c.certFile, c.keyFile)
	}
	switch {
	case err == nil:
		c.pair, c.written = &pair, st.ModTime()
	case c.pair == nil:
		return nil, err
	}
	return c.pair, nil // the old one while the files are being replaced
}

// names reports whether the certificate is for a name.
func (c *certificate) names(host string) bool {
	pair, err := c.get(nil)
	if err != nil {
		return false
	}
	leaf := pair.Leaf
	if leaf == nil {
		if leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
			return false
		}
	}
	return leaf.VerifyHostname(host) == nil
}

// health answers whether the server works, and whether it takes requests yet.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if s.store.Err() != nil || r.URL.Path == "/readyz" && s.calls.Err() != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(`{"ok":false}` + "\n"))
		return
	}
	_, _ = w.Write([]byte(`{"ok":true}` + "\n"))
}

// serveMetrics answers from the handler that the program has set, if any.
func (s *Server) serveMetrics(w http.ResponseWriter, r *http.Request) {
	if s.metrics == nil {
		http.NotFound(w, r)
		return
	}
	s.metrics.ServeHTTP(w, r)
}

// URL returns the address that a browser opens, without a slash at the end.
func (s *Server) URL() string {
	if s.gate == nil {
		return ""
	}
	scheme, host := "http", s.addr
	if s.gate.secure {
		scheme = "https"
	}
	_, port, _ := net.SplitHostPort(s.addr)
	switch a := net.ParseIP(hostname(s.addr)); {
	case len(s.cfg.PublicHosts) > 0:
		host = s.cfg.PublicHosts[0]
		if hostname(host) == host && !s.gate.proxied && !slices.Contains([]string{"80", "443"}, port) {
			host = net.JoinHostPort(host, port)
		}
	case a != nil && a.IsUnspecified():
		if name, err := os.Hostname(); err == nil {
			host = net.JoinHostPort(name, port)
		}
	}
	return scheme + "://" + host
}

// Link returns a one-time URL that signs a browser in; empty without a listener.
func (s *Server) Link() string {
	if s.gate == nil {
		return ""
	}
	return s.URL() + "/?token=" + s.access.Link()
}
