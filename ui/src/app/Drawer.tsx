import { X } from "lucide-react";
import { type ComponentType, type KeyboardEvent, lazy, type PointerEvent, Suspense, useState } from "react";
import { usePlace } from "../lib/place";
import { useRoom } from "../lib/room";
import { type Key, t } from "../words";
import { Boundary } from "./Boundary";
import styles from "./Drawer.module.css";

type Content = ComponentType<{ flow: string }>;

const contents: Record<string, { name: Key; view: Content }> = {
  runs: { name: "app.tabRuns", view: lazy(() => import("../runs/RunsDrawer").then((m) => ({ default: m.RunsDrawer }))) },
  queue: { name: "app.tabQueue", view: lazy(() => import("../queue/QueueDrawer").then((m) => ({ default: m.QueueDrawer }))) },
  parked: { name: "app.tabParked", view: lazy(() => import("../queue/ParkedDrawer").then((m) => ({ default: m.ParkedDrawer }))) },
  bulletins: { name: "app.tabBulletins", view: lazy(() => import("../bulletins/BulletinsDrawer").then((m) => ({ default: m.BulletinsDrawer }))) },
  logs: { name: "app.tabLogs", view: lazy(() => import("../logs/LogsDrawer").then((m) => ({ default: m.LogsDrawer }))) },
  problems: { name: "app.tabProblems", view: lazy(() => import("./Problems").then((m) => ({ default: m.Problems }))) },
};

const least = 160;
const kept = () => Math.max(least, Number(localStorage.getItem("weir.drawer")) || 300);

/** Drawer shows runs, a queue, problems and more below the canvas. */
export function Drawer({ flow }: { flow: string }) {
  const [place, go] = usePlace();
  const [height, setHeight] = useState(kept);
  useRoom("drawer", height);
  const resize = (h: number) => {
    const next = Math.round(Math.max(least, Math.min(h, window.innerHeight - 200)));
    localStorage.setItem("weir.drawer", String(next));
    setHeight(next);
  };
  const most = Math.max(least, window.innerHeight - 200);
  const steps: Record<string, number> = { ArrowUp: height + 24, ArrowDown: height - 24, Home: least, End: most };
  const key = (e: KeyboardEvent) => {
    const to = steps[e.key];
    if (to === undefined) return;
    e.preventDefault();
    resize(to);
  };
  const drag = (e: PointerEvent<HTMLDivElement>) => {
    if (e.currentTarget.hasPointerCapture(e.pointerId)) resize(window.innerHeight - e.clientY);
  };
  const { view: View, name } = contents[place.drawer] ?? {};
  // One stop of Tab; the arrow keys go on from it, round and round.
  const ids = Object.keys(contents);
  const stop = name === undefined ? ids[0] : place.drawer;
  const turn = (e: KeyboardEvent<HTMLElement>) => {
    const at = ids.indexOf(place.drawer);
    const ways: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
    const to = ways[e.key];
    const id = to === undefined ? undefined : ids.at(to % ids.length);
    if (id === undefined) return;
    e.preventDefault();
    document.getElementById(`drawer-tab-${id}`)?.focus();
    go({ drawer: id, item: "" });
  };
  return (
    <section className={styles.drawer} aria-label={t("app.drawer")} style={{ height }}>
      <div
        className={styles.grip} role="separator" tabIndex={0} aria-orientation="horizontal" aria-label={t("app.heightOf")}
        aria-valuenow={height} aria-valuemin={least} aria-valuemax={most}
        onPointerDown={(e) => e.currentTarget.setPointerCapture(e.pointerId)} onPointerMove={drag}
        onKeyDown={key}
      />
      <div className={styles.bar}>
        {/* oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- the chosen tab has the focus for it */}
        <div role="tablist" className={styles.tabs} aria-label={t("app.drawer")} onKeyDown={turn}>
          {Object.entries(contents).map(([id, c]) => (
            <button key={id} id={`drawer-tab-${id}`} role="tab" aria-selected={place.drawer === id} aria-controls={place.drawer === id ? "drawer-panel" : undefined} tabIndex={id === stop ? 0 : -1} className={styles.tab} onClick={() => go({ drawer: id, item: "" })}>
              {t(c.name)}
            </button>
          ))}
        </div>
        <button className={styles.close} aria-label={t("app.close")} onClick={() => go({ drawer: "", item: "" })}>
          <X size={16} />
        </button>
      </div>
      <div id="drawer-panel" role="tabpanel" aria-labelledby={`drawer-tab-${stop}`} className={styles.content}>
        <Boundary what={name === undefined ? t("app.drawer") : t(name)} of={[place.drawer, place.run, place.wire, place.item].join(" ")}>
          <Suspense fallback={null}>{View !== undefined && <View flow={flow} />}</Suspense>
        </Boundary>
      </div>
    </section>
  );
}
