// The first load of the canvas, gzipped: the entry, the page of a flow and what
// both import. Over the budget, the check fails.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const budget = 320 * 1024;
const dist = join(import.meta.dirname, "dist");
const manifest = JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8"));
const files = new Set();

function take(key) {
  const chunk = manifest[key];
  if (chunk === undefined) throw new Error(`the build has no ${key}`);
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const next of chunk.imports ?? []) take(next);
}

take("index.html");
take("src/app/FlowPage.tsx");
let sum = 0;
for (const file of files) {
  const size = readFileSync(join(dist, `${file}.gz`)).length;
  sum += size;
  process.stdout.write(`${(size / 1024).toFixed(1).padStart(8)} KB  ${file}\n`);
}
process.stdout.write(`${(sum / 1024).toFixed(1).padStart(8)} KB  first load, gzipped; the budget is ${budget / 1024} KB\n`);
if (sum > budget) {
  process.stderr.write("the first load is over its budget\n");
  process.exit(1);
}
