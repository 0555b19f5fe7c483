// Texts of codes: the server's catalogue, rendered in the language of the pages.
import { useQuery } from "@tanstack/react-query";
import { lang, useLang } from "../words";
import { call } from "./client";
import type { Note } from "./wire";

type Texts = Record<string, string>;

const isNote = (v: unknown): v is Note => typeof v === "object" && v !== null && typeof (v as Note).code === "string";

/** render fills a code's text with its arguments; an argument may be a note itself. */
export function render(note: Note, texts: Texts | undefined): string {
  const text = texts?.[note.code];
  if (text === undefined) return note.code;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const v = note.args?.[name];
    if (v === undefined || v === null) return whole;
    if (isNote(v)) return render(v, texts);
    if (Array.isArray(v)) return v.map((x) => (isNote(x) ? render(x, texts) : String(x))).join(", ");
    return typeof v === "object" ? JSON.stringify(v) : String(v);
  });
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
  return (note) => render(note, texts);
}
