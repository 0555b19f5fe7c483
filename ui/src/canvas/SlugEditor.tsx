import { useState } from "react";
import { composing } from "../ds/TextInput";
import { tabWithin } from "../ds/within";
import { useEditor } from "../editor/context";
import { rename } from "../editor/model/nodes";
import { isFree, refOf } from "../editor/model/ports";
import { isSlug } from "../editor/model/slug";
import { usePlace } from "../lib/place";
import { t } from "../words";
import { useBoard } from "./board";
import type { Box } from "./geometry";
import styles from "./Picker.module.css";

/** SlugEditor gives a node or group another slug, beside its card; Enter keeps, Escape and leaving give up. */
export function SlugEditor({ id, where, onClose }: { id: string; where: (id: string) => Box | undefined; onClose: () => void }) {
  const editor = useEditor();
  const [place, go] = usePlace();
  const { type, slug } = refOf(id);
  const [text, setText] = useState(slug);
  const [wrong, setWrong] = useState("");
  const box = where(id);
  if (box === undefined || type === "wire" || type === "label") return null;
  const keep = () => {
    const to = text.trim();
    const { doc } = editor.store.getState();
    if (to === slug) return onClose();
    if (!isSlug(to)) return setWrong(t("canvas.slugForm"));
    if (!isFree(doc, type === "group" ? "groups" : "nodes", to)) return setWrong(t("canvas.slugTaken", { id: to }));
    const step = rename(doc, id, to);
    const next = step.select?.[0] ?? id;
    editor.perform("tools.stepRenameSlug", step);
    onClose();
    useBoard.getState().set({ active: next });
    if (place.open === id) go({ open: next }, { replace: true });
  };
  return (
    <>
      <div className={styles.back} onPointerDown={onClose} />
      <div className={styles.box} style={{ left: Math.max(8, box.x), top: Math.max(8, box.y + box.h + 8), width: 280 }} role="dialog" aria-label={t("tools.renameSlug")}
        onKeyDownCapture={(e) => tabWithin(e) && e.preventDefault()}>
        <label className={styles.field}>
          {t("canvas.slug")}
          <input autoFocus className={styles.slug} value={text} spellCheck={false} aria-invalid={wrong !== ""} aria-describedby="slug-hint" onFocus={(e) => e.target.select()}
            onChange={(e) => { setText(e.target.value); setWrong(""); }}
            onKeyDown={(e) => {
              e.stopPropagation();
              if (composing(e)) return;
              if (e.key === "Escape") onClose();
              else if (e.key === "Enter") keep();
              else return;
              e.preventDefault();
            }} />
        </label>
        <p id="slug-hint" className={wrong === "" ? styles.hint : styles.wrong} role={wrong === "" ? undefined : "alert"}>{wrong === "" ? t("canvas.slugHint") : wrong}</p>
        <div className={styles.ends}>
          <button type="button" className={styles.plain} onClick={onClose}>{t("canvas.cancel")}</button>
          <button type="button" className={styles.main} onClick={keep}>{t("tools.rename")}</button>
        </div>
      </div>
    </>
  );
}
