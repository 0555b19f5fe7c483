// Finding kinds: by name, tags and documentation in both languages, and by the
// initial consonants of Korean words; those used lately first.
import { hasWord } from "../lib/hangul";
import type { KindInfo, KindMap } from "./kinds";

/** Shelf is where the palette keeps a kind. */
export type Shelf = "sources" | "transform" | "sinks" | "control";

export const shelves: readonly Shelf[] = ["sources", "transform", "sinks", "control"];

/** shelfOf returns the shelf of a kind. */
export function shelfOf(kind: KindInfo): Shelf {
  if (/^(Funnel|InputPort|OutputPort)$|^(Route|Split|Merge|Control|Retry|Wait)/.test(kind.kind)) return "control";
  if (kind.source === true) return "sources";
  return kind.sink === true || /^(Write|Load|Put|Publish|Store)/.test(kind.kind) ? "sinks" : "transform";
}

/** processors lists the kinds that nodes can have. */
export const processors = (kinds: KindMap): KindInfo[] => [...kinds.values()].filter((k) => k.service !== true);

const fold = (s: string) => s.normalize("NFC").toLowerCase();

// A name that begins so is best, then a word in it, then tags, then the text.
function score(kind: KindInfo, asked: string): number {
  const name = fold(kind.kind);
  if (name.startsWith(asked)) return 5;
  if (fold(kind.kind.replace(/([a-z])([A-Z])/g, "$1 $2")).split(" ").some((w) => w.startsWith(asked))) return 4;
  if (name.includes(asked)) return 3;
  if ([...(kind.tags ?? []), ...(kind.other?.tags ?? [])].some((tag) => hasWord(fold(tag), asked))) return 2;
  if ([kind.doc, kind.other?.doc ?? ""].some((doc) => fold(doc).includes(asked) || hasWord(fold(doc), asked))) return 1;
  const letters = [...asked];
  let at = 0;
  for (const c of name) if (c === letters[at]) at++;
  return at === letters.length && letters.length > 2 ? 0.5 : 0;
}

/** searchKinds returns the kinds that a text asks for, best first; all of them for none. */
export function searchKinds(kinds: readonly KindInfo[], text: string, recent: readonly string[] = []): KindInfo[] {
  const words = fold(text).split(/\s+/).filter((w) => w !== "");
  const late = (k: KindInfo) => {
    const at = recent.indexOf(k.kind);
    return at < 0 ? recent.length : at;
  };
  return kinds
    .map((kind) => ({ kind, points: words.map((w) => score(kind, w)) }))
    .filter(({ points }) => points.every((p) => p > 0))
    .map(({ kind, points }) => ({ kind, sum: points.reduce((a, b) => a + b, 0) }))
    .sort((a, b) => b.sum - a.sum || late(a.kind) - late(b.kind) || (words.length === 0 ? shelves.indexOf(shelfOf(a.kind)) - shelves.indexOf(shelfOf(b.kind)) : 0) || a.kind.kind.localeCompare(b.kind.kind))
    .map(({ kind }) => kind);
}

const kept = "weir.recentKinds";

/** recentKinds returns the kinds added lately in this browser, newest first. */
export function recentKinds(): string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(kept) ?? "[]");
    return Array.isArray(list) ? list.filter((k) => typeof k === "string") : [];
  } catch {
    return [];
  }
}

/** rememberKind remembers that a kind was added. */
export function rememberKind(kind: string): void {
  localStorage.setItem(kept, JSON.stringify([kind, ...recentKinds().filter((k) => k !== kind)].slice(0, 5)));
}

/** kindDrag is the type under which the palette drags a kind. */
export const kindDrag = "application/x-weir-kind";
