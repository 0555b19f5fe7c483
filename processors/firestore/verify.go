package firestore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/google"
	"github.com/weirflow/weir/record"
)

// The steps of a verification, after those of the credential.
var (
	stepClient   = fault.New("step_client")
	stepDatabase = fault.New("firestore_step_database")
	stepCount    = fault.New("firestore_step_count")
	stepBudget   = fault.New("firestore_step_budget")
	stepRead     = fault.New("firestore_step_read")
)

// Verify tries the settings at the price of one count and one document.
func (r *ReadFirestore) Verify(ctx context.Context, env processors.Env) []processors.Step {
	v := *r // a run may be using r
	v.calls.patience = tryBriefly
	return v.verify(ctx, env)
}

func (r *ReadFirestore) verify(ctx context.Context, env processors.Env) []processors.Step {
	if err := r.connect(env); err != nil {
		return verified([]processors.Step{processors.Failed(stepClient, err)})
	}
	steps, ok := r.client.VerifySteps(ctx, google.Firestore)
	if !ok {
		return verified(steps)
	}
	found, location, ok := r.verifyDatabase(ctx)
	if steps = append(steps, found); !ok {
		return verified(steps)
	}
	n, err := r.count(ctx, time.Time{})
	if err != nil {
		return verified(append(steps, processors.Failed(stepCount, err)))
	}
	if n.documents == 0 {
		if r.onEmpty == fail {
			return verified(append(steps, processors.Failed(stepCount, r.nothing(ctx))))
		}
		return verified(append(steps, processors.Passed(stepCount, fault.New("firestore_note_empty"))))
	}
	reads := n.documents + n.billed + 1
	steps = append(steps, processors.Passed(stepCount,
		fault.New("firestore_note_count", "collection", r.place, "documents", n.documents, "reads", reads, "cost", cost(reads, location))))
	if n.documents > r.maxReads {
		return verified(append(steps, processors.Failed(stepBudget, r.tooMany(n.documents))))
	}
	steps = append(steps, processors.Passed(stepBudget, fault.New("firestore_note_budget", "documents", n.documents, "limit", r.maxReads)))
	return append(steps, r.verifyOne(ctx, n))
}

// verified adds the steps that were not come to.
func verified(steps []processors.Step) []processors.Step {
	all := []*fault.Error{stepDatabase, stepCount, stepBudget, stepRead}
	last := slices.Index(all, steps[len(steps)-1].Name)
	for _, name := range all[last+1:] {
		steps = append(steps, processors.NotReached(name))
	}
	return steps
}

// verifyOne reads the first document and tries it on the schema.
func (r *ReadFirestore) verifyOne(ctx context.Context, n counted) processors.Step {
	out, err := r.columns()
	if err != nil {
		return processors.Failed(stepRead, err)
	}
	l := newLayout(r, out)
	var drift, nulled tally
	l.drift, l.nulled, l.readTime = &drift, &nulled, record.TimestampOf(n.at)
	note := fault.New("firestore_note_gone")
	err = r.some(ctx, r.place.ordered("", 1, r.mask(), pb.StructuredQuery_ASCENDING), n.at, func(d *document) error {
		_, v, err := l.fill(d)
		switch {
		case err != nil:
			return err
		case v == refused:
			note = fault.New("firestore_note_rejected", "why", l.reason)
		case len(drift) > 0:
			note = fault.New("firestore_note_drift", "fields", drift)
		default:
			note = fault.New("firestore_note_fits")
		}
		return nil
	})
	if errors.Is(err, errExpired) {
		err = fmt.Errorf("read one document at %s: %w", stamp(n.at), err)
	}
	if err != nil {
		return processors.Failed(stepRead, err)
	}
	return processors.Passed(stepRead, note)
}

// some runs a query of few documents, from the beginning again if it breaks.
func (r *ReadFirestore) some(ctx context.Context, q *pb.StructuredQuery, at time.Time, each func(*document) error) error {
	p := patience{calls: r.calls}
	for {
		var billed int64
		var own error
		err := r.query(ctx, q, at, &billed, func(d *document) error {
			own = each(d)
			return own
		})
		if err == nil || own != nil {
			return err
		}
		if !p.again(ctx, err) {
			return r.blame(ctx, err, &p)
		}
	}
}
