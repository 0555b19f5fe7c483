// Settings of nodes and services as forms show and write them, by the kind's
// description. Nothing here knows React.
import type { Property } from "../api/kinds";
import type { Problem } from "../api/wire";

/** Settings are values by key as they stand in a flow file. */
export type Settings = Record<string, unknown>;

/** Owner is what settings belong to. */
export interface Owner {
  area: "nodes" | "services";
  slug: string;
}

/** pathOf returns the path of a setting in the flow file. */
export const pathOf = (owner: Owner, key: string): string[] => [owner.area, owner.slug, "settings", key];

const effective = (properties: readonly Property[], settings: Settings, key: string): string => {
  const v = settings[key];
  if (v === undefined || v === "") return properties.find((p) => p.key === key)?.default ?? "";
  return typeof v === "string" ? v : JSON.stringify(v);
};

/** applies tells whether a property means anything beside the others' values. */
export function applies(property: Property, properties: readonly Property[], settings: Settings): boolean {
  return (property.depends_on ?? []).every((d) => {
    const v = effective(properties, settings, d.key);
    // What a parameter stands for is not known here.
    if (isParameter(v)) return true;
    return d.values === undefined || d.values.length === 0 ? v !== "" && v !== "[]" && v !== "{}" && v !== "false" : d.values.includes(v);
  });
}

/**
 * idled returns the settings that a choice takes the meaning from: those that
 * meant something beside the old value and mean nothing beside the new one.
 */
export function idled(properties: readonly Property[], settings: Settings, chosen: Property, next: unknown): string[] {
  if (chosen.type !== "choice" && chosen.type !== "bool") return [];
  const after: Settings = { ...settings, [chosen.key]: next };
  const gone: string[] = [];
  // What depends on one that goes may go with it.
  for (let before = -1; before < gone.length;) {
    before = gone.length;
    for (const p of properties) {
      if (after[p.key] === undefined || p.key === chosen.key || !applies(p, properties, settings) || applies(p, properties, after)) continue;
      gone.push(p.key);
      after[p.key] = undefined;
    }
  }
  return gone;
}

const whole = /^#\{([^{}]+)\}$/;

/** isParameter tells a value that is one parameter as a whole. */
export const isParameter = (v: unknown): v is string => typeof v === "string" && whole.test(v);

/** parameterOf returns the name of the parameter that a value is. */
export const parameterOf = (v: unknown): string | undefined => (typeof v === "string" ? whole.exec(v)?.[1] : undefined);

const parameterTypes: Record<string, string> = {
  string: "string", text: "string", choice: "string", expression: "string", rune: "string", bytes: "string", int: "int", float: "float", bool: "bool", duration: "duration",
};

/** parameterType returns the type of a parameter that could stand for a property, undefined where none can. */
export const parameterType = (p: Property): string | undefined => parameterTypes[p.type];

/** textOf writes a value as its control shows it. */
export function textOf(p: Property, v: unknown): string {
  if (v === undefined || v === null) return "";
  if (typeof v === "string") return p.type === "rune" && v === "\t" ? "\\t" : v;
  return typeof v === "object" ? JSON.stringify(v) : String(v);
}

/**
 * valueOf reads what was typed into a control: undefined removes the setting. A
 * text that is none of the type stays as it was typed, for the server to say
 * what is wrong with it.
 */
export function valueOf(p: Property, text: string): unknown {
  if (text === "") return undefined;
  const plain = text.normalize("NFKC").trim();
  switch (p.type) {
    case "int":
      return /^[+-]?\d+$/.test(plain) && Number.isSafeInteger(Number(plain)) ? Number(plain) : text;
    case "float":
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : text;
    case "bool":
      return plain === "true" || plain === "false" ? plain === "true" : text;
    case "bytes":
    case "duration":
      return plain;
    default:
      return text;
  }
}

/** placeOf writes a path as problems name places: plain keys with points between them, others quoted. */
export const placeOf = (path: readonly string[]): string => path.map((k) => (/^[A-Za-z0-9_-]+$/.test(k) ? k : JSON.stringify(k))).join(".");

/** problemsAt returns the problems at a place of the flow file or within it. */
export function problemsAt(problems: readonly Problem[], path: string): Problem[] {
  return problems.filter((p) => p.path === path || p.path.startsWith(`${path}.`) || p.path.startsWith(`${path}[`));
}

/** freeName returns a name that is not taken: "path", "path2", … */
export function freeName(wanted: string, taken: Record<string, unknown> | undefined): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted}${n}`;
    if (taken === undefined || !Object.hasOwn(taken, name)) return name;
  }
}

/** columnTypes are the types of columns that stand for themselves. */
export const columnTypes = ["string", "int64", "double", "bool", "date", "timestamp", "decimal(38,9)", "bytes", "json", "list<string>"] as const;

/** Entry is a row of a map under edit; the key may be any text. */
export type Entry = [key: string, value: string];

/** entriesOf returns the rows of a map, in the file's order. */
export function entriesOf(v: unknown): Entry[] {
  if (typeof v !== "object" || v === null || Array.isArray(v)) return [];
  return Object.entries(v).map(([k, x]) => [k, typeof x === "string" ? x : JSON.stringify(x)]);
}

/** columnsOf returns the columns of a schema, those it can read. */
export function columnsOf(v: unknown): Entry[] {
  if (!Array.isArray(v)) return [];
  return v.map((c: unknown) => (Array.isArray(c) ? [String(c[0] ?? ""), String(c[1] ?? "")] : [String(c), ""]));
}
