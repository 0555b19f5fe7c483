package bigquery

import (
	"strings"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
)

func TestDatasets(t *testing.T) {
	w := open(t, Config{})
	d := w.dataset()
	w.fails(d.Create(w.ctx, nil), "409 duplicate", "Already Exists: Dataset calback-demo:calback")
	m, err := d.Metadata(w.ctx)
	w.must(err)
	if m.Location != "asia-northeast3" || m.DefaultPartitionExpiration != 60*24*time.Hour {
		t.Errorf("%+v", m)
	}
	if _, text := w.call("GET", "/bigquery/v2/projects/calback-demo/datasets/calback", ""); !strings.Contains(text, `"defaultPartitionExpirationMs":"5184000000"`) {
		t.Error(text)
	}
	up := bq.DatasetMetadataToUpdate{Description: "하루"}
	up.SetLabel("team", "data")
	m2, err := d.Update(w.ctx, up, m.ETag)
	w.must(err)
	if m2.Description != "하루" || m2.Labels["team"] != "data" || m2.ETag == m.ETag || m2.Location != m.Location {
		t.Errorf("%+v", m2)
	}
	_, err = d.Update(w.ctx, up, m.ETag)
	w.fails(err, "412 conditionNotMet", "Precondition")
	if res, text := w.call("PATCH", "/bigquery/v2/projects/calback-demo/datasets/calback", `{"location":"US"}`); res.StatusCode != 400 || !strings.Contains(text, "immutable") {
		t.Error(text)
	}
	if res, text := w.call("PATCH", "/bigquery/v2/projects/calback-demo/datasets/calback", `{"defaultTableExpirationMs":"99999999999"}`); res.StatusCode != 403 || !strings.Contains(text, "billingNotEnabled") {
		t.Error(text)
	}
	w.must(d.Table("t").Create(w.ctx, nil))
	w.fails(d.Delete(w.ctx), "400 resourceInUse", "still in use")
	w.must(d.DeleteWithContents(w.ctx))
	_, err = d.Metadata(w.ctx)
	w.fails(err, "404 notFound", "Not found: Dataset calback-demo:calback")
	_, err = w.client.DatasetInProject("stranger", "x").Metadata(w.ctx)
	w.fails(err, "404 notFound", "Not found: Project stranger")
}

func TestTablesChangeByETagAndOnlyForward(t *testing.T) {
	w := open(t, Config{})
	table := w.actions()
	m, err := table.Metadata(w.ctx)
	w.must(err)
	if m.TimePartitioning.Expiration != 60*24*time.Hour || m.TimePartitioning.Field != "date" || m.ETag == "" || m.StreamingBuffer != nil {
		t.Errorf("%+v %+v", m, m.TimePartitioning)
	}
	_, err = w.load(w.client.Dataset("calback").Table("user_actions"), bq.JSON, `{"date":"2026-06-30","uid":"a","횟수":3}`, nil)
	w.must(err)
	_, err = table.Update(w.ctx, bq.TableMetadataToUpdate{Description: "x"}, m.ETag)
	w.fails(err, "412 conditionNotMet", "Precondition")
	change := func(schema bq.Schema) error {
		_, err := table.Update(w.ctx, bq.TableMetadataToUpdate{Schema: schema}, "")
		return err
	}
	more := append(append(bq.Schema{}, actions...), &bq.FieldSchema{Name: "r", Type: bq.RecordFieldType, Schema: bq.Schema{{Name: "x", Type: bq.IntegerFieldType}}})
	w.must(change(more))
	relaxed := *actions[0]
	relaxed.Required = false
	wide := *actions[2]
	wide.Type = bq.NumericFieldType
	deep := &bq.FieldSchema{Name: "r", Type: bq.RecordFieldType, Schema: bq.Schema{{Name: "x", Type: bq.IntegerFieldType}, {Name: "y", Type: bq.StringFieldType, Repeated: true}}}
	w.must(change(bq.Schema{&relaxed, actions[1], &wide, deep}))
	for text, schema := range map[string]bq.Schema{
		"Field uid is missing in new schema":                                     {&relaxed, &wide, deep},
		"Field date has changed mode from NULLABLE":                              {actions[0], actions[1], &wide, deep},
		"Field 횟수 has changed type from NUMERIC":                                 {&relaxed, actions[1], actions[2], deep},
		"Cannot add required fields to an existing":                              {&relaxed, actions[1], &wide, deep, {Name: "q", Type: bq.StringFieldType, Required: true}},
		"Duplicate field name: UID":                                              {&relaxed, actions[1], &wide, deep, {Name: "UID", Type: bq.StringFieldType}},
		"Field names are not allowed to start with":                              {&relaxed, actions[1], &wide, deep, {Name: "_PARTITIONx", Type: bq.StringFieldType}},
		"is type RECORD but has no schema":                                       {&relaxed, actions[1], &wide, deep, {Name: "z", Type: bq.RecordFieldType}},
		`Invalid field name "a.b"`:                                               {&relaxed, actions[1], &wide, deep, {Name: "a.b", Type: bq.StringFieldType}},
		"Provided Schema does not match Table calback-demo:calback.user_actions": {&relaxed},
	} {
		w.fails(change(schema), "400 invalid", text)
	}
	_, err = w.load(w.client.Dataset("calback").Table("user_actions"), bq.JSON, `{"date":"2026-06-30","uid":"b","r":{"x":1,"y":["p"]}}`, nil)
	w.must(err)
	if diff := cmp.Diff([]string{"[2026-06-30 a 3 NULL]", `[2026-06-30 b NULL {"x":1,"y":["p"]}]`}, w.rows("user_actions", "")); diff != "" {
		t.Error(diff)
	}
	m, err = table.Metadata(w.ctx)
	w.must(err)
	if m.NumRows != 2 || m.NumBytes == 0 || len(m.Schema) != 4 {
		t.Errorf("%+v", m)
	}
}

func TestTablesAreChecked(t *testing.T) {
	w := open(t, Config{})
	w.actions()
	for body, text := range map[string]string{
		`{"tableReference":{"tableId":"user_actions"}}`:                                                                                       "Already Exists: Table calback-demo:calback.user_actions",
		`{"tableReference":{"tableId":"a.b"}}`:                                                                                                "Invalid table ID",
		`{"tableReference":{"tableId":"a"},"timePartitioning":{"type":"WEEK"}}`:                                                               "Invalid value for type",
		`{"tableReference":{"tableId":"a"},"timePartitioning":{"type":"DAY","field":"x"}}`:                                                    "cannot be found in the schema: x",
		`{"tableReference":{"tableId":"a"},"schema":{"fields":[{"name":"x","type":"STRING"}]},"timePartitioning":{"type":"DAY","field":"x"}}`: "must be of type DATE",
		`{"tableReference":{"tableId":"a"},"clustering":{"fields":["x"]}}`:                                                                    "clustering cannot be found",
		`{"tableReference":{"tableId":"a"},"timePartitioning":{"type":"DAY","expirationMs":"9999999999"}}`:                                    "billingNotEnabled",
		`{"tableReference":{"tableId":"a"},"requirePartitionFilter":true}`:                                                                    "only for a partitioned table",
		`{"tableReference":{"tableId":"a"},"view":{"query":"SELECT 1"}}`:                                                                      "not supported by the sandbox",
		`{"tableReference":{"tableId":"a"},"schema":{"fields":[{"name":"x","type":"MONEY"}]}}`:                                                "MONEY is not a valid value",
		`{"tableReference":`: "Invalid JSON payload",
	} {
		if _, got := w.call("POST", "/bigquery/v2/projects/calback-demo/datasets/calback/tables", body); !strings.Contains(got, text) || !strings.Contains(got, `"reason"`) {
			t.Errorf("%s: no %q in %s", body, text, got)
		}
	}
	if res, _ := w.call("GET", "/bigquery/v2/projects/calback-demo/nothing", ""); res.StatusCode != 404 {
		t.Errorf("status %d", res.StatusCode)
	}
}

// TestPartitionsExpireWithoutBilling is the trap of projects without billing:
// a load of an old day succeeds and nothing is there.
func TestPartitionsExpireWithoutBilling(t *testing.T) {
	for _, billing := range []bool{false, true} {
		now := clock
		w := open(t, Config{Billing: billing, Now: func() time.Time { return now }})
		w.actions()
		for _, day := range []string{"2026-04-01", "2026-06-30"} {
			part := w.client.Dataset("calback").Table("user_actions$" + strings.ReplaceAll(day, "-", ""))
			st, err := w.load(part, bq.JSON, `{"date":"`+day+`","uid":"a","횟수":1}`, nil)
			w.must(err)
			if n := st.Statistics.Details.(*bq.LoadStatistics).OutputRows; n != 1 {
				t.Errorf("%s: %d rows", day, n)
			}
		}
		want := []string{"[2026-04-01 a 1]", "[2026-06-30 a 1]"}
		if !billing {
			want = want[1:]
		}
		if diff := cmp.Diff(want, w.rows("user_actions", "")); diff != "" {
			t.Errorf("billing %v: %s", billing, diff)
		}
		now = now.AddDate(0, 0, 61)
		if got := w.rows("user_actions", ""); (len(got) == 0) == billing {
			t.Errorf("billing %v: after 61 days %v", billing, got)
		}
	}
}

func TestIngestionTimePartitions(t *testing.T) {
	w := open(t, Config{})
	d := w.dataset()
	w.must(d.Table("log").Create(w.ctx, &bq.TableMetadata{Schema: bq.Schema{{Name: "n", Type: bq.IntegerFieldType}},
		TimePartitioning: &bq.TimePartitioning{Type: bq.DayPartitioningType}, RequirePartitionFilter: true}))
	for id, row := range map[string]string{"log$20260630": `{"n":1}`, "log": `{"n":2}`} {
		_, err := w.load(d.Table(id), bq.JSON, row, nil)
		w.must(err)
	}
	_, err := w.ask("SELECT * FROM calback.log")
	w.fails(err, "400 invalidQuery", "without a filter over column(s) '_PARTITIONTIME', '_PARTITIONDATE'")
	got, err := w.ask("SELECT *, _PARTITIONDATE AS day FROM calback.log WHERE _PARTITIONTIME >= TIMESTAMP '2026-01-01' ORDER BY n")
	w.must(err)
	if diff := cmp.Diff([]string{"[1 2026-06-30]", "[2 2026-07-01]"}, got); diff != "" {
		t.Error(diff)
	}
	if got := w.rows("log", "20260701"); len(got) != 1 || got[0] != "[2]" {
		t.Error(got)
	}
	w.must(d.Table("log$20260701").Delete(w.ctx))
	if got := w.rows("log", ""); len(got) != 1 || got[0] != "[1]" {
		t.Error(got)
	}
}

// TestPermissionsOnATable asks as Google's client does.
func TestPermissionsOnATable(t *testing.T) {
	w := open(t, Config{})
	table := w.actions()
	asked := []string{"bigquery.tables.updateData", "bigquery.tables.getData"}
	have, err := table.IAM().TestPermissions(w.ctx, asked)
	w.must(err)
	if !cmp.Equal(have, asked) {
		t.Errorf("permissions %q", have)
	}
	_, err = w.client.Dataset("calback").Table("nobody").IAM().TestPermissions(w.ctx, asked)
	w.fails(err, "404 notFound", "Not found: Table")
}
