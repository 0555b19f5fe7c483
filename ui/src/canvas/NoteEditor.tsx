import { useRef, useState } from "react";
import { composing } from "../ds/TextInput";
import { useDraft, useEditor } from "../editor/context";
import { setName } from "../editor/model/nodes";
import { nameOf, refOf } from "../editor/model/ports";
import { t } from "../words";
import type { Box } from "./geometry";
import styles from "./Picker.module.css";

/** NoteEditor writes a note, or the name of a card, where it stands; Escape gives up, leaving keeps. */
export function NoteEditor({ id, where, onClose }: { id: string; where: (id: string) => Box | undefined; onClose: () => void }) {
  const editor = useEditor();
  const was = useDraft((s) => nameOf(s.doc, id));
  const note = refOf(id).type === "label";
  const [text, setText] = useState(was);
  // Closing takes the focus away too: what was given up is not kept by that.
  const done = useRef(false);
  const end = (keeping: boolean) => {
    if (done.current) return;
    done.current = true;
    if (keeping) keep();
    onClose();
  };
  const keep = () => {
    if (text !== was && (text.trim() !== "" || !note)) editor.change("tools.stepRename", setName(editor.store.getState().doc, id, text));
  };
  const box = where(id);
  if (box === undefined) return null;
  return (
    <textarea autoFocus className={styles.note} aria-label={t(note ? "canvas.label" : "canvas.name")} value={text} style={{ left: box.x, top: box.y, width: Math.max(160, box.w), height: note ? Math.max(64, box.h) : 40 }}
      onChange={(e) => setText(e.target.value)} onBlur={() => end(true)}
      onKeyDown={(e) => {
        e.stopPropagation();
        if (composing(e)) return;
        if (e.key === "Escape") end(false);
        if (e.key === "Enter" && (!note || e.ctrlKey || e.metaKey)) {
          e.preventDefault();
          end(true);
        }
      }} />
  );
}
