package server

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/access"
	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/web"
)

// gate stands between the TCP listener and all that it serves: it checks Host and
// Origin, finds out who calls, and lets through what the caller may have.
type gate struct {
	s *Server
	// exposed is set when others than this machine can reach the listener, secure
	// when browsers reach it by https, proxied when a proxy stands before it.
	exposed, secure, proxied bool
	// named reports whether the certificate bears a name.
	named  func(host string) bool
	api    http.Handler
	public map[string]bool
	static http.Handler
	docs   http.Handler
	pages  livePages
}

// staysSecure has browsers come back by https alone, for a year.
const staysSecure = "max-age=31536000"

// guestBody bounds the body of a request of somebody who has not signed in.
const guestBody = 8 << 10

// ServeHTTP checks a request and hands it on.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox")
	if r.TLS != nil {
		h.Set("Strict-Transport-Security", staysSecure)
	}
	if !g.hostServed(r) {
		web.WriteProblem(w, r, fault.New("host_refused", "host", r.Host).Permanent())
		return
	}
	if !g.originServed(r) {
		web.WriteProblem(w, r, fault.New("origin_refused", "origin", r.Header.Get("Origin"), "host", r.Host).Permanent())
		return
	}
	if r.ContentLength != 0 {
		r.Body = timed(w, r.Body)
	}
	switch {
	case r.URL.Path == "/healthz" || r.URL.Path == "/readyz":
		g.s.health(w, r)
	case r.URL.Path == "/metrics" || r.URL.Path == "/api" || strings.HasPrefix(r.URL.Path, "/api/"):
		g.identified(w, r)
	default:
		g.page(w, r)
	}
}

// identified serves who has signed in, and others what is public.
func (g *gate) identified(w http.ResponseWriter, r *http.Request) {
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		web.WriteProblem(w, r, fault.New("origin_refused", "origin", site, "host", r.Host).Permanent())
		return
	}
	pass, byCookie, err := g.pass(r)
	if err != nil {
		web.WriteProblem(w, r, err)
		return
	}
	bearer := pass != nil && !byCookie
	if changes(r) && !bearer && r.Header.Get("Origin") == "" {
		web.WriteProblem(w, r, fault.New("origin_refused", "origin", "", "host", r.Host).Permanent())
		return
	}
	v := &visit{gate: g, address: g.address(r), cookie: g.cookie(r)}
	ctx := context.WithValue(r.Context(), visitKey{}, v)
	if pass == nil {
		free := g.public[r.Method+" "+r.URL.Path] || r.URL.Path == "/metrics" && !g.exposed
		if !free {
			w.Header().Set("WWW-Authenticate", `Bearer realm="weir"`)
			web.WriteProblem(w, r, fault.New("sign_in_needed").Permanent())
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, guestBody)
		ctx = web.WithActor(ctx, web.Caller{User: "guest", Way: "", Address: v.address})
	} else {
		defer pass.Done()
		v.pass = pass
		// What goes on, such as a websocket, ends with the session.
		within, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(pass.Ends, func() { cancel(fault.New("sign_in_needed").Permanent()) })()
		ctx = web.WithActor(within, web.Caller{User: pass.User, Way: pass.Way, Address: v.address})
	}
	r = r.WithContext(ctx)
	switch {
	case r.URL.Path == "/metrics":
		g.s.serveMetrics(w, r)
	case r.URL.Path == "/api/docs" || strings.HasPrefix(r.URL.Path, "/api/docs/"):
		g.docs.ServeHTTP(w, r)
	case r.URL.Path == "/api/v1/live" && pass != nil:
		leave, err := g.pages.enter(cmp.Or(r.Header.Get("Authorization"), v.cookie))
		if err != nil {
			web.WriteProblem(w, r, err)
			return
		}
		defer leave()
		g.api.ServeHTTP(w, r)
	default:
		g.api.ServeHTTP(w, r)
	}
}

// pass returns what the caller was let in with: a bearer token where one is
// given, which then must be right, else a session.
func (g *gate) pass(r *http.Request) (p *access.Pass, byCookie bool, err error) {
	if head := r.Header.Get("Authorization"); head != "" {
		secret, ok := strings.CutPrefix(head, "Bearer ")
		if ok {
			p = g.s.access.Bearer(strings.TrimSpace(secret))
		}
		if p == nil {
			err = fault.New("token_refused").Permanent()
		}
		return p, false, err
	}
	return g.s.access.Session(g.cookie(r)), true, nil
}

// bodyMost is how long a request's body may take to arrive.
const bodyMost = 2 * time.Minute

// timed gives a body the time to arrive and takes the limit away at its end: an
// answer may take any time.
func timed(w http.ResponseWriter, body io.ReadCloser) io.ReadCloser {
	c := http.NewResponseController(w)
	if err := c.SetReadDeadline(time.Now().Add(bodyMost)); err != nil {
		return body // not a connection that has deadlines
	}
	return &timedBody{body, c}
}

type timedBody struct {
	io.ReadCloser
	conn *http.ResponseController
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		err = errors.Join(b.conn.SetReadDeadline(time.Time{}))
		if err == nil {
			err = io.EOF
		}
	}
	return n, err
}

// changes reports whether a request can do more than read: a browser tells the
// origin of such a request, and of a websocket.
func changes(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead || r.Header.Get("Upgrade") != ""
}

// hostServed reports whether the Host is one under which this server is known, so
// that no page can reach it by a name that it made up. What is given as an
// address must be the one that was dialled.
func (g *gate) hostServed(r *http.Request) bool {
	name := hostname(r.Host)
	if slices.ContainsFunc(g.s.cfg.PublicHosts, func(h string) bool { return strings.EqualFold(hostname(h), name) }) {
		return true
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if local == nil {
		return false
	}
	if strings.EqualFold(name, "localhost") {
		return local.IP.IsLoopback()
	}
	if ip, err := netip.ParseAddr(name); err == nil {
		own, _ := netip.AddrFromSlice(local.IP)
		return ip.Unmap() == own.Unmap() || ip.IsLoopback() && local.IP.IsLoopback()
	}
	return g.named != nil && g.named(name)
}

// originServed reports whether the Origin, where one is given, is this server's
// own. A proxy may have changed the Host; then the Origin is a public name.
func (g *gate) originServed(r *http.Request) bool {
	all := r.Header.Values("Origin")
	if len(all) == 0 {
		return true
	}
	u, err := url.Parse(all[0])
	if err != nil || len(all) > 1 || u.Host == "" || u.User != nil || u.Path != "" {
		return false
	}
	switch {
	case g.proxied:
		known := strings.EqualFold(u.Host, r.Host) || slices.ContainsFunc(g.s.cfg.PublicHosts, func(h string) bool { return strings.EqualFold(h, u.Host) })
		return known && (u.Scheme == "https" || u.Scheme == "http" && isLoopback(hostname(u.Host)))
	case g.secure:
		return u.Scheme == "https" && sameHost(u.Host, r.Host, ":443")
	}
	return u.Scheme == "http" && sameHost(u.Host, r.Host, ":80")
}

func sameHost(a, b, port string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, port), strings.TrimSuffix(b, port))
}

// hostname is a host without its port and brackets.
func hostname(host string) string {
	h, _, err := net.SplitHostPort(host)
	if err != nil {
		h = host
	}
	return strings.TrimSuffix(strings.Trim(h, "[]"), ".")
}

func isLoopback(name string) bool {
	ip, err := netip.ParseAddr(name)
	return strings.EqualFold(name, "localhost") || err == nil && ip.IsLoopback()
}

// address is where a request comes from, for the audit and to slow guessing: of a
// version 6 address its network. A proxy tells it in the last place.
func (g *gate) address(r *http.Request) string {
	text := hostname(r.RemoteAddr)
	if all := r.Header.Values("X-Forwarded-For"); g.proxied && len(all) > 0 {
		list := strings.Split(all[len(all)-1], ",")
		text = hostname(strings.TrimSpace(list[len(list)-1]))
	}
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return "unknown"
	}
	if ip = ip.Unmap().WithZone(""); ip.Is6() && !ip.IsLoopback() {
		return netip.PrefixFrom(ip, 64).Masked().String()
	}
	return ip.String()
}

// cookieName is the session's cookie. Browsers share cookies between the ports of
// a host, so it is named by the data directory.
func (g *gate) cookieName() string {
	sum := sha256.Sum256([]byte(g.s.store.ID()))
	name := "weir_session_" + hex.EncodeToString(sum[:4])
	if g.secure {
		name = "__Host-" + name
	}
	return name
}

func (g *gate) cookie(r *http.Request) string {
	c, err := r.Cookie(g.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie is the cookie of a session, or the end of one when secret is empty.
func (g *gate) setCookie(secret string) *http.Cookie {
	c := &http.Cookie{Name: g.cookieName(), Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: g.secure, MaxAge: int(access.Absolute.Seconds())}
	if secret == "" {
		c.MaxAge = -1
	}
	return c
}
