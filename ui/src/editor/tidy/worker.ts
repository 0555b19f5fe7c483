// The worker that lays cards out, so that the page stays free meanwhile.
import { arrange, type TidyJob } from "./layout";

addEventListener("message", (e: MessageEvent<TidyJob>) => {
  postMessage(arrange(e.data));
});
