package bigquery

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	rest "google.golang.org/api/bigquery/v2"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/google"
	"github.com/weirflow/weir/sandbox"
)

// TestFaultsOfTheWholeSandbox loads through the one socket that serves all of
// Google, with what can go wrong there: what passes leaves one load, what does
// not is told with its remedy, by Verify and by the run alike.
func TestFaultsOfTheWholeSandbox(t *testing.T) {
	for _, c := range []struct {
		name, fault string
		step        *fault.Error
		code        string
		class       fault.Class
	}{
		{"none", "", nil, "", 0},
		{"an answer of jobs.insert is lost", "drop-answer=1,method=jobs.insert", nil, "", 0},
		{"answers of jobs.get are lost", "drop-answer=2,method=jobs.get", nil, "", 0},
		{"the table is made, but not said to be", "drop-answer=1,method=tables.insert", nil, "", 0},
		{"busy for a moment", "unavailable=3,api=bigquery", nil, "", 0},
		{"too many calls for a moment", "exhausted=2,api=bigquery", nil, "", 0},
		{"slow", "latency=2ms,api=bigquery", nil, "", 0},
		{"no permission", "denied,api=bigquery", stepDataset, "google_denied", fault.Permanent},
		{"the API is switched off", "disabled,api=bigquery", stepDataset, "google_api_disabled", fault.Permanent},
		{"no permission to run jobs", "denied,method=jobs.insert", stepJobs, "google_denied", fault.Permanent},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := sandbox.Open(t.Context(), sandbox.Config{Users: -1, Meetings: -1, Events: -1, Now: func() time.Time { return clock }})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				n := s.Stats().Calls[sandbox.BigQuery]
				t.Logf("the sandbox saw %d requests", n)
				if n == 0 {
					t.Error("the sandbox saw no request")
				}
				if err := s.Close(context.Background()); err != nil {
					t.Error(err)
				}
			})
			conf, problems := processors.BuildService(google.Kind, map[string]json.RawMessage{"project": json.RawMessage(`"calback-demo"`),
				"endpoint": json.RawMessage(`"sandbox"`)}, processors.BuildEnv{})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			client, err := conf.Service.Open(t.Context(), processors.Env{Node: "gcp", Sandbox: s.Addr()})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := conf.Service.Close(context.Background()); err != nil {
					t.Error(err)
				}
			})
			w := &world{t: t, client: client.(*google.Client)}
			if w.server, err = s.BigQuery(); err != nil {
				t.Fatal(err)
			}
			options, err := w.client.Options(google.BigQuery)
			if err != nil {
				t.Fatal(err)
			}
			if w.api, err = rest.NewService(t.Context(), options...); err != nil {
				t.Fatal(err)
			}
			w.makeDataset()
			if c.fault != "" {
				f, err := sandbox.ParseFault(c.fault)
				if err != nil {
					t.Fatal(err)
				}
				s.Inject(f)
			}
			r := w.runner(settings()).PutRecords(actions, three...)
			if c.code == "" {
				w.wantOne(r.Run(), firstJob)
				w.wantLoads(1)
				return
			}
			if step, code := failed(r.Verify()); step != c.step || code != c.code {
				t.Errorf("verify: step %q failed with %q, want %q with %q", step, code, c.step, c.code)
			}
			r.Run().WantErr(c.code)
			if class, _ := fault.ClassOf(r.Err()); class != c.class {
				t.Errorf("class %v, want %v", class, c.class)
			}
			w.wantLoads(0)
		})
	}
}
