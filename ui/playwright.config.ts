import { defineConfig } from "@playwright/test";

// The browser of the system; its own downloads are not needed. Each test starts
// the real program with its sandbox inside.
export default defineConfig({
  testDir: "e2e",
  outputDir: "e2e/out",
  // The pictures of the screens hang on no platform.
  snapshotPathTemplate: "{testDir}/screens/{arg}{ext}",
  timeout: 90_000,
  expect: { timeout: 15_000 },
  fullyParallel: false,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  reporter: [["list"]],
  globalSetup: "./e2e/setup.ts",
  use: {
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--font-render-hinting=none"],
    },
    actionTimeout: 15_000,
    trace: "off",
    screenshot: "only-on-failure",
  },
});
