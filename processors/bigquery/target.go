package bigquery

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	bq "cloud.google.com/go/bigquery"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/record"
)

// findDataset returns the dataset at its location, made where that is asked
// for; with look it is not made, and nil stands for one that would be.
func (l *LoadBigQuery) findDataset(ctx context.Context, w *warehouse, look bool) (*bq.DatasetMetadata, error) {
	d, err := w.getDataset(ctx)
	if err != nil {
		return nil, err
	}
	if d == nil && l.create != createDataset {
		return nil, fault.New("bigquery_dataset_missing", "dataset", l.dataset, "project", w.project).Permanent()
	}
	if d == nil && look {
		return nil, nil
	}
	if d == nil {
		if d, err = w.makeDataset(ctx, l.location); err != nil {
			return nil, err
		}
	}
	if l.location != "" && !strings.EqualFold(l.location, d.Location) {
		return nil, fault.New("bigquery_location", "dataset", l.dataset, "project", w.project, "want", l.location, "have", d.Location).Permanent()
	}
	return d, nil
}

// checkTable holds a table that is there against the settings and the slot,
// whose partition may be unknown.
func (l *LoadBigQuery) checkTable(w *warehouse, t *bq.TableMetadata, p partition) error {
	path := w.path(l.table)
	if t.Type != "" && t.Type != bq.RegularTable {
		return fault.New("bigquery_not_a_table", "table", path, "type", string(t.Type)).Permanent()
	}
	want, have := l.partitioning(p.unit), showPartitioning(t)
	if p.unit == "" && l.write == overwriteSlot {
		// Without a slot its unit is not known, only by what it is.
		have = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(have, "DAY "), "HOUR "), "MONTH ")
	}
	if !strings.EqualFold(want, have) {
		return fault.New("bigquery_partitioning", "table", path, "want", worded(want), "have", worded(showPartitioning(t))).Permanent()
	}
	if len(l.cluster) > 0 {
		var fields []string
		if t.Clustering != nil {
			fields = t.Clustering.Fields
		}
		if !slices.EqualFunc(fields, l.cluster, strings.EqualFold) {
			return fault.New("bigquery_clustering", "table", path, "want", strings.Join(l.cluster, ", "), "have", orNone(strings.Join(fields, ", "))).Permanent()
		}
	}
	return nil
}

// orNone is a list for the text of a fault.
func orNone(s string) any {
	if s == "" {
		return fault.New("bigquery_word_none")
	}
	return s
}

// partitioning is what the settings ask for, as showPartitioning writes it.
func (l *LoadBigQuery) partitioning(unit string) string {
	if l.write == overwriteTable {
		return "none"
	}
	return strings.TrimSpace(unit + " by " + l.partition)
}

func showPartitioning(t *bq.TableMetadata) string {
	switch {
	case t.RangePartitioning != nil:
		return "range by " + t.RangePartitioning.Field
	case t.TimePartitioning == nil:
		return "none"
	case t.TimePartitioning.Field == "":
		return string(t.TimePartitioning.Type) + " by " + ingestion
	}
	return string(t.TimePartitioning.Type) + " by " + t.TimePartitioning.Field
}

// worded is what showPartitioning writes, for the text of a fault.
func worded(partitioning string) *fault.Error {
	unit, column, ok := strings.Cut(" "+partitioning, " by ")
	switch unit = strings.TrimSpace(unit); {
	case !ok:
		return fault.New("bigquery_word_none")
	case unit == "":
		return fault.New("bigquery_word_by_column", "column", column)
	}
	return fault.New("bigquery_word_by", "unit", unit, "column", column)
}

// checkAge refuses a slot whose partition the table would drop at once.
func (l *LoadBigQuery) checkAge(w *warehouse, d *bq.DatasetMetadata, t *bq.TableMetadata, p partition) error {
	span := kept(d, t)
	if !p.expired(span, l.now()) {
		return nil
	}
	return fault.New("bigquery_slot_expired", "table", w.path(l.table), "slot", p.slot, "partition", p.id, "days", days(span),
		"oldest", l.now().Add(-span).UTC().Format(time.DateOnly)).Permanent()
}

// kept is how long the partitions of a table live, nil for one that is to be
// made; 0 is for ever.
func kept(d *bq.DatasetMetadata, t *bq.TableMetadata) time.Duration {
	switch {
	case t != nil && t.TimePartitioning != nil:
		return t.TimePartitioning.Expiration
	case t == nil && d != nil:
		return d.DefaultPartitionExpiration
	}
	return 0
}

func days(d time.Duration) string {
	s := fmt.Sprintf("%.1f", d.Hours()/24)
	return strings.TrimSuffix(s, ".0")
}

// target is where the records of a run go, found and checked.
type target struct {
	partition   partition
	layout      *layout
	location    string
	destination string
	// clustering is that of a table that is replaced as a whole, which BigQuery
	// would otherwise take for one without.
	clustering *bq.Clustering
}

// prepare finds the dataset and table, holds them against settings, slot and
// columns, and makes what is missing. columns are nil when nothing arrived.
func (l *LoadBigQuery) prepare(ctx context.Context, p partition, columns *record.Schema) (*target, error) {
	w := l.warehouse
	d, err := l.findDataset(ctx, w, false)
	if err != nil {
		return nil, err
	}
	t, err := w.getTable(ctx, l.table)
	if err != nil {
		return nil, err
	}
	if t == nil && l.create == createNone {
		return nil, fault.New("bigquery_table_missing", "table", w.path(l.table)).Permanent()
	}
	if err := l.checkAge(w, d, t, p); err != nil {
		return nil, err
	}
	if t != nil {
		if err := l.checkTable(w, t, p); err != nil {
			return nil, err
		}
	}
	if columns == nil {
		if t == nil {
			return nil, fault.New("bigquery_columns_unknown", "table", w.path(l.table)).Permanent()
		}
		columns = &record.Schema{}
	} else if err := checkNames(columns.Fields, "", 1); err != nil {
		return nil, err
	}
	out := &target{partition: p, location: d.Location, destination: w.project + "." + l.dataset + "." + l.destination(p)}
	if out.layout, err = l.lay(w, columns, t, p); err != nil {
		return nil, err
	}
	if t == nil {
		if t, err = w.makeTable(ctx, l.table, l.fresh(out.layout, p)); err != nil {
			return nil, err
		}
		// It may be another's, made in the same moment.
		if err := l.checkTable(w, t, p); err != nil {
			return nil, err
		}
		if out.layout, err = l.lay(w, columns, t, p); err != nil {
			return nil, err
		}
	}
	if p.id == "" {
		out.clustering = t.Clustering
	}
	return out, nil
}

// lay lays the columns out in the table, nil for one that is to be made.
func (l *LoadBigQuery) lay(w *warehouse, columns *record.Schema, t *bq.TableMetadata, p partition) (*layout, error) {
	var schema bq.Schema
	if t != nil {
		if schema = t.Schema; schema == nil {
			schema = bq.Schema{}
		}
	}
	out, differ := layoutOf(columns, schema, l.onNew == newAdd || schema != nil && len(schema) == 0)
	if len(differ) > 0 {
		return nil, fault.New("bigquery_columns_differ", "table", w.path(l.table), "difference", strings.Join(differ, "\n")).Permanent()
	}
	if len(columns.Fields) == 0 {
		return out, nil
	}
	for _, name := range l.cluster {
		if !slices.ContainsFunc(columns.Fields, func(f record.Field) bool { return strings.EqualFold(f.Name, name) }) && t == nil {
			return nil, fault.New("bigquery_cluster_missing", "column", name, "columns", strings.Join(columns.Names(), ", ")).Permanent()
		}
	}
	return out, out.decide(columns, p)
}

// fresh is the table as it is made.
func (l *LoadBigQuery) fresh(out *layout, p partition) *bq.TableMetadata {
	t := &bq.TableMetadata{Schema: out.schema, Description: l.description, Labels: l.labels}
	if p.unit != "" {
		t.TimePartitioning = &bq.TimePartitioning{Type: bq.TimePartitioningType(p.unit), Field: p.column}
		t.RequirePartitionFilter = l.filter
	}
	if len(l.cluster) > 0 {
		t.Clustering = &bq.Clustering{Fields: l.cluster}
	}
	return t
}
