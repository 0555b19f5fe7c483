package ga4

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	ga "google.golang.org/api/analyticsdata/v1beta"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/internal/near"
)

// fields are what a property has, by name.
type fields struct {
	names []string
	// now are today's names of those that have an old one.
	now     map[string]string
	types   map[string]string // of metrics
	blocked map[string]string
	custom  int
}

func dimensionFields(m *ga.Metadata) fields {
	f := fields{now: map[string]string{}}
	for _, d := range m.Dimensions {
		f.add(d.ApiName, d.DeprecatedApiNames, d.CustomDefinition)
	}
	return f
}

func metricFields(m *ga.Metadata) fields {
	f := fields{now: map[string]string{}, types: map[string]string{}, blocked: map[string]string{}}
	for _, x := range m.Metrics {
		f.add(x.ApiName, x.DeprecatedApiNames, x.CustomDefinition)
		f.types[x.ApiName] = x.Type
		for _, old := range x.DeprecatedApiNames {
			f.types[old] = x.Type
		}
		if len(x.BlockedReasons) > 0 {
			f.blocked[x.ApiName] = strings.Join(x.BlockedReasons, ", ")
		}
	}
	return f
}

func (f *fields) add(name string, old []string, custom bool) {
	f.names = append(f.names, name)
	for _, o := range old {
		f.now[o] = name
	}
	if custom {
		f.custom++
	}
}

func (f *fields) has(name string) bool { return slices.Contains(f.names, name) || f.now[name] != "" }

// suggestions is how many names an error offers.
const suggestions = 5

// nearest returns the names most like one, the nearest first, and for a custom
// field the custom ones before all others. What stands behind the colon counts
// by itself too: MID is near customUser:MID, and so is customEvent:MID.
func nearest(name string, names []string) []string {
	scope, tail := split(name)
	type candidate struct {
		name  string
		plain bool // not custom, while what is looked for is
		far   int
	}
	all := make([]candidate, len(names))
	for i, n := range names {
		s, t := split(n)
		far := 2 * near.Distance(strings.ToLower(name), strings.ToLower(n))
		if scope != "" || s != "" {
			d := 2 * near.Distance(tail, t)
			if s != scope {
				d++
			}
			far = min(far, d)
		}
		if len(tail) >= 3 && strings.Contains(t, tail) || len(t) >= 3 && strings.Contains(tail, t) {
			far = min(far, 3)
		}
		all[i] = candidate{n, scope != "" && s == "", far}
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		if a.plain != b.plain {
			if a.plain {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(a.far, b.far), strings.Compare(a.name, b.name))
	})
	var out []string
	for _, c := range all[:min(suggestions, len(all))] {
		out = append(out, c.name)
	}
	return out
}

// split returns the scope of a custom field, and its name in lower case.
func split(name string) (scope, tail string) {
	scope, tail, ok := strings.Cut(name, ":")
	if !ok {
		scope, tail = "", name
	}
	return strings.ToLower(scope), strings.ToLower(tail)
}

// scopes are what is registered under Custom definitions, by prefix.
var scopes = map[string]string{"customUser": "User", "customEvent": "Event", "customItem": "Item"}

// The two sorts of fields.
type fieldKind bool

const (
	dimension fieldKind = false
	metric    fieldKind = true
)

// word is the sort in the language of the text around it.
func (k fieldKind) word() *fault.Error {
	if k == metric {
		return fault.New("ga4_word_metric")
	}
	return fault.New("ga4_word_dimension")
}

// unknown is the fault of a field that the property has not.
func (a *asker) unknown(kind fieldKind, name string, f, others fields) *fault.Error {
	like := nearest(name, f.names)
	if others.has(name) {
		return fault.New("ga4_field_of_other_kind", "kind", kind.word(), "name", clip(name), "property", a.property).Permanent()
	}
	prefix, tail, custom := strings.Cut(name, ":")
	if scope := scopes[prefix]; custom && scope != "" {
		return fault.New("ga4_unregistered", "kind", kind.word(), "name", clip(name), "property", a.property, "nearest", joined(like),
			"scope", scope, "parameter", clip(tail)).Permanent()
	}
	return fault.New("ga4_unknown_field", "kind", kind.word(), "name", clip(name), "property", a.property, "nearest", joined(like)).Permanent()
}

// findings are what an examination of the fields is worth telling.
type findings struct {
	dimensions, metrics fields
	// old tell of fields by a name that is going out of use, with today's.
	old []*fault.Error
	// blocked are metrics that this account may not see, which read as 0.
	blocked []string
}

// examine holds the fields that the settings name against those that the
// property has.
func (r *ReadGA4) examine(m *ga.Metadata) (findings, error) {
	f := findings{dimensions: dimensionFields(m), metrics: metricFields(m)}
	look := func(kind fieldKind, name string, in, others fields) error {
		if !in.has(name) {
			return r.asker.unknown(kind, name, in, others)
		}
		if n := in.now[name]; n != "" && !slices.Contains(in.names, name) {
			f.old = append(f.old, fault.New("ga4_note_old", "name", name, "now", n))
		}
		if why := in.blocked[name]; why != "" {
			f.blocked = append(f.blocked, name+" ("+why+")")
		}
		return nil
	}
	computed := map[string]bool{}
	var errs []error
	for _, c := range r.cols {
		switch {
		case c.expression != "":
			computed[c.api] = true
		case c.metric:
			errs = append(errs, look(metric, c.api, f.metrics, f.dimensions))
		default:
			errs = append(errs, look(dimension, c.api, f.dimensions, f.metrics))
		}
	}
	seen := func(name string) bool {
		return slices.ContainsFunc(r.cols, func(c column) bool { return c.api == name })
	}
	for _, name := range filtered(r.byDim) {
		if !seen(name) {
			errs = append(errs, look(dimension, name, f.dimensions, f.metrics))
		}
	}
	for _, name := range filtered(r.byMet) {
		if !seen(name) && !computed[name] {
			errs = append(errs, look(metric, name, f.metrics, f.dimensions))
		}
	}
	return f, several(errs)
}

// several returns one error as it is, several as one.
func several(errs []error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// compatible asks whether the fields can stand in one report, and if not, which
// two of them cannot. The server either refuses such a question or answers that
// none of them goes with the rest.
func (r *ReadGA4) compatible(ctx context.Context) error {
	all := r.request(civil{}, 0, 1)
	res, err := r.asker.compatibility(ctx, &ga.CheckCompatibilityRequest{Dimensions: all.Dimensions, Metrics: all.Metrics,
		DimensionFilter: all.DimensionFilter, MetricFilter: all.MetricFilter})
	var refused *refusedRequest
	switch {
	case err == nil && len(r.outcasts(res, "")) == 0:
		return nil
	case err != nil && !errors.As(err, &refused):
		return err
	}
	one, other, perr := r.clash(ctx)
	if perr != nil {
		return perr
	}
	if one == "" {
		return r.asker.rejected(err)
	}
	f := fault.New("ga4_incompatible", "one", one, "other", other, "property", r.property).Permanent()
	if refused != nil {
		return f.Because(refused.err)
	}
	return f
}

// outcasts are the wanted fields, but one, that an answer finds incompatible.
func (r *ReadGA4) outcasts(res *ga.CheckCompatibilityResponse, but string) []string {
	wanted := append(filtered(r.byDim), filtered(r.byMet)...)
	for _, c := range r.cols {
		if c.expression == "" {
			wanted = append(wanted, c.api)
		}
	}
	var out []string
	add := func(name, compatibility string) {
		if compatibility == "INCOMPATIBLE" && name != but && slices.Contains(wanted, name) {
			out = append(out, name)
		}
	}
	for _, d := range res.DimensionCompatibilities {
		if d.DimensionMetadata != nil {
			add(d.DimensionMetadata.ApiName, d.Compatibility)
		}
	}
	for _, m := range res.MetricCompatibilities {
		if m.MetricMetadata != nil {
			add(m.MetricMetadata.ApiName, m.Compatibility)
		}
	}
	return out
}

// clash finds two fields that cannot stand together: it asks of one field after
// the other what cannot be added to it.
func (r *ReadGA4) clash(ctx context.Context) (one, other string, err error) {
	for _, c := range r.cols {
		if c.expression != "" {
			continue
		}
		q := &ga.CheckCompatibilityRequest{CompatibilityFilter: "INCOMPATIBLE"}
		if c.metric {
			q.Metrics = []*ga.Metric{{Name: c.api}}
		} else {
			q.Dimensions = []*ga.Dimension{{Name: c.api}}
		}
		res, err := r.asker.compatibility(ctx, q)
		if err != nil {
			return "", "", err
		}
		if no := r.outcasts(res, c.api); len(no) > 0 {
			return c.api, no[0], nil
		}
	}
	return "", "", nil
}

// refusedReport finds out why the server finds a report wrong.
func (r *ReadGA4) refusedReport(ctx context.Context, err error) error {
	var refused *refusedRequest
	if !errors.As(err, &refused) {
		return err
	}
	m, merr := r.asker.metadata(ctx)
	if merr != nil {
		return r.asker.rejected(err)
	}
	if _, why := r.examine(m); why != nil {
		return why
	}
	if why := r.compatible(ctx); why != nil {
		return why
	}
	return r.asker.rejected(err)
}
