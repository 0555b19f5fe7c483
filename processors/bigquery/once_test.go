package bigquery

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
	sandbox "github.com/weirflow/weir/sandbox/bigquery"
)

const (
	firstJob  = "weir_teststore_test_node_" + today + "_1_1"
	secondJob = "weir_teststore_test_node_" + today + "_1_2"
)

var three = []string{action(today, "a", 1), action(today, "b", 2), action(today, "c", 3)}

// wantOne wants the rows of three in the table, by the job of that id, receipted.
func (w *world) wantOne(r *processorstest.Runner, job string) {
	w.t.Helper()
	if err := r.Err(); err != nil {
		w.t.Fatal(err)
	}
	w.wantTable("user_actions", actions, three...)
	n := r.Notes()
	if len(n.Receipts) != 1 || n.Receipts[0].Rows != 3 || fact(r, "job") != job || len(n.Pending) != 0 {
		w.t.Errorf("receipts %+v of job %s, pending %d; want one of job %s", n.Receipts, fact(r, "job"), len(n.Pending), job)
	}
}

func TestAnAnswerThatGotLostIsNoSecondLoad(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	w.cuts("jobs.insert", dropped)
	r := w.runner(settings()).PutRecords(actions, three...).Run()
	w.wantOne(r, firstJob)
	w.wantLoads(1)
}

func TestARequestThatGotLostIsSentAgain(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	w.cuts("jobs.insert", lost, lost)
	r := w.runner(settings()).PutRecords(actions, three...).Run()
	w.wantOne(r, firstJob)
	w.wantLoads(1)
	if n := w.seen("jobs.insert"); n != 3 {
		t.Errorf("jobs.insert was called %d times, want 3", n)
	}
}

func TestKilledBetweenIntentAndJob(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	w.cuts("jobs.insert", lost)
	r := w.runner(settings()).PutRecords(actions, three...)
	dieWaiting(r)
	if err := r.Run().Err(); !errors.Is(err, errKilled) {
		t.Fatalf("error %v", err)
	}
	if n := r.Notes(); len(n.Pending) != 1 || n.Pending[0].Key != firstJob || len(n.Receipts) != 0 {
		t.Fatalf("notes %+v", n)
	}
	w.wantLoads(0)
	hasten(r)
	w.wantOne(r.Run(), firstJob)
	w.wantLoads(1)
}

func TestKilledAfterTheJobWasSentAdoptsIt(t *testing.T) {
	for _, c := range []struct {
		name  string
		delay time.Duration
	}{{"done", 0}, {"still at work", 30 * time.Millisecond}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, sandbox.Config{Delay: c.delay}).makeDataset()
			w.cuts("jobs.insert", dropped)
			w.cuts("jobs.get", lost)
			// A rejected row must be told by the try that adopts, too.
			r := w.runner(settings()).PutRecords(actions, append([]string{action("2026-11-19", "late", 9)}, three...)...)
			dieWaiting(r)
			if err := r.Run().Err(); err == nil {
				t.Fatal("the try was not cut off")
			}
			if n := r.Notes(); len(n.Pending) != 1 || len(n.Receipts) != 0 {
				t.Fatalf("notes %+v", n)
			}
			hasten(r)
			w.wantOne(r.Run(), firstJob)
			w.wantLoads(1)
			if n := len(r.Rows("rejected")); n != 1 {
				t.Errorf("%d rows rejected, want 1", n)
			}
			if n := w.seen("jobs.insert"); n != 1 {
				t.Errorf("jobs.insert was called %d times, want once", n)
			}
		})
	}
}

func TestAFailedJobIsFollowedByTheNext(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	w.server.FailJob("load", sandbox.Problem{Reason: sandbox.ReasonBackendError, Message: "Try again later."})
	r := w.runner(settings()).PutRecords(actions, three...).Run()
	r.WantErr("bigquery_job_again")
	if class, wait := fault.ClassOf(r.Err()); class != fault.After || wait <= 0 {
		t.Errorf("class %v after %s", class, wait)
	}
	w.wantOne(r.Run(), secondJob)
	w.wantLoads(2)
}

func TestAJobThatFailsForGoodSaysWhy(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	w.server.FailJob("load", sandbox.Problem{Reason: sandbox.ReasonInvalid, Message: "Error while reading data", Location: "row 7"})
	r := w.runner(settings()).PutRecords(actions, three...).Run()
	r.WantErr("bigquery_job_failed")
	if class, _ := fault.ClassOf(r.Err()); class != fault.Permanent || !strings.Contains(r.Err().Error(), "row 7: Error while reading data") {
		t.Errorf("class %v: %v", class, r.Err())
	}
	// Resumed by a person who has mended what was wrong.
	w.wantOne(r.Run(), secondJob)
}

func TestATypoInTheTableIsMendedAndResumed(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	w.server.FailJob("load", sandbox.Problem{Reason: sandbox.ReasonInvalid, Message: "no"})
	r := w.runner(settings("table", "user_akshuns")).PutRecords(actions, three...).Run()
	r.WantErr("bigquery_job_failed")
	r.Processor().(*LoadBigQuery).table = "user_actions"
	w.wantOne(r.Run(), secondJob)
}

func TestSomebodyElsesJobIsNotAdopted(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	if err := w.runner(settings("table", "other")).PutRecords(actions, three...).Run().Err(); err != nil {
		t.Fatal(err) // its job has the id that the next one wants
	}
	r := w.runner(settings()).PutRecords(actions, three...).Run()
	r.WantErr("bigquery_job_foreign")
	if class, _ := fault.ClassOf(r.Err()); class != fault.Permanent {
		t.Errorf("class %v", class)
	}
	w.wantTable("user_actions", actions)
	w.wantLoads(1)
}

func TestAJobOfATimeThatTheStoreForgotDoesNotCount(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	if err := w.runner(settings()).PutRecords(actions, three...).Run().Err(); err != nil {
		t.Fatal(err)
	}
	run := runOf(t, "day", today, "Asia/Seoul")
	run.Flow, run.Generation = "test", 2
	if err := w.runner(settings(), processorstest.Run(run)).PutRecords(actions, action(today, "newer", 1)).Run().Err(); err != nil {
		t.Fatal(err)
	}
	// The store is restored from a backup of before, and the slot loaded again a
	// day later: the first job must not pass for this load.
	r := w.runner(settings(), processorstest.Now(clock.AddDate(0, 0, 1))).PutRecords(actions, three...).Run()
	w.wantOne(r, secondJob)
	w.wantLoads(3)
}

// TestALargeUploadComesInPieces sends more than one chunk of a resumable upload,
// also with answers lost on the way.
func TestALargeUploadComesInPieces(t *testing.T) {
	noise := rand.New(rand.NewPCG(1, 2))
	wide := record.MustSchema("dt", "date", "text", "string")
	var lines []string
	for range 24 {
		b := make([]byte, 700<<10)
		for i := 0; i+8 <= len(b); i += 8 {
			binary.LittleEndian.PutUint64(b[i:], noise.Uint64())
		}
		lines = append(lines, `{"dt":"2026-11-20","text":"`+base64.StdEncoding.EncodeToString(b)+`"}`)
	}
	for _, c := range []struct {
		name string
		cuts []cut
		soak bool
	}{{"whole", nil, true}, {"the first answer is lost", []cut{dropped}, true}, {"the answer of the last piece is lost", []cut{-1, -1, dropped}, false}} {
		t.Run(c.name, func(t *testing.T) {
			if c.soak && os.Getenv("WEIR_SOAK") == "" {
				t.Skip("takes seconds; set WEIR_SOAK=1")
			}
			w := newWorld(t, sandbox.Config{}).makeDataset()
			w.cuts("jobs.insert", c.cuts...)
			r := w.runner(settings("format", "parquet")).PutRecords(wide, lines...).Run()
			if err := r.Err(); err != nil {
				t.Fatal(err)
			}
			w.wantTable("user_actions", wide, lines...)
			w.wantLoads(1)
			if n := w.seen("jobs.insert"); n < 3 {
				t.Errorf("jobs.insert was called %d times; an upload in two pieces takes three", n)
			}
			if n := r.Notes().Receipts[0].Bytes; n <= 16<<20 {
				t.Errorf("%d bytes sent are no more than one piece", n)
			}
		})
	}
}

func TestBusyServersAreAskedAgain(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	for _, m := range []string{"datasets.get", "tables.get", "tables.insert", "jobs.get"} {
		w.cuts(m, lost, lost)
	}
	r := w.runner(settings()).PutRecords(actions, three...).Run()
	w.wantOne(r, firstJob)
	w.wantLoads(1)
}

func TestBlame(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	own := &warehouse{client: w.client, project: project, dataset: "calback", wait: sleep}
	answer := func(status int, reason string) error {
		return &googleapi.Error{Code: status, Message: "said so", Errors: []googleapi.ErrorItem{{Reason: reason, Message: "said so"}}}
	}
	for _, c := range []struct {
		err   error
		code  string
		class fault.Class
		again bool
	}{
		{answer(403, "rateLimitExceeded"), "bigquery_rate", fault.After, true},
		{answer(400, "jobRateLimitExceeded"), "bigquery_rate", fault.After, true},
		{answer(403, "quotaExceeded"), "bigquery_quota", fault.After, false},
		{answer(503, "backendError"), "bigquery_unavailable", fault.Retryable, true},
		{answer(500, "internalError"), "bigquery_unavailable", fault.Retryable, true},
		{answer(429, ""), "bigquery_unavailable", fault.Retryable, true},
		{answer(404, "notFound"), "bigquery_not_found", fault.Permanent, false},
		{answer(400, "invalid"), "bigquery_refused", fault.Permanent, false},
		{answer(403, "accessDenied"), "google_denied", fault.Permanent, false},
		{errors.New("connection reset by peer"), "bigquery_unreachable", fault.Retryable, true},
	} {
		err := own.blame(t.Context(), c.err, roleEditor, "calback.user_actions")
		class, _ := fault.ClassOf(err)
		if fault.CodeOf(err) != c.code || class != c.class || passing(c.err) != c.again {
			t.Errorf("%v: %v (%s, %v), again %t", c.err, err, fault.CodeOf(err), class, passing(c.err))
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := own.blame(ctx, answer(500, ""), roleEditor, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of its context: %v", err)
	}
}

func TestErrorsOfAJobAreCut(t *testing.T) {
	why := &bq.Error{Message: "too many errors"}
	if got := errorsOf(why, nil); got != "too many errors" {
		t.Errorf("errors %q", got)
	}
	var all []*bq.Error
	for range 8 {
		all = append(all, &bq.Error{Location: "f", Message: "m"})
	}
	if got, want := errorsOf(why, all), "f: m; f: m; f: m; f: m; f: m; and 3 more"; got != want {
		t.Errorf("errors %q, want %q", got, want)
	}
}
