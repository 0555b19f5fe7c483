import { Button } from "../ds/Button";
import { Dialog } from "../ds/Dialog";
import { VerifyPanel } from "../form/VerifyPanel";
import { t } from "../words";
import { ImportDialog } from "../flowfile/ImportDialog";
import { useAsks } from "./asking";
import { DeleteDialog } from "./DeleteDialog";
import { PublishDialog } from "./PublishDialog";

/** Asks shows the question or panel that is open over the page. */
export function Asks({ flow }: { flow: string }) {
  const { ask, close } = useAsks();
  switch (ask?.what) {
    case "publish":
      return <PublishDialog flow={flow} onDone={close} />;
    case "delete":
      return <DeleteDialog flow={flow} onDone={close} />;
    case "import":
      return <ImportDialog text={ask.text} onDone={close} />;
    case "verify":
      return (
        <Dialog title={t("app.verify")} onClose={close} footer={<Button onClick={close}>{t("app.close")}</Button>}>
          {ask.nodes.map((node) => <VerifyPanel key={node} node={node} />)}
        </Dialog>
      );
    default:
      return null;
  }
}
