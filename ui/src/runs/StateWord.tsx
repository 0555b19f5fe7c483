import type { ReactNode } from "react";
import { type Key, t } from "../words";
import styles from "./StateWord.module.css";

type Tone = "run" | "accent" | "amber" | "red" | "plain";

const tones: Record<string, Tone> = {
  QUEUED: "plain", RUNNING: "accent", FINALIZING: "accent", CANCELLING: "amber", SUCCESS: "run", PARTIAL: "amber", FAILED: "red", CANCELLED: "plain", SKIPPED: "plain", SUPERSEDED: "plain",
  WAIT: "plain", READY: "plain", RETRY_WAIT: "amber", BLOCKED: "amber", DONE: "run",
};

const marks: Record<string, ReactNode> = {
  SUCCESS: <path d="M3 8.5 6.5 12 13 4.5" />, DONE: <path d="M3 8.5 6.5 12 13 4.5" />,
  PARTIAL: <path d="M8 3v6.5M8 12.6v.4" />, FAILED: <path d="m4 4 8 8m0-8-8 8" />,
  RUNNING: <path d="m5 3 8 5-8 5Z" />, FINALIZING: <path d="m5 3 8 5-8 5Z" />,
  CANCELLED: <path d="M3 13 13 3" />, CANCELLING: <path d="M3 13 13 3" />,
  QUEUED: <path d="M8 4v4l3 2" />, WAIT: <path d="M8 4v4l3 2" />, RETRY_WAIT: <path d="M12.5 8a4.5 4.5 0 1 1-1.4-3.2M11 2v3H8" />,
  SKIPPED: <path d="M3 8h10" />, SUPERSEDED: <path d="M3 8h10" />, BLOCKED: <path d="M5 4v8m6-8v8" />, READY: <path d="m6 4 4 4-4 4" />,
};

/** stateWord is a run's state in a word. */
export const stateWord = (state: string): string => t(`runs.state${state}` as Key);

/** actWord is what a node does in a run, in a word. */
export const actWord = (state: string): string => t(`runs.act${state}` as Key);

/** StateWord shows a state: glyph, colour and word, each of which tells it alone. */
export function StateWord({ state, act }: { state: string; act?: boolean }) {
  if (state === "") return null;
  return (
    <span className={styles.state} data-tone={tones[state] ?? "plain"}>
      <svg width={14} height={14} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth={2} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">{marks[state]}</svg>
      {act === true ? actWord(state) : stateWord(state)}
    </span>
  );
}
