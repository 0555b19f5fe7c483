package firestore

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/internal/near"
	"github.com/weirflow/weir/processors/google"
)

// expired reports whether the server refused a read time as too old.
func expired(err error) bool {
	s := status.Convert(err)
	return err != nil && s.Code() == codes.FailedPrecondition && strings.Contains(strings.ToLower(s.Message()), "too old")
}

var indexLink = regexp.MustCompile(`https://console\.(?:firebase|cloud)\.google\.com/\S+`)

// errExpired is a read time that lies too far back; what follows from it is for
// the caller to say.
var errExpired = errors.New("the read time is too old")

// blame turns what is wrong with a call into what a person can do about it.
func (r *ReadFirestore) blame(ctx context.Context, err error, p *patience) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s, ok := status.FromError(err)
	if !ok && !passing(err) {
		return err
	}
	text := clipText(s.Message())
	project, collection := r.client.Project, r.place.String()
	switch {
	case expired(err):
		return errExpired
	case errors.Is(err, errShort):
		return err
	case errors.Is(err, errSilent):
		return fault.New("firestore_unavailable", "collection", collection, "status", "SILENT", "waited", rounded(p.waited)).Because(err)
	case s.Code() == codes.ResourceExhausted:
		return fault.New("firestore_exhausted", "project", project, "collection", collection, "waited", rounded(p.waited)).
			FreeAfter(quotaPending).Because(errors.New(text))
	case passing(err):
		if f := r.client.Explain(google.Firestore, "", err); f != nil && f.Class != fault.Permanent {
			return f
		}
		return fault.New("firestore_unavailable", "collection", collection, "status", statusName(s.Code()), "waited", rounded(p.waited)).
			Because(errors.New(text))
	}
	return r.refusal(ctx, err, s, text)
}

// refusal is the fault of an answer that will not change by asking again.
func (r *ReadFirestore) refusal(ctx context.Context, err error, s *status.Status, text string) error {
	detail := errors.New(text)
	project, database, collection := r.client.Project, r.client.Database, r.place.String()
	if s.Code() == codes.NotFound {
		return r.noDatabase(ctx)
	}
	if f := r.client.Explain(google.Firestore, "", err); f != nil {
		return f
	}
	switch s.Code() {
	case codes.PermissionDenied:
		who := r.client.Principal()
		return fault.New("firestore_denied", "who", who, "member", who.Member(), "project", project, "database", database, "role", role).
			Permanent().Because(detail)
	case codes.FailedPrecondition:
		if link := indexLink.FindString(s.Message()); link != "" {
			return fault.New("firestore_index", "collection", collection, "link", link).Permanent()
		}
		if strings.Contains(text, datastoreModeText) {
			return r.datastoreMode()
		}
		return fault.New("firestore_precondition", "collection", collection, "database", database).Permanent().Because(detail)
	}
	return fault.New("firestore_refused", "collection", collection, "status", statusName(s.Code())).Permanent().Because(detail)
}

// clipText bounds a server's message.
func clipText(s string) string {
	if r := []rune(s); len(r) > 400 {
		return string(r[:399]) + "…"
	}
	return s
}

// rounded is a wait as a person reads it.
func rounded(d time.Duration) time.Duration {
	if d > time.Second {
		return d.Round(time.Second)
	}
	return d.Round(time.Millisecond)
}

// statusName writes a status as Google's documents do.
func statusName(c codes.Code) string {
	var b strings.Builder
	for i, r := range c.String() {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}

// nothing is the fault of a place without documents: whether there is such a
// collection, and the nearest if not.
func (r *ReadFirestore) nothing(ctx context.Context) error {
	ids, err := r.siblings(ctx)
	if err != nil {
		return err
	}
	project, database, collection := r.client.Project, r.client.Database, r.place.String()
	if slices.Contains(ids, r.place.id) {
		return fault.New("firestore_collection_empty", "project", project, "database", database, "collection", collection).Permanent()
	}
	like := near.Nearest(r.place.id, ids, 3)
	if len(like) == 0 {
		like = ids[:min(len(ids), 5)]
	}
	names := strings.Join(like, ", ")
	if names == "" {
		names = "-"
	}
	return fault.New("firestore_collection_missing", "project", project, "database", database, "collection", collection, "nearest", names).Permanent()
}

// tooMany is the fault of a collection beyond the budget of reads.
func (r *ReadFirestore) tooMany(count int64) error {
	return fault.New("firestore_too_many_reads", "collection", r.place.String(), "count", count, "max_reads", r.maxReads).Permanent()
}
