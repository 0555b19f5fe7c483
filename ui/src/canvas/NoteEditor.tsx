import { useState } from "react";
import { useDraft, useEditor } from "../editor/context";
import { setName } from "../editor/model/nodes";
import { refOf } from "../editor/model/ports";
import { t } from "../words";
import type { Box } from "./geometry";
import styles from "./Picker.module.css";

/** NoteEditor writes a note where it stands; Escape gives up, leaving keeps. */
export function NoteEditor({ id, where, onClose }: { id: string; where: (id: string) => Box | undefined; onClose: () => void }) {
  const editor = useEditor();
  const was = useDraft((s) => s.doc.labels?.[refOf(id).slug]?.text ?? "");
  const [text, setText] = useState(was);
  const box = where(id);
  if (box === undefined) return null;
  const keep = () => {
    if (text !== was && text.trim() !== "") editor.change(t("canvas.label"), setName(editor.store.getState().doc, id, text));
    onClose();
  };
  return (
    <textarea autoFocus className={styles.note} aria-label={t("canvas.label")} value={text} style={{ left: box.x, top: box.y, width: Math.max(160, box.w), height: Math.max(64, box.h) }}
      onChange={(e) => setText(e.target.value)} onBlur={keep}
      onKeyDown={(e) => {
        e.stopPropagation();
        if (e.nativeEvent.isComposing) return;
        if (e.key === "Escape") onClose();
        if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) keep();
      }} />
  );
}
