import { useState } from "react";
import type { KindInfo } from "../api/kinds";
import type { NodeDoc } from "../api/wire";
import { Button } from "../ds/Button";
import { Field } from "../ds/Field";
import { Select } from "../ds/Select";
import { Switch } from "../ds/Switch";
import { useDraft, useEditor } from "../editor/context";
import form from "../form/form.module.css";
import { PathControl, PathField } from "../form/PathField";
import { usePlace } from "../lib/place";
import { t } from "../words";
import styles from "./tabs.module.css";

type When = "" | "every" | "cron";

/** SchedulingTab says when a node acts, how wide, and how it fails. */
export function SchedulingTab({ slug, node, kind }: { slug: string; node: NodeDoc; kind: KindInfo | undefined }) {
  const [, go] = usePlace();
  const mode = useDraft((s) => s.doc.mode);
  const of = node.name ?? slug;
  const path = (key: string) => ["nodes", slug, key];
  const single = kind?.single === true || kind?.whole_run === true || (kind?.source === true && mode === "runs");
  const source = kind?.source === true;
  return (
    <div className={form.form}>
      {source && mode === "continuous" ? <Timer slug={slug} node={node} /> : <p className={form.hint}>{t(source ? "inspector.inRuns" : "inspector.onData")}</p>}
      {single && node.workers === undefined ? <p className={form.hint}>{t("inspector.workersSingle")}</p>
        : <PathField path={path("workers")} of={of} label={t("inspector.workers")} doc={t("inspector.workersDoc")} placeholder="1" number />}
      {(kind?.batching === true || node.run_duration !== undefined) && <PathField path={path("run_duration")} of={of} label={t("inspector.runDuration")} doc={t("inspector.runDurationDoc")} placeholder="0s" mono />}
      {(mode === "continuous" || node.penalty !== undefined) && <PathField path={path("penalty")} of={of} label={t("inspector.penalty")} doc={t("inspector.penaltyDoc")} placeholder="30s" mono />}
      {(mode === "continuous" || node.yield !== undefined) && <PathField path={path("yield")} of={of} label={t("inspector.yield")} doc={t("inspector.yieldDoc")} placeholder="1s" mono />}
      {(mode === "runs" && (source || kind?.whole_run === true) || node.after !== undefined) && <After slug={slug} node={node} />}
      {(source || node.discard !== undefined) && (
        <PathControl path={path("discard")} of={of} label={t("inspector.discard")} inline>
          {(value, set, ids) => <Switch {...ids} checked={value === true} onChange={(on) => set(on ? true : undefined)} />}
        </PathControl>
      )}
      {mode === "runs" && (
        <p className={form.hint}>
          {t("inspector.retriesOfFlow")} <Button kind="link" onClick={() => go({ open: "flow", tab: "" })}>{t("inspector.openFlow")}</Button>
        </p>
      )}
    </div>
  );
}

function Timer({ slug, node }: { slug: string; node: NodeDoc }) {
  const editor = useEditor();
  const [wish, setWish] = useState<When>();
  const set: When = node.cron !== undefined ? "cron" : node.every !== undefined ? "every" : "";
  const when = wish ?? set;
  const of = node.name ?? slug;
  const choose = (next: When) => {
    setWish(next === "" ? undefined : next);
    const gone = (["every", "cron"] as const).filter((k) => k !== next && node[k] !== undefined);
    editor.change(t("inspector.does", { property: t("inspector.when"), name: of }), gone.map((k) => ({ path: ["nodes", slug, k] })));
  };
  return (
    <>
      <Field label={t("inspector.when")}>
        {(ids) => <Select {...ids} value={when} onChange={(v) => choose(v as When)} options={[{ value: "", label: t("inspector.whenAlways") }, { value: "every", label: t("inspector.whenEvery") }, { value: "cron", label: t("inspector.whenCron") }]} />}
      </Field>
      {when === "every" && <PathField path={["nodes", slug, "every"]} of={of} label={t("inspector.every")} doc={t("inspector.everyDoc")} placeholder="5m" mono />}
      {when === "cron" && <PathField path={["nodes", slug, "cron"]} of={of} label={t("inspector.cron")} doc={t("inspector.cronDoc")} placeholder="*/5 * * * *" />}
    </>
  );
}

function After({ slug, node }: { slug: string; node: NodeDoc }) {
  const nodes = useDraft((s) => s.doc.nodes);
  const others = Object.entries(nodes).filter(([s]) => s !== slug);
  return (
    <PathControl path={["nodes", slug, "after"]} of={node.name ?? slug} label={t("inspector.after")} doc={t("inspector.afterDoc")}>
      {(value, set, ids) => {
        const now: string[] = Array.isArray(value) ? value.filter((v) => typeof v === "string") : [];
        const flip = (s: string, on: boolean) => {
          const next = on ? [...now, s].toSorted() : now.filter((x) => x !== s);
          set(next.length === 0 ? undefined : next);
        };
        return (
          <fieldset id={ids.id} aria-labelledby={ids["aria-labelledby"]} aria-describedby={ids["aria-describedby"]} className={styles.checks}>
            {others.map(([s, n]) => (
              <label key={s} className={styles.check}>
                <input type="checkbox" checked={now.includes(s)} onChange={(e) => flip(s, e.target.checked)} /> {n.name ?? s}
              </label>
            ))}
          </fieldset>
        );
      }}
    </PathControl>
  );
}
