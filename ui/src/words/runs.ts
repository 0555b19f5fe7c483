import { words } from "./words";

export const runs = words({
  "runs.title": ["Runs", "실행"],
});
