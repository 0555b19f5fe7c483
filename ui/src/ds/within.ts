import type { KeyboardEvent } from "react";

/** tabWithin leads Tab from the last control of a box to its first, and back: what lies behind the box is not reached. It tells whether it took the key. */
export function tabWithin(e: KeyboardEvent<HTMLElement>): boolean {
  if (e.key !== "Tab" || e.ctrlKey || e.altKey || e.metaKey) return false;
  const all = [...e.currentTarget.querySelectorAll<HTMLInputElement>("input, select, textarea, button")].filter((el) => !el.disabled);
  const [from, to] = e.shiftKey ? [all[0], all.at(-1)] : [all.at(-1), all[0]];
  if (to === undefined || e.target !== from) return false;
  to.focus();
  return true;
}
