// What is pressed stays where it is until it is let go: a form that grows or
// shrinks under a button meanwhile would take the click away from it.
import { useState, useSyncExternalStore } from "react";

let pressed = false;
const listeners = new Set<() => void>();

function set(now: boolean): void {
  if (pressed === now) return;
  pressed = now;
  for (const tell of listeners) tell();
}

// The click comes after the release, in the same task.
const release = () => void setTimeout(() => set(false));

for (const type of ["pointerup", "pointercancel", "dragend"]) addEventListener(type, release, true);
addEventListener("blur", release); // of the window: that of a field does not bubble
addEventListener("pointerdown", () => set(true), true);

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** useSteady is a value, or the one that was there when the pointer went down, until it goes up. */
export function useSteady<T>(value: T): T {
  const held = useSyncExternalStore(subscribe, () => pressed);
  const [shown, show] = useState(value);
  if (!held && !Object.is(shown, value)) show(value);
  return held ? shown : value;
}
