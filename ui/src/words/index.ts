// All words of the pages, English and Korean side by side: a text without its
// Korean does not compile. Messages are ICU; keys are "area.key".
import { setupI18n } from "@lingui/core";
import { compileMessage } from "@lingui/message-utils/compileMessage";
import { useSyncExternalStore } from "react";
import type { Words } from "./words";
import { app } from "./app";
import { canvas } from "./canvas";
import type { connect } from "./connect";
import { home } from "./home";
import { inspector } from "./inspector";
import { login } from "./login";
import { pages } from "./pages";
import { queue } from "./queue";
import { runs } from "./runs";
import { settings } from "./settings";
import { tools } from "./tools";
import { types } from "./types";

export type Lang = "en" | "ko";

const all = { ...app, ...canvas, ...home, ...inspector, ...login, ...pages, ...queue, ...runs, ...settings, ...tools, ...types };

/** Key names a text, also one of those that a page learns when it is opened. */
export type Key = keyof typeof all | keyof typeof connect;

const side = (of: Record<string, Words>, at: 0 | 1) => Object.fromEntries(Object.entries(of).map(([key, text]) => [key, text[at]]));

const i18n = setupI18n();
i18n.setMessagesCompiler(compileMessage);

/** allWords are the texts that were learnt so far. */
export const allWords: Record<string, Words> = {};

/** learn adds the words of a page that is seldom opened. */
export function learn(more: Record<string, Words>): void {
  Object.assign(allWords, more);
  i18n.load({ en: side(more, 0), ko: side(more, 1) });
}
learn(all);

const stored = (): Lang => {
  const kept = localStorage.getItem("weir.lang");
  if (kept === "en" || kept === "ko") return kept;
  return navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en";
};

const hearers = new Set<() => void>();

/** speak changes the language of the pages. */
export function speak(lang: Lang): void {
  localStorage.setItem("weir.lang", lang);
  turn(lang);
}

function turn(lang: Lang): void {
  document.documentElement.lang = lang;
  i18n.activate(lang);
  hearers.forEach((hear) => hear());
}

// What is chosen in one tab holds in all.
window.addEventListener("storage", (e) => e.key === "weir.lang" && turn(stored()));

/** lang returns the language of the pages. */
export const lang = (): Lang => (i18n.locale === "ko" ? "ko" : "en");

/** useLang re-renders a component when the language changes. */
export function useLang(): Lang {
  return useSyncExternalStore((hear) => {
    hearers.add(hear);
    return () => hearers.delete(hear);
  }, lang);
}

/** t returns a text in the language of the pages. */
export function t(key: Key, values?: Record<string, string | number>): string {
  return i18n._(key, values);
}

const first = stored();
document.documentElement.lang = first;
i18n.activate(first);
