import { t } from "../words";
import styles from "./Clashes.module.css";
import { useDraft, useEditor } from "./context";
import { stepName } from "./stepName";
import type { Kept } from "./store";

const shown = (v: unknown): string => {
  if (v === undefined) return t("tools.clashNothing");
  const text = typeof v === "string" ? v : JSON.stringify(v);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};

function One({ kept }: { kept: Kept }) {
  const editor = useEditor();
  const { mine, theirs } = kept.clash;
  const gone = kept.restore.length > 0;
  const who = kept.who === "" ? t("tools.somebody") : kept.who;
  return (
    <li className={styles.one}>
      <p>
        <b>{stepName(kept.label)}.</b> {t(gone ? "tools.clashGone" : "tools.clashOne", { who, what: (gone ? theirs : mine).path.join(".") })}
      </p>
      {!gone && (
        <dl className={styles.sides}>
          <dt>{t("tools.clashMine")}</dt>
          <dd>{shown(mine.value)}</dd>
          <dt>{t("tools.clashTheirs")}</dt>
          <dd>{shown(theirs.value)}</dd>
        </dl>
      )}
      <div className={styles.verbs}>
        <button className={styles.verb} onClick={() => editor.settle(kept, true)}>{t(gone ? "tools.restoreMine" : "tools.takeMine")}</button>
        <button className={styles.verb} onClick={() => editor.settle(kept, false)}>{t("tools.keepTheirs")}</button>
      </div>
    </li>
  );
}

/** Clashes lists my changes that met somebody else's, until each is decided. */
export function Clashes() {
  const kept = useDraft((s) => s.kept);
  if (kept.length === 0) return null;
  return (
    <section className={styles.panel} aria-label={t("tools.clashes")}>
      <h2 className={styles.title}>{t("tools.clashes")}</h2>
      <ul className={styles.list}>{kept.map((k) => <One key={k.id} kept={k} />)}</ul>
    </section>
  );
}
