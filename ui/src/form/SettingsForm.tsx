import { useMemo } from "react";
import type { KindMap, Property } from "../api/kinds";
import { useText } from "../api/words";
import { useDraft } from "../editor/context";
import { useSteady } from "../lib/steady";
import { t } from "../words";
import { FormContext, useKnown } from "./form";
import styles from "./form.module.css";
import { PropertyField } from "./PropertyField";
import { applies, type Owner, pathOf, placeOf, problemsAt, type Settings } from "./settings";

const none: Settings = {};

/** SettingsForm edits the settings of a node or a service by its kind's description. */
export function SettingsForm({ owner, kinds }: { owner: Owner; kinds: KindMap }) {
  const entry = useDraft((s) => s.doc[owner.area]?.[owner.slug]);
  const problems = useSteady(useDraft((s) => s.problems));
  const text = useText();
  const kind = kinds.get(entry?.kind ?? "");
  const known = useKnown(owner, kind, kinds);
  const name = (entry !== undefined && "name" in entry ? entry.name : undefined) ?? owner.slug;
  const { area, slug } = owner;
  const form = useMemo(() => (kind === undefined ? undefined : { owner: { area, slug }, name, kind, kinds, known }), [area, slug, name, kind, kinds, known]);
  if (entry === undefined) return <p className={styles.hint}>{t("inspector.gone")}</p>;
  if (form === undefined) return <p role="alert" className={styles.alert}>{t("inspector.kindUnknown", { kind: entry.kind })}</p>;
  const properties = form.kind.properties ?? [];
  const settings = entry.settings ?? none;
  const at = (key: string) => problemsAt(problems, placeOf(pathOf(owner, key)));
  const field = (p: Property) => {
    const on = applies(p, properties, settings);
    if (!on && settings[p.key] === undefined) return null;
    return <PropertyField key={`${area} ${slug} ${p.key}`} property={p} value={settings[p.key]} problems={at(p.key)} stray={!on} />;
  };
  const strange = Object.keys(settings).filter((k) => !properties.some((p) => p.key === k));
  const own = problems.filter((p) => p.path === `${area}.${slug}` || p.path === `${area}.${slug}.kind` || p.path === `${area}.${slug}.settings`);
  const plain = properties.filter((p) => p.advanced !== true);
  const advanced = properties.filter((p) => p.advanced === true && (applies(p, properties, settings) || settings[p.key] !== undefined));
  const shown = advanced.some((p) => settings[p.key] !== undefined || at(p.key).length > 0);
  return (
    <FormContext value={form}>
      {own.length > 0 && <div className={styles.alert} role="alert">{own.map((p, i) => <p key={`${p.code} ${i}`}>{text(p)}</p>)}</div>}
      {properties.length === 0 && <p className={styles.hint}>{t("inspector.noProperties")}</p>}
      {plain.map(field)}
      {strange.map((key) => (
        <PropertyField key={key} property={{ key, label: key, type: "string", doc: t("inspector.strange", { property: key }) }} value={settings[key]} problems={at(key)} />
      ))}
      {advanced.length > 0 && (
        <details className={styles.more} open={shown || undefined}>
          <summary>{t("inspector.advanced", { n: advanced.length })}</summary>
          <div className={styles.moreFields}>{advanced.map(field)}</div>
        </details>
      )}
    </FormContext>
  );
}
