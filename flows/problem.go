package flows

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/weirflow/weir/fault"
)

// Problem is one thing that is wrong with a flow, and where.
type Problem struct {
	// Node, Connection, Service, Group and Label are slugs; at most one is set.
	Node       string
	Connection string
	Service    string
	Group      string
	Label      string
	// Property is the key of the setting that is wrong, if it is one.
	Property string
	// Path is the place in the flow file, such as nodes.users.settings.path;
	// empty for the file as a whole.
	Path string
	// Fault says what is wrong, and the remedy.
	Fault *fault.Error
}

// Text renders the problem with its place in front.
func (p Problem) Text(lang fault.Lang) string {
	if p.Path == "" {
		return fault.Text(p.Fault, lang)
	}
	return p.Path + ": " + fault.Text(p.Fault, lang)
}

// MarshalJSON writes the places that are set, the code, its arguments and the
// English text.
func (p Problem) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Node       string     `json:"node,omitempty"`
		Connection string     `json:"connection,omitempty"`
		Service    string     `json:"service,omitempty"`
		Group      string     `json:"group,omitempty"`
		Label      string     `json:"label,omitempty"`
		Property   string     `json:"property,omitempty"`
		Path       string     `json:"path,omitempty"`
		Code       string     `json:"code"`
		Args       fault.Args `json:"args,omitempty"`
		Text       string     `json:"text"`
	}{p.Node, p.Connection, p.Service, p.Group, p.Label, p.Property, p.Path, p.Fault.Code, p.Fault.Args, fault.Text(p.Fault, fault.English)})
}

// Problems are all that is wrong with a flow, in the order of the file's
// sections. They are an error when there is one at least.
type Problems []Problem

// Error returns the English texts, one a line.
func (ps Problems) Error() string { return ps.Text(fault.English) }

// Text renders all problems, one a line.
func (ps Problems) Text(lang fault.Lang) string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Text(lang)
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the faults.
func (ps Problems) Unwrap() []error {
	out := make([]error, len(ps))
	for i, p := range ps {
		out[i] = p.Fault
	}
	return out
}

// Err returns the problems as an error, nil when there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// maxProblems is how many problems are noted; a file with more is no flow with
// mistakes but something else.
const maxProblems = 500

func (ps *Problems) add(p path, f *fault.Error) {
	if len(*ps) < maxProblems {
		*ps = append(*ps, p.problem(f))
	}
}

// sections is the order in which problems are shown.
var sections = []string{"", "weir", "id", "name", "doc", "mode", "schedule", "policy", "notify", "parameters", "services", "nodes", "connections", "groups", "labels", "layout"}

func (ps Problems) sort() Problems {
	rank := func(p Problem) int {
		head, _, _ := strings.Cut(p.Path, ".")
		return slices.Index(sections, head)
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		if n := cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Fault.Code, b.Fault.Code)); n != 0 {
			return n
		}
		return cmp.Compare(a.Fault.Error(), b.Fault.Error())
	})
	return ps
}

// path is a place in a flow file: keys, and indexes as [0].
type path []string

func at(keys ...string) path { return keys }

func (p path) key(k string) path { return append(slices.Clip(p), k) }

func (p path) index(i int) path { return append(slices.Clip(p), "["+strconv.Itoa(i)+"]") }

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// String joins the keys with points; one with other characters is quoted.
func (p path) String() string {
	var w strings.Builder
	for i, k := range p {
		switch {
		case strings.HasPrefix(k, "[") && strings.HasSuffix(k, "]") && i > 0:
			w.WriteString(k)
			continue
		case !plainKey.MatchString(k):
			k = strconv.Quote(clip(k))
		}
		if i > 0 {
			w.WriteByte('.')
		}
		w.WriteString(k)
	}
	return w.String()
}

// problem places a fault; the parts of the flow are named by the path.
func (p path) problem(f *fault.Error) Problem {
	out := Problem{Path: p.String(), Fault: f.Permanent()}
	if len(p) < 2 {
		return out
	}
	switch p[0] {
	case "nodes":
		out.Node = p[1]
	case "connections":
		out.Connection = p[1]
	case "services":
		out.Service = p[1]
	case "groups":
		out.Group = p[1]
	case "labels":
		out.Label = p[1]
	}
	if len(p) > 3 && p[2] == "settings" {
		out.Property = p[3]
	} else if len(p) > 2 {
		out.Property = p[2]
	}
	return out
}
