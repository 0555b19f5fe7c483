package bigquery

import (
	"crypto/rand"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// media is what was uploaded for a load, in a file of the spool.
type media struct {
	path string
	size int64
}

// remove deletes the file; a nil media has none.
func (m *media) remove() {
	if m != nil {
		_ = os.Remove(m.path) // Close removes what stays
	}
}

// newMedia makes an empty file in the spool.
func (s *Server) newMedia() (*media, *os.File, error) {
	f, err := os.CreateTemp(filepath.Join(s.dir, spoolName), "upload-")
	if err != nil {
		return nil, nil, err
	}
	return &media{path: f.Name()}, f, nil
}

// spool keeps all of r.
func (s *Server) spool(r io.Reader) (*media, error) {
	m, f, err := s.newMedia()
	if err != nil {
		return nil, err
	}
	if m.size, err = io.Copy(f, r); err != nil {
		_ = f.Close() // the first error tells more
		m.remove()
		return nil, problem(ReasonInvalid, "The upload broke off: %v", err)
	}
	return m, f.Close()
}

// upload is a resumable upload under way.
type upload struct {
	mu       sync.Mutex
	resource []byte
	media    *media
	file     *os.File
	answer   *jobResource // once the job is made
}

// abandon closes the file of an upload that has not ended.
func (u *upload) abandon() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.file != nil {
		_ = u.file.Close() // nobody will read it
		u.file = nil
	}
}

func (s *Server) serveUpload(w http.ResponseWriter, c *call) error {
	kind := c.URL.Query().Get("uploadType")
	if kind == "" && c.Header.Get("X-Goog-Upload-Protocol") != "" {
		return problem(ReasonNotImplemented, "X-Goog-Upload-Protocol is not supported by the sandbox; uploadType=resumable is.")
	}
	switch {
	case c.URL.Query().Get("upload_id") != "":
		return s.serveChunk(w, c)
	case kind == "multipart":
		return s.serveMultipart(w, c)
	case kind == "resumable":
		return s.beginUpload(w, c)
	}
	return problem(ReasonInvalid, "Invalid uploadType %q; multipart and resumable are valid.", kind)
}

// serveMultipart takes the job and its data in one multipart/related body.
func (s *Server) serveMultipart(w http.ResponseWriter, c *call) error {
	_, params, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return problem(ReasonInvalid, "A multipart upload needs the Content-Type multipart/related with a boundary.")
	}
	parts := multipart.NewReader(c.Body, params["boundary"])
	first, err := parts.NextRawPart()
	if err != nil {
		return problem(ReasonInvalid, "The multipart body has no part with the job: %v", err)
	}
	resource, err := io.ReadAll(io.LimitReader(first, 64<<20))
	if err != nil {
		return problem(ReasonInvalid, "The part with the job broke off: %v", err)
	}
	second, err := parts.NextRawPart()
	if err != nil {
		return problem(ReasonInvalid, "The multipart body has no part with the data: %v", err)
	}
	m, err := s.spool(second)
	if err != nil {
		return err
	}
	if _, err := parts.NextRawPart(); err != io.EOF {
		m.remove()
		return problem(ReasonInvalid, "The multipart body does not end after the data.")
	}
	j, err := s.insertJob(c, resource, m)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, j)
	return nil
}

// beginUpload answers where the chunks go.
func (s *Server) beginUpload(w http.ResponseWriter, c *call) error {
	resource, err := io.ReadAll(io.LimitReader(c.Body, 64<<20))
	if err != nil {
		return problem(ReasonInvalid, "The request cannot be read: %v", err)
	}
	m, f, err := s.newMedia()
	if err != nil {
		return err
	}
	id := rand.Text()
	s.mu.Lock()
	s.uploads[id] = &upload{resource: resource, media: m, file: f}
	s.mu.Unlock()
	w.Header().Set("Location", "http://"+c.Host+c.URL.EscapedPath()+"?uploadType=resumable&upload_id="+id)
	w.Header().Set("X-GUploader-UploadID", id)
	w.WriteHeader(http.StatusOK)
	return nil
}

// serveChunk takes a chunk, or tells how much has come.
func (s *Server) serveChunk(w http.ResponseWriter, c *call) error {
	s.mu.Lock()
	u := s.uploads[c.URL.Query().Get("upload_id")]
	s.mu.Unlock()
	if u == nil {
		return problem(ReasonNotFound, "Not found: Upload %s", c.URL.Query().Get("upload_id"))
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.answer != nil {
		answer(w, http.StatusOK, u.answer)
		return nil
	}
	from, total, query, err := contentRange(c)
	if err != nil {
		return err
	}
	if !query {
		if from > u.media.size {
			return problem(ReasonInvalid, "The chunk begins at byte %d, but only %d have come.", from, u.media.size).at("Content-Range")
		}
		if _, err := u.file.Seek(from, io.SeekStart); err != nil {
			return err
		}
		n, err := io.Copy(u.file, c.Body)
		u.media.size = max(u.media.size, from+n)
		if err != nil {
			return problem(ReasonInvalid, "The chunk broke off: %v", err)
		}
	}
	if total < 0 || u.media.size < total {
		unfinished(w, c, u.media.size)
		return nil
	}
	if u.media.size > total {
		return problem(ReasonInvalid, "%d bytes have come, but the upload has %d.", u.media.size, total)
	}
	if u.file != nil {
		if err := u.file.Close(); err != nil {
			return err
		}
		u.file = nil
	}
	s.mu.Lock()
	delete(s.uploads, c.URL.Query().Get("upload_id"))
	s.mu.Unlock()
	j, err := s.insertJob(c, u.resource, u.media)
	if err != nil {
		return err
	}
	// A client whose connection broke asks again.
	u.answer = j
	s.mu.Lock()
	s.uploads[c.URL.Query().Get("upload_id")] = u
	s.mu.Unlock()
	answer(w, http.StatusOK, j)
	return nil
}

// contentRange reads "bytes 0-99/1000", with * for the total that is not known
// and for the range of a request that only asks. No header is a whole upload.
func contentRange(c *call) (from, total int64, query bool, err error) {
	h := c.Header.Get("Content-Range")
	if h == "" {
		if c.ContentLength < 0 {
			return 0, 0, false, problem(ReasonRequired, "A chunk needs a Content-Range.").at("Content-Range")
		}
		return 0, c.ContentLength, false, nil
	}
	bad := problem(ReasonInvalid, "Invalid Content-Range %q.", h).at("Content-Range")
	span, all, ok := strings.Cut(strings.TrimPrefix(h, "bytes "), "/")
	if !ok || !strings.HasPrefix(h, "bytes ") {
		return 0, 0, false, bad
	}
	total = -1
	if all != "*" {
		if total, err = strconv.ParseInt(all, 10, 64); err != nil || total < 0 {
			return 0, 0, false, bad
		}
	}
	if span == "*" {
		return 0, total, true, nil
	}
	if _, err := fmt.Sscanf(span, "%d-", &from); err != nil || from < 0 {
		return 0, 0, false, bad
	}
	return from, total, false, nil
}

// unfinished answers 308, or 200 that says 308 to the clients that ask so,
// because they would follow a real one.
func unfinished(w http.ResponseWriter, c *call, size int64) {
	if size > 0 {
		w.Header().Set("Range", fmt.Sprintf("bytes=0-%d", size-1))
	}
	if c.Header.Get("X-GUploader-No-308") == "yes" {
		w.Header().Set("X-Http-Status-Code-Override", "308")
		w.WriteHeader(http.StatusOK)
		return
	}
	w.WriteHeader(http.StatusPermanentRedirect)
}
