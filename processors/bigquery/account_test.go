package bigquery

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	rest "google.golang.org/api/bigquery/v2"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/google"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/sandbox"
	"github.com/weirflow/weir/sandbox/sandboxtest"
)

// key is that of a service account; making one takes time.
var key = sync.OnceValues(func() (out struct {
	account sandbox.Account
	file    []byte
}, err error) {
	a, file, err := sandbox.NewServiceAccount("loader@calback-demo.iam.gserviceaccount.com")
	if err == nil {
		out.account, out.file = *a, file
	}
	return out, err
})

// TestLoadsAsAServiceAccount talks to Google's own hosts, with certificates and
// tokens, and arrives at the sandbox: the roles that the kind says it needs are
// those that suffice, and each that is missing is named.
func TestLoadsAsAServiceAccount(t *testing.T) {
	for _, c := range []struct {
		name       string
		step       *fault.Error
		code, says string
		roles      []string
	}{
		{"both roles", nil, "", "", []string{roleUser, roleEditor}},
		{"no role for jobs", stepJobs, "google_denied", roleUser, []string{roleEditor}},
		{"no role for tables", stepDataset, "google_denied", roleEditor, []string{roleUser}},
		{"no role to write", stepWrite, "bigquery_write_denied", roleEditor, []string{roleUser, "roles/bigquery.dataViewer"}},
		{"no role", stepDataset, "google_denied", roleEditor, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
			k, err := key()
			if err != nil {
				t.Fatal(err)
			}
			account := k.account
			account.Roles = c.roles
			auth := &sandbox.Auth{Accounts: []*sandbox.Account{&account}}
			s, err := sandbox.Open(t.Context(), sandbox.Config{Users: -1, Meetings: -1, Events: -1, Auth: auth})
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
			dial, roots := sandboxtest.Google(t, s)
			conf, problems := processors.BuildService(google.Kind, map[string]json.RawMessage{"project": json.RawMessage(`"calback-demo"`),
				"key": json.RawMessage(`{"secret":"gcp-key"}`)}, processors.BuildEnv{Secrets: processors.MemorySecrets{"gcp-key": string(k.file)}})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			client, err := conf.Service.Open(t.Context(), processors.Env{Node: "gcp", Dial: dial, Roots: roots})
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
			if c.step == stepWrite { // the table is there, or nobody could be asked
				for _, body := range [][2]string{{"/datasets", `{"datasetReference":{"datasetId":"calback"},"location":"US"}`},
					{"/datasets/calback/tables", `{"tableReference":{"tableId":"user_actions"},"timePartitioning":{"type":"DAY","field":"dt"},"schema":{"fields":[{"name":"dt","type":"DATE"},{"name":"uid","type":"STRING"},{"name":"n","type":"INTEGER"}]}}`}} {
					res := httptest.NewRecorder()
					w.server.ServeHTTP(res, httptest.NewRequest("POST", "/bigquery/v2/projects/calback-demo"+body[0], strings.NewReader(body[1])))
					if res.Code != 200 {
						t.Fatal(res.Body)
					}
				}
			}
			now := time.Now()
			date := now.AddDate(0, 0, -1).Format(time.DateOnly)
			lines := []string{action(date, "a", 1), action(date, "b", 2)}
			r := w.runner(settings("create", "dataset", "location", "US"), processorstest.Date(date), processorstest.Now(now)).PutRecords(actions, lines...)
			steps := r.Verify()
			if step, code := failed(steps); step != c.step || c.step != nil && code != c.code {
				t.Errorf("verify: step %q failed with %q, want %q with %q", step, code, c.step, c.code)
			}
			if c.step == stepWrite {
				return // the sandbox does not look at which table a job writes
			}
			err = r.Run().Err()
			if fault.CodeOf(err) != c.code || c.says != "" && !strings.Contains(err.Error(), c.says) {
				t.Fatalf("run: %v, want code %q naming %s", err, c.code, c.says)
			}
			if c.code != "" {
				w.wantLoads(0)
				return
			}
			options, err := w.client.Options(google.BigQuery)
			if err != nil {
				t.Fatal(err)
			}
			if w.api, err = rest.NewService(t.Context(), options...); err != nil {
				t.Fatal(err)
			}
			w.wantTable("user_actions", actions, lines...)
			w.wantLoads(1)
			if link := r.Notes().Receipts[0].Link; !strings.HasPrefix(link, "https://console.cloud.google.com/bigquery?j=bq%3AUS%3Aweir_teststore_") {
				t.Errorf("link %s", link)
			}
		})
	}
}
