package bigquery

import (
	"context"
	"slices"
	"strings"

	bq "cloud.google.com/go/bigquery"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/google"
)

// The steps of a verification.
var (
	stepClient  = fault.New("step_client")
	stepSlot    = fault.New("bigquery_step_slot")
	stepDataset = fault.New("bigquery_step_dataset")
	stepTable   = fault.New("bigquery_step_table")
	stepWrite   = fault.New("bigquery_step_write")
	stepAge     = fault.New("bigquery_step_age")
	stepJobs    = fault.New("bigquery_step_jobs")
)

// Verify looks at dataset and table, and tries a query of nothing, which runs
// nowhere and costs nothing. It changes nothing.
func (l *LoadBigQuery) Verify(ctx context.Context, env processors.Env) []processors.Step {
	if env.Now != nil {
		l.now = env.Now
	}
	v := &verification{l: l}
	w, err := l.connect(env)
	if err != nil {
		return v.fail(stepClient, err)
	}
	v.pass(stepClient, fault.New("bigquery_note_project", "project", w.project))
	credential, ok := w.client.VerifySteps(ctx, google.BigQuery)
	v.steps = append(v.steps, credential...)
	if !ok {
		return v.fail(nil, nil)
	}
	p, err := v.slot(env.Run)
	if err != nil {
		return v.fail(stepSlot, err)
	}
	d, err := l.findDataset(ctx, w, true)
	if err != nil {
		return v.fail(stepDataset, err)
	}
	location := l.location
	if d == nil {
		v.pass(stepDataset, fault.New("bigquery_note_no_dataset", "location", l.location))
	} else {
		location = d.Location
		v.pass(stepDataset, fault.New("bigquery_note_dataset", "dataset", w.project+"."+l.dataset, "location", d.Location))
	}
	var t *bq.TableMetadata
	if d != nil {
		if t, err = v.table(ctx, w, p); err != nil {
			return v.fail(stepTable, err)
		}
	} else {
		v.pass(stepTable, fault.New("bigquery_note_no_table"))
	}
	if err := v.write(ctx, w, t); err != nil {
		return v.fail(stepWrite, err)
	}
	if err := l.checkAge(w, d, t, p); err != nil {
		return v.fail(stepAge, err)
	}
	v.pass(stepAge, keeps(d, t))
	if err := w.tryJob(ctx, location); err != nil {
		return v.fail(stepJobs, err)
	}
	v.pass(stepJobs, fault.New("bigquery_note_jobs", "project", w.project, "most", "1,500"))
	return v.steps
}

// verification collects steps.
type verification struct {
	l     *LoadBigQuery
	steps []processors.Step
}

func (v *verification) pass(name, note *fault.Error) {
	v.steps = append(v.steps, processors.Passed(name, note))
}

// fail ends a verification with a failed step, and adds those that were not come
// to.
func (v *verification) fail(name *fault.Error, err error) []processors.Step {
	if name != nil {
		v.steps = append(v.steps, processors.Failed(name, err))
	}
	for _, n := range []*fault.Error{stepClient, stepSlot, stepDataset, stepTable, stepWrite, stepAge, stepJobs} {
		if !slices.ContainsFunc(v.steps, func(s processors.Step) bool { return s.Name == n }) {
			v.steps = append(v.steps, processors.NotReached(n))
		}
	}
	return v.steps
}

// slot tells the partition of the run that is verified for, where one is known.
func (v *verification) slot(run flowfile.Run) (partition, error) {
	if run.Slot == "" {
		v.steps = append(v.steps, processors.Skipped(stepSlot, fault.New("bigquery_note_no_slot")))
		return partition{}, nil
	}
	p, err := v.l.slot(run)
	if err == nil {
		v.pass(stepSlot, fault.New("bigquery_note_slot", "slot", run.Slot, "destination", v.l.dataset+"."+v.l.destination(p)))
	}
	return p, err
}

// table looks at the table that is there.
func (v *verification) table(ctx context.Context, w *warehouse, p partition) (*bq.TableMetadata, error) {
	t, err := w.getTable(ctx, v.l.table)
	switch {
	case err != nil:
		return nil, err
	case t == nil && v.l.create == createNone:
		return nil, fault.New("bigquery_table_missing", "table", w.path(v.l.table)).Permanent()
	case t == nil:
		v.pass(stepTable, fault.New("bigquery_note_no_table"))
		return nil, nil
	}
	if err := v.l.checkTable(w, t, p); err != nil {
		return nil, err
	}
	if err := v.l.checkDecider(t, p); err != nil {
		return nil, err
	}
	v.pass(stepTable, fault.New("bigquery_note_table", "table", w.path(v.l.table), "columns", len(t.Schema), "rows", t.NumRows,
		"partitioning", worded(showPartitioning(t))))
	return t, nil
}

// mayWrite is what a load does to a table.
const mayWrite = "bigquery.tables.updateData"

// write asks whether the table may be written. For one that is not there yet
// nobody can be asked.
func (v *verification) write(ctx context.Context, w *warehouse, t *bq.TableMetadata) error {
	if t == nil {
		v.steps = append(v.steps, processors.Skipped(stepWrite, fault.New("bigquery_note_write_unasked")))
		return nil
	}
	var have []string
	err := w.call(ctx, func(ctx context.Context) (err error) {
		have, err = w.set().Table(v.l.table).IAM().TestPermissions(ctx, []string{mayWrite})
		return err
	})
	switch {
	case err != nil:
		return w.blame(ctx, err, roleEditor, w.path(v.l.table))
	case !slices.Contains(have, mayWrite):
		return fault.New("bigquery_write_denied", "table", w.path(v.l.table), "permission", mayWrite, "role", roleEditor, "dataset", w.project+"."+w.dataset).Permanent()
	}
	v.pass(stepWrite, fault.New("bigquery_note_write", "permission", mayWrite))
	return nil
}

// checkDecider checks that the slot fits the column that partitions a table.
func (l *LoadBigQuery) checkDecider(t *bq.TableMetadata, p partition) error {
	if p.column == "" {
		return nil
	}
	for _, f := range t.Schema {
		if strings.EqualFold(f.Name, p.column) {
			return p.fits(kindOf(f))
		}
	}
	return nil
}

// keeps tells how long partitions live.
func keeps(d *bq.DatasetMetadata, t *bq.TableMetadata) *fault.Error {
	if span := kept(d, t); span != 0 {
		return fault.New("bigquery_note_dropped", "days", days(span))
	}
	return fault.New("bigquery_note_kept")
}

// tryJob asks whether a job could be begun, without beginning one.
func (w *warehouse) tryJob(ctx context.Context, location string) error {
	q := w.api.Query("SELECT 1")
	q.DryRun, q.Location = true, location
	err := w.call(ctx, func(ctx context.Context) error {
		_, err := q.Run(ctx)
		return err
	})
	if err != nil {
		return w.blame(ctx, err, roleUser, w.project)
	}
	return nil
}
