package flows

import (
	"encoding/json"

	"github.com/weirflow/weir/runs"
)

// FormatVersion is the version of the flow file that this program writes.
const FormatVersion = 1

// Mode says whether a flow works in dated runs or on continuous data.
type Mode string

// The modes of a flow.
const (
	// ModeRuns is a flow of dated runs; without a schedule it is started by hand.
	ModeRuns Mode = "runs"
	// ModeContinuous is a flow whose nodes work whenever there is data.
	ModeContinuous Mode = "continuous"
)

// Flow is a flow as it stands in its file. Objects are keyed by slug.
type Flow struct {
	// Weir is the version of the format.
	Weir int `json:"weir"`
	// ID is the flow's slug within its store.
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	Doc  string `json:"doc,omitempty"`
	Mode Mode   `json:"mode" jsonschema:"enum=runs,enum=continuous"`

	Schedule    *runs.Schedule        `json:"schedule,omitempty"`
	Policy      *Policy               `json:"policy,omitempty"`
	Notify      *Notify               `json:"notify,omitempty"`
	Parameters  map[string]Parameter  `json:"parameters,omitempty"`
	Services    map[string]Service    `json:"services,omitempty"`
	Nodes       map[string]Node       `json:"nodes"`
	Connections map[string]Connection `json:"connections,omitempty"`
	// Groups are boxes on the canvas that hold nodes; they run nothing.
	Groups map[string]Group `json:"groups,omitempty"`
	// Labels are notes on the canvas.
	Labels map[string]Label `json:"labels,omitempty"`
	// Layout holds canvas positions, x right and y down: those of nodes by their
	// slugs, those of groups as "group:" and the slug.
	Layout map[string][2]float64 `json:"layout,omitempty"`
}

// Group is a part of the canvas with a name. Wires enter and leave it through
// the ports within.
type Group struct {
	Name string `json:"name,omitempty"`
	Doc  string `json:"doc,omitempty"`
	// Parent is the group that holds this one; absent means the top.
	Parent string `json:"parent,omitempty"`
}

// Label is a note on the canvas.
type Label struct {
	Text string `json:"text"`
	// Group is where the note hangs; absent means the top.
	Group string `json:"group,omitempty"`
	// At is the upper left corner, Size the width and height.
	At   [2]float64 `json:"at"`
	Size [2]float64 `json:"size"`
	// Color is the name of a colour of the canvas, such as "amber".
	Color string `json:"color,omitempty"`
}

// groupKey begins the key of a group's place in Layout.
const groupKey = "group:"

// Policy says how runs of the flow behave.
type Policy struct {
	// Retries is how many times a failed try is repeated; absent means 1.
	Retries *int `json:"retries,omitempty"`
	// RetryDelay is the wait before a repeated try; absent means 5m.
	RetryDelay Duration `json:"retry_delay,omitempty"`
	// MaxActiveRuns bounds the flow's runs at work at once; absent means 1.
	MaxActiveRuns int `json:"max_active_runs,omitempty"`
	// Gate is the policy of whole-run inputs; "complete" is the only one.
	Gate string `json:"gate,omitempty" jsonschema:"enum=complete"`
	// Timeout ends a try that takes longer; absent means none.
	Timeout Duration `json:"timeout,omitempty"`
}

// Parameter declares a value that is fixed when a run is made.
type Parameter struct {
	// Type is string, int, float, bool, date or duration.
	Type string `json:"type" jsonschema:"enum=string,enum=int,enum=float,enum=bool,enum=date,enum=duration"`
	Doc  string `json:"doc,omitempty"`
	// Default is the value when none is given; without one the run needs it.
	Default json.RawMessage `json:"default,omitempty"`
}

// Service configures something that several nodes share, such as an account.
type Service struct {
	Kind     string                     `json:"kind"`
	Settings map[string]json.RawMessage `json:"settings,omitempty"`
}

// Node is one processor on the canvas.
type Node struct {
	Kind string `json:"kind"`
	Name string `json:"name,omitempty"`
	Doc  string `json:"doc,omitempty"`
	// Group is the group that holds the node; absent means the top.
	Group    string                     `json:"group,omitempty"`
	Settings map[string]json.RawMessage `json:"settings,omitempty"`
	// Inputs sets options of named inputs; the default input is "".
	Inputs map[string]InputOptions `json:"inputs,omitempty"`
	// After are completion edges: the node waits until these nodes are through.
	After []string `json:"after,omitempty"`
	// Terminate lists outputs that lead nowhere, on purpose.
	Terminate []string `json:"terminate,omitempty"`
	// Discard says that a source's data may reach no sink.
	Discard bool `json:"discard,omitempty"`
	// Every or Cron says when a source of a continuous flow acts.
	Every Duration `json:"every,omitempty"`
	Cron  string   `json:"cron,omitempty"`
	// Workers is how many tasks of the node run at once; absent means 1.
	Workers int `json:"workers,omitempty"`
	// RunDuration lets several short tasks share one commit.
	RunDuration Duration `json:"run_duration,omitempty"`
	// Penalty is how long a failed FlowFile of continuous data waits.
	Penalty Duration `json:"penalty,omitempty"`
	// Yield is how long a node rests when it found nothing to do.
	Yield Duration `json:"yield,omitempty"`
}

// InputOptions are the options of one input.
type InputOptions struct {
	// OnEmpty says what a whole-run input without data means: fail, skip or pass.
	OnEmpty string `json:"on_empty,omitempty" jsonschema:"enum=fail,enum=skip,enum=pass"`
}

// Connection leads from outputs of one node to an input of another.
type Connection struct {
	From string `json:"from"`
	// Output is one output, or several that share the connection.
	Output Outputs `json:"output"`
	To     string  `json:"to"`
	Input  string  `json:"input,omitempty"`
	Limit  *Limit  `json:"limit,omitempty"`
	// Expire drops FlowFiles that are older; continuous flows only.
	Expire Duration `json:"expire,omitempty"`
}

// Limit is a connection's back pressure: the source node rests while either is
// reached. It is checked before a session, so it may be overshot by one.
type Limit struct {
	// FlowFiles is a count; absent means 10000.
	FlowFiles int64 `json:"flowfiles,omitempty"`
	// Bytes is a size such as "1GB"; absent means 1GB.
	Bytes Size `json:"bytes,omitempty"`
}

// Outputs is a set of output names, written as one string or a list.
type Outputs []string

// MarshalJSON writes a single name as a string.
func (o Outputs) MarshalJSON() ([]byte, error) {
	if len(o) == 1 {
		return json.Marshal(o[0])
	}
	return json.Marshal([]string(o))
}

// UnmarshalJSON reads a string or a list of strings.
func (o *Outputs) UnmarshalJSON(b []byte) error {
	var one string
	if err := json.Unmarshal(b, &one); err == nil {
		*o = Outputs{one}
		return nil
	}
	var many []string
	if err := json.Unmarshal(b, &many); err != nil {
		return err
	}
	*o = many
	return nil
}
