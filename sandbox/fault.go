package sandbox

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
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
	// Denied refuses calls with PERMISSION_DENIED: for Analytics as one who is not
	// a user of the property, for the others as one whose role does not suffice.
	Denied FaultKind = "denied"
	// NoDatabase refuses calls with NOT_FOUND of the database.
	NoDatabase FaultKind = "no-database"
	// Disabled refuses calls as an API does that nobody enabled in the project.
	Disabled FaultKind = "disabled"
	// NoScope refuses calls as if their token lacked the API's scope.
	NoScope FaultKind = "no-scope"
	// DatastoreMode refuses calls to Firestore as in a project whose database is
	// in Datastore mode.
	DatastoreMode FaultKind = "datastore-mode"
	// DropAnswer does what a call asks for and then answers nothing: the
	// connection ends, or a call of Firestore fails with UNAVAILABLE.
	DropAnswer FaultKind = "drop-answer"
	// Hang never answers a call, until the caller gives up.
	Hang FaultKind = "hang"
	// Latency answers calls late.
	Latency FaultKind = "latency"
)

// Fault is something that the sandbox does wrong on demand.
type Fault struct {
	// Kind is what goes wrong.
	Kind FaultKind
	// API is the only service concerned. Empty means the one that has the Method
	// or, without a Method, Firestore.
	API API
	// Method is the only call concerned, e.g. "RunQuery", "runReport" or
	// "jobs.insert"; empty means every call.
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

// firestoreOnly says whether the fault has no meaning for the other APIs.
func (k FaultKind) firestoreOnly() bool {
	return k.onDocuments() || k == NoDatabase || k == DatastoreMode
}

// counted are the kinds whose number says how often they happen.
var counted = []FaultKind{Unavailable, Exhausted, Denied, NoDatabase, Disabled, NoScope, DatastoreMode, DropAnswer, Hang}

// ParseFault reads the text form of a fault: a kind, with its number or time
// where it has one, and qualifiers, parted by commas, e.g. "cut-after=5000",
// "unavailable=3", "latency=5ms,method=RunQuery", "short-after=10,times=2",
// "disabled,api=analytics" or "drop-answer=1,method=jobs.insert".
func ParseFault(text string) (Fault, error) {
	var f Fault
	for part := range strings.SplitSeq(text, ",") {
		name, value, given := strings.Cut(strings.TrimSpace(part), "=")
		var err error
		switch k := FaultKind(name); {
		case name == "api":
			if f.API = API(value); !slices.Contains(apis, f.API) {
				return f, fault.New("sandbox_fault_api", "text", text, "api", value, "known", known(apis)).Permanent()
			}
			continue
		case name == "method":
			f.Method = value
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
		case slices.Contains(counted, k):
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
	return f.check(text)
}

// check refuses a fault that cannot happen.
func (f Fault) check(text string) (Fault, error) {
	api := f.API
	if api == "" {
		api = apiOf(f.Method)
	}
	if api == "" {
		return f, fault.New("sandbox_fault_method", "text", text, "method", f.Method, "api", "the sandbox",
			"known", known(methodsOf[Firestore], methodsOf[Analytics], methodsOf[BigQuery], methodsOf[OAuth])).Permanent()
	}
	if f.Method != "" && !slices.Contains(methodsOf[api], f.Method) {
		return f, fault.New("sandbox_fault_method", "text", text, "method", f.Method, "api", api.title(),
			"known", known(methodsOf[api])).Permanent()
	}
	if f.Kind.firestoreOnly() && api != Firestore {
		return f, fault.New("sandbox_fault_firestore", "text", text, "kind", string(f.Kind), "api", string(api)).Permanent()
	}
	return f, nil
}

func known[T ~string](lists ...[]T) string {
	var names []string
	for _, l := range lists {
		for _, n := range l {
			names = append(names, string(n))
		}
	}
	return strings.Join(names, ", ")
}
