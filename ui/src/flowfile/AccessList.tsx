import type { Both } from "../api/kinds";
import { type Key, t, useLang } from "../words";
import styles from "./AccessList.module.css";

/** Access is all that a flow may touch outside Weir, as the server tells it. */
export interface Access {
  touches: { group: string; value: string; on?: string; why?: Both; by: string[] }[];
  changes?: { node: string; what: Both }[];
}

const groups = [
  ["read_file", "app.accessReadFile"], ["write_file", "app.accessWriteFile"], ["read", "app.accessRead"], ["write", "app.accessWrite"], ["use", "app.accessUse"], ["host", "app.accessHost"],
  ["api", "app.accessApi"], ["role", "app.accessRole"], ["permission", "app.accessPermission"], ["scope", "app.accessScope"], ["secret", "app.accessSecret"],
] as const satisfies readonly (readonly [string, Key])[];

/** AccessList tells what a flow may touch, by sort, each with who does and why. */
export function AccessList({ access }: { access: Access }) {
  const lang = useLang();
  const there = groups.map(([group, title]) => ({ title, touches: access.touches.filter((x) => x.group === group) })).filter((g) => g.touches.length > 0);
  if (there.length === 0) return <p className={styles.none}>{t("app.accessNothing")}</p>;
  return (
    <dl className={styles.access}>
      {there.map(({ title, touches }) => (
        <div key={title} className={styles.group}>
          <dt>{t(title)}</dt>
          {touches.map((x) => (
            <dd key={`${x.value} ${x.on ?? ""}`}>
              <code>{x.value}</code>{x.on !== undefined && <span> ({x.on})</span>}
              <span className={styles.by}>{[x.by.join(", "), x.why?.[lang]].filter(Boolean).join(" · ")}</span>
            </dd>
          ))}
        </div>
      ))}
    </dl>
  );
}
