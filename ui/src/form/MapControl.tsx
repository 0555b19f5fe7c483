import { Plus, X } from "lucide-react";
import { useState } from "react";
import { Button } from "../ds/Button";
import { ComboInput } from "../ds/ComboInput";
import { IconButton } from "../ds/IconButton";
import { CommitInput } from "../ds/TextInput";
import { t } from "../words";
import styles from "./form.module.css";
import { useForm } from "./form";
import { useFresh } from "./fresh";
import { entriesOf, type Entry } from "./settings";
import { type ControlProps, hintOf, useCompletion } from "./TextControl";

/** MapControl is rows of names and values. */
export function MapControl({ property, value, onCommit, ids }: ControlProps) {
  const { complete, ask } = useCompletion(property);
  const entries = entriesOf(value);
  // Rows without a name yet, and names that clash, wait here.
  const [loose, setLoose] = useState<Entry[]>([]);
  const fresh = useFresh();
  // What is routed is given a name by what it fits.
  const routes = useForm().kind.outputs_from === property.key;
  const [clash, setClash] = useState<{ at: number; key: string }>();
  const commit = (next: Entry[]) => onCommit(next.length === 0 ? undefined : Object.fromEntries(next));
  const rows = [...entries, ...loose];
  const put = (i: number, entry: Entry) => {
    const [key] = entry;
    const taken = entries.some(([k], at) => k === key && at !== i);
    setClash(taken ? { at: i, key } : undefined);
    if (i < entries.length) {
      if (key !== "" && !taken) commit(entries.with(i, entry));
      return;
    }
    const at = i - entries.length;
    if (key === "" || taken) setLoose(loose.with(at, taken ? ["", entry[1]] : entry));
    else {
      setLoose(loose.filter((_, n) => n !== at));
      commit([...entries, entry]);
    }
  };
  const drop = (i: number) => (i < entries.length ? commit(entries.filter((_, at) => at !== i)) : setLoose(loose.filter((_, at) => at !== i - entries.length)));
  const label = property.label;
  return (
    <fieldset id={ids.id} aria-labelledby={ids["aria-labelledby"]} aria-describedby={ids["aria-describedby"]} className={styles.rows}>
      {rows.length === 0 && hintOf(property) !== "" && <p className={styles.hint}>{hintOf(property)}</p>}
      {rows.map(([key, text], i) => (
        // eslint-disable-next-line react/no-array-index-key -- a row keeps its place while its name changes
        <div key={i} ref={fresh.row(i === rows.length - 1)} className={styles.pair}>
          <CommitInput value={clash?.at === i ? clash.key : key} onCommit={(k) => put(i, [k.trim(), text])} mono placeholder={t(routes ? "inspector.output" : "inspector.key")}
            aria-label={t("inspector.keyOf", { property: label, n: i + 1 })} aria-invalid={clash?.at === i || undefined} />
          <ComboInput value={text} onCommit={(v) => put(i, [key, v])} complete={complete} onAsk={ask} mono placeholder={t(routes ? "inspector.condition" : "inspector.value")} lines={text.length > 30}
            aria-label={t("inspector.valueOf", { property: label, key: key === "" ? i + 1 : key })} />
          <IconButton label={t("inspector.removeEntry", { n: i + 1 })} onClick={() => drop(i)}><X size={14} aria-hidden="true" /></IconButton>
        </div>
      ))}
      {clash !== undefined && <p role="alert" className={styles.error}>{t("inspector.keyTaken")}</p>}
      <Button size="small" kind="quiet" icon={<Plus size={14} aria-hidden="true" />} aria-label={t("inspector.addTo", { property: label })} onClick={() => {
        fresh.add();
        setLoose([...loose, ["", ""]]);
      }} className={styles.add}>
        {t("inspector.addEntry")}
      </Button>
    </fieldset>
  );
}
