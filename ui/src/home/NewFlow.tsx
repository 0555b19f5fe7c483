import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { call, Failure } from "../api/client";
import { useText } from "../api/words";
import { Dialog } from "../ds/Dialog";
import { composing } from "../ds/TextInput";
import { longestName } from "../lib/names";
import { t } from "../words";
import styles from "./NewFlow.module.css";

const form = /^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/;
const longestId = 63;

/** idFault says why the server would not take an id, undefined for one that it takes. */
export function idFault(id: string, taken: readonly string[]): string | undefined {
  if (id.length > longestId || !form.test(id)) return t("home.idBad", { limit: longestId });
  return taken.includes(id) ? t("home.idTaken", { id }) : undefined;
}

/** slugOf makes a flow's id of its name; names without Latin letters get a plain one. */
export function slugOf(name: string, taken: readonly string[]): string {
  const plain = name.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^[^a-z]+/, "").slice(0, longestId - 4).replace(/-+$/, "") || "flow";
  for (let n = 1; ; n++) {
    const id = n === 1 ? plain : `${plain}-${n}`;
    if (!taken.includes(id)) return id;
  }
}

const modes = ["runs", "continuous"] as const;

/** NewFlow asks for a name and makes an empty draft. */
export function NewFlow({ taken, onDone }: { taken: readonly string[]; onDone: () => void }) {
  const [name, setName] = useState("");
  const [mode, setMode] = useState<(typeof modes)[number]>("runs");
  const [failure, setFailure] = useState<Failure>();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const text = useText();
  // The id follows the name until it is written by hand.
  const [own, setOwn] = useState<string>();
  const id = own ?? slugOf(name, taken);
  const bad = idFault(id, taken);
  const make = async (e: FormEvent) => {
    e.preventDefault();
    if (bad !== undefined) return;
    try {
      await call("POST", "/flows", { draft: true, doc: { weir: 1, id, ...(name === "" ? {} : { name }), mode, nodes: {} } });
      await queries.invalidateQueries({ queryKey: ["flows"] });
      navigate(`/flows/${id}`);
    } catch (err) {
      if (err instanceof Failure) setFailure(err);
    }
  };
  return (
    <Dialog title={t("home.newFlow")} onClose={onDone}>
      <form onSubmit={make} className={styles.form}>
        <label htmlFor="flow-name">{t("home.name")}</label>
        <input id="flow-name" autoFocus maxLength={longestName} value={name} onChange={(e) => setName(e.target.value)} onKeyDown={(e) => e.key === "Enter" && composing(e) && e.preventDefault()} placeholder={t("home.namePlaceholder")} />
        <label htmlFor="flow-id">{t("home.id")}</label>
        <input id="flow-id" className={styles.slug} value={id} maxLength={longestId} spellCheck={false} autoCapitalize="off" aria-invalid={bad !== undefined} aria-describedby="flow-id-hint"
          onChange={(e) => setOwn(e.target.value === "" ? undefined : e.target.value)} />
        <p id="flow-id-hint" className={bad === undefined ? styles.id : styles.failure}>{bad ?? t("home.idHint", { id })}</p>
        <fieldset className={styles.modes}>
          <legend>{t("home.mode")}</legend>
          {modes.map((m) => (
            <label key={m} className={styles.mode}>
              <input type="radio" name="mode" checked={mode === m} onChange={() => setMode(m)} />
              <span><strong>{t(`home.mode.${m}`)}</strong><br />{t(`home.mode.${m}.doc`)}</span>
            </label>
          ))}
        </fieldset>
        {failure !== undefined && <p role="alert" className={styles.failure}>{text(failure)}</p>}
        <div className={styles.actions}>
          <button type="button" className={styles.cancel} onClick={onDone}>{t("app.cancel")}</button>
          <button type="submit" className={styles.go}>{t("home.create")}</button>
        </div>
      </form>
    </Dialog>
  );
}
