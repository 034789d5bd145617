//! The real server, over a store of its own in a temporary folder.

import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "../..");
const run = promisify(execFile);

function program(): string {
  const path = process.env["HIL_BIN"];
  if (!path) throw new Error("HIL_BIN must name the program `hil`, such as target/debug/hil");
  return path;
}

export interface KeyOptions {
  readonly readOnly?: boolean;
}

export class Hil {
  #child: ChildProcess | null = null;
  #port = 0;

  private constructor(
    readonly folder: string,
    private readonly options: readonly string[],
  ) {}

  /** A folder with an empty store; nothing is served yet. */
  static async create(...options: string[]): Promise<Hil> {
    return new Hil(await mkdtemp(join(tmpdir(), "hil-e2e-")), options);
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get #store(): string {
    return join(this.folder, "runs.db");
  }

  get #env(): NodeJS.ProcessEnv {
    const { HIL_STORE: _store, HIL_API_KEY: _key, ...env } = process.env;
    return { ...env, XDG_DATA_HOME: join(this.folder, "data") };
  }

  /** Runs `hil` to its end; a red run is no error here. */
  async command(...args: string[]): Promise<string> {
    const { stdout } = await run(program(), args, { cwd: ROOT, env: this.#env, timeout: 60_000 });
    return stdout;
  }

  async record(...args: string[]): Promise<void> {
    await this.command("run", "--store", this.#store, "--reports", join(this.folder, "reports"), ...args);
  }

  async key(options: KeyOptions = {}): Promise<string> {
    const user = options.readOnly ? "wall@example.com" : "ada@example.com";
    const more = options.readOnly ? ["--read-only"] : [];
    return (await this.command("key", "create", "--user", user, "--store", this.#store, ...more)).trim();
  }

  /** Serves; a second time at the same port. */
  async start(): Promise<void> {
    const args = ["serve", "--listen", `127.0.0.1:${this.#port}`, "--store", this.#store, ...this.options];
    const child = spawn(program(), args, { cwd: ROOT, env: this.#env, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    createInterface({ input: child.stderr }).on("line", (line) => {
      // A line for each request would bury what matters.
      if (!/ INFO hil_server: answered /.test(line)) console.error(line);
    });
    const said = createInterface({ input: child.stdout });
    for await (const line of said) {
      const port = /http:\/\/[^:]+:(\d+)/.exec(line)?.[1];
      if (port === undefined) continue;
      this.#port = Number(port);
      // What it says later is read, so that its pipe never fills.
      child.stdout.resume();
      return;
    }
    throw new Error("the server ended before it listened");
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  }

  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async post(path: string, body: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(this.url + path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  }

  /** Runs a job to its end. */
  async job(order: unknown): Promise<void> {
    const { job_id } = await this.post("/v1/jobs", order);
    let status: unknown;
    do {
      await setTimeout(50);
      const response = await fetch(`${this.url}/v1/jobs/${job_id}`);
      ({ status } = (await response.json()) as { status: unknown });
    } while (status === "queued" || status === "running");
  }

  async delete(path: string): Promise<void> {
    const response = await fetch(this.url + path, { method: "DELETE" });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }

  async put(path: string, body: string | Uint8Array<ArrayBuffer>, key: string): Promise<void> {
    const response = await fetch(this.url + path, { method: "PUT", body, headers: { Authorization: `Bearer ${key}` } });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }
}
