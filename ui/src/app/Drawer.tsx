import { X } from "lucide-react";
import { type ComponentType, lazy, type PointerEvent, Suspense, useState } from "react";
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
    const next = Math.min(Math.max(h, least), window.innerHeight - 200);
    localStorage.setItem("weir.drawer", String(next));
    setHeight(next);
  };
  const drag = (e: PointerEvent<HTMLDivElement>) => {
    if (e.currentTarget.hasPointerCapture(e.pointerId)) resize(window.innerHeight - e.clientY);
  };
  const { view: View, name } = contents[place.drawer] ?? {};
  return (
    <section className={styles.drawer} aria-label={t("app.drawer")} style={{ height }}>
      <div
        className={styles.grip} role="separator" tabIndex={0} aria-orientation="horizontal" aria-label={t("app.heightOf")}
        aria-valuenow={height} aria-valuemin={least}
        onPointerDown={(e) => e.currentTarget.setPointerCapture(e.pointerId)} onPointerMove={drag}
        onKeyDown={(e) => (e.key === "ArrowUp" ? resize(height + 24) : e.key === "ArrowDown" ? resize(height - 24) : undefined)}
      />
      <div className={styles.bar}>
        <div role="tablist" className={styles.tabs} aria-label={t("app.drawer")}>
          {Object.entries(contents).map(([id, c]) => (
            <button key={id} role="tab" aria-selected={place.drawer === id} className={styles.tab} onClick={() => go({ drawer: id, item: "" })}>
              {t(c.name)}
            </button>
          ))}
        </div>
        <button className={styles.close} aria-label={t("app.close")} onClick={() => go({ drawer: "", item: "" })}>
          <X size={16} />
        </button>
      </div>
      <div className={styles.content}>
        <Boundary what={name === undefined ? t("app.drawer") : t(name)} of={[place.drawer, place.run, place.wire, place.item].join(" ")}>
          <Suspense fallback={null}>{View !== undefined && <View flow={flow} />}</Suspense>
        </Boundary>
      </div>
    </section>
  );
}
