import { useMemo, useRef, useState } from "react";
import type { KindMap } from "../api/kinds";
import { processors, recentKinds, searchKinds } from "../api/kindsearch";
import { KindGlyph } from "../ds/KindGlyph";
import { composing } from "../ds/TextInput";
import { t } from "../words";
import type { Point } from "./geometry";
import styles from "./QuickAdd.module.css";

const width = 320;
const height = 340;

/** QuickAdd asks for a kind at a point of the canvas; keys alone suffice. */
export function QuickAdd({ at, room, kinds, only, onPick, onClose }: {
  at: Point;
  room: { w: number; h: number };
  kinds: KindMap;
  /** only keeps the kinds that fit where the wire ends. */
  only?: (kind: string) => boolean;
  onPick: (kind: string) => void;
  onClose: () => void;
}) {
  const [asked, setAsked] = useState("");
  const [row, setRow] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const recent = useMemo(() => recentKinds(), []);
  const all = useMemo(() => processors(kinds).filter((k) => only === undefined || only(k.kind)), [kinds, only]);
  const found = useMemo(() => searchKinds(all, asked, recent), [all, asked, recent]);
  const chosen = Math.min(row, found.length - 1);
  const go = (to: number) => {
    const next = Math.max(0, Math.min(found.length - 1, to));
    setRow(next);
    list.current?.children[next]?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (e: React.KeyboardEvent) => {
    e.stopPropagation();
    if (composing(e)) return;
    if (e.key === "Escape" || e.key === "Tab") onClose();
    else if (e.key === "ArrowDown") go(chosen + 1);
    else if (e.key === "ArrowUp") go(chosen - 1);
    else if (e.key === "Enter" && found[chosen] !== undefined) onPick(found[chosen].kind);
    else return;
    e.preventDefault();
  };
  const left = Math.max(8, Math.min(at.x, room.w - width - 8));
  const top = Math.max(8, Math.min(at.y, room.h - height - 8));
  return (
    <>
      <div className={styles.back} onPointerDown={onClose} onContextMenu={(e) => e.preventDefault()} />
      <div className={styles.box} style={{ left, top, width, maxHeight: height }} role="dialog" aria-label={t("canvas.add")}>
        <input autoFocus className={styles.ask} value={asked} placeholder={t("canvas.search")} role="combobox" aria-label={t("canvas.search")} aria-expanded="true"
          aria-controls="quick-add-kinds" aria-activedescendant={found[chosen] === undefined ? undefined : `quick-add-${found[chosen].kind}`}
          onChange={(e) => { setAsked(e.target.value); setRow(0); }} onKeyDown={onKeyDown} />
        <div ref={list} className={styles.list} role="listbox" id="quick-add-kinds" aria-label={t("canvas.palette")}>
          {found.map((k, i) => (
            <div key={k.kind} id={`quick-add-${k.kind}`} role="option" aria-selected={i === chosen} tabIndex={-1} className={styles.kind}
              onPointerMove={() => { if (i !== chosen) setRow(i); }} onClick={() => onPick(k.kind)} onKeyDown={onKeyDown}>
              <span className={styles.tile}><KindGlyph kind={k.kind} size={16} /></span>
              <span className={styles.words}>
                <span className={styles.name}>{k.kind}{asked === "" && recent.includes(k.kind) && <em>{t("canvas.recent")}</em>}</span>
                <span className={styles.doc}>{k.doc}</span>
              </span>
            </div>
          ))}
        </div>
        {found.length === 0 && <p className={styles.none}>{t("canvas.noKind")}</p>}
      </div>
    </>
  );
}
