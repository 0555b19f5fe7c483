package sandbox

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// armed is an injected fault that is not used up.
type armed struct {
	Fault
	left int // documents to let through
}

// faultSet holds the injected faults.
type faultSet struct {
	names names
	mu    sync.Mutex
	armed []*armed
}

func (fs *faultSet) inject(f Fault) {
	if f.API == "" {
		f.API = apiOf(f.Method)
	}
	if f.Kind.onDocuments() && f.Times == 0 {
		f.Times = 1
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.armed = append(fs.armed, &armed{f, f.After})
}

// use counts one occurrence. The caller holds fs.mu.
func (fs *faultSet) use(a *armed) {
	a.left = a.After
	if a.Times == 0 {
		return
	}
	if a.Times--; a.Times == 0 {
		fs.armed = slices.DeleteFunc(fs.armed, func(b *armed) bool { return a == b })
	}
}

func (a *armed) concerns(api API, method string) bool {
	return a.API == api && (a.Method == "" || a.Method == method)
}

// pending says whether a fault is waiting for a call.
func (fs *faultSet) pending(api API, method string) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return slices.ContainsFunc(fs.armed, func(a *armed) bool { return a.concerns(api, method) })
}

// before is called at the start of each call and returns the error to answer
// with, if any, or that the answer is to be dropped.
func (fs *faultSet) before(ctx context.Context, api API, method string) (drop bool, err error) {
	var delay time.Duration
	var happens *Fault
	fs.mu.Lock()
	for _, a := range slices.Clone(fs.armed) {
		if !a.concerns(api, method) || a.Kind.onDocuments() {
			continue
		}
		if a.Kind == Latency {
			delay += a.Delay
			fs.use(a)
		} else if happens == nil {
			f := a.Fault
			happens = &f
			fs.use(a)
		}
	}
	fs.mu.Unlock()
	if delay > 0 {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return false, status.FromContextError(ctx.Err()).Err()
		}
	}
	switch {
	case happens == nil:
		return false, nil
	case happens.Kind == DropAnswer:
		return true, nil
	case happens.Kind == Hang:
		<-ctx.Done()
		return false, status.FromContextError(ctx.Err()).Err()
	}
	return false, fs.names.refusal(happens.Kind, api)
}

// refusal is what an API says to a call that a fault refuses.
func (n names) refusal(k FaultKind, api API) error {
	switch k {
	case Unavailable:
		return status.Error(codes.Unavailable, "The service is currently unavailable.")
	case Exhausted:
		if api == Analytics {
			return status.Error(codes.ResourceExhausted, exhaustedProjectHour)
		}
		return status.Error(codes.ResourceExhausted, "Quota exceeded.")
	case NoDatabase:
		return noDatabase(n.project, n.database)
	case DatastoreMode:
		return status.Errorf(codes.FailedPrecondition, "The Cloud Firestore API is not available for Firestore in Datastore Mode "+
			"database projects/%s/databases/%s.", n.project, n.database)
	case Disabled:
		return explained("SERVICE_DISABLED", map[string]string{"service": api.host(), "consumer": "projects/" + n.project},
			fmt.Sprintf("%s has not been used in project %s before or it is disabled. Enable it by visiting "+
				"https://console.developers.google.com/apis/api/%s/overview?project=%s then retry. If you enabled this API recently, "+
				"wait a few minutes for the action to propagate to our systems and retry.", api.title(), n.project, api.host(), n.project))
	case NoScope:
		return explained("ACCESS_TOKEN_SCOPE_INSUFFICIENT", map[string]string{"service": api.host()},
			"Request had insufficient authentication scopes.")
	}
	switch api {
	case Analytics:
		return status.Error(codes.PermissionDenied, noProperty)
	case BigQuery:
		return status.Errorf(codes.PermissionDenied, "Access Denied: Project %s: User does not have permission for this in project %s.",
			n.project, n.project)
	}
	return status.Error(codes.PermissionDenied, "Missing or insufficient permissions.")
}

// explained is PERMISSION_DENIED with a google.rpc.ErrorInfo.
func explained(reason string, metadata map[string]string, text string) error {
	st, err := status.New(codes.PermissionDenied, text).WithDetails(
		&errdetails.ErrorInfo{Reason: reason, Domain: "googleapis.com", Metadata: metadata})
	if err != nil {
		panic("sandbox: " + err.Error()) // only a status without an error refuses details
	}
	return st.Err()
}

// detailsOf returns the details that explained added.
func detailsOf(st *status.Status) []errorDetail {
	for _, d := range st.Details() {
		if i, ok := d.(*errdetails.ErrorInfo); ok {
			return errorInfo(i.GetReason(), i.GetMetadata())
		}
	}
	return nil
}

// interruption is the error that ends a stream at an injected fault.
type interruption struct{ kind FaultKind }

func (i *interruption) Error() string { return "injected " + string(i.kind) }

// documents is asked before n documents are sent and returns how many of them
// may be, and the interruption to follow them, if any.
func (fs *faultSet) documents(method string, n int) (int, error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	var first *armed
	for _, a := range fs.armed {
		if a.Kind.onDocuments() && a.concerns(Firestore, method) && a.left <= n && (first == nil || a.left < first.left) {
			first = a
		}
	}
	if first != nil {
		n = first.left
	}
	for _, a := range fs.armed {
		if a.Kind.onDocuments() && a.concerns(Firestore, method) {
			a.left -= n
		}
	}
	if first == nil {
		return n, nil
	}
	fs.use(first)
	return n, &interruption{first.Kind}
}

// endEarly turns an interruption into the end of its call; other errors stay.
func endEarly(ctx context.Context, err error) error {
	i, ok := err.(*interruption)
	if !ok {
		return err
	}
	switch i.kind {
	case ShortStream:
		return nil
	case HangStream:
		<-ctx.Done()
		return status.FromContextError(ctx.Err()).Err()
	}
	return status.Error(codes.Unavailable, "The datastore operation timed out, or the data was temporarily unavailable.")
}
