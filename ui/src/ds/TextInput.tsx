import { forwardRef, type InputHTMLAttributes, type KeyboardEvent, type TextareaHTMLAttributes, useEffect, useEffectEvent, useRef, useState } from "react";
import styles from "./TextInput.module.css";

type InputProps = InputHTMLAttributes<HTMLInputElement> & { mono?: boolean };

/** TextInput is one line of text, controlled by who uses it. */
export const TextInput = forwardRef<HTMLInputElement, InputProps>(function TextInput({ mono, className, ...rest }, ref) {
  return <input ref={ref} type="text" autoComplete="off" spellCheck={false} className={className === undefined ? styles.input : `${styles.input} ${className}`} data-mono={mono || undefined} {...rest} />;
});

type AreaProps = TextareaHTMLAttributes<HTMLTextAreaElement> & { mono?: boolean };

/** TextArea is several lines of text. */
export const TextArea = forwardRef<HTMLTextAreaElement, AreaProps>(function TextArea({ mono, className, ...rest }, ref) {
  return <textarea ref={ref} rows={3} spellCheck={false} className={className === undefined ? styles.area : `${styles.area} ${className}`} data-mono={mono || undefined} {...rest} />;
});

/** composing tells keys that belong to an input method, which no form may take. */
export const composing = (e: KeyboardEvent): boolean => e.nativeEvent.isComposing || e.keyCode === 229;

type Commit = { value: string; onCommit: (value: string) => void };

/**
 * useTyped keeps what is being typed, and hands it over once: on Enter, on
 * leaving, and when the control goes away. Escape gives it up. What comes from
 * elsewhere meanwhile is shown only where nobody types.
 */
export function useTyped({ value, onCommit }: Commit): { typed: string; type: (text: string) => void; commit: () => void; giveUp: () => void } {
  const [draft, setDraft] = useState<string>();
  // What was handed over may take the control away before it is drawn again.
  const done = useRef(false);
  const commit = () => {
    setDraft(undefined);
    if (draft === undefined || draft === value || done.current) return;
    done.current = true;
    onCommit(draft);
  };
  const leave = useEffectEvent(commit);
  useEffect(() => () => leave(), []);
  const type = (text: string | undefined) => {
    done.current = false;
    setDraft(text);
  };
  return { typed: draft ?? value, type, commit, giveUp: () => type(undefined) };
}

/** CommitInput is one line that is handed over on Enter or on leaving it. */
export function CommitInput({ value, onCommit, onKeyDown, ...rest }: Omit<InputProps, "value" | "onChange" | "onBlur"> & Commit) {
  const { typed, type, commit, giveUp } = useTyped({ value, onCommit });
  return (
    <TextInput {...rest} value={typed} onChange={(e) => type(e.target.value)} onBlur={commit}
      onKeyDown={(e) => {
        onKeyDown?.(e);
        if (composing(e) || e.defaultPrevented) return;
        if (e.key === "Enter") commit();
        if (e.key === "Escape" && typed !== value) {
          e.stopPropagation();
          giveUp();
        }
      }} />
  );
}

/** CommitArea is text that is handed over on leaving it or on Ctrl-Enter. */
export function CommitArea({ value, onCommit, ...rest }: Omit<AreaProps, "value" | "onChange" | "onBlur"> & Commit) {
  const { typed, type, commit } = useTyped({ value, onCommit });
  return (
    <TextArea {...rest} value={typed} onChange={(e) => type(e.target.value)} onBlur={commit}
      onKeyDown={(e) => {
        if (!composing(e) && e.key === "Enter" && (e.ctrlKey || e.metaKey)) commit();
      }} />
  );
}
