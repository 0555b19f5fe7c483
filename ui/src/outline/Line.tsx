import { ChevronDown, ChevronRight } from "lucide-react";
import { memo, useRef, useState } from "react";
import type { NodeState } from "../api/wire";
import { composing } from "../ds/TextInput";
import { type Key, t } from "../words";
import styles from "./Outline.module.css";
import type { Row } from "./tree";

interface Props {
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

/** nameOf is what is read of a row: its name, kind, and how it does. */
function nameOf(row: Row, state: NodeState | undefined): string {
  const parts = [row.name, row.detail === "" ? "" : row.detail, row.type === "node" ? "" : t(typeName[row.type]), state === undefined ? "" : t(`canvas.state${state}` as Key)];
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

/** Line is a row of the outline. */
export const Line = memo(function Line({ row, id, top, active, selected, state, renaming, onRename, onTurn, onChoose, onOpen }: Props) {
  const Chevron = row.open === true ? ChevronDown : ChevronRight;
  return (
    // The tree has the focus and takes the keys; rows only answer to the pointer.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <div id={id} role="treeitem" tabIndex={-1} aria-level={row.level} aria-posinset={row.at} aria-setsize={row.count} aria-expanded={row.open} aria-selected={selected} aria-label={nameOf(row, state)}
      className={styles.line} data-active={active || undefined} style={{ top, paddingLeft: 4 + (row.level - 1) * 16 }} onClick={onChoose} onDoubleClick={onOpen}>
      <span className={styles.turn}>{row.open !== undefined && <Chevron size={14} aria-hidden="true" onClick={() => onTurn(row.id)} />}</span>
      {renaming ? <NameField row={row} onRename={onRename} /> : <span className={styles.name}>{row.name}</span>}{" "}
      <span className={styles.detail}>{row.detail}</span>
    </div>
  );
});
