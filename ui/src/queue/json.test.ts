import { expect, test } from "vitest";
import { editOf } from "./AttributeEditor";
import { hexLine } from "./HexTab";
import { pretty } from "./json";
import { linesOf } from "./TextTab";

test("JSON is indented and its numbers stay as they are written", () => {
  const text = '{"id":9007199254740995,"이름":"김,민:수","tags":["a",{"b":[]}],"x":{},"n":-1.50e3,"t":null}';
  const out = pretty(text);
  expect(out?.split("\n")).toEqual([
    "{", '  "id": 9007199254740995,', '  "이름": "김,민:수",', '  "tags": [', '    "a",', "    {", '      "b": []', "    }", "  ],", '  "x": {},', '  "n": -1.50e3,', '  "t": null', "}",
  ]);
  expect(JSON.parse(out ?? "")).toEqual(JSON.parse(text));
});

test("what is no JSON is left alone", () => {
  for (const bad of ["", "hello", '{"a":1', '{"a":1]', '{"a": nope}', '"open', "{} x"]) expect(pretty(bad)).toBeUndefined();
});

test("lines of NDJSON are indented one by one, broken ones stay", () => {
  expect(linesOf('{"a":1}\nbroken {\n', true, true)).toEqual(["{", '  "a": 1', "}", "broken {"]);
  expect(linesOf('{"a":1}\n{"a":2}\n', false, true)).toEqual(['{"a":1}', '{"a":2}']);
});

test("bytes are written in hexadecimal and as letters", () => {
  expect(hexLine(16, new TextEncoder().encode("서울 ab"))).toEqual(["00000010", "ec 84 9c ec 9a b8 20 61  62                     ", "······ ab"]);
});

test("an edit of attributes says only what differs", () => {
  expect(editOf({ a: "1", b: "2", c: "3" }, { a: "1", b: "5", d: "" })).toEqual({ set: { b: "5", d: "" }, remove: ["c"] });
});
