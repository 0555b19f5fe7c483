import { ChevronLeft, ChevronRight, Search } from "lucide-react";
import { useMemo, useState } from "react";
import type { KindInfo, KindMap } from "../api/kinds";
import { kindDrag, processors, searchKinds, type Shelf, shelfOf, shelves } from "../api/kindsearch";
import { KindGlyph } from "../ds/KindGlyph";
import { composing } from "../ds/TextInput";
import { t, useLang } from "../words";
import styles from "./Palette.module.css";

const kept = "weir.palette";

/** Palette lists the kinds of processors, to be dragged onto the canvas or added by Enter. */
export function Palette({ kinds, onAdd }: { kinds: KindMap; onAdd?: (kind: string) => void }) {
  useLang();
  const [folded, setFolded] = useState(() => localStorage.getItem(kept) === "folded");
  const [asked, setAsked] = useState("");
  const all = useMemo(() => processors(kinds), [kinds]);
  const found = useMemo(() => searchKinds(all, asked), [all, asked]);
  const fold = () => {
    localStorage.setItem(kept, folded ? "open" : "folded");
    setFolded(!folded);
  };
  const add = onAdd ?? ((kind: string) => dispatchEvent(new CustomEvent("weir:add", { detail: kind })));
  return (
    <nav className={folded ? `${styles.palette} ${styles.folded}` : styles.palette} aria-label={t("canvas.palette")}>
      <div className={styles.top}>
        {!folded && (
          <label className={styles.search}>
            <Search size={14} strokeWidth={1.75} aria-hidden="true" />
            <input type="search" value={asked} placeholder={t("canvas.search")} aria-label={t("canvas.search")} onChange={(e) => setAsked(e.target.value)}
              onKeyDown={(e) => {
                if (e.key === "Escape" && !composing(e)) setAsked("");
                const first = found[0];
                if (e.key === "Enter" && !composing(e) && asked !== "" && first !== undefined) add(first.kind);
              }} />
          </label>
        )}
        <button type="button" className={styles.fold} onClick={fold} aria-expanded={!folded} aria-label={t(folded ? "canvas.expand" : "canvas.collapse")} title={t(folded ? "canvas.expand" : "canvas.collapse")}>
          {folded ? <ChevronRight size={16} strokeWidth={1.75} aria-hidden="true" /> : <ChevronLeft size={16} strokeWidth={1.75} aria-hidden="true" />}
        </button>
      </div>
      <div className={styles.shelves}>
        {found.length === 0 && <p className={styles.none}>{t("canvas.noKind")}</p>}
        {shelves.map((shelf) => (
          <ShelfOf key={shelf} shelf={shelf} kinds={found.filter((k) => shelfOf(k) === shelf)} folded={folded} onAdd={add} />
        ))}
      </div>
    </nav>
  );
}

function ShelfOf({ shelf, kinds, folded, onAdd }: { shelf: Shelf; kinds: KindInfo[]; folded: boolean; onAdd: (kind: string) => void }) {
  if (kinds.length === 0) return null;
  const title = t(`canvas.${shelf}`);
  return (
    <section aria-label={title} className={styles.shelf}>
      <h2 className={folded ? "sr" : styles.title}>{title}</h2>
      <ul className={styles.list}>
        {kinds.map((k) => (
          <li key={k.kind}>
            <button type="button" draggable className={styles.kind} title={`${folded ? `${k.kind}: ` : ""}${k.doc} ${t("canvas.dragHint")}`} aria-label={k.kind}
              onDragStart={(e) => {
                e.dataTransfer.setData(kindDrag, k.kind);
                e.dataTransfer.setData("text/plain", k.kind);
                e.dataTransfer.effectAllowed = "copy";
              }}
              onClick={(e) => {
                if (e.detail <= 1) onAdd(k.kind);
              }}>
              <span className={styles.tile}>
                <KindGlyph kind={k.kind} size={16} />
              </span>
              {!folded && <span className={styles.name}>{k.kind}</span>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
