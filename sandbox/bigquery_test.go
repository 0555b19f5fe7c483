package sandbox

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestBigQueryIsOnThePort creates and lists a dataset, with a fault in between.
func TestBigQueryIsOnThePort(t *testing.T) {
	s := open(t, empty)
	at := "http://" + s.Addr() + "/bigquery/v2/projects/" + s.Project() + "/datasets"
	body := func(res *http.Response, err error) (int, string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(b)
	}
	made := `{"datasetReference":{"projectId":"` + s.Project() + `","datasetId":"calback"},"location":"asia-northeast3"}`
	if code, text := body(http.Post(at, "application/json", strings.NewReader(made))); code != 200 {
		t.Fatal(code, text)
	}
	s.Inject(Fault{Kind: Disabled, API: BigQuery, Times: 1})
	if code, text := body(http.Get(at)); code != 403 || !strings.Contains(text, `"reason":"accessNotConfigured"`) {
		t.Error(code, text)
	}
	if code, text := body(http.Get(at)); code != 200 || !strings.Contains(text, `"calback"`) {
		t.Error(code, text)
	}
	bq, err := s.BigQuery()
	if err != nil {
		t.Fatal(err)
	}
	// The refused call never reached BigQuery, but it was a request.
	if st := bq.Stats(); st.Requests["datasets.list"] != 1 || s.Stats().Requests["datasets.list"] != 2 || s.Stats().Calls[BigQuery] != 3 {
		t.Errorf("%+v, %+v", st, s.Stats())
	}
}

func TestNamesOfBigQueryCalls(t *testing.T) {
	for call, want := range map[string]string{
		"GET /bigquery/v2/projects":                                  "projects.list",
		"GET /bigquery/v2/projects/p/datasets":                       "datasets.list",
		"PATCH /bigquery/v2/projects/p/datasets/d":                   "datasets.patch",
		"GET /bigquery/v2/projects/p/datasets/d/tables":              "tables.list",
		"POST /bigquery/v2/projects/p/datasets/d/tables":             "tables.insert",
		"GET /bigquery/v2/projects/p/datasets/d/tables/t":            "tables.get",
		"DELETE /bigquery/v2/projects/p/datasets/d/tables/t":         "tables.delete",
		"GET /bigquery/v2/projects/p/datasets/d/tables/t/data":       "tabledata.list",
		"POST /bigquery/v2/projects/p/datasets/d/tables/t/insertAll": "tabledata.insertAll",
		"POST /bigquery/v2/projects/p/jobs":                          "jobs.insert",
		"POST /bigquery/v2/projects/p/jobs/j/cancel":                 "jobs.cancel",
		"POST /upload/bigquery/v2/projects/p/jobs":                   "jobs.insert",
		"PUT /upload/bigquery/v2/projects/p/jobs?upload_id=x":        "jobs.upload",
		"PUT /resumable/upload/bigquery/v2/projects/p/jobs":          "jobs.upload",
		"POST /bigquery/v2/projects/p/queries":                       "jobs.query",
		"GET /bigquery/v2/projects/p/queries/j":                      "jobs.getQueryResults",
		"GET /projects/p/datasets":                                   "datasets.list",
		"GET /discovery/v1/apis/bigquery/v2/rest":                    "discovery",
	} {
		verb, path, _ := strings.Cut(call, " ")
		if got := bigqueryMethod(httptest.NewRequest(verb, path, nil)); got != want {
			t.Errorf("%s is %s, want %s", call, got, want)
		}
	}
}
