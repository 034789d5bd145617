//! Which requirement was met, by the phases that cover it.

import type { Phase, Run } from "../../api/runs.ts";

export type Status = "FAIL" | "ERROR" | "SKIP" | "PASS" | "UNKNOWN";

export interface Requirement {
  readonly id: string;
  readonly status: Status;
  readonly phases: readonly Phase[];
}

/** The worst first: one red phase is enough to say that a requirement is not met, and one skip that it is not shown. */
const WORST: readonly Status[] = ["FAIL", "ERROR", "SKIP", "PASS"];

function isRetried(run: Run, index: number): boolean {
  const [phase, next] = [run.phases[index], run.phases[index + 1]];
  return phase !== undefined && next?.name === phase.name && next.retry_count > phase.retry_count;
}

export function coverage(run: Run): Requirement[] {
  const phases = new Map<string, Phase[]>((run.requirements ?? []).map((id) => [id, []]));
  run.phases.forEach((phase, index) => {
    // Only the last attempt has a verdict to give.
    if (isRetried(run, index)) return;
    for (const id of phase.requirements ?? []) {
      const known = phases.get(id);
      if (known) known.push(phase);
      else phases.set(id, [phase]);
    }
  });
  return [...phases]
    .map(([id, covering]): Requirement => {
      const status = WORST.find((outcome) => covering.some((phase) => phase.outcome === outcome)) ?? "UNKNOWN";
      return { id, status, phases: covering };
    })
    .toSorted((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));
}
