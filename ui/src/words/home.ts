import { words } from "./words";

export const home = words({
  "home.title": ["Flows", "플로우"],
});
