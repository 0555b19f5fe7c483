import { type ReactNode, useState } from "react";
import { ImportDialog } from "../flowfile/ImportDialog";

/** ImportFlow is a button that takes in a flow file, after showing what it does. */
export function ImportFlow({ className, children }: { className?: string | undefined; children: ReactNode }) {
  const [text, setText] = useState<string>();
  const pick = () => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = ".json,application/json";
    input.onchange = async () => setText(await input.files?.[0]?.text());
    input.click();
  };
  return (
    <>
      <button className={className} onClick={pick}>{children}</button>
      {text !== undefined && <ImportDialog text={text} onDone={() => setText(undefined)} />}
    </>
  );
}
