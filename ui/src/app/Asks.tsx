import type { Context } from "../editor/commands/command";
import { ImportDialog } from "../flowfile/ImportDialog";
import { useAsks } from "./asking";
import { DeleteDialog } from "./DeleteDialog";
import { PublishDialog } from "./PublishDialog";

/** Asks shows the question or panel that is open over the page. */
export function Asks({ flow }: { flow: string; ctx: Context }) {
  const { ask, close } = useAsks();
  switch (ask?.what) {
    case "publish":
      return <PublishDialog flow={flow} onDone={close} />;
    case "delete":
      return <DeleteDialog flow={flow} onDone={close} />;
    case "import":
      return <ImportDialog text={ask.text} onDone={close} />;
    default:
      return null;
  }
}
