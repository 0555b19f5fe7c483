import { useMemo } from "react";
import type { KindMap } from "../api/kinds";
import { useDraft } from "../editor/context";
import { same } from "../editor/ops";
import { FormContext, useKnown } from "../form/form";
import form from "../form/form.module.css";
import { PropertyField } from "../form/PropertyField";
import { applies } from "../form/settings";
import { t } from "../words";
import { Panel } from "./Panel";
import { SeveralDeeds } from "./SeveralDeeds";
import { SeveralList } from "./SeveralList";
import styles from "./several.module.css";

/** SeveralView is several nodes: what can be done with all of them, which they are, and what they have in common. */
export function SeveralView({ slugs, kinds }: { slugs: readonly string[]; kinds: KindMap }) {
  const nodes = useDraft((s) => s.doc.nodes);
  const of = new Set(slugs.map((s) => nodes[s]?.kind ?? ""));
  return (
    <Panel title={t("inspector.several", { n: slugs.length })} under={of.size === 1 ? [...of][0] : t("inspector.severalKinds", { n: of.size })}>
      <div className={styles.several}>
        <SeveralDeeds />
        <section>
          <h3 className={styles.heading}>{t("inspector.severalProperties")}</h3>
          <Common slugs={slugs} kinds={kinds} />
        </section>
        <section>
          <h3 className={styles.heading}>{t("inspector.severalWhich")}</h3>
          <SeveralList slugs={slugs} />
        </section>
      </div>
    </Panel>
  );
}

/** Common edits the properties of one kind on all of them. */
function Common({ slugs, kinds }: { slugs: readonly string[]; kinds: KindMap }) {
  const nodes = useDraft((s) => s.doc.nodes);
  const [first, ...also] = slugs as [string, ...string[]];
  const node = nodes[first];
  const one = also.every((s) => nodes[s]?.kind === node?.kind);
  const kind = kinds.get(node?.kind ?? "");
  const known = useKnown({ area: "nodes", slug: first }, kind, kinds);
  const key = slugs.join(" ");
  const about = useMemo(() => {
    const [slug = "", ...rest] = key.split(" ");
    return kind === undefined ? undefined : { owner: { area: "nodes" as const, slug }, also: rest, name: slug, kind, kinds, known };
  }, [key, kind, kinds, known]);
  // Secrets, services and outputs are each node's own affair, and so is what applies to some of them only.
  const common = !one ? [] : (kind?.properties ?? []).filter((p) => p.key !== kind?.outputs_from && p.key !== kind?.inputs_from && slugs.every((s) => applies(p, kind?.properties ?? [], nodes[s]?.settings ?? {})));
  return (
    <div className={styles.common}>
      <p className={form.hint}>{t(common.length > 0 ? "inspector.severalHint" : one ? "inspector.severalNothing" : "inspector.severalUnlike")}</p>
      {about !== undefined && (
        <FormContext value={about}>
          {common.map((p) => {
            const value = node?.settings?.[p.key];
            const agree = also.every((s) => same(nodes[s]?.settings?.[p.key], value));
            const shown = agree ? p : { ...p, default: "", example: "", doc: `${t("inspector.severalDiffer")}. ${p.doc}` };
            return <PropertyField key={p.key} property={shown} value={agree ? value : undefined} problems={[]} />;
          })}
        </FormContext>
      )}
    </div>
  );
}
