import { useEffect, useRef } from "react";
import { commands } from "./all";
import { type Command, type Context, nodesOf } from "./command";
import { copied, cutAway, pasteText } from "./edit";
import { Keymap } from "./keymap";

/** isTyping tells whether keys at a target write text. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input, textarea, select, [contenteditable='true'], .cm-editor") !== null;
}

/** isBusy tells whether a target needs its keys itself: buttons their Space, dialogs and lists all of theirs. */
function isBusy(target: EventTarget | null, plain: boolean): boolean {
  if (isTyping(target)) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("dialog, [role=dialog], [role=menu], [role=listbox]") !== null) return true;
  return plain && target.closest("[data-canvas-ready]") === null && target !== document.body;
}

const always = new Set(["palette", "publish"]);

/**
 * useKeymap lets keys run commands anywhere on the page of a flow, but not where
 * somebody types, nor while a syllable is being composed. Keys without a modifier
 * count on the canvas only.
 */
export function useKeymap(ctx: Context | undefined): void {
  const now = useRef(ctx);
  useEffect(() => {
    now.current = ctx;
  });
  useEffect(() => {
    const map = new Keymap<Command>(commands.filter((c) => c.by === undefined));
    const press = (e: KeyboardEvent) => {
      const here = now.current;
      if (here === undefined || e.isComposing || e.keyCode === 229 || e.defaultPrevented) return;
      const mods = e.ctrlKey || e.metaKey || e.altKey;
      if (isTyping(e.target) && !(e.ctrlKey || e.metaKey)) return;
      const found = map.press(e, e.timeStamp);
      if (found === undefined) return;
      if (found !== "begun" && always.has(found.id) ? false : isBusy(e.target, !mods)) return;
      if (found === "begun") return mods ? e.preventDefault() : undefined;
      // A command that cannot do anything leaves the key to the browser, but for those of files and tabs.
      if (!found.enabled(here)) return found.keys.some((k) => k.startsWith("Mod+") || k.startsWith("Alt+")) ? e.preventDefault() : undefined;
      e.preventDefault();
      void found.run(here);
    };
    const hasText = () => (getSelection()?.toString() ?? "") !== "";
    const copy = (e: ClipboardEvent) => {
      const here = now.current;
      if (here === undefined || isBusy(e.target, false) || hasText()) return;
      const text = copied(here);
      if (text === undefined) return;
      e.clipboardData?.setData("text/plain", text);
      e.preventDefault();
      if (e.type === "cut") cutAway(here);
      else here.editor.say("tools.copied", { n: nodesOf(here).length });
    };
    const paste = (e: ClipboardEvent) => {
      const here = now.current;
      const text = e.clipboardData?.getData("text/plain") ?? "";
      if (here === undefined || isBusy(e.target, false) || text === "") return;
      e.preventDefault();
      pasteText(here, text);
    };
    addEventListener("keydown", press);
    document.addEventListener("copy", copy);
    document.addEventListener("cut", copy);
    document.addEventListener("paste", paste);
    return () => {
      removeEventListener("keydown", press);
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", copy);
      document.removeEventListener("paste", paste);
    };
  }, []);
}
