package server

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/runs"
)

// The groups of what a flow may touch, in the order in which they are told.
const (
	AccessReadFile   = "read_file"
	AccessWriteFile  = "write_file"
	AccessRead       = "read"
	AccessWrite      = "write"
	AccessUse        = "use"
	AccessHost       = "host"
	AccessAPI        = "api"
	AccessRole       = "role"
	AccessPermission = "permission"
	AccessScope      = "scope"
	AccessSecret     = "secret"
)

var accessOrder = []string{AccessReadFile, AccessWriteFile, AccessRead, AccessWrite, AccessUse, AccessHost, AccessAPI,
	AccessRole, AccessPermission, AccessScope, AccessSecret}

// Access is what a flow may touch outside Weir, as its settings say.
type Access struct {
	Flow    string   `json:"flow"`
	Touches []Touch  `json:"touches"`
	Changes []Change `json:"changes,omitempty"`
}

// Touch is one thing that a flow may touch.
type Touch struct {
	// Group is read_file, write_file, read, write, use, host, api, role,
	// permission, scope or secret.
	Group string `json:"group"`
	Value string `json:"value"`
	// On narrows a role or permission.
	On  string      `json:"on,omitempty"`
	Why fault.Entry `json:"why,omitzero"`
	// By are the nodes and services that do.
	By []string `json:"by"`
}

// Change is what a node changes outside Weir, in the words of its kind.
type Change struct {
	Node string      `json:"node"`
	What fault.Entry `json:"what"`
}

// AccessOf tells what a flow may touch, with the values of the parameters that
// are given or have a default. Nothing outside is asked.
func AccessOf(f *flows.Flow, params map[string]string) *Access {
	// What is wrong with the settings is for a verification to say: each part
	// tells its needs as far as they are known.
	c, _ := f.Configure(flows.Values{Params: params})
	a := &Access{Flow: f.ID, Touches: []Touch{}}
	local := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(c.Services)) {
		if local[name] = bytes.Contains(f.Services[name].Settings["endpoint"], []byte(`"sandbox"`)); local[name] {
			a.touch(Touch{Group: AccessHost, Value: "sandbox", Why: fault.New("access_sandbox").Entry(), By: []string{name}})
		}
		a.needs(name, c.Services[name], f.Services[name].Settings, AccessUse, local[name], params)
	}
	for _, slug := range slices.Sorted(maps.Keys(c.Nodes)) {
		n := c.Nodes[slug]
		group, sandboxed := AccessRead, len(n.Services) > 0
		if !n.Info.Source && (n.Info.Effects != nil || n.Info.Law == runs.LawSink) {
			group = AccessWrite
		}
		for _, s := range n.Services {
			sandboxed = sandboxed && local[s]
		}
		a.needs(slug, n, f.Nodes[slug].Settings, group, sandboxed, params)
		if n.Info.Effects != nil {
			a.Changes = append(a.Changes, Change{slug, *n.Info.Effects})
		}
	}
	a.notifies(f.Notify)
	slices.SortStableFunc(a.Touches, func(x, y Touch) int {
		if d := slices.Index(accessOrder, x.Group) - slices.Index(accessOrder, y.Group); d != 0 {
			return d
		}
		return strings.Compare(x.Value+"\x00"+x.On, y.Value+"\x00"+y.On)
	})
	return a
}

// notifies adds whom the flow tells of its runs. The address is in the secret,
// for who knows it can write there.
func (a *Access) notifies(n *flows.Notify) {
	if n == nil {
		return
	}
	for _, to := range []struct {
		secret *flows.SecretName
		why    *fault.Error
	}{
		{n.Webhook, fault.New("access_webhook")},
		{n.Ping, fault.New("access_ping")},
	} {
		if to.secret != nil {
			a.touch(Touch{Group: AccessHost, Value: "(secret " + to.secret.Secret + ")", Why: to.why.Entry(), By: []string{"notify"}})
			a.touch(Touch{Group: AccessSecret, Value: to.secret.Secret, By: []string{"notify"}})
		}
	}
}

// needs adds what one node or service needs; of one in the sandbox only its
// files and what it reads and writes there.
func (a *Access) needs(name string, c *processors.Configured, settings map[string]json.RawMessage, resource string, sandboxed bool, params map[string]string) {
	for _, n := range append(c.Needs(), unknownYet(c, settings)...) {
		t := Touch{Value: known(n.Value, params), On: known(n.On, params), Why: n.Why, By: []string{name}}
		switch n.Kind {
		case processors.NeedRead:
			t.Group = AccessReadFile
		case processors.NeedWrite:
			t.Group = AccessWriteFile
		case processors.NeedResource:
			t.Group = resource
		default:
			if sandboxed {
				continue
			}
			t.Group = string(n.Kind)
		}
		a.touch(t)
	}
	for _, s := range c.Secrets {
		a.touch(Touch{Group: AccessSecret, Value: s, By: []string{name}})
	}
}

// unknownYet are the needs whose values stand in parameters that are not known yet.
func unknownYet(c *processors.Configured, settings map[string]json.RawMessage) []processors.NeedInfo {
	var out []processors.NeedInfo
	told := c.Needs()
	for _, n := range c.Info.Needs {
		var text string
		if n.Property == "" || json.Unmarshal(settings[n.Property], &text) != nil || !strings.Contains(text, "#{") ||
			slices.ContainsFunc(told, func(t processors.NeedInfo) bool { return t.Kind == n.Kind && t.Property == n.Property }) {
			continue
		}
		n.Value = text
		out = append(out, n)
	}
	return out
}

// touch adds a thing, or one more that touches it.
func (a *Access) touch(t Touch) {
	for i, have := range a.Touches {
		if have.Group == t.Group && have.Value == t.Value && have.On == t.On {
			if !slices.Contains(have.By, t.By[0]) {
				a.Touches[i].By = append(have.By, t.By[0])
			}
			return
		}
	}
	a.Touches = append(a.Touches, t)
}

// Group returns the values of one group.
func (a *Access) Group(group string) []string {
	var out []string
	for _, t := range a.Touches {
		if t.Group == group {
			out = append(out, t.Value)
		}
	}
	return slices.Compact(out)
}

// known puts the values of parameters into an expression's source.
func known(text string, params map[string]string) string {
	var pairs []string
	for name, v := range params {
		pairs = append(pairs, "#{"+name+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// AccessFlow asks what a flow of the store, or a flow file, may touch.
type AccessFlow struct {
	Flow   string            `json:"flow,omitempty"`
	Doc    json.RawMessage   `json:"doc,omitempty"`
	Params map[string]string `json:"params,omitempty"`
}

func (s *Server) accessFlow(_ context.Context, in *AccessFlow) (*Access, error) {
	f, problems, err := s.flowOrDoc(in.Flow, in.Doc)
	if err == nil {
		err = problems.Err()
	}
	if err != nil {
		return nil, err
	}
	return AccessOf(f, paramsOf(f, in.Params)), nil
}

// paramsOf are the given values of parameters over the defaults, as far as
// they are known.
func paramsOf(f *flows.Flow, given map[string]string) map[string]string {
	if all, err := f.ResolveParams(given); err == nil {
		return all
	}
	return given
}
