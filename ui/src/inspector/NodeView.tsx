import type { ReactNode } from "react";
import type { KindMap } from "../api/kinds";
import { KindGlyph } from "../ds/KindGlyph";
import { type Tab, Tabs } from "../ds/Tabs";
import { useDraft } from "../editor/context";
import form from "../form/form.module.css";
import { PathField } from "../form/PathField";
import { SettingsForm } from "../form/SettingsForm";
import { problemsAt } from "../form/settings";
import { VerifyPanel } from "../form/VerifyPanel";
import { usePlace } from "../lib/place";
import { t } from "../words";
import { DocsTab } from "./DocsTab";
import { NameInput } from "./NameInput";
import { Panel } from "./Panel";
import { PortsTab } from "./PortsTab";
import { SchedulingTab } from "./SchedulingTab";
import { keepTab, keptTab, portKeys, schedulingKeys } from "./tabs";

/** NodeView is a node: its properties, how it works, where it leads, its runs and its documentation. */
export function NodeView({ slug, kinds, runs }: { slug: string; kinds: KindMap; runs?: (node: string) => ReactNode }) {
  const [place, go] = usePlace();
  const node = useDraft((s) => s.doc.nodes[slug]);
  const problems = useDraft((s) => s.problems);
  if (node === undefined) return <Panel title={slug}><p className={form.form}>{t("inspector.gone")}</p></Panel>;
  const kind = kinds.get(node.kind);
  // What is wrong with the node as a whole is an end of it that leads nowhere.
  const loose = problems.filter((p) => p.path === `nodes.${slug}`).length;
  const count = (first: number, ...keys: string[]) => {
    const n = keys.reduce((sum, key) => sum + problemsAt(problems, `nodes.${slug}.${key}`).length, first);
    return n === 0 ? undefined : String(n);
  };
  const owner = { area: "nodes" as const, slug };
  const tabs: Tab[] = [
    {
      id: "properties", label: t("inspector.tabProperties"), mark: count(0, "settings"),
      content: (
        <div className={form.form}>
          {kind?.verifies === true && <VerifyPanel node={slug} />}
          <SettingsForm owner={owner} kinds={kinds} />
          <PathField path={["nodes", slug, "doc"]} of={node.name ?? slug} label={t("inspector.doc")} doc={t("inspector.docHint")} lines />
        </div>
      ),
    },
    { id: "scheduling", label: t("inspector.tabScheduling"), mark: count(0, ...schedulingKeys), content: <SchedulingTab slug={slug} node={node} kind={kind} /> },
    { id: "ports", label: t("inspector.tabPorts"), mark: count(loose, ...portKeys), content: <PortsTab slug={slug} node={node} kind={kind} kinds={kinds} /> },
    ...(runs === undefined ? [] : [{ id: "runs", label: t("inspector.tabRuns"), content: runs(slug) }]),
  ];
  const choose = (tab: string) => {
    keepTab(node.kind, tab);
    go({ tab }, { replace: true });
  };
  if (kind !== undefined) tabs.push({ id: "docs", label: t("inspector.tabDocs"), content: <DocsTab kind={kind} /> });
  return (
    <Panel glyph={<KindGlyph kind={node.kind} />} title={<NameInput id={slug} name={node.name ?? ""} slug={slug} />} under={node.name === undefined || node.name === slug ? node.kind : `${node.kind} · ${slug}`}>
      <Tabs label={t("inspector.tabs")} tabs={tabs} value={tabs.some((tab) => tab.id === place.tab) ? place.tab : keptTab(node.kind)} onChange={choose} />
    </Panel>
  );
}
