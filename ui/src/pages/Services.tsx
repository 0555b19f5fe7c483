import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { KindMap } from "../api/kinds";
import { Button } from "../ds/Button";
import { Dialog } from "../ds/Dialog";
import { Empty } from "../ds/Empty";
import { Field } from "../ds/Field";
import { Select } from "../ds/Select";
import { CommitInput, composing, TextInput } from "../ds/TextInput";
import { useDraft, useEditor } from "../editor/context";
import { isSlug } from "../editor/model/slug";
import form from "../form/form.module.css";
import { SettingsForm } from "../form/SettingsForm";
import { freeName } from "../form/settings";
import { VerifyPanel } from "../form/VerifyPanel";
import { t } from "../words";
import styles from "./Edit.module.css";
import { renameService, usesOfService } from "./usage";
import { Uses } from "./Uses";

/** Services lists what nodes share, and edits the one chosen beside the list. */
export function Services({ kinds }: { kinds: KindMap }) {
  const services = useDraft((s) => s.doc.services);
  const [chosen, setChosen] = useState<string>();
  const [adding, setAdding] = useState(false);
  const names = Object.keys(services ?? {});
  const current = chosen !== undefined && names.includes(chosen) ? chosen : names[0];
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div className={styles.words}>
          <h1 className={styles.title}>{t("pages.services")}</h1>
          <p className={styles.lead}>{t("pages.servicesWhat")}</p>
        </div>
        <Button icon={<Plus size={14} aria-hidden="true" />} onClick={() => setAdding(true)}>{t("pages.addService")}</Button>
      </header>
      {current === undefined ? <Empty title={t("pages.servicesNone")} /> : (
        <div className={styles.split}>
          <ul className={styles.list} aria-label={t("pages.services")}>
            {names.map((n) => (
              <li key={n}>
                <button type="button" className={styles.item} aria-current={n === current || undefined} onClick={() => setChosen(n)}>
                  <span>{n}</span>
                  <span className={styles.kind}>{services?.[n]?.kind}</span>
                </button>
              </li>
            ))}
          </ul>
          <Service key={current} slug={current} kinds={kinds} onName={setChosen} />
        </div>
      )}
      {adding && <AddService kinds={kinds} onDone={(name) => {
        setAdding(false);
        if (name !== undefined) setChosen(name);
      }} />}
    </div>
  );
}

function Service({ slug, kinds, onName }: { slug: string; kinds: KindMap; onName: (slug: string) => void }) {
  const editor = useEditor();
  const doc = useDraft((s) => s.doc);
  const [why, setWhy] = useState<string>();
  const [going, setGoing] = useState(false);
  const uses = usesOfService(doc, slug, kinds);
  const rename = (to: string) => {
    const no = !isSlug(to) ? t("inspector.nameBad") : doc.services?.[to] !== undefined ? t("pages.nameTaken", { name: to }) : undefined;
    setWhy(no);
    if (no !== undefined) return;
    editor.change(t("pages.doesRename", { from: slug, to }), renameService(editor.store.getState().doc, slug, to, kinds));
    onName(to);
  };
  const drop = () => editor.change(t("inspector.doesDelete", { name: slug }), [{ path: ["services", slug] }]);
  return (
    <section className={styles.card} aria-label={slug}>
      <div className={form.form}>
        <Field label={t("pages.serviceName")} errors={why === undefined ? [] : [why]}>
          {(ids) => <CommitInput {...ids} value={slug} onCommit={(to) => rename(to.trim())} />}
        </Field>
        <p className={form.hint}>{kinds.get(doc.services?.[slug]?.kind ?? "")?.doc}</p>
        <SettingsForm owner={{ area: "services", slug }} kinds={kinds} />
        <VerifyPanel service={slug} />
        <p className={form.hint}>{t("pages.usedBy")}: <Uses uses={uses} /></p>
        <div className={form.actions}>
          <Button kind="danger" icon={<Trash2 size={14} aria-hidden="true" />} onClick={() => (uses.length > 0 ? setGoing(true) : drop())}>{t("inspector.delete")}</Button>
        </div>
      </div>
      {going && (
        <Dialog title={t("pages.deleteTitle", { name: slug })} onClose={() => setGoing(false)} footer={<><Button onClick={() => setGoing(false)}>{t("app.cancel")}</Button><Button kind="danger" onClick={drop}>{t("inspector.delete")}</Button></>}>
          <p>{t("pages.inUse", { n: uses.length })}</p>
          <Uses uses={uses} />
        </Dialog>
      )}
    </section>
  );
}

function AddService({ kinds, onDone }: { kinds: KindMap; onDone: (name?: string) => void }) {
  const editor = useEditor();
  const services = useDraft((s) => s.doc.services);
  const all = [...kinds.values()].filter((k) => k.service === true);
  const [kind, setKind] = useState(all[0]?.kind ?? "");
  const [name, setName] = useState(() => freeName("service", services));
  const errors = !isSlug(name) ? [t("inspector.nameBad")] : services?.[name] !== undefined ? [t("pages.nameTaken", { name })] : [];
  const add = () => {
    if (errors.length > 0 || kind === "") return;
    editor.change(t("inspector.doesService", { name }), [{ path: ["services", name], value: { kind } }]);
    onDone(name);
  };
  return (
    <Dialog title={t("pages.addService")} onClose={() => onDone()} footer={<><Button onClick={() => onDone()}>{t("app.cancel")}</Button><Button kind="primary" disabled={errors.length > 0} onClick={add}>{t("pages.addService")}</Button></>}>
      <Field label={t("pages.serviceKind")} doc={kinds.get(kind)?.doc}>
        {(ids) => <Select {...ids} value={kind} options={all.map((k) => ({ value: k.kind, label: k.kind }))} onChange={setKind} />}
      </Field>
      <Field label={t("pages.serviceName")} errors={errors}>
        {(ids) => <TextInput {...ids} value={name} onChange={(e) => setName(e.target.value)} onKeyDown={(e) => e.key === "Enter" && !composing(e) && add()} />}
      </Field>
    </Dialog>
  );
}
