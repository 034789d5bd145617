import { describe, expect, it } from "vitest";
import type { Measurement, Phase, Run } from "../api/runs.ts";
import { ago, alignPoints, band, countdown, duration, plainNumber } from "../parts/format.ts";
import { scale } from "../parts/limitbar.tsx";
import { compareMeasurements, comparePhases } from "./compare/difference.ts";
import { coverage } from "./requirements/coverage.ts";

const measured = (name: string, number: number, outcome: Measurement["outcome"] = "PASS"): Measurement => ({ name, outcome, value: { number } });
const phase = (name: string, outcome: Phase["outcome"], more: Partial<Phase> = {}): Phase => ({ name, outcome, started_ms: 0, retry_count: 0, ...more });

function run(phases: Phase[], requirements: string[] = []): Run {
  const base = { id: "r", procedure: { id: "p" }, unit: { serial_number: "s" }, outcome: "PASS" as const };
  return { ...base, started_ms: 0, ended_ms: 0, duration_us: 0, phases, requirements };
}

describe("a comparison", () => {
  it("puts phases that ended otherwise first, by their last attempt", () => {
    const a = run([phase("one", "PASS"), phase("two", "FAIL"), phase("two", "PASS", { retry_count: 1 }), phase("three", "PASS")]);
    const b = run([phase("one", "PASS"), phase("two", "PASS"), phase("three", "FAIL"), phase("four", "SKIP")]);
    const shown = comparePhases(a, b).map(({ name, isChanged }) => `${name} ${isChanged}`);
    expect(shown).toEqual(["three true", "four true", "one false", "two false"]);
  });

  it("says by how much values differ, outcomes first", () => {
    const a = run([phase("p", "PASS", { measurements: [measured("same", 1), measured("moved", 2), measured("broke", 3)] })]);
    const b = run([phase("p", "FAIL", { measurements: [measured("same", 1), measured("moved", 2.5), measured("broke", 9, "FAIL")] })]);
    const shown = compareMeasurements(a, b).map(({ name, delta }) => [name, delta]);
    expect(shown).toEqual([["broke", 6], ["moved", 0.5], ["same", 0]]);
  });
});

describe("coverage", () => {
  it("takes the worst of the last attempts, and says what is only touched", () => {
    const phases = [
      phase("a", "FAIL", { requirements: ["R-1"] }),
      phase("a", "PASS", { requirements: ["R-1"], retry_count: 1 }),
      phase("b", "PASS", { requirements: ["R-2"] }),
      phase("c", "SKIP", { requirements: ["R-2"] }),
    ];
    const shown = coverage(run(phases, ["R-10", "R-2"])).map(({ id, status }) => `${id} ${status}`);
    expect(shown).toEqual(["R-1 PASS", "R-2 SKIP", "R-10 UNKNOWN"]);
  });
});

describe("durations", () => {
  it.each([
    [0, "0 ms"],
    [0.25, "250 µs"],
    [348, "348 ms"],
    [6313, "6.31 s"],
    [61_000, "1 min 1 s"],
    [3_725_000, "1 h 2 min"],
    [NaN, ""],
  ])("%f ms read %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it("are counted down in whole seconds, never below zero", () => {
    expect([0, 1, 59_999, 247_000, 3_600_000, -5].map(countdown)).toEqual(["0:00", "0:01", "1:00", "4:07", "1:00:00", "0:00"]);
    expect([499, 7_400, 200_000].map(ago)).toEqual(["0 s", "7 s", "3 min 20 s"]);
  });
});

describe("numbers", () => {
  it.each([
    [0.30000000000000004, "0.3"],
    [-16.46, "−16.46"],
    [41482, "41482"],
    [1234567, "1234567"],
    [1e-7, "1.000e−7"],
    [Infinity, "∞"],
    [NaN, "NaN"],
  ])("%f reads %s", (value, text) => {
    expect(plainNumber(value)).toBe(text);
  });

  it("stand with their points below each other", () => {
    const aligned = alignPoints(["998.003", "12", "3009.4", "pass"]);
    expect(new Set(aligned.slice(0, 3).map((text) => text.length - text.search(/[.\u2008]/))).size).toBe(1);
    expect(aligned[3]).toBe("pass");
  });

  it.each([
    [950, 1050, "950 … 1050"],
    [undefined, 0.1, "≤ 0.1"],
    [3, null, "≥ 3"],
    ["-inf", "inf", "−∞ … ∞"],
    [null, undefined, ""],
  ] as const)("from %s to %s are a band", (low, high, text) => {
    expect(band(low, high)).toBe(text);
  });

  it.each([
    [0.097, null, 0.1],
    [12, 10, null],
    [-5, null, -1],
    [500, 0, 100],
    [7, 7, 7],
  ])("%f lies on the bar of its limits %s and %s", (value, low, high) => {
    const [from, to] = scale(value, low, high);
    expect(from).toBeLessThan(to);
    for (const edge of [low, high]) if (edge !== null) expect(edge >= from && edge <= to).toBe(true);
  });
});
