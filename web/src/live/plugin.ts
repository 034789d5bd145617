//! One timed piece of a job: a test, or a step of the session's way up or down.

import type { PluginStatus } from "./message.ts";

export type Verdict = "pending" | "running" | "pass" | "fail" | "error" | "skip" | "aborted";

export interface Plugin {
  readonly name: string;
  readonly isStep: boolean;
  status: PluginStatus | null;
  verdict: Verdict;
  timingMs: number;
  /** When it was last seen to start, on this browser's clock. */
  startedAt: number | null;
  /** Why it was skipped, or went wrong. */
  reason: string | null;
  warnings: number;
  marginal: number;
}

/** Steps of the session, and the run that stands for what belongs to none of them. */
const STEP = /^((setup|teardown):|run$)/;

export function newPlugin(name: string): Plugin {
  return {
    name,
    isStep: STEP.test(name),
    status: null,
    verdict: "pending",
    timingMs: 0,
    startedAt: null,
    reason: null,
    warnings: 0,
    marginal: 0,
  };
}

/** What an error's code says of the verdict: only a requirement that was not met is a failure. */
export function verdictOf(code: string | null): "fail" | "error" {
  return code === null || /^([A-Z]+_)?FAILED$/.test(code) ? "fail" : "error";
}

export function setStatus(plugin: Plugin, status: PluginStatus, timingMs: number, now: number): void {
  plugin.status = status;
  plugin.timingMs = timingMs;
  switch (status) {
    case "started":
      plugin.verdict = "running";
      plugin.startedAt = now;
      plugin.reason = null;
      break;
    case "running":
      plugin.verdict = "running";
      plugin.startedAt ??= now - timingMs;
      break;
    case "completed":
      if (plugin.verdict !== "skip") plugin.verdict = "pass";
      break;
    case "failed":
      if (plugin.verdict !== "error") plugin.verdict = "fail";
      break;
  }
}
