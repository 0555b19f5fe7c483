import { useLayoutEffect } from "react";

/** useRoom tells style sheets how many pixels of the page a panel takes, as --drawer or --inspector. */
export function useRoom(panel: "drawer" | "inspector", pixels: number): void {
  useLayoutEffect(() => {
    const { style } = document.documentElement;
    style.setProperty(`--${panel}`, `${pixels}px`);
    return () => void style.removeProperty(`--${panel}`);
  }, [panel, pixels]);
}
