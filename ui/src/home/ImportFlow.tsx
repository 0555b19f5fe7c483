import { type ReactNode, useState } from "react";
import { pickFile } from "../lib/pick";
import { ImportDialog } from "../flowfile/ImportDialog";

/** ImportFlow is a button that takes in a flow file, after showing what it does. */
export function ImportFlow({ className, children }: { className?: string | undefined; children: ReactNode }) {
  const [text, setText] = useState<string>();
  return (
    <>
      <button className={className} onClick={() => pickFile(setText)}>{children}</button>
      {text !== undefined && <ImportDialog text={text} onDone={() => setText(undefined)} />}
    </>
  );
}
