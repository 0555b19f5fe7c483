import { expect, test } from "vitest";
import type { KindInfo } from "./kinds";
import { spoken } from "./kinds";
import { searchKinds, shelfOf } from "./kindsearch";

const kind = (kind: string, doc = "", more: Partial<KindInfo> = {}): KindInfo => ({ kind, doc, ...more });
const kinds = [
  kind("GenerateFlowFile", "Makes FlowFiles out of nothing.", { source: true, tags: ["try"] }),
  kind("WriteCSV", "Writes all records to one CSV file.", { sink: true, tags: ["files"] }),
  kind("RouteOnAttribute", "Sends each FlowFile to outputs.", { tags: ["route", "attributes"] }),
  kind("UpdateAttribute", "Sets attributes."),
  kind("ReadFile", "Reads one file, CSV or JSON.", { source: true }),
];
const names = (text: string, recent: string[] = []) => searchKinds(kinds, text, recent).map((k) => k.kind);

test("a name's beginning is better than a tag, a tag better than the text", () => {
  expect(names("gen")).toEqual(["GenerateFlowFile"]);
  expect(names("csv")).toEqual(["WriteCSV", "ReadFile"]);
  expect(names("attribute")).toEqual(["RouteOnAttribute", "UpdateAttribute"]);
  expect(names("file")).toEqual(["GenerateFlowFile", "ReadFile", "WriteCSV", "RouteOnAttribute"]);
});

test("a kind is found by the words of both languages and by initial consonants, whatever the pages speak", () => {
  const told = { kind: "WriteCSV", doc: { en: "Writes all records.", ko: "모든 레코드를 씁니다." }, tags: [{ en: "export", ko: "내보내기" }, { en: "file", ko: "파일" }] };
  for (const lang of ["en", "ko"] as const) {
    const kind = spoken(told, lang);
    const found = (text: string) => searchKinds([kind, ...kinds.slice(2, 4)], text).map((k) => k.kind);
    for (const text of ["export", "내보", "ㄴㅂㄴㄱ", "ㅍㅇ", "레코드", "ㄹㅋㄷ", "records", "파일 export"]) expect([lang, text, found(text)]).toEqual([lang, text, ["WriteCSV"]]);
    for (const text of ["보내기ㅋ", "ㅍㅍ"]) expect([lang, text, found(text)]).toEqual([lang, text, []]);
    expect(kind.doc).toBe(lang === "ko" ? "모든 레코드를 씁니다." : "Writes all records.");
  }
});

test("letters in order find a kind, all words must be met, nothing is nothing", () => {
  expect(names("rtat")).toEqual(["RouteOnAttribute"]);
  expect(names("write csv")).toEqual(["WriteCSV"]);
  expect(names("없는것")).toEqual([]);
});

test("what was used lately comes first when nothing is asked", () => {
  expect(names("", ["WriteCSV", "ReadFile"]).slice(0, 2)).toEqual(["WriteCSV", "ReadFile"]);
  expect(names("")).toHaveLength(5);
});

test("each kind has a shelf", () => {
  expect(kinds.map(shelfOf)).toEqual(["sources", "sinks", "control", "transform", "sources"]);
});
