import { Fragment } from "react";

/** Prose is a text in which what stands between backticks is code. */
export function Prose({ text }: { text: string }) {
  // The odd parts stood between backticks; one without a partner is a letter.
  const parts = text.split("`");
  const paired = parts.length % 2 === 1 ? parts : [...parts.slice(0, -2), parts.slice(-2).join("`")];
  return <>{paired.map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : <Fragment key={i}>{part}</Fragment>))}</>;
}
