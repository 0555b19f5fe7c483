package bigquery

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/googleapi"
)

func send(w *world, method, url, body string, header ...string) (*http.Response, string) {
	w.Helper()
	r, err := http.NewRequestWithContext(w.ctx, method, url, strings.NewReader(body))
	w.must(err)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	w.must(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	w.must(err)
	return res, string(b)
}

// wait waits for a job without the pauses of the client.
func (w *world) wait(j *bq.Job) (*bq.JobStatus, error) {
	w.Helper()
	w.s.mu.Lock()
	made := w.s.jobs[jobKey{j.Location(), j.ID()}]
	w.s.mu.Unlock()
	if made == nil {
		w.Fatalf("no job %s in %s", j.ID(), j.Location())
	}
	<-made.done
	return j.Wait(w.ctx)
}

// load runs a load job to its end.
func (w *world) load(to *bq.Table, format bq.DataFormat, data string, set func(*bq.Loader, *bq.ReaderSource)) (*bq.JobStatus, error) {
	w.Helper()
	src := bq.NewReaderSource(strings.NewReader(data))
	src.SourceFormat = format
	l := to.LoaderFrom(src)
	if set != nil {
		set(l, src)
	}
	j, err := l.Run(w.ctx)
	if err != nil {
		return nil, err
	}
	st, err := w.wait(j)
	if err != nil {
		return nil, err
	}
	return st, st.Err()
}

// reason returns the reason of an API error or of a job's.
func reason(err error) string {
	var g *googleapi.Error
	if errors.As(err, &g) && len(g.Errors) > 0 {
		return fmt.Sprint(g.Code, " ", g.Errors[0].Reason)
	}
	var b *bq.Error
	if errors.As(err, &b) {
		return "job " + b.Reason
	}
	return fmt.Sprint(err)
}

func (w *world) fails(err error, want, text string) {
	w.Helper()
	if err == nil {
		w.Fatalf("no error, want %s with %q", want, text)
	}
	if got := reason(err); got != want || !strings.Contains(err.Error(), text) {
		w.Fatalf("error %s: %v; want %s with %q", got, err, want, text)
	}
}

var actions = bq.Schema{
	{Name: "date", Type: bq.DateFieldType, Required: true},
	{Name: "uid", Type: bq.StringFieldType},
	{Name: "횟수", Type: bq.IntegerFieldType},
}

func (w *world) actions() *bq.Table {
	w.Helper()
	t := w.dataset().Table("user_actions")
	w.must(t.Create(w.ctx, &bq.TableMetadata{Schema: actions, TimePartitioning: &bq.TimePartitioning{Field: "date"}}))
	return t
}

func TestTruncateReplacesOnePartition(t *testing.T) {
	w := open(t, Config{})
	w.actions()
	part := w.client.Dataset("calback").Table("user_actions$20260630")
	other := w.client.Dataset("calback").Table("user_actions$20260629")
	truncate := func(l *bq.Loader, _ *bq.ReaderSource) { l.WriteDisposition = bq.WriteTruncate }
	for _, step := range []struct {
		to   *bq.Table
		data string
	}{
		{other, `{"date":"2026-06-29","uid":"a","횟수":1}`},
		{part, `{"date":"2026-06-30","uid":"a","횟수":2}` + "\n" + `{"date":"2026-06-30","uid":"나","횟수":"3"}`},
		{part, `{"횟수":4,"uid":"c","date":"2026-06-30"}` + "\n"},
	} {
		st, err := w.load(step.to, bq.JSON, step.data, truncate)
		w.must(err)
		s := st.Statistics.Details.(*bq.LoadStatistics)
		if want := int64(strings.Count(step.data, "{")); s.OutputRows != want || s.InputFileBytes != int64(len(step.data)) || s.InputFiles != 1 {
			t.Errorf("statistics %+v, want %d rows", s, want)
		}
	}
	if diff := cmp.Diff([]string{"[2026-06-29 a 1]", "[2026-06-30 c 4]"}, w.rows("user_actions", "")); diff != "" {
		t.Error(diff)
	}
	_, err := w.load(part, bq.JSON, `{"date":"2026-06-30"}`+"\n"+`{"date":"2026-06-28"}`, truncate)
	w.fails(err, "job invalid", "Some rows belong to different partitions rather than destination partition 20260630")
	if diff := cmp.Diff([]string{"[2026-06-30 c 4]"}, w.rows("user_actions", "20260630")); diff != "" {
		t.Error(diff)
	}
	m, err := part.Metadata(w.ctx)
	w.must(err)
	if m.NumRows != 1 {
		t.Errorf("the partition has %d rows", m.NumRows)
	}
}
