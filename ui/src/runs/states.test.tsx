import { cleanup, render } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { StateMark } from "../canvas/NodeCard";
import { shownState, stateWord } from "../canvas/names";
import { toneOf } from "../canvas/sketch";
import type { NodeRow, NodeState } from "../api/wire";
import { speak } from "../words";
import { kindWord, whoWord } from "./who";

afterEach(() => {
  cleanup();
  speak("en");
});

const row = (state: NodeState): NodeRow => [0, state, 0, 0, 0, 0, 0, 0, 0, -1, 0, 0];

test("a card tells every state of a node in a run by word, ink and glyph", () => {
  const ink: Record<number, string> = { 10: "line-strong", 11: "accent", 12: "accent", 13: "run", 14: "red", 15: "line-strong", 16: "red", 17: "amber" };
  const seen = { en: new Set<string>(), ko: new Set<string>(), glyphs: new Set<string>() };
  for (const [state, tone] of Object.entries(ink).map(([s, t]) => [Number(s) as NodeState, t] as const)) {
    expect(shownState(row(state), 0)).toBe(state);
    expect(toneOf(state), `state ${state}`).toBe(tone);
    for (const lang of ["en", "ko"] as const) {
      speak(lang);
      seen[lang].add(stateWord(state));
    }
    seen.glyphs.add(render(<StateMark state={state} />).container.querySelector("path")?.getAttribute("d") ?? "");
    cleanup();
  }
  // No two states share a word or a glyph.
  expect([seen.en.size, seen.ko.size, seen.glyphs.size]).toEqual([8, 8, 8]);
});

test("what a draft's fault hides is only a node that does nothing", () => {
  expect(shownState(row(10), 2)).toBe(2);
  expect(shownState(row(17), 2)).toBe(17);
  expect(shownState(undefined, 0)).toBe(0);
});

test("who ordered a run, and why it was made, are words of the page's language", () => {
  expect(["link", "password", "token:ci", "김민수", "engine", "", undefined].map(whoWord)).toEqual(["a browser", "a browser", "token ci", "김민수", "Weir", "", ""]);
  expect(kindWord("manual")).toBe("by hand");
  speak("ko");
  expect([whoWord("link"), whoWord("token:ci"), kindWord("backfill"), kindWord("other")]).toEqual(["브라우저", "토큰 ci", "소급", "other"]);
});
