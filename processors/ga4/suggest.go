package ga4

import (
	"context"

	ga "google.golang.org/api/analyticsdata/v1beta"

	"github.com/weirflow/weir/processors"
)

// Suggest lists the property's dimensions and metrics, its own first: they are
// those that nobody knows by heart. Of the zone there is one value, that of the
// property, which a report of one row tells.
func (r *ReadGA4) Suggest(ctx context.Context, env processors.Env, property string) ([]processors.Suggestion, error) {
	if property != "dimensions" && property != "metrics" && property != "zone" {
		return nil, nil
	}
	v := *r // a run may be using r
	if err := v.connect(env); err != nil {
		return nil, err
	}
	v.asker.once = true
	if property == "zone" {
		return v.suggestZone(ctx)
	}
	m, err := v.asker.metadata(ctx)
	if err != nil {
		return nil, v.asker.rejected(err)
	}
	var own, common []processors.Suggestion
	add := func(custom bool, value, label, category string) {
		s := processors.Suggestion{Value: value, Label: label + " (" + category + ")"}
		if custom {
			own = append(own, s)
		} else {
			common = append(common, s)
		}
	}
	if property == "dimensions" {
		for _, d := range m.Dimensions {
			add(d.CustomDefinition, d.ApiName, d.UiName, d.Category)
		}
	} else {
		for _, x := range m.Metrics {
			add(x.CustomDefinition, x.ApiName, x.UiName, x.Category)
		}
	}
	return append(own, common...), nil
}

// suggestZone asks for the smallest report there is.
func (r *ReadGA4) suggestZone(ctx context.Context) ([]processors.Suggestion, error) {
	res, err := r.asker.report(ctx, &ga.RunReportRequest{DateRanges: []*ga.DateRange{{StartDate: "yesterday", EndDate: "yesterday"}},
		Metrics: []*ga.Metric{{Name: "eventCount"}}, Limit: 1})
	if err != nil {
		return nil, r.asker.rejected(err)
	}
	if res.Metadata == nil || res.Metadata.TimeZone == "" {
		return nil, nil
	}
	return []processors.Suggestion{{Value: res.Metadata.TimeZone, Label: "Property " + r.property}}, nil
}
