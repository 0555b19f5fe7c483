package server

import (
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/ui"
	"github.com/weirflow/weir/web"
)

// pagePolicy is what a page of ours may load: its own files, and nothing inline.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; " +
	"font-src 'self'; worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

// page serves the canvas. A one-time token in the URL signs the browser in, once.
func (g *gate) page(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	h.Set("Content-Security-Policy", pagePolicy)
	if r.URL.Path == "/" && r.Method == http.MethodGet && r.URL.Query().Has("token") {
		if err := g.redeem(w, r); err != nil {
			web.WriteProblem(w, r, err)
		}
		return
	}
	g.static.ServeHTTP(w, r)
}

// redeem begins a session for a one-time token, and in any case takes the token
// out of the address: a page tells how to get another.
func (g *gate) redeem(w http.ResponseWriter, r *http.Request) error {
	secret, err := g.s.access.Redeem(r.URL.Query().Get("token"))
	if err != nil {
		return err
	}
	to := "/"
	if secret != "" {
		line := AuditLine{Who: "link", Way: "link", From: g.address(r), Action: "session.create"}
		if _, err := g.s.audit.append(line); err != nil {
			return errors.Join(err, g.s.access.SignOut(secret))
		}
		if err := g.s.access.SignOut(g.cookie(r)); err != nil {
			return err
		}
		http.SetCookie(w, g.setCookie(secret))
	} else if p := g.s.access.Session(g.cookie(r)); p != nil {
		p.Done()
	} else {
		to = "/?link=used"
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// pages returns the handler of the canvas' files.
func (s *Server) pages() http.Handler {
	files, built := ui.FS()
	if !built {
		return http.HandlerFunc(unbuilt)
	}
	return static{files}
}

// static serves built pages. What has a hash in its name never changes; an unknown
// path without a dot is a place in the canvas.
type static struct{ files fs.FS }

// ServeHTTP answers GET and HEAD.
func (s static) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if name == "" || name == "." || strings.HasSuffix(name, ".gz") {
		name = "index.html"
	}
	if st, err := fs.Stat(s.files, name); err != nil || st.IsDir() {
		if strings.Contains(path.Base(name), ".") {
			http.NotFound(w, r)
			return
		}
		name = "index.html"
	}
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	kind := mime.TypeByExtension(path.Ext(name))
	if own, ok := kinds[path.Ext(name)]; ok {
		kind = own // the machine's own table may say anything
	}
	if kind == "" {
		kind = "application/octet-stream"
	}
	h.Set("Content-Type", kind)
	h.Add("Vary", "Accept-Encoding")
	stored := name
	if _, err := fs.Stat(s.files, name+".gz"); err == nil && zips(r) {
		stored = name + ".gz"
		h.Set("Content-Encoding", "gzip")
	}
	f, err := s.files.Open(stored)
	if err != nil {
		web.WriteProblem(w, r, err)
		return
	}
	defer f.Close()
	if body, ok := f.(io.ReadSeeker); ok && stored == name {
		http.ServeContent(w, r, name, time.Time{}, body)
		return
	}
	if st, err := f.Stat(); err == nil {
		h.Set("Content-Length", strconv.FormatInt(st.Size(), 10))
	}
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, f) // a client that left needs no answer
	}
}

// kinds are the media types of what a build holds.
var kinds = map[string]string{".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".json": "application/json", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".png": "image/png", ".ico": "image/x-icon",
	".webmanifest": "application/manifest+json", ".txt": "text/plain; charset=utf-8"}

// unbuilt is the page of a build without the canvas.
func unbuilt(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	say := fault.New("ui_absent")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, fault.Text(say, fault.English)+"\n"+fault.Text(say, fault.Korean)+"\n")
}
