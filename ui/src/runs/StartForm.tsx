import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { call, type Failure, path } from "../api/client";
import { type Backfilled, type RunView, useRun } from "../api/runs";
import { useText } from "../api/words";
import type { FlowDoc } from "../api/wire";
import { Button } from "../ds/Button";
import { Field } from "../ds/Field";
import { Spinner } from "../ds/Spinner";
import { composing, TextInput } from "../ds/TextInput";
import { Trouble } from "../ds/Trouble";
import { t } from "../words";
import { ParamField } from "./ParamField";
import { Replaces } from "./Replaces";
import { lastDay } from "./slots";
import { stateWord } from "./StateWord";
import styles from "./RunsDrawer.module.css";

/** SlotNote tells whether the slot has a run, and what a new one replaces. */
function SlotNote({ flow, slot, params }: { flow: string; slot: string; params: Record<string, string> }) {
  const text = useText();
  const look = useQuery<Backfilled, Failure>({
    queryKey: ["runs", flow, "slot", slot, params], retry: false, staleTime: 1_000,
    queryFn: ({ signal }) => call<Backfilled>("POST", path(["flows", flow, "backfill"]), { from: slot, to: slot, only: "all", params, dry_run: true }, signal),
  });
  const had = look.data?.slots[0] ?? look.data?.left_out?.[0];
  const run = useRun(had?.run ?? "");
  // Parameters that are still missing are no news here: the form has them.
  if (look.error !== null && look.error.code === "problems") return null;
  const note = look.error !== null ? <p role="alert">{text(look.error)}</p>
    : look.isPending || (had?.run !== undefined && run.isPending) ? <Spinner />
    : (
      <>
        {had?.state !== undefined && <p>{t("runs.slotHad", { state: stateWord(had.state) })}</p>}
        <Replaces run={run.data?.run} />
      </>
    );
  return <div className={styles.note} role="status">{note}</div>;
}

/** StartForm starts a run of a slot, with the flow's parameters. */
export function StartForm({ flow, doc, onDone }: { flow: string; doc: FlowDoc | undefined; onDone: (run: string) => void }) {
  if (doc === undefined) return <section className={styles.form}><Spinner label={t("app.loading")} /></section>;
  return <Filled flow={flow} doc={doc} onDone={onDone} />;
}

function Filled({ flow, doc, onDone }: { flow: string; doc: FlowDoc; onDone: (run: string) => void }) {
  const text = useText();
  const byDay = doc.schedule === undefined || doc.schedule.every === "day";
  const last = byDay ? lastDay(doc.schedule?.zone) : "";
  const [slot, setSlot] = useState(last);
  const [asked, setAsked] = useState(last);
  const [params, setParams] = useState<Record<string, string>>({});
  const given = Object.fromEntries(Object.entries(params).filter(([, v]) => v !== ""));
  const start = useMutation<RunView, Failure>({
    mutationFn: () => call<RunView>("POST", path(["runs"]), { flow, slot: slot.trim(), params: given }),
    onSuccess: (view) => onDone(view.run.id),
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!start.isPending) start.mutate();
  };
  return (
    <form className={styles.form} aria-label={t("runs.startTitle")} onSubmit={submit} onKeyDown={(e) => e.key === "Enter" && composing(e) && e.preventDefault()}>
      <div className={styles.fields}>
        <Field label={t("runs.slot")} doc={t("runs.slotDoc")}>
          {(ids) => <TextInput {...ids} value={slot} placeholder={t("runs.slotLast")} onChange={(e) => setSlot(e.target.value)} onBlur={() => setAsked(slot.trim())} />}
        </Field>
        {Object.entries(doc.parameters ?? {}).map(([name, param]) => (
          <ParamField key={name} name={name} param={param} value={params[name] ?? ""} onChange={(v) => setParams({ ...params, [name]: v })} />
        ))}
        {asked !== "" && <SlotNote flow={flow} slot={asked} params={given} />}
        {start.error !== null && <div className={styles.wide}><Trouble text={text(start.error)} /></div>}
      </div>
      <div className={styles.doing}>
        <Button onClick={() => onDone("")}>{t("app.cancel")}</Button>
        <Button kind="primary" type="submit" busy={start.isPending}>{t("runs.startDo")}</Button>
      </div>
    </form>
  );
}
