package bigquery

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// How long an upload may take. A slow line is no reason to end it as long as
// something moves; a server that takes the rows and never answers is.
const (
	// uploadSilence is how long nothing may move: no byte taken, no answer.
	uploadSilence = 5 * time.Minute
	// uploadLeast and slowestUpload bound the whole, whatever moves: a time for
	// each upload and one for its bytes.
	uploadLeast   = 30 * time.Minute
	slowestUpload = 64 << 10 // bytes a second
)

// uploadTime is how long an upload of so many bytes may take in all.
func uploadTime(size int64) time.Duration {
	return uploadLeast + time.Duration(size/slowestUpload)*time.Second
}

// errSilent ends an upload in which nothing moved, errSlow one that took too
// long in all.
var (
	errSilent = errors.New("nothing moved in the upload")
	errSlow   = errors.New("the upload took too long")
)

// upload watches the requests of one upload.
type upload struct {
	silence time.Duration
	timer   *time.Timer

	mu    sync.Mutex
	moves time.Time
}

type uploadKey struct{}

// watched returns a context for an upload that ends with errSilent or errSlow,
// and the upload, whose end must be called.
func watched(ctx context.Context, silence, whole time.Duration) (context.Context, *upload, context.CancelFunc) {
	u := &upload{silence: silence, moves: time.Now()}
	within, slow := context.WithTimeoutCause(context.WithValue(ctx, uploadKey{}, u), whole, errSlow)
	within, cancel := context.WithCancelCause(within)
	u.timer = time.AfterFunc(silence, func() { cancel(errSilent) })
	return within, u, func() {
		u.timer.Stop()
		cancel(nil)
		slow()
	}
}

// moved notes that bytes were taken or an answer came.
func (u *upload) moved() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.moves = time.Now()
	u.timer.Reset(u.silence)
}

// idle is how long nothing has moved.
func (u *upload) idle() time.Duration {
	u.mu.Lock()
	defer u.mu.Unlock()
	return time.Since(u.moves)
}

// watch lets the upload see what is taken of a request's body.
func (u *upload) watch(r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	r.Body = &watchedBody{r.Body, u}
	if again := r.GetBody; again != nil {
		r.GetBody = func() (io.ReadCloser, error) {
			b, err := again()
			if err != nil {
				return nil, err
			}
			return &watchedBody{b, u}, nil
		}
	}
}

// watchedBody is a body of which the next piece is asked for once the line has
// taken the one before.
type watchedBody struct {
	io.ReadCloser
	upload *upload
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.upload.moved()
	}
	return n, err
}
