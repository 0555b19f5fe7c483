import { type KeyboardEvent, useId, useRef, useState } from "react";
import styles from "./ComboInput.module.css";
import { composing, TextArea, TextInput, useTyped } from "./TextInput";

/** Offer is a value that could stand in a text. */
export interface Offer {
  value: string;
  label?: string;
  detail?: string;
}

/** Completion says which part of the text the offers stand for. */
export interface Completion {
  from: number;
  to: number;
  offers: Offer[];
  /** after is set behind what is chosen, unless it ends a call. */
  after?: string;
}

/** choose puts an offer into the text and says where the caret goes. */
export function choose(text: string, c: Completion, o: Offer): { text: string; caret: number } {
  const put = /[()]$/.test(o.value) ? o.value : `${o.value}${c.after ?? ""}`;
  return { text: text.slice(0, c.from) + put + text.slice(c.to), caret: c.from + put.length };
}

export interface ComboInputProps {
  id?: string;
  value: string;
  onCommit: (value: string) => void;
  /** complete returns what could stand at the caret; asked is set when the user called for it. */
  complete: (text: string, caret: number, asked: boolean) => Completion | undefined;
  /** onAsk is told when offers are wanted: it may fetch some. */
  onAsk?: () => void;
  placeholder?: string;
  mono?: boolean;
  lines?: boolean;
  /** closed says that the offers are all there is: a click shows them. */
  closed?: boolean;
  "aria-label"?: string;
  "aria-labelledby"?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
  "aria-required"?: true;
}

/** ComboInput is text with offers below it, as screen readers know them; it is handed over on Enter or on leaving. */
export function ComboInput({ value, onCommit, complete, onAsk, lines: wanted, closed, ...rest }: ComboInputProps) {
  const { typed, type, commit, giveUp } = useTyped({ value, onCommit });
  // What is typed into stays what it is until it is left.
  const [held, setHeld] = useState<boolean>();
  const lines = held ?? wanted === true;
  const [open, setOpen] = useState<{ caret: number; at: number; asked: boolean }>();
  const input = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const list = useId();
  const found = open === undefined ? undefined : complete(typed, open.caret, open.asked);
  const offers = found?.offers ?? [];
  const shown = open !== undefined && offers.length > 0;
  const here = () => input.current?.selectionStart ?? typed.length;

  const ask = () => {
    onAsk?.();
    setOpen({ caret: here(), at: -1, asked: true });
  };
  const take = (o: Offer) => {
    if (found === undefined) return;
    const next = choose(typed, found, o);
    type(next.text);
    setOpen(undefined);
    requestAnimationFrame(() => input.current?.setSelectionRange(next.caret, next.caret));
  };
  const keys = (e: KeyboardEvent) => {
    if (composing(e)) return;
    if (e.key === "ArrowDown" && !shown && (!lines || e.altKey)) {
      e.preventDefault();
      ask();
    } else if (e.key === " " && e.ctrlKey) {
      e.preventDefault();
      ask();
    } else if (shown && (e.key === "ArrowDown" || e.key === "ArrowUp")) {
      e.preventDefault();
      const step = e.key === "ArrowDown" ? 1 : -1;
      setOpen({ ...open, at: (open.at + step + offers.length) % offers.length });
    } else if (shown && e.key === "Escape") {
      e.stopPropagation();
      setOpen(undefined);
    } else if (e.key === "Escape" && typed !== value) {
      e.stopPropagation();
      giveUp();
    } else if (shown && (e.key === "Enter" || e.key === "Tab") && offers[open.at] !== undefined) {
      e.preventDefault();
      take(offers[open.at] as Offer);
    } else if (e.key === "Enter" && (!lines || e.ctrlKey || e.metaKey)) {
      setOpen(undefined);
      commit();
    }
  };
  const shared = {
    ...rest, value: typed, role: "combobox", "aria-expanded": shown, "aria-controls": shown ? list : undefined, "aria-autocomplete": "list" as const,
    "aria-activedescendant": shown && open.at >= 0 ? `${list}-${open.at}` : undefined, onKeyDown: keys,
    onFocus: () => setHeld(lines),
    onClick: () => closed === true && !shown && ask(),
    onBlur: () => {
      setHeld(undefined);
      setOpen(undefined);
      commit();
    },
    onChange: (e: { target: { value: string; selectionStart: number | null } }) => {
      type(e.target.value);
      setOpen({ caret: e.target.selectionStart ?? e.target.value.length, at: -1, asked: false }); // what is typed narrows even what was asked for
    },
  };
  return (
    <div className={styles.combo} data-closed={closed}>
      {lines ? <TextArea ref={input} {...shared} /> : <TextInput ref={input} {...shared} />}
      {shown && (
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a list beside a text, which no element is
        <div id={list} role="listbox" className={styles.list} aria-label={rest["aria-label"]} aria-labelledby={rest["aria-labelledby"]}>
          {offers.map((o, i) => (
            // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
            <div key={`${o.value} ${i}`} id={`${list}-${i}`} role="option" aria-selected={i === open.at} className={styles.offer}
              ref={i === open.at ? (el) => el?.scrollIntoView?.({ block: "nearest" }) : undefined}
              onPointerDown={(e) => {
                e.preventDefault();
                take(o);
              }}>
              <span className={styles.label}>{o.label ?? o.value}</span>
              {o.detail !== undefined && <span className={styles.detail}>{o.detail}</span>}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
