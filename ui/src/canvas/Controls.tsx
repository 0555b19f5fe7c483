import { BoxSelect, Gauge, Maximize, Minus, Plus } from "lucide-react";
import { t } from "../words";
import { useBoard } from "./board";
import styles from "./Canvas.module.css";
import { useLens } from "./lens";

/** Controls zoom the canvas, show all of it, and switch what dragging and looking mean. */
export function Controls({ onZoom, onFit }: { onZoom: (by: number) => void; onFit: () => void }) {
  const lens = useLens();
  const selecting = useBoard((b) => b.selecting);
  const set = useBoard((b) => b.set);
  const icon = { size: 18, strokeWidth: 1.75, "aria-hidden": true } as const;
  const button = (label: string, glyph: React.ReactNode, onClick: () => void, pressed?: boolean) => (
    <button type="button" className={styles.control} aria-label={label} title={label} aria-pressed={pressed} onClick={onClick}>{glyph}</button>
  );
  return (
    <div className={styles.controls} role="toolbar" aria-orientation="vertical" aria-label={t("canvas.title")}>
      {button(t("canvas.zoomIn"), <Plus {...icon} />, () => onZoom(1.3))}
      {button(t("canvas.zoomOut"), <Minus {...icon} />, () => onZoom(1 / 1.3))}
      {button(t("canvas.fit"), <Maximize {...icon} />, onFit)}
      {button(t("canvas.select"), <BoxSelect {...icon} />, () => set({ selecting: !selecting }), selecting)}
      {button(`${t("canvas.lens")} (P)`, <Gauge {...icon} />, lens.toggle, lens.on)}
    </div>
  );
}
