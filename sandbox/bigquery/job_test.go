package bigquery

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
)

func TestAJobIsAcceptedOnce(t *testing.T) {
	w := open(t, Config{})
	w.actions()
	part := w.client.Dataset("calback").Table("user_actions$20260630")
	row := `{"date":"2026-06-30","uid":"a"}`
	named := func(id string) func(*bq.Loader, *bq.ReaderSource) {
		return func(l *bq.Loader, _ *bq.ReaderSource) {
			l.JobID, l.Labels = id, map[string]string{"sha256": "abc", "flow": "calback-daily"}
		}
	}
	_, err := w.load(part, bq.JSON, row, named("weir_1"))
	w.must(err)
	_, err = w.load(part, bq.JSON, row, named("weir_1"))
	w.fails(err, "409 duplicate", "Already Exists: Job calback-demo:asia-northeast3.weir_1")
	_, err = w.load(part, bq.JSON, `{"x":1}`, named("weir_2"))
	w.fails(err, "job invalid", "giving up")
	_, err = w.load(part, bq.JSON, row, named("weir_2"))
	w.fails(err, "409 duplicate", "weir_2")
	if got := w.rows("user_actions", ""); len(got) != 1 {
		t.Errorf("rows %v", got)
	}
	st := w.s.Stats()
	if st.LoadsAccepted != 2 || st.RowsLoaded != 1 || st.Requests["jobs.insert"] != 4 {
		t.Errorf("%+v", st)
	}

	_, text := w.call("GET", "/bigquery/v2/projects/calback-demo/jobs/weir_1?location=asia-northeast3", "")
	var j struct {
		SelfLink      string
		Configuration struct {
			JobType string
			Labels  map[string]string
			Load    struct {
				DestinationTable struct{ TableID string }
			}
		}
		Statistics struct {
			Load map[string]string
		}
		Status struct{ State string }
	}
	w.must(json.Unmarshal([]byte(text), &j))
	if j.Configuration.JobType != "LOAD" || j.Configuration.Labels["sha256"] != "abc" || j.Configuration.Load.DestinationTable.TableID != "user_actions$20260630" ||
		j.Statistics.Load["outputRows"] != "1" || j.Status.State != "DONE" || !strings.HasSuffix(j.SelfLink, "jobs/weir_1?location=asia-northeast3") {
		t.Errorf("%s", text)
	}
	for path, want := range map[string]string{
		"jobs/weir_1?location=US":               `"reason":"notFound"`,
		"jobs/weir_1":                           `"message":"Not found: Job calback-demo:weir_1"`,
		"jobs/none?location=asia-northeast3":    `"message":"Not found: Job calback-demo:asia-northeast3.none"`,
		"jobs?projection=full&stateFilter=done": `"id":"calback-demo:asia-northeast3.weir_2"`,
		"jobs?maxResults=1":                     `"nextPageToken":"P1"`,
	} {
		if _, text := w.call("GET", "/bigquery/v2/projects/calback-demo/"+path, ""); !strings.Contains(text, want) {
			t.Errorf("%s: no %s in %s", path, want, text)
		}
	}
}

func TestWrongLoadsAreRefused(t *testing.T) {
	w := open(t, Config{})
	w.actions()
	table := w.client.Dataset("calback").Table("user_actions")
	at := func(id string) *bq.Table { return w.client.Dataset("calback").Table(id) }
	for _, c := range []struct {
		name       string
		to         *bq.Table
		set        func(*bq.Loader, *bq.ReaderSource)
		want, text string
	}{
		{"dataset", w.client.Dataset("nope").Table("x"), nil, "404 notFound", "Not found: Dataset calback-demo:nope"},
		{"location", table, func(l *bq.Loader, _ *bq.ReaderSource) { l.Location = "US" }, "404 notFound", "was not found in location US"},
		{"never", at("other"), func(l *bq.Loader, _ *bq.ReaderSource) { l.CreateDisposition = bq.CreateNever }, "job notFound", "Not found: Table calback-demo:calback.other"},
		{"no schema", at("other"), nil, "job invalid", "No schema specified on job or table."},
		{"decorator", at("user_actions$2026"), nil, "400 invalid", "Invalid partition ID"},
		{"options", table, func(l *bq.Loader, _ *bq.ReaderSource) {
			l.WriteDisposition, l.SchemaUpdateOptions = bq.WriteTruncate, []string{"ALLOW_FIELD_ADDITION"}
		}, "400 invalid", "Schema update options should only be specified with WRITE_APPEND"},
		{"partitioning", table, func(l *bq.Loader, _ *bq.ReaderSource) {
			l.TimePartitioning = &bq.TimePartitioning{Type: bq.MonthPartitioningType, Field: "date"}
		}, "job invalid", "Incompatible table partitioning specification"},
		{"new field", table, func(_ *bq.Loader, s *bq.ReaderSource) {
			s.Schema = append(append(bq.Schema{}, actions...), &bq.FieldSchema{Name: "extra", Type: bq.StringFieldType})
		}, "job invalid", "Cannot add fields (field: extra)"},
		{"changed type", table, func(_ *bq.Loader, s *bq.ReaderSource) {
			s.Schema = bq.Schema{actions[0], {Name: "uid", Type: bq.IntegerFieldType}}
		}, "job invalid", "Field uid has changed type from STRING to INTEGER"},
		{"label", table, func(l *bq.Loader, _ *bq.ReaderSource) { l.Labels = map[string]string{"A": "b"} }, "400 invalid", "Invalid label"},
		{"job id", table, func(l *bq.Loader, _ *bq.ReaderSource) { l.JobID = "a b" }, "400 invalid", "Invalid job ID"},
	} {
		_, err := w.load(c.to, bq.JSON, `{"date":"2026-06-30"}`, c.set)
		if err == nil || reason(err) != c.want || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %s: %v", c.name, reason(err), err)
		}
	}
	if got := w.rows("user_actions", ""); len(got) != 0 {
		t.Errorf("rows %v", got)
	}
	_, err := w.load(at("user_actions$20260630"), bq.JSON, `{"date":"2026-06-30","extra":"e"}`, func(l *bq.Loader, s *bq.ReaderSource) {
		l.WriteDisposition, l.SchemaUpdateOptions = bq.WriteTruncate, []string{"ALLOW_FIELD_ADDITION"}
		s.Schema = append(append(bq.Schema{}, actions...), &bq.FieldSchema{Name: "extra", Type: bq.StringFieldType})
	})
	w.must(err)
	_, err = w.load(table, bq.JSON, `{"date":"2026-06-30"}`, func(l *bq.Loader, _ *bq.ReaderSource) { l.WriteDisposition = bq.WriteEmpty })
	w.fails(err, "job duplicate", "Already Exists: Table")
	if got := w.rows("user_actions", ""); len(got) != 1 || got[0] != "[2026-06-30 NULL NULL e]" {
		t.Errorf("rows %v", got)
	}
	_, err = w.load(table, bq.JSON, `{"only":1}`, func(l *bq.Loader, s *bq.ReaderSource) {
		l.WriteDisposition, s.Schema = bq.WriteTruncate, bq.Schema{{Name: "only", Type: bq.IntegerFieldType}}
	})
	w.fails(err, "job invalid", "partitioning cannot be found")
}

func TestJobsWaitRunFailAndStop(t *testing.T) {
	w := open(t, Config{Delay: time.Hour})
	w.actions()
	src := bq.NewReaderSource(strings.NewReader(`{"date":"2026-06-30"}`))
	src.SourceFormat = bq.JSON
	j, err := w.client.Dataset("calback").Table("user_actions").LoaderFrom(src).Run(w.ctx)
	w.must(err)
	st, err := j.Status(w.ctx)
	w.must(err)
	if st.State != bq.Pending {
		t.Errorf("state %v", st.State)
	}
	w.must(j.Cancel(w.ctx))
	st, err = w.wait(j)
	w.must(err)
	w.fails(st.Err(), "job stopped", "cancelled")

	quick := open(t, Config{})
	quick.dataset()
	quick.s.FailJob("load", Problem{Reason: ReasonBackendError, Message: "An internal error occurred"})
	d := quick.client.Dataset("calback").Table("x")
	with := func(_ *bq.Loader, s *bq.ReaderSource) { s.Schema = bq.Schema{{Name: "a", Type: bq.StringFieldType}} }
	_, err = quick.load(d, bq.JSON, `{"a":"b"}`, with)
	quick.fails(err, "job backendError", "internal")
	_, err = quick.load(d, bq.JSON, `{"a":"b"}`, with)
	quick.must(err)
}
