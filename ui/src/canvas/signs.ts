import { useEffect, useState, useSyncExternalStore } from "react";
import { connectLive } from "../live/socket";

/** useStale tells whether the numbers shown are old: the socket is down or silent. */
export function useStale(): boolean {
  return useSyncExternalStore((tell) => connectLive().hearLink(tell), () => {
    const link = connectLive().linkState();
    return !link.up || link.stale > 0;
  });
}

/** useAlt tells whether Alt is held, which lets go of the grid. */
export function useAlt(): boolean {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    const key = (e: KeyboardEvent) => setHeld(e.altKey);
    const off = () => setHeld(false);
    addEventListener("keydown", key);
    addEventListener("keyup", key);
    addEventListener("blur", off);
    return () => {
      removeEventListener("keydown", key);
      removeEventListener("keyup", key);
      removeEventListener("blur", off);
    };
  }, []);
  return held;
}
