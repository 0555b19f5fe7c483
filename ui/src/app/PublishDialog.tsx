import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, Failure, path } from "../api/client";
import { useText } from "../api/words";
import { useDraft, useEditor } from "../editor/context";
import { t } from "../words";
import { ChangeList, type FlowChange } from "../flowfile/ChangeList";
import { Button } from "../ds/Button";
import { Dialog } from "../ds/Dialog";

/** PublishDialog shows what publishing changes, and does it. */
export function PublishDialog({ flow, onDone }: { flow: string; onDone: () => void }) {
  const editor = useEditor();
  const queries = useQueryClient();
  const text = useText();
  const version = useDraft((s) => s.version);
  const rev = useDraft((s) => s.rev);
  const problems = useDraft((s) => s.problems);
  const authors = useDraft((s) => s.authors);
  const [failure, setFailure] = useState<Failure>();
  const diff = useQuery({
    queryKey: ["diff", flow, version, rev],
    enabled: version > 0,
    queryFn: ({ signal }) => call<{ changes: FlowChange[] | null }>("GET", path(["flows", flow, "diff"]), undefined, signal),
  });
  const errors = problems.filter((p) => p.level !== "warning");
  const publish = async () => {
    try {
      await editor.idle();
      const done = await call<{ version: number }>("POST", path(["flows", flow, "publish"]), { rev: editor.store.getState().rev });
      editor.store.setState({ version: done.version, differs: false, authors: [] });
      editor.say("app.newerPublished", { n: done.version });
      await queries.invalidateQueries({ queryKey: ["flows"] });
      onDone();
    } catch (e) {
      if (e instanceof Failure) setFailure(e);
    }
  };
  const live = editor.store.getState().doc.mode === "continuous" && version > 0;
  return (
    <Dialog title={live ? t("app.applyTitle") : t("app.publishTitle", { n: version + 1 })} onClose={onDone}
      footer={<><Button onClick={onDone}>{t("app.cancel")}</Button><Button kind="primary" disabled={errors.length > 0} onClick={publish}>{t(live ? "app.apply" : "app.publish")}</Button></>}>
      {authors.length > 0 && <p>{t("app.editedBy", { who: authors.join(", ") })}</p>}
      {errors.length > 0 ? (
        <>
          <p>{t("app.publishBlocked")}</p>
          <ul>{errors.map((p, i) => <li key={`${p.path} ${i}`}>{text(p)}</li>)}</ul>
        </>
      ) : version === 0 ? (
        <p>{t("app.publishFirst")}</p>
      ) : (
        diff.data !== undefined && <ChangeList changes={diff.data.changes ?? []} />
      )}
      {failure !== undefined && <p role="alert">{text(failure)}</p>}
    </Dialog>
  );
}
