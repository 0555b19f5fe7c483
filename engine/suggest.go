package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/processors"
)

// suggestTimeout bounds what a list of suggestions may take: a person waits.
const suggestTimeout = 30 * time.Second

// Suggest asks a node of a flow what one of its properties may be, as the
// service that the node talks to has it. The flow need not be published, nor
// whole: properties of the node may be missing or wrong, for a form asks while
// it is filled in. The list is empty where the kind knows nothing about the
// property.
func (e *Engine) Suggest(ctx context.Context, f *flows.Flow, slug, property string, params map[string]string) ([]processors.Suggestion, error) {
	def, ok := f.Nodes[slug]
	if !ok {
		return nil, fault.New("infer_node_unknown", "node", slug, "flow", f.ID).Permanent()
	}
	info, ok := processors.Lookup(def.Kind)
	if _, known := info.Property(property); ok && !known {
		return nil, fault.New("suggest_property", "node", slug, "kind", def.Kind, "property", property, "known", strings.Join(propertyKeys(info), ", ")).Permanent()
	}
	if !ok || !info.Suggests {
		return nil, fault.New("suggest_not_possible", "node", slug, "kind", def.Kind).Permanent()
	}
	g, err := f.Clone()
	if err != nil {
		return nil, err
	}
	g.Nodes, g.Connections = map[string]flows.Node{slug: {Kind: def.Kind, Settings: without(def.Settings, property)}}, nil
	conf, problems := g.Configure(flows.Values{Params: params, Secrets: e.cfg.Secrets})
	// The node's own problems are for a validation to tell, but for the service
	// that it cannot be asked without.
	problems = slices.DeleteFunc(problems, func(p flows.Problem) bool { return p.Node != "" && !needsService(info, p) })
	if len(problems) > 0 {
		return nil, problems.Err()
	}
	env := e.cfg.Env()
	env.Flow, env.Params, env.Log, env.Now = f.ID, params, e.loggerFor(f.ID, ""), e.cfg.Now
	services := newServices(env, conf.Services)
	defer func() {
		if err := services.close(context.WithoutCancel(ctx)); err != nil {
			env.Log.Warn("close services", "error", err)
		}
	}()
	short, cancel := context.WithTimeout(ctx, suggestTimeout)
	defer cancel()
	made := conf.Nodes[slug]
	env.Node = slug
	if env.Services, err = services.clients(short, made.Services); err != nil {
		return nil, err
	}
	out, err := made.Processor.(processors.Suggester).Suggest(short, env, property)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, fault.New("suggest_timeout", "node", slug, "property", property, "limit", suggestTimeout).Because(err)
	}
	return out, err
}

// needsService reports whether a problem is about the service of a node.
func needsService(info processors.Info, p flows.Problem) bool {
	return slices.ContainsFunc(info.Properties, func(q processors.Property) bool {
		return q.Type == processors.TypeService && q.Key == p.Property
	})
}

func propertyKeys(info processors.Info) []string {
	keys := make([]string, len(info.Properties))
	for i, p := range info.Properties {
		keys[i] = p.Key
	}
	return keys
}

func without[V any](m map[string]V, key string) map[string]V {
	out := maps.Clone(m)
	delete(out, key)
	return out
}
