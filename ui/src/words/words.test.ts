import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { allWords } from "./index";

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

test("a Korean text is Korean, or a name that both languages share", () => {
  const same = Object.entries(allWords).filter(([, [en, ko]]) => !/[가-힣]/.test(ko) && en !== ko && /[a-z]{4}/.test(en.replace(/\{\w+\}/g, "")));
  expect(same).toEqual([]);
});
