import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { call, type Failure, path } from "../api/client";
import type { ParkedFile } from "../api/runs";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { IconButton } from "../ds/IconButton";
import { composing, TextInput } from "../ds/TextInput";
import { Trouble } from "../ds/Trouble";
import { t } from "../words";
import styles from "./AttributeEditor.module.css";

/** reserved attributes say which records a FlowFile holds and whose it is: no matter of opinion. */
const reserved = (name: string) => name === "record.schema" || name.startsWith("run.");

/** editOf is what has to be told to the server to make one set of attributes of another. */
export function editOf(was: Record<string, string>, now: Record<string, string>): { set: Record<string, string>; remove: string[] } {
  return {
    set: Object.fromEntries(Object.entries(now).filter(([name, value]) => was[name] !== value)),
    remove: Object.keys(was).filter((name) => !(name in now)),
  };
}

/** AttributeEditor mends the attributes of a parked FlowFile before its next try. */
export function AttributeEditor({ run, item }: { run: string; item: ParkedFile }) {
  const queries = useQueryClient();
  const text = useText();
  // What it was opened with, so that an edit of somebody else's meanwhile is not undone by what was not touched here.
  const [was, setWas] = useState(item.attributes ?? {});
  const [now, setNow] = useState(was);
  const [fresh, setFresh] = useState("");
  const edit = editOf(was, now);
  const changed = Object.keys(edit.set).length + edit.remove.length > 0;
  const save = useMutation<unknown, Failure, typeof edit>({
    mutationFn: (edit) => call("POST", path(["runs", run, "parked", item.id, "attributes"]), edit),
    onSuccess: (_, sent) => {
      setWas((old) => ({ ...Object.fromEntries(Object.entries(old).filter(([name]) => !sent.remove.includes(name))), ...sent.set }));
      void queries.invalidateQueries({ queryKey: ["parked", run] });
    },
  });
  const add = () => {
    const name = fresh.trim();
    if (name === "" || name in now) return;
    setNow({ ...now, [name]: "" });
    setFresh("");
  };
  return (
    <div className={styles.editor}>
      {Object.entries(now).sort(([a], [b]) => a.localeCompare(b)).map(([name, value]) => (
        <div key={name} className={styles.one}>
          <span className={styles.name}>{name}</span>
          <TextInput mono aria-label={t("queue.attributeValue", { name })} value={value} disabled={reserved(name)} onChange={(e) => setNow({ ...now, [name]: e.target.value })} />
          {reserved(name) ? <span className={styles.note}>{t("queue.reserved")}</span> : (
            <IconButton label={t("queue.removeAttribute", { name })} onClick={() => setNow(Object.fromEntries(Object.entries(now).filter(([n]) => n !== name)))}><Trash2 size={14} aria-hidden="true" /></IconButton>
          )}
        </div>
      ))}
      <div className={styles.one}>
        <TextInput aria-label={t("queue.attributeName")} placeholder={t("queue.attributeName")} value={fresh} onChange={(e) => setFresh(e.target.value)} onKeyDown={(e) => e.key === "Enter" && !composing(e) && add()} />
        <Button size="small" icon={<Plus size={13} aria-hidden="true" />} disabled={fresh.trim() === ""} onClick={add}>{t("queue.addAttribute")}</Button>
      </div>
      {save.error !== null && <Trouble text={text(save.error)} />}
      <div className={styles.doing}>
        <Button size="small" kind="primary" disabled={!changed} busy={save.isPending} onClick={() => save.mutate(edit)}>{t("queue.saveAttributes")}</Button>
        <Button size="small" kind="quiet" disabled={!changed} onClick={() => setNow(was)}>{t("queue.undoAttributes")}</Button>
      </div>
    </div>
  );
}
