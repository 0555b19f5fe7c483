// Tidying up: which cards are laid out, and the worker that does it.
import type { Scene } from "../model/scene";
import type { TidyJob, TidyPlaces } from "./layout";

/** jobOf takes the cards to lay out from a scene: those selected, or all when fewer than two are; notes stay. */
export function jobOf(scene: Scene, selection: ReadonlySet<string>): TidyJob {
  const all = scene.cards.filter((c) => c.type !== "label");
  const chosen = all.filter((c) => selection.has(c.id));
  const cards = chosen.length > 1 ? chosen : all;
  const ids = new Set(cards.map((c) => c.id));
  return {
    cards: cards.map((c) => ({ id: c.id, at: c.at, size: c.size, outputs: c.outputs.map((p) => p.name) })),
    wires: scene.wires.filter((w) => ids.has(w.from) && ids.has(w.to)).map((w) => ({ from: w.from, port: w.port, to: w.to })),
  };
}

/** tidy lays cards out in a worker; aborting ends the worker at once. */
export function tidy(job: TidyJob, signal?: AbortSignal): Promise<TidyPlaces> {
  if (typeof Worker === "undefined") return import("./layout").then((m) => m.arrange(job));
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    const end = () => {
      worker.terminate();
      signal?.removeEventListener("abort", abort);
    };
    const abort = () => {
      end();
      reject(new DOMException("tidying was cancelled", "AbortError"));
    };
    worker.addEventListener("message", (e: MessageEvent<TidyPlaces>) => {
      end();
      resolve(e.data);
    });
    worker.addEventListener("error", (e) => {
      end();
      reject(new Error(e.message));
    });
    if (signal?.aborted === true) return abort();
    signal?.addEventListener("abort", abort);
    worker.postMessage(job);
  });
}
