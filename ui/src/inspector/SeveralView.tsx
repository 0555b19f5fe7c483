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

/** SeveralView edits what several nodes have in common: the properties of one kind. */
export function SeveralView({ slugs, kinds }: { slugs: readonly string[]; kinds: KindMap }) {
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
    <Panel title={t("inspector.several", { n: slugs.length })} under={one ? node?.kind : undefined}>
      <div className={form.form}>
        <p className={form.hint}>{t(common.length > 0 ? "inspector.severalHint" : "inspector.severalNothing")}</p>
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
    </Panel>
  );
}
