package server

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"

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

// listen opens the TCP address. It serves /healthz and a word for browsers.
func (s *Server) listen() error {
	l, err := net.Listen("tcp", s.cfg.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fault.New("port_in_use", "address", s.cfg.Listen).Permanent()
	}
	if err != nil {
		return fault.New("listen_address", "address", s.cfg.Listen).Because(err).Permanent()
	}
	s.addr = l.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if s.store.Err() != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"ok":false}` + "\n"))
			return
		}
		_, _ = w.Write([]byte(`{"ok":true}` + "\n"))
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(noCanvas))
	})
	s.serve(l, guard(s.addr, mux))
	return nil
}

const noCanvas = `Weir is running. This build has no canvas; use the command line: weir --help
Weir가 실행 중입니다. 이 빌드에는 캔버스가 없습니다. 명령줄을 사용하세요: weir --help
`

// guard answers only requests that name this machine, so that a page elsewhere
// cannot reach the server through a browser by a name that it made up.
func guard(addr string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !local(r.Host, addr) || (r.Header.Get("Origin") != "" && !localOrigin(r.Header.Get("Origin"), addr)) {
			http.Error(w, "this host or origin is not served", http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func local(host, addr string) bool {
	if host == addr {
		return true
	}
	h, _, err := net.SplitHostPort(host)
	if err != nil {
		h = host
	}
	if h == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(h, "[]"))
	return err == nil && ip.IsLoopback()
}

func localOrigin(origin, addr string) bool {
	rest, ok := strings.CutPrefix(origin, "http://")
	return ok && local(rest, addr)
}
