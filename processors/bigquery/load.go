package bigquery

import (
	"context"
	"fmt"
	"time"

	bq "cloud.google.com/go/bigquery"
	rest "google.golang.org/api/bigquery/v2"
	"google.golang.org/api/option"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/google"
)

func init() {
	processors.Register(func() processors.Processor {
		return &LoadBigQuery{write: overwriteSlot, create: createTable, onNew: newFail, format: formatAuto, wait: sleep, now: time.Now,
			silence: uploadSilence, uploadTime: uploadTime}
	})
}

// The values of the choices.
const (
	overwriteSlot  = "overwrite_slot"
	overwriteTable = "overwrite_table"
	createTable    = "table"
	createDataset  = "dataset"
	createNone     = "none"
	newFail        = "fail"
	newAdd         = "add"
	formatAuto     = "auto"
	formatNDJSON   = "ndjson"
	formatParquet  = "parquet"
)

// rejected is the output for rows that BigQuery would not take.
const rejected = "rejected"

// LoadBigQuery replaces a partition of a table by the records of a run.
type LoadBigQuery struct {
	service                      processors.ServiceRef
	project, dataset, table      string
	location, partition          string
	write, create, onNew, format string
	cluster                      []string
	filter                       bool
	description                  string
	labels                       map[string]string

	store, flow, node string
	scratch           string
	warehouse         *warehouse
	wait              func(context.Context, time.Duration) error
	now               func() time.Time
	silence           time.Duration
	uploadTime        func(size int64) time.Duration
}

// Define describes the kind.
func (l *LoadBigQuery) Define(s *processors.Spec) {
	s.Describe("LoadBigQuery", "Replaces one partition of a BigQuery table by all records of a run, in one load job that is free of charge and happens once.",
		"bigquery", "google", "warehouse", "sink", "load", "table")
	s.Input("", "The records; all must have the same columns. A null list becomes one without items, since BigQuery has no other.", processors.WholeRun, processors.OnEmpty("fail"))
	s.Service(&l.service, "service", google.Kind, "The Google Cloud account.", processors.Required)
	s.String(&l.dataset, "dataset", "The dataset.", processors.Required, processors.Example("calback"),
		processors.Pattern(`[A-Za-z0-9_]+`, "a dataset id: letters, digits and underscores"))
	s.String(&l.table, "table", "The table.", processors.Required, processors.Example("user_actions"),
		processors.Pattern(`[\p{L}\p{M}\p{N}\p{Pc}\p{Pd} ]+`, "a table id: letters, digits, underscores, hyphens and spaces, without $ and the partition"))
	s.String(&l.partition, "partition", "What the table is partitioned by: the name of a date or timestamp column, or _PARTITIONTIME for the time of loading. The slot tells whether partitions are hours, days or months.",
		processors.Example("dt"))
	s.Choice(&l.write, "write", "What the load replaces.", []processors.ChoiceValue{
		{Value: overwriteSlot, Doc: "The partition of the run's slot, and nothing else of the table."},
		{Value: overwriteTable, Doc: "The whole table, which has no partitions: it then holds this slot alone."},
	})
	s.String(&l.project, "project", "The project of the dataset, where the job runs and is billed; without it the service's.", processors.Example("calback-prod"))
	s.String(&l.location, "location", "Where the dataset must lie, such as asia-northeast3 or US; empty takes wherever it lies. A dataset cannot be moved later.", processors.Example("asia-northeast3"))
	s.Choice(&l.create, "create", "What to make when it is not there.", []processors.ChoiceValue{
		{Value: createTable, Doc: "The table, with the columns of the records."},
		{Value: createDataset, Doc: "The dataset too, at the location."},
		{Value: createNone, Doc: "Nothing: the load fails."},
	})
	s.Choice(&l.onNew, "on_new_column", "What to do when the records have a column that the table has not.", []processors.ChoiceValue{
		{Value: newFail, Doc: "Fail, with all differences listed."},
		{Value: newAdd, Doc: "Add it to the table; rows of other slots have null there."},
	})
	s.List(&l.cluster, "cluster", "Columns to cluster a new table by, the most filtered first; a table that is there must be clustered so.",
		processors.Max(4), processors.Example("uid"))
	s.Bool(&l.filter, "require_partition_filter", "Whether queries of a new table must name partitions.", processors.DependsOn("write", overwriteSlot))
	s.String(&l.description, "description", "The description of a new table.", processors.Advanced, processors.Example("One row per user and day."))
	s.Map(&l.labels, "labels", "Labels of a new table and of the load jobs.", processors.Advanced, processors.Example("team=data"))
	s.Choice(&l.format, "format", "In which form the rows are sent.", formats, processors.Advanced)
	s.Output("success", "One FlowFile that names the table, partition, job, rows and sha256. It has no content and is no part of the balance.")
	s.Output(rejected, "Rows that BigQuery would refuse, or that belong to another slot: row, column, code, reason and the whole record as JSON. Of the first, code and reason stand in reject.code and reject.reason too.", processors.Reject)
	s.Effects("Replaces a partition of a BigQuery table, or a whole table; makes the table or dataset where asked to.")
	s.Needs(
		processors.Need{Kind: processors.NeedAPI, Value: google.BigQuery.Host, Why: "The rows are loaded with it."},
		processors.Need{Kind: processors.NeedScope, Value: google.BigQuery.Scope, Why: "Tokens are asked for BigQuery."},
		processors.Need{Kind: processors.NeedHost, Value: google.BigQuery.Host + ":443", Why: "The rows are sent there."},
		processors.Need{Kind: processors.NeedRole, Value: roleUser, Why: "Load jobs are begun with it.", On: &l.project, Of: &l.service},
		processors.Need{Kind: processors.NeedRole, Value: roleEditor, Why: "The table is made, looked at and written.", On: &l.dataset},
		processors.Need{Kind: processors.NeedResource, Value: &l.dataset, Why: "The dataset of the table.", On: &l.project, Of: &l.service},
		processors.Need{Kind: processors.NeedResource, Value: &l.table, Why: "The table that is loaded.", On: &l.dataset, Replaces: true})
}

// formats are the forms of an upload.
var formats = []processors.ChoiceValue{
	{Value: formatAuto, Doc: "Lines of JSON, and Parquet from 100,000 rows on where the columns allow it."},
	{Value: formatNDJSON, Doc: "Lines of JSON, compressed; up to 4 GB of them."},
	{Value: formatParquet, Doc: "A Parquet file, which BigQuery reads in parallel; not for json columns."},
}

// Validate checks what one property alone cannot show.
func (l *LoadBigQuery) Validate(r *processors.Report) {
	switch {
	case !r.Known("partition", "write"):
	case l.write == overwriteSlot && l.partition == "":
		r.Problem("partition", fault.New("bigquery_partition_needed", "table", l.dataset+"."+l.table).Permanent())
	case l.write == overwriteTable && l.partition != "":
		r.Problem("write", fault.New("bigquery_overwrite_partitioned", "partition", l.partition, "table", l.dataset+"."+l.table).Permanent())
	}
	if l.partition != "" && l.partition != ingestion {
		if err := checkName(l.partition, l.partition); err != nil {
			r.Problem("partition", fault.As(err))
		}
	}
	if l.create == createDataset && l.location == "" && r.Known("create", "location") {
		r.Problem("location", fault.New("bigquery_location_needed", "dataset", l.dataset).Permanent())
	}
}

// Start opens the client.
func (l *LoadBigQuery) Start(_ context.Context, env processors.Env) error {
	l.store, l.flow, l.node, l.scratch = env.Store, env.Flow, env.Node, env.Scratch
	if env.Now != nil {
		l.now = env.Now
	}
	w, err := l.connect(env)
	if err == nil {
		w.spare = &spare{}
	}
	l.warehouse = w
	return err
}

// connect makes the client; nothing is sent yet.
func (l *LoadBigQuery) connect(env processors.Env) (*warehouse, error) {
	client, err := processors.Client[*google.Client](env, l.service)
	if err != nil {
		return nil, err
	}
	direct, root := client.HTTP(google.BigQuery)
	requests := *direct
	requests.Transport = attempts{direct.Transport}
	w := &warehouse{client: client, root: root, project: l.project, dataset: l.dataset, wait: l.pass,
		silence: l.silence, uploadTime: l.uploadTime}
	if w.project == "" {
		w.project = client.Project
	}
	options := []option.ClientOption{option.WithEndpoint(root), option.WithHTTPClient(&requests)}
	w.api, err = bq.NewClient(context.Background(), w.project, options...)
	if err == nil {
		w.lists, err = rest.NewService(context.Background(), options...)
	}
	if err != nil {
		return nil, fmt.Errorf("open BigQuery client: %w", err)
	}
	return w, nil
}

// pass lets the time pass.
func (l *LoadBigQuery) pass(ctx context.Context, d time.Duration) error { return l.wait(ctx, d) }

// slot returns the part of the table that a run fills.
func (l *LoadBigQuery) slot(run flowfile.Run) (partition, error) {
	if l.write == overwriteTable {
		return partition{slot: run.Slot}, nil
	}
	return partitionOf(run, l.partition)
}

// destination is the table with the partition behind a $.
func (l *LoadBigQuery) destination(p partition) string {
	if p.id == "" {
		return l.table
	}
	return l.table + "$" + p.id
}
