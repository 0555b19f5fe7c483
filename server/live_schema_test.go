package server

import (
	"reflect"

	"github.com/weirflow/weir/engine"
	"github.com/weirflow/weir/live"
)

// describeLive adds the messages of the live socket to the description: what a
// page says and what it hears, each told by its type.
func describeLive(schemas object) {
	str, num, whole := object{"type": "string"}, object{"type": "number"}, object{"type": "integer"}
	list := func(of any) object { return object{"type": "array", "items": of} }
	message := func(name, kind string, required []string, fields object) {
		fields["type"] = object{"const": kind}
		schemas["live."+name] = object{"type": "object", "properties": fields, "required": append([]string{"type"}, required...)}
	}
	ref := func(name string) object { return object{"$ref": "#/components/schemas/" + name} }
	// Each row has exactly as many items as it tells.
	tuple := func(doc string, n int, own map[int]any) object {
		items := make([]any, n)
		for i := range items {
			items[i] = num
			if of, ok := own[i]; ok {
				items[i] = of
			}
		}
		return object{"type": "array", "prefixItems": items, "items": false, "description": doc}
	}
	var states []int
	for i := range int(engine.NodeFailing) + 1 {
		states = append(states, i)
	}
	for i := liveWaiting; i <= liveRetry; i++ {
		states = append(states, i)
	}
	schemas["live.NodeState"] = object{"enum": states, "description": "What a node does: of continuous data below 10, in a run from there on."}
	schemas["live.NodeRow"] = tuple("Index, state, FlowFiles in and out, rows in and out, p95 in microseconds, tasks, bulletins, index of the connection that holds the node or -1, FlowFiles a second in and out.", 12,
		map[int]any{1: ref("live.NodeState")})
	schemas["live.WireRow"] = tuple("Index, FlowFiles, bytes, rows, fullness in hundredths, FlowFiles a second in and out, 1 when it holds its source back; of a run also the FlowFiles, rows (-1 where not all are known) and bytes that were put on it, else 0.", 11,
		map[int]any{7: object{"enum": []int{0, 1}}})
	nodes, wires := list(ref("live.NodeRow")), list(ref("live.WireRow"))
	totals, ids := schemaOf(reflect.TypeFor[live.Totals](), schemas), schemaOf(reflect.TypeFor[live.IDs](), schemas)

	message("Watch", "watch", []string{"flow"}, object{"flow": str, "run": str, "rate": object{"enum": []int{1, 2}}})
	message("Unwatch", "unwatch", []string{"flow"}, object{"flow": str})
	message("Home", "home", nil, object{})
	message("Open", "open", []string{"flow", "client"}, object{"flow": str, "node": str, "client": str})
	message("Ping", "ping", []string{"t"}, object{"t": num})
	union(schemas, "live.ClientFrame", "Watch", "Unwatch", "Home", "Open", "Ping")

	message("Hello", "hello", []string{"version", "now"}, object{"version": str, "now": whole})
	message("Snapshot", "snapshot", []string{"flow", "run", "seq", "at", "ids", "nodes", "wires", "totals"},
		object{"flow": str, "run": str, "seq": whole, "at": whole, "ids": ids, "nodes": nodes, "wires": wires, "totals": totals})
	message("Delta", "delta", []string{"flow", "seq", "at"},
		object{"flow": str, "seq": whole, "at": whole, "nodes": nodes, "wires": wires, "totals": totals})
	message("Edited", "edit", []string{"flow", "edit"}, object{"flow": str, "edit": schemaOf(reflect.TypeFor[Edit](), schemas)})
	message("Published", "published", []string{"flow", "version"}, object{"flow": str, "version": whole})
	message("Flow", "flow", []string{"flow"}, object{"flow": schemaOf(reflect.TypeFor[FlowView](), schemas)})
	message("FlowGone", "flow_gone", []string{"id"}, object{"id": str})
	message("Run", "run", []string{"run"}, object{"run": schemaOf(reflect.TypeFor[RunItem](), schemas)})
	message("Told", "bulletin", []string{"bulletin"}, object{"bulletin": schemaOf(reflect.TypeFor[live.Bulletin](), schemas)})
	message("Presence", "presence", []string{"flow", "who"}, object{"flow": str, "who": list(schemaOf(reflect.TypeFor[live.Opened](), schemas))})
	message("Dropped", "dropped", []string{"count"}, object{"count": whole})
	message("Pong", "pong", []string{"t", "now"}, object{"t": num, "now": whole})
	message("Refusal", "error", []string{"error"}, object{"error": ref("fault.Note"), "flow": str, "run": str})
	union(schemas, "live.ServerFrame", "Hello", "Snapshot", "Delta", "Edited", "Published", "Flow", "FlowGone", "Run", "Told", "Presence", "Dropped", "Pong", "Refusal")
}

// union is one of several messages, told apart by their type.
func union(schemas object, name string, of ...string) {
	var refs []object
	mapping := object{}
	for _, n := range of {
		ref := "#/components/schemas/live." + n
		kind := schemas["live."+n].(object)["properties"].(object)["type"].(object)["const"].(string)
		refs, mapping[kind] = append(refs, object{"$ref": ref}), ref
	}
	schemas[name] = object{"oneOf": refs, "discriminator": object{"propertyName": "type", "mapping": mapping}}
}
