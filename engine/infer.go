package engine

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/runs"
)

// Infer asks a source of a flow that need not be published for the schema of
// what it reads, from a sample. It returns the schema, what was in doubt, and
// the key of the property that takes it.
func (e *Engine) Infer(ctx context.Context, f *flows.Flow, slug string, params map[string]string, sample int) (*record.Schema, []string, string, error) {
	def, ok := f.Nodes[slug]
	if !ok {
		return nil, nil, "", fault.New("infer_node_unknown", "node", slug, "flow", f.ID).Permanent()
	}
	info, _ := processors.Lookup(def.Kind)
	key := ""
	for _, p := range info.Properties {
		if p.Type == processors.TypeSchema {
			key = p.Key
		}
	}
	if !info.Infers || key == "" {
		return nil, nil, "", fault.New("infer_not_possible", "node", slug, "kind", def.Kind).Permanent()
	}
	// The schema that is sought may be missing, which would be a problem: any
	// stands in for it.
	g, err := f.Clone()
	if err != nil {
		return nil, nil, "", err
	}
	def.Settings = maps.Clone(def.Settings)
	if def.Settings == nil {
		def.Settings = map[string]json.RawMessage{}
	}
	def.Settings[key] = json.RawMessage(`[["sought","json"]]`)
	g.Nodes = map[string]flows.Node{slug: {Kind: def.Kind, Settings: def.Settings}}
	g.Connections = nil
	in, err := e.build(g, &runs.Run{Flow: f.ID, Params: params})
	if err != nil {
		return nil, nil, "", err
	}
	defer in.close(context.WithoutCancel(ctx))
	n := in.nodes[slug]
	env, err := n.environment(ctx)
	if err != nil {
		return nil, nil, "", err
	}
	s, doubts, err := n.conf.Processor.(processors.Inferrer).Infer(ctx, env, sample)
	return s, doubts, key, err
}
