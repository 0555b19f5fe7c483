import { words } from "./words";

export const pages = words({
  "pages.title": ["Settings", "설정"],
});
