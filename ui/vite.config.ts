import { gzipSync } from "node:zlib";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The server sends these beside the plain files to browsers that take gzip.
const gzip = {
  name: "gzip",
  writeBundle({ dir: out }: { dir?: string }) {
    const dist = out ?? join(import.meta.dirname, "dist");
    const dir = join(dist, "assets");
    for (const name of readdirSync(dir)) {
      if (/\.(js|css|svg)$/.test(name)) {
        const file = join(dir, name);
        writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
      }
    }
    writeFileSync(join(dist, ".keep"), "");
  },
};

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), gzip],
  // budget.mjs bounds what a page loads first; what is loaded later may be larger.
  build: { target: "es2022", outDir: "dist", emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 1000, manifest: "manifest.json" },
  worker: { format: "es" },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true } } },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"], css: { modules: { classNameStrategy: "non-scoped" } } },
});
