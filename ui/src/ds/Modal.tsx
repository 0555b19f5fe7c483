import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { t } from "../words";
import styles from "./Modal.module.css";

/** Modal asks for a decision about the whole flow; forms of nodes are never modal. */
export function Modal({ title, onClose, children, actions }: { title: string; onClose: () => void; children: ReactNode; actions: ReactNode }) {
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className={styles.shade} />
        <Dialog.Content className={styles.box} aria-describedby={undefined}>
          <Dialog.Title className={styles.title}>{title}</Dialog.Title>
          <div className={styles.body}>{children}</div>
          <div className={styles.actions}>
            <Dialog.Close className={styles.cancel}>{t("app.cancel")}</Dialog.Close>
            {actions}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
