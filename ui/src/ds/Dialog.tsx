import { X } from "lucide-react";
import { type ReactNode, useEffect, useEffectEvent, useId, useRef } from "react";
import { t } from "../words";
import { IconButton } from "./IconButton";
import styles from "./Dialog.module.css";

/** first is where the focus goes: the first field to write in, else the main deed, but never one that destroys. */
const first = (dialog: HTMLElement): HTMLElement | null =>
  dialog.querySelector<HTMLElement>(`.${styles.body} :is(input:not([type=checkbox]), select, textarea):enabled`) ??
  dialog.querySelector<HTMLElement>(`.${styles.footer} button[data-kind=primary]:enabled`) ??
  dialog.querySelector<HTMLElement>(`.${styles.footer} button:enabled`);

/**
 * Dialog asks for a decision. It is the platform's own dialog, which keeps the
 * focus within and gives it back, and needs no style written into the page.
 */
export function Dialog({ title, onClose, children, footer, wide }: { title: string; onClose: () => void; children: ReactNode; footer?: ReactNode; wide?: boolean }) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  const close = useEffectEvent(onClose);
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    if (!dialog.open) dialog.showModal();
    first(dialog)?.focus();
    const end = new AbortController();
    const hear = { signal: end.signal };
    dialog.addEventListener("cancel", (e) => { e.preventDefault(); close(); }, hear);
    dialog.addEventListener("mousedown", (e) => e.target === dialog && close(), hear);
    return () => {
      end.abort();
      dialog.close();
    };
  }, []);
  return (
    <dialog ref={ref} className={styles.dialog} data-wide={wide || undefined} aria-labelledby={id}>
      <div className={styles.box}>
        <header className={styles.head}>
          <h2 id={id} className={styles.title}>{title}</h2>
          <IconButton label={t("app.close")} onClick={onClose}><X size={16} aria-hidden="true" /></IconButton>
        </header>
        <div className={styles.body}>{children}</div>
        {footer !== undefined && <footer className={styles.footer}>{footer}</footer>}
      </div>
    </dialog>
  );
}
