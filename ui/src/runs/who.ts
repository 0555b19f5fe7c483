import { type Key, t } from "../words";

/** whoWord is who ordered something, in words: the server names the way in, a token, or the one at the command line. */
export function whoWord(by: string | undefined): string {
  if (by === undefined || by === "") return "";
  if (by === "link" || by === "password") return t("runs.whoBrowser");
  if (by === "engine") return t("runs.whoEngine");
  return by.startsWith("token:") ? t("runs.whoToken", { name: by.slice(6) }) : by;
}

const kinds = new Set(["scheduled", "manual", "backfill", "rerun", "replay", "settle", "test"]);

/** kindWord is why a run was made, in a word. */
export const kindWord = (kind: string | undefined): string => (kind === undefined || !kinds.has(kind) ? (kind ?? "") : t(`runs.kind${kind}` as Key));
