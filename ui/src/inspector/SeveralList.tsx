import { StateMark } from "../canvas/NodeCard";
import { shownState, stateWord } from "../canvas/names";
import { faultsOf } from "../canvas/faults";
import { KindGlyph } from "../ds/KindGlyph";
import { useDraft, useEditor } from "../editor/context";
import { useNodeRow } from "../live/hooks";
import { usePlace } from "../lib/place";
import { t } from "../words";
import styles from "./several.module.css";

const most = 100;

function One({ slug }: { slug: string }) {
  const editor = useEditor();
  const [, go] = usePlace();
  const flow = useDraft((s) => s.doc.id);
  const node = useDraft((s) => s.doc.nodes[slug]);
  const faults = useDraft((s) => faultsOf(s.problems, slug));
  const state = shownState(useNodeRow(flow, slug), faults?.errors ?? 0);
  const open = () => {
    editor.select([slug]);
    go({ open: slug });
  };
  return (
    <li>
      <button className={styles.one} onClick={open}>
        <KindGlyph kind={node?.kind ?? ""} />
        <span className={styles.name}>{node?.name ?? slug}</span>
        <span className={styles.state}><StateMark state={state} /> {stateWord(state)}</span>
      </button>
    </li>
  );
}

/** SeveralList names the nodes that are selected and how each does; one of them is opened by a click. */
export function SeveralList({ slugs }: { slugs: readonly string[] }) {
  return (
    <>
      <ul className={styles.list}>{slugs.slice(0, most).map((s) => <One key={s} slug={s} />)}</ul>
      {slugs.length > most && <p className={styles.more}>{t("inspector.severalMore", { n: slugs.length - most })}</p>}
    </>
  );
}
