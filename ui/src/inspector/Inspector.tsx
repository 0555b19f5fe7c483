import type { ReactNode } from "react";
import type { KindMap } from "../api/kinds";
import { useDraft } from "../editor/context";
import { refOf } from "../editor/model/ports";
import { FlowForm } from "../form/FlowForm";
import { usePlace } from "../lib/place";
import { t } from "../words";
import { GroupView } from "./GroupView";
import { LabelView } from "./LabelView";
import { NodeView } from "./NodeView";
import { Panel } from "./Panel";
import { SeveralView } from "./SeveralView";
import { WireView } from "./WireView";

export interface InspectorProps {
  kinds: KindMap;
  /** runs is what the tab of a node's runs shows. */
  runs?: (node: string) => ReactNode;
}

/** Inspector shows and edits what is open: a node, a wire, a group, a label or the flow. */
export function Inspector({ kinds, runs }: InspectorProps) {
  const [place] = usePlace();
  const selection = useDraft((s) => s.selection);
  const nodes = useDraft((s) => s.doc.nodes);
  const many = [...selection].filter((id) => nodes[id] !== undefined);
  if (many.length > 1 && (place.open === "" || selection.has(place.open))) return <SeveralView slugs={many} kinds={kinds} />;
  if (place.open === "" || place.open === "flow") {
    return (
      <Panel title={t("inspector.openFlow")}>
        <FlowForm />
      </Panel>
    );
  }
  const { type, slug } = refOf(place.open);
  switch (type) {
    case "wire":
      return <WireView key={slug} slug={slug} kinds={kinds} />;
    case "group":
      return <GroupView key={slug} slug={slug} />;
    case "label":
      return <LabelView key={slug} slug={slug} />;
    default:
      return <NodeView key={slug} slug={slug} kinds={kinds} runs={runs} />;
  }
}
