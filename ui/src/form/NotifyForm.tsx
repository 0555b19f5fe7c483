import { Switch } from "../ds/Switch";
import { useDraft, useEditor } from "../editor/context";
import { t } from "../words";
import styles from "./form.module.css";
import { NoticeTest } from "./NoticeTest";
import { PathControl, PathField } from "./PathField";
import { SecretControl } from "./SecretControl";

const events = ["failed", "partial", "late"] as const;

interface Notify {
  webhook?: { secret: string };
  ping?: { secret: string };
  on?: string[];
  late?: string;
}

/** NotifyForm says who is told how runs end. Addresses are secrets. */
export function NotifyForm({ of }: { of: string }) {
  const editor = useEditor();
  const notify = useDraft((s) => s.doc.notify) as Notify | undefined;
  const on = notify?.on ?? events;
  const flip = (event: string, tell: boolean) => {
    const next = events.filter((e) => (e === event ? tell : on.includes(e)));
    const label = t("inspector.does", { property: t("pages.notify"), name: of });
    if (next.length > 0) editor.change(label, [next.length === events.length ? { path: ["notify", "on"] } : { path: ["notify", "on"], value: next }]);
  };
  return (
    <section className={styles.section} aria-label={t("pages.notify")}>
      <h3 className={styles.heading}>{t("pages.notify")}</h3>
      {(["webhook", "ping"] as const).map((key) => (
        <PathControl key={key} path={["notify", key]} of={of} label={t(`pages.${key}`)} doc={t(`pages.${key}Doc`)}>
          {(value, set, ids) => <SecretControl value={value} onCommit={set} ids={ids} />}
        </PathControl>
      ))}
      {notify?.webhook !== undefined && (
        <fieldset className={styles.rows}>
          <legend className={styles.legend}>{t("pages.notifyOn")}</legend>
          {events.map((e) => (
            <label key={e} className={styles.flip}>
              <Switch aria-label={t(`pages.on_${e}`)} checked={on.includes(e)} onChange={(tell) => flip(e, tell)} /> <span aria-hidden="true">{t(`pages.on_${e}`)}</span>
            </label>
          ))}
          <PathField path={["notify", "late"]} of={of} label={t("pages.late")} doc={t("pages.lateDoc")} placeholder="2h" mono />
        </fieldset>
      )}
      {(notify?.webhook ?? notify?.ping) !== undefined && <NoticeTest />}
    </section>
  );
}
