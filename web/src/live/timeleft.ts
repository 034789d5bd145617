//! How long a job will go on, from what its tests have taken so far.

import type { Job } from "./job.ts";

/** Milliseconds, or null while nothing can be said. */
export function timeLeft(job: Job, now: number): number | null {
  if (job.ended !== null) return null;
  const tests = job.tests;
  const finished = tests.filter((test) => ["pass", "fail", "error"].includes(test.verdict));
  const pending = tests.filter((test) => test.verdict === "pending").length;
  const running = tests.filter((test) => test.verdict === "running");
  if (job.isPlanned && finished.length > 0 && (pending > 0 || running.length > 0)) {
    const mean = finished.reduce((sum, test) => sum + test.timingMs, 0) / finished.length;
    // A test that takes longer than the others is not expected to end in the past.
    const rest = running.map((test) => Math.max(0, mean - (now - (test.startedAt ?? now))));
    return pending * mean + rest.reduce((sum, ms) => sum + ms, 0);
  }
  const since = job.startedAt === null ? NaN : Date.parse(job.startedAt);
  if (job.progress > 0 && job.progress < 100 && since < now) {
    return ((now - since) * (100 - job.progress)) / job.progress;
  }
  return null;
}
