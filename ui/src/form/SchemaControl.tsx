import { Braces, Plus, Sparkles, X } from "lucide-react";
import { useState } from "react";
import { call, type Failure } from "../api/client";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { ComboInput, type Completion } from "../ds/ComboInput";
import { IconButton } from "../ds/IconButton";
import { CommitArea, CommitInput } from "../ds/TextInput";
import { useEditor } from "../editor/context";
import { t } from "../words";
import { useForm } from "./form";
import { useFresh } from "./fresh";
import styles from "./form.module.css";
import { failureOf, notesOf, part } from "./part";
import { columnsOf, columnTypes, type Entry } from "./settings";
import type { ControlProps } from "./TextControl";

const typed = (text: string, _: number, asked: boolean): Completion => ({
  from: 0, to: text.length, offers: columnTypes.filter((c) => asked || (c.includes(text.toLowerCase()) && c !== text)).map((value) => ({ value })),
});

/** SchemaControl is a table of columns with their types. */
export function SchemaControl({ property, value, onCommit, ids }: ControlProps) {
  const { kind, owner } = useForm();
  const [loose, setLoose] = useState<Entry[]>([]);
  const fresh = useFresh();
  const [json, setJson] = useState<{ bad?: string }>();
  const columns = columnsOf(value);
  const rows = [...columns, ...loose];
  const commit = (next: Entry[]) => onCommit(next.length === 0 ? undefined : next);
  const put = (i: number, column: Entry) => {
    if (i < columns.length) commit(columns.with(i, column));
    else if (column[0] === "") setLoose(loose.with(i - columns.length, column));
    else {
      setLoose(loose.filter((_, at) => at !== i - columns.length));
      commit([...columns, column]);
    }
  };
  const drop = (i: number) => (i < columns.length ? commit(columns.filter((_, at) => at !== i)) : setLoose(loose.filter((_, at) => at !== i - columns.length)));
  const read = (text: string) => {
    try {
      onCommit(text.trim() === "" ? undefined : JSON.parse(text));
      setJson({});
    } catch {
      setJson({ bad: text });
    }
  };
  return (
    <fieldset id={ids.id} aria-labelledby={ids["aria-labelledby"]} aria-describedby={ids["aria-describedby"]} className={styles.rows}>
      {json === undefined ? (
        <>
          {rows.length === 0 && <p className={styles.hint}>{t("inspector.noColumns")}</p>}
          {rows.map(([name, type], i) => (
            // eslint-disable-next-line react/no-array-index-key -- a column keeps its place while its name changes
            <div key={i} ref={fresh.row(i === rows.length - 1)} className={styles.pair}>
              <CommitInput value={name} onCommit={(n) => put(i, [n, type])} mono placeholder={t("inspector.column")} aria-label={t("inspector.columnName", { n: i + 1 })} />
              <ComboInput value={type} onCommit={(x) => put(i, [name, x.trim()])} complete={typed} closed mono placeholder={t("inspector.type")} aria-label={t("inspector.columnType", { n: i + 1 })} />
              <IconButton label={t("inspector.removeEntry", { n: i + 1 })} onClick={() => drop(i)}><X size={14} aria-hidden="true" /></IconButton>
            </div>
          ))}
        </>
      ) : (
        <>
          <CommitArea value={json.bad ?? (value === undefined ? "" : rowsOfJson(value))} onCommit={read} mono rows={10} aria-labelledby={ids["aria-labelledby"]} />
          {json.bad !== undefined && <p role="alert" className={styles.error}>{t("inspector.badJson")}</p>}
        </>
      )}
      <div className={styles.verbs}>
        {json === undefined && <Button size="small" kind="quiet" icon={<Plus size={14} aria-hidden="true" />} onClick={() => {
          fresh.add();
          setLoose([...loose, ["", "string"]]);
        }}>{t("inspector.addColumn")}</Button>}
        <Button size="small" kind="quiet" icon={<Braces size={14} aria-hidden="true" />} onClick={() => setJson(json === undefined ? {} : undefined)}>{t(json === undefined ? "inspector.asJson" : "inspector.asTable")}</Button>
      </div>
      {kind.infers === true && owner.area === "nodes" && <Infer property={property.key} onCommit={onCommit} />}
    </fieldset>
  );
}

// One column a line: short enough to read, JSON all the same.
const rowsOfJson = (v: unknown): string => (Array.isArray(v) ? `[\n${v.map((c) => `  ${JSON.stringify(c)}`).join(",\n")}\n]` : JSON.stringify(v, null, 2));

function Infer({ property, onCommit }: { property: string; onCommit: (value: unknown) => void }) {
  const { owner } = useForm();
  const editor = useEditor();
  const text = useText();
  const [state, setState] = useState<{ busy?: boolean; failure?: Failure; columns?: number; doubts?: string[] }>({});
  const infer = async () => {
    setState({ busy: true });
    try {
      const found = await call<{ schema: unknown[]; doubts?: string[]; property: string }>("POST", "/infer", { doc: part(editor.store.getState().doc, owner.slug), node: owner.slug });
      if (found.property === property) onCommit(found.schema);
      setState({ columns: found.schema.length, doubts: found.doubts });
    } catch (e) {
      setState({ failure: failureOf(e) });
    }
  };
  return (
    <div className={styles.infer}>
      <Button size="small" icon={<Sparkles size={14} aria-hidden="true" />} busy={state.busy} onClick={() => void infer()}>{t("inspector.infer")}</Button>
      {state.failure !== undefined && <p role="alert" className={styles.error}>{notesOf(state.failure).map(text).join(" ")}</p>}
      {state.columns !== undefined && <output className={styles.hint}>{t("inspector.inferred", { n: state.columns })} {state.doubts?.join(" ")}</output>}
    </div>
  );
}
