//! A job as its messages tell it.

import { Bounded } from "./bounded.ts";
import { Frames } from "./frames.ts";
import { newPlugin, type Plugin } from "./plugin.ts";
import { Supply } from "./supply.ts";

export type Level = "debug" | "info" | "warning" | "error" | "gap";

export interface Line {
  readonly key: number;
  readonly at: string;
  readonly level: Level;
  readonly source: string;
  readonly message: string;
}

export interface OutputVerified {
  readonly confirmed: boolean;
  readonly rail: number | null;
  readonly how: string;
}

export interface Measured {
  readonly key: number;
  readonly plugin: string;
  readonly name: string;
  readonly shown: string;
  readonly unit: string;
  readonly outcome: string;
}

export interface Counts {
  readonly total: number;
  readonly done: number;
  readonly passed: number;
  readonly failed: number;
  readonly errored: number;
  readonly skipped: number;
}

const FINAL = ["completed", "failed", "aborted", "interrupted"];

export class Job {
  progress = 0;
  stage: string | null = null;
  /** The final status, once it was said. */
  ended: string | null = null;
  startedAt: string | null = null;
  endedAt: string | null = null;
  current: string | null = null;
  outputVerified: OutputVerified | null = null;
  /** Whether it is known which tests are to come: jobs of other programs may not say. */
  isPlanned = false;
  readonly plugins = new Map<string, Plugin>();
  readonly log = new Bounded<Line>(500);
  readonly alerts = new Bounded<Line>(500);
  readonly measured = new Bounded<Measured>(50);
  readonly frames = new Frames();
  readonly supply = new Supply();
  /** When the server last said something of it, on this browser's clock. */
  touchedAt = 0;

  constructor(readonly id: string) {}

  plugin(name: string): Plugin {
    let plugin = this.plugins.get(name);
    if (!plugin) this.plugins.set(name, (plugin = newPlugin(name)));
    return plugin;
  }

  /** A plugin that is to come. */
  plan(name: string): void {
    if (!this.plugin(name).isStep) this.isPlanned = true;
  }

  setProgress(progress: number, stage: string | null, timestamp: string): void {
    this.progress = progress;
    if (progress === 100 && stage !== null && FINAL.includes(stage)) {
      this.ended = stage;
      this.endedAt = timestamp;
      this.current = null;
      this.stage = null;
      // What was under way when the job ended has no verdict, and does not go on.
      for (const plugin of this.plugins.values()) if (plugin.verdict === "running") plugin.verdict = "aborted";
    } else {
      this.stage = stage;
    }
  }

  get tests(): Plugin[] {
    return [...this.plugins.values()].filter((plugin) => !plugin.isStep);
  }

  get counts(): Counts {
    const of = (verdict: Plugin["verdict"]) => this.tests.filter((plugin) => plugin.verdict === verdict).length;
    const [passed, failed, errored, skipped] = [of("pass"), of("fail"), of("error"), of("skip")];
    return { total: this.tests.length, done: passed + failed + errored + skipped, passed, failed, errored, skipped };
  }

  /** The suites that its tests belong to, as far as they are known. */
  get suites(): string[] {
    return [...new Set(this.tests.map((plugin) => plugin.name.split("::", 1)[0] ?? plugin.name))];
  }
}
