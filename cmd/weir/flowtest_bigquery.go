package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	bq "google.golang.org/api/bigquery/v2"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"

	"github.com/weirflow/weir/fault"
)

// stage is where a flow under test works: its files and its BigQuery, with what
// lay there before.
type stage struct {
	fixture  *fixture
	files    string
	project  string
	bigquery *bq.Service
	before   map[string]string // the etags of tables
}

// openStage puts the standing files and tables in their places.
func openStage(ctx context.Context, f *fixture, files, project, address string) (*stage, error) {
	s := &stage{fixture: f, files: files, project: project}
	var err error
	s.bigquery, err = bq.NewService(ctx, option.WithoutAuthentication(), option.WithHTTPClient(&http.Client{}), option.WithEndpoint("http://"+address+"/bigquery/v2/"))
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(f.dir, partFiles)); err == nil {
		if err := os.CopyFS(files, os.DirFS(filepath.Join(f.dir, partFiles))); err != nil {
			return nil, err
		}
	}
	names, err := f.list(partBigQuery)
	if err != nil {
		return nil, err
	}
	slices.Sort(names) // DATASET.TABLE.json before DATASET.TABLE.ndjson
	for _, name := range names {
		if err := s.stand(ctx, name); err != nil {
			if fault.As(err) == nil {
				err = fault.New("flow_test_table", "file", f.path(partBigQuery, name)).Because(err).Permanent()
			}
			return nil, err
		}
	}
	if len(names) > 0 {
		s.before, err = s.tables(ctx)
	}
	return s, err
}

// stand makes a dataset or a table, or loads rows into one.
func (s *stage) stand(ctx context.Context, name string) error {
	whole, rows := strings.CutSuffix(name, ".ndjson")
	if !rows {
		var ok bool
		if whole, ok = strings.CutSuffix(name, ".json"); !ok {
			return s.fixture.stranger(partBigQuery + "/" + name)
		}
	}
	dataset, table, isTable := strings.Cut(whole, ".")
	path := s.fixture.path(partBigQuery, name)
	d := &bq.Dataset{}
	if !isTable {
		if rows {
			return s.fixture.stranger(partBigQuery + "/" + name)
		}
		if err := decodeFile(path, d); err != nil {
			return err
		}
	}
	d.DatasetReference = &bq.DatasetReference{ProjectId: s.project, DatasetId: dataset}
	_, err := s.bigquery.Datasets.Insert(s.project, d).Context(ctx).Do()
	if isTable && httpStatus(err) == http.StatusConflict {
		err = nil
	}
	if err != nil || !isTable {
		return err
	}
	to := &bq.TableReference{ProjectId: s.project, DatasetId: dataset, TableId: table}
	if !rows {
		t := &bq.Table{}
		if err := decodeFile(path, t); err != nil {
			return err
		}
		t.TableReference = to
		_, err = s.bigquery.Tables.Insert(s.project, dataset, t).Context(ctx).Do()
		return err
	}
	_, err = s.bigquery.Tables.Get(s.project, dataset, table).Context(ctx).Do()
	load := &bq.JobConfigurationLoad{DestinationTable: to, SourceFormat: "NEWLINE_DELIMITED_JSON", WriteDisposition: "WRITE_APPEND",
		Autodetect: httpStatus(err) == http.StatusNotFound}
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	j, err := s.bigquery.Jobs.Insert(s.project, &bq.Job{Configuration: &bq.JobConfiguration{Load: load}}).Media(in).Context(ctx).Do()
	if err != nil {
		return err
	}
	return s.await(ctx, j)
}

// await waits for the end of a job.
func (s *stage) await(ctx context.Context, j *bq.Job) (err error) {
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for j.Status.State != "DONE" {
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if j, err = s.bigquery.Jobs.Get(s.project, j.JobReference.JobId).Location(j.JobReference.Location).Context(ctx).Do(); err != nil {
			return err
		}
	}
	if j.Status.ErrorResult != nil {
		says := j.Status.ErrorResult.Message
		for _, e := range j.Status.Errors {
			if e.Message != says {
				says += "; " + e.Message
			}
		}
		return errors.New(says)
	}
	return nil
}

func httpStatus(err error) int {
	var e *googleapi.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// tables returns all tables of BigQuery with their etags.
func (s *stage) tables(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	datasets, err := s.bigquery.Datasets.List(s.project).Context(ctx).Do()
	if err != nil {
		return nil, err
	}
	for _, d := range datasets.Datasets {
		id := d.DatasetReference.DatasetId
		err := s.bigquery.Tables.List(s.project, id).Context(ctx).Pages(ctx, func(list *bq.TableList) error {
			for _, t := range list.Tables {
				full, err := s.bigquery.Tables.Get(s.project, id, t.TableReference.TableId).Context(ctx).Do()
				if err != nil {
					return err
				}
				out[id+"."+t.TableReference.TableId] = full.Etag
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// table reads DATASET.TABLE or DATASET.TABLE$PARTITION of BigQuery; nil says that
// there is none.
func (s *stage) table(ctx context.Context, name string) (*grid, error) {
	dataset, table, _ := strings.Cut(name, ".")
	plain, _, _ := strings.Cut(table, "$")
	t, err := s.bigquery.Tables.Get(s.project, dataset, plain).Context(ctx).Do()
	if httpStatus(err) == http.StatusNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	g := &grid{types: []string{}}
	for _, f := range t.Schema.Fields {
		g.columns, g.types = append(g.columns, f.Name), append(g.types, typeOf(f))
	}
	call := s.bigquery.Tabledata.List(s.project, dataset, table).FormatOptionsUseInt64Timestamp(true).Context(ctx)
	err = call.Pages(ctx, func(page *bq.TableDataList) error {
		for _, r := range page.Rows {
			row := make([]value, len(r.F))
			for i, c := range r.F {
				if row[i], err = cellText(t.Schema.Fields[i], c.V); err != nil {
					return err
				}
			}
			g.rows = append(g.rows, row)
		}
		return nil
	})
	g.sort()
	return g, err
}
