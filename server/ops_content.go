package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/store"
)

func (s *Server) queuedContent(ctx context.Context, in *QueueRef, w http.ResponseWriter, r *http.Request) error {
	_, q, err := s.queued(in)
	if err != nil {
		return err
	}
	return s.serveContent(ctx, q.FlowFile, w, r)
}

func (s *Server) parkedContent(ctx context.Context, in *ParkedRef, w http.ResponseWriter, r *http.Request) error {
	_, p, err := s.one(in)
	if err != nil {
		return err
	}
	return s.serveContent(ctx, p.FlowFile, w, r)
}

// serveContent answers with the bytes of a FlowFile, or the range asked for. They
// may be anything, so a browser is told to keep them as a file and to take them
// for nothing.
func (s *Server) serveContent(ctx context.Context, f *flowfile.FlowFile, w http.ResponseWriter, r *http.Request) error {
	c := &contentBytes{ctx: ctx, store: s.store, claim: f.Content}
	defer c.Close()
	// Content that cannot be read at all is told before the answer begins.
	if _, err := c.Read(make([]byte, 1)); err != nil && err != io.EOF {
		return err
	}
	if _, err := c.Seek(0, io.SeekStart); err != nil {
		return err
	}
	r = asFile(w, r, fileName(f), s.contentTag(f))
	http.ServeContent(w, r, "", time.Time{}, c)
	return c.err
}

// asFile makes the headers of bytes that a browser keeps under a name, and returns
// the request with one range at most.
func asFile(w http.ResponseWriter, r *http.Request, name, tag string) *http.Request {
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("ETag", tag)
	if strings.Contains(r.Header.Get("Range"), ",") {
		// Several ranges would be read beside the handler, and after its end. A
		// server may send the whole instead.
		r = r.Clone(r.Context())
		r.Header.Del("Range")
	}
	return r
}

// contentTag names the bytes: of a FlowFile in a loop they may become others.
func (s *Server) contentTag(f *flowfile.FlowFile) string {
	c := f.Content
	sum := sha256.Sum256([]byte(c.Inline))
	return fmt.Sprintf(`"%s-%s-%d-%d-%d-%x"`, s.store.ID(), f.ID, c.Segment, c.Offset, c.Size, sum[:8])
}

// fileName is what a downloaded content is called.
func fileName(f *flowfile.FlowFile) string {
	if name := plainName(f.Attr("filename")); name != "" {
		return name
	}
	ext := ".bin"
	switch mediaType(f) {
	case flowfile.NDJSON:
		ext = ".ndjson"
	case "application/json":
		ext = ".json"
	case "text/csv":
		ext = ".csv"
	case "text/plain":
		ext = ".txt"
	}
	return "flowfile-" + f.ID.String() + ext
}

// plainName is the last part of a path without what a file system, or a person,
// may take for something else; it may be empty.
func plainName(of string) string {
	name := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || strings.ContainsRune(`/\:*?"<>|`, r) {
			return -1
		}
		return r
	}, path.Base(of))
	name, _ = shorten(strings.TrimLeft(name, ". "), 120)
	return name
}

// mediaType is a FlowFile's, without parameters.
func mediaType(f *flowfile.FlowFile) string {
	t, _, _ := strings.Cut(f.Attr(flowfile.MimeAttr), ";")
	return strings.ToLower(strings.TrimSpace(t))
}

// contentBytes are the bytes of a claim for http.ServeContent: it opens them
// where they are read and notes what goes wrong.
type contentBytes struct {
	ctx   context.Context
	store *store.Store
	claim flowfile.Claim
	at    int64
	open  io.ReadCloser
	err   error
}

// Read returns the bytes at the place of the last Seek.
func (c *contentBytes) Read(p []byte) (int, error) {
	if c.at >= c.claim.Size {
		return 0, io.EOF
	}
	if c.open == nil {
		if c.open, c.err = c.store.OpenContent(c.ctx, c.claim, c.at); c.err != nil {
			return 0, c.err
		}
	}
	n, err := c.open.Read(p)
	c.at += int64(n)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

var errSeek = errors.New("the place is outside the content")

// Seek sets where the next Read begins.
func (c *contentBytes) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += c.at
	case io.SeekEnd:
		offset += c.claim.Size
	}
	if offset < 0 {
		return 0, errSeek
	}
	if offset != c.at {
		c.at = offset
		return offset, c.Close()
	}
	return offset, nil
}

// Close gives back what is open; Read opens it again.
func (c *contentBytes) Close() error {
	if c.open == nil {
		return nil
	}
	err := c.open.Close()
	c.open = nil
	return err
}
