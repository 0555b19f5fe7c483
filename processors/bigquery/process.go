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
	"time"

	bq "google.golang.org/api/bigquery/v2"

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
	// shownErrors is how many of a job's errors are told.
	shownErrors = 5
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
			return fault.New("bigquery_job_foreign", "job", job.JobReference.JobId, "have", destinationOf(job), "want", w.target.destination).Permanent()
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
	at := *w.warehouse
	at.project = last.Project
	return at.getJob(ctx, last.Job, last.Location)
}

// adopt takes a job of an earlier try for this one's. The rows are looked at once
// more: those that were rejected must be told, and as many must be left as the
// job was sent.
func (w *work) adopt(ctx context.Context, job *bq.Job, same []intent) error {
	var in intent
	for _, have := range same {
		if labelOf(have.SHA256) == job.Configuration.Labels[label] {
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
	job, err := w.warehouse.insertJob(ctx, w.job(in), sp.mime, sp.open)
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

// job is the load job of an intent.
func (w *work) job(in intent) *bq.Job {
	labels := map[string]string{}
	maps.Copy(labels, w.labels)
	labels[label] = labelOf(in.SHA256)
	out := w.target.layout
	load := &bq.JobConfigurationLoad{
		DestinationTable:  &bq.TableReference{ProjectId: in.Project, DatasetId: w.dataset, TableId: w.LoadBigQuery.destination(w.target.partition)},
		Schema:            out.schema,
		SourceFormat:      "NEWLINE_DELIMITED_JSON",
		WriteDisposition:  "WRITE_TRUNCATE",
		CreateDisposition: "CREATE_NEVER",
		ForceSendFields:   []string{"Autodetect", "MaxBadRecords", "IgnoreUnknownValues"},
	}
	if in.Format == formatParquet {
		load.SourceFormat = "PARQUET"
		load.ParquetOptions = &bq.ParquetOptions{EnableListInference: true}
		load.DecimalTargetTypes = []string{"NUMERIC", "BIGNUMERIC"}
	}
	if len(out.added) > 0 && w.target.partition.id != "" {
		load.SchemaUpdateOptions = []string{"ALLOW_FIELD_ADDITION"}
	}
	if out.special {
		load.ColumnNameCharacterMap = "V2"
	}
	return &bq.Job{JobReference: &bq.JobReference{ProjectId: in.Project, JobId: in.Job, Location: in.Location},
		Configuration: &bq.JobConfiguration{Labels: labels, Load: load}}
}

// finish waits for the job and proves what it loaded.
func (w *work) finish(ctx context.Context, job *bq.Job, in intent, b built) error {
	at := *w.warehouse
	at.project = in.Project
	job, err := at.awaitJob(ctx, job)
	if err != nil {
		return err
	}
	if job.Status.ErrorResult != nil {
		return failureOf(job, w.target.destination)
	}
	if job.Statistics == nil || job.Statistics.Load == nil {
		return fault.New("bigquery_no_count", "job", in.Job).Permanent()
	}
	if n := job.Statistics.Load.OutputRows; n != in.Rows {
		return fault.New("bigquery_rows_differ", "table", w.target.destination, "job", in.Job, "want", in.Rows, "have", n).Permanent()
	}
	if err := w.in.reject(ctx, w.target, b); err != nil {
		return err
	}
	w.tell(job, in)
	return nil
}

// tell writes the receipt and all that is worth knowing of the job.
func (w *work) tell(job *bq.Job, in intent) {
	s := w.s
	s.ReceiptOf(flowfile.Receipt{Key: in.Destination, Rows: in.Rows, Bytes: in.Bytes, SHA256: in.SHA256, Link: w.link(job)})
	s.Witness("BigQuery", job.Statistics.Load.OutputRows)
	s.Fact("job", in.Job)
	s.Fact("bytes", strconv.FormatInt(in.Bytes, 10))
	s.Fact("format", in.Format)
	s.Fact("location", in.Location)
	s.Fact("slot_ms", strconv.FormatInt(job.Statistics.TotalSlotMs, 10))
	if n := len(w.target.layout.added); n > 0 {
		s.Warn(fmt.Sprintf("Columns were added to %s: %s.", w.warehouse.path(w.table), strings.Join(w.target.layout.added, ", ")))
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
		return job.SelfLink
	}
	r := job.JobReference
	return "https://console.cloud.google.com/bigquery?" + url.Values{"project": {r.ProjectId},
		"j": {"bq:" + r.Location + ":" + r.JobId}, "page": {"queryresults"}}.Encode()
}

// foundOf is what decide needs to know of a job.
func foundOf(j *bq.Job) found {
	if j == nil {
		return found{}
	}
	f := found{state: jobRunning, destination: destinationOf(j)}
	if j.Configuration != nil {
		f.label = j.Configuration.Labels[label]
	}
	if j.Statistics != nil {
		f.created = time.UnixMilli(j.Statistics.CreationTime)
	}
	if isDone(j) {
		f.state = jobDone
		if j.Status.ErrorResult != nil {
			f.state = jobFailed
		}
	}
	return f
}

// destinationOf is the table that a job loads; none for another sort of job.
func destinationOf(j *bq.Job) string {
	if j.Configuration == nil || j.Configuration.Load == nil || j.Configuration.Load.DestinationTable == nil {
		return ""
	}
	t := j.Configuration.Load.DestinationTable
	return t.ProjectId + "." + t.DatasetId + "." + t.TableId
}

// failureOf is the fault of a job that failed: of the service, which passes, or
// of the load itself, which does not.
func failureOf(j *bq.Job, destination string) error {
	why := j.Status.ErrorResult
	text := errorsOf(j.Status)
	switch why.Reason {
	case "backendError", "internalError", "jobBackendError", "jobInternalError", "timeout", "tableUnavailable", "resourceInUse":
		return fault.New("bigquery_job_again", "job", j.JobReference.JobId, "table", destination, "said", text).RetryAfter(rateWait)
	case "rateLimitExceeded", "jobRateLimitExceeded":
		return fault.New("bigquery_rate", "on", destination, "said", text).RetryAfter(rateWait)
	case "quotaExceeded":
		return fault.New("bigquery_quota", "on", destination, "said", text).RetryAfter(quotaWait)
	}
	return fault.New("bigquery_job_failed", "job", j.JobReference.JobId, "table", destination, "reason", why.Reason, "said", text).Permanent()
}

// errorsOf renders the first errors of a job with their places.
func errorsOf(st *bq.JobStatus) string {
	all := st.Errors
	if len(all) == 0 {
		all = []*bq.ErrorProto{st.ErrorResult}
	}
	var out []string
	for i, e := range all {
		if i == shownErrors {
			out = append(out, fmt.Sprintf("and %d more", len(all)-i))
			break
		}
		text := e.Message
		if e.Location != "" {
			text = e.Location + ": " + text
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}
