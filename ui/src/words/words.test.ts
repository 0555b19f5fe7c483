import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connect } from "./connect";
import { allWords, type Key, learn, t } from "./index";

learn(connect);

const root = join(import.meta.dirname, "..");
const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((f) => /\.tsx?$/.test(f) && !f.startsWith("words") && !/\.test\.tsx?$/.test(f))
  .map((f) => readFileSync(join(root, f), "utf8"))
  .join("\n");

/** Keys stand whole in the sources, or are made from a beginning: `area.${x}`, "area." + x. */
const whole = new Set([...sources.matchAll(/["'`]([a-z]\w*(?:\.\w+)+)["'`]/g)].map((m) => m[1]));
const begun = [...sources.matchAll(/`([a-z]\w*\.[\w.]*)\$\{|"([a-z]\w*\.[\w.]*)" \+/g)].map((m) => m[1] ?? m[2] ?? "");

test("no text stands unused", () => {
  const unused = Object.keys(allWords).filter((k) => !whole.has(k) && !begun.some((b) => k.startsWith(b)));
  expect(unused).toEqual([]);
});

test("both languages fill the same places", () => {
  const places = (text: string) => [...new Set([...text.matchAll(/\{(\w+)[,}]/g)].map((m) => m[1]))].sort();
  const uneven = Object.entries(allWords).filter(([, [en, ko]]) => places(en).join() !== places(ko).join());
  expect(uneven.map(([key]) => key)).toEqual([]);
});

test("one thing is told in the singular", () => {
  const places = (text: string) => [...text.matchAll(/\{(\w+)[,}]/g)].map((m) => m[1] ?? "");
  const said = Object.entries(allWords).map(([key, [en]]) => t(key as Key, Object.fromEntries(places(en).map((p) => [p, "1"]))));
  // Sizes and names are told as 1 too: "over 1 s", "1 takes no input".
  expect(said.filter((text) => /\b1 (?:(?:were|are|stay)\b|(?!is\b|has\b|was\b|stays\b|takes\b|does\b|this\b)[A-Za-z]{2,}s\b)/.test(text))).toEqual([]);
});

test("a Korean text is Korean, or a name that both languages share", () => {
  const same = Object.entries(allWords).filter(([, [en, ko]]) => !/[가-힣]/.test(ko) && en !== ko && /[a-z]{4}/.test(en.replace(/\{\w+\}/g, "")));
  expect(same).toEqual([]);
});
