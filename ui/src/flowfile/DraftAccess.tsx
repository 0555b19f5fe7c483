import { useQuery } from "@tanstack/react-query";
import { call, type Failure } from "../api/client";
import { useText } from "../api/words";
import { useDraft } from "../editor/context";
import { t } from "../words";
import { type Access, AccessList } from "./AccessList";
import styles from "./AccessList.module.css";

/** DraftAccess tells what the draft may touch, as it stands. */
export function DraftAccess() {
  const doc = useDraft((s) => s.doc);
  const text = useText();
  const { data, error } = useQuery<Access, Failure>({
    queryKey: ["access", doc], retry: false, placeholderData: (was) => was,
    queryFn: ({ signal }) => call<Access>("POST", "/flows/access", { doc }, signal),
  });
  return (
    <section className={styles.draft} aria-labelledby="draft-access">
      <h2 id="draft-access" className={styles.title}>{t("app.accessTitle")}</h2>
      {error !== null ? <p className={styles.none}>{text(error)}</p> : data !== undefined && <AccessList access={data} />}
    </section>
  );
}
