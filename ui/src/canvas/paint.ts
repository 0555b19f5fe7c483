// Painting on a plain canvas when something it shows has changed, at most once a
// frame, and sharp on any screen.
import { useEffect, useRef } from "react";
import { readInk, type Ink } from "./sketch";

type Paint = (c: CanvasRenderingContext2D, size: { w: number; h: number }, ink: Ink) => void;

/** usePainted gives a canvas its paint; `wake` subscribes to what else asks for another coat. */
export function usePainted(paint: Paint, wake: (again: () => void) => () => void) {
  const ref = useRef<HTMLCanvasElement>(null);
  const latest = useRef(paint);
  latest.current = paint;
  const again = useRef<() => void>(() => {});
  useEffect(() => {
    const el = ref.current;
    const c = el?.getContext("2d");
    if (el === null || c === null || c === undefined) return;
    let frame = 0;
    let ink = readInk(el);
    const draw = () => {
      frame = 0;
      const w = el.clientWidth;
      const h = el.clientHeight;
      const ratio = window.devicePixelRatio || 1;
      if (el.width !== Math.round(w * ratio) || el.height !== Math.round(h * ratio)) {
        el.width = Math.round(w * ratio);
        el.height = Math.round(h * ratio);
      }
      c.setTransform(ratio, 0, 0, ratio, 0, 0);
      latest.current(c, { w, h }, ink);
    };
    const ask = () => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    };
    again.current = ask;
    const size = new ResizeObserver(ask);
    size.observe(el);
    const theme = new MutationObserver(() => {
      ink = readInk(el);
      ask();
    });
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const sleep = wake(ask);
    draw();
    return () => {
      cancelAnimationFrame(frame);
      size.disconnect();
      theme.disconnect();
      sleep();
    };
  }, [wake]);
  // What the component was given may have changed with this render.
  useEffect(() => again.current());
  return ref;
}
