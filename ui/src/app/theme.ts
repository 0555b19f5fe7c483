import { useSyncExternalStore } from "react";

/** Theme is what the user chose; "system" follows the machine. */
export type Theme = "system" | "light" | "dark";

const dark = matchMedia("(prefers-color-scheme: dark)");
const hearers = new Set<() => void>();

const chosen = (): Theme => {
  const kept = localStorage.getItem("weir.theme");
  return kept === "light" || kept === "dark" ? kept : "system";
};

function paint(): void {
  const theme = chosen();
  document.documentElement.dataset["theme"] = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
  hearers.forEach((hear) => hear());
}

dark.addEventListener("change", paint);
// What is chosen in one tab holds in all.
window.addEventListener("storage", (e) => e.key === "weir.theme" && paint());
paint();

/** useTheme returns the theme chosen and a way to choose another. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore((hear) => {
    hearers.add(hear);
    return () => hearers.delete(hear);
  }, chosen);
  return [theme, choose];
}

/** nextTheme is the choice after this one: the first looks other than the machine does. */
export function nextTheme(theme: Theme): Theme {
  const order: Theme[] = dark.matches ? ["system", "light", "dark"] : ["system", "dark", "light"];
  return order[(order.indexOf(theme) + 1) % order.length] ?? "system";
}

function choose(theme: Theme): void {
  localStorage.setItem("weir.theme", theme);
  paint();
}
