import { CircleCheck, CircleMinus, CircleX, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { call, type Failure } from "../api/client";
import { useText } from "../api/words";
import type { Note } from "../api/wire";
import { Button } from "../ds/Button";
import { Field } from "../ds/Field";
import { TextInput } from "../ds/TextInput";
import { useDraft, useEditor } from "../editor/context";
import { t } from "../words";
import { failureOf, notesOf } from "./part";
import styles from "./VerifyPanel.module.css";

interface Step {
  node: string;
  service?: boolean;
  kind: string;
  step: Note;
  state: "ok" | "failed" | "skipped";
  note?: Note;
  fault?: Note;
}

const icons = { ok: CircleCheck, failed: CircleX, skipped: CircleMinus };
const states = { ok: "inspector.stepOk", failed: "inspector.stepFailed", skipped: "inspector.stepSkipped" } as const;

/**
 * VerifyPanel tries the draft's settings against the services: of the whole flow,
 * or the steps of one node or service alone. Nothing runs.
 */
export function VerifyPanel({ node, service }: { node?: string; service?: string }) {
  const editor = useEditor();
  const parameters = useDraft((s) => s.doc.parameters);
  const text = useText();
  const [given, setGiven] = useState<Record<string, string>>({});
  const [state, setState] = useState<{ busy?: boolean; steps?: Step[]; failure?: Failure }>({});
  const open = Object.entries(parameters ?? {}).filter(([, p]) => p.default === undefined);
  const only = service ?? node;
  const verify = async () => {
    setState({ busy: true });
    try {
      const { steps } = await call<{ steps: Step[] }>("POST", "/flows/verify", { doc: editor.store.getState().doc, node, service, params: given });
      setState({ steps });
    } catch (e) {
      setState({ failure: failureOf(e) });
    }
  };
  const { busy, steps, failure } = state;
  const failed = steps?.filter((s) => s.state === "failed").length ?? 0;
  return (
    <div className={styles.panel}>
      {open.map(([name, p]) => (
        <Field key={name} label={t("inspector.parameterNeeded", { name })} doc={p.doc} required>
          {(ids) => <TextInput {...ids} value={given[name] ?? ""} onChange={(e) => setGiven({ ...given, [name]: e.target.value })} />}
        </Field>
      ))}
      <div className={styles.line}>
        <Button size="small" icon={<ShieldCheck size={14} aria-hidden="true" />} busy={busy} onClick={() => void verify()}>
          {t(busy === true ? "inspector.verifying" : steps !== undefined ? "inspector.verifyAgain" : only === undefined ? "inspector.verifyFlow" : "inspector.verify")}
        </Button>
        <output className={styles.sum} data-failed={failed > 0 || undefined}>
          {steps !== undefined && (steps.length === 0 ? t("inspector.verifyNothing") : failed > 0 ? t("inspector.verifyFailed", { n: failed }) : t("inspector.verified", { n: steps.filter((s) => s.state === "ok").length }))}
        </output>
      </div>
      {steps === undefined && failure === undefined && <p className={styles.what}>{t("inspector.verifyWhat")}</p>}
      {failure !== undefined && (
        <div role="alert" className={styles.failure}>
          {notesOf(failure).map((p, i) => <p key={`${p.path ?? ""} ${i}`}>{p.path !== undefined && <code>{p.path} </code>}{text(p)}</p>)}
        </div>
      )}
      {steps !== undefined && steps.length > 0 && (
        <ol className={styles.steps} aria-label={t("inspector.verifySteps")}>
          {steps.map((s, i) => <StepLine key={`${s.node} ${i}`} step={s} at={i} named={only === undefined || s.service === true} />)}
        </ol>
      )}
    </div>
  );
}

function StepLine({ step: s, at, named }: { step: Step; at: number; named: boolean }) {
  const text = useText();
  const Icon = icons[s.state];
  return (
    <li className={styles.step} data-state={s.state} style={{ animationDelay: `${Math.min(at, 20) * 60}ms` }}>
      <Icon size={16} aria-hidden="true" className={styles.icon} />
      <div className={styles.told}>
        <p>
          {named && <span className={styles.owner}>{s.node} · </span>}
          {text(s.step)} <span className={s.state === "ok" ? "sr" : styles.word}>· {t(states[s.state])}</span>
        </p>
        {s.note !== undefined && <p className={styles.note}>{text(s.note)}</p>}
        {s.fault !== undefined && <p className={styles.fault}>{text(s.fault)}</p>}
      </div>
    </li>
  );
}
