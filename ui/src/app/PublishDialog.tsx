import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, Failure, path } from "../api/client";
import { useFlowStatus } from "../api/flows";
import { useText } from "../api/words";
import { useDraft, useEditor } from "../editor/context";
import { t } from "../words";
import { ChangeList, type FlowChange } from "../flowfile/ChangeList";
import { EndUnused } from "../form/EndUnused";
import { Button } from "../ds/Button";
import { Dialog } from "../ds/Dialog";
import { whoWord } from "../runs/who";
import { Spinner } from "../ds/Spinner";
import { Trouble } from "../ds/Trouble";

interface Diff {
  changes: FlowChange[] | null;
  rev?: number;
}

/**
 * useShown returns the revision that the dialog shows, none while it is not known,
 * with what it changes, and whether the draft moved since the dialog was opened.
 */
function useShown(flow: string, version: number) {
  const rev = useDraft((s) => s.rev);
  const settled = useDraft((s) => s.pending.length === 0);
  const [first, setFirst] = useState<number>();
  if (first === undefined && settled) setFirst(rev);
  const diff = useQuery<Diff, Failure>({
    queryKey: ["diff", flow, version, rev],
    enabled: version > 0 && settled,
    staleTime: 0,
    queryFn: ({ signal }) => call<Diff>("GET", path(["flows", flow, "diff"]), undefined, signal),
  });
  const shown = !settled ? undefined : version === 0 ? rev : diff.data === undefined || diff.isFetching ? undefined : diff.data.rev ?? rev;
  return { diff, shown, moved: first !== undefined && shown !== undefined && shown !== first };
}

/** enabled turns a flow's schedule on and tells whether that was done: it can be done later, what was published stays. */
async function enabled(flow: string): Promise<boolean> {
  try {
    await call("POST", path(["flows", flow, "enable"]), {});
    return true;
  } catch (e) {
    if (!(e instanceof Failure)) throw e;
    return false;
  }
}

/** PublishDialog shows what publishing changes, and publishes exactly that. */
export function PublishDialog({ flow, onDone }: { flow: string; onDone: () => void }) {
  const editor = useEditor();
  const queries = useQueryClient();
  const text = useText();
  const version = useDraft((s) => s.version);
  const problems = useDraft((s) => s.problems);
  const authors = useDraft((s) => s.authors);
  const offline = useDraft((s) => s.saving === "offline");
  const mode = useDraft((s) => s.doc.mode);
  const status = useFlowStatus(flow);
  const dated = useDraft((s) => s.doc.schedule !== undefined) && mode !== "continuous" && status !== undefined && status.status.enabled !== true;
  const [enable, setEnable] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const { diff, shown, moved } = useShown(flow, version);
  const errors = problems.filter((p) => p.level !== "warning");
  const ready = shown !== undefined && !offline && !diff.isError;
  const publish = async () => {
    if (!ready || busy) return;
    setBusy(true);
    setFailure(undefined);
    try {
      const done = await call<{ version: number }>("POST", path(["flows", flow, "publish"]), { rev: shown });
      const still = editor.store.getState().rev === shown && editor.store.getState().pending.length === 0;
      editor.store.setState({ version: done.version, ...(still && { differs: false, authors: [] }) });
      editor.say(dated && enable && !(await enabled(flow)) ? "app.publishedOff" : "app.newerPublished", { n: done.version });
      await queries.invalidateQueries({ queryKey: ["flows"] });
      onDone();
    } catch (e) {
      setBusy(false);
      if (!(e instanceof Failure)) throw e;
      setFailure(e);
      if (e.status === 409) await Promise.all([editor.catchUp(), queries.invalidateQueries({ queryKey: ["diff", flow] })]);
    }
  };
  const live = mode === "continuous" && version > 0;
  return (
    <Dialog title={live ? t("app.applyTitle") : t("app.publishTitle", { n: version + 1 })} onClose={onDone}
      footer={<><Button onClick={onDone}>{t("app.cancel")}</Button><Button kind="primary" disabled={errors.length > 0} aria-disabled={!ready} busy={busy} onClick={() => void publish()}>{t(live ? "app.apply" : "app.publish")}</Button></>}>
      {authors.length > 0 && <p>{t("app.editedBy", { who: authors.map(whoWord).join(", ") })}</p>}
      {offline && <p role="alert">{t("app.publishOffline")}</p>}
      {moved && <p role="status">{t("app.publishMoved")}</p>}
      {errors.length > 0 ? (
        <>
          <p>{t("app.publishBlocked")}</p>
          <ul>{errors.map((p, i) => <li key={`${p.path} ${i}`}>{text(p)}</li>)}</ul>
          <EndUnused />
        </>
      ) : version === 0 ? (
        <p>{t("app.publishFirst")}</p>
      ) : diff.isError ? (
        <Trouble text={text(diff.error)} onRetry={() => void diff.refetch()} />
      ) : diff.data === undefined ? (
        !offline && <Spinner label={t("app.loading")} />
      ) : (
        <ChangeList changes={diff.data.changes ?? []} />
      )}
      {errors.length === 0 && dated && <label><input type="checkbox" checked={enable} onChange={(e) => setEnable(e.target.checked)} /> {t("app.publishSchedule")}</label>}
      {failure !== undefined && failure.status !== 409 && <p role="alert">{text(failure)}</p>}
    </Dialog>
  );
}
