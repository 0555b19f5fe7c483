import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { call, type Failure, path } from "../api/client";
import type { Backfilled } from "../api/runs";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Field } from "../ds/Field";
import { Select } from "../ds/Select";
import { TextInput } from "../ds/TextInput";
import { Trouble } from "../ds/Trouble";
import { t } from "../words";
import styles from "./RunsDrawer.module.css";

const shown = 30;

function Plan({ plan }: { plan: Backfilled }) {
  const cost = plan.estimate;
  return (
    <div className={styles.note} role="status">
      <p>{t("runs.backfillSlots", { n: plan.slots.length })}</p>
      {plan.slots.length > 0 && <p>{plan.slots.slice(0, shown).map((s) => s.slot).join(", ")}{plan.slots.length > shown ? " …" : ""}</p>}
      {(plan.left_out?.length ?? 0) > 0 && <p>{t("runs.backfillLeft", { n: plan.left_out?.length ?? 0 })}</p>}
      {cost !== undefined && <p>{t("runs.backfillCost", { reads: (cost.reads ?? 0).toLocaleString("en"), rows: (cost.rows ?? 0).toLocaleString("en") })}</p>}
    </div>
  );
}

/** BackfillForm makes runs of a range of slots; what it would do is shown first. */
export function BackfillForm({ flow, onDone }: { flow: string; onDone: () => void }) {
  const text = useText();
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [only, setOnly] = useState("");
  const ask = (dry: boolean) => call<Backfilled>("POST", path(["flows", flow, "backfill"]), { from: from.trim(), to: to.trim(), only, dry_run: dry });
  const look = useMutation<Backfilled, Failure>({ mutationFn: () => ask(true) });
  const fill = useMutation<Backfilled, Failure>({ mutationFn: () => ask(false), onSuccess: (done) => done.failure === undefined && onDone() });
  const anew = (set: (v: string) => void) => (v: string) => {
    set(v);
    look.reset();
  };
  const plan = look.data;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (plan === undefined) look.mutate();
    else fill.mutate();
  };
  const failure = look.error ?? fill.error ?? fill.data?.failure;
  return (
    <form className={styles.form} aria-label={t("runs.backfillTitle")} onSubmit={submit}>
      <div className={styles.fields}>
        <p className={styles.wide}>{t("runs.backfillAsk")}</p>
        <Field label={t("runs.from")} required>{(ids) => <TextInput {...ids} value={from} onChange={(e) => anew(setFrom)(e.target.value)} />}</Field>
        <Field label={t("runs.to")}>{(ids) => <TextInput {...ids} value={to} placeholder={t("runs.slotLast")} onChange={(e) => anew(setTo)(e.target.value)} />}</Field>
        <Field label={t("runs.only")}>
          {(ids) => <Select {...ids} value={only} onChange={anew(setOnly)} options={[
            { value: "", label: t("runs.onlyDefault") }, { value: "missing", label: t("runs.onlyMissing") }, { value: "failed", label: t("runs.onlyFailed") }, { value: "all", label: t("runs.onlyAll") },
          ]} />}
        </Field>
        {plan !== undefined && <Plan plan={plan} />}
        {failure !== null && failure !== undefined && <div className={styles.wide}><Trouble text={text(failure)} /></div>}
      </div>
      <div className={styles.doing}>
        <Button onClick={onDone}>{t("app.cancel")}</Button>
        <Button kind="primary" type="submit" disabled={from.trim() === "" || plan?.slots.length === 0} busy={look.isPending || fill.isPending}>
          {plan === undefined ? t("runs.backfillShow") : t("runs.backfillDo", { n: plan.slots.length })}
        </Button>
      </div>
    </form>
  );
}
