// Figures of the canvas in a real browser against the real program: how soon a
// large flow is ready, what a drag costs while live numbers arrive, and what an
// idle page costs. Times are of the page's main thread, from the browser's own
// counters; machines are noisy, so each line stands beside the others of its run.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";

const program = join(import.meta.dirname, "../../bin/weir");
const data = mkdtempSync(join(tmpdir(), "weir-bench-ui-"));
const sizes = (process.argv[2] ?? "500,2000,5000").split(",").map(Number);

function launch() {
  const p = spawn(program, ["demo", "--data", data, "--listen", "127.0.0.1:0", "--users", "200"], { env: { ...process.env, LANG: "C" } });
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (b) => {
      said += b;
      const found = /http:\/\/[\d.:]+\/\?token=\S+/.exec(said);
      if (found) resolve({ p, link: found[0] });
    };
    p.stdout.on("data", hear);
    p.stderr.on("data", hear);
    p.on("exit", (code) => reject(new Error(`weir ended with ${code}: ${said}`)));
  });
}

/** A flow of n nodes in chains of ten, each beginning at a source that works. */
function flowOf(n) {
  const nodes = {};
  const connections = {};
  const layout = {};
  const columns = Math.ceil(Math.sqrt(n) / 10) * 10;
  for (let i = 0; i < n; i++) {
    const id = `n-${i}`;
    const first = i % 10 === 0;
    const last = i % 10 === 9 || i === n - 1;
    nodes[id] = first
      ? { kind: "GenerateFlowFile", name: `Source ${i}`, settings: { text: "x" }, every: "2s", ...(last ? { terminate: ["success"] } : {}) }
      : { kind: "UpdateAttribute", name: `단계 ${i}`, settings: { set: { [`a${i % 10}`]: "1" } }, terminate: last ? ["failure", "success"] : ["failure"] };
    if (!first) connections[`c-${i}`] = { from: `n-${i - 1}`, output: "success", to: id };
    layout[id] = [(i % columns) * 296, Math.floor(i / columns) * 148];
    if (last) nodes[id].discard = first || undefined;
  }
  return { weir: 1, id: `bench-${n}`, name: `Bench ${n}`, mode: "continuous", nodes, connections, layout };
}

async function metrics(cdp) {
  const { metrics: list } = await cdp.send("Performance.getMetrics");
  const of = (name) => list.find((m) => m.name === name).value;
  return { task: of("TaskDuration"), script: of("ScriptDuration"), nodes: of("Nodes"), heap: of("JSHeapUsedSize"), at: of("Timestamp") };
}

/** Main-thread milliseconds per frame while act goes on. */
async function perFrame(page, cdp, act) {
  await page.evaluate(() => {
    window.frames_ = 0;
    const count = () => {
      window.frames_++;
      window.going_ = requestAnimationFrame(count);
    };
    count();
  });
  const a = await metrics(cdp);
  await act();
  const b = await metrics(cdp);
  const frames = await page.evaluate(() => {
    cancelAnimationFrame(window.going_);
    return window.frames_;
  });
  return { ms: ((b.task - a.task) * 1000) / frames, fps: frames / (b.at - a.at) };
}

const { p, link } = await launch();
try {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(link);
  const origin = new URL(link).origin;
  const ask = (method, path, body) =>
    page.evaluate(async ([m, u, b]) => {
      const r = await fetch(u, { method: m, headers: { "Content-Type": "application/json" }, body: b && JSON.stringify(b) });
      if (!r.ok) throw new Error(`${m} ${u}: ${r.status} ${(await r.text()).slice(0, 400)}`);
      return r.json();
    }, [method, `${origin}/api/v1${path}`, body]);
  process.stdout.write("nodes   ready ms   DOM elements   heap MB   idle ms/frame   drag ms/frame (fps)   pan ms/frame (fps)\n");
  for (const n of sizes) {
    const flow = flowOf(n);
    await ask("POST", "/flows", { doc: flow });
    await ask("POST", `/flows/${flow.id}/start`, {});
    const began = Date.now();
    await page.goto(`${origin}/flows/${flow.id}`, { waitUntil: "commit" });
    await page.locator("[data-canvas-ready]").waitFor();
    const ready = Date.now() - began;
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Performance.enable");
    // Close enough that cards are drawn in full.
    for (let i = 0; i < 12 && (await page.locator("[data-canvas-ready]").getAttribute("data-mode")) === "overview"; i++) {
      await page.getByRole("button", { name: "Zoom in" }).click();
      await page.waitForTimeout(300);
    }
    for (let i = 0; i < 3; i++) {
      await page.getByRole("button", { name: "Zoom in" }).click();
      await page.waitForTimeout(300);
    }
    const card = page.locator(".react-flow__node").first();
    await card.waitFor();
    const elements = await page.evaluate(() => document.querySelectorAll("*").length);
    const idle = await perFrame(page, cdp, () => page.waitForTimeout(3000));
    const box = await card.boundingBox();
    const [x, y] = [box.x + 90, box.y + 14];
    await page.mouse.move(x, y);
    await page.mouse.down();
    const drag = await perFrame(page, cdp, async () => {
      for (let i = 1; i <= 90; i++) await page.mouse.move(x + i * 2, y + i);
    });
    await page.mouse.up();
    const pan = await perFrame(page, cdp, async () => {
      for (let i = 0; i < 90; i++) await page.mouse.wheel(12, 6);
    });
    const { heap } = await metrics(cdp);
    const f = (v, w) => v.toFixed(1).padStart(w);
    process.stdout.write(`${String(n).padStart(5)} ${String(ready).padStart(10)} ${String(elements).padStart(14)} ${f(heap / 1e6, 9)} ${f(idle.ms, 15)} ${f(drag.ms, 15)} (${drag.fps.toFixed(0)}) ${f(pan.ms, 14)} (${pan.fps.toFixed(0)})\n`);
    await ask("POST", `/flows/${flow.id}/stop`, {});
  }
  await browser.close();
} finally {
  p.removeAllListeners("exit");
  p.kill("SIGKILL");
  rmSync(data, { recursive: true, force: true });
}
