package bigquery

import (
	"context"
	"net/http"

	rest "google.golang.org/api/bigquery/v2"

	"github.com/weirflow/weir/processors"
)

// suggestions is how many values are listed at most.
const suggestions = 1000

// Suggest lists the project's datasets, each with its location; of the dataset
// that is set its tables, and its location.
func (l *LoadBigQuery) Suggest(ctx context.Context, env processors.Env, property string) ([]processors.Suggestion, error) {
	if property != "dataset" && property != "table" && property != "location" {
		return nil, nil
	}
	w, err := l.connect(env)
	if err != nil {
		return nil, err
	}
	switch {
	case property == "dataset":
		return w.datasets(ctx)
	case w.dataset == "":
		return nil, nil
	case property == "table":
		return w.tables(ctx)
	}
	d, err := w.getDataset(ctx)
	if d == nil || err != nil {
		return nil, err
	}
	return []processors.Suggestion{{Value: d.Location, Label: w.project + "." + w.dataset}}, nil
}

func (w *warehouse) datasets(ctx context.Context) (out []processors.Suggestion, err error) {
	for next, more := "", true; more && len(out) < suggestions; more = next != "" {
		var page *rest.DatasetList
		err := w.call(ctx, func(ctx context.Context) (err error) {
			page, err = w.lists.Datasets.List(w.project).PageToken(next).Context(ctx).Do()
			return err
		})
		if err != nil {
			return nil, w.blame(ctx, err, roleUser, w.project)
		}
		for _, d := range page.Datasets {
			out = append(out, processors.Suggestion{Value: d.DatasetReference.DatasetId, Label: d.Location})
		}
		next = page.NextPageToken
	}
	return out, nil
}

func (w *warehouse) tables(ctx context.Context) (out []processors.Suggestion, err error) {
	for next, more := "", true; more && len(out) < suggestions; more = next != "" {
		var page *rest.TableList
		err := w.call(ctx, func(ctx context.Context) (err error) {
			page, err = w.lists.Tables.List(w.project, w.dataset).PageToken(next).Context(ctx).Do()
			return err
		})
		if isStatus(err, http.StatusNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, w.blame(ctx, err, roleEditor, w.project+"."+w.dataset)
		}
		for _, t := range page.Tables {
			if t.Type == "TABLE" {
				out = append(out, processors.Suggestion{Value: t.TableReference.TableId})
			}
		}
		next = page.NextPageToken
	}
	return out, nil
}
