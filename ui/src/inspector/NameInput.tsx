import { CommitInput } from "../ds/TextInput";
import { useEditor } from "../editor/context";
import { setName } from "../editor/model/nodes";
import { t } from "../words";
import styles from "./Panel.module.css";

/** NameInput is the name of a card, edited where it stands. */
export function NameInput({ id, name, slug }: { id: string; name: string; slug: string }) {
  const editor = useEditor();
  return (
    <CommitInput className={styles.name} aria-label={t("inspector.name")} value={name} placeholder={slug}
      onCommit={(next) => editor.change(t("inspector.doesRename", { name: name === "" ? slug : name }), setName(editor.store.getState().doc, id, next.trim()))} />
  );
}
