import { ChevronDown, ChevronRight } from "lucide-react";
import { memo, useRef, useState } from "react";
import type { NodeState, WireRow } from "../api/wire";
import { composing } from "../ds/TextInput";
import { refOf } from "../editor/model/ports";
import { bytes, short } from "../lib/numbers";
import { useWireRow } from "../live/hooks";
import { queuedWords } from "../live/passed";
import { type Key, t } from "../words";
import styles from "./Outline.module.css";
import type { Row } from "./tree";

interface Props {
  flow: string;
  row: Row;
  id: string;
  top: number;
  active: boolean;
  selected: boolean;
  state: NodeState | undefined;
  renaming: boolean;
  onRename: (name: string | undefined) => void;
  onTurn: (id: string) => void;
  onChoose: () => void;
  onOpen: () => void;
}

const typeName: Record<Row["type"], Key> = { group: "tools.isGroup", node: "tools.isNode", wire: "tools.isWire", label: "tools.isNote" };

/** nameOf is what is read of a row: its name, kind, and how it does or what lies on it. */
function nameOf(row: Row, state: NodeState | undefined, lies: WireRow | undefined): string {
  const parts = [row.name, row.detail === "" ? "" : row.detail, row.type === "node" ? "" : t(typeName[row.type]), state === undefined ? "" : t(`canvas.state${state}` as Key), lies === undefined ? "" : queuedWords(lies)];
  return parts.filter((p) => p !== "").join(", ");
}

function NameField({ row, onRename }: Pick<Props, "row" | "onRename">) {
  const [text, setText] = useState(row.name);
  // The end takes the focus away too: what was given up is not kept by that.
  const done = useRef(false);
  const end = (name: string | undefined) => {
    if (done.current) return;
    done.current = true;
    onRename(name);
  };
  return (
    <input className={styles.rename} aria-label={t("tools.rename")} autoFocus value={text} onChange={(e) => setText(e.target.value)} onBlur={() => end(text)} onClick={(e) => e.stopPropagation()}
      onKeyDown={(e) => {
        if (composing(e)) return;
        if (e.key === "Enter") end(text);
        if (e.key === "Escape") end(undefined);
        e.stopPropagation();
      }} />
  );
}

/** Line is a row of the outline; that of a wire tells what lies on it now. */
export const Line = memo(function Line({ flow, row, id, top, active, selected, state, renaming, onRename, onTurn, onChoose, onOpen }: Props) {
  const lies = useWireRow(flow, row.type === "wire" ? refOf(row.id).slug : "");
  const Chevron = row.open === true ? ChevronDown : ChevronRight;
  return (
    // The tree has the focus and takes the keys; rows only answer to the pointer.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <div id={id} role="treeitem" tabIndex={-1} aria-level={row.level} aria-posinset={row.at} aria-setsize={row.count} aria-expanded={row.open} aria-selected={selected} aria-label={nameOf(row, state, lies)}
      className={styles.line} data-active={active || undefined} style={{ top, paddingLeft: 4 + (row.level - 1) * 16 }} onClick={onChoose} onDoubleClick={onOpen}>
      <span className={styles.turn}>{row.open !== undefined && <Chevron size={14} aria-hidden="true" onClick={() => onTurn(row.id)} />}</span>
      {renaming ? <NameField row={row} onRename={onRename} /> : <span className={styles.name}>{row.name}</span>}{" "}
      <span className={styles.detail}>{row.detail}</span>
      {lies !== undefined && (
        <span className={`${styles.count} number`} data-live="" data-full={lies[4] >= 100 ? "red" : lies[4] >= 80 ? "amber" : undefined}>
          {lies[1] === 0 ? "0" : `${short(lies[1])} · ${bytes(lies[2])}`}
        </span>
      )}
    </div>
  );
});
