package sandbox

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weirflow/weir/fault"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// FaultKind is what goes wrong.
type FaultKind string

// The kinds of faults, as they are written in text.
const (
	// CutStream ends a call with UNAVAILABLE after a number of documents.
	CutStream FaultKind = "cut-after"
	// ShortStream ends a call early but with OK.
	ShortStream FaultKind = "short-after"
	// HangStream stops answering after a number of documents, until the caller
	// gives up.
	HangStream FaultKind = "hang-after"
	// Unavailable refuses calls with UNAVAILABLE.
	Unavailable FaultKind = "unavailable"
	// Exhausted refuses calls with RESOURCE_EXHAUSTED.
	Exhausted FaultKind = "exhausted"
	// Denied refuses calls with PERMISSION_DENIED.
	Denied FaultKind = "denied"
	// NoDatabase refuses calls with NOT_FOUND of the database.
	NoDatabase FaultKind = "no-database"
	// Hang never answers a call, until the caller gives up.
	Hang FaultKind = "hang"
	// Latency answers calls late.
	Latency FaultKind = "latency"
)

// Fault is something that the sandbox does wrong on demand.
type Fault struct {
	// Kind is what goes wrong.
	Kind FaultKind
	// Method is the only call concerned, e.g. "RunQuery"; empty means every call.
	Method string
	// After is how many documents CutStream, ShortStream and HangStream let
	// through, counted over all calls since the fault was injected or last
	// happened: a client that reads pages of 1000 meets a cut after 5000 in its
	// fifth page.
	After int
	// Times is how often it happens. Zero means once for the stream faults and
	// for every call from now on for the others.
	Times int
	// Delay is how long Latency waits before each call.
	Delay time.Duration
}

func (k FaultKind) onDocuments() bool { return k == CutStream || k == ShortStream || k == HangStream }

// ParseFault reads the text form of a fault: a kind, with its number or time
// where it has one, and qualifiers, parted by commas, e.g. "cut-after=5000",
// "unavailable=3", "latency=5ms,method=RunQuery" or "short-after=10,times=2".
func ParseFault(text string) (Fault, error) {
	var f Fault
	for part := range strings.SplitSeq(text, ",") {
		name, value, given := strings.Cut(strings.TrimSpace(part), "=")
		var err error
		switch k := FaultKind(name); {
		case name == "method":
			if f.Method = value; !slices.Contains(methods, value) {
				return f, fault.New("sandbox_fault_method", "text", text, "method", value,
					"known", strings.Join(methods, ", ")).Permanent()
			}
			continue
		case name == "times":
			if f.Times, err = strconv.Atoi(value); err != nil || f.Times < 1 {
				return f, fault.New("sandbox_fault_number", "text", text, "part", part).Permanent()
			}
			continue
		case f.Kind != "":
			return f, fault.New("sandbox_fault_twice", "text", text, "one", string(f.Kind), "two", name).Permanent()
		case k.onDocuments():
			f.After, err = strconv.Atoi(value)
			if f.After < 0 {
				err = strconv.ErrRange
			}
		case k == Latency:
			if f.Delay, err = time.ParseDuration(value); err != nil || f.Delay < 0 {
				return f, fault.New("sandbox_fault_duration", "text", text, "part", part).Permanent()
			}
		case k == Unavailable, k == Exhausted, k == Denied, k == NoDatabase, k == Hang:
			if given {
				if f.Times, err = strconv.Atoi(value); err == nil && f.Times < 1 {
					err = strconv.ErrRange
				}
			}
		default:
			return f, fault.New("sandbox_fault_unknown", "text", text, "part", part).Permanent()
		}
		if err != nil {
			return f, fault.New("sandbox_fault_number", "text", text, "part", part).Permanent()
		}
		f.Kind = FaultKind(name)
	}
	if f.Kind == "" {
		return f, fault.New("sandbox_fault_unknown", "text", text, "part", text).Permanent()
	}
	return f, nil
}

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

func (a *armed) concerns(method string) bool { return a.Method == "" || a.Method == method }

// before is called at the start of each call and returns the error to answer
// with, if any.
func (fs *faultSet) before(ctx context.Context, method string) error {
	var delay time.Duration
	var happens *Fault
	fs.mu.Lock()
	for _, a := range slices.Clone(fs.armed) {
		if !a.concerns(method) || a.Kind.onDocuments() {
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
			return status.FromContextError(ctx.Err()).Err()
		}
	}
	if happens == nil {
		return nil
	}
	switch happens.Kind {
	case Unavailable:
		return status.Error(codes.Unavailable, "The service is currently unavailable.")
	case Exhausted:
		return status.Error(codes.ResourceExhausted, "Quota exceeded.")
	case Denied:
		return status.Error(codes.PermissionDenied, "Missing or insufficient permissions.")
	case NoDatabase:
		return noDatabase(fs.names.project, fs.names.database)
	}
	<-ctx.Done()
	return status.FromContextError(ctx.Err()).Err()
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
		if a.Kind.onDocuments() && a.concerns(method) && a.left <= n && (first == nil || a.left < first.left) {
			first = a
		}
	}
	if first != nil {
		n = first.left
	}
	for _, a := range fs.armed {
		if a.Kind.onDocuments() && a.concerns(method) {
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
