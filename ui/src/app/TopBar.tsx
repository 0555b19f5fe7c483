import { CalendarClock, ChevronRight, Database, History, type LucideIcon, Search, SlidersHorizontal, Workflow, Wrench } from "lucide-react";
import { Link, useLocation } from "wouter";
import { path } from "../api/client";
import type { KindMap } from "../api/kinds";
import { useDraft } from "../editor/context";
import { usePlace } from "../lib/place";
import { type Key, t } from "../words";
import { FlowActions } from "./FlowActions";
import { FlowMenu } from "./FlowMenu";
import { SaveState } from "./SaveState";
import { StatusTotals } from "./StatusTotals";
import styles from "./TopBar.module.css";

const pages: [string, Key, LucideIcon][] = [["", "app.pageCanvas", Workflow], ["parameters", "app.pageParameters", SlidersHorizontal], ["services", "app.pageServices", Database],
  ["versions", "app.pageVersions", History], ["settings", "app.pageSettings", Wrench]];

function Crumbs({ flow }: { flow: string }) {
  const [place, go] = usePlace();
  const name = useDraft((s) => s.doc.name);
  const groups = useDraft((s) => s.doc.groups);
  const trail: string[] = [];
  for (let g = place.group; g !== "" && trail.length < 50; g = groups?.[g]?.parent ?? "") trail.unshift(g);
  return (
    <nav aria-label={t("app.path")} className={styles.crumbs}>
      <Link href="/" className={`${styles.crumb} ${styles.root}`}>{t("app.flows")}</Link>
      <ChevronRight size={14} aria-hidden="true" />
      <button className={styles.crumb} aria-current={trail.length === 0 ? "page" : undefined} onClick={() => go({ group: "", open: "" })}>
        <h1 className={styles.name} title={name ?? flow}>{name ?? flow}</h1>
      </button>
      {trail.map((g) => (
        <span key={g} className={styles.step}>
          <ChevronRight size={14} aria-hidden="true" />
          <button className={styles.crumb} title={groups?.[g]?.name ?? g} aria-current={g === place.group ? "page" : undefined} onClick={() => go({ group: g, open: "" })}>
            {groups?.[g]?.name ?? g}
          </button>
        </span>
      ))}
    </nav>
  );
}

/** TopBar says where one is, how the flow does, and holds its main action. */
export function TopBar({ flow, page, kinds }: { flow: string; page: string; kinds: KindMap }) {
  const [, navigate] = useLocation();
  const [place, go] = usePlace();
  const dated = useDraft((s) => s.doc.mode !== "continuous");
  const openSearch = () => void dispatchEvent(new Event("weir:palette"));
  return (
    <header className={styles.bar}>
      <Link href="/" className={styles.logo}>{t("app.name")}</Link>
      <Crumbs flow={flow} />
      <nav aria-label={t("app.pages")} className={styles.pages}>
        {pages.map(([id, name, Icon]) => (
          <button key={id} className={styles.page} aria-label={t(name)} title={t(name)} aria-current={page === id ? "page" : undefined}
            onClick={() => navigate(id === "" ? path(["flows", flow]) : path(["flows", flow, id]))}>
            <Icon size={16} aria-hidden="true" className={styles.icon} />
            <span className={styles.text}>{t(name)}</span>
          </button>
        ))}
        {dated && (
          <button className={styles.page} aria-label={t("app.tabRuns")} title={t("app.tabRuns")} aria-pressed={page === "" && place.drawer === "runs"}
            onClick={() => (page === "" ? go({ drawer: place.drawer === "runs" ? "" : "runs" }) : navigate(`${path(["flows", flow])}?drawer=runs`))}>
            <CalendarClock size={16} aria-hidden="true" className={styles.icon} />
            <span className={styles.text}>{t("app.tabRuns")}</span>
          </button>
        )}
      </nav>
      <SaveState />
      <span className={styles.gap} />
      <StatusTotals flow={flow} />
      <button className={styles.search} onClick={openSearch}>
        <Search size={14} aria-hidden="true" /> <span className="sr">{t("app.search")}</span> <kbd>Ctrl K</kbd>
      </button>
      <FlowActions flow={flow} kinds={kinds} />
      <FlowMenu flow={flow} />
    </header>
  );
}
