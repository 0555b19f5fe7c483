package ga4

import (
	"context"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/google"
)

// The steps of a verification.
var (
	stepClient   = fault.New("step_client")
	stepMetadata = fault.New("ga4_step_metadata")
	stepFields   = fault.New("ga4_step_fields")
	stepTogether = fault.New("ga4_step_together")
	stepRow      = fault.New("ga4_step_row")
	stepQuota    = fault.New("ga4_step_quota")
)

// Verify tries the settings at the price of a few tokens.
func (r *ReadGA4) Verify(ctx context.Context, env processors.Env) []processors.Step {
	v := *r // a run may be using r
	v.spool = nil
	if err := v.connect(env); err != nil {
		return verified(processors.Failed(stepClient, err))
	}
	v.asker.once = true
	steps := []processors.Step{processors.Passed(stepClient, v.whom())}
	who, ok := v.asker.client.VerifySteps(ctx, google.Analytics)
	steps = append(steps, who...)
	if !ok {
		return verified(steps...)
	}
	for _, try := range []func(context.Context) []processors.Step{v.verifyFields, v.verifyTogether, v.verifyRow} {
		steps = append(steps, try(ctx)...)
		if steps[len(steps)-1].State == processors.StepFailed {
			break
		}
	}
	return verified(steps...)
}

func (r *ReadGA4) whom() *fault.Error {
	if r.asker.client.Sandboxed {
		return fault.New("ga4_note_client_sandbox", "property", r.property, "project", r.asker.client.Project)
	}
	return fault.New("ga4_note_client", "property", r.property, "project", r.asker.client.Project)
}

// verified adds the steps that were not come to.
func verified(steps ...processors.Step) []processors.Step {
	done := map[*fault.Error]bool{}
	for _, s := range steps {
		done[s.Name] = true
	}
	for _, name := range []*fault.Error{stepMetadata, stepFields, stepTogether, stepRow, stepQuota} {
		if !done[name] {
			steps = append(steps, processors.NotReached(name))
		}
	}
	return steps
}

func (r *ReadGA4) verifyFields(ctx context.Context) []processors.Step {
	m, err := r.asker.metadata(ctx)
	if err != nil {
		return []processors.Step{processors.Failed(stepMetadata, r.asker.rejected(err))}
	}
	f, err := r.examine(m)
	steps := []processors.Step{processors.Passed(stepMetadata, fault.New("ga4_note_metadata",
		"dimensions", len(f.dimensions.names), "own_dimensions", f.dimensions.custom, "metrics", len(f.metrics.names), "own_metrics", f.metrics.custom))}
	if err != nil {
		return append(steps, processors.Failed(stepFields, err))
	}
	notes := append([]*fault.Error{fault.New("ga4_note_fields")}, f.old...)
	if len(f.blocked) > 0 {
		notes = append(notes, fault.New("ga4_note_blocked", "fields", strings.Join(f.blocked, ", ")))
	}
	return append(steps, processors.Passed(stepFields, processors.Notes(notes...)))
}

func (r *ReadGA4) verifyTogether(ctx context.Context) []processors.Step {
	if err := r.compatible(ctx); err != nil {
		return []processors.Step{processors.Failed(stepTogether, r.asker.rejected(err))}
	}
	return []processors.Step{processors.Passed(stepTogether, fault.New("ga4_note_together"))}
}

// verifyRow asks for one row of the first day, or of yesterday where that is not
// known before a run.
func (r *ReadGA4) verifyRow(ctx context.Context) []processors.Step {
	day := dayOf(r.asker.now().UTC().AddDate(0, 0, -1))
	if d, bad := parseDay("from", r.from.Source()); bad == nil {
		day = d
	}
	res, err := r.asker.report(ctx, r.request(day, 0, 1))
	if err != nil {
		return []processors.Step{processors.Failed(stepRow, r.refusedReport(ctx, err))}
	}
	notes := []*fault.Error{fault.New("ga4_note_row", "day", day, "rows", res.RowCount, "tokens", r.asker.tokens)}
	if m := res.Metadata; m != nil {
		if r.zone != "" && m.TimeZone != r.zone {
			return []processors.Step{processors.Failed(stepRow,
				fault.New("ga4_zone_differs", "property", r.property, "zone", m.TimeZone, "want", r.zone).Permanent())}
		}
		notes = append(notes, fault.New("ga4_note_zone", "zone", m.TimeZone, "currency", m.CurrencyCode))
		for _, x := range []struct {
			is   bool
			note *fault.Error
		}{{len(m.SamplingMetadatas) > 0, fault.New("ga4_note_sampled")}, {m.SubjectToThresholding, fault.New("ga4_note_thresholded")},
			{m.DataLossFromOtherRow, fault.New("ga4_note_other")}, {len(m.DataTruncationReasons) > 0, fault.New("ga4_note_truncated")}} {
			if x.is {
				notes = append(notes, x.note)
			}
		}
	}
	r.learn(res)
	return []processors.Step{processors.Passed(stepRow, processors.Notes(notes...)), r.verifyQuota()}
}

func (r *ReadGA4) verifyQuota() processors.Step {
	l, ok := tightest(r.asker.quota)
	if !ok {
		return processors.Skipped(stepQuota, fault.New("ga4_note_no_quota"))
	}
	note := fault.New("ga4_note_quota", "bucket", l.name, "left", l.remaining, "limit", l.limit)
	if err := r.asker.reserved(float64(r.reserve) / 100); err != nil {
		note = processors.Notes(note, fault.New("ga4_note_reserve", "until", fault.As(err).Args["until"]))
	}
	return processors.Passed(stepQuota, note)
}
