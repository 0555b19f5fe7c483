import { ArrowDown, ArrowUp, Plus, X } from "lucide-react";
import { useState } from "react";
import { Button } from "../ds/Button";
import { ComboInput } from "../ds/ComboInput";
import { IconButton } from "../ds/IconButton";
import { t } from "../words";
import styles from "./form.module.css";
import { useFresh } from "./fresh";
import { type ControlProps, hintOf, useCompletion } from "./TextControl";

const moved = <T,>(list: readonly T[], from: number, to: number): T[] => {
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
};

/** ListControl is a list of texts in order. */
export function ListControl({ property, value, onCommit, ids }: ControlProps) {
  const { complete, ask } = useCompletion(property);
  const entries = Array.isArray(value) ? value.map((v: unknown) => (typeof v === "string" ? v : JSON.stringify(v))) : [];
  const [adding, setAdding] = useState(0);
  const fresh = useFresh();
  const commit = (next: string[]) => onCommit(next.length === 0 ? undefined : next);
  const put = (i: number, text: string) => {
    if (i >= entries.length) {
      if (text === "") return;
      setAdding((n) => Math.max(0, n - 1));
      commit([...entries, text]);
    } else commit(text === "" ? entries.filter((_, at) => at !== i) : entries.with(i, text));
  };
  const drop = (i: number) => (i < entries.length ? commit(entries.filter((_, at) => at !== i)) : setAdding((n) => n - 1));
  const rows = [...entries, ...Array.from({ length: adding }, () => "")];
  const label = property.label;
  return (
    <fieldset id={ids.id} aria-labelledby={ids["aria-labelledby"]} aria-describedby={ids["aria-describedby"]} className={styles.rows}>
      {rows.length === 0 && hintOf(property) !== "" && <p className={styles.hint}>{property.default === undefined || property.default === "" ? hintOf(property) : t("inspector.default", { value: property.default })}</p>}
      {rows.map((text, i) => (
        // eslint-disable-next-line react/no-array-index-key -- entries have no identity but their place
        <div key={i} ref={fresh.row(i === rows.length - 1)} className={styles.row}>
          <ComboInput value={text} onCommit={(x) => put(i, x)} complete={complete} onAsk={ask} mono aria-label={t("inspector.entryOf", { property: label, n: i + 1 })} aria-invalid={ids["aria-invalid"]} />
          {rows.length > 1 && i < entries.length && (
            <span className={styles.moves}>
              <IconButton label={t("inspector.moveUp", { n: i + 1 })} disabled={i === 0} onClick={() => commit(moved(entries, i, i - 1))}><ArrowUp size={12} aria-hidden="true" /></IconButton>
              <IconButton label={t("inspector.moveDown", { n: i + 1 })} disabled={i >= entries.length - 1} onClick={() => commit(moved(entries, i, i + 1))}><ArrowDown size={12} aria-hidden="true" /></IconButton>
            </span>
          )}
          <IconButton label={t("inspector.removeEntry", { n: i + 1 })} onClick={() => drop(i)}><X size={14} aria-hidden="true" /></IconButton>
        </div>
      ))}
      <Button size="small" kind="quiet" icon={<Plus size={14} aria-hidden="true" />} aria-label={t("inspector.addTo", { property: label })} onClick={() => {
        fresh.add();
        setAdding((n) => n + 1);
      }} className={styles.add}>
        {t("inspector.addEntry")}
      </Button>
    </fieldset>
  );
}
