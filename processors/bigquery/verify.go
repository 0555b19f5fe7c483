package bigquery

import (
	"context"
	"fmt"
	"slices"
	"strings"

	bq "cloud.google.com/go/bigquery"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/google"
)

// The steps of a verification.
const (
	stepClient  = "Open the client"
	stepSlot    = "Find the slot's partition"
	stepDataset = "Find the dataset"
	stepTable   = "Find the table"
	stepAge     = "Compare with the partition expiration"
	stepJobs    = "Try a job"
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
	v.pass(stepClient, "Project "+w.project+".")
	credential, ok := w.client.VerifySteps(ctx, google.BigQuery)
	v.steps = append(v.steps, credential...)
	if !ok {
		return v.fail("", nil)
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
		v.pass(stepDataset, "There is none yet; the run will make it in "+l.location+".")
	} else {
		location = d.Location
		v.pass(stepDataset, fmt.Sprintf("%s.%s lies in %s.", w.project, l.dataset, d.Location))
	}
	var t *bq.TableMetadata
	if d != nil {
		if t, err = v.table(ctx, w, p); err != nil {
			return v.fail(stepTable, err)
		}
	} else {
		v.pass(stepTable, "There is none yet; the run will make it.")
	}
	if err := l.checkAge(w, d, t, p); err != nil {
		return v.fail(stepAge, err)
	}
	v.pass(stepAge, keeps(d, t))
	if err := w.tryJob(ctx, location); err != nil {
		return v.fail(stepJobs, err)
	}
	v.pass(stepJobs, "Jobs may be begun in "+w.project+". A load is free; a table takes 1,500 loads a day.")
	return v.steps
}

// verification collects steps.
type verification struct {
	l     *LoadBigQuery
	steps []processors.Step
}

func (v *verification) pass(name, note string) {
	v.steps = append(v.steps, processors.Passed(name, note))
}

// fail ends a verification with a failed step, and adds those that were not come
// to.
func (v *verification) fail(name string, err error) []processors.Step {
	if name != "" {
		v.steps = append(v.steps, processors.Failed(name, err))
	}
	for _, n := range []string{stepClient, stepSlot, stepDataset, stepTable, stepAge, stepJobs} {
		if !slices.ContainsFunc(v.steps, func(s processors.Step) bool { return s.Name == n }) {
			v.steps = append(v.steps, processors.Skipped(n, "An earlier step did not get that far."))
		}
	}
	return v.steps
}

// slot tells the partition of the run that is verified for, where one is known.
func (v *verification) slot(run flowfile.Run) (partition, error) {
	if run.Slot == "" {
		v.steps = append(v.steps, processors.Skipped(stepSlot, "No slot is known."))
		return partition{}, nil
	}
	p, err := v.l.slot(run)
	if err == nil {
		v.pass(stepSlot, "The slot "+run.Slot+" replaces "+v.l.dataset+"."+v.l.destination(p)+".")
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
		v.pass(stepTable, "There is none yet; the run will make it.")
		return nil, nil
	}
	if err := v.l.checkTable(w, t, p); err != nil {
		return nil, err
	}
	if err := v.l.checkDecider(t, p); err != nil {
		return nil, err
	}
	v.pass(stepTable, fmt.Sprintf("%s has %d columns and %d rows, partitioned %s.", w.path(v.l.table), len(t.Schema), t.NumRows, showPartitioning(t)))
	return t, nil
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
func keeps(d *bq.DatasetMetadata, t *bq.TableMetadata) string {
	if span := kept(d, t); span != 0 {
		return "Partitions are dropped after " + days(span) + " days."
	}
	return "Partitions are kept."
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
