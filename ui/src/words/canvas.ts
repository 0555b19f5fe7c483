import { words } from "./words";

export const canvas = words({
  "canvas.title": ["Canvas", "캔버스"],
});
