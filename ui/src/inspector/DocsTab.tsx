import type { KindInfo } from "../api/kinds";
import { Badge } from "../ds/Badge";
import { Prose } from "../ds/Prose";
import form from "../form/form.module.css";
import { type Key, t } from "../words";
import styles from "./tabs.module.css";

interface Need {
  kind: string;
  value?: string;
  property?: string;
  why: string;
}

/** DocsTab is a kind's reference, as the kind itself describes it. */
export function DocsTab({ kind }: { kind: KindInfo }) {
  const needs = (kind.needs ?? []) as Need[];
  return (
    <article className={`${form.form} ${styles.docs}`}>
      <p><Prose text={kind.doc} /></p>
      {kind.tags !== undefined && <p className={styles.tags}>{kind.tags.map((tag) => <Badge key={tag}>{tag}</Badge>)}</p>}
      {(kind.inputs ?? []).length > 0 && <Terms title={t("inspector.inputs")} terms={(kind.inputs ?? []).map((i) => [i.name === "" ? t("inspector.defaultInput") : i.name, i.doc])} />}
      {(kind.outputs ?? []).length > 0 && <Terms title={t("inspector.outputs")} terms={(kind.outputs ?? []).map((o) => [o.name, o.doc])} />}
      {(kind.properties ?? []).length > 0 && (
        <section>
          <h3 className={styles.heading}>{t("inspector.docProperties")}</h3>
          <dl className={styles.terms}>
            {kind.properties?.map((p) => (
              <div key={p.key} className={styles.term}>
                <dt>
                  <code>{p.key}</code> <span className={form.hint}>{t(`types.${p.type}` as Key)}{p.required === true ? ` · ${t("inspector.docRequired")}` : ""}</span>
                </dt>
                <dd>
                  <Prose text={p.doc} />
                  {kind.infers === true && p.doc.includes("weir flow infer") && <> <span>{t("inspector.docInfer", { button: t("inspector.infer"), tab: t("inspector.tabProperties") })}</span></>}
                  {p.default !== undefined && p.default !== "" && <> <span>{t("inspector.default", { value: p.default })}</span></>}
                  {p.choices !== undefined && (
                    <ul className={styles.choices}>{p.choices.map((c) => <li key={c.value}><code>{c.value}</code> <Prose text={c.doc} /></li>)}</ul>
                  )}
                  {p.example !== undefined && p.example !== "" && <p className={form.hint}>{t("inspector.example", { value: p.example })}</p>}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {needs.length > 0 && <Terms title={t("inspector.docNeeds")} terms={needs.map((n) => [n.value ?? n.property ?? n.kind, n.why])} />}
      <section>
        <h3 className={styles.heading}>{t("inspector.docEffects")}</h3>
        <p><Prose text={kind.effects ?? t("inspector.docNothingOutside")} /></p>
      </section>
    </article>
  );
}

function Terms({ title, terms }: { title: string; terms: [string, string][] }) {
  return (
    <section>
      <h3 className={styles.heading}>{title}</h3>
      <dl className={styles.terms}>
        {terms.map(([name, doc], i) => (
          <div key={`${name} ${i}`} className={styles.term}>
            <dt><code>{name}</code></dt>
            <dd><Prose text={doc} /></dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
