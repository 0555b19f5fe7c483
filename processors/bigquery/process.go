package bigquery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"strconv"
	"strings"

	bq "cloud.google.com/go/bigquery"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

const (
	// mostDuplicates is how often an id may be refused as taken by a job that is
	// not there.
	mostDuplicates = 3
	// largestPacked is how large compressed lines may be.
	largestPacked = 4 << 30
	// manyRows is from how many rows on the choice is left to us and falls on
	// Parquet.
	manyRows = 100_000
)

// Process loads the records of the session's run.
func (l *LoadBigQuery) Process(ctx context.Context, s *flowfile.Session) error {
	run := s.Run()
	p, err := l.slot(run)
	if err != nil {
		return err
	}
	in, err := survey(s)
	if err != nil {
		return err
	}
	t, err := l.prepare(ctx, p, in.columns)
	if err != nil {
		return err
	}
	w := &work{LoadBigQuery: l, s: s, in: in, target: t,
		id: identity{store: l.store, flow: run.Flow, node: s.Node(), slot: run.Slot, generation: run.Generation}}
	defer w.close()
	return w.do(ctx)
}

// work is one try.
type work struct {
	*LoadBigQuery
	s      *flowfile.Session
	in     *input
	target *target
	id     identity
	spool  *spool
}

func (w *work) close() {
	if w.spool != nil {
		w.spool.close()
	}
}

// do finds out what became of earlier tries' jobs and sends one only if none of
// them is, or may become, this run's load.
func (w *work) do(ctx context.Context) error {
	pending, err := intents(w.s.Pending())
	if err != nil {
		return err
	}
	try, duplicates := firstTry, 0
	for _, in := range pending {
		try = max(try, in.Try)
	}
	for {
		var same []intent
		for _, in := range pending {
			if in.Try == try {
				same = append(same, in)
			}
		}
		job, err := w.look(ctx, same)
		if err != nil {
			return err
		}
		switch decide(same, foundOf(job), w.target.destination) {
		case next:
			try++
			continue
		case refuse:
			return fault.New("bigquery_job_foreign", "job", job.ID(), "have", destinationOf(job), "want", w.target.destination).Permanent()
		case adopt:
			return w.adopt(ctx, job, same)
		}
		if duplicates > mostDuplicates {
			return fault.New("bigquery_vanished", "on", w.id.job(try))
		}
		sent, in, err := w.send(ctx, try)
		if err == nil {
			return w.finish(ctx, sent, in, w.spool.built)
		}
		if !errors.Is(err, errDuplicate) {
			return err
		}
		duplicates++
		pending = append(pending, in)
	}
}

// look returns the job that was intended last under an id, nil for none.
func (w *work) look(ctx context.Context, same []intent) (*bq.Job, error) {
	if len(same) == 0 {
		return nil, nil
	}
	last := same[len(same)-1]
	return w.warehouse.getJob(ctx, last.Project, last.Job, last.Location)
}

// adopt takes a job of an earlier try for this one's. The rows are looked at once
// more: those that were rejected must be told, and as many must be left as the
// job was sent.
func (w *work) adopt(ctx context.Context, job *bq.Job, same []intent) error {
	var in intent
	mark := foundOf(job).label
	for _, have := range same {
		if labelOf(have.SHA256) == mark {
			in = have
		}
	}
	b := built{}
	if w.spool != nil {
		b = w.spool.built
	} else {
		var err error
		if b, err = w.in.encode(ctx, w.target, io.Discard); err != nil {
			return err
		}
	}
	if b.rows != in.Rows {
		return fault.New("bigquery_adopted_differs", "job", in.Job, "want", b.rows, "have", in.Rows).Permanent()
	}
	w.s.Log().Info("load job adopted", "job", in.Job, "rows", in.Rows)
	return w.finish(ctx, job, in, b)
}

// send builds the upload, notes durably what is about to be done, and does it.
func (w *work) send(ctx context.Context, try int) (*bq.Job, intent, error) {
	if err := w.build(ctx); err != nil {
		return nil, intent{}, err
	}
	sp := w.spool
	in := intent{Job: w.id.job(try), Try: try, Project: w.warehouse.project, Location: w.target.location, Destination: w.target.destination,
		Format: sp.format, SHA256: sp.sum, Bytes: sp.size, Rows: sp.rows, Rejected: sp.rejected, at: w.s.Now()}
	payload, err := json.Marshal(in)
	if err != nil {
		return nil, in, fmt.Errorf("encode intent: %w", err)
	}
	if err := w.s.Intent(ctx, in.Job, payload); err != nil {
		return nil, in, err
	}
	job, err := w.warehouse.insertJob(ctx, w.loader(in), sp.mime, sp.size, sp.open)
	return job, in, err
}

// build makes the upload, once.
func (w *work) build(ctx context.Context) (err error) {
	if w.spool != nil {
		return nil
	}
	form, err := w.form()
	if err != nil {
		return err
	}
	write := w.in.spoolNDJSON
	if form == formatParquet {
		write = w.in.spoolParquet
	}
	sp, err := write(ctx, w.target, w.scratch)
	if err != nil {
		return err
	}
	w.spool = sp
	path := w.warehouse.path(w.table)
	switch {
	case sp.rows == 0 && sp.rejected > 0:
		// Loading none in place of all would empty what an earlier run filled.
		return fault.New("bigquery_all_rejected", "table", path, "rows", sp.rejected, "reason", sp.first).Permanent()
	case sp.format == formatNDJSON && sp.size > largestPacked:
		return fault.New("bigquery_upload_large", "table", path, "bytes", sp.size, "limit", int64(largestPacked)).Permanent()
	}
	return nil
}

// form is in which form the rows are sent.
func (w *work) form() (string, error) {
	switch w.format {
	case formatParquet:
		return formatParquet, unfit(w.target.layout.columns)
	case formatAuto:
		if w.in.rows >= manyRows && unfit(w.target.layout.columns) == nil {
			return formatParquet, nil
		}
	}
	return formatNDJSON, nil
}

// loader makes the load job of an intent for an upload.
func (w *work) loader(in intent) func(*bq.ReaderSource) *bq.Loader {
	labels := map[string]string{}
	maps.Copy(labels, w.labels)
	labels[label] = labelOf(in.SHA256)
	out := w.target.layout
	return func(upload *bq.ReaderSource) *bq.Loader {
		upload.Schema = out.schema
		upload.SourceFormat = bq.JSON
		l := w.warehouse.set().Table(w.LoadBigQuery.destination(w.target.partition)).LoaderFrom(upload)
		l.JobIDConfig = bq.JobIDConfig{ProjectID: in.Project, JobID: in.Job, Location: in.Location}
		l.Labels = labels
		l.WriteDisposition = bq.WriteTruncate
		l.CreateDisposition = bq.CreateNever
		l.Clustering = w.target.clustering
		if in.Format == formatParquet {
			upload.SourceFormat = bq.Parquet
			upload.ParquetOptions = &bq.ParquetOptions{EnableListInference: true}
			l.DecimalTargetTypes = []bq.DecimalTargetType{bq.NumericTargetType, bq.BigNumericTargetType}
		}
		if len(out.added) > 0 && w.target.partition.id != "" {
			l.SchemaUpdateOptions = []string{"ALLOW_FIELD_ADDITION"}
		}
		if out.special {
			l.ColumnNameCharacterMap = bq.V2ColumnNameCharacterMap
		}
		return l
	}
}

// finish waits for the job and proves what it loaded.
func (w *work) finish(ctx context.Context, job *bq.Job, in intent, b built) error {
	if err := w.warehouse.awaitJob(ctx, job); err != nil {
		return err
	}
	if err := w.warehouse.failureOf(job, w.target.destination); err != nil {
		return err
	}
	n, told := outputOf(job)
	switch {
	case !told:
		return fault.New("bigquery_no_count", "job", in.Job).Permanent()
	case n != in.Rows:
		return fault.New("bigquery_rows_differ", "table", w.target.destination, "job", in.Job, "want", in.Rows, "have", n).Permanent()
	}
	if err := w.in.reject(ctx, w.target, b); err != nil {
		return err
	}
	w.tell(job, in, n)
	return nil
}

// tell writes the receipt and all that is worth knowing of the job.
func (w *work) tell(job *bq.Job, in intent, rows int64) {
	s := w.s
	s.ReceiptOf(flowfile.Receipt{Key: in.Destination, Rows: in.Rows, Bytes: in.Bytes, SHA256: in.SHA256, Link: w.link(job)})
	s.Witness("BigQuery", rows)
	s.Fact("job", in.Job)
	s.Fact("bytes", strconv.FormatInt(in.Bytes, 10))
	s.Fact("format", in.Format)
	s.Fact("location", in.Location)
	s.Fact("slot_ms", strconv.FormatInt(job.LastStatus().Statistics.TotalSlotDuration.Milliseconds(), 10))
	if n := len(w.target.layout.added); n > 0 {
		s.Warn(fault.New("bigquery_columns_added", "table", w.warehouse.path(w.table), "columns", strings.Join(w.target.layout.added, ", ")))
	}
	f := s.Create()
	s.Set(f, "bigquery.table", w.warehouse.path(w.table))
	s.Set(f, "bigquery.partition", w.target.partition.id)
	s.Set(f, "bigquery.job", in.Job)
	s.Set(f, "rows", strconv.FormatInt(in.Rows, 10))
	s.Set(f, "sha256", in.SHA256)
	s.Transfer(f, "success")
}

// link leads to the job: its page in the console, or its address in the sandbox.
func (w *work) link(job *bq.Job) string {
	if w.warehouse.client.Sandboxed {
		return w.warehouse.root + "projects/" + job.ProjectID() + "/jobs/" + job.ID() + "?location=" + job.Location()
	}
	return "https://console.cloud.google.com/bigquery?" + url.Values{"project": {job.ProjectID()},
		"j": {"bq:" + job.Location() + ":" + job.ID()}, "page": {"queryresults"}}.Encode()
}
