//! What differs between two runs: phase by phase, measurement by measurement.

import type { Measurement, Phase, Run } from "../../api/runs.ts";
import { measuredNumber, valueText } from "../../parts/format.ts";

export interface PhaseDifference {
  readonly name: string;
  readonly a: Phase | undefined;
  readonly b: Phase | undefined;
  readonly isChanged: boolean;
}

export interface MeasurementDifference {
  readonly phase: string;
  readonly name: string;
  readonly a: Measurement | undefined;
  readonly b: Measurement | undefined;
  /** b − a, if both are numbers. */
  readonly delta: number | null;
  readonly isOutcomeChanged: boolean;
  readonly isValueChanged: boolean;
}

/** The last attempt at each phase; the nth of one name that is no further attempt keeps its own place. */
function lastAttempts(run: Run): Map<string, Phase> {
  const phases = new Map<string, Phase>();
  const seen = new Map<string, number>();
  for (const phase of run.phases) {
    const count = phase.retry_count === 0 ? (seen.get(phase.name) ?? 0) + 1 : (seen.get(phase.name) ?? 1);
    seen.set(phase.name, count);
    phases.set(count === 1 ? phase.name : `${phase.name} (${count})`, phase);
  }
  return phases;
}

function byName(phase: Phase | undefined): Map<string, Measurement> {
  const measurements = new Map<string, Measurement>();
  const seen = new Map<string, number>();
  for (const measurement of phase?.measurements ?? []) {
    const count = (seen.get(measurement.name) ?? 0) + 1;
    seen.set(measurement.name, count);
    measurements.set(count === 1 ? measurement.name : `${measurement.name} (${count})`, measurement);
  }
  return measurements;
}

/** The keys of both, in the order of the first, what only the second has at the end. */
function union<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): string[] {
  return [...new Set([...a.keys(), ...b.keys()])];
}

/** What changed comes first; otherwise the order of the runs is kept. */
export function comparePhases(a: Run, b: Run): PhaseDifference[] {
  const [left, right] = [lastAttempts(a), lastAttempts(b)];
  return union(left, right)
    .map((name) => {
      const [one, other] = [left.get(name), right.get(name)];
      return { name, a: one, b: other, isChanged: one?.outcome !== other?.outcome };
    })
    .toSorted((x, y) => Number(y.isChanged) - Number(x.isChanged));
}

export function compareMeasurements(a: Run, b: Run): MeasurementDifference[] {
  const [left, right] = [lastAttempts(a), lastAttempts(b)];
  const all = union(left, right).flatMap((phase) => {
    const [ones, others] = [byName(left.get(phase)), byName(right.get(phase))];
    return union(ones, others).map((name): MeasurementDifference => {
      const [one, other] = [ones.get(name), others.get(name)];
      const [from, to] = [measuredNumber(one), measuredNumber(other)];
      return {
        phase,
        name,
        a: one,
        b: other,
        delta: from === null || to === null ? null : to - from,
        isOutcomeChanged: one?.outcome !== other?.outcome,
        isValueChanged: valueText(one?.value) !== valueText(other?.value) || JSON.stringify(one?.value) !== JSON.stringify(other?.value),
      };
    });
  });
  const rank = (of: MeasurementDifference) => (of.isOutcomeChanged ? 0 : of.isValueChanged ? 1 : 2);
  return all.toSorted((x, y) => rank(x) - rank(y));
}
