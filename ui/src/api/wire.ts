// Names for the types on the wire. They are those of schema.ts, which is
// generated from the server's table: "npm run types" writes it.
import type { components } from "./schema";

export type Schemas = components["schemas"];

/** Op sets a value at a path of the flow file, or removes it without `value`. */
export type Op = Schemas["flows.Op"];

/** Edit is a numbered change of a draft. */
export type Edit = Schemas["server.Edit"];

/** Note is a coded message; texts are rendered from the catalogue. Those that a page makes itself may have arguments of any type. */
export type Note = Pick<Schemas["fault.Note"], "code"> & { args?: Record<string, unknown> };

/** Problem is a fault of a draft and where it lies. */
export type Problem = Omit<Schemas["server.Problem"], "args" | "level" | "text"> & {
  args?: Note["args"];
  /** level is "error" wherever the server tells it; a page may warn. */
  level?: Schemas["server.Problem"]["level"] | "warning";
  text?: string;
};

export type Draft = Omit<Schemas["server.Draft"], "problems"> & { problems: Problem[] };

export type NodeDoc = Schemas["flows.Node"];

export type ConnectionDoc = Schemas["flows.Connection"];

export type GroupDoc = Schemas["flows.Group"];

export type LabelDoc = Schemas["flows.Label"];

/** FlowDoc is a flow file. */
export type FlowDoc = Schemas["flows.Flow"];

/** NodeState is a node's state in live frames; from 10 on, of a node in a run. */
export type NodeState = Schemas["live.NodeState"];

/** NodeRow: index, state, in, out, rows in, rows out, p95 µs, tasks, bulletins, blocked wire or -1, in/s, out/s. */
export type NodeRow = Schemas["live.NodeRow"];

/** WireRow: index, count, bytes, rows, fullness %, in/s, out/s, blocks; passed in the run: FlowFiles, rows or -1, bytes. */
export type WireRow = Schemas["live.WireRow"];

export type Totals = Schemas["live.Totals"];

export type RunItem = Schemas["server.RunItem"];

export type Bulletin = Schemas["live.Bulletin"];

/** ServerFrame is what the live socket says. */
export type ServerFrame = Schemas["live.ServerFrame"];

/** ClientFrame is what a page says to the live socket. */
export type ClientFrame = Schemas["live.ClientFrame"];
