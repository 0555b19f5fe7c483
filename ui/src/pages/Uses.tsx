import { Link } from "wouter";
import { path } from "../api/client";
import { useDraft } from "../editor/context";
import { t } from "../words";
import styles from "./Edit.module.css";
import type { Use } from "./usage";

/** Uses lists where something is used; each leads to its place on the canvas. */
export function Uses({ uses }: { uses: readonly Use[] }) {
  const flow = useDraft((s) => s.flow);
  if (uses.length === 0) return <span className={styles.none}>{t("pages.usedNowhere")}</span>;
  return (
    <span className={styles.uses}>
      {uses.map((u) => (u.open === "" ? <span key={u.path.join(".")}>{u.name}</span> : <Link key={u.path.join(".")} href={`${path(["flows", flow])}?open=${encodeURIComponent(u.open)}`}>{u.name}</Link>))}
    </span>
  );
}
