import { useState } from "react";
import { type Note, Toasts } from "../ds/Toast";
import { t } from "../words";
import { useDraft } from "./context";
import { stepName } from "./stepName";
import type { EditorState } from "./store";

type Notice = NonNullable<EditorState["notice"]>;

const grave = new Set(["tools.undoStale", "tools.redoStale", "tools.keptOne", "tools.refusedStep", "tools.clashLost", "tools.tidyFailed", "tools.clipboardClosed", "app.publishedOff"]);

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

/** Notices says what the editor did or could not do, to eyes and ears, and other notes with it; grave ones stay until they are closed. */
export function Notices({ more = [], onClose }: { more?: readonly Note[]; onClose?: (id: Note["id"]) => void }) {
  const notice = useDraft((s) => s.notice);
  const [shown, setShown] = useState<readonly Notice[]>([]);
  const [seen, setSeen] = useState(notice?.serial);
  if (notice !== undefined && notice.serial !== seen) {
    setSeen(notice.serial);
    setShown([...shown.filter((n) => n.key !== notice.key).slice(-2), notice]);
  }
  const notes = shown.map((n): Note => ({ id: `notice ${n.serial}`, text: noticeText(n), tone: grave.has(n.key) ? "red" : "plain" }));
  const close = (id: Note["id"]) => {
    setShown((list) => list.filter((n) => `notice ${n.serial}` !== id));
    onClose?.(id);
  };
  return <Toasts notes={[...notes, ...more]} onClose={close} />;
}
