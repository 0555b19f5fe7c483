// The real program, started for a test with its sandbox inside, and a page that
// is signed in to it.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect, type Page } from "@playwright/test";

/** program is the server that is tried: WEIR_BIN, or the one that make built. */
export const program = process.env["WEIR_BIN"] ?? join(import.meta.dirname, "../../bin/weir");

/** Weir is a running server. */
export class Weir {
  readonly data: string;
  private process: ChildProcess | undefined;
  /** link signs a browser in, once. */
  link = "";
  /** origin is the server's address. */
  origin = "";

  constructor() {
    this.data = mkdtempSync(join(tmpdir(), "weir-e2e-"));
  }

  /** start runs the demo's server, or a bare one, at the same address when it ran before. */
  async start(what: "demo" | "bare" = "demo"): Promise<void> {
    const listen = this.origin === "" ? "127.0.0.1:0" : this.origin.replace("http://", "");
    const on = ["--data", this.data, "--listen", listen];
    await this.run(what === "demo" ? ["demo", ...on, "--users", "400"] : ["serve", ...on]);
  }

  /** tell runs a verb of the command line on the server, with what it reads. */
  tell(verb: string[], input: string): void {
    execFileSync(program, [...verb, "--data", this.data], { input, stdio: ["pipe", "ignore", "inherit"] });
  }

  private run(args: string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const p = spawn(program, args, { env: { ...process.env, LANG: "en_US.UTF-8" } });
      this.process = p;
      let said = "";
      const hear = (chunk: Buffer) => {
        said += chunk.toString();
        const found = /(http:\/\/[\d.:]+)\/\?token=\S+/.exec(said);
        if (found?.[1] !== undefined) {
          this.link = found[0];
          this.origin = found[1];
          resolve();
        }
      };
      p.stdout.on("data", hear);
      p.stderr.on("data", hear);
      p.on("exit", (code) => reject(new Error(`weir ended with ${code}:\n${said}`)));
    });
  }

  /** kill ends the program at once, as a crash does. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const p = this.process;
    if (p === undefined || p.exitCode !== null || p.signalCode !== null) return;
    await new Promise((done) => {
      p.removeAllListeners("exit");
      p.on("exit", done);
      p.kill(signal);
    });
  }

  remove(): void {
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** test gives each test its server and a page signed in. */
export const test = base.extend<{ weir: Weir; home: Page }>({
  weir: async ({}, use) => {
    const weir = new Weir();
    await weir.start();
    await use(weir);
    await weir.kill();
    weir.remove();
  },
  home: async ({ page, weir }, use) => {
    const broken: string[] = [];
    page.on("pageerror", (e) => broken.push(e.stack ?? e.message));
    await page.goto(weir.link);
    await use(page);
    expect(broken, "the page threw nothing").toEqual([]);
  },
});

export { expect };

/** api asks the server as the page does. */
export async function api<T = unknown>(page: Page, method: string, path: string, body?: unknown): Promise<T> {
  const got = await page.evaluate(async ([m, u, b]) => {
    const r = await fetch(`/api/v1${u}`, { method: m as string, headers: { "Content-Type": "application/json" }, ...(b !== undefined && { body: JSON.stringify(b) }) });
    return { ok: r.ok, status: r.status, text: await r.text() };
  }, [method, path, body] as const);
  if (!got.ok) throw new Error(`${method} ${path}: ${got.status} ${got.text.slice(0, 400)}`);
  return JSON.parse(got.text === "" ? "null" : got.text) as T;
}

/** dress gives a page its theme and language before it loads. */
export async function dress(page: Page, theme: "light" | "dark", lang: "en" | "ko"): Promise<void> {
  await page.addInitScript(([t, l]) => {
    localStorage.setItem("weir.theme", t as string);
    localStorage.setItem("weir.lang", l as string);
  }, [theme, lang]);
}

/** newestRun returns the id of a flow's newest run that has ended, once there is one. */
export async function newestRun(page: Page, flow: string): Promise<string> {
  let run = "";
  await expect.poll(async () => {
    const { runs } = await api<{ runs: { id: string; state: string }[] }>(page, "GET", `/runs?flow=${flow}&limit=5`);
    run = runs.find((r) => !["WAITING", "READY", "RUNNING", "QUEUED"].includes(r.state))?.id ?? "";
    return run;
  }, { timeout: 60_000 }).not.toBe("");
  return run;
}
