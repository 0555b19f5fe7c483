import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import styles from "./VirtualTable.module.css";

export interface VirtualColumn {
  id: string;
  head: string;
  /** width is a track of a CSS grid: "80px", "minmax(120px, 1fr)". */
  width: string;
  number?: boolean;
  /** hidden keeps the name for readers alone. */
  hidden?: boolean;
}

export interface VirtualTableProps<T> {
  label: string;
  columns: readonly VirtualColumn[];
  rows: readonly T[];
  id: (row: T) => string;
  cell: (row: T, column: string, index: number) => ReactNode;
  /** current is the row that is open; onOpen opens another. */
  current?: string;
  onOpen?: (row: T) => void;
  /** onEnd is called near the end of the rows: more may be loaded. */
  onEnd?: () => void;
  tone?: (row: T) => "red" | "amber" | undefined;
  rowHeight?: number;
  /** follow keeps the last row in view while the end is. */
  follow?: boolean;
}

const head = 28;

/** VirtualTable is a long list with columns: only what is in view is drawn. It is one stop of the Tab key; arrows move, Enter opens. */
export function VirtualTable<T>(p: VirtualTableProps<T>) {
  const { rows, rowHeight = 28, onEnd } = p;
  const scroll = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const name = useId();
  const [active, setActive] = useState(0);
  const virtual = useVirtualizer({
    count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => rowHeight,
    overscan: 8, scrollMargin: head, scrollPaddingStart: head,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (onEnd !== undefined && rows.length > 0 && last >= rows.length - 10) onEnd();
  }, [last, rows.length, onEnd]);
  useEffect(() => {
    if (p.follow === true && atEnd.current && rows.length > 0) virtual.scrollToIndex(rows.length - 1, { align: "end" });
  }, [p.follow, rows.length, virtual]);

  const move = (to: number) => {
    const next = Math.min(Math.max(to, 0), rows.length - 1);
    setActive(next);
    virtual.scrollToIndex(next);
  };
  const keys = (e: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / rowHeight) - 2);
    const steps: Record<string, number> = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: rows.length - 1 };
    if (e.target !== e.currentTarget || e.ctrlKey || e.metaKey || e.altKey) return;
    const to = steps[e.key];
    const row = rows[active];
    if (to !== undefined) move(to);
    else if (e.key === "Enter" && row !== undefined) p.onOpen?.(row);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  const tracks = { gridTemplateColumns: p.columns.map((c) => c.width).join(" ") };
  return (
    <div ref={scroll} className={styles.scroll} role="grid" aria-label={p.label} aria-rowcount={rows.length + 1} aria-colcount={p.columns.length}
      tabIndex={0} aria-activedescendant={items.some((item) => item.index === active) ? `${name}-${active}` : undefined} onKeyDown={keys}
      onScroll={(e) => {
        const s = e.currentTarget;
        atEnd.current = s.scrollHeight - s.scrollTop - s.clientHeight < rowHeight * 2;
      }}>
      <div role="row" aria-rowindex={1} className={styles.head} style={tracks}>
        {p.columns.map((c) => (
          <span key={c.id} role="columnheader" data-number={c.number || undefined}>{c.hidden === true ? <span className="sr">{c.head}</span> : c.head}</span>
        ))}
      </div>
      <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index] as T;
          return (
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the grid takes the keys
            <div key={p.id(row)} id={`${name}-${item.index}`} role="row" aria-rowindex={item.index + 2} aria-selected={p.current === undefined ? undefined : p.id(row) === p.current}
              className={styles.row} data-active={item.index === active || undefined} data-tone={p.tone?.(row)} data-odd={item.index % 2 === 1 || undefined}
              style={{ ...tracks, height: item.size, transform: `translateY(${item.start - head}px)` }}
              onClick={() => {
                setActive(item.index);
                p.onOpen?.(row);
              }}>
              {p.columns.map((c) => (
                <span key={c.id} role="gridcell" className={styles.cell} data-number={c.number || undefined}>{p.cell(row, c.id, item.index)}</span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
