import { X } from "lucide-react";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { IconButton } from "../ds/IconButton";
import { composing } from "../ds/TextInput";
import { type Context, visit } from "../editor/commands/command";
import { keyName } from "../editor/commands/keymap";
import { useDraft } from "../editor/context";
import { setName } from "../editor/model/nodes";
import { remove } from "../editor/model/remove";
import { connect } from "../editor/model/wires";
import { t } from "../words";
import { Ask } from "./Ask";
import { addAfter, kindChoices, linkOf, targetChoices } from "./choices";
import { Line } from "./Line";
import styles from "./Outline.module.css";
import { rows, step, type Way } from "./tree";

const ways: Record<string, Way> = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in", Home: "first", End: "last" };
const rowHeight = 28;
/** spare rows are drawn above and below those in view. */
const spare = 20;

/** Outline is the flow as a tree: a way to build and read it by keys and by ear. */
export function Outline({ ctx, onClose }: { ctx: Context; onClose?: () => void }) {
  const doc = useDraft((s) => s.doc);
  const selection = useDraft((s) => s.selection);
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState("");
  const [asking, setAsking] = useState<"add" | "connect" | "rename">();
  const list = useMemo(() => rows(doc, turned), [doc, turned]);
  const index = Math.max(0, list.findIndex((r) => r.id === at));
  const row = list[index];
  const tree = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState({ top: 0, height: 600 });
  const first = Math.max(0, Math.floor(scroll.top / rowHeight) - spare);
  const shown = list.slice(first, Math.ceil((scroll.top + scroll.height) / rowHeight) + spare);
  useEffect(() => {
    const el = tree.current;
    if (el === null) return;
    const top = index * rowHeight;
    if (top < el.scrollTop) el.scrollTop = top;
    else if (el.clientHeight > 0 && top + rowHeight > el.scrollTop + el.clientHeight) el.scrollTop = top + rowHeight - el.clientHeight;
  }, [index]);

  const { editor, kinds } = ctx;
  const back = () => {
    setAsking(undefined);
    tree.current?.focus();
  };
  const node = row !== undefined && row.type === "node" ? row.id : "";
  const offer = useCallback(
    (text: string) => (asking === "connect" ? targetChoices(doc, node, kinds, text) : kindChoices(kinds, text, node !== "")),
    [asking, doc, node, kinds],
  );
  const pick = (id: string) => {
    const made = asking === "connect" ? connect(doc, linkOf(node, id), kinds) : addAfter(doc, node, id, kinds);
    editor.perform(asking === "connect" ? "tools.stepConnect" : "tools.stepAdd", made);
    const [first] = made.select ?? [];
    if (first !== undefined && asking === "connect") setTurned((s) => new Set(s).add(node));
    if (first !== undefined) setAt(first);
    back();
  };
  const drop = () => {
    if (row === undefined) return;
    editor.perform("tools.stepRemove", remove(doc, [row.id]));
    setAt((list[index + 1] ?? list[index - 1])?.id ?? "");
    editor.say("tools.removedOne", { name: row.name });
  };
  const turn = (id: string) => setTurned((s) => (s.has(id) ? new Set([...s].filter((x) => x !== id)) : new Set(s).add(id)));
  const open = () => row !== undefined && visit(ctx, row.id);

  const keys = (e: KeyboardEvent) => {
    if (composing(e) || e.target !== e.currentTarget || e.ctrlKey || e.metaKey || e.altKey) return;
    const way = ways[e.key];
    if (way !== undefined) {
      const to = step(list, row?.id ?? "", way);
      if (to.turn) turn(to.id);
      else setAt(to.id);
    } else if (e.key === "Enter") open();
    else if (e.key === " " && row !== undefined) editor.select(selection.has(row.id) ? [...selection].filter((x) => x !== row.id) : [...selection, row.id]);
    else if (e.key === "F2" && row !== undefined && row.type !== "wire") setAsking("rename");
    else if (e.key === "Delete" || e.key === "Backspace") drop();
    else if (keyName(e) === "A" || e.key === "/") setAsking("add");
    else if (keyName(e) === "C" && node !== "") setAsking("connect");
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  const rename = (name: string | undefined) => {
    if (name !== undefined && row !== undefined && name !== row.name) editor.change("tools.stepRename", setName(doc, row.id, name));
    back();
  };
  return (
    <section className={styles.panel} aria-label={t("tools.outline")}>
      <header className={styles.head}>
        <h2 className={styles.title}>{t("tools.outline")}</h2>
        {onClose !== undefined && <IconButton label={t("tools.outlineClose")} onClick={onClose}><X size={14} aria-hidden="true" /></IconButton>}
      </header>
      <div className={styles.bar} role="toolbar" aria-label={t("tools.outlineVerbs")}>
        <button className={styles.verb} onClick={() => setAsking("add")}>{t(node === "" ? "tools.add" : "tools.addAfter")}</button>
        <button className={styles.verb} disabled={node === ""} onClick={() => setAsking("connect")}>{t("tools.connectTo")}</button>
        <button className={styles.verb} disabled={row === undefined || row.type === "wire"} onClick={() => setAsking("rename")}>{t("tools.rename")}</button>
        <button className={styles.verb} disabled={row === undefined} onClick={open}>{t("tools.open")}</button>
        <button className={styles.verb} disabled={row === undefined} onClick={drop}>{t("tools.delete")}</button>
      </div>
      {(asking === "add" || asking === "connect") && (
        <Ask key={asking} title={t(asking === "connect" ? "tools.connectWhere" : "tools.addWhat", { name: row?.name ?? "" })} choices={offer} onPick={pick} onClose={back} />
      )}
      <div ref={tree} role="tree" tabIndex={0} aria-multiselectable="true" aria-label={t("tools.outlineOf", { flow: doc.name ?? doc.id })} className={styles.tree}
        aria-activedescendant={row === undefined ? undefined : `outline-${index}`} onKeyDown={keys}
        onScroll={(e) => setScroll({ top: e.currentTarget.scrollTop, height: e.currentTarget.clientHeight || 600 })}>
        <div role="presentation" className={styles.room} style={{ height: list.length * rowHeight }}>
          {shown.map((r, i) => (
            <Line key={r.id} flow={doc.id} row={r} id={`outline-${first + i}`} top={(first + i) * rowHeight} active={first + i === index} selected={selection.has(r.id)} state={r.type === "node" ? ctx.deeds.stateOf?.(r.id) : undefined}
              renaming={asking === "rename" && first + i === index} onRename={rename} onTurn={turn} onChoose={() => { setAt(r.id); tree.current?.focus(); }} onOpen={() => visit(ctx, r.id)} />
          ))}
        </div>
      </div>
      {list.length === 0 && <p className={styles.none}>{t("tools.outlineEmpty")}</p>}
    </section>
  );
}
