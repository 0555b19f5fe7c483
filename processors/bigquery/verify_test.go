package bigquery

import (
	"slices"
	"strings"
	"testing"
	"time"

	rest "google.golang.org/api/bigquery/v2"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/google"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
	sandbox "github.com/weirflow/weir/sandbox/bigquery"
)

// failed returns the first step that failed, and its code.
func failed(steps []processors.Step) (step *fault.Error, code string) {
	for _, s := range steps {
		if s.State == processors.StepFailed {
			return s.Name, fault.CodeOf(s.Fault)
		}
	}
	return nil, ""
}

func TestVerifyTellsWhatIsThereAndChangesNothing(t *testing.T) {
	w := newWorld(t, sandbox.Config{Billing: true}).makeDataset()
	credential, _ := w.client.VerifySteps(t.Context(), google.BigQuery)
	names := []*fault.Error{stepClient, credential[0].Name, credential[1].Name, stepSlot, stepDataset, stepTable, stepWrite, stepAge, stepJobs}
	check := func(s processorstest.Settings) string {
		t.Helper()
		steps := w.runner(s).Verify()
		var got []*fault.Error
		var notes []string
		for _, st := range steps {
			got = append(got, st.Name)
			notes = append(notes, st.Note.Error())
		}
		if name, code := failed(steps); code != "" || !slices.Equal(got, names) {
			t.Errorf("steps %q; failed %s with %s", got, name, code)
		}
		return strings.Join(notes, "\n")
	}
	fresh := check(settings())
	for _, want := range []string{"replaces calback.user_actions$20261120", "calback-demo.calback lies in asia-northeast3", "There is none yet; the run will make it", "Partitions are kept"} {
		if !strings.Contains(fresh, want) {
			t.Errorf("notes lack %q:\n%s", want, fresh)
		}
	}
	check(settings("dataset", "unmade", "create", "dataset", "location", "EU"))
	w.makeTable(&rest.Table{TimePartitioning: byDay("dt"), Schema: &rest.TableSchema{Fields: []*rest.TableFieldSchema{{Name: "dt", Type: "DATE"}, {Name: "uid", Type: "STRING"}}}})
	if there := check(settings()); !strings.Contains(there, "user_actions has 2 columns and 0 rows, partitioned DAY by dt") {
		t.Errorf("notes:\n%s", there)
	}
	if w.seen("datasets.insert") != 1 || w.seen("tables.insert") != 1 || w.server.Stats().JobsAccepted != 0 {
		t.Errorf("it changed something: %v, %d jobs", w.requests, w.server.Stats().JobsAccepted)
	}
}

func TestVerifyWithoutASlotComparesWhatItCan(t *testing.T) {
	for _, c := range []struct {
		partitioning *rest.TimePartitioning
		code         string
	}{{byDay("dt"), ""}, {&rest.TimePartitioning{Type: "MONTH", Field: "dt"}, ""}, {byDay(""), "bigquery_partitioning"}, {nil, "bigquery_partitioning"}} {
		w := newWorld(t, sandbox.Config{Billing: true}).makeDataset()
		w.makeTable(&rest.Table{TimePartitioning: c.partitioning, Schema: &rest.TableSchema{Fields: []*rest.TableFieldSchema{{Name: "dt", Type: "DATE"}}}})
		r := w.runner(settings())
		env := r.Env()
		env.Run = flowfile.Run{}
		steps := r.Processor().(*LoadBigQuery).Verify(t.Context(), env)
		if _, code := failed(steps); code != c.code {
			t.Errorf("a table partitioned %+v: code %q, want %q", c.partitioning, code, c.code)
		}
		if i := slices.IndexFunc(steps, func(s processors.Step) bool { return s.Name == stepSlot }); i < 0 || steps[i].State != processors.StepSkipped {
			t.Errorf("steps %+v", steps)
		}
	}
}

// These are settings and tables that cannot go together. Verify and the run
// itself must say the same.
func TestWhatCannotBeLoadedIsRefusedBeforeAnythingIsSent(t *testing.T) {
	columns := []*rest.TableFieldSchema{{Name: "dt", Type: "DATE"}, {Name: "uid", Type: "STRING"}, {Name: "n", Type: "INTEGER"}}
	with := func(p *rest.TimePartitioning, cluster ...string) *rest.Table {
		out := &rest.Table{TimePartitioning: p, Schema: &rest.TableSchema{Fields: columns}}
		if len(cluster) > 0 {
			out.Clustering = &rest.Clustering{Fields: cluster}
		}
		return out
	}
	for _, c := range []struct {
		name     string
		settings processorstest.Settings
		table    *rest.Table
		step     *fault.Error
		code     string
		says     []string
	}{
		{"no dataset", settings("dataset", "typo"), nil, stepDataset, "bigquery_dataset_missing", []string{`"typo"`, project}},
		{"another project", settings("project", "calback-prod"), nil, stepDataset, "bigquery_dataset_missing", []string{"calback-prod"}},
		{"another location", settings("location", "US"), nil, stepDataset, "bigquery_location", []string{"asia-northeast3", "US"}},
		{"no table", settings("create", "none"), nil, stepTable, "bigquery_table_missing", []string{"user_actions"}},
		{"no partitions", settings(), with(nil), stepTable, "bigquery_partitioning", []string{"none", "DAY by dt"}},
		{"by ingestion", settings(), with(byDay("")), stepTable, "bigquery_partitioning", []string{"DAY by _PARTITIONTIME", "DAY by dt"}},
		{"by month", settings(), with(&rest.TimePartitioning{Type: "MONTH", Field: "dt"}), stepTable, "bigquery_partitioning", []string{"MONTH by dt", "DAY by dt"}},
		{"whole table, but partitions", settings("partition", nil, "write", "overwrite_table"), with(byDay("dt")), stepTable, "bigquery_partitioning", []string{"DAY by dt", "none"}},
		{"clustered otherwise", settings("cluster", []string{"uid"}), with(byDay("dt"), "n"), stepTable, "bigquery_clustering", []string{"uid", "n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, sandbox.Config{Billing: true}).makeDataset()
			if c.table != nil {
				w.makeTable(c.table)
			}
			r := w.runner(c.settings).PutRecords(actions, three...)
			steps := r.Verify()
			if step, code := failed(steps); step != c.step || code != c.code {
				t.Errorf("verify: step %q failed with %q, want %q with %q", step, code, c.step, c.code)
			}
			if len(steps) != 9 {
				t.Errorf("%d steps, want 9: %+v", len(steps), steps)
			}
			r.Run().WantErr(c.code)
			for _, want := range c.says {
				if !strings.Contains(r.Err().Error(), want) {
					t.Errorf("%v\nlacks %q", r.Err(), want)
				}
			}
			if w.seen("jobs.insert") != 0 {
				t.Error("a job was sent")
			}
			if len(r.Notes().Pending) != 0 {
				t.Error("a job was intended")
			}
		})
	}
}

func TestColumnsThatDiffer(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	w.makeTable(&rest.Table{TimePartitioning: byDay("dt"), Schema: &rest.TableSchema{Fields: []*rest.TableFieldSchema{
		{Name: "dt", Type: "DATE"}, {Name: "uid", Type: "INTEGER"}}}})
	r := w.runner(settings()).PutRecords(actions, three...).Run()
	r.WantErr("bigquery_columns_differ")
	for _, want := range []string{"Column uid is INTEGER in the table; the records have string, which is STRING.", "The table has no column n (int64)."} {
		if !strings.Contains(r.Err().Error(), want) {
			t.Errorf("%v\nlacks %q", r.Err(), want)
		}
	}
	w.wantLoads(0)
}

func TestNewColumnsAreAddedWhenAskedFor(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	few := record.MustSchema("dt", "date", "uid", "string")
	if err := w.runner(settings(), processorstest.Date("2026-11-19")).PutRecords(few, `{"dt":"2026-11-19","uid":"old"}`).Run().Err(); err != nil {
		t.Fatal(err)
	}
	w.runner(settings()).PutRecords(actions, three...).Run().WantErr("bigquery_columns_differ")
	if err := w.runner(settings("on_new_column", "add")).PutRecords(actions, three...).Run().Err(); err != nil {
		t.Fatal(err)
	}
	w.wantTable("user_actions", actions, append([]string{`{"dt":"2026-11-19","uid":"old","n":null}`}, three...)...)
}

func TestMakesDatasetAndTableAsTold(t *testing.T) {
	w := newWorld(t, sandbox.Config{})
	s := settings("create", "dataset", "location", "EU", "cluster", []string{"uid"}, "require_partition_filter", true,
		"description", "One row per user and day.", "labels", map[string]string{"team": "data"})
	if err := w.runner(s).PutRecords(actions, three...).Run().Err(); err != nil {
		t.Fatal(err)
	}
	d, err := w.api.Datasets.Get(project, "calback").Do()
	if err != nil || d.Location != "EU" {
		t.Fatalf("dataset %+v, %v", d, err)
	}
	m, err := w.api.Tables.Get(project, "calback", "user_actions").Do()
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	for _, f := range m.Schema.Fields {
		columns = append(columns, strings.TrimSpace(f.Name+" "+f.Type+" "+f.Mode))
	}
	if m.TimePartitioning == nil || m.TimePartitioning.Type != "DAY" || m.TimePartitioning.Field != "dt" || m.Clustering == nil || !slices.Equal(m.Clustering.Fields, []string{"uid"}) ||
		!m.RequirePartitionFilter || m.Description != "One row per user and day." || m.Labels["team"] != "data" {
		t.Errorf("table %+v", m)
	}
	if want := []string{"dt DATE NULLABLE", "uid STRING NULLABLE", "n INTEGER NULLABLE"}; !slices.Equal(columns, want) {
		t.Errorf("columns %q, want %q", columns, want)
	}
}

func TestWithoutBillingOldSlotsAreRefused(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	load := func(date, code string) {
		t.Helper()
		r := w.runner(settings(), processorstest.Date(date)).PutRecords(actions, action(date, "a", 1))
		if step, got := failed(r.Verify()); got != code || code != "" && step != stepAge {
			t.Errorf("verify of %s: %s failed with %q, want %q", date, step, got, code)
		}
		before := w.seen("jobs.insert")
		err := r.Run().Err()
		if fault.CodeOf(err) != code {
			t.Errorf("run of %s: %v, want code %q", date, err, code)
		}
		if code != "" && w.seen("jobs.insert") != before {
			t.Errorf("slot %s: a job was sent", date)
		}
		if code != "" && !strings.Contains(err.Error(), "after 60 days") {
			t.Errorf("%v\ndoes not name the days", err)
		}
	}
	old := clock.Add(-60 * 24 * time.Hour).Format(time.DateOnly)
	load(old, "bigquery_slot_expired") // before the table is made
	load(today, "")
	load(old, "bigquery_slot_expired") // and after
	load(clock.Add(-59*24*time.Hour).Format(time.DateOnly), "")
}

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		settings  processorstest.Settings
		key, code string
	}{
		{settings(), "", ""},
		{settings("partition", "_PARTITIONTIME"), "", ""},
		{settings("partition", "날짜"), "", ""},
		{settings("partition", nil), "partition", "bigquery_partition_needed"},
		{settings("partition", nil, "write", "overwrite_table"), "", ""},
		{settings("write", "overwrite_table"), "write", "bigquery_overwrite_partitioned"},
		{settings("partition", "a.b"), "partition", "bigquery_name_character"},
		{settings("create", "dataset"), "location", "bigquery_location_needed"},
		{settings("create", "dataset", "location", "US"), "", ""},
		{settings("dataset", "a.b"), "dataset", "setting_pattern"},
		{settings("table", "t$20261120"), "table", "setting_pattern"},
		{settings("table", nil), "table", "setting_missing"},
		{settings("cluster", []string{"a", "b", "c", "d", "e"}), "cluster", "setting_too_large"},
	} {
		_, problems := processorstest.Build(t, "LoadBigQuery", c.settings, processorstest.Service("gcp", "GoogleCloud", nil))
		got := ""
		for _, p := range problems {
			got += p.Property + " " + p.Fault.Code
		}
		if want := strings.TrimSpace(c.key + " " + c.code); got != want {
			t.Errorf("%v: problems %q, want %q", c.settings, got, want)
		}
	}
}
