package bigquery

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	bq "cloud.google.com/go/bigquery"
	"google.golang.org/api/option"

	"github.com/weirflow/weir/fault"
	sandbox "github.com/weirflow/weir/sandbox/bigquery"
)

// TestAServerThatNeverAnswersIsGivenUp lets the server take the rows and say
// nothing: the try ends, and the next one looks for the job before it sends
// anything.
func TestAServerThatNeverAnswersIsGivenUp(t *testing.T) {
	for _, c := range []struct {
		name  string
		what  cut
		loads int
	}{{"the job was begun", begun, 1}, {"no job was begun", silent, 0}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, sandbox.Config{}).makeDataset()
			w.cuts("jobs.insert", c.what)
			r := w.runner(settings()).PutRecords(actions, three...)
			r.Processor().(*LoadBigQuery).silence = 1500 * time.Millisecond
			began := time.Now()
			r.Run()
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("took %s", took)
			}
			if c.loads == 0 {
				r.WantErr("bigquery_upload_silent")
				if class, _ := fault.ClassOf(r.Err()); class != fault.Retryable {
					t.Errorf("class %v", class)
				}
				w.wantLoads(0)
				r.Run()
			}
			w.wantOne(r, firstJob)
			w.wantLoads(1)
		})
	}
}

// TestAnUploadThatTakesTooLongIsEnded bounds the whole, whatever moves.
func TestAnUploadThatTakesTooLongIsEnded(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	w.cuts("jobs.insert", silent)
	r := w.runner(settings()).PutRecords(actions, three...)
	r.Processor().(*LoadBigQuery).uploadTime = func(size int64) time.Duration {
		if size <= 0 {
			t.Errorf("an upload of %d bytes", size)
		}
		return 50 * time.Millisecond
	}
	r.Run().WantErr("bigquery_upload_slow")
	if small, large := uploadTime(0), uploadTime(largestPacked); small < 2*uploadSilence || large < 10*time.Hour {
		t.Errorf("small uploads have %s, the largest %s", small, large)
	}
}

// TestASlowLineIsNoSilence watches a body of which a piece goes a minute: that
// takes longer than nothing may move, and is not ended.
func TestASlowLineIsNoSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, u, end := watched(t.Context(), uploadSilence, time.Hour)
		defer end()
		body := strings.Repeat("x", 10)
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://bigquery.test/", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		line := attempts{slowLine{time.Minute}}
		resp, err := line.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(resp.Body); string(got) != body {
			t.Errorf("sent %q", got)
		}
		if u.idle() != 0 {
			t.Errorf("idle for %s after an answer", u.idle())
		}
		<-ctx.Done() // nothing moves any more
		if why := context.Cause(ctx); why != errSilent || u.idle() != uploadSilence {
			t.Errorf("ended by %v after %s", why, u.idle())
		}
	})
}

// slowLine takes a byte of a body each time d has passed and sends it back.
type slowLine struct{ d time.Duration }

func (s slowLine) RoundTrip(r *http.Request) (*http.Response, error) {
	var took []byte
	for b := make([]byte, 1); ; {
		n, err := r.Body.Read(b)
		took = append(took, b[:n]...)
		if err == io.EOF {
			break
		}
		if err := sleep(r.Context(), s.d); err != nil {
			return nil, err
		}
	}
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(string(took))), Request: r}, nil
}

// TestCallsThatHangUseUpTheTime lets every call hang: they end together when one
// that is refused at once would.
func TestCallsThatHangUseUpTheTime(t *testing.T) {
	client := newWorld(t, sandbox.Config{}).makeDataset().client
	synctest.Test(t, func(t *testing.T) {
		w := &warehouse{client: client, project: project, dataset: "calback", wait: sleep}
		var err error
		seen := 0
		hang := roundTrip(func(r *http.Request) (*http.Response, error) {
			seen++
			if sleep(r.Context(), 50*time.Second) == nil {
				return nil, errors.New("connection reset by peer")
			}
			return nil, r.Context().Err()
		})
		w.api, err = bq.NewClient(t.Context(), project, option.WithEndpoint("http://bigquery.test/bigquery/v2/"),
			option.WithHTTPClient(&http.Client{Transport: attempts{hang}}))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, err = w.getTable(t.Context(), "user_actions")
		if took := time.Since(began); fault.CodeOf(err) != "bigquery_unreachable" || took < keepTrying || took > 2*keepTrying || seen < 2 {
			t.Errorf("%d calls took %s: %v", seen, took, err)
		}
	})
}

// roundTrip is a network.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
