import { expect, test } from "vitest";
import type { KindInfo } from "./kinds";
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
