// Texts of codes: the server's catalogue, rendered in the language of the pages.
import { useQuery } from "@tanstack/react-query";
import { lang, useLang } from "../words";
import { call, Failure } from "./client";
import type { Note } from "./wire";

type Texts = Record<string, string>;

const isNote = (v: unknown): v is Note => typeof v === "object" && v !== null && typeof (v as Note).code === "string";

// What a note may say beside its code: where it lies, what caused it, what else.
interface Full extends Note {
  place?: Full;
  prefix?: string;
  cause?: Full;
  text?: string;
  then?: Full;
  parts?: Record<string, Full>;
  problems?: Full[];
}

// fill replaces {name} by its argument; what is no argument stays as it is.
function fill(text: string, args: Record<string, unknown>, texts: Texts | undefined): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const v = args[name];
    if (v === undefined || v === null) return whole;
    if (isNote(v)) return render(v, texts);
    if (Array.isArray(v)) return v.map((x) => (isNote(x) ? render(x, texts) : String(x))).join(", ");
    return typeof v === "object" ? JSON.stringify(v) : String(v);
  });
}

// own is a note without its prefix and what follows: its text and its causes.
function own(note: Full, texts: Texts | undefined): string {
  if (note.problems !== undefined && note.problems.length > 0) return render(note, texts);
  const text = texts?.[note.code];
  if (note.text !== undefined && (text === undefined || note.code === "internal")) return note.text;
  const said = text === undefined ? note.code : fill(text, { ...note.args, ...note.parts }, texts);
  return note.cause === undefined ? said : `${said} (${own(note.cause, texts)})`;
}

/** render writes a note in the words of a catalogue, its causes and places included, as the server's own texts do. */
export function render(note: Note, texts: Texts | undefined): string {
  const full: Full = note;
  if (full.place !== undefined) return `${render(full.place, texts)}: ${render({ ...full, place: undefined } as Note, texts)}`;
  if (full.problems !== undefined && full.problems.length > 0) return full.problems.map((p) => render(p, texts)).join("\n");
  return `${full.prefix ?? ""}${own(full, texts)}${full.then === undefined ? "" : render(full.then, texts)}`;
}

/** useTexts returns the catalogue in the language of the pages. */
export function useTexts(): Texts | undefined {
  useLang();
  const l = lang();
  return useQuery({
    queryKey: ["words", l],
    staleTime: Infinity,
    queryFn: async ({ signal }) => (await call<{ texts: Texts }>("GET", `/words?lang=${l}`, undefined, signal)).texts,
  }).data;
}

/** useText returns what renders a note in the language of the pages. */
export function useText(): (note: Note) => string {
  const texts = useTexts();
  return (note) => render(note instanceof Failure && isNote(note.body) ? note.body : note, texts);
}
