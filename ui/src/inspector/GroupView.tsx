import { FolderOpen } from "lucide-react";
import { Button } from "../ds/Button";
import { KindGlyph } from "../ds/KindGlyph";
import { useDraft } from "../editor/context";
import { groupId } from "../editor/model/ports";
import { inside } from "../editor/model/remove";
import form from "../form/form.module.css";
import { PathField } from "../form/PathField";
import { usePlace } from "../lib/place";
import { t } from "../words";
import { NameInput } from "./NameInput";
import { Panel } from "./Panel";

/** GroupView is a group: its name, what it is for, what it holds. */
export function GroupView({ slug }: { slug: string }) {
  const [, go] = usePlace();
  const group = useDraft((s) => s.doc.groups?.[slug]);
  const doc = useDraft((s) => s.doc);
  if (group === undefined) return <Panel title={t("inspector.group")}><p className={form.form}>{t("inspector.gone")}</p></Panel>;
  return (
    <Panel glyph={<KindGlyph kind="Group" />} title={<NameInput id={groupId(slug)} name={group.name ?? ""} slug={slug} />} under={t("inspector.group")}>
      <div className={form.form}>
        <p className={form.hint}>{t("inspector.groupHolds", { n: inside(doc, slug).length })}</p>
        <div className={form.actions}>
          <Button icon={<FolderOpen size={14} aria-hidden="true" />} onClick={() => go({ group: slug, open: "" })}>{t("inspector.groupOpen")}</Button>
        </div>
        <PathField path={["groups", slug, "doc"]} of={group.name ?? slug} label={t("inspector.doc")} doc={t("inspector.docHint")} lines />
      </div>
    </Panel>
  );
}
