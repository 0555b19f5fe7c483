package ga4

import (
	"context"
	"fmt"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/google"
)

// The steps of a verification.
const (
	stepClient   = "Open the client"
	stepMetadata = "Read the property's metadata"
	stepFields   = "Check the fields"
	stepTogether = "Check compatibility"
	stepRow      = "Try one row"
	stepQuota    = "Quota left"
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

func (r *ReadGA4) whom() string {
	note := "Property " + r.property + ", for project " + r.asker.client.Project
	if r.asker.client.Sandboxed {
		return note + ", in the sandbox."
	}
	return note + "."
}

// verified adds the steps that were not come to.
func verified(steps ...processors.Step) []processors.Step {
	done := map[string]bool{}
	for _, s := range steps {
		done[s.Name] = true
	}
	for _, name := range []string{stepMetadata, stepFields, stepTogether, stepRow, stepQuota} {
		if !done[name] {
			steps = append(steps, processors.Skipped(name, "An earlier step did not get that far."))
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
	steps := []processors.Step{processors.Passed(stepMetadata, fmt.Sprintf("%d dimensions (%d custom), %d metrics (%d custom).",
		len(f.dimensions.names), f.dimensions.custom, len(f.metrics.names), f.metrics.custom))}
	if err != nil {
		return append(steps, processors.Failed(stepFields, err))
	}
	note := "All are there."
	if len(f.old) > 0 {
		note += " Names that are going out of use: " + strings.Join(f.old, ", ") + "."
	}
	if len(f.blocked) > 0 {
		note += " This account may not see, and reads as 0: " + strings.Join(f.blocked, ", ") + "."
	}
	return append(steps, processors.Passed(stepFields, note))
}

func (r *ReadGA4) verifyTogether(ctx context.Context) []processors.Step {
	if err := r.compatible(ctx); err != nil {
		return []processors.Step{processors.Failed(stepTogether, r.asker.rejected(err))}
	}
	return []processors.Step{processors.Passed(stepTogether, "They can stand in one report.")}
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
	note := fmt.Sprintf("%s has %d rows; %d tokens.", day, res.RowCount, r.asker.tokens)
	if m := res.Metadata; m != nil {
		if r.zone != "" && m.TimeZone != r.zone {
			return []processors.Step{processors.Failed(stepRow,
				fault.New("ga4_zone_differs", "property", r.property, "zone", m.TimeZone, "want", r.zone).Permanent())}
		}
		note += fmt.Sprintf(" The property's days are those of %s, its currency is %s.", m.TimeZone, m.CurrencyCode)
		for _, x := range []struct {
			is   bool
			text string
		}{{len(m.SamplingMetadatas) > 0, "sampled"}, {m.SubjectToThresholding, "subject to thresholding"},
			{m.DataLossFromOtherRow, "lumping rare rows as (other)"}, {len(m.DataTruncationReasons) > 0, "truncated"}} {
			if x.is {
				note += " The report is " + x.text + "."
			}
		}
	}
	return []processors.Step{processors.Passed(stepRow, note), r.verifyQuota()}
}

func (r *ReadGA4) verifyQuota() processors.Step {
	l, ok := tightest(r.asker.quota)
	if !ok {
		return processors.Skipped(stepQuota, "The server tells nothing of it.")
	}
	name := l.name.Error()
	note := strings.ToUpper(name[:1]) + name[1:] + fmt.Sprintf(": %d of %d left.", l.remaining, l.limit)
	if err := r.asker.reserved(float64(r.reserve) / 100); err != nil {
		f := fault.As(err)
		note += " The run will wait for more until " + f.Args["until"] + ", as reserve says."
	}
	return processors.Passed(stepQuota, note)
}
