import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { plain, widthOf } from "./cells";
import styles from "./DataGrid.module.css";

export interface DataColumn {
  name: string;
  type: string;
}

/** Cell is where one stands in the grid. */
export interface Cell {
  row: number;
  column: number;
}

const rowHeight = 24;
const head = 42;
const gutter = 62;
const numeric = /^(u?int|float|double|decimal|number|byte)/;

/** DataGrid shows records: both ways only what is in view is drawn. It is one stop of the Tab key; arrows move. */
export function DataGrid({ label, columns, rows, first = 0, onEnd, onCell }: {
  label: string;
  columns: readonly DataColumn[];
  rows: readonly (readonly unknown[])[];
  /** first is the number of the first row, from 0. */
  first?: number;
  onEnd?: () => void;
  onCell?: (cell: Cell) => void;
}) {
  const scroll = useRef<HTMLDivElement>(null);
  const name = useId();
  const [at, setAt] = useState<Cell>({ row: 0, column: 0 });
  const widths = useMemo(() => columns.map((c, i) => widthOf(c, rows.slice(0, 50).map((r) => r[i]))), [columns, rows]);
  const down = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => rowHeight, overscan: 10, scrollMargin: head, scrollPaddingStart: head });
  const across = useVirtualizer({
    horizontal: true, count: columns.length, getScrollElement: () => scroll.current, estimateSize: (i) => widths[i] ?? 120,
    overscan: 3, scrollMargin: gutter, scrollPaddingStart: gutter,
  });
  useEffect(() => across.measure(), [across, widths]);
  const shown = down.getVirtualItems();
  const tracks = across.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  useEffect(() => {
    if (onEnd !== undefined && rows.length > 0 && last >= rows.length - 60) onEnd();
  }, [last, rows.length, onEnd]);

  const go = (row: number, column: number) => {
    const next = { row: Math.min(Math.max(row, 0), rows.length - 1), column: Math.min(Math.max(column, 0), columns.length - 1) };
    setAt(next);
    down.scrollToIndex(next.row);
    across.scrollToIndex(next.column);
    onCell?.(next);
  };
  const keys = (e: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / rowHeight) - 3);
    const to: Record<string, [number, number]> = {
      ArrowDown: [at.row + 1, at.column], ArrowUp: [at.row - 1, at.column], ArrowRight: [at.row, at.column + 1], ArrowLeft: [at.row, at.column - 1],
      PageDown: [at.row + page, at.column], PageUp: [at.row - page, at.column],
      Home: [e.ctrlKey ? 0 : at.row, 0], End: [e.ctrlKey ? rows.length - 1 : at.row, columns.length - 1],
    };
    const next = to[e.key];
    if (next === undefined || e.metaKey || e.altKey) return;
    e.preventDefault();
    e.stopPropagation();
    go(...next);
  };
  return (
    <div ref={scroll} className={styles.scroll} role="grid" aria-label={label} aria-rowcount={rows.length + 1} aria-colcount={columns.length + 1} tabIndex={0}
      aria-activedescendant={shown.some((r) => r.index === at.row) && tracks.some((c) => c.index === at.column) ? `${name}-${at.row}-${at.column}` : undefined} onKeyDown={keys}>
      <div role="row" aria-rowindex={1} className={styles.head} style={{ width: across.getTotalSize() + gutter }}>
        <span role="columnheader" className={styles.corner}><span className="sr">#</span></span>
        {tracks.map((c) => (
          <span key={c.key} role="columnheader" aria-colindex={c.index + 2} className={styles.name} style={{ width: c.size, transform: `translateX(${c.start}px)` }}>
            <b>{columns[c.index]?.name}</b>
            <i>{columns[c.index]?.type}</i>
          </span>
        ))}
      </div>
      <div role="rowgroup" className={styles.body} style={{ height: down.getTotalSize(), width: across.getTotalSize() + gutter }}>
        {shown.map((r) => (
          <div key={r.key} role="row" aria-rowindex={r.index + 2} className={styles.row} data-odd={r.index % 2 === 1 || undefined} style={{ transform: `translateY(${r.start - head}px)` }}>
            <span role="rowheader" className={styles.number}>{first + r.index + 1}</span>
            {tracks.map((c) => {
              const v = rows[r.index]?.[c.index];
              return (
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the grid takes the keys
                <span key={c.key} id={`${name}-${r.index}-${c.index}`} role="gridcell" aria-colindex={c.index + 2} className={styles.cell}
                  data-here={(at.row === r.index && at.column === c.index) || undefined} data-null={v === null || undefined}
                  data-number={numeric.test(columns[c.index]?.type ?? "") || typeof v === "number" || undefined} data-nested={(typeof v === "object" && v !== null) || undefined}
                  style={{ width: c.size, transform: `translateX(${c.start}px)` }} onClick={() => go(r.index, c.index)}>
                  {plain(v)}
                </span>
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}
