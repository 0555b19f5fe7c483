import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const root = import.meta.dirname;
const manifest = JSON.parse(readFileSync(join(root, "../../package.json"), "utf8")) as { dependencies: Record<string, string> };

const isFile = (path: string) => existsSync(path) && statSync(path).isFile();

/** found is the file an import names, or undefined for a package. */
const found = (from: string, name: string): string | undefined =>
  ["", ".ts", ".tsx", "/index.ts", "/index.tsx"].map((end) => join(dirname(from), name) + end).find(isFile);

/** walk collects all files and packages that index.html reaches. Modules of tests stand in folders testing/. */
function walk(): { files: Set<string>; packages: Set<string> } {
  const files = new Set([...readFileSync(join(root, "../index.html"), "utf8").matchAll(/"\/src\/([^"]+)"/g)].map((m) => join(root, m[1] ?? "")));
  const packages = new Set<string>();
  for (const file of files) {
    if (!/\.(tsx?|css)$/.test(file)) continue;
    for (const [, name] of readFileSync(file, "utf8").matchAll(/(?:from |import |import\(|new URL\(|(?<!\.)url\()\s*["']([^"']+)["']/g)) {
      if (name === undefined) continue;
      if (!name.startsWith(".")) packages.add(name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/"));
      else files.add(found(file, name.replace(/\?.*$/, "")) ?? name);
    }
  }
  return { files, packages };
}

test("every module is reached from index.html, and every import is there", () => {
  const { files } = walk();
  const all = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((f) => /\.(tsx?|css|svg)$/.test(f) && !/\.test\.tsx?$|\.d\.ts$|\btesting\//.test(f));
  expect(all.filter((f) => !files.has(join(root, f)))).toEqual([]);
  expect([...files].filter((f) => !isFile(f)).map((f) => relative(root, f))).toEqual([]);
});

test("every dependency of package.json is imported, and every import is a dependency", () => {
  const { packages } = walk();
  expect([...packages].sort()).toEqual(Object.keys(manifest.dependencies).sort());
});
