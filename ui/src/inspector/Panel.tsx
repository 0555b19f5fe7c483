import { X } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from "react";
import { IconButton } from "../ds/IconButton";
import { composing } from "../ds/TextInput";
import { usePlace } from "../lib/place";
import { useRoom } from "../lib/room";
import { t } from "../words";
import styles from "./Panel.module.css";

const least = 300;
const usual = 360;
const kept = () => Math.max(least, Number(localStorage.getItem("weir.inspector")) || usual);

/** Panel stands at the right of the canvas and never covers it. */
export function Panel({ title, glyph, under, actions, children }: { title: ReactNode; glyph?: ReactNode; under?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  const [, go] = usePlace();
  const [width, setWidth] = useState(kept);
  useRoom("inspector", width);
  const resize = (w: number) => {
    const next = Math.round(Math.min(Math.max(w, least), Math.max(least, window.innerWidth * 0.6)));
    localStorage.setItem("weir.inspector", String(next));
    setWidth(next);
  };
  // What in it takes Escape for itself, a list, a typed field or a dialog, comes first.
  const leave = (e: KeyboardEvent<HTMLElement>) => {
    const el = e.target as Element;
    if (e.key === "Escape" && !e.defaultPrevented && !composing(e) && e.currentTarget.contains(el) && el.closest("dialog") === null) go({ open: "", tab: "" });
  };
  const most = Math.max(least, Math.round(window.innerWidth * 0.6));
  const steps: Record<string, number> = { ArrowLeft: width + 24, ArrowRight: width - 24, Home: least, End: most };
  const key = (e: KeyboardEvent) => {
    const to = steps[e.key];
    if (to === undefined) return;
    e.preventDefault();
    resize(to);
  };
  const drag = (e: PointerEvent<HTMLDivElement>) => {
    if (e.currentTarget.hasPointerCapture(e.pointerId)) resize(window.innerWidth - e.clientX);
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape closes it from whatever in it has the focus
    <aside className={styles.panel} data-inspector="" tabIndex={-1} aria-label={t("inspector.panel")} style={{ width }} onKeyDown={leave}>
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a line cannot be dragged */}
      <div className={styles.grip} role="separator" tabIndex={0} aria-orientation="vertical" aria-label={t("inspector.width")} aria-valuenow={width} aria-valuemin={least} aria-valuemax={most}
        onPointerDown={(e) => e.currentTarget.setPointerCapture(e.pointerId)} onPointerMove={drag} onDoubleClick={() => resize(usual)}
        onKeyDown={key} />
      <header className={styles.head}>
        {glyph !== undefined && <span className={styles.tile}>{glyph}</span>}
        <div className={styles.names}>
          {typeof title === "string" ? <h2 className={styles.title}>{title}</h2> : title}
          {under !== undefined && <p className={styles.under}>{under}</p>}
        </div>
        {actions}
        <IconButton label={t("inspector.close")} onClick={() => go({ open: "", tab: "" })}><X size={16} aria-hidden="true" /></IconButton>
      </header>
      <div className={styles.body}>{children}</div>
    </aside>
  );
}
