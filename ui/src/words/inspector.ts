import { words } from "./words";

export const inspector = words({
  "inspector.title": ["Properties", "속성"],
});
