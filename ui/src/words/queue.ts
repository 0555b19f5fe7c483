import { words } from "./words";

export const queue = words({
  "queue.title": ["Queue", "큐"],
});
