import { words } from "./words";

export const tools = words({
  "tools.title": ["Tools", "도구"],
});
