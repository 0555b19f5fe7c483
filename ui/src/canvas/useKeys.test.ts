import { renderHook } from "@testing-library/react";
import type { KeyboardEvent } from "react";
import { afterEach, expect, test } from "vitest";
import { kinds, sample } from "../editor/testing/flow";
import { scene } from "../editor/model/scene";
import { clearBoard, useBoard } from "./board";
import { type KeyDeeds, useKeys } from "./useKeys";

afterEach(clearBoard);

function press(key: string, code: string, keyCode = 0): boolean {
  const k = { scene: scene(sample(), "", kinds) } as KeyDeeds;
  const { result } = renderHook(() => useKeys(k));
  const el = {};
  let done = false;
  const e = { key, code, keyCode, target: el, currentTarget: el, nativeEvent: { isComposing: false }, preventDefault: () => (done = true), stopPropagation: () => {} };
  result.current(e as unknown as KeyboardEvent);
  return done;
}

test("a wire is begun by the place of its letter, whatever script is on, and by no half of a syllable", () => {
  useBoard.getState().set({ active: "users" });
  expect(press("ㅊ", "KeyC", 229)).toBe(false);
  expect(useBoard.getState().wiring).toBeUndefined();
  expect(press("ㅊ", "KeyC")).toBe(true);
  expect(useBoard.getState().wiring?.from).toBe("users");
});
