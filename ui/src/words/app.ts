import { words } from "./words";

export const app = words({
  "app.name": ["Weir", "Weir"],
});
