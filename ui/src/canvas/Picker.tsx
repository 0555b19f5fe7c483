import { useEffect, useRef } from "react";
import { composing } from "../ds/TextInput";
import { tabWithin } from "../ds/within";
import { t } from "../words";
import { type Picking, useBoard } from "./board";
import type { Deeds } from "./deeds";
import styles from "./Picker.module.css";

const width = 240;

/** Picker asks which outputs a wire carries, and which input it leads into. */
export function Picker({ picking, deeds, room, nameOf, onClose }: { picking: Picking; deeds: Deeds; room: { w: number; h: number }; nameOf: (id: string) => string; onClose: () => void }) {
  const set = useBoard((b) => b.set);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.querySelector<HTMLElement>("input:checked, input, button")?.focus(), []);
  const change = (part: Partial<Picking>) => set({ picking: { ...picking, ...part } });
  const asksOutputs = picking.move?.end !== "to";
  const done = () => {
    if (asksOutputs && picking.chosen.length === 0) return;
    onClose();
    if (picking.move !== undefined) {
      const { wire, end } = picking.move;
      deeds.rewire(wire, end, end === "from" ? picking.from : picking.to, end === "from" ? picking.chosen : [picking.input], picking.at);
    } else deeds.connect(picking.from, picking.chosen, picking.to, picking.input);
  };
  const left = Math.max(8, Math.min(picking.at.x, room.w - width - 8));
  const top = Math.max(8, Math.min(picking.at.y, room.h - 260));
  return (
    <>
      <div className={styles.back} onPointerDown={onClose} />
      <div ref={box} className={styles.box} style={{ left, top, width }} role="dialog" aria-label={t("canvas.connect")}
        onKeyDown={(e) => {
          e.stopPropagation();
          if (composing(e)) return;
          if (e.key === "Escape") onClose();
          else if (e.key === "Enter" && !(e.target instanceof HTMLButtonElement)) done();
          else if (!tabWithin(e)) return;
          e.preventDefault();
        }}>
        {picking.outputs.length > 1 && (
          <fieldset className={styles.part}>
            <legend>{t("canvas.pickOutputs", { name: nameOf(picking.from) })}</legend>
            {picking.outputs.map((o) => (
              <label key={o.name} className={styles.row}>
                <input type="checkbox" checked={picking.chosen.includes(o.name)} onChange={(e) => change({ chosen: e.target.checked ? [...picking.chosen, o.name] : picking.chosen.filter((n) => n !== o.name) })} />
                {o.label}
              </label>
            ))}
          </fieldset>
        )}
        {picking.inputs.length > 1 && (
          <fieldset className={styles.part}>
            <legend>{t("canvas.pickInput", { name: nameOf(picking.to) })}</legend>
            {picking.inputs.map((i) => (
              <label key={i.name} className={styles.row}>
                <input type="radio" name="input" checked={picking.input === i.name} onChange={() => change({ input: i.name })} />
                {i.label}
              </label>
            ))}
          </fieldset>
        )}
        <div className={styles.ends}>
          <button type="button" className={styles.plain} onClick={onClose}>{t("canvas.cancel")}</button>
          <button type="button" className={styles.main} onClick={done} disabled={asksOutputs && picking.chosen.length === 0}>{t("canvas.connect")}</button>
        </div>
      </div>
    </>
  );
}
