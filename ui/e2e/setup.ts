import { existsSync } from "node:fs";
import { program } from "./weir";

/** A machine without a browser skips these tests, loudly; CI must have one. */
export default function setup(): void {
  const browser = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  if (!existsSync(program)) throw new Error(`${program} is not built: make build`);
  if (existsSync(browser)) return;
  const what = `no Chromium at ${browser}: THE CANVAS IS NOT TESTED HERE (apt-get install chromium, or set CHROMIUM)`;
  if (process.env["CI"] === "true") throw new Error(what);
  process.stderr.write(`\n${what}\n\n`);
  process.exit(0);
}
