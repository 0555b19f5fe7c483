import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Dialog } from "../ds/Dialog";
import { Empty } from "../ds/Empty";
import { IconButton } from "../ds/IconButton";
import { Select } from "../ds/Select";
import { Switch } from "../ds/Switch";
import { Table } from "../ds/Table";
import { CommitInput } from "../ds/TextInput";
import { useDraft, useEditor } from "../editor/context";
import { freeName, problemsAt } from "../form/settings";
import { t } from "../words";
import styles from "./Edit.module.css";
import { readDefault } from "./defaults";
import { renameParameter, usesOfParameter } from "./usage";
import { Uses } from "./Uses";

const types = ["string", "int", "float", "bool", "date", "duration"] as const;
const named = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Parameters is the table of the flow's parameters, edited in place. */
export function Parameters() {
  const editor = useEditor();
  const text = useText();
  const doc = useDraft((s) => s.doc);
  const problems = useDraft((s) => s.problems);
  const [refused, setRefused] = useState<{ name: string; why: string }>();
  const [going, setGoing] = useState<string>();
  // A row stays the same row, with its focus, under another name.
  const [rowIds, setRowIds] = useState<{ made: number; of: Record<string, string> }>({ made: 0, of: {} });
  const parameters = Object.entries(doc.parameters ?? {});
  const set = (name: string, key: "type" | "doc" | "default", value: unknown) => {
    // It went while this was typed.
    if (editor.store.getState().doc.parameters?.[name] === undefined) return editor.say("inspector.gone");
    editor.change(t("inspector.does", { property: key, name }), [value === undefined ? { path: ["parameters", name, key] } : { path: ["parameters", name, key], value }]);
  };
  const add = () => {
    const name = freeName("parameter", doc.parameters);
    editor.change(t("pages.doesAddParameter", { name }), [{ path: ["parameters", name], value: { type: "string" } }]);
  };
  const rename = (from: string, to: string) => {
    const why = !named.test(to) ? t("pages.nameBad") : doc.parameters?.[to] !== undefined ? t("pages.nameTaken", { name: to }) : undefined;
    setRefused(why === undefined ? undefined : { name: from, why });
    if (why !== undefined) return;
    setRowIds(({ made, of }) => ({ made: made + 1, of: { ...of, [to]: of[from] ?? from, [from]: `${from} ${made}` } }));
    editor.change(t("pages.doesRename", { from, to }), renameParameter(editor.store.getState().doc, from, to));
  };
  const drop = (name: string) => {
    editor.change(t("inspector.doesDelete", { name }), [{ path: ["parameters", name] }]);
    setGoing(undefined);
  };
  const rows = parameters.map(([name, p]) => {
    const wrong = problemsAt(problems, `parameters.${name}`).map(text);
    const start = p.default === undefined ? "" : typeof p.default === "string" ? p.default : JSON.stringify(p.default);
    const setDefault = (typed: string) => set(name, "default", readDefault(p.type, typed));
    return {
      id: rowIds.of[name] ?? name,
      cells: {
        name: (
          <div className={styles.cell}>
            <CommitInput mono value={name} aria-label={t("pages.parameterNameOf", { name })} onCommit={(to) => rename(name, to.trim())} aria-invalid={refused?.name === name || undefined} />
            {refused?.name === name && <p role="alert" className={styles.error}>{refused.why}</p>}
          </div>
        ),
        type: <Select value={p.type} aria-label={t("pages.parameterTypeOf", { name })} options={types.map((v) => ({ value: v, label: v }))} onChange={(v) => set(name, "type", v)} />,
        default: (
          <div className={styles.cell}>
            {p.type === "bool" ? <Switch checked={p.default === true} aria-label={t("pages.parameterDefaultOf", { name })} onChange={(on) => set(name, "default", on)} />
              : <CommitInput mono value={start} placeholder={t("pages.parameterNoDefault")} aria-label={t("pages.parameterDefaultOf", { name })} aria-invalid={wrong.length > 0 || undefined} onCommit={setDefault} />}
            {wrong.map((w) => <p key={w} className={styles.error}>{w}</p>)}
          </div>
        ),
        doc: <CommitInput value={p.doc ?? ""} aria-label={t("pages.parameterDocOf", { name })} onCommit={(v) => set(name, "doc", v === "" ? undefined : v)} />,
        used: <Uses uses={usesOfParameter(doc, name)} />,
        actions: <IconButton label={t("pages.deleteOf", { name })} onClick={() => (usesOfParameter(doc, name).length > 0 ? setGoing(name) : drop(name))}><Trash2 size={14} aria-hidden="true" /></IconButton>,
      },
    };
  });
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div className={styles.words}>
          <h1 className={styles.title}>{t("pages.parameters")}</h1>
          <p className={styles.lead}>{t("pages.parametersWhat")}</p>
        </div>
        <Button icon={<Plus size={14} aria-hidden="true" />} onClick={add}>{t("pages.addParameter")}</Button>
      </header>
      {rows.length === 0 ? <Empty title={t("pages.parametersNone")} /> : (
        <Table label={t("pages.parameters")} rows={rows} columns={[
          { id: "name", head: t("pages.parameterName") }, { id: "type", head: t("pages.parameterType") }, { id: "default", head: t("pages.parameterDefault") },
          { id: "doc", head: t("pages.parameterDoc") }, { id: "used", head: t("pages.usedBy") }, { id: "actions", head: t("pages.actions"), hidden: true },
        ]} />
      )}
      {going !== undefined && (
        <Dialog title={t("pages.deleteTitle", { name: going })} onClose={() => setGoing(undefined)} footer={<><Button onClick={() => setGoing(undefined)}>{t("app.cancel")}</Button><Button kind="danger" onClick={() => drop(going)}>{t("inspector.delete")}</Button></>}>
          <p>{t("pages.inUse", { n: usesOfParameter(doc, going).length })}</p>
          <Uses uses={usesOfParameter(doc, going)} />
        </Dialog>
      )}
    </div>
  );
}
