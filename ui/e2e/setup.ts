import { existsSync } from "node:fs";
import { join } from "node:path";

/** A machine without a browser skips these tests, loudly; CI must have one. */
export default function setup(): void {
  const browser = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  const weir = join(import.meta.dirname, "../../bin/weir");
  if (!existsSync(weir)) throw new Error("bin/weir is not built: make build");
  if (existsSync(browser)) return;
  const what = `no Chromium at ${browser}: THE CANVAS IS NOT TESTED HERE (apt-get install chromium, or set CHROMIUM)`;
  if (process.env["CI"] === "true") throw new Error(what);
  process.stderr.write(`\n${what}\n\n`);
  process.exit(0);
}
