import { useEffect, useState } from "react";
import { type Note, Toasts } from "../ds/Toast";
import { t } from "../words";
import { useDraft } from "./context";
import { stepName } from "./stepName";
import type { EditorState } from "./store";

type Notice = NonNullable<EditorState["notice"]>;

const lasts = 6000;
const grave = new Set(["tools.undoStale", "tools.redoStale", "tools.keptOne", "tools.refusedStep", "tools.clashLost", "tools.tidyFailed", "tools.clipboardClosed"]);

/** noticeText writes a notice; names of steps and of nobody are put in the language of the pages. */
export function noticeText({ key, values }: Notice): string {
  const label = values?.["label"];
  const who = values?.["who"];
  return stepText(key, {
    ...values,
    ...(typeof label === "string" && { label: stepName(label) }),
    ...(who === "" && { who: t("tools.somebody") }),
  });
}

const stepText = (key: string, values: Record<string, string | number>): string => t(key as Parameters<typeof t>[0], values);

/** Notices says what the editor did or could not do, to eyes and ears; grave ones stay until they are closed. */
export function Notices() {
  const notice = useDraft((s) => s.notice);
  const [shown, setShown] = useState<readonly Notice[]>([]);
  const [seen, setSeen] = useState(notice?.serial);
  if (notice !== undefined && notice.serial !== seen) {
    setSeen(notice.serial);
    setShown([...shown.filter((n) => n.key !== notice.key).slice(-2), notice]);
  }
  useEffect(() => {
    const last = shown.at(-1);
    if (last === undefined || grave.has(last.key)) return;
    const timer = setTimeout(() => setShown((list) => list.filter((n) => grave.has(n.key))), lasts);
    return () => clearTimeout(timer);
  }, [shown]);
  const notes = shown.map((n): Note => ({ id: n.serial, text: noticeText(n), tone: grave.has(n.key) ? "red" : "plain" }));
  return <Toasts notes={notes} onClose={(id) => setShown((list) => list.filter((n) => n.serial !== id))} />;
}
