import { expect, test } from "vitest";
import { render } from "./words";

const texts = { bad: "The property {name} is bad.", why: "There is no {what}.", at: "Node {node}", wait: "{node} failed: {why}" };

test("a note is rendered with its place, prefix and causes", () => {
  expect(render({ code: "bad", args: { name: "schema" } }, texts)).toBe("The property schema is bad.");
  const full = { code: "bad", args: { name: "x" }, prefix: "nodes.a: ", cause: { code: "why", args: { what: "float64" }, prefix: "unseen" } };
  expect(render(full, texts)).toBe("nodes.a: The property x is bad. (There is no float64.)");
  expect(render({ ...full, place: { code: "at", args: { node: "a" } } } as never, texts)).toBe("Node a: nodes.a: The property x is bad. (There is no float64.)");
});

test("an argument that comes in both languages is told in that of the texts", () => {
  const doc = { code: "said", args: { en: "One file.", ko: "파일 하나." } };
  const unwired = { code: "unwired", args: { output: "success", doc: "One file." }, parts: { doc } };
  expect(render(unwired, { unwired: "출력 {output}: {doc}", said: "{ko}" })).toBe("출력 success: 파일 하나.");
  expect(render(unwired, { unwired: "The output {output}: {doc}", said: "{en}" })).toBe("The output success: One file.");
});

test("problems are told each on a line, arguments may be notes, unknown codes stay", () => {
  expect(render({ code: "problems", problems: [{ code: "bad", args: { name: "a" } }, { code: "bad", args: { name: "b" } }] } as never, texts)).toBe("The property a is bad.\nThe property b is bad.");
  expect(render({ code: "wait", args: { node: "a", why: { code: "why", args: { what: "disk" } } } }, texts)).toBe("a failed: There is no disk.");
  expect(render({ code: "never_heard" }, texts)).toBe("never_heard");
  expect(render({ code: "bad" }, texts)).toBe("The property {name} is bad.");
});
