package processors

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
)

// Processor is one node's work. A value serves one node; Process may be called
// by several goroutines at once, each with a session of its own, so fields are
// read only after Start.
type Processor interface {
	// Define describes the kind and binds its properties to the fields.
	Define(*Spec)
	// Process does one unit of work. When it returns nil the session is
	// committed; on an error it is rolled back and tried again later, so an error
	// is for the world's faults. The data's faults go to an output.
	Process(context.Context, *flowfile.Session) error
}

// Starter is a processor that prepares something before its first Process.
type Starter interface {
	// Start is called once, after the settings are bound.
	Start(context.Context, Env) error
}

// Stopper is a processor that has something to give back.
type Stopper interface {
	// Stop is called once, after the last Process has returned, also when Start
	// failed.
	Stop(context.Context) error
}

// Validator is a processor whose properties depend on each other in a way that
// options cannot say.
type Validator interface {
	// Validate reports what is wrong. It is called after every property was found
	// good by itself, without effects and before Start.
	Validate(*Report)
}

// Verifier is a processor that can try its settings against the world.
type Verifier interface {
	// Verify reports the steps it took, in order. It changes nothing outside.
	Verify(context.Context, Env) []Step
}

// Previewer is a processor that can show what it would do with a sample.
type Previewer interface {
	// Preview works on a session whose outputs are shown and thrown away. It has
	// no effect outside.
	Preview(context.Context, Env, *flowfile.Session) error
}

// Inferrer is a source that can find out the schema of what it reads.
type Inferrer interface {
	// Infer reads up to sample rows and returns the schema and, a sentence each,
	// what was in doubt.
	Infer(ctx context.Context, env Env, sample int) (*record.Schema, []string, error)
}

// Suggester is a processor that can list what a property may be, as the service
// it talks to has it: collections, dimensions, tables.
type Suggester interface {
	// Suggest returns values for a property, in the order they are to be shown,
	// nil for a property it knows nothing about. The service is set; any other
	// property may be missing or wrong, for a form asks while it is filled in.
	Suggest(ctx context.Context, env Env, property string) ([]Suggestion, error)
}

// Suggestion is a value that a property may have.
type Suggestion struct {
	Value string `json:"value"`
	// Label says what it is, where the value does not.
	Label string `json:"label,omitempty"`
}

// Service is something that several nodes of a flow share, such as an account.
// Its client is opened once per flow version.
type Service interface {
	// Define describes the kind and binds its properties to the fields.
	Define(*Spec)
	// Open returns the client that processors get with Client.
	Open(context.Context, Env) (any, error)
	// Close gives back what Open took.
	Close(context.Context) error
}

// Env is what a processor or service may use besides its settings. Parts that
// the caller has not got are zero.
type Env struct {
	// Flow and Node are slugs; Node is the service's name for a service.
	Flow, Node string
	// Store is the random id of the data directory, for names outside that no
	// other server must take for its own.
	Store string
	// Log names flow and node already.
	Log *slog.Logger
	// Files is the only place where a kind reads and writes files.
	Files *Files
	// Services are the opened clients of the flow by the service's name. Use
	// Client to get one.
	Services map[string]any
	// Sandbox is the address of the server's own sandbox, HOST:PORT, or empty.
	Sandbox string
	// Dial, when set, makes the connections to Google's hosts, and Roots are then
	// the authorities that their certificates are checked with. Only Go code sets
	// them, in tests; no setting, flag or environment does.
	Dial  func(ctx context.Context, network, address string) (net.Conn, error)
	Roots *x509.CertPool
	// Scratch is a directory for what need not outlive the run, or empty.
	Scratch string
	// Params are the values of the flow's parameters.
	Params map[string]string
	// Run is the run that is worked or verified for; of one that is only thought
	// of, the slot's parts alone are set. It is zero for continuous data and where
	// no slot is known.
	Run flowfile.Run
	// Now is the engine's clock.
	Now func() time.Time
}

// StepState says how a step of a verification went.
type StepState string

// The states of a step.
const (
	StepOK      StepState = "ok"
	StepFailed  StepState = "failed"
	StepSkipped StepState = "skipped"
)

// Step is one step of a verification.
type Step struct {
	// Name says what was tried, such as "Read one document". It is no failure but
	// words of the catalogue, to be shown in any language.
	Name  *fault.Error
	State StepState
	// Note tells what was found, in a few words of the catalogue; it may be nil.
	Note *fault.Error
	// Fault says what is wrong, and the remedy, when the step failed.
	Fault error
}

// Passed returns a step that went well; note may be nil.
func Passed(name, note *fault.Error) Step { return Step{Name: name, State: StepOK, Note: note} }

// Failed returns a step that failed with err.
func Failed(name *fault.Error, err error) Step {
	return Step{Name: name, State: StepFailed, Fault: err}
}

// Skipped returns a step that was not tried, because an earlier one failed or
// the settings do not ask for it.
func Skipped(name, why *fault.Error) Step { return Step{Name: name, State: StepSkipped, Note: why} }

// NotReached returns a step that was not tried because an earlier one failed.
func NotReached(name *fault.Error) Step { return Skipped(name, fault.New("note_not_reached")) }

// Notes returns several sentences as one note; those that are nil are left out.
func Notes(all ...*fault.Error) *fault.Error {
	var out *fault.Error
	for _, n := range all {
		switch {
		case out == nil:
			out = n
		case n != nil:
			out = fault.New("note_and", "note", out, "more", n)
		}
	}
	return out
}

// Problem is something wrong with a setting.
type Problem struct {
	// Property is the key, or empty when it is the whole that is wrong.
	Property string
	// Fault says what, and the remedy.
	Fault *fault.Error
}

// Report collects what a Validator finds.
type Report struct {
	problems []Problem
	unknown  map[string]bool
	// Runs is true in a flow whose mode is runs.
	Runs bool
}

// Known reports whether the values of these properties are known: that of a
// parameter is not, while a flow is validated before it runs.
func (r *Report) Known(keys ...string) bool {
	for _, k := range keys {
		if r.unknown[k] {
			return false
		}
	}
	return true
}

// Problem reports that a property is wrong. A report about a property whose
// value is not known yet is ignored.
func (r *Report) Problem(key string, f *fault.Error) {
	if r.Known(key) {
		r.problems = append(r.problems, Problem{key, f})
	}
}
